"""Instruments by board for tests of the rules."""

from dataclasses import replace
from functools import cache
from typing import Any

from h5app.market.model import Board, Instrument
from h5app.market.rules import RuleBook, product_of
from h5app.plumbing.day_tables import load_trading_days

CODES = {
    Board.SSE_MAIN: "600519.SH",
    Board.SZSE_MAIN: "000001.SZ",
    Board.STAR: "688001.SH",
    Board.CHINEXT: "300750.SZ",
    Board.BSE: "920002.BJ",
    Board.SSE_B: "900901.SH",
    Board.SZSE_B: "200725.SZ",
    Board.ETF: "510050.SH",
    Board.ETF_20PCT: "588000.SH",
    Board.REIT: "508000.SH",
    Board.CONVERTIBLE: "113052.SH",
    Board.INDEX: "000001.SH",
}
FINE_TICK = {Board.SSE_B, Board.ETF, Board.ETF_20PCT, Board.REIT, Board.CONVERTIBLE}


@cache
def book() -> RuleBook:
    """The product's own rules and calendar."""
    return RuleBook.load(load_trading_days())


def sample(board: Board, **changed: Any) -> Instrument:
    """An instrument of a board, or what `changed` makes of it."""
    made = Instrument(
        symbol=CODES[board],
        name="某某",
        short_name="某某",
        pinyin="MM",
        board=board,
        product=product_of(board),
        lot_shares=100,
        tick_milli=1 if board in FINE_TICK else 10,
        is_st=False,
        listed_on=None,
    )
    return replace(made, **changed)
