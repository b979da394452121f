"""schema.py - traces fit docs/reference/trace.schema.json, and what is broken does not.

    schema.py STORY [WAVETANK]

STORY prints a trace with every kind of event.  With WAVETANK the scenarios of the
catalogue are run too and each line of their traces is validated."""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from validate import Validator

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
results = []


def test(name, problems):
    results.append(not problems)
    print(f"{'ok' if not problems else 'not ok'} {len(results)} - {name}")
    for problem in problems[:10]:
        print("# " + str(problem))


def no_twins(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key stands twice")
    return dict(pairs)


def lines_of(text):
    return [json.loads(line, object_pairs_hook=no_twins) for line in text.splitlines()]


def misfits(validator, lines, name=""):
    return [f"{name}:{n}: {'; '.join(errors)}" for n, line in enumerate(lines, 1)
            if (errors := validator.errors(line))]


def kinds_of_the_tank():
    with open(os.path.join(ROOT, "sim/note.h"), encoding="utf-8") as f:
        table = re.search(r"#define SIM_NOTES\(X\)(.*?)#define", f.read(), re.S).group(1)
    return re.findall(r'"(\w+)"', table)


def required(validator, line):
    """What the schema wants of this line."""
    defs = validator.root["$defs"]
    if "kind" in line:
        return defs["event"]["required"] + defs["event_" + line["kind"]].get("required", [])
    return defs["header" if "format" in line else "footer"]["required"]


def broken(validator, line):
    """The line with one thing wrong at a time, and what that is."""
    for key in required(validator, line):
        yield f"without {key}", {k: v for k, v in line.items() if k != key}
    for key in line:
        yield f"{key} is null", {**line, key: None}
        yield f"{key} is a fraction", {**line, key: 1.5}
        yield f"{key} is true", {**line, key: True}
        if isinstance(line[key], int):
            yield f"{key} is negative", {**line, key: -1}
        if isinstance(line[key], list):
            yield f"{key} has a number in it", {**line, key: [7]}
    if line.get("kind") != "send":
        yield "one field too many", {**line, "mood": "good"}
    if "state" in line:
        yield "a state of the mood", {**line, "state": {"mood": 1}}
        yield "a last without term", {**line, "state": {"last": "3"}}
    if "kind" in line:
        yield "a kind that is none", {**line, "kind": "nap"}
        yield "a node with a blank", {**line, "node": "n 1"}
    if "digest" in line:
        yield "a digest that is too short", {**line, "digest": "feed"}
        yield "a result that is none", {**line, "result": "great"}
    if "format" in line:
        yield "another version", {**line, "format": "wavetank-trace/2"}
        yield "two nodes of one name", {**line, "nodes": ["n1", "n1"]}
        yield "no nodes", {**line, "nodes": []}
    if line.get("kind") == "append":
        yield "an entry without kind", {**line, "entries": ["1@1"]}
        yield "an entry with an open quote", {**line, "entries": ['1@1 command "a']}
    if line.get("kind") == "role":
        yield "a role that is none", {**line, "to": "king"}


def fields_in_schema(schema):
    """Each kind's own fields, with brackets around what may be absent."""
    found = {}
    for name, one in schema["$defs"].items():
        if name.startswith("event_"):
            found[name[len("event_"):]] = [
                field if field in one.get("required", []) else f"[{field}]"
                for field in one["properties"] if field != "kind"]
    return found


def fields_in_reference():
    with open(os.path.join(ROOT, "docs/reference/traces.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|[^|]*\|$", f.read(), re.M)
    return {kind: fields.split() for kind, fields in rows}


def catalogue(wavetank, folder):
    # Some scenarios are there to fail: their traces are as good as any.
    subprocess.run([wavetank, "run", os.path.join(ROOT, "scenarios"), "--out", folder],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return sorted(glob.glob(os.path.join(folder, "**", "*.trace.jsonl"), recursive=True))


def main():
    with open(os.path.join(ROOT, "docs/reference/trace.schema.json"), encoding="utf-8") as f:
        schema = json.load(f, object_pairs_hook=no_twins)
    validator = Validator(schema)
    done = subprocess.run([sys.argv[1]], capture_output=True, check=True)
    story = lines_of(done.stdout.decode("utf-8"))

    print(f"1..{6 if len(sys.argv) > 2 else 5}")
    known = {name[len("event_"):] for name in schema["$defs"] if name.startswith("event_")}
    named = {choice["$ref"].split("event_")[-1] for choice in schema["oneOf"][2:]}
    test("the schema has every kind of event, and no other",
         sorted(known ^ set(kinds_of_the_tank())) + sorted(known ^ named))
    reference, own = fields_in_reference(), fields_in_schema(schema)
    test("the reference page has the fields of every kind",
         [kind for kind in sorted(set(own) | set(reference))
          if own.get(kind) != reference.get(kind)])
    test("the story has every kind of event",
         sorted(known - {line.get("kind") for line in story}))
    test("every line of the story fits", misfits(validator, story, "story"))
    taken = [f"{line.get('kind', 'header or footer')} {what}" for line in story
             for what, bad in broken(validator, copy.deepcopy(line))
             if not validator.errors(bad)]
    test("a broken line does not fit", taken)
    if len(sys.argv) > 2:
        with tempfile.TemporaryDirectory(prefix="schema-") as folder:
            problems, traces = [], catalogue(sys.argv[2], folder)
            for path in traces:
                with open(path, encoding="utf-8") as f:
                    problems += misfits(validator, lines_of(f.read()),
                                        os.path.relpath(path, folder))
        test(f"every line of the catalogue's traces fits, {len(traces)} of them",
             problems + ([] if traces else ["there is no trace"]))
    sys.exit(0 if all(results) else 1)


main()
