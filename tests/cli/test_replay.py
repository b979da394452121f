"""wavetank replay: the same again, the first difference, a moment, stepping."""
import os
import re
import signal
import time

from harness import check, golden, main, test, without_ansi
from screen import Screen

SCENARIO = '''scenario "Two sections"
cluster 3
prepare "A leader"
  timeout n1
  settle
  expect n1 leader term 1
section "A command"
  propose n1 "add 1" as first
  settle
  expect first ok
'''
FAILING = SCENARIO + "  expect n3 term 9\n"


def traced(t, text=SCENARIO):
    t.write("scenarios/a.scenario", text)
    t.wavetank("run", "--quiet", "scenarios")
    return "out/json/a.trace.jsonl"


@test
def a_trace_and_a_scenario_replay(t):
    trace = traced(t)
    t.wavetank("replay", trace).expect(0, out=["the same again", "passed", "digest"])
    os.remove(t.path("scenarios/a.scenario"))
    t.wavetank("replay", trace).expect(0, out="the same again")
    t.write("scenarios/a.scenario", FAILING)
    t.wavetank("replay", "scenarios/a.scenario").expect(0, out=["the same again", "failed"])
    t.wavetank("replay", "--seed", "5", trace).expect(2, err="--seed goes with a scenario")


@test
def the_first_difference_is_explained(t):
    trace = traced(t)
    lines = t.lines(trace)
    at = next(i for i, line in enumerate(lines) if '"kind":"deliver"' in line.replace(" ", ""))
    lines[at] = re.sub(r'"line": ?\d+', '"line":99', lines[at], count=1)
    t.write("changed.trace.jsonl", "\n".join(lines) + "\n")
    r = t.wavetank("replay", "changed.trace.jsonl").expect(1, out=[
        f"differ from event {at} on (line {at + 1} of the file)", "both", "the trace", "this run",
        "what differs", "line         99, "])
    check(r.err == "", r.err)


@test
def another_header_or_footer_is_shown(t):
    trace = traced(t)
    lines = t.lines(trace)
    changed = lines[:-1] + [re.sub(r'"digest": ?"[0-9a-f]{4}', '"digest":"0000', lines[-1])]
    t.write("footer.trace.jsonl", "\n".join(changed) + "\n")
    t.wavetank("replay", "footer.trace.jsonl").expect(1, out="differ in the footer")
    changed = [lines[0].replace("Two sections", "Too sections", 1)] + lines[1:]
    t.write("header.trace.jsonl", "\n".join(changed) + "\n")
    t.wavetank("replay", "header.trace.jsonl").expect(1, out="differ in the header")


