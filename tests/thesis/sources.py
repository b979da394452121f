"""What the sources say of the thesis: comments of the core and the tank, scenarios, features
and planted bugs.  Knows nothing of the rules; thesis.py brings the two together."""
import os
import re
import subprocess
from dataclasses import dataclass, field

ROOT = os.environ.get("ROOT") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))

SECTION = re.compile(r"(?<![\w.@])(\d{1,2}(?:\.\d{1,2}){1,2})(?![\w%.]\d|[\w%])")
FIGURE = re.compile(r"\b(?:fig\.|figure)\s+\d+\.\d+")
CHAPTER = re.compile(r"[Tt]hesis (\d+)(?![.\d])")
PRACTICE = re.compile(r"[Pp]ractice: ([a-z ]+)")
SHOWN_BY = re.compile(r"Scenarios?: ((?:[a-z_]+/[a-z0-9_]+(?:, )?)+)")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files_below(folder, ending):
    found = []
    for at, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        found += [os.path.relpath(os.path.join(at, n), ROOT) for n in names if n.endswith(ending)]
    return sorted(found)


# --- C ---------------------------------------------------------------------------------


@dataclass
class Comment:
    """A comment that cites: where it stands, and what it names."""
    path: str
    function: str  # None: the head of the file
    sections: list
    practices: list
    scenarios: list


@dataclass
class Function:
    path: str
    name: str
    bugs: list = field(default_factory=list)


def sections_in(text):
    """The numbers of sections in a comment or a cite, each once, in their order."""
    text = FIGURE.sub("", text)
    found = CHAPTER.findall(text) + SECTION.findall(text)
    return list(dict.fromkeys(found))


TOKEN = re.compile(r"""(?P<comment>/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<directive>^[ \t]*\#(?:[^\n\\]|\\.)*)|(?P<brace>[{}])|(?P<end>;)|(?P<blank>\n[ \t]*\n)
    |(?P<other>[^"'{};/\n]+|.|\n)""", re.S | re.X | re.M)
NAME_OF_FUNCTION = re.compile(r"(\w+)\s*\(")
NAME_OF_TABLE = re.compile(r"(\w+)(?:\[[^\]]*\])*\s*=\s*$")
BUG = re.compile(r"RAFT_BUG(?:_IN)?\(\s*[^,()]+,\s*(\w+)\)")


def name_of(head):
    """What begins with the brace behind this text: a function, a table, or None."""
    table = NAME_OF_TABLE.search(head)
    if table:
        return table.group(1)
    function = NAME_OF_FUNCTION.search(head)
    return function.group(1) if function else None


class Reader:
    """Walks through a file of C.  A comment belongs to the function or table that it stands
    in, or right before; the first one is the head of the file."""

    def __init__(self, path):
        self.path = path
        self.depth, self.head, self.current = 0, "", None
        self.first, self.pending = True, []
        self.functions, self.comments = [], []
        for token in TOKEN.finditer(read(path)):
            getattr(self, "take_" + token.lastgroup)(token.group())

    def keep(self, function, text):
        # Citations of the tank name the thesis; in the core a number is a section.
        if self.path.startswith("raft/") or "hesis" in text:
            sections = sections_in(text)
        else:
            sections = []
        shown = [s for part in SHOWN_BY.findall(text) for s in part.rstrip(", ").split(", ")]
        practices = [p.strip() for p in PRACTICE.findall(text)]
        if sections or practices or shown:
            self.comments.append(Comment(self.path, function, sections, practices, shown))

    def take_comment(self, token):
        text = re.sub(r"\s*\n\s*\*?\s*", " ", token[2:-2]).strip()
        if self.first:
            self.keep(None, text)
        elif self.depth > 0 or self.head.strip():
            self.pending.append(text)  # told when the name is known
        elif not text.startswith("---"):
            self.pending = [text]
        self.first = False

    def take_brace(self, token):
        if token == "{":
            if self.depth == 0:
                self.current = name_of(self.head)
                self.head = ""
                if self.current:
                    self.functions.append(Function(self.path, self.current))
            self.depth += 1
            return
        self.depth -= 1
        if self.depth == 0:
            for text in self.pending if self.current else []:
                self.keep(self.current, text)
            self.pending, self.current, self.head = [], None, ""

    def take_end(self, token):
        if self.depth == 0:  # a declaration: what stands before it says how to use it
            self.head, self.pending = "", []

    def take_blank(self, token):
        if self.depth == 0 and not self.head.strip():
            self.pending = []

    def take_other(self, token):
        if self.depth == 0:
            self.head += token
        elif self.current:
            self.functions[-1].bugs += BUG.findall(token)

    def take_string(self, token):
        self.take_other('""')

    def take_directive(self, token):
        pass


