"""--bug NAME: bugs of the command line, and how a trace keeps them."""
import json
import os
import re
import shlex
import subprocess

from harness import Skipped, bugs_that_can_be, check, main, needs_bugs, test

VOTES = '''scenario "Two candidates"
cluster 3
seed 9
section "Votes"
  timeout n1
  timeout n2
  settle
'''
OWN = VOTES.replace("seed 9\n", "seed 9\nbug vote_twice\n")


def header(t, path):
    return json.loads(t.lines(path)[0])


def planted(t, *more, text=VOTES):
    t.write("scenarios/votes.scenario", text)
    return t.wavetank("run", "--bug", "vote_twice", *more, "scenarios/votes.scenario")


def next_commands(r):
    return dict(re.findall(r"^  (replay to it|step to it|draw it) +wavetank (.*)$", r.out, re.M))


@test
def a_bug_is_planted_from_the_command_line(t):
    needs_bugs(t)
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(0)
    planted(t).expect(1, out="Election Safety is violated")


@test
def several_bugs_are_planted_and_written_down_in_the_order_of_the_table(t):
    needs_bugs(t)
    planted(t, "--bug=two_changes", "--bug", "vote_not_durable", "--bug", "vote_twice").expect(1)
    keys = header(t, "out/json/votes.trace.jsonl")
    check(keys["bugs"] == ["vote_twice", "vote_not_durable", "two_changes"], keys["bugs"])
    check(list(keys).index("bugs") == list(keys).index("options") + 1, list(keys))
    metadata = json.loads(t.read("out/metadata/votes.json"))
    check(metadata["bugs"] == keys["bugs"], metadata)
    check("bugs vote_twice vote_not_durable two_changes" in t.read("out/plantuml/votes_1.puml"),
          "the diagram does not say what was planted")


@test
def they_come_to_the_scenarios_own(t):
    needs_bugs(t)
    planted(t, "--bug", "two_changes", text=OWN).expect(1)
    check(header(t, "out/json/votes.trace.jsonl")["bugs"] == ["vote_twice", "two_changes"], "")
    t.wavetank("run", "scenarios/votes.scenario").expect(1)
    check(header(t, "out/json/votes.trace.jsonl")["bugs"] == ["vote_twice"], "its own")


