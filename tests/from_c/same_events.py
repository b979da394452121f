"""A scenario file and the same story told in C leave the same events.

The two traces differ in their headers (the C program has no scenario text) and in the line
numbers of the scenario; everything else must be equal, event by event.

    same_events.py EXAMPLE WAVETANK
"""
import json
import os
import subprocess
import sys
import tempfile

SCENARIO = "scenarios/partitions/partitioned_leader_steps_down.scenario"
TRACE = "json/partitions/partitioned_leader_steps_down.trace.jsonl"


def events(path):
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    for record in records:
        record.pop("line", None)
    return records[1:-1]


def main():
    example, wavetank = (os.path.abspath(path) for path in sys.argv[1:3])
    root = os.environ["ROOT"]
    with tempfile.TemporaryDirectory() as folder:
        from_c = os.path.join(folder, "from_c.jsonl")
        subprocess.run([example, from_c], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([wavetank, "run", SCENARIO, "--out", folder], cwd=root, check=True,
                       stdout=subprocess.DEVNULL)
        told, written = events(from_c), events(os.path.join(folder, TRACE))
    assert len(written) > 100, "the scenario leaves hardly any event"
    for c, file in zip(told, written):
        if c != file:
            sys.exit(f"the first event that differs:\n  from C     {c}\n  from file  {file}")
    if len(told) != len(written):
        sys.exit(f"from C {len(told)} events, from the file {len(written)}")
    print(f"{len(told)} events, the same from C and from the file")


main()
