"""What a person gets who has to understand a violation: the invariant, its section of the
thesis, the two facts that contradict each other, and the events that caused each; on the
screen, in the trace, in the table and in the diagram."""
import csv
import io
import json
import os
import re
import shlex

from harness import ROOT, check, main, test

BUGS = os.path.join(ROOT, "scenarios/bugs")
VOTES = '''scenario "Two candidates"
cluster 3
bug vote_twice
section "Votes"
  timeout n1
  timeout n2
  settle
'''


def unwanted(t):
    """The scenarios of planted bugs, without the line that lets them pass."""
    names = []
    for name in sorted(os.listdir(BUGS)):
        with open(os.path.join(BUGS, name), encoding="utf-8") as f:
            text = f.read()
        cut = re.sub(r"^ *expect violation .*\n", "", text, flags=re.M)
        if cut != text:
            t.write("scenarios/" + name, cut)
            names.append(name.removesuffix(".scenario"))
    check(len(names) > 40, names)
    return names


def reports(t):
    """The report of each, by name."""
    names = unwanted(t)
    out = t.wavetank("run", "scenarios").expect(1).out
    parts = re.split(r"^failed  +(\S+)  ", out, flags=re.M)
    found = dict(zip(parts[1::2], parts[2::2]))
    check(sorted(found) == names, sorted(set(names) - set(found)))
    return found


def events(t, name):
    return [json.loads(line) for line in t.lines(f"out/json/{name}.trace.jsonl")[1:-1]]


def violation_of(t, name):
    found = [e for e in events(t, name) if e["kind"] == "violation"]
    check(len(found) == 1, f"{name}: {len(found)} violations")
    return found[0]


@test
def the_record_names_the_events_of_both_facts(t):
    for name in reports(t):
        v = violation_of(t, name)
        check(v["cite"].startswith("Raft thesis "), v)
        for fact in ("one", "other"):
            check(0 < v[fact + "_seq"] < v["seq"], v)
            check(v[fact].endswith(f"(event {v[fact + '_seq']})"), v)


@test
def the_report_shows_the_facts_and_the_events_in_words(t):
    for name, report in reports(t).items():
        v = violation_of(t, name)
        block = report.split("\nNodes after event")[0]
        check(f"\n{v['invariant']} ({v['cite']})\n  It promises: " in block, block)
        check("These two contradict each other:" in block, block)
        one, other = (block.index(f"\n  {v[fact]}\n") for fact in ("one", "other"))
        check(one < other, block)
        check(re.search(rf"^    > #{v['one_seq']} ", block[one:other], re.M), block)
        same = v["one_seq"] == v["other_seq"]
        last = "the same event" if same else f"    > #{v['other_seq']} "
        check(last in block[other:], block)
        # The way to it begins with the script, or with a timer of what was prepared.
        begin = r"\n {4}[ >] (#\d+ +\S+ +- +(> |heal)|#\d+ .* timer$|\d+ events? before these)"
        check(re.match(begin, block[block.index("\n", one + 1):], re.M), block)


@test
def every_command_of_the_report_works_as_printed(t):
    for name, report in reports(t).items():
        seq = violation_of(t, name)["seq"]
        commands = dict(re.findall(r"^  (replay to it|step to it|draw it) +wavetank (.*)$", report,
                                   re.M))
        check(len(commands) == 3, report)
        shown = t.wavetank(*shlex.split(commands["replay to it"])).expect(
            0, out=[f"Nodes after event {seq} ", "These two contradict each other:"]).out
        block = report[report.index("  It promises:"):report.index("\nNodes after event")]
        check(block in shown, shown)
        t.wavetank(*shlex.split(commands["step to it"])).expect(0, out=f"event {seq} of")


@test
def the_diagram_marks_where_the_facts_came_from(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(1)
    page = t.read("out/plantuml/votes_1.puml").splitlines()
    red = [line for line in page if "✗" in line]
    check(len(red) == 2, red)
    check("n2 voted for n2 in term 1" in red[0] and "(event 12)" in red[0] and
          red[0].startswith("rnote over n2 #FDECEA"), red[0])
    check("Election Safety is violated" in red[1] and "(event 21)" in red[1], red[1])
    between = page[page.index(red[0]):page.index(red[1])]
    check(any("RequestVote" in line for line in between), page)


@test
def the_table_has_the_facts_and_their_events(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(1)
    for kind in ("csv", "digest_csv"):
        rows = list(csv.DictReader(io.StringIO(t.read(f"out/{kind}/votes.csv"))))
        row = next(r for r in rows if r["kind"] == "violation")
        for text in ("Election Safety", "Raft thesis 3.2", "(event 12)", "(event 21)"):
            check(text in row["detail"], row["detail"])


@test
def stepping_goes_to_what_caused_each_fact(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(1)
    trace = "out/json/votes.trace.jsonl"
    out = t.wavetank("replay", "--step", trace, stdin="f\n1\n2\n").expect(
        0, out=["  1 n2 voted for n2 in term 1 (event 12)\n",
                "  2 n2 voted for n1 in term 1 (event 21)\n"]).out
    places = [int(x) for x in re.findall(r"^event (\d+) of", out, re.M)]
    check(places == [1, 23, 12, 21], places)
    t.write("scenarios/good.scenario", VOTES.replace("bug vote_twice\n", ""))
    t.wavetank("run", "scenarios/good.scenario").expect(0)
    t.wavetank("replay", "--step", "out/json/good.trace.jsonl", stdin="1\n").expect(
        0, out="nothing is violated in this trace")


@test
def a_fact_without_an_event_was_so_from_the_start(t):
    t.write("scenarios/votes.scenario", VOTES)
    t.wavetank("run", "scenarios").expect(1)
    text = t.read("out/json/votes.trace.jsonl")
    t.write("start.trace.jsonl", re.sub(r',"one_seq":\d+', "", text, count=1))
    out = t.wavetank("replay", "--at", "23", "start.trace.jsonl").expect(0).out
    check("n2 voted for n2 in term 1 (event 12)\n      so from the start" in out, out)
    check("    > #21 " in out, out)
    t.wavetank("replay", "--step", "start.trace.jsonl", stdin="1\n").expect(
        0, out="it was so from the start")
    t.wavetank("render", "--puml-only", "start.trace.jsonl").expect(0)


main()
