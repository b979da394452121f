"""docs/reference/thesis.md: for each section of Ongaro's thesis the code that carries it out,
the scenarios that show it, and the planted bugs that break it.

    thesis.py WAVETANK            checks citations, and that the page is what the sources say
    BLESS=1 thesis.py WAVETANK    writes the page

The rules themselves, a few sentences each, stand in rules.py; sources.py reads the rest.
"""
import difflib
import os
import re
import sys

import sources
from rules import OTHER_SOURCES, RULES
from sources import ROOT

PAGE = "docs/reference/thesis.md"
SCENARIOS_SHOWN = 6
FEATURES_SHOWN = 8

THESIS_CITE = re.compile(r"Raft thesis \d+(\.\d+)*(, \d+(\.\d+)*)*(, figure \d+\.\d+)*$")


class Facts:
    """All that the sources say, by rule."""

    def __init__(self, program):
        self.comments, self.functions = sources.read_c()
        self.bugs = sources.read_bugs()
        self.scenarios = {s.name: s for s in sources.read_scenarios()}
        self.features = sources.read_features()
        self.tests = sources.read_relations(program)
        self.rule_of = {n: rule for rule in RULES for n in (rule.number, *rule.also)}

    def rules_of_cites(self, cites):
        """The rules that these cites name, in their order."""
        found = []
        for cite in cites:
            if cite.startswith("Raft thesis "):
                found += [self.rule_of.get(n) for n in sources.sections_in("thesis" + cite[11:])]
            elif cite.startswith("Raft practice: "):
                found.append(self.rule_of.get(cite.partition(": ")[2]))
        return list(dict.fromkeys(r for r in found if r))

    def rules_of_comment(self, comment):
        named = [self.rule_of.get(n) for n in comment.sections + comment.practices]
        return list(dict.fromkeys(r for r in named if r))

    # --- what belongs to a rule ---

    def comments_on(self, rule):
        """The heart of it, then those that are about it first of all and name a scenario, then
        those that are about it, then those that mention it."""
        def rank(c):
            about = self.rules_of_comment(c)[0] is rule
            return (not rule.heart or c.function != rule.heart, not about, not c.scenarios)
        on = [c for c in self.comments if rule in self.rules_of_comment(c)]
        return sorted(on, key=rank)

    def code_of(self, rule):
        """{path: [function, …]}; a file whose head alone names the rule has no functions."""
        found = {}
        for c in self.comments_on(rule):
            if c.function and c.function not in found.setdefault(c.path, []):
                found[c.path].append(c.function)
        for c in self.comments_on(rule):
            if not c.function and c.path.endswith(".c"):
                found.setdefault(c.path, [])
        return found

    def features_of(self, rule):
        return [f for f in self.features if rule in self.rules_of_cites(f.cites)]

    def scenarios_of(self, rule):
        """Those that the code names, then those that test a feature of the rule, then others
        that cite it."""
        features = {f.name for f in self.features_of(rule)}
        named = [name for c in self.comments_on(rule) for name in c.scenarios]

        def rank(s):
            tests = any((s.name, f) in self.tests for f in features)
            first = self.rules_of_cites(s.cites)[0] is rule
            place = named.index(s.name) if s.name in named else len(named)
            return (place, not (first and tests), not tests, s.name)
        return sorted((s for s in self.scenarios.values() if not s.name.startswith("bugs/") and
                       rule in self.rules_of_cites(s.cites)), key=rank)

    # --- bugs ---

    def scenarios_with(self, bug):
        return [s for s in self.scenarios.values() if bug.name in s.bugs]

    def planted_in(self, bug):
        return [f for f in self.functions if bug.constant in f.bugs]

    def rules_at(self, bug):
        """The rules that are cited where it is planted."""
        where = {(f.path, f.name) for f in self.planted_in(bug)}
        found = [r for c in self.comments if (c.path, c.function) in where
                 for r in self.rules_of_comment(c)]
        return list(dict.fromkeys(found))

    def rules_broken_by(self, bug):
        shown = self.scenarios_with(bug)
        cites = [c for s in shown for c in s.cites]
        return self.rules_of_cites(cites) if shown else self.rules_at(bug)

    def bugs_of(self, rule):
        def rank(b):
            return (not self.scenarios_with(b), self.rules_broken_by(b)[0] is not rule)
        return sorted((b for b in self.bugs if rule in self.rules_broken_by(b)), key=rank)


# --- The page --------------------------------------------------------------------------


def link(text, path):
    return f"[{text}](../../{path})"


