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
from typing import Any

import pytest

from h5app.counter.fees import FeeItem, FeeProfile, Rounding, Trade, commission_fen, order_fees
from h5app.counter.sellable import NotEnoughShares, Shares, SharesEvent, Turnaround, shares_after
from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import amount_fen, fen_from_text, milli_from_text
from h5app.market import indicators
from h5app.market.auction import CallOrder, call_price
from h5app.market.ex_right import day_factors, ex_reference_milli, factor_between, forward_price
from h5app.market.importers.bar_tables import DayRow, read_day_rows, reference_closes
from h5app.market.importers.table_file import ImportReport
from h5app.market.model import (
    Board,
    CorporateAction,
    Exchange,
    Instrument,
    OrderKind,
    Phase,
    Product,
    Side,
)
from h5app.market.rules import (
    DayRules,
    QuantityVerdict,
    RuleBook,
    board_of,
    cage_reference,
    product_of,
)
from h5app.plumbing.day_tables import load_trading_days

VECTORS_OPTION = "--market-vectors"
Case = dict[str, Any]
LOT_RULES_OF = date(2026, 8, 3)
LATER = {"ipo_quota": "新股申购", "dividend_tax": "红利税"}
"""Categories of rooms that are still to be built."""
SUFFIX_OF = {"SSE": "SH", "SZSE": "SZ", "BSE": "BJ"}


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


@cache
def book() -> RuleBook:
    """The product's own rules and calendar."""
    return RuleBook.load(load_trading_days())


def rules_on(text: str) -> DayRules:
    """The rules of an ISO date."""
    return book().on(date.fromisoformat(text))


def board_named(given: Case) -> Board:
    """The board of a case; MAIN is either main board, told by the symbol where there is one."""
    if given["board"] != "MAIN":
        return Board(given["board"])
    return Board.SZSE_MAIN if str(given.get("symbol")).endswith(".SZ") else Board.SSE_MAIN


def instrument(board: Board, given: Case, exchange: Exchange | None = None) -> Instrument:
    """An instrument of a board as the case describes it."""
    if exchange is None:
        suffix = "BJ" if board is Board.BSE else "SZ"
        suffix = "SH" if board in {Board.SSE_MAIN, Board.STAR, Board.SSE_B} else suffix
    else:
        suffix = exchange.suffix
    tick = given.get("tick")
    return Instrument(
        symbol=f"000000.{suffix}",
        name="",
        short_name="",
        pinyin="",
        board=board,
        product=product_of(board),
        lot_shares=100,
        tick_milli=milli_from_text(tick)
        if tick
        else book().on(LOT_RULES_OF).tick_milli(board) or 10,
        is_st=bool(given.get("risk_warning")),
        listed_on=None,
    )


def milli(given: Case, name: str) -> int | None:
    """A price of the case; null is absent."""
    value = given.get(name)
    return None if value is None else milli_from_text(str(value))


def same(expected: Case, found: dict[str, Decimal | str | bool | int | None]) -> None:
    """Compare what the case asks for; null asks for nothing."""
    for key, want in expected.items():
        if want is None or key not in found:
            assert want is None or key.startswith(("unrounded", "contrast", "rule")), (
                f"the product gives no {key}"
            )
            continue
        got = found[key]
        if isinstance(got, Decimal):
            assert got == Decimal(str(want)), f"{key}: {got} instead of {want}"
        else:
            assert got == want, f"{key}: {got} instead of {want}"


def yuan(value_milli: int | None) -> Decimal | None:
    """A price as a decimal, for comparing."""
    return None if value_milli is None else Decimal(value_milli) / 1000


def check_limit_price(given: Case, expected: Case) -> None:
    """Limit prices under the rules of the case's date."""
    up, down = rules_on(given["date"]).limit_prices(
        instrument(board_named(given), given),
        milli_from_text(given["reference_price"]),
        given["listing_day"],
    )
    same(expected, {"up": yuan(up), "down": yuan(down)})


def check_limit_rate(given: Case, expected: Case) -> None:
    """The rate, or none where the day has no limit."""
    rules, what = rules_on(given["date"]), instrument(board_named(given), given)
    rate = rules.limit_rate(what, given["listing_day"])
    is_free = rate is None or rules.is_free_day(what, given["listing_day"])
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
            sellable_shares=given["sellable"],
            kind=OrderKind.LIMIT if given["kind"] == "limit" else OrderKind.BEST_FIVE_CANCEL,
        )
    )
    same(expected, {"accept": verdict is QuantityVerdict.ACCEPTED})


