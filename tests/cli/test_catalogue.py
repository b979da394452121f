"""The catalogue as a whole: its size, its features, its time, and that it is the same again."""
import os
import time

from harness import ROOT, check, main, test

# Features that nothing of today can show: they belong to parts that are not built yet.
LATER = ("membership_changes.", "snapshots.")
LATER_ONES = {
    "leader_election.power_transfer", "leader_election.power_transfer_timeout",
    "leader_election.power_transfer_with_outdated_target",
    "log_replication.pipelining_and_flow_control",
    "node_lifecycle.clock_skew",
    "state_machine_command.exactly_once", "state_machine_command.linearizable_read",
    "state_machine_command.lease_read", "state_machine_command.stale_read",
    "state_machine_command.error_handling", "state_machine_command.follower_error_recovery",
    "state_machine_command.leader_error_recovery",
    "state_machine_command.follower_disabled_on_error",
    "system_reliability.fault_tolerance",
}


def scenarios():
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, "scenarios")):
        found += [os.path.join(folder, f) for f in files if f.endswith(".scenario")]
    return sorted(found)


@test
def it_holds_what_it_should(t):
    names = scenarios()
    check(len(names) >= 60, f"{len(names)} scenarios")
    for topic in ("elections", "commands", "partitions", "log"):
        check(any(f"/scenarios/{topic}/" in n for n in names), f"nothing under {topic}")


@test
def every_scenario_names_its_features_and_no_error_is_left(t):
    r = t.wavetank("features", "--check", cwd=ROOT)
    check(r.code in (0, 1), r.story())
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
    holes = [f for f in sorted(every)
             if f not in tested and not f.startswith(LATER) and f not in LATER_ONES]
    check(not holes, "no scenario tests: " + ", ".join(holes))


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
