"""Components say what they take, are drawn on /ops/ui, and speak through Babel."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

TEMPLATES = ROOT / "templates"
UI = TEMPLATES / "_ui"
MACRO = re.compile(r"{% macro ([a-z]\w*)\(")
BEHIND = {"csrf", "example"}
"""What is not seen: a hidden field, and the frame of the examples themselves."""
COMPONENTS = sorted(UI.glob("*.html"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_SHOWN = re.compile(
    r"{#.*?#}"  # what is said to the next author
    r"|_\((?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"  # what goes through Babel
    r"|{%-?\s*(?:set|if|elif|for)\b.*?%}"  # words that are compared, not shown
    r"|==\s*'[^']*'"
    r"|'一二三四五'",  # the numbers of the five levels
    re.DOTALL,
)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_the_first_line_of_a_component_states_its_parameters(path: Path) -> None:
    """Whoever opens it reads what it takes before how it does it."""
    text = path.read_text("utf-8")
    comment = text[: text.index("#}")]

    assert comment.startswith("{# ")
    assert re.search(r"\w\([^)]*\)|: ", comment)


def test_every_component_is_drawn_on_the_page_of_components() -> None:
    """A macro without an example is one that nobody looks at."""
    drawn = "".join(path.read_text("utf-8") for path in (UI / "examples").glob("*.html"))
    macros = {name for path in COMPONENTS for name in MACRO.findall(path.read_text("utf-8"))}

    missing = {name for name in macros - BEHIND if not re.search(rf"\b{name}\(", drawn)}

    assert macros
    assert missing == set()


@pytest.mark.parametrize(
    "path",
    [path for path in PAGES if path.parent.name not in ("examples", "simulator")],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_no_bare_sentence_stands_in_a_template(path: Path) -> None:
    """Every Chinese word that is shown goes through Babel: there can be another language."""
    shown = NOT_SHOWN.sub("", path.read_text("utf-8"))

    bare = [line.strip()[:80] for line in shown.splitlines() if CHINESE.search(line)]

    assert bare == []
