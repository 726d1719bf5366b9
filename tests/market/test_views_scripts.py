"""What the browser works out of quotes is what the server works out."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from h5app.market import indicators
from h5app.market.model import Board, Fundamentals, Instrument, Level, Phase, Quote
from h5app.market.views_facts import Terms, facts, terms_of
from tests.market.sample_market import share

UI = Path(__file__).resolve().parents[1] / "ui"
CASES = json.loads((UI / "market_facts_cases.json").read_text("utf-8"))


def node() -> str:
    """Where Node is: the assets are built with it, so it is there."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found, "Node is needed to build the assets, and to test them"
    return found


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


def test_the_browser_passes_its_own_tests() -> None:
    """Fields, slots, today's line and moving quotes, run by Node."""
    done = subprocess.run(
        [node(), "--test", str(UI / "market.test.js")], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_chart_indicators_follow_the_house_s_formulas() -> None:
    """MA, MACD, KDJ, RSI and BOLL of the browser equal those of the server, bar by bar."""
    chance = random.Random(20261124)
    closes = [100_000]
    for _ in range(199):
        closes.append(max(1_000, closes[-1] + chance.randint(-2_000, 2_000)))
    closes[100:110] = [closes[100]] * 10
    highs = [close + chance.randint(0, 900) for close in closes]
    lows = [close - chance.randint(0, 900) for close in closes]
    highs[100:110], lows[100:110] = closes[100:110], closes[100:110]

    given = json.dumps({"highs": highs, "lows": lows, "closes": closes})
    script = [node(), str(UI / "market_indicators.js")]
    done = subprocess.run(script, input=given, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)

    for name, curve in expected_curves(highs, lows, closes).items():
        assert [one is None for one in found[name]] == [one is None for one in curve], name
        known = [one for one in curve if one is not None]
        drawn = [one for one in found[name] if one is not None]
        assert drawn == pytest.approx(known, rel=1e-9, abs=1e-6), name


def expected_curves(highs: list[int], lows: list[int], closes: list[int]) -> dict[str, Any]:
    """The same curves, worked out on the server."""
    macd = indicators.macd(closes)
    kdj = indicators.kdj(indicators.PriceSeries(highs, lows, closes))
    boll = indicators.bollinger(closes)
    return {
        "ma5": indicators.moving_average(closes, 5),
        "ma60": indicators.moving_average(closes, 60),
        "dif": macd.dif,
        "dea": macd.dea,
        "macd": macd.macd,
        "k": kdj.k,
        "d": kdj.d,
        "j": kdj.j,
        "rsi6": indicators.rsi(closes, 6),
        "rsi24": indicators.rsi(closes, 24),
        "middle": boll.middle,
        "upper": boll.upper,
        "lower": boll.lower,
    }