def fold(title, lines):
    """Folded away, where a reader who wants all can find it."""
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def scenario_line(s):
    return f"- {link(s.name, s.path)}: {s.title}"


def code_line(path, functions):
    base = os.path.basename(path) if path.startswith("raft/") else path
    names = ", ".join(f"`{f}`" for f in functions)
    return f"- {link(base, path)}" + (f": {names}" if names else "")


def bug_line(facts, bug):
    where = ", ".join(dict.fromkeys(f"`{f.name}`" for f in facts.planted_in(bug)))
    shown = facts.scenarios_with(bug)
    by = ", ".join(link(s.name, s.path) for s in shown) if shown else "unit tests alone"
    return (f"- `{bug.name}`: {bug.deviation}. Planted in {where}; {by}; caught by "
            f"*{', '.join(bug.caught_by)}*")


def without(rule, what):
    """Why there is none; scenarios that are named become links."""
    why = re.sub(r"\b[a-z]+/[a-z0-9_]+", lambda m: link(m.group(), f"scenarios/{m.group()}.scenario"),
                 rule.without[what])
    return ["", f"**{what.capitalize()}s** None: {why}."]


def some(lines, shown):
    if len(lines) <= shown + 1:  # one more is no longer than the fold
        return lines
    return lines[:shown] + fold(f"and {len(lines) - shown} more", lines[shown:])


def section(facts, rule):
    out = ["", f"### {rule.heading}" if rule.is_practice else f"## {rule.heading}", "", rule.text]
    if "code" in rule.without:
        out += without(rule, "code")
    else:
        out += ["", "**Code**", ""]
        out += [code_line(p, f) for p, f in facts.code_of(rule).items()]
    if "scenario" in rule.without:
        out += without(rule, "scenario")
    else:
        out += ["", "**Scenarios**", ""]
        out += some([scenario_line(s) for s in facts.scenarios_of(rule)], SCENARIOS_SHOWN)
    if "bug" in rule.without:
        out += without(rule, "bug")
    else:
        out += ["", "**Bugs**", ""] + [bug_line(facts, b) for b in facts.bugs_of(rule)]
    features = [f"`{f.name}`" for f in facts.features_of(rule)]
    if len(features) > FEATURES_SHOWN:
        out += fold(f"{len(features)} features", [", ".join(features)])
    elif features:
        out += ["", "**Features** " + ", ".join(features)]
    return out


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def glance(facts, rule):
    """One row: the first of each."""
    code = next((c for c in facts.comments_on(rule) if c.function), None)
    shown, bugs = facts.scenarios_of(rule), facts.bugs_of(rule)
    cells = [f"[{rule.heading}](#{anchor(rule.heading)})", "—", "—", "—"]
    if code:
        cells[1] = link(f"`{code.function}`", code.path)
    if shown:
        cells[2] = link(shown[0].title, shown[0].path)
    if bugs:
        by = facts.scenarios_with(bugs[0])
        cells[3] = link(f"`{bugs[0].name}`", by[0].path) if by else f"`{bugs[0].name}`"
    return "| " + " | ".join(cells) + " |"


OPENING = """\
# The thesis, section by section

*This page is made from the sources: comments of the core, cites of scenarios and features, and
the list of planted bugs. A test fails when it is out of date, and when a rule has no code, no
scenario or no bug. `BLESS=1 meson test -C build thesis` writes it again.*

The Raft that the tank ships follows Diego Ongaro's thesis, "Consensus: Bridging Theory and
Practice" (2014). For each section: the rule in our words; the functions whose comments cite it;
the scenarios that show it, those first which the code names; and the bugs that can be planted to
break it, with the invariant that catches each. `wavetank run PATH` runs a scenario, and
`wavetank render` draws it; how to plant a bug is told in [planted bugs](../bugs.md).

| section | code | a scenario | a bug |
|---|---|---|---|
"""


def page(facts):
    out = [OPENING + "\n".join(glance(facts, r) for r in RULES)]
    for rule in RULES:
        if rule.is_practice and "## Practice" not in out:
            out += ["", "## Practice", "", "What production systems agreed on beyond the thesis."]
        out += section(facts, rule)
    return "\n".join(out) + "\n"


# --- The checks ------------------------------------------------------------------------


