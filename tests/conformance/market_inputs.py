"""What the case modules share: the product's own rules, instruments by board, comparing."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from h5app.kernel.money import milli_from_text
from h5app.market.model import Board, Exchange, Instrument
from h5app.market.rules import LISTING_DAY_SETTLED, DayRules, RuleBook, product_of
from h5app.plumbing.day_tables import load_trading_days

Case = dict[str, Any]
LOT_RULES_OF = date(2026, 8, 3)
REMARKS = ("oracle", "source", "note", "edge", "verified", "contrast", "unrounded", "rule")
"""Keys that are never compared; `rule` is the cage's text."""


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


def listing_day(given: Case) -> int:
    """The day of listing; absent is any later day."""
    return int(given.get("listing_day") or LISTING_DAY_SETTLED)


def milli(given: Case, name: str) -> int | None:
    """A price of the case; null is absent."""
    value = given.get(name)
    return None if value is None else milli_from_text(str(value))


def asked(expected: Case) -> dict[str, Any]:
    """What a case compares: remarks and contrasts of other libraries are not."""
    return {key: want for key, want in expected.items() if not key.startswith(REMARKS)}


def same(expected: Case, found: dict[str, Decimal | str | bool | int | None]) -> None:
    """Compare what the case asks for; null asks for nothing."""
    for key, want in asked(expected).items():
        if want is None:
            continue
        assert key in found, f"the product gives no {key}"
        got = found[key]
        target = Decimal(str(want)) if isinstance(got, Decimal) else want
        assert got == target, f"{key}: {got} instead of {want}"


def yuan(value_milli: int | None) -> Decimal | None:
    """A price as a decimal, for comparing."""
    return None if value_milli is None else Decimal(value_milli) / 1000
