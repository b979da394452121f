"""wavetank run: what it writes, what it says, and how it ends."""
import json
import os
import re
import xml.etree.ElementTree

from harness import ROOT, Skipped, check, golden, main, test
from screen import Screen

PASSING = '''scenario "A leader"
cluster 3
section "An election"
  tests leader_election.all_yes_votes
  timeout n1
  settle
  expect n1 leader term 1
'''
FAILING = PASSING.replace("term 1", "term 9")


@test
def a_passing_scenario_writes_everything_by_kind(t):
    t.write("scenarios/elections/a.scenario", PASSING)
    r = t.wavetank("run", "scenarios").expect(
        0, out=["passed", "elections/a", "1 passed, 0 failed"])
    check(r.err == "", r.err)
    for name in ("json/elections/a.trace.jsonl", "metadata/elections/a.json",
                 "csv/elections/a.csv", "digest_csv/elections/a.csv",
                 "plantuml/elections/a_1.puml"):
        check(t.exists("out/" + name), f"out/{name} is missing")
    header = json.loads(t.lines("out/json/elections/a.trace.jsonl")[0])
    check(header["scenario"] == "elections/a.scenario", header["scenario"])
    check(header["format"] == "wavetank-trace/1", header["format"])


@test
def the_same_run_writes_the_same_bytes(t):
    t.write("scenarios/a.scenario", PASSING)
    t.wavetank("run", "--out", "one", "scenarios").expect(0)
    elsewhere = t.path("elsewhere/scenarios/a.scenario")
    t.write("elsewhere/scenarios/a.scenario", PASSING)
    t.wavetank("run", "--out", t.path("two"), elsewhere, cwd="/").expect(0)
    check(t.read("one/json/a.trace.jsonl") == t.read("two/json/a.trace.jsonl"),
          "the trace depends on where it runs")
    check(t.folder not in t.read("one/json/a.trace.jsonl"), "a path of this machine")


@test
def names_come_from_the_scenario_root(t):
    t.write("other/x.scenario", PASSING)
    t.write("scenarios/deep/scenarios/y.scenario", PASSING)
    t.write("far/z.scenario", PASSING)
    t.write("here/.keep", "")
    t.wavetank("run", "other/x.scenario").expect(0)
    check(t.exists("out/json/other/x.trace.jsonl"), "relative to the current folder")
    t.wavetank("run", "scenarios").expect(0)
    check(t.exists("out/json/y.trace.jsonl"), "below the nearest folder called scenarios")
    t.wavetank("run", t.path("far/z.scenario"), cwd=t.path("here")).expect(0)
    check(t.exists("here/out/json/z.trace.jsonl"), "the base name from elsewhere")
    t.wavetank("run", t.path("far"), "--out", "more", cwd=t.path("here")).expect(0)
    check(t.exists("here/more/json/z.trace.jsonl"), "below the folder that was named")


@test
def a_failure_is_told_with_all_that_a_person_needs(t):
    t.write("scenarios/a.scenario", FAILING)
    r = t.wavetank("run", "scenarios/a.scenario").expect(1, out=[
        "scenarios/a.scenario:7:", "expect n1 leader term 9", "^", "Nodes after event", "Queue",
        "Last events", "wavetank replay out/json/a.trace.jsonl --at",
        "wavetank replay --step out/json/a.trace.jsonl",
        "wavetank render out/json/a.trace.jsonl", "0 passed, 1 failed"])
    check(r.err == "", r.err)
    golden("failing_report.txt", re.sub(r"\d+\.\d+ s\)", "TIME)", r.out))
    commands = re.findall(r"wavetank (replay \S+ --at \d+)", r.out)
    t.wavetank(*commands[0].split()).expect(0, out=["Nodes after event", "Last events"])
    footer = json.loads(t.lines("out/json/a.trace.jsonl")[-1])
    check(footer["result"] == "failed", footer)


@test
def a_command_that_cannot_be_done_fails_the_scenario(t):
    t.write("scenarios/a.scenario", 'scenario "x"\ncluster 3\ndeliver n1 -> n2\nexpect n1 leader\n')
    t.wavetank("run", "scenarios").expect(1, out=["a.scenario:3:", "Nodes after event",
                                                  "0 passed, 1 failed"])


@test
def no_progress_has_an_exit_code_of_its_own(t):
    t.write("scenarios/a.scenario",
            'scenario "x"\ncluster 3\noption settle_limit 3\ntimeout n1\nsettle\n')
    t.wavetank("run", "scenarios").expect(3, out="1 without progress")


