"""harness.py - runs wavetank as a person would and says in TAP what came of it.

    @test
    def an_unknown_node_is_a_mistake(t):
        t.scenario("bad.scenario", "cluster 3\\ntimeout n7\\n")
        r = t.wavetank("run", "bad.scenario")
        r.expect(2, err="there is no node 'n7'")

    main()

Each test has a folder of its own as its current folder, which is removed when it passed.
The program is $WAVETANK, the source tree $ROOT.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PROGRAM = os.environ.get("WAVETANK") or os.path.join(ROOT, "build", "wavetank")
tests = []


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def test(fn):
    tests.append(fn)
    return fn


def check(condition, message):
    if not condition:
        raise Failed(message)


class Result:
    """What a run of the program left: exit code and both streams."""

    def __init__(self, args, code, out, err):
        self.args, self.code = args, code
        self.out, self.err = (text.replace(PROGRAM, "wavetank") for text in (out, err))

    def story(self):
        return (f"$ wavetank {' '.join(self.args)}\nexit code {self.code}\n--- stdout\n"
                f"{self.out[-6000:]}\n--- stderr\n{self.err[-6000:]}")

    def expect(self, code, out=None, err=None, not_out=None, not_err=None):
        """Exit code, and texts that must (or must not) be in the streams."""
        def texts(x):
            return [] if x is None else [x] if isinstance(x, str) else x
        check(self.code == code, f"expected exit code {code}\n{self.story()}")
        for text in texts(out):
            check(text in self.out, f"expected {text!r} on stdout\n{self.story()}")
        for text in texts(err):
            check(text in self.err, f"expected {text!r} on stderr\n{self.story()}")
        for text in texts(not_out):
            check(text not in self.out, f"did not expect {text!r} on stdout\n{self.story()}")
        for text in texts(not_err):
            check(text not in self.err, f"did not expect {text!r} on stderr\n{self.story()}")
        return self


class Case:
    """One test: its folder, and what it can do there."""

    def __init__(self, folder):
        self.folder = folder

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ("NO_COLOR", "WAVETANK_FEATURES", "TERM")}
        env.update(WAVETANK_FEATURES=os.path.join(ROOT, "features"), LC_ALL="C.UTF-8",
                   TERM="xterm")
        env.update(more)
        return {k: v for k, v in env.items() if v is not None}

    def wavetank(self, *args, stdin="", env=None, cwd=None, limits=None, timeout=120):
        done = subprocess.run([PROGRAM, *args], cwd=cwd or self.folder, capture_output=True,
                              env=self.environment(**(env or {})), timeout=timeout,
                              input=stdin.encode(), preexec_fn=limits)
        return Result(args, done.returncode, done.stdout.decode(errors="replace"),
                      done.stderr.decode(errors="replace"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text.encode() if isinstance(text, str) else text)
        return name

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def lines(self, name):
        return self.read(name).splitlines()

    def exists(self, name):
        return os.path.exists(self.path(name))

    def scenario(self, name, text):
        """A scenario with a title, so that a test names only what it is about."""
        return self.write(name, text if text.startswith("scenario") or "\nscenario" in text
                          else f'scenario "{name}"\n{text}')


def golden(name, text):
    """Compares with tests/golden/NAME; BLESS=1 in the environment rewrites it."""
    path = os.path.join(ROOT, "tests", "golden", name)
    if os.environ.get("BLESS"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return
    with open(path, encoding="utf-8") as f:
        wanted = f.read()
    check(text == wanted, f"differs from tests/golden/{name} (BLESS=1 rewrites it):\n"
          f"--- golden\n{wanted}\n--- now\n{text}")


def without_ansi(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def run_one(number, fn):
    folder = tempfile.mkdtemp(prefix="wavetank-")
    name = fn.__name__.replace("_", " ")
    try:
        fn(Case(folder))
        print(f"ok {number} - {name}")
    except Skipped as reason:
        print(f"ok {number} - {name} # SKIP {reason}")
    except Exception as problem:  # a test that breaks is a test that fails
        print(f"not ok {number} - {name}")
        text = str(problem) if isinstance(problem, Failed) else traceback.format_exc()
        for line in text.splitlines():
            print(f"# {line}")
        return False
    finally:
        sys.stdout.flush()
        shutil.rmtree(folder, ignore_errors=True)
    return True


def bugs_that_can_be(t):
    page = t.wavetank("help", "language").expect(0).out
    return re.findall(r"^  (\w+) ", page.split("Bugs that can be planted")[1], re.M)


def needs_bugs(t):
    if not bugs_that_can_be(t):
        raise Skipped("built without bugs that could be planted")


def main():
    wanted = sys.argv[1:]
    chosen = [fn for fn in tests if not wanted or any(w in fn.__name__ for w in wanted)]
    print(f"1..{len(chosen)}", flush=True)
    results = [run_one(i + 1, fn) for i, fn in enumerate(chosen)]
    sys.exit(0 if all(results) else 1)
