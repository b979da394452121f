"""layers.py - includes point down only (DESIGN, "The house").

Reads every #include of the tree and says which ones point up, sideways, or at what a floor
must not know.  With a folder as argument, of that tree instead of this one; a second test
plants bad includes in a copy and expects each to be found.
"""
import os
import re
import shutil
import sys
import tempfile

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

# Each floor, and what it may include besides itself and the standard headers.
BELOW = {
    "raft": [],
    "sim/base": [],
    "sim": ["raft", "sim/base"],
    "features": ["sim/base"],
    "scenarios": ["sim", "sim/base"],
    "traces": ["sim", "sim/base"],
    "tools": ["features", "scenarios", "sim", "sim/base", "traces"],
}
STANDARD = {
    "assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h",
    "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
}
# What the floors below tools/ must not touch: files, clocks, processes.
FORBIDDEN_BELOW_TOOLS = {
    "time.h", "unistd.h", "fcntl.h", "dirent.h", "pthread.h", "signal.h", "sys/stat.h",
    "sys/time.h", "sys/types.h",
}
JSON_FLOORS = {"traces", "tools"}


def floor_of(path):
    best = None
    for floor in BELOW:
        if path.startswith(floor + "/") and (best is None or len(floor) > len(best)):
            best = floor
    return best


def includes(root):
    for floor in ("raft", "sim", "features", "scenarios", "traces", "tools"):
        for folder, folders, files in os.walk(os.path.join(root, floor)):
            folders[:] = [f for f in folders if f != "test"]
            for name in files:
                if not name.endswith((".c", ".h")):
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(root, path), encoding="utf-8") as f:
                    for number, line in enumerate(f, 1):
                        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
                        if found:
                            yield path, number, found.group(1), found.group(2)


def wrong(path, bracket, header):
    floor = floor_of(path)
    if bracket == "<":
        if header.startswith("jansson") and floor not in JSON_FLOORS:
            return "JSON lives in traces/ and tools/ only"
        if floor == "raft" and header not in STANDARD:
            return "raft/ includes standard headers only"
        if floor != "tools" and header in FORBIDDEN_BELOW_TOOLS:
            return "no files, clocks or processes below tools/"
        return None
    if header == "raft/raft.h" and floor == "sim" and not path.startswith("sim/engines/"):
        return "only an engine may know raft.h"
    target = floor_of(header)
    if target is None:
        return "includes are written from the root of the tree"
    if target != floor and target not in BELOW[floor]:
        return f"{floor}/ must not know {target}/"
    return None


def problems(root):
    found = []
    for path, number, bracket, header in includes(root):
        why = wrong(path, bracket, header)
        if why:
            found.append(f"{path}:{number}: {header}: {why}")
    return found


PLANTED = [
    ("raft/planted.c", '#include "sim/sim.h"', "raft/ must not know sim/"),
    ("raft/planted.c", "#include <unistd.h>", "standard headers only"),
    ("sim/planted.c", '#include "traces/trace.h"', "sim/ must not know traces/"),
    ("sim/planted.c", '#include "raft/raft.h"', "only an engine"),
    ("sim/base/planted.h", '#include "sim/sim.h"', "sim/base/ must not know sim/"),
    ("traces/planted.c", '#include "scenarios/lang/scenario.h"', "must not know scenarios/"),
    ("traces/planted.c", '#include "raft/raft.h"', "traces/ must not know raft/"),
    ("scenarios/lang/planted.c", '#include "traces/trace.h"', "must not know traces/"),
    ("scenarios/lang/planted.c", "#include <jansson.h>", "JSON lives in"),
    ("features/planted.c", "#include <time.h>", "no files, clocks"),
    ("tools/planted.c", '#include "raft/raft.h"', "tools/ must not know raft/"),
    ("tools/planted.c", '#include "cmd.h"', "from the root"),
]


def finds_planted(line_of):
    path, line, why = line_of
    copy = tempfile.mkdtemp(prefix="layers-")
    try:
        target = os.path.join(copy, path)
        os.makedirs(os.path.dirname(target))
        with open(target, "w", encoding="utf-8") as f:
            f.write(line + "\n")
        found = problems(copy)
        return len(found) == 1 and why in found[0]
    finally:
        shutil.rmtree(copy)


def main():
    total = 1 + len(PLANTED)
    print(f"1..{total}")
    found = problems(ROOT)
    read = len({path for path, *_ in includes(ROOT)})
    good = not found and read > 20
    print(f"{'ok' if good else 'not ok'} 1 - includes point down ({read} files read)")
    for line in found:
        print(f"# {line}")
    for i, planted in enumerate(PLANTED):
        ok = finds_planted(planted)
        good = good and ok
        print(f"{'ok' if ok else 'not ok'} {i + 2} - a planted include is found: "
              f"{planted[1]} in {planted[0]}".replace("#", ""))
    sys.exit(0 if good else 1)


main()