def read_c():
    """The comments that cite, and the functions, of the core and of the tank around it.
    Checkers judge the rules and do not carry them out."""
    paths = files_below("raft", ".c") + files_below("raft", ".h") + files_below("sim", ".c")
    readers = [Reader(p) for p in paths
               if "/test/" not in p and not p.startswith("sim/check") and p != "raft/bugs.h"]
    return ([c for r in readers for c in r.comments], [f for r in readers for f in r.functions])


# --- Bugs ------------------------------------------------------------------------------


@dataclass
class Bug:
    constant: str
    name: str
    deviation: str
    caught_by: list
    file: str


def read_bugs():
    text = read("raft/bugs.h").replace("\\\n", "\n")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    string = r'((?:"(?:\\.|[^"\\])*"\s*)+)'
    rows = re.findall(rf"X\((\w+),\s*{string},\s*{string},\s*{string},\s*{string}\)", text)

    def plain(c):
        parts = re.findall(r'"((?:\\.|[^"\\])*)"', c)
        return "".join(parts).replace('\\"', '"')
    return [Bug(r[0], plain(r[1]), plain(r[2]), plain(r[3]).split(", "), plain(r[4]))
            for r in rows]


# --- Scenarios and features ------------------------------------------------------------


@dataclass
class Scenario:
    name: str  # "log/figure_3_6"
    title: str
    cites: list
    bugs: list
    ends_in: list  # violations that it expects
    never: bool

    @property
    def path(self):
        return f"scenarios/{self.name}.scenario"


def read_scenarios():
    found = []
    for path in files_below("scenarios", ".scenario"):
        text = read(path)

        def words(command, form):
            return re.findall(rf"^\s*{command} {form}", text, re.M)
        found.append(Scenario(
            path[len("scenarios/"):-len(".scenario")], (words("scenario", '"(.*)"') or [""])[0],
            words("cite", '"(.*)"'), words("bug", r"(\w+)"),
            words("expect violation", '"(.*)"'), bool(words("never", "(.)"))))
    return found


@dataclass
class Feature:
    name: str
    path: str
    summary: str
    cites: list


def read_features():
    found = []
    for path in files_below("features", ".md"):
        if path.count("/") < 2:
            continue
        text = read(path)
        found.append(Feature(path[len("features/"):-len(".md")].replace("/", "."), path,
                             text.splitlines()[0], re.findall(r"^cite: (.*)$", text, re.M)))
    return found


def read_cites_in_tables():
    """(where, cite) of the invariants, and of the core's tables of roles and messages."""
    found = [("sim/check.c", c) for c in re.findall(r'"(Raft thesis [^"]*)"', read("sim/check.c"))]
    for path in ("raft/step.c", "raft/role.c"):
        found += [(path, f"Raft thesis {c}")
                  for c in re.findall(r'"(\d+(?:\.\d+)+(?:, (?:fig\. )?[\d.]+)*)"', read(path))]
    return found


def read_relations(program):
    """Which scenario tests which feature, as the program says: {(scenario, feature)}."""
    done = subprocess.run([program, "features", "--csv"], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    rows = [line.split(",") for line in done.stdout.splitlines()[1:]]
    return {(scenario, feature) for feature, scenario, relation in rows if relation == "tests"}