@test
def a_file_with_mistakes_runs_nothing_and_the_others_still_run(t):
    t.write("scenarios/bad.scenario", 'scenario "x"\ncluster 3\ndelivr n1 -> n2\ntimeout n7\n')
    t.write("scenarios/good.scenario", PASSING)
    t.wavetank("run", "scenarios").expect(
        2, out=["1 passed, 0 failed, 1 with mistakes"],
        err=["scenarios/bad.scenario:3:", "delivr", "did you mean 'deliver'",
             "scenarios/bad.scenario:4:", "n7"])
    check(not t.exists("out/json/bad.trace.jsonl"), "a trace of a file with mistakes")
    check(t.exists("out/json/good.trace.jsonl"), "the good one did not run")


@test
def the_worst_exit_code_wins(t):
    t.write("scenarios/a.scenario", FAILING)
    t.write("scenarios/b.scenario", PASSING)
    t.wavetank("run", "scenarios").expect(1)
    t.write("scenarios/c.scenario",
            'scenario "x"\ncluster 3\noption settle_limit 3\ntimeout n1\nsettle\n')
    t.wavetank("run", "scenarios").expect(3)
    t.write("scenarios/d.scenario", 'scenario "x"\ncluster 3\nnonsense\n')
    t.wavetank("run", "scenarios").expect(2)


@test
def jobs_change_nothing_but_time(t):
    for i in range(12):
        t.write(f"scenarios/s{i:02}.scenario", FAILING if i % 5 == 0 else PASSING)
    outs = [re.sub(r"\d+\.\d+ s\)", "TIME)", t.wavetank(
        "run", "--jobs", jobs, "--out", "out", "scenarios").expect(1).out)
        for jobs in ("1", "4", "64")]
    check(outs[0] == outs[1] == outs[2], "the output depends on the number of jobs")
    names = re.findall(r"^(?:passed|failed) +(s\d+)", outs[0], re.M)
    check(names == sorted(names) and len(names) == 12, names)


@test
def a_filter_chooses_and_an_empty_choice_is_a_mistake(t):
    t.write("scenarios/a.scenario", PASSING)
    t.write("scenarios/b.scenario", FAILING)
    t.wavetank("run", "--filter", "a.scen", "scenarios").expect(0, out="1 passed")
    t.wavetank("run", "--filter", "zzz", "scenarios").expect(2, err="no scenario has 'zzz'")


@test
def a_seed_from_outside_goes_into_the_trace(t):
    t.write("scenarios/a.scenario", PASSING)
    for seed in ("12345", "18446744073709551615"):
        t.wavetank("run", "--seed", seed, "scenarios").expect(0)
        header = json.loads(t.lines("out/json/a.trace.jsonl")[0])
        check(str(header["seed"]) == seed, header["seed"])
        t.wavetank("replay", "out/json/a.trace.jsonl").expect(0, out="the same again")


@test
def no_trace_writes_nothing(t):
    t.write("scenarios/a.scenario", FAILING)
    t.wavetank("run", "--no-trace", "scenarios").expect(
        1, out="wavetank replay --step scenarios/a.scenario")
    check(not t.exists("out"), "something was written")


@test
def quiet_prints_only_what_did_not_pass(t):
    t.write("scenarios/a.scenario", PASSING)
    r = t.wavetank("run", "--quiet", "scenarios").expect(0, not_out="elections")
    check(r.out.count("\n") <= 1, r.out)


