"""What the browser works out of quotes is what the server works out."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from h5app.market.model import Board, Fundamentals, Instrument, Level, Phase, Quote
from h5app.market.views_facts import Terms, facts, terms_of
from tests.conformance.indicator_script import node
from tests.market.sample_market import share

UI = Path(__file__).resolve().parents[1] / "ui"
CASES = json.loads((UI / "market_facts_cases.json").read_text("utf-8"))


def instrument_of(terms: dict[str, Any]) -> Instrument:
    """The instrument that a case's terms describe."""
    board = Board.SSE_MAIN if terms.get("is_share") else Board.ETF
    one = share(
        "600000.SH",
        board=Board.INDEX if terms.get("is_index") else board,
        tick_milli=10 if terms["decimals"] == 2 else 1,
        lot_shares=terms["lot_shares"],
    )
    names = Fundamentals.__dataclass_fields__
    known = {name: value for name, value in terms.items() if name in names}
    return replace(one, fundamentals=Fundamentals(**known))


def quote_of(row: dict[str, Any]) -> Quote:
    """The quote that a case's row describes."""
    values = dict(row)
    values["at"] = datetime.fromisoformat(row["at"])
    values["phase"] = Phase(row["phase"])
    for side in ("bids", "asks"):
        values[side] = tuple(Level(*level) for level in row.get(side, ()))
    return Quote(**values)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_fields_are_written_as_the_table_says(case: dict[str, Any]) -> None:
    """Each case of the shared table holds on the server."""
    app = Flask("h5app")
    Babel(app, default_locale="zh")
    usual = case["terms"].get("usual_day_shares")
    with app.test_request_context():
        found = facts(instrument_of(case["terms"]), quote_of(case["row"]), usual)

    assert {fact.key: [fact.text, fact.way] for fact in found} == case["gives"]


def test_the_page_hands_its_script_the_terms_of_the_table() -> None:
    """The names that the browser reads are the names that the server writes."""
    for case in CASES:
        terms = terms_of(instrument_of(case["terms"]), case["terms"].get("usual_day_shares"))
        assert terms == Terms(**case["terms"])


@pytest.mark.parametrize("name", ["market.test.js", "charts.test.js"])
def test_the_browser_passes_its_own_tests(name: str) -> None:
    """Fields, slots, lines and strips, and moving quotes, run by Node."""
    command = [node(), "--test", str(UI / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
