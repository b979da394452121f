"""determinism.py - the script that compares builds finds the one that differs, says what it
left out, and asks only for packages that are missing: with compilers, meson, ninja and dpkg
that are played, so that it takes no time."""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
COMPILERS = ("gcc", "clang", "i686-linux-gnu-gcc", "aarch64-linux-gnu-gcc", "s390x-linux-gnu-gcc")
WORKING = """#!/bin/sh
while [ "$1" != -o ]; do
    case "$1" in -m32) exit 1 ;; esac
    shift
done
printf '#!/bin/sh\\nexit 0\\n' >"$2"; chmod +x "$2"
"""
PLAYED = {
    "meson": '#!/bin/sh\nif [ "$1" = setup ]; then mkdir -p "$2"; touch "$2/build.ninja"; fi\n'
             'echo "$*" >>meson.calls\n',
    # Builds a program that leaves one trace, which in the folder $DIFFERS is another one.
    "ninja": """#!/bin/sh
text=same
[ "$(basename "$2")" != "$DIFFERS" ] || text=other
cat >"$2/wavetank" <<END
#!/bin/sh
while [ "\\$1" != --out ]; do shift; done
mkdir -p "\\$2/json"; echo $text >"\\$2/json/a.trace.jsonl"
[ "$2" != "build-determinism/$FAILS" ]
END
chmod +x "$2/wavetank"
""",
    "dpkg": "#!/bin/sh\necho amd64\n",
    "dpkg-query": "#!/bin/sh\nprintf 'installed i386\\ninstalled amd64\\n'\n",
    "apt-get": "#!/bin/sh\necho apt-get was called; exit 1\n",
}


class Stage:
    """A copy of the scripts with the played commands first in PATH."""

    def __init__(self, folder, working):
        self.folder = folder
        self.bin = os.path.join(folder, "bin")
        shutil.copytree(os.path.join(ROOT, "tools"), os.path.join(folder, "tools"),
                        ignore=lambda _, names: [n for n in names
                                                 if n not in ("determinism", "common.sh")])
        os.mkdir(self.bin)
        for name, text in PLAYED.items():
            self.play(name, text)
        for name in COMPILERS:
            self.play(name, WORKING if name in working else "#!/bin/sh\nexit 1\n")

    def play(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, 0o755)

    def run(self, *args, **env):
        env = {**os.environ, "DIFFERS": "", "FAILS": "", **env,
               "PATH": self.bin + ":" + os.environ["PATH"]}
        done = subprocess.run([os.path.join(self.folder, "tools/determinism"), *args], env=env,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def expect(code, out, wanted, *lines):
    assert code == wanted, f"exit code {code}, not {wanted}:\n{out}"
    for line in lines:
        assert line in out, f"no {line!r} in:\n{out}"


def equal_builds_pass(folder):
    code, out = Stage(folder, ("gcc", "clang")).run("--quick")
    expect(code, out, 0, "first     gcc-O0", "the same  clang-O3-sanitizers",
           "6 builds give the same traces, 0 do not")
    assert "left out" not in out and "apt-get" not in out, out


def the_one_that_differs_is_named(folder):
    code, out = Stage(folder, ("gcc", "clang")).run("--quick", DIFFERS="clang-O0")
    expect(code, out, 1, "DIFFERS   clang-O0 ", "a.trace.jsonl differ",
           "5 builds give the same traces, 1 do not")


def a_run_that_fails_is_named(folder):
    code, out = Stage(folder, ("gcc", "clang")).run("--quick", FAILS="gcc-O3-sanitizers")
    expect(code, out, 1, "FAILED    gcc-O3-sanitizers", "the catalogue does not pass",
           "5 builds give the same traces, 1 do not")


def what_is_not_there_is_left_out(folder):
    code, out = Stage(folder, ("gcc",)).run()
    expect(code, out, 0, "left out, not installed: clang\n", "left out, not installed: i686 (",
           "left out, not installed: m32 (", "left out, not installed: arm64 (",
           "left out, not installed: s390x (", "4 builds give the same traces, 0 do not")


def a_compiler_without_sanitizers_is_used_without(folder):
    stage = Stage(folder, ("gcc",))
    stage.play("clang", WORKING.replace("-m32)", "-fsanitize*)"))
    code, out = stage.run("--quick")
    expect(code, out, 0, "the same  clang-O3 ", "left out, not installed: clang's sanitizers")


def a_second_run_takes_the_folders_that_are_there(folder):
    stage = Stage(folder, ("gcc", "clang"))
    expect(*stage.run("--quick"), 0)
    expect(*stage.run("--quick"), 0, "6 builds give the same traces")
    with open(os.path.join(folder, "meson.calls"), encoding="utf-8") as calls:
        calls = calls.read().splitlines()
    assert [c.split()[0] for c in calls] == ["setup"] * 6 + ["configure"] * 6, calls
    script = "source tools/common.sh; mkdir x; touch x/build.ninja; configure x --cross-file f -Da=b"
    subprocess.run(["bash", "-c", script], cwd=folder, check=True,
                   env={**os.environ, "PATH": stage.bin + ":" + os.environ["PATH"]})
    with open(os.path.join(folder, "meson.calls"), encoding="utf-8") as calls:
        assert calls.read().splitlines()[-1] == "configure x -Da=b"


TESTS = [equal_builds_pass, the_one_that_differs_is_named, a_run_that_fails_is_named,
         what_is_not_there_is_left_out, a_compiler_without_sanitizers_is_used_without,
         a_second_run_takes_the_folders_that_are_there]


def main():
    print(f"1..{len(TESTS)}")
    bad = 0
    for n, test in enumerate(TESTS, 1):
        title = test.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                print(f"ok {n} - {title}")
            except AssertionError as reason:
                bad = 1
                print(f"not ok {n} - {title}")
                print("\n".join("# " + line for line in str(reason).splitlines()))
    sys.exit(bad)


main()