@test
def a_header_without_bugs_does_not_speak_of_them(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(0)
    check("bugs" not in header(t, "out/json/votes.trace.jsonl"), "an empty list")
    check("bugs" not in json.loads(t.read("out/metadata/votes.json")), "an empty list")


@test
def a_trace_replays_with_its_bugs_and_without_the_scenario(t):
    needs_bugs(t)
    planted(t).expect(1)
    os.remove(t.path("scenarios/votes.scenario"))
    trace = "out/json/votes.trace.jsonl"
    t.wavetank("replay", trace).expect(0, out=["the same again", "violation"])
    t.wavetank("replay", "--at", "5", trace).expect(0, out="planted bug: vote_twice\n")
    t.wavetank("replay", "--step", trace).expect(0, out="planted: vote_twice\n")
    t.wavetank("render", "--puml-only", "--out", "drawn", trace).expect(0)
    check("bug vote_twice" in t.read("drawn/plantuml/votes_1.puml"), "the diagram")
    t.wavetank("check", trace).expect(0)


@test
def a_trace_that_leaves_it_to_its_source_replays(t):
    needs_bugs(t)
    planted(t, text=OWN).expect(1)
    trace = "out/json/votes.trace.jsonl"
    old = re.sub(r'"bugs":\[[^]]*\],', "", t.read(trace), count=1)
    t.write("old.trace.jsonl", old)
    t.wavetank("replay", "old.trace.jsonl").expect(0, out="the same again")
    lines = old.splitlines()
    lines[5] = re.sub(r'"line":\d+', '"line":99', lines[5], count=1)
    t.write("changed.trace.jsonl", "\n".join(lines) + "\n")
    t.wavetank("replay", "changed.trace.jsonl").expect(1, out="differ from event 5")


@test
def the_printed_commands_work_as_printed(t):
    needs_bugs(t)
    for more in ([], ["--no-trace"], ["--no-trace", "--seed", "4", "--bug", "two_changes"]):
        commands = next_commands(planted(t, *more).expect(1))
        check(set(commands) == {"replay to it", "step to it", "draw it"}, commands)
        for what in ("replay to it", "step to it"):
            t.wavetank(*shlex.split(commands[what])).expect(
                0, out=["VIOLATION of Election Safety", "vote_twice"])


@test
def a_bug_that_the_scenario_expects_lets_it_pass(t):
    needs_bugs(t)
    planted(t, text=VOTES + '  expect violation "Election Safety"\n').expect(0)


@test
def replay_takes_bugs_for_a_scenario_only(t):
    needs_bugs(t)
    planted(t).expect(1)
    t.wavetank("replay", "--bug", "vote_twice", "scenarios/votes.scenario").expect(
        0, out=["the same again", "violation"])
    t.wavetank("replay", "--bug", "vote_twice", "out/json/votes.trace.jsonl").expect(
        2, err="--bug goes with a scenario")


@test
def an_unknown_bug_gets_the_nearest_name(t):
    needs_bugs(t)
    for command in ("run", "replay"):
        t.wavetank(command, "--bug", "vote_twise", "x.scenario").expect(
            2, err=[f"{command}: there is no bug 'vote_twise'", "did you mean 'vote_twice'?"])
    t.wavetank("run", "--bug", "zzz", "x.scenario").expect(
        2, err=["there is no bug 'zzz'", "wavetank help language"])
    t.wavetank("run", "x.scenario", "--bug").expect(2, err="--bug wants a value: --bug NAME")
    many = [word for _ in range(300) for word in ("--bug", "vote_twice")]
    t.wavetank("run", *many, "x.scenario").expect(2, err="more than 256 options, at --bug")


@test
def a_trace_with_an_unknown_bug_can_be_looked_at_only(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(0)
    text = t.read("out/json/votes.trace.jsonl")
    t.write("other.trace.jsonl", text.replace('"source":', '"bugs":["of_tomorrow"],"source":', 1))
    t.wavetank("replay", "other.trace.jsonl").expect(2, err="was made with the bug 'of_tomorrow'")
    t.wavetank("replay", "--at", "3", "other.trace.jsonl").expect(
        0, out="planted bug: of_tomorrow\n")


@test
def a_build_without_bugs_says_so(t):
    if bugs_that_can_be(t):
        raise Skipped("built with bugs that can be planted")
    t.scenario("x.scenario", "cluster 1\n")
    t.wavetank("run", "--bug", "vote_twice", "x.scenario").expect(
        2, err=["--bug vote_twice: this wavetank is built without bugs that could be planted",
                "RAFT_PLANTED_BUGS=0"])


@test
def each_is_explained(t):
    needs_bugs(t)
    for name in bugs_that_can_be(t):
        t.wavetank("help", name).expect(0, out=[f"bug {name} - ", "What catches it: ", "--bug"])
    t.wavetank("help", "vote_twice").expect(0, out=["grants a second vote", "Election Safety"])
    t.wavetank("help", "vote_twic").expect(2, err="did you mean 'vote_twice'?")


@test
def the_shell_completes_them(t):
    needs_bugs(t)
    script = t.wavetank("help", "--completion").expect(0).out
    done = subprocess.run(
        ["bash", "-c", script + '\nCOMP_WORDS=(wavetank run --bug vote_t) COMP_CWORD=3\n'
         '_wavetank; echo "${COMPREPLY[@]}"'], cwd=t.folder, capture_output=True, text=True,
        check=False)
    check(done.stdout.split() == ["vote_twice"], done.stdout + done.stderr)


main()
