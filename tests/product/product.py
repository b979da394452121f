"""product.py - the core on its own, as others build it: raft/product is set up, installed and
linked to, with nothing of the tank in sight.

    product.py CC MESON"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PRODUCT = os.path.join(ROOT, "raft/product")
# What the core may need of the C library: memory, and to stop when a rule is broken.
NEEDED = {"abort", "free", "malloc", "calloc", "realloc", "memcpy", "memmove", "memset", "memcmp",
          "__assert_fail", "__stack_chk_fail", "__popcountdi2"}
results = []


def test(name, good, *story):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}")
    if not good:
        for line in "\n".join(map(str, story)).splitlines():
            print("# " + line)
    sys.stdout.flush()


def run(*command, env=None):
    """Builds as others do: what this tree's own build was told is no concern of theirs."""
    plain = {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "LDFLAGS", "DESTDIR")}
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**plain, **(env or {})})
    return done.returncode, done.stdout + done.stderr


class Product:
    """One build of raft/product, installed under a folder of its own."""

    def __init__(self, folder, meson, *options):
        self.build, self.prefix = os.path.join(folder, "build"), os.path.join(folder, "prefix")
        code, self.story = run(meson, "setup", self.build, PRODUCT, "--prefix", self.prefix,
                               "--libdir", "lib", *options)
        for step in ("compile", "install"):
            if code == 0:
                code, out = run(meson, step, "-C", self.build)
                self.story += out
        self.good = code == 0
        self.files = sorted(os.path.relpath(os.path.join(at, f), self.prefix)
                            for at, _, files in os.walk(self.prefix) for f in files)

    def link(self, cc, source, out):
        """With what pkg-config says, and no path into this tree."""
        code, flags = run("pkg-config", "--cflags", "--libs", "wavetank-raft", env={
            "PKG_CONFIG_PATH": os.path.join(self.prefix, "lib/pkgconfig")})
        if code != 0:
            return code, flags
        return run(cc, "-std=c17", "-Wall", "-Wextra", "-Werror", os.path.join(ROOT, source), "-o",
                   out, *flags.split())


def version_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return re.search(r"version: '([^']+)'", f.read()).group(1)


def without_bugs(cc, meson, folder):
    product = Product(folder, meson, "-Dplanted_bugs=false", "-Dbuildtype=plain")
    test("raft/product is built by itself with -Dplanted_bugs=false", product.good, product.story)
    test("nobody is warned", "warning" not in product.story.lower(), product.story)
    wanted = ["include/raft/raft.h", "include/raft/session.h", "lib/libraft.a",
              "lib/pkgconfig/wavetank-raft.pc"]
    test("library, headers and pkg-config file are installed", product.files == wanted,
         product.files)
    _, symbols = run("nm", os.path.join(product.prefix, "lib/libraft.a"))
    needed = set(re.findall(r"^ +U (\w+)$", symbols, re.M))
    own = set(re.findall(r"^[0-9a-f]+ [TDRB] (\w+)$", symbols, re.M))
    test("it needs memory from the C library and nothing else", needed - own <= NEEDED,
         sorted(needed - own - NEEDED))
    test("every name of its own begins with raft_", own and all(n.startswith("raft_") for n in own),
         sorted(n for n in own if not n.startswith("raft_")))
    program = os.path.join(folder, "second_vote")
    code, out = product.link(cc, "tests/product/second_vote.c", program)
    test("no bug can be planted in it", code == 0 and run(program) == (0, "1\n"), out)
    return product


def example(cc, product, folder):
    program, disks = os.path.join(folder, "example"), os.path.join(folder, "disks")
    os.mkdir(disks)
    code, out = product.link(cc, "docs/examples/three_servers.c", program)
    test("the smallest example of docs/core.md builds with it and runs", code == 0 and
         "server 3: commit 2, sum 12" in run(program)[1], out)
    code, out = product.link(cc, "docs/examples/on_disk.c", program)
    test("the one on disk builds with it", code == 0, out)
    code, out = run(program, disks)
    test("it keeps what it acknowledged through a crash", code == 0 and
         "answers: ok, 5" in out and "refuses: not_leader" in out and "answers: ok, 12" in out and
         re.findall(r"^server \d: (\d+)$", out, re.M) == ["12"] * 3, out)
    with open(os.path.join(disks, "2"), "ab") as f:
        f.write(b"\0" * 17)  # half a record, as a crash leaves it
    code, out = run(program, disks)
    test("it goes on from its files, a torn one too", code == 0 and
         re.findall(r"^server \d: (\d+)$", out, re.M) == ["24"] * 3, out)


def with_bugs(cc, meson, folder):
    product = Product(folder, meson, "-Dplanted_bugs=true", "-Dbuildtype=plain")
    program = os.path.join(folder, "second_vote")
    code, out = product.link(cc, "tests/product/second_vote.c", program)
    test("with -Dplanted_bugs=true the same program sees a second vote", product.good and
         code == 0 and run(program) == (0, "2\n"), product.story, out)


def main():
    cc, meson = sys.argv[1:3]
    if not all(shutil.which(tool) for tool in (cc, meson, "ninja", "pkg-config", "nm")):
        print("1..0 # SKIP a compiler, meson, ninja, pkg-config or nm is missing")
        return
    folder = tempfile.mkdtemp(prefix="product-")
    try:
        test("its version is the tree's", version_of("meson.build") ==
             version_of("raft/product/meson.build"))
        for name in ("plain", "bugs"):
            os.mkdir(os.path.join(folder, name))
        product = without_bugs(cc, meson, os.path.join(folder, "plain"))
        if product.good:
            example(cc, product, folder)
        with_bugs(cc, meson, os.path.join(folder, "bugs"))
    finally:
        shutil.rmtree(folder)
    print(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


main()
