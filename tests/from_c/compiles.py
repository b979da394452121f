"""What the headers and docs/from_c.md show in C compiles as it stands.

    compiles.py COMPILER…
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.environ["ROOT"]

# A header whose first comment shows its smallest use, and what that use takes for granted.
HEADERS = {
    "raft/raft.h": "raft_config config; raft_event event; void carry_out(const raft_effect *);",
    "scenarios/lang/scenario.h": "bool read_file(void *, const char *, const char *, "
                                 "const char **, const char **, size_t *, const char **);"
                                 "void *self; const char *text; size_t len; "
                                 "scenario_features features; scenario_diagnostics diags; "
                                 "scenario_outcome outcome;",
    "sim/base/arena.h": "",
    "sim/base/text.h": "",
    "sim/queue.h": "",
    "sim/sim.h": "",
    "traces/out.h": "trace_sink sink;",
}
TAKEN = "sim *t; sim_error error; sim_options options; uint64_t request; sim_request r;"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def example_of(header):
    """The first lines that are indented; what they leave out is a statement."""
    found = re.search(r"(^ \*     .*\n)+", read(header), re.M).group()
    return re.sub(r"^ \*     ", "", found, flags=re.M).replace("…", ";")


def calls_of_the_table():
    """The second column: `.field = …` is part of a configuration, all else is an expression."""
    rows = re.findall(r"^\| `.*?(?<!\\)\| (.*) \|$", read("docs/from_c.md"), re.M)
    for row in rows:
        for code in re.findall(r"`([^`]+)`", row.replace("\\|", "|")):
            if re.match(r"\.\w+ = ", code):
                yield f"(void)(sim_config){{{code}}};"
            elif "(" in code:
                yield f"(void)({code});"


def programs():
    for header, taken in HEADERS.items():
        yield header, [header], taken, example_of(header)
    page = read("docs/from_c.md")
    for block in re.findall(r"```c\n(.*?)```", page, re.S):
        yield "docs/from_c.md", [], "", block
    yield "the table of docs/from_c.md", ["sim/sim.h"], TAKEN, "\n".join(calls_of_the_table())


def main():
    bad = 0
    cases = list(programs())
    print(f"1..{len(cases)}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "example.c")
        for i, (name, headers, taken, body) in enumerate(cases, 1):
            includes = re.findall(r"^#include .*$", body, re.M)
            body = re.sub(r"^#include .*$", "", body, flags=re.M)
            lines = [f'#include "{h}"' for h in headers] + includes
            lines += ["#include <assert.h>", "#include <stdio.h>",
                      "void example(void);", "void example(void)", "{", taken, body, "}", ""]
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines))
            done = subprocess.run([*sys.argv[1:], "-std=c17", "-fsyntax-only",
                                   "-Werror=implicit-function-declaration",
                                   "-Werror=incompatible-pointer-types", "-I", ROOT, path],
                                  capture_output=True, text=True, check=False)
            well = done.returncode == 0 and len(body.strip()) > 0
            bad += not well
            print(f"{'ok' if well else 'not ok'} {i} - {name}")
            if not well:
                print("\n".join("# " + line for line in (done.stderr + body).splitlines()))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
