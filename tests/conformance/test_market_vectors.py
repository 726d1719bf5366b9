"""Every case of a market vector file, one test per case named by its id.

The product computes; this file only hands over the input and compares. Numbers are read exactly.
A category that nothing here knows fails; one whose room is still to be built is an xfail by name.
"""

import json
import os
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import milli_from_text
from h5app.market import indicators
from h5app.market.auction import CallOrder, call_price
from h5app.market.ex_right import day_factors, ex_reference_milli, factor_between, forward_price
from h5app.market.importers.bar_tables import DayRow, read_day_rows, reference_closes
from h5app.market.importers.table_file import ImportReport
from h5app.market.model import (
    CorporateAction,
    Exchange,
    OrderKind,
    Phase,
    Side,
)
from h5app.market.rules import (
    QuantityVerdict,
    board_of,
    cage_reference,
)
from tests.conformance.counter_cases import (
    check_fee,
    check_fee_multi_fill,
    check_fee_real,
    check_fee_statutory,
    check_sellable,
)
from tests.conformance.indicator_script import scripted_curves
from tests.conformance.market_inputs import (
    LOT_RULES_OF,
    Case,
    asked,
    board_named,
    book,
    instrument,
    listing_day,
    milli,
    rules_on,
    same,
    yuan,
)

VECTORS_OPTION = "--market-vectors"
LATER = {"ipo_quota": "新股申购", "dividend_tax": "红利税"}
"""Categories of rooms that are still to be built."""


def parametrize_cases(metafunc: pytest.Metafunc, path: Path) -> None:
    """Make one test per case of the file; without the file one test that says so."""
    if "case" not in metafunc.fixturenames:
        return
    if not path.is_file():
        metafunc.parametrize("case", [pytest.param({"missing": str(path)}, id="no-vectors")])
        return
    document = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    cases = document["cases"] if isinstance(document, dict) else document
    metafunc.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in cases])


def test_market_case(case: Case, request: pytest.FixtureRequest) -> None:
    """The product answers what the case expects."""
    if "missing" in case:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{case['missing']} is not there, and CI=true demands it")
        pytest.skip(f"{case['missing']} is not there")
    category = case["category"]
    if category in LATER:
        pytest.xfail(f"category {category} ({LATER[category]}) belongs to a later step")
    check = CHECKS.get(category)
    assert check is not None, f"unknown category {category!r}"
    if category in NEED_DATA:
        check(case["input"], case["expected"], request.getfixturevalue("market_data"))
    else:
        check(case["input"], case["expected"])


def check_limit_price(given: Case, expected: Case) -> None:
    """Limit prices under the rules of the case's date."""
    up, down = rules_on(given["date"]).limit_prices(
        instrument(board_named(given), given),
        milli_from_text(given["reference_price"]),
        listing_day(given),
    )
    same(expected, {"up": yuan(up), "down": yuan(down)})


def check_limit_rate(given: Case, expected: Case) -> None:
    """The rate, or none where the day has no limit."""
    rules, what = rules_on(given["date"]), instrument(board_named(given), given)
    rate = rules.limit_rate(what, listing_day(given))
    is_free = rate is None or rules.is_free_day(what, listing_day(given))
    same(expected, {"rate": "none" if is_free or rate is None else rate.up})


def check_session(given: Case, expected: Case) -> None:
    """Phase and what the exchange takes in it."""
    exchange = Exchange(given["exchange"])
    moment = datetime.combine(
        date.fromisoformat(given["date"]), time.fromisoformat(given["time"]), SHANGHAI
    )
    phase = book().phase(exchange, given["product"], moment)
    rules = book().on(moment.date())
    what = instrument(board_of(exchange, given["product"]), given, exchange)
    same(
        expected,
        {
            "phase": str(phase),
            "accepts_auction_orders": rules.may_place(what, phase, OrderKind.LIMIT),
            "cancel_allowed": rules.may_cancel(what, phase),
        },
    )


def check_lot(given: Case, expected: Case) -> None:
    """Quantity of one order, money not considered."""
    verdict = (
        book()
        .on(LOT_RULES_OF)
        .check_quantity(
            instrument(board_named(given), given),
            Side(given["side"]),
            given["quantity"],
            sellable_shares=given.get("sellable") or 0,
            kind=OrderKind.BEST_FIVE_CANCEL if given.get("kind") == "market" else OrderKind.LIMIT,
        )
    )
    same(expected, {"accept": verdict is QuantityVerdict.ACCEPTED})


def check_price_cage(given: Case, expected: Case) -> None:
    """Highest buy or lowest sell accepted."""
    bound = rules_on(given["date"]).cage(
        instrument(board_named(given), given),
        Side(given["side"]),
        Phase(given.get("phase") or "continuous"),
        milli_from_text(given["reference"]),
    )
    same(expected, {"bound": yuan(bound)})


def check_cage_reference(given: Case, expected: Case) -> None:
    """The price that the cage is measured from."""
    reference = cage_reference(
        Side(given["side"]),
        best_bid_milli=milli(given, "best_bid"),
        best_ask_milli=milli(given, "best_ask"),
        last_milli=milli(given, "last"),
        previous_close_milli=milli(given, "pre_close") or 0,
    )
    same(expected, {"reference": yuan(reference)})


