"""Bad input and a system that fails: each a clear message and the right exit code, and what
was finished is kept."""
import os
import re
import resource
import signal
import subprocess
import time

from harness import PROGRAM, Skipped, check, main, test

PASSING = 'scenario "x"\ncluster 3\ntimeout n1\nsettle\nexpect n1 leader\n'


def mistakes(t, text, *wanted):
    """Runs a text that is wrong: exit code 2, each message, and nothing of it was run."""
    t.write("scenarios/bad.scenario", text)
    r = t.wavetank("run", "scenarios/bad.scenario").expect(2, err=wanted)
    check(not t.exists("out/json/bad.trace.jsonl"), "it ran")
    t.wavetank("check", "scenarios/bad.scenario").expect(2, err=wanted)
    return r


@test
def unknown_names_get_the_nearest_one(t):
    mistakes(t, "cluster 3\ndeliver n7 -> n2\n", "bad.scenario:2:9: error:", "there is no node 'n7'",
             "deliver n7 -> n2", "^~", "n1 n2 n3")
    mistakes(t, "cluster 3\nsettel\n", "settel", "settle")
    mistakes(t, "cluster 3\noption pre_vot on\n", "pre_vot", "pre_vote")
    mistakes(t, "cluster 3\napp countr\n", "countr", "counter")
    mistakes(t, "cluster 3\nexpect n1 leadr\n", "leadr", "leader")
    mistakes(t, "cluster 3\ntimeout n1\ndeliver n1 -> n2 RequestVot\n", "RequestVot",
             "RequestVote")
    mistakes(t, 'cluster 3\nsection "s"\n  tests leader_election.re_electoin\n',
             "re_electoin", "leader_election.re_election")


@test
def five_mistakes_get_five_messages(t):
    r = mistakes(t, "cluster 3\noption x 1\ntimeout n9\nfrob\nexpect n1 termm 1\nadvance 5\n")
    lines = [n for n in re.findall(r"bad\.scenario:(\d+):\d+: error:", r.err)]
    check(len(set(lines)) == 5, r.err)


@test
def impossible_values_are_refused(t):
    mistakes(t, "cluster 0\n", ":1:")
    mistakes(t, "cluster 65\n", "64")
    mistakes(t, "cluster 99999999999999999999999\n", ":1:")
    mistakes(t, "cluster 3\noption election_timeout 300ms..150ms\n", ":2:")
    mistakes(t, "cluster 3\noption heartbeat 0ms\n", ":2:")
    mistakes(t, "cluster 3\noption batch_max 0\n", ":2:")
    mistakes(t, "cluster 3\noption clock_drift 900%\n", ":2:")
    mistakes(t, "cluster 3\nadvance -5s\n", ":2:")
    mistakes(t, "cluster 3\nadvance 1000000000000h\n", ":2:")
    mistakes(t, 'cluster 3\nexpect n1 log "1@1 3@1"\n', ":2:")
    mistakes(t, 'cluster 3\nsection "open\n', ":2:")
    mistakes(t, "cluster 3\nrepeat 99999999\nsettle\nend\n", "bad.scenario:")
    mistakes(t, "cluster 3\nrepeat 2\nsettle\n", "end")


@test
def binary_junk_is_no_scenario_and_no_trace(t):
    junk = bytes((i * 167 + 13) % 256 for i in range(20000))
    t.write("scenarios/junk.scenario", junk)
    r = t.wavetank("run", "scenarios/junk.scenario").expect(2, err="junk.scenario:")
    check(len(r.err) < 200_000, "a flood of messages")
    t.write("junk.trace.jsonl", junk)
    t.wavetank("replay", "junk.trace.jsonl").expect(2, err="junk.trace.jsonl")
    t.wavetank("check", "junk.trace.jsonl").expect(2, err="junk.trace.jsonl")
    t.wavetank("render", "junk.trace.jsonl").expect(2, err="junk.trace.jsonl")
    t.write("scenarios/zero.scenario", b"cluster 3\0\n")
    t.wavetank("run", "scenarios/zero.scenario").expect(2, err="zero.scenario:1:")


