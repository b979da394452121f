"""Planted bugs: each has a scenario that catches it, which without the bug passes; and each
invariant is tripped by some bug, since a checker that has never fired is not known to work.

A twin is not a file of its own, so that it cannot drift: it is the scenario without its `bug`
and `expect violation` lines, and with `await` for `never`."""
import os
import re

from harness import ROOT, check, main, test

BUGS = os.path.join(ROOT, "scenarios/bugs")


def scenarios():
    return sorted(f for f in os.listdir(BUGS) if f.endswith(".scenario"))


def text_of(name):
    with open(os.path.join(BUGS, name), encoding="utf-8") as f:
        return f.read()


def bug_of(name):
    return re.search(r"^bug (\w+)$", text_of(name), re.M).group(1)


def reference(t):
    return t.wavetank("help", "--reference").expect(0).out


def listed(page, heading):
    part = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"`([^`]+)`", part)


@test
def every_bug_has_a_scenario_that_is_called_like_it(t):
    bugs = listed(reference(t), "Bugs that can be planted")
    check(len(bugs) > 40, f"only {len(bugs)} bugs")
    for name in scenarios():
        check(name.startswith(bug_of(name)), f"{name} plants {bug_of(name)}")
    shown = {bug_of(name) for name in scenarios()}
    missing = sorted(set(bugs) - shown)
    check(not missing, "no scenario catches " + ", ".join(missing))


@test
def every_scenario_says_how_it_ends(t):
    for name in scenarios():
        last = text_of(name).rstrip().splitlines()[-1].strip()
        check(re.match(r'(expect violation "|never )', last), f"{name} ends with: {last}")


@test
def every_bug_is_caught(t):
    t.wavetank("run", "--out", t.path("out"), "--quiet", BUGS, cwd=ROOT).expect(0)


@test
def every_twin_passes(t):
    os.makedirs(t.path("twins"))
    for name in scenarios():
        twin = re.sub(r"^bug .*\n|^ *expect violation .*\n", "", text_of(name), flags=re.M)
        twin = re.sub(r"^( *)never ", r"\1await ", twin, flags=re.M)
        check(twin != text_of(name), name)
        with open(t.path("twins/" + name), "w", encoding="utf-8") as f:
            f.write(twin)
    t.wavetank("run", "--out", t.path("out"), "--quiet", t.path("twins")).expect(0)


@test
def every_invariant_is_tripped(t):
    part = reference(t).split("## Invariants\n")[1].split("\n## ")[0]
    invariants = re.findall(r"^\| `([^`]+)`", part, re.M)
    check(len(invariants) > 10, f"only {invariants}")
    tripped = {m for name in scenarios()
               for m in re.findall(r'expect violation "([^"]+)"', text_of(name))}
    missing = [i for i in invariants if i not in tripped]
    check(not missing, "no planted bug trips " + ", ".join(missing))


# Not the moment that its own scenario shows: an assertion of the core, or the tank that goes on
# after the violation, must not stop the program.
UNUSUAL = {
    "leader_drops": """
timeout n1
settle until n1 leader
transfer n1 -> n2
propose n1 "add 1"                 # not even the entry of its term is committed
expect violation "Leader Append-Only"
""",
    "applies_ahead": """
preset elected n1
pause n1
propose n1 "add 1"
snapshot n1                        # it was asked before anybody could know
remove n2 at n1
resume n1
expect violation "monotonic applied"
""",
    "chunks_mixed": """
option snapshot_chunk 15
preset elected n1
for n in 1 2
  isolate n3
  propose n1 "add 1"
  settle
  snapshot n1
  heal
  heartbeat n1
  settle
  heartbeat n1
  settle
  expect n3 state "$n"             # the first came whole: there is nothing to go on with
end
""",
}


@test
def a_bug_at_an_unusual_moment_is_told(t):
    for bug, text in UNUSUAL.items():
        t.write(f"{bug}.scenario", f"cluster 3\nbug {bug}\n{text}")
        t.wavetank("run", "--no-trace", t.path(f"{bug}.scenario")).expect(0)


main()