@test
def junit_tells_every_kind_of_result(t):
    t.write("scenarios/g/good.scenario", PASSING.replace("A leader", 'A <leader> & "more"'
                                                         .replace('"', "'")))
    t.write("scenarios/g/bad.scenario", FAILING)
    t.write("scenarios/wrong.scenario", 'scenario "x"\ncluster 3\nnonsense & <x>\n')
    t.wavetank("run", "--junit", "deep/junit.xml", "scenarios").expect(2)
    suite = xml.etree.ElementTree.parse(t.path("deep/junit.xml")).getroot()
    check((suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1"),
          suite.attrib)
    cases = {c.get("name"): c for c in suite}
    check(cases["good"].get("classname") == "g" and len(cases["good"]) == 0, "good")
    check("Nodes after event" in cases["bad"].find("failure").text, "the report")
    check(cases["wrong"].find("error") is not None, "mistakes are errors")


@test
def tap_is_all_that_is_on_standard_output(t):
    t.write("scenarios/a.scenario", FAILING)
    t.write("scenarios/b.scenario", PASSING)
    r = t.wavetank("run", "--tap", "scenarios").expect(1)
    lines = r.out.splitlines()
    check(lines[:3] == ["TAP version 13", "1..2", "not ok 1 - a"], lines[:3])
    check(lines[-1] == "ok 2 - b", lines[-1])
    check(all(re.match(r"TAP|1\.\.|ok|not ok|#", line) for line in lines), r.out)


@test
def golden_traces_are_compared_and_blessed(t):
    t.write("scenarios/a.scenario", PASSING)
    run = ("run", "--golden", "golden", "scenarios")
    t.wavetank(*run).expect(1, out="there is no golden trace golden/a.trace.jsonl")
    t.wavetank(*run, "--bless").expect(0, out="new golden trace")
    t.wavetank(*run).expect(0, out="1 passed")
    t.write("scenarios/a.scenario", PASSING.replace("timeout n1", "timeout n2")
            .replace("expect n1", "expect n2"))
    t.wavetank(*run).expect(1, out=["differs from the golden trace", "lines differ", "golden  ",
                                    "now     …", "timeout n2"])
    t.wavetank(*run, "--bless").expect(0, out="rewrote the golden trace")
    t.wavetank(*run).expect(0)


@test
def old_diagrams_do_not_stay_behind(t):
    two = PASSING + 'section "More"\n  heartbeat n1\n  settle\n'
    t.write("scenarios/a.scenario", two)
    t.write("out/plantuml/a_b_2.puml", "another scenario's")
    t.wavetank("run", "scenarios").expect(0)
    check(t.exists("out/plantuml/a_2.puml"), "a diagram for each section")
    t.write("scenarios/a.scenario", PASSING)
    t.wavetank("run", "scenarios").expect(0)
    check(not t.exists("out/plantuml/a_2.puml"), "the diagram of a section that is gone")
    check(t.exists("out/plantuml/a_b_2.puml"), "a diagram of another scenario went")


@test
def two_scenarios_with_one_name_are_refused(t):
    t.write("one/scenarios/a.scenario", PASSING)
    t.write("two/scenarios/a.scenario", PASSING)
    t.wavetank("run", "one", "two").expect(2, err="would both write the trace a")
    t.wavetank("run", "one", "one/scenarios/a.scenario").expect(0, out="1 passed")


@test
def includes_travel_with_the_trace(t):
    t.write("scenarios/lib/defs.scenario",
            "define lead node\n  timeout $node\n  settle\nend\n")
    t.write("scenarios/a.scenario",
            'scenario "x"\ninclude "lib/defs.scenario"\ncluster 3\nlead n2\nexpect n2 leader\n')
    t.wavetank("run", "scenarios/a.scenario").expect(0)
    header = json.loads(t.lines("out/json/a.trace.jsonl")[0])
    paths = [s["path"] for s in header["source"]]
    check(paths == ["a.scenario", "lib/defs.scenario"], paths)
    os.remove(t.path("scenarios/lib/defs.scenario"))
    t.wavetank("replay", "out/json/a.trace.jsonl").expect(0, out="the same again")


@test
def a_terminal_shows_one_line_that_is_rewritten(t):
    for i in range(6):
        t.write(f"scenarios/s{i}.scenario", FAILING if i == 3 else PASSING)
    code, seen = Screen(t, 24, 80, "run", "--jobs", "1", "scenarios").end()
    check(code == 1, seen)
    check("\r\x1b[K[1/6] s1" in seen and "[5/6] s5" in seen, seen)
    check("passed       s1" not in seen, "each that passed has a line of its own")
    check("\x1b[1mNodes after event" in seen, "the report has no colour")
    code, seen = Screen(t, 24, 80, "run", "scenarios", env={"NO_COLOR": "1"}).end()
    check("\x1b[1m" not in seen, "colour in spite of NO_COLOR")


@test
def pictures_are_drawn_for_all_in_one_go(t):
    if not os.path.exists("/usr/share/plantuml/plantuml.jar"):
        raise Skipped("PlantUML is not installed")
    t.write("scenarios/a.scenario", PASSING)
    t.write("scenarios/b.scenario", FAILING)
    t.wavetank("run", "--svg", "scenarios").expect(
        1, out=["out/svg/a_1.svg", "out/svg/b_1.svg", "1 passed, 1 failed"])
    for name in ("a_1.svg", "b_1.svg"):
        check("<svg" in t.read("out/svg/" + name), name)


@test
def includes_from_beside_the_root_work_too(t):
    t.write("lib/defs.scenario", "define lead node\n  elect $node\nend\n")
    t.write("scenarios/deep/a.scenario",
            'scenario "x"\ninclude "./../../lib/defs.scenario"\ncluster 3\nlead n2\n')
    t.wavetank("run", "scenarios").expect(0)
    header = json.loads(t.lines("out/json/deep/a.trace.jsonl")[0])
    paths = [s["path"] for s in header["source"]]
    check(paths == ["deep/a.scenario", "../lib/defs.scenario"], paths)
    t.wavetank("replay", "out/json/deep/a.trace.jsonl").expect(0, out="the same again")


@test
def features_are_found_and_unknown_ones_are_mistakes(t):
    t.write("scenarios/a.scenario", PASSING.replace("all_yes_votes", "all_yes_vote"))
    t.wavetank("run", "scenarios").expect(
        2, err=["leader_election.all_yes_vote", "leader_election.all_yes_votes"])
    t.wavetank("run", "--features", os.path.join(ROOT, "features"), "scenarios",
               env={"WAVETANK_FEATURES": None}).expect(2)
    t.wavetank("run", "--features", "nowhere", "scenarios").expect(4, err="nowhere")


main()