@test
def a_line_of_100_megabytes_is_refused_quickly(t):
    with open(t.path("long.scenario"), "wb") as f:
        f.write(b"# ")
        for _ in range(100):
            f.write(b"x" * 1_000_000)
        f.write(b"\n")
    began = time.monotonic()
    r = t.wavetank("run", "long.scenario").expect(2, err="long.scenario")
    check(len(r.err) < 2000, "the line is not printed")
    check(time.monotonic() - began < 30, "it took too long")
    with open(t.path("long.trace.jsonl"), "wb") as f:
        for _ in range(100):
            f.write(b"x" * 1_000_000)
    r = t.wavetank("replay", "long.trace.jsonl").expect(2, err="long.trace.jsonl")
    check(len(r.err) < 2000, "the line is not printed")


@test
def a_line_of_100_kilobytes_is_refused_with_its_place(t):
    r = mistakes(t, "cluster 3\n# " + "x" * 100_000 + "\n", "bad.scenario:2:")
    check(len(r.err) < 2000, "the line is not printed whole")


@test
def a_file_that_includes_itself_is_refused(t):
    mistakes(t, 'include "bad.scenario"\ncluster 3\n', "bad.scenario:1:", "include")
    t.write("scenarios/a.scenario", 'scenario "x"\ninclude "b.scenario"\ncluster 3\n')
    t.write("scenarios/b.scenario", 'include "./../scenarios/a.scenario"\n')
    t.wavetank("run", "scenarios/a.scenario").expect(2, err="b.scenario:1:")
    mistakes(t, 'include "nowhere.scenario"\ncluster 3\n', "bad.scenario:1:", "nowhere")


@test
def paths_that_are_not_there_or_cannot_be_read(t):
    t.wavetank("run", "nowhere").expect(
        4, err="cannot read nowhere: No such file or directory")
    t.write("empty/readme.txt", "x")
    t.wavetank("run", "empty").expect(2, err="no scenario under empty")
    t.wavetank("replay", "nowhere.trace.jsonl").expect(4, err="cannot read nowhere.trace.jsonl")
    t.wavetank("check", "nowhere").expect(4, err="cannot read nowhere")
    t.wavetank("render", "nowhere.trace.jsonl").expect(4, err="cannot read nowhere")
    t.wavetank("check", "empty/readme.txt").expect(2, err="no scenario, trace or feature")
    os.makedirs(t.path("a_folder.scenario"))
    t.wavetank("replay", "a_folder.scenario").expect(4, err="Is a directory")
    if os.geteuid() != 0:
        t.write("scenarios/secret.scenario", PASSING)
        os.chmod(t.path("scenarios/secret.scenario"), 0)
        t.wavetank("run", "scenarios").expect(4, err="Permission denied")


@test
def an_output_folder_that_cannot_be_written(t):
    t.write("scenarios/a.scenario", PASSING)
    t.write("scenarios/b.scenario", PASSING)
    t.write("a_file", "x")
    r = t.wavetank("run", "--jobs", "1", "--out", "a_file", "scenarios").expect(
        4, err="cannot make the folder a_file", out="1 not run")
    check(t.read("a_file") == "x", "the file was harmed")
    check(r.err.count("cannot") == 1, "told once")
    t.wavetank("run", "--out", "/proc/nowhere", "scenarios").expect(4, err="cannot make")
    t.wavetank("run", "--junit", "a_file/x.xml", "scenarios").expect(4, err="a_file")
    t.wavetank("new", "a_file/x").expect(4, err="a_file")
    t.wavetank("run", "--junit", "/dev/full", "scenarios").expect(
        4, err="cannot write /dev/full: No space left on device")
    check(not os.path.isfile("/dev/full"), "a device was replaced by a file")


