"""Follows docs/tour.md: what it says to type works, and what it shows is what comes.

    tour.py WAVETANK

Every shown line of output must come, word for word; a line that is "…" stands for any lines.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.environ["ROOT"]
PROGRAM = os.path.abspath(sys.argv[1])


def blocks(text):
    """The indented blocks of a Markdown text, without their indentation."""
    found, block = [], []
    for line in text.splitlines() + ["end"]:
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line[4:])
        elif block:
            found.append("\n".join(block).strip("\n"))
            block = []
    return found


def wavetank(*args):
    environment = dict(os.environ, WAVETANK_FEATURES=os.path.join(ROOT, "features"))
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, env=environment,
                          check=False)
    return done.returncode, (done.stdout + done.stderr).replace(PROGRAM, "build/wavetank")


def must_show(output, shown, what):
    for line in shown.splitlines():
        line = line.strip()
        if line and line != "…" and not line.startswith("$"):
            assert re.sub(r"\s+", " ", line) in re.sub(r"\s+", " ", output), \
                f"{what}: the tour shows {line!r}, but the program said\n{output}"


def main():
    with open(os.path.join(ROOT, "docs", "tour.md"), encoding="utf-8") as file:
        shown = blocks(file.read())
    story = next(b for b in shown if b.startswith('scenario "'))
    passes = next(b for b in shown if "$ build/wavetank run split.scenario" in b)
    report = next(b for b in shown if "the expectation does not hold" in b)
    mistake = next(b for b in shown if "there is no node 'n7'" in b)

    os.chdir(tempfile.mkdtemp(prefix="tour-"))
    with open("split.scenario", "w", encoding="utf-8") as file:
        file.write(story)
    code, output = wavetank("run", "split.scenario")
    assert code == 0, output
    must_show(output, passes, "run")

    with open("split.scenario", "w", encoding="utf-8") as file:
        file.write(story.replace("expect lost failed", "expect lost ok"))
    code, output = wavetank("run", "split.scenario")
    assert code == 1, output
    must_show(output, report, "report")
    for command in re.findall(r"wavetank (replay .*--at \d+)", report):
        if "--step" not in command:
            code, output = wavetank(*command.split())
            assert code == 0 and "Nodes after event" in output, output
    code, output = wavetank("replay", "out/json/split.trace.jsonl")
    assert code == 0, output
    steps = subprocess.run([PROGRAM, "replay", "--step", "out/json/split.trace.jsonl"],
                           input="f\n/lost failed\n" + "c\n" * 4 + "q\n", capture_output=True, text=True,
                           check=False)
    assert steps.returncode == 0 and \
        "heartbeat timer" in steps.stdout, steps.stdout + steps.stderr

    with open("split.scenario", "w", encoding="utf-8") as file:
        file.write(story.replace("partition n1 |", "partition n7 |"))
    code, output = wavetank("run", "split.scenario")
    assert code == 2, output
    must_show(output, mistake, "mistake")

    code, output = wavetank("new", "fresh")
    assert code == 0, output
    code, output = wavetank("run", "fresh.scenario")
    assert code == 0, output
    print("the tour can be followed")


main()