@test
def any_moment_can_be_shown(t):
    trace = traced(t)
    n = len(t.lines(trace)) - 2
    for seq in (0, 1, n // 2, n):
        t.wavetank("replay", "--at", str(seq), trace).expect(
            0, out=[f"Nodes after event {seq} of {n}", "n1", "n3", "Queue"])
    t.wavetank("replay", "--at", str(n + 1), trace).expect(2, err=f"from 0 to {n}")
    t.wavetank("replay", "--at", "x", trace).expect(2, err="--at wants a whole number")
    golden("moment.txt", t.wavetank("replay", "--at", "10", trace).expect(0).out)


@test
def stepping_takes_commands_line_by_line(t):
    trace = traced(t)
    n = len(t.lines(trace)) - 2
    r = t.wavetank("replay", "--step", trace, stdin="n\n\np\ng 9\nN\nP\ns\nS\nc\nq\nn\n")
    r.expect(0)
    places = [int(x) for x in re.findall(r"^event (\d+) of", r.out, re.M)]
    check(places[:5] == [1, 2, 3, 2, 9], places)
    check(len(places) == 10, places)
    t.wavetank("replay", "--step", trace, stdin="g 0\n").expect(2, out="there is no event '0'")
    t.wavetank("replay", "--step", trace, stdin="zap\n").expect(2, out="no command 'zap'")
    t.wavetank("replay", "--step", trace, stdin="p\n").expect(0, out="this is the first event")
    t.wavetank("replay", "--step", trace, stdin=">\nn\n").expect(
        0, out=[f"event {n} of {n}", "this is the last event"])
    t.wavetank("replay", "--step", trace, stdin="h\n").expect(
        0, out=["next message or section", "q", "the cause"])
    t.wavetank("replay", "--step", trace, stdin="f\n").expect(0, out="nothing failed")


@test
def stepping_searches_and_wraps_around(t):
    trace = traced(t)
    r = t.wavetank("replay", "--step", trace, stdin="/ add 1\n/\n/ nothing like it\n").expect(
        0, out="'nothing like it' is nowhere")
    places = [int(x) for x in re.findall(r"^event (\d+) of", r.out, re.M)]
    check(places[1] > 1 and places[2] > places[1], places)
    t.wavetank("replay", "--step", trace, stdin=">\n/ n1\n").expect(
        0, out="searched on from the start")


@test
def stepping_goes_to_the_failure_and_its_cause(t):
    trace = traced(t, FAILING)
    n = len(t.lines(trace)) - 2
    r = t.wavetank("replay", "--step", trace, stdin="f\nc\n").expect(0)
    places = [int(x) for x in re.findall(r"^event (\d+) of", r.out, re.M)]
    check(places[1] >= n - 1, places)
    t.wavetank("replay", "--step", "--at", "12", trace).expect(0, out=f"event 12 of {n}")


@test
def a_scenario_steps_without_being_written(t):
    t.write("scenarios/a.scenario", FAILING)
    t.wavetank("replay", "--step", "scenarios/a.scenario", stdin="f\n").expect(0, out="term 9")
    check(not t.exists("out"), "it was written")


@test
def the_screen_is_walked_with_keys(t):
    trace = traced(t, FAILING)
    n = len(t.lines(trace)) - 2
    s = Screen(t, 24, 80, "replay", "--step", trace)
    first = s.wait_for(f"event 1 of {n}")
    check("Two sections" in first, first)
    s.press("n", f"event 2 of {n}")
    s.press(" ", f"event 3 of {n}")
    s.press("\x1b[C", f"event 4 of {n}")
    s.press("\x1b[D", f"event 3 of {n}")
    s.press("g9\r", f"event 9 of {n}")
    s.press("f", "term 9")
    s.press("h", "next message or section")
    s.press("x", "q quit")
    s.press("/add 1\r", "add 1")
    s.press("<", f"event 1 of {n}")
    s.press("p", "this is the first event")
    os.write(s.fd, b"q")
    code, rest = s.end()
    check(code == 0, f"exit code {code}")
    check("\x1b[?1049l" in rest and "\x1b[?25h" in rest, f"the terminal is not restored: {rest!r}")


@test
def the_screen_fits_its_terminal(t):
    trace = traced(t)
    for rows, columns in ((24, 80), (10, 40), (50, 200), (3, 10)):
        s = Screen(t, rows, columns, "replay", "--step", trace)
        time.sleep(0.3)
        os.kill(s.pid, signal.SIGWINCH)
        time.sleep(0.3)
        os.write(s.fd, b"nnNsq")
        code, rest = s.end()
        check(code == 0, f"{rows}x{columns}: exit code {code}\n{rest}")
        frames = rest.split("\x1b[H")[1:]
        check(frames, rest)
        for frame in frames[-3:]:
            lines = [x.rstrip("\r") for x in without_ansi(frame).split("\n")]
            check(len(lines) <= rows, f"{rows}x{columns}: {len(lines)} lines")
            check(all(len(line) <= columns for line in lines), f"{rows}x{columns}: too wide")


@test
def a_table_too_wide_is_squeezed(t):
    trace = traced(t, 'scenario "x"\ncluster 3\noption pre_vote on\nelect n1\nsection "cut"\n'
                      '  partition n1 n2 | n3\n  timeout n3\n')
    for columns, wanted in ((80, "durable is cut to"), (120, "durable  is  cut to")):
        s = Screen(t, 24, columns, "replay", "--step", trace)
        s.wait_for("event 1 of")
        s.press(">", wanted)
        check("n1 n2" in without_ansi(s.seen), s.seen)
        os.write(s.fd, b"q")
        s.end()


@test
def of_64_nodes_the_one_that_acts_is_shown(t):
    trace = traced(t, 'scenario "x"\ncluster 64\ntimeout n50\n')
    s = Screen(t, 24, 80, "replay", "--step", trace)
    s.wait_for("and 57 more nodes")
    s.press("/-> candidate\r", "n50   candidate*")
    os.write(s.fd, b"q")
    s.end()


@test
def signals_restore_the_terminal(t):
    trace = traced(t)
    for number, wanted in ((signal.SIGTERM, 130), (signal.SIGINT, 130), (signal.SIGABRT, -6)):
        s = Screen(t, 24, 80, "replay", "--step", trace)
        s.wait_for("event 1 of")
        os.kill(s.pid, number)
        code, rest = s.end()
        check(code == wanted, f"{number}: exit code {code}")
        check("\x1b[?1049l" in rest, f"{number}: the terminal is not restored")


@test
def who_is_a_member_is_known_from_the_start(t):
    t.scenario("scenarios/a.scenario",
               "cluster 3\nlearner n4\nspare n5\nelect n1\nexpect n4 learner\n")
    t.wavetank("run", "scenarios").expect(0)
    trace = "out/json/a.trace.jsonl"
    t.wavetank("replay", "--at", "1", trace).expect(
        0, out=["  n4    learner   0 ", "n1 n2 n3 learners n4"])
    t.wavetank("replay", trace).expect(0, out="the same again")
    header, first = (line.split(",") for line in t.lines("out/csv/a.csv")[:2])
    check(first[header.index("n4_role")] == "learner", "the table has another role")
    check(first[header.index("n5_role")] == "follower", "the table has another role")


main()
