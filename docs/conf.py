# The documentation as a site: tools/docs builds it.  The pages are Markdown and read well
# without it.
from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Number, String, Text

project = "Wavetank"
extensions = ["myst_parser"]
root_doc = "index"
exclude_patterns = ["examples"]
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": "Raft in a tank: storm in, story out", "page_width": "72em"}
html_copy_source = False
# Links to files of the tree outside docs/ work on a checkout, not in the site.
suppress_warnings = ["myst.xref_missing", "myst.header"]


class ScenarioLexer(RegexLexer):
    """Colours of the scenario language: the command of each line, text, comments, numbers."""

    name = "scenario"
    aliases = ["scenario"]
    tokens = {
        "root": [
            (r"#.*$", Comment),
            (r'"""', String, "long"),
            (r'"(\\.|[^"\\\n])*"', String),
            (r"^\s*[a-z_]+", Keyword),
            (r"\b\d[\w.%/@]*", Number),
            (r".|\n", Text),
        ],
        "long": [(r'"""', String, "#pop"), (r"[^\"]+|\"", String)],
    }


def setup(app):
    app.add_lexer("scenario", ScenarioLexer)
