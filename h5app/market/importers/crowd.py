"""Invented instruments beside the seed, for a simulated market of the real one's size.

They stand for load, not for companies: each is called 模拟 and the end of its code.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from h5app.market.feeds.sim_chance import MILLION, share_of
from h5app.market.importers.instruments import make_instrument
from h5app.market.model import Board, Fundamentals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from h5app.market.model import Instrument
    from h5app.market.rules import DayRules

_LISTED_ON = date(2010, 1, 4)
_RANGES: tuple[tuple[str, str, Board, int], ...] = (
    ("60", "SH", Board.SSE_MAIN, 31),
    ("00", "SZ", Board.SZSE_MAIN, 28),
    ("30", "SZ", Board.CHINEXT, 25),
    ("688", "SH", Board.STAR, 11),
    ("920", "BJ", Board.BSE, 5),
)
"""Where codes are taken from, and how many of a hundred (as the exchanges' lists of 2026)."""
_FLOAT_SHARES_MIN, _FLOAT_SHARES_SPAN = 50_000_000, 2_000_000_000


def with_crowd(instruments: Sequence[Instrument], count: int, rules: DayRules) -> list[Instrument]:
    """Return the instruments and so many invented ones that there are `count`; never fewer."""
    taken = {one.symbol for one in instruments}
    missing = max(0, count - len(instruments))
    made: list[Instrument] = []
    for place, (prefix, suffix, board, share) in enumerate(_RANGES):
        is_last = place == len(_RANGES) - 1
        wanted = missing - len(made) if is_last else missing * share // 100
        free = (each for each in _codes(prefix, suffix) if each not in taken)
        made += [_invented(symbol, board, rules) for symbol in islice(free, wanted)]
    return [*instruments, *made]


def _codes(prefix: str, suffix: str) -> Iterator[str]:
    digits = 6 - len(prefix)
    for number in range(10**digits - 1, 0, -1):
        yield f"{prefix}{number:0{digits}}.{suffix}"


def _invented(symbol: str, board: Board, rules: DayRules) -> Instrument:
    shares = _FLOAT_SHARES_MIN + share_of("crowd", symbol) * _FLOAT_SHARES_SPAN // MILLION
    return replace(
        make_instrument(symbol, f"模拟{symbol[2:6]}", board, rules),
        listed_on=_LISTED_ON,
        fundamentals=Fundamentals(shares_outstanding=shares, shares_float=shares),
    )