def long_scenario(events):
    return ('scenario "long"\ncluster 3\nelect n1\nrepeat %d\n  heartbeat n1\n  settle\nend\n'
            % (events // 14))


@test
def a_disk_that_fills_while_a_trace_is_written(t):
    t.write("scenarios/a.scenario", PASSING)
    t.write("scenarios/b.scenario", long_scenario(20000))
    t.write("scenarios/c.scenario", PASSING)

    def limits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    for jobs in ("1", "2"):
        out = "out" + jobs
        t.wavetank("run", "--jobs", jobs, "--out", out, "scenarios", limits=limits).expect(
            4, err=[f"cannot write {out}/json/b.trace.jsonl: File too large", "is kept"])
        t.wavetank("check", f"{out}/json/a.trace.jsonl").expect(0)
        cut = t.wavetank("replay", f"{out}/json/b.trace.jsonl")
        cut.expect(0, err="cut short", out="the same as far as it goes")


@test
def a_full_disk_of_its_own(t):
    small = t.path("small")
    os.makedirs(small)
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small],
            capture_output=True, check=False).returncode != 0:
        raise Skipped("mounting needs more rights")
    try:
        t.write("scenarios/a.scenario", PASSING)
        t.write("scenarios/b.scenario", long_scenario(20000))
        t.wavetank("run", "--out", "small/out", "scenarios").expect(
            4, err=["cannot write small/out/json/b.trace.jsonl: No space left on device"])
        t.wavetank("check", "small/out/json/a.trace.jsonl").expect(0)
    finally:
        subprocess.run(["umount", small], check=False)


@test
def no_memory_is_told(t):
    if "ASAN_OPTIONS" in os.environ:
        raise Skipped("the address sanitizer wants all the memory there is")
    t.write("scenarios/a.scenario", 'scenario "long"\ncluster 3\nadvance 20000min\n')

    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (40 << 20, 40 << 20))

    t.wavetank("run", "--jobs", "1", "--no-trace", "scenarios", limits=limits).expect(
        4, err="out of memory")
    t.write("scenarios/b.scenario", PASSING)
    t.wavetank("run", "--jobs", "2", "--no-trace", "scenarios", limits=limits).expect(
        4, err=["out of memory", "ended with code 4"], out="1 passed")


@test
def an_interrupt_keeps_what_was_finished(t):
    t.write("scenarios/a.scenario", PASSING)
    t.write("scenarios/b.scenario", 'scenario "long"\ncluster 3\nadvance 20000min\n')
    t.write("scenarios/c.scenario", PASSING)
    for jobs, number in (("1", signal.SIGINT), ("2", signal.SIGTERM)):
        out = f"out{jobs}"
        t.write(f"{out}/csv/b.csv", "of an earlier run\n")
        running = subprocess.Popen(
            [PROGRAM, "run", "--jobs", jobs, "--out", out, "scenarios"], cwd=t.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=t.environment())
        trace = t.path(f"{out}/json/b.trace.jsonl")
        others = ["a", "c"] if jobs == "2" else ["a"]  # to be finished before, however slowly
        for _ in range(600):
            if (os.path.exists(trace) and os.path.getsize(trace) > 50_000 and
                    all(t.exists(f"{out}/plantuml/{x}_1.puml") for x in others)):
                break
            time.sleep(0.05)
        running.send_signal(number)
        running.send_signal(number)  # as some do who signal the group, too: that is one
        stdout, stderr = (s.decode() for s in running.communicate(timeout=60))
        story = stdout + stderr
        check(running.returncode == 130, f"exit code {running.returncode}\n{story}")
        check("interrupted:" in stderr and "up to the interruption" in stderr, story)
        check("1 interrupted" in stdout and "passed" in stdout, story)
        t.wavetank("check", f"{out}/json/a.trace.jsonl").expect(0)
        t.wavetank("check", trace).expect(2, err="cut short")
        check(not os.path.exists(t.path(f"{out}/csv/b.csv")), "an old table stands beside it")


