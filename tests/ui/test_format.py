"""Numbers as the reader sees them, on the server and in the browser."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from h5app.plumbing.format import FILTERS

HERE = Path(__file__).parent
CASES = json.loads((HERE / "format_cases.json").read_text("utf-8"))
ROWS = [(name, row["is"], row["gives"]) for name, rows in CASES.items() for row in rows]


@pytest.fixture(scope="module")
def app() -> Flask:
    """An application that knows only its texts."""
    app = Flask("h5app")
    Babel(app, default_locale="zh")
    return app


@pytest.mark.parametrize(("name", "given", "text"), ROWS)
def test_a_filter_writes_what_the_table_says(
    app: Flask, name: str, given: list[Any], text: str
) -> None:
    """Each case of the shared table holds on the server."""
    with app.test_request_context():
        assert FILTERS[name](*given) == text


def test_no_case_is_a_negative_nothing() -> None:
    """The table itself never asks for -0.00 in any form."""
    assert [row for row in ROWS if row[2].strip("-%元 ") in {"0.00", "0"} and "-" in row[2]] == []


def test_the_browser_writes_the_same() -> None:
    """The browser's formats and steps pass the same table, run by Node."""
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert node, "Node is needed to build the assets, and to test them"

    done = subprocess.run(
        [node, "--test", str(HERE / "format.test.js"), str(HERE / "step.test.js")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