def check_price_cage(given: Case, expected: Case) -> None:
    """Highest buy or lowest sell accepted."""
    bound = rules_on(given["date"]).cage(
        instrument(board_named(given), given),
        Side(given["side"]),
        Phase(given["phase"]),
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
    terms = {name: Decimal(given[name] or 0) for name in names}
    action = CorporateAction(
        symbol=given["symbol"] or "000000.SH",
        ex_on=date.fromisoformat(given.get("ex_date") or "2026-08-03"),
        cash_per_share=terms["cash_per_share"],
        bonus_per_share=terms["bonus_per_share"],
        rights_per_share=terms["rights_per_share"],
        rights_price=terms["rights_price"],
    )
    reference = ex_reference_milli(
        milli_from_text(given["last_cum_close"]), action, milli_from_text(given["tick"])
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
    for key, want in expected.items():
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


def check_indicator(given: Case, expected: Case, folder: Path) -> None:
    """Values at one bar, absolute tolerance 1e-4; null means no value."""
    found = curves(folder / given["series"], given["symbol"])
    for key, want in expected.items():
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


def check_fee(given: Case, expected: Case) -> None:
    """Items of one order filled at one price."""
    amount = amount_fen(milli_from_text(str(given["price"])), given["quantity"])
    fees = order_fees(profile_of(given), trade_of(given), amount)
    same(expected, {name: getattr(fees, name) / 100 for name in FEE_TOTALS})


FEE_TOTALS = ("commission", "stamp", "transfer", "total", "net_commission", "regulatory")


def trade_of(given: Case) -> Trade:
    """What the fees depend on; SSE main where the case names no board."""
    board = board_named(given) if "board" in given else Board.SSE_MAIN
    exchange = instrument(board, given).symbol[-2:]
    profile = given.get("profile") or {}
    if profile.get("transfer_bundled") is True:
        board, exchange = Board.SZSE_MAIN, "SZ"
    on = date.fromisoformat(given["date"])
    return Trade(board=board, exchange=exchange, side=given["side"], on=on)


def profile_of(given: Case) -> FeeProfile:
    """The contract of a case."""
    agreed = given.get("profile") or given
    rounding = dict(agreed.get("rounding") or {})
    exchange_way = rounding.pop("exchange_fees", None)
    ways: dict[str, Rounding] = {FeeItem(n): Rounding(way) for n, way in rounding.items()}
    if exchange_way:
        ways |= dict.fromkeys((FeeItem.HANDLING, FeeItem.REGULATION), Rounding(exchange_way))
    return FeeProfile(
        commission_rate=Decimal(str(agreed.get("commission_rate") or 0)),
        commission_min_fen=fen_from_text(str(agreed.get("min_commission") or 0)),
        includes_exchange_fees=agreed.get("exchange_fees", "included") == "included",
        transfer_bundled_exchanges=frozenset({"SZ"} if agreed.get("transfer_bundled") else ()),
        rounding_by_item=ways,
    )


def check_fee_real(given: Case, expected: Case) -> None:
    """Items of a real statement under the contract it was written under."""
    fees = order_fees(profile_of(given), trade_of(given), fen_from_text(str(given["amount"])))
    same(expected, {name: getattr(fees, name) / 100 for name in FEE_TOTALS})


def check_fee_statutory(given: Case, expected: Case) -> None:
    """Statutory items of an amount."""
    fees = order_fees(profile_of({}), trade_of(given), fen_from_text(str(given["amount"])))
    found = {"exchange_handling": fees.handling / 100, "regulatory": fees.regulation / 100}
    same(expected, {**found, "stamp": fees.stamp / 100, "transfer": fees.transfer / 100})


def check_fee_multi_fill(given: Case, expected: Case) -> None:
    """Commission of a whole order: the minimum counts once."""
    fills = [
        amount_fen(milli_from_text(str(each["price"])), each["quantity"])
        for each in given["order_fills"]
    ]
    same(expected, {"commission_total": Decimal(commission_fen(profile_of(given), fills)) / 100})


def check_sellable(given: Case, expected: Case) -> None:
    """One day of a holding; an order that asks too much is refused whole and changes nothing."""
    word = given["product"]
    product = Product(word) if word in Product.__members__ else product_of(Board(word))
    turnaround: Turnaround = 0 if book().on(LOT_RULES_OF).is_t0(product) else 1
    frozen = given["frozen"]
    start = Shares(sellable_shares=given["opening_position"] - frozen, frozen_shares=frozen)
    accepted: list[SharesEvent] = []
    for each in given["events"]:
        event = shares_event(each)
        try:
            shares_after(start, [*accepted, event], turnaround)
        except NotEnoughShares:
            continue
        accepted.append(event)
    end = shares_after(start, accepted, turnaround)
    same(expected, {"sellable": end.sellable_shares, "position": end.quantity_shares})


def shares_event(each: Case) -> SharesEvent:
    """One event of a case in the counter's words."""
    if each.get("cancel"):
        return SharesEvent(kind="cancelled")
    side, quantity = each["side"], each["quantity"]
    if each["filled"]:
        return SharesEvent(kind="filled", side=side, quantity_shares=quantity)
    return SharesEvent(kind="placed", side=side, quantity_shares=quantity)


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