@test
def mistakes_beyond_a_hundred_are_counted(t):
    lines = "".join(f"deliver n{i} -> n2\n" for i in range(10, 112))
    t.write("many.scenario", 'scenario "x"\ncluster 3\n' + lines)
    r = t.wavetank("run", "many.scenario").expect(
        2, err="wavetank: 2 more mistakes are not shown",
        out="3:9: there is no node 'n10' in this cluster (and 101 more)")
    check(r.err.count("error:") == 100, r.err)
    t.write("one.scenario", 'scenario "x"\ncluster 3\n' + lines[:lines.rindex("deliver")])
    t.wavetank("check", "one.scenario").expect(2, err="wavetank: 1 more mistake is not shown",
                                               out="1 file checked, 1 with mistakes")
    names = " ".join(f"x{i}" for i in range(103))
    t.write("rounds.scenario",
            f'scenario "x"\ncluster 3\nfor n in {names}\n  deliver $n -> n2\nend\n')
    t.wavetank("run", "rounds.scenario").expect(
        2, err="a line with 100 mistakes has told enough; 3 more rounds of it were not looked at")


@test
def a_trace_that_is_too_long_is_refused_at_once(t):
    with open(t.path("long.trace.jsonl"), "wb") as f:
        f.truncate((1 << 30) + 1)  # a hole: nobody reads it
    for command in (["replay"], ["replay", "--at", "3"], ["render"], ["check"]):
        t.wavetank(*command, "long.trace.jsonl").expect(
            2, err=["long.trace.jsonl is too large: more than 1024 MiB",
                    "jq, grep and tail read a trace of any length"])


@test
def a_trace_cut_in_half_is_used_as_far_as_it_goes(t):
    t.write("scenarios/a.scenario", PASSING)
    t.wavetank("run", "scenarios").expect(0)
    whole = t.read("out/json/a.trace.jsonl")
    t.write("half.trace.jsonl", whole[:len(whole) // 2 + 7])
    t.wavetank("replay", "half.trace.jsonl").expect(
        0, err="cut short", out="the same as far as it goes")
    t.wavetank("check", "half.trace.jsonl").expect(2, err="cut short")
    t.wavetank("replay", "--at", "3", "half.trace.jsonl").expect(0, out="Nodes after event 3")
    t.write("none.trace.jsonl", "")
    t.wavetank("replay", "none.trace.jsonl").expect(2, err="none.trace.jsonl")
    t.write("little.trace.jsonl", whole[:40])
    t.wavetank("replay", "little.trace.jsonl").expect(2, err="little.trace.jsonl")


@test
def a_trace_that_was_changed_is_refused_or_found(t):
    t.write("scenarios/a.scenario", PASSING)
    t.wavetank("run", "scenarios").expect(0)
    lines = t.lines("out/json/a.trace.jsonl")

    def changed(name, new):
        return t.write(name, "\n".join(new) + "\n")

    gone = changed("gone.trace.jsonl", lines[:4] + lines[5:])
    t.wavetank("replay", gone).expect(2, err=["gone.trace.jsonl:5:", "error"])
    bad = changed("bad.trace.jsonl", lines[:4] + ['{"seq":4,'] + lines[5:])
    t.wavetank("replay", bad).expect(2, err="bad.trace.jsonl:5:")
    future = changed("future.trace.jsonl",
                     [lines[0].replace("wavetank-trace/1", "wavetank-trace/2")] + lines[1:])
    t.wavetank("replay", future).expect(2, err=["wavetank-trace/2", "wavetank-trace/1"])
    old = changed("old.trace.jsonl",
                  [lines[0].replace('"program":"0.1.0"', '"program":"0.0.9"')] + lines[1:])
    t.wavetank("replay", old).expect(0, err="written by version 0.0.9, this is 0.1.0",
                                     out="the same again")


main()
