"""hygiene.py - the tree is what it should be: no paths of one machine, the folders of the
house and nothing else at the top, files of a size to read, clean text, scripts that run."""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
TOP = {
    ".ci", ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore", ".gitattributes",
    "README.md", "bench", "docs", "features", "meson.build",
    "raft", "scenarios", "sim", "tests", "tools", "traces",
}
TEXT = (".c", ".h", ".py", ".md", ".build", ".txt", ".scenario", ".cfg", ".ini", ".sh", ".json")
LINES_MAX = 800


def tracked():
    git = ["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    done = subprocess.run(git, capture_output=True, check=False) if shutil.which("git") else None
    if done and done.returncode == 0:
        # What is not there any more is about to be removed; corpora are bytes, not text.
        return [p for p in done.stdout.decode().split("\0")
                if p and os.path.isfile(os.path.join(ROOT, p))]
    found = []  # an archive without history
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders
                      if not f.startswith(("build", ".git", "__")) and f != "out"]
        found += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files]
    return found


def is_corpus(path):
    return "/corpus" in path or path.startswith("tests/golden/")


def text_files(paths):
    for path in paths:
        script = path.startswith(("tools/", ".ci/")) and "." not in os.path.basename(path)
        if not is_corpus(path) and (path.endswith(TEXT) or script):
            with open(os.path.join(ROOT, path), encoding="utf-8") as f:
                yield path, f.read()


def machine_paths(paths):
    pattern = re.compile(r"(?<![\w.~$}])/(home|root|work|Users|mnt)/\w")
    parent = os.path.dirname(ROOT)
    deep = parent.count("/") > 1  # "/tmp" alone may well be named
    for path, text in text_files(paths):
        if path == "tests/hygiene/hygiene.py":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line) or (deep and parent + "/" in line):
                yield f"{path}:{number}: {line.strip()[:80]}"


def top_level(paths):
    return sorted({p.split("/")[0] for p in paths} - TOP)


def long_files(paths):
    for path, text in text_files(paths):
        if path.endswith((".c", ".h")) and text.count("\n") > LINES_MAX:
            yield f"{path}: {text.count(chr(10))} lines"


def untidy(paths):
    for path, text in text_files(paths):
        if text and not text.endswith("\n"):
            yield f"{path}: no newline at the end"
        if "\r" in text:
            yield f"{path}: carriage returns"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip() and not path.endswith(".md"):
                yield f"{path}:{number}: blanks at the end of the line"
            if "\t" in line and path.endswith((".c", ".h", ".scenario", ".py")):
                yield f"{path}:{number}: a tab"


def unfinished(paths):
    word = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    for path, text in text_files(paths):
        for number, line in enumerate(text.splitlines(), 1):
            if word.search(line):
                yield f"{path}:{number}: {line.strip()[:80]}"


def not_executable(paths):
    for path in paths:
        full = os.path.join(ROOT, path)
        with open(full, "rb") as f:
            if f.read(2) == b"#!" and not os.access(full, os.X_OK):
                yield path


def anchor(heading):
    """What a link to a heading is called."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def dead_links(paths):
    pages = {p: text for p, text in text_files(paths) if p.endswith(".md")}
    fence = re.compile(r"^```.*?^```", re.M | re.S)
    for path, text in pages.items():
        for link in re.findall(r"\]\(([^)\s]+)\)", fence.sub("", text)):
            if re.match(r"[a-z]+:", link):
                continue
            file, _, place = link.partition("#")
            target = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
            if not os.path.exists(os.path.join(ROOT, target)):
                yield f"{path}: {link}: there is no such file"
            elif place and place not in {anchor(h) for h in re.findall(
                    r"^#+ (.*)$", pages.get(target, ""), re.M)}:
                yield f"{path}: {link}: there is no such heading"


def unknown_names(paths):
    """Names of the tank and the core that a page mentions stand in the code."""
    name = re.compile(r"\b(?:sim|raft|SIM|RAFT)_\w+\b")
    known = {n for path, text in text_files(paths) if path.endswith((".c", ".h", ".build"))
             for n in re.findall(r"\w+", text)}
    for path, text in text_files(paths):
        if path.endswith(".md"):
            yield from (f"{path}: there is no {n}"
                        for n in sorted(set(name.findall(text)) - known))


def missing_events(paths):
    """Every event and effect of the core is explained to who takes it into a product."""
    texts = dict(text_files(p for p in paths if p in ("raft/raft.h", "docs/core.md")))
    for name in re.findall(r"^    (RAFT_(?:EV|FX)_\w+)", texts["raft/raft.h"], re.M):
        if f"`{name}`" not in texts["docs/core.md"]:
            yield f"docs/core.md does not explain {name}"


def main():
    paths = tracked()
    checks = [
        ("no path of one machine", machine_paths),
        ("the top level holds the house and nothing else", top_level),
        (f"no source file past {LINES_MAX} lines", long_files),
        ("text ends its lines cleanly", untidy),
        ("nothing is marked as unfinished", unfinished),
        ("scripts can be run", not_executable),
        ("links in the documentation lead somewhere", dead_links),
        ("names of C in the documentation are in the code", unknown_names),
        ("every event and effect of the core is explained", missing_events),
    ]
    print(f"1..{len(checks)}")
    good = len(paths) > 50
    for i, (title, fn) in enumerate(checks):
        found = list(fn(paths))
        good = good and not found
        print(f"{'not ok' if found else 'ok'} {i + 1} - {title}")
        for line in found[:20]:
            print(f"# {line}")
    sys.exit(0 if good else 1)


main()
