"""Every bench runs; how fast anything is, no test says."""

import subprocess
import sys

import pytest

from bench.__main__ import BENCHES
from bench.figure import TITLES
from tests.conftest import ROOT

pytestmark = [pytest.mark.xdist_group("bench"), pytest.mark.timeout(600)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benches in a process of their own."""
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def table() -> list[list[str]]:
    """The lines of all benches at their smallest size, in words."""
    done = run("--tiny")
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [text.split() for text in done.stdout.splitlines() if text.strip()]
    begin = lines.index(list(TITLES))
    return lines[begin + 1 :]


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_prints_value_ceiling_and_ratio(table: list[list[str]], name: str) -> None:
    """Its lines begin with its name and hold a value, a ceiling and what became of the goal."""
    own = [words for words in table if words[0].startswith(name)]

    assert own, table
    for words in own:
        value, _unit, ceiling, ratio = words[1:5]
        assert float(value) >= 0, words
        assert float(ceiling) > 0, words
        assert ratio == "-" or float(ratio) > 0, words
        assert {"达到", "未达到"} & set(words), words


def test_an_unknown_name_says_which_there_are() -> None:
    """Before anything is set up."""
    done = run("quotes_jsn")

    assert done.returncode == 2
    assert "quotes_json" in done.stderr
