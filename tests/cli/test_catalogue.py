"""The catalogue as a whole: its size, its features, its time, and that it is the same again."""
import os
import re
import time

from harness import ROOT, check, main, test


def scenarios():
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, "scenarios")):
        found += [os.path.join(folder, f) for f in files if f.endswith(".scenario")]
    return sorted(found)


@test
def it_holds_what_it_should(t):
    names = scenarios()
    check(len(names) >= 200, f"{len(names)} scenarios")
    for topic in ("elections", "commands", "partitions", "log", "membership", "snapshots",
                  "reads", "applications", "bugs"):
        check(any(f"/scenarios/{topic}/" in n for n in names), f"nothing under {topic}")


@test
def every_scenario_names_its_features_and_no_error_is_left(t):
    r = t.wavetank("features", "--check", cwd=ROOT)
    check(r.code == 0, r.story())
    check(r.err == "", r.story())


@test
def every_feature_that_can_be_shown_is_shown(t):
    rows = t.wavetank("features", "--csv", cwd=ROOT).expect(0).out.splitlines()[1:]
    tested = {row.split(",")[0] for row in rows if row.endswith(",tests")}
    every = []
    for folder, _, files in os.walk(os.path.join(ROOT, "features")):
        below = os.path.relpath(folder, os.path.join(ROOT, "features"))
        every += [os.path.join(below, f[:-3]).replace("/", ".") for f in files
                  if f.endswith(".md") and below != "."]
    holes = [f for f in sorted(every) if f not in tested]
    check(not holes, "no scenario tests: " + ", ".join(holes))


@test
def it_notices_every_planted_bug_by_itself(t):
    """Without the folder that is about them: a rule that can be broken unseen is not shown."""
    page = t.wavetank("help", "--reference").expect(0).out
    part = page.split("## Bugs that can be planted\n")[1].split("\n## ")[0]
    bugs = re.findall(r"`([^`]+)`", part)
    check(len(bugs) > 40, f"only {len(bugs)} bugs")
    folders = sorted({os.path.dirname(name) for name in scenarios()} -
                     {os.path.join(ROOT, "scenarios", "bugs")})
    for bug in bugs:
        r = t.wavetank("run", "--quiet", "--no-trace", "--bug", bug, *folders, cwd=ROOT)
        check(r.code != 0, f"nothing notices {bug}")


@test
def it_runs_quickly_and_every_trace_replays(t):
    began = time.monotonic()
    t.wavetank("run", "--jobs", "1", "--out", t.path("out"), "--quiet", "scenarios", cwd=ROOT,
               ).expect(0)
    check(time.monotonic() - began < 60, "even with sanitizers that is too long")
    traces = []
    for folder, _, files in os.walk(t.path("out/json")):
        traces += [os.path.join(folder, f) for f in files]
    check(len(traces) == len(scenarios()), f"{len(traces)} traces")
    for trace in traces[::7]:
        t.wavetank("replay", trace).expect(0, out="the same again")


main()
