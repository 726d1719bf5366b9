"""异动: what stands out on the board now, by rules that one can read. Pure.

These are signs of the moment, and ours; the exchanges' 异常波动 of three days is something else.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from h5app.market.figures import swing_ratio, volume_ratio
from h5app.market.slots import slot_at
from h5app.market.words import A_SHARE_BOARDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from h5app.market.model import Instrument, MinutePoint, Quote

FAST_RATIO = Decimal("0.03")
"""A move of so much within FAST_SLOTS is fast."""
FAST_SLOTS = 5
SWING_RATIO = Decimal("0.15")
HEAVY_RATIO = Decimal(5)
"""Volume a minute so far over that of the last five days."""
HEAVY_AFTER_SLOT = 15
"""In the first minutes of a day every volume looks heavy."""
UNUSUAL_MAX = 200


class UnusualKind(StrEnum):
    """What stands out; in the order in which a stock's signs are told."""

    SEALED_UP = "sealed_up"
    SEALED_DOWN = "sealed_down"
    OPENED_UP = "opened_up"
    OPENED_DOWN = "opened_down"
    SURGE = "surge"
    PLUNGE = "plunge"
    SWING = "swing"
    HEAVY = "heavy"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return _LABELS[self]


_LABELS = {
    UnusualKind.SEALED_UP: "封涨停板",
    UnusualKind.SEALED_DOWN: "封跌停板",
    UnusualKind.OPENED_UP: "打开涨停",
    UnusualKind.OPENED_DOWN: "打开跌停",
    UnusualKind.SURGE: "快速拉升",
    UnusualKind.PLUNGE: "快速跳水",
    UnusualKind.SWING: "大幅震荡",
    UnusualKind.HEAVY: "明显放量",
}


@dataclass(frozen=True, slots=True)
class Unusual:
    """One sign of one stock.

    `figure` is what it is by: the change within five minutes, the swing (0.0312 is 3.12 %), the
    multiple of the usual volume; of a limit the shares that wait there, None of one that opened.
    """

    instrument: Instrument
    quote: Quote
    kind: UnusualKind
    figure: Decimal | None = None


def signs_of(
    instrument: Instrument,
    quote: Quote,
    line: Callable[[str], Sequence[MinutePoint]],
    usual_day_shares: Callable[[str], int | None],
) -> Iterator[Unusual]:
    """Yield what stands out of one A share; nothing of a halted one and of one without trades."""
    if instrument.board not in A_SHARE_BOARDS or quote.is_suspended or quote.last_milli is None:
        return
    found = _limit_sign(quote)
    if found is not None:
        yield Unusual(instrument, quote, *found)
    swing = swing_ratio(quote) or Decimal(0)
    points = line(instrument.symbol) if swing >= FAST_RATIO else ()
    moved = _fast_move(points, quote)
    if moved is not None:
        kind = UnusualKind.SURGE if moved > 0 else UnusualKind.PLUNGE
        yield Unusual(instrument, quote, kind, moved)
    if swing >= SWING_RATIO:
        yield Unusual(instrument, quote, UnusualKind.SWING, swing)
    heavy = volume_ratio(quote, usual_day_shares(instrument.symbol))
    if heavy is not None and heavy >= HEAVY_RATIO and not _is_early(quote):
        yield Unusual(instrument, quote, UnusualKind.HEAVY, heavy)


def unusual(
    rows: Iterable[tuple[Instrument, Quote | None]],
    line: Callable[[str], Sequence[MinutePoint]],
    usual_day_shares: Callable[[str], int | None],
    limit: int,
) -> list[Unusual]:
    """Return what stands out on the board, the largest change of the day first."""
    found = (
        sign
        for instrument, quote in rows
        if quote is not None
        for sign in signs_of(instrument, quote, line, usual_day_shares)
    )
    kinds = list(UnusualKind)
    return heapq.nsmallest(
        min(max(limit, 0), UNUSUAL_MAX),
        found,
        key=lambda one: (-_change(one.quote), one.instrument.symbol, kinds.index(one.kind)),
    )


def _limit_sign(quote: Quote) -> tuple[UnusualKind, Decimal | None] | None:
    """Return whether a board is sealed, or was at its limit and is not any more."""
    up, down = quote.limit_up_milli, quote.limit_down_milli
    if up is not None and quote.last_milli == up and not quote.asks and quote.bid_1:
        return UnusualKind.SEALED_UP, Decimal(quote.bid_1.quantity_shares)
    if down is not None and quote.last_milli == down and not quote.bids and quote.ask_1:
        return UnusualKind.SEALED_DOWN, Decimal(quote.ask_1.quantity_shares)
    if up is not None and quote.high_milli == up != quote.last_milli:
        return UnusualKind.OPENED_UP, None
    if down is not None and quote.low_milli == down != quote.last_milli:
        return UnusualKind.OPENED_DOWN, None
    return None


def _is_early(quote: Quote) -> bool:
    found = slot_at(quote.at)
    return found is None or found[0] < HEAVY_AFTER_SLOT


def _fast_move(points: Sequence[MinutePoint], quote: Quote) -> Decimal | None:
    """Return the change within the last FAST_SLOTS, over the previous close, where it is fast."""
    if not points or quote.last_milli is None or quote.previous_close_milli <= 0:
        return None
    begin = points[-1].minute - FAST_SLOTS
    before = [point for point in points[-FAST_SLOTS - 1 :] if point.minute >= begin]
    moved = Decimal(quote.last_milli - before[0].price_milli) / quote.previous_close_milli
    return moved if abs(moved) >= FAST_RATIO else None


def _change(quote: Quote) -> Decimal:
    if quote.last_milli is None or quote.previous_close_milli <= 0:
        return Decimal(0)
    return abs(Decimal(quote.last_milli - quote.previous_close_milli) / quote.previous_close_milli)