def cites_that_parse(facts):
    known = set(facts.rule_of) | {str(n) for n in range(1, 12)} | {"10.2"}

    def wrong(cite):
        if cite.startswith("Raft practice: "):
            return cite.partition(": ")[2] not in facts.rule_of
        if cite.startswith("Raft thesis"):
            return not THESIS_CITE.match(cite) or any(
                n not in known for n in sources.sections_in("thesis" + cite[11:]))
        return not any(re.fullmatch(form, cite) for form in OTHER_SOURCES)
    for s in facts.scenarios.values():
        if not s.cites:
            yield f"{s.path} cites nothing; what only shows the tank cites 'Wavetank design: …'"
        yield from (f"{s.path}: {c}" for c in s.cites if wrong(c))
    for f in facts.features:
        if not f.cites:
            yield f"{f.path} cites nothing"
        yield from (f"{f.path}: {c}" for c in f.cites if wrong(c))
    for path, cite in sources.read_cites_in_tables():
        if wrong(cite.replace("fig.", "figure")):
            yield f"{path}: {cite}"
    for c in facts.comments:
        yield from (f"{c.path}, {c.function}: thesis {n}" for n in c.sections if n not in known)
        yield from (f"{c.path}, {c.function}: practice: {p}" for p in c.practices
                    if p not in facts.rule_of)


def code_names_scenarios(facts):
    """The code names the scenario, the scenario names the section."""
    for c in facts.comments:
        rules = facts.rules_of_comment(c)
        if c.scenarios and not rules:
            yield f"{c.path}, {c.function}: names a scenario, but no section"
        for name in c.scenarios:
            s = facts.scenarios.get(name)
            if not s:
                yield f"{c.path}, {c.function}: there is no scenario {name}"
            elif not set(rules) & set(facts.rules_of_cites(s.cites)):
                yield f"{s.path} does not cite what {c.path}, {c.function} names it for"


def bugs_break_their_rule(facts):
    """A bug stands at the rule that its scenario cites, and is caught by what bugs.h says."""
    for bug in facts.bugs:
        where = facts.planted_in(bug)
        if not where:
            yield f"{bug.name} is planted nowhere"
        elif f"raft/{bug.file}" not in {f.path for f in where}:
            yield f"{bug.name} is not planted in {bug.file}"
        if not set(facts.rules_at(bug)) & set(facts.rules_broken_by(bug)):
            names = ", ".join(f.name for f in where)
            cited = ", ".join(r.number for r in facts.rules_broken_by(bug))
            yield f"{bug.name}: {names} cites none of {cited}, which its scenario cites"
        for s in facts.scenarios_with(bug):
            caught = s.ends_in + (["no progress"] if s.never else [])
            if not set(caught) & set(bug.caught_by):
                yield f"{s.path} ends in {caught}, bugs.h says {bug.caught_by}"


def rules_are_whole(facts):
    for rule in RULES:
        found = {"code": facts.code_of(rule), "scenario": facts.scenarios_of(rule),
                 "bug": facts.bugs_of(rule)}
        for what, there in found.items():
            if not there and what not in rule.without:
                yield f"{rule.heading}: no {what}"
            if there and what in rule.without:
                yield f"{rule.heading}: there is a {what} now, strike the reason why not"
        if not any(c.function and c.path.startswith(("raft/", "sim/"))
                   for c in facts.comments_on(rule)):
            yield f"{rule.heading}: no function cites it"
        if not any(c.scenarios for c in facts.comments_on(rule)):
            yield f"{rule.heading}: no code names a scenario for it"
        if rule.heart and rule.heart not in {c.function for c in facts.comments_on(rule)}:
            yield f"{rule.heading}: {rule.heart} does not cite it"


def page_is_fresh(facts):
    now, path = page(facts), os.path.join(ROOT, PAGE)
    if os.environ.get("BLESS"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(now)
    before = sources.read(PAGE) if os.path.exists(path) else ""
    if before != now:
        yield f"{PAGE} is not what the sources say; write it again, and read the diff:"
        yield "BLESS=1 meson test -C build thesis"
        lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "old", "new", "", "", 0)
        yield from list(lines)[:10]


def main():
    facts = Facts(os.path.abspath(sys.argv[1]))
    checks = [
        ("every cite names what there is", cites_that_parse),
        ("scenarios that the code names cite its sections", code_names_scenarios),
        ("every planted bug stands at the rule that it breaks", bugs_break_their_rule),
        ("every rule has code, a scenario and a bug", rules_are_whole),
        (f"{PAGE} is up to date", page_is_fresh),
    ]
    print(f"1..{len(checks)}")
    good = True
    for i, (title, fn) in enumerate(checks):
        found = list(fn(facts))
        good = good and not found
        print(f"{'not ok' if found else 'ok'} {i + 1} - {title}")
        for line in found:
            print(f"# {line}")
    sys.exit(0 if good else 1)


main()