def check_ex_price(given: Case, expected: Case) -> None:
    """Ex-right reference price."""
    names = ("cash_per_share", "bonus_per_share", "rights_per_share", "rights_price")
    terms = {name: Decimal(given.get(name) or 0) for name in names}
    action = CorporateAction(
        symbol=given.get("symbol") or "000000.SH",
        ex_on=date.fromisoformat(given.get("ex_date") or "2026-08-03"),
        cash_per_share=terms["cash_per_share"],
        bonus_per_share=terms["bonus_per_share"],
        rights_per_share=terms["rights_per_share"],
        rights_price=terms["rights_price"],
    )
    reference = ex_reference_milli(
        milli_from_text(given["last_cum_close"]),
        action,
        milli_from_text(given.get("tick") or "0.01"),
    )
    same(expected, {"reference_price": yuan(reference)})


@cache
def series(path: Path, symbol: str) -> tuple[DayRow, ...]:
    """Bars of one symbol in file order, read by the product's importer."""
    return tuple(row for row in all_rows(path) if row.symbol == symbol)


@cache
def all_rows(path: Path) -> list[DayRow]:
    """A file of day bars; every row must be readable."""
    report = ImportReport("bars", path.name)
    rows = read_day_rows(path, report)
    assert report.bad == 0, report.first_bad
    return rows


def check_adjust_factor(given: Case, expected: Case, folder: Path) -> None:
    """Multiplicative factor between two days, relative tolerance 5e-5."""
    rows = series(folder / "daily_2019_2020_raw.csv", given["symbol"])
    factors = day_factors(reference_closes(rows))
    days = tuple(datetime.strptime(given[n], "%Y%m%d").date() for n in ("from_date", "to_date"))  # noqa: DTZ007
    close = Decimal(str(given["raw_close_from"]))
    found = {
        "factor_ratio": factor_between(factors, *days),
        "qfq_from_based_on_to": forward_price(close, factors, *days),
    }
    for key, want in asked(expected).items():
        if want is not None:
            target = Decimal(str(want))
            assert abs(found[key] - target) <= Decimal("5e-5") * abs(target), (key, found[key])


@cache
def curves(path: Path, symbol: str) -> dict[str, list[float | None]]:
    """Every indicator of a series by the name the cases use."""
    bars = [row.bar for row in series(path, symbol)]
    highs, lows, closes = (
        [Decimal(getattr(bar, name)) / 1000 for bar in bars]
        for name in ("high_milli", "low_milli", "close_milli")
    )
    prices = indicators.PriceSeries(highs, lows, closes)
    macd, kdj = indicators.macd(closes), indicators.kdj(prices)
    bands = {n: indicators.bollinger(closes, degrees_removed=n) for n in (0, 1)}
    return {
        **{f"MA{n}": indicators.moving_average(closes, n) for n in (5, 10, 20, 60)},
        **{f"EMA{n}": indicators.exponential_average(closes, n) for n in (12, 26)},
        **{f"RSI{n}": indicators.rsi(closes, n) for n in (6, 12, 24)},
        **{f"BOLL_UP_ddof{n}": bands[n].upper for n in bands},
        **{f"BOLL_LOW_ddof{n}": bands[n].lower for n in bands},
        "DIF": macd.dif,
        "DEA": macd.dea,
        "MACD": macd.macd,
        "K": kdj.k,
        "D": kdj.d,
        "J": kdj.j,
        "BOLL_MID": bands[0].middle,
        "WR10": indicators.williams(prices),
        "BIAS6": indicators.bias(closes),
        "CCI14": indicators.commodity_channel(prices),
        "ATR20": indicators.true_range_average(prices),
        "VOL_MA5": indicators.moving_average([bar.volume_shares for bar in bars], 5),
    }


@cache
def drawn_curves(path: Path, symbol: str) -> dict[str, list[float | None]]:
    """The same curves as the page's own script makes them."""
    return scripted_curves([row.bar for row in series(path, symbol)])


def check_indicator(given: Case, expected: Case, folder: Path) -> None:
    """Values at one bar, absolute tolerance 1e-4; null means no value. Server and browser alike."""
    path, symbol = folder / given["series"], given["symbol"]
    for found in (curves(path, symbol), drawn_curves(path, symbol)):
        for key, want in asked(expected).items():
            got = found[key][given["bar_index"]]
            if want is None:
                assert got is None, f"{key}: {got} instead of none"
            else:
                assert got is not None, f"{key}: none instead of {want}"
                assert abs(Decimal(got) - Decimal(str(want))) <= Decimal("1e-4"), (key, got, want)


def check_auction(given: Case, expected: Case) -> None:
    """Price (null = no cross) and volume of a call."""
    orders = [
        CallOrder(Side(each["side"]), milli_from_text(str(each["price"])), each["quantity"])
        for each in given["orders"]
    ]
    result = call_price(
        orders,
        exchange=Exchange(given["exchange"]),
        reference_milli=milli_from_text(str(given["reference"])),
        tick_milli=milli_from_text(str(given.get("tick") or "0.01")),
    )
    want = expected["price"]
    assert yuan(result.price_milli) == (None if want is None else Decimal(str(want)))
    assert result.volume_shares == expected["volume"]


NEED_DATA = {"adjust_factor", "indicator"}
CHECKS: dict[str, Callable[..., None]] = {
    "limit_price": check_limit_price,
    "limit_rate": check_limit_rate,
    "session": check_session,
    "lot": check_lot,
    "price_cage": check_price_cage,
    "price_cage_reference": check_cage_reference,
    "ex_price": check_ex_price,
    "adjust_factor": check_adjust_factor,
    "indicator": check_indicator,
    "auction": check_auction,
    "fee": check_fee,
    "fee_real": check_fee_real,
    "fee_statutory": check_fee_statutory,
    "fee_multi_fill": check_fee_multi_fill,
    "sellable": check_sellable,
}
