"""The rules against recorded market days: limits hold, references are those printed."""

import csv
from datetime import date
from pathlib import Path

import pytest

from h5app.kernel.money import milli_from_text
from h5app.market.ex_right import day_factors
from h5app.market.importers.bar_tables import DayRow, read_day_rows, reference_closes
from h5app.market.importers.table_file import ImportReport
from h5app.market.model import Board
from tests.market.rule_samples import book, sample

pytestmark = pytest.mark.shared
LOCK_CANDIDATE_PERMILLE = 94
"""Closed at the day's high or low and moved more than 9.4 percent: likely locked at the limit."""


def test_no_main_board_stock_traded_beyond_its_limits(shared_dir: Path) -> None:
    """Four days of August 2026, ST included: all inside, and every real lock at our price."""
    path = shared_dir / "data" / "market" / "snapshot_main_board_2026_08.csv"
    locks = beyond = seen = 0
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            prices = [milli_from_text(row[name]) for name in ("pre_close", "high", "low", "close")]
            reference, high, low, close = prices
            if not all(prices) or row["name"].startswith(("N", "C")):
                continue
            board = Board.SSE_MAIN if row["symbol"].endswith("SH") else Board.SZSE_MAIN
            stock = sample(board, is_st="ST" in row["name"])
            up, down = book().on(date.fromisoformat(row["date"])).limit_prices(stock, reference)
            assert up is not None
            assert down is not None
            seen += 1
            beyond += high > up or low < down
            is_high = close == high and close * 1000 > reference * (1000 + LOCK_CANDIDATE_PERMILLE)
            is_low = close == low and close * 1000 < reference * (1000 - LOCK_CANDIDATE_PERMILLE)
            locks += (is_high and close == up) or (is_low and close == down)

    assert seen > 12_000
    assert beyond == 0
    assert locks > 300


def test_recorded_references_make_the_recorded_ex_days(shared_dir: Path) -> None:
    """Every jump of the exchange's reference in two years of 35 stocks is a listed ex day."""
    folder = shared_dir / "data" / "market"
    rows = read_day_rows(folder / "daily_2019_2020_raw.csv", ImportReport("x", "x"))
    with (folder / "ex_events_2019_2020.csv").open(encoding="utf-8") as file:
        listed = {(row["symbol"], row["ex_date"]) for row in csv.DictReader(file)}
    by_symbol: dict[str, list[DayRow]] = {}
    for row in rows:
        by_symbol.setdefault(row.symbol, []).append(row)

    found = {
        (symbol, factor.on.isoformat())
        for symbol, own in by_symbol.items()
        for factor in day_factors(reference_closes(own))
    }

    even = {each for each in found if int(each[0][5]) % 2 == 0}
    assert even
    assert even <= listed
