"""House rules that no linter knows; every message says what to do instead."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from h5app.kernel.error import AppError
from h5app.plumbing.config import Config, variable_name

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
HOUSE = ROOT / "h5app"
TEMPLATES = ROOT / "templates"
STYLES = ROOT / "static"
RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
HOMES = (f"{ROOT.parent}/", f"{Path.home()}/", "/" + "Users/")
MACHINE_PATH = re.compile("|".join([*map(re.escape, HOMES), r"/home/\w+/"]))


def python_files() -> list[Path]:
    """Every Python file of the product and its tests."""
    return [
        path
        for folder in (HOUSE, ROOT / "tests", ROOT / "bench")
        for path in sorted(folder.rglob("*.py"))
        if "versions" not in path.parts  # A migration is a list of tables, written by a tool.
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Every function of a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def name_of(path: Path) -> str:
    """A path as a reader writes it."""
    return str(path.relative_to(ROOT))


def test_functions_are_short() -> None:
    """A function is at most 50 lines: branch in the caller, keep helpers straight."""
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_files_are_short() -> None:
    """A file is at most 400 lines: split by noun, never into "utils"."""
    long = [
        name_of(path)
        for path in python_files()
        if len(path.read_text("utf-8").splitlines()) > FILE_LINES_MAX
    ]

    assert long == []


def test_no_file_is_a_drawer() -> None:
    """Files are named for what is in them."""
    drawers = {"utils", "helpers", "common", "manager", "processor", "misc", "data"}

    assert [name_of(path) for path in python_files() if path.stem in drawers] == []


def test_fakes_are_classes() -> None:
    """A fake is a class behind a port: if patching seems needed, a port is missing."""
    word = "mock" + ".patch"

    assert [name_of(path) for path in python_files() if word in path.read_text("utf-8")] == []


def test_only_your_own_room_imports_your_store() -> None:
    """Ask the room's service instead of reading its tables."""
    wrong = []
    for path in sorted(HOUSE.rglob("*.py")):
        room = path.relative_to(HOUSE).parts[0]
        if room == "plumbing":
            continue  # Its migrations may see every table.
        for match in re.finditer(
            r"from h5app\.(\w+)(?:\.(store\w*))? import (.*)", path.read_text("utf-8")
        ):
            other, module, names = match.groups()
            takes_store = bool(module) or re.search(r"\bstore\b", names)
            if takes_store and other not in {room, "plumbing"}:
                wrong.append(f"{name_of(path)}: {match.group(0)}")

    # The composition root may build a store to hand it in.
    assert [row for row in wrong if not row.startswith("h5app/app")] == []


def refusals() -> list[type[AppError]]:
    """Every refusal that any room declares."""
    import importlib
    import pkgutil

    import h5app

    skipped = ("h5app.plumbing.migrations", "h5app.plumbing.gunicorn_conf", "h5app.__main__")
    for found in pkgutil.walk_packages(h5app.__path__, "h5app."):
        if not found.name.startswith((*skipped, "h5app.manage")):
            importlib.import_module(found.name)
    pending, seen = [AppError], []
    while pending:
        error = pending.pop()
        seen.append(error)
        pending += error.__subclasses__()
    return [
        error for error in seen if error.__module__.startswith("h5app.") and error is not AppError
    ]


def test_every_refusal_is_documented_and_says_what_to_do() -> None:
    """Each code stands in docs/errors.md, belongs to its room, and has a Chinese sentence."""
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    found = refusals()

    assert sorted(error.code for error in found if f"`{error.code}`" not in text) == []
    rooms = {error.code: error.__module__.split(".")[1] for error in found}
    assert [code for code, room in rooms.items() if not code.startswith(f"{room}.")] == []
    assert [e.code for e in found if not re.search(r"[\u4e00-\u9fff]", e.sentence)] == []


def test_no_two_refusals_share_a_code() -> None:
    """A code names one thing."""
    codes = [error.code for error in refusals()]

    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_every_setting_is_documented() -> None:
    """docs/settings.md names every H5APP_ variable with its sentence."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")

    missing = [
        variable_name(one.name)
        for one in fields(Config)
        if f"`{variable_name(one.name)}`" not in text or one.metadata["about"] not in text
    ]
    assert missing == []


def test_colours_are_tokens() -> None:
    """Colours are named once in static/_ui/tokens.css; elsewhere var(--...)."""
    wrong = [
        f"{name_of(path)}:{number}"
        for path in sorted(STYLES.rglob("*.css"))
        if "dist" not in path.parts and path.name != "tokens.css"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if RAW_COLOUR.search(re.sub(r"url\([^)]*\)", "", line))
    ]

    assert wrong == []


def test_every_posting_form_carries_its_token() -> None:
    """A form that writes has a csrf_token field, or the csrf macro."""
    wrong = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.parts[-2] == "simulator":
            continue  # The other side of the wire has no customers to protect.
        wrong += [
            f"{name_of(path)}: {form[:80]}"
            for form in re.findall(r"<form\b.*?</form>", path.read_text("utf-8"), re.DOTALL)
            if re.search(r"method=[\"']post", form, re.IGNORECASE) and "csrf" not in form
        ]

    assert wrong == []


def test_templates_have_no_inline_style_or_script() -> None:
    """The content security policy forbids both: use a class, use data-behaviour."""
    inline = re.compile(r"\sstyle=[\"']|\son[a-z]+=[\"']|<script(?![^>]*\bsrc=)[^>]*>|<style")
    wrong = [
        name_of(path)
        for path in sorted(TEMPLATES.rglob("*.html"))
        if inline.search(path.read_text("utf-8"))
    ]

    assert wrong == []


def test_money_is_formatted_by_a_filter() -> None:
    """A template never prints a *_fen or *_milli as it is."""
    bare = re.compile(r"{{\s*[\w.\[\]']+_(?:fen|milli)\s*}}")
    wrong = [
        f"{name_of(path)}: {found}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in bare.findall(path.read_text("utf-8"))
    ]

    assert wrong == []


@pytest.mark.parametrize("folder", ["h5app", "tests", "docs", "templates", "static", "bench"])
def test_nothing_names_somebody_s_machine(folder: str) -> None:
    """The project speaks of itself alone."""
    listed = subprocess.run(
        ["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    texts = (".py", ".md", ".html", ".js", ".css", ".toml", ".cfg", ".json", ".csv")
    wrong = [
        name
        for name in listed
        if name.endswith(texts)
        and (ROOT / name).exists()
        and MACHINE_PATH.search((ROOT / name).read_text("utf-8"))
    ]

    assert wrong == []
