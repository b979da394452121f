"""Follows a page of the documentation: what it says to type works, and what it shows comes.

    follow.py WAVETANK PAGE…

An indented or fenced block that begins with `scenario` is saved under the name of a .scenario file that
the page named last. In a block that begins with `$`, each such line is a command; the lines
below it must come, word for word and in their order; "…" stands for anything. A command fails
when what is shown says so. A scenario that no command runs must pass.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.environ["ROOT"]
PROGRAM = os.path.abspath(sys.argv[1])


def blocks(text):
    """(what stands before it, the block), for each block that is indented or fenced."""
    # A fence is an indentation written otherwise.
    text = re.sub(r"^```\w+\n(.*?)^```$", lambda m: re.sub("^", "    ", m.group(1), flags=re.M),
                  text, flags=re.M | re.S)
    found, before, block = [], [], []
    for line in text.splitlines() + ["end"]:
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line[4:])
        else:
            if block:
                found.append(("\n".join(before), "\n".join(block).strip("\n")))
                before, block = [], []
            before.append(line)
    return found


def wavetank(*args):
    environment = dict(os.environ, WAVETANK_FEATURES=os.path.join(ROOT, "features"))
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, env=environment,
                          check=False)
    return done.returncode, (done.stdout + done.stderr).replace(PROGRAM, "build/wavetank")


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def must_show(output, shown, what):
    rest = words(output)
    for line in shown:
        form = ".*?".join(re.escape(part) for part in words(line).split("…"))
        there = re.search(form, rest)
        assert there, f"{what}: the page shows {line.strip()!r}, but the program said\n{output}"
        rest = rest[there.end():]


def follow_commands(block):
    """Runs the commands of a block; gives back the words that they were made of."""
    typed = set()
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *shown = part.splitlines()
        program, *args = command.split("#")[0].split()
        assert program == "build/wavetank", command
        code, output = wavetank(*args)
        fails = any(line.startswith("failed") for line in shown)
        assert code == (1 if fails else 0), f"{command}: exit code {code}\n{output}"
        must_show(output, shown, command)
        typed.update(args)
    return typed


def follow(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        found = blocks(file.read())
    os.chdir(tempfile.mkdtemp(prefix="follow-"))
    os.symlink(os.path.join(ROOT, "scenarios"), "scenarios")
    saved, typed, name = [], set(), None
    for before, block in found:
        names = re.findall(r"`(\w+\.scenario)`", before)
        name = names[-1] if names else None
        if block.startswith("$ "):
            typed |= follow_commands(block)
        elif re.match(r'(scenario|cluster)\b', block):
            saved.append(name or f"{len(saved) + 1}.scenario")
            with open(saved[-1], "w", encoding="utf-8") as file:
                file.write(block + "\n")
    for name in [n for n in saved if n not in typed]:
        code, output = wavetank("run", "--no-trace", name)
        assert code == 0, f"{page}: {name}\n{output}"
    assert saved, f"{page} shows no scenario"
    print(f"{page} can be followed: {len(saved)} scenarios")


for each in sys.argv[2:]:
    follow(each)
