"""What charts read as JSON: the day's line, the lines of days before it, candles with ex days."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeAlias

import msgspec

from h5app.market.line_strips import Strips
from h5app.market.model import Bar, CorporateAction, EventState, MinutePoint

PointRow: TypeAlias = tuple[int, int, int, int, int]
BarRow: TypeAlias = tuple[int, int, int, int, int, int, int]
CallRow: TypeAlias = tuple[int, int, int, int]
AfterRow: TypeAlias = tuple[int, int, int]


class DayRow(msgspec.Struct, frozen=True):
    """The line of a day gone by, comparable with today's prices."""

    day: date
    points: list[PointRow]


class LineReply(msgspec.Struct, frozen=True):
    """Today's line: each point is slot, price, average, volume and turnover of that minute.

    Slot 0 is 09:30, 120 is 11:30, 240 is 15:00. `day` is None where there is no line yet. Where
    days before were asked for they stand in `earlier`, oldest first, and `earlier_close_milli` is
    the close before the first of them. Where the strips were: `calls` holds the opening call
    (seconds since 09:15, virtual price, matched shares, shares left over, negative for sellers'),
    `after_hours` the minutes since 15:05 with volume and turnover at the close.
    """

    symbol: str
    day: date | None
    sequence: int
    previous_close_milli: int | None
    points: list[PointRow]
    earlier: list[DayRow] = []
    earlier_close_milli: int | None = None
    calls: list[CallRow] = []
    after_hours: list[AfterRow] = []


class ExMark(msgspec.Struct, frozen=True):
    """An ex day: the end of the candle that holds it (unix seconds), XD, XR or DR, the terms."""

    at: int
    kind: str
    title: str


class BarsReply(msgspec.Struct, frozen=True):
    """Candles, oldest first: end (unix seconds), open, high, low, close, volume, turnover."""

    symbol: str
    period: str
    adjustment: str
    bars: list[BarRow]
    marks: list[ExMark] = []


def point_rows(points: Iterable[MinutePoint]) -> list[PointRow]:
    """Return points as the reply holds them."""
    return [
        (one.minute, one.price_milli, one.average_milli, one.volume_shares, one.turnover_fen)
        for one in points
    ]


def call_rows(strips: Strips) -> list[CallRow]:
    """Return the opening call as the reply holds it."""
    return [
        (one.seconds, one.price_milli, one.matched_shares, one.unmatched_shares)
        for one in strips.calls
    ]


def after_rows(strips: Strips) -> list[AfterRow]:
    """Return the after-hours trading as the reply holds it."""
    return [(one.place, one.volume_shares, one.turnover_fen) for one in strips.after]


def bar_rows(bars: Iterable[Bar]) -> list[BarRow]:
    """Return candles as the reply holds them."""
    return [
        (
            int(bar.at.timestamp()),
            bar.open_milli,
            bar.high_milli,
            bar.low_milli,
            bar.close_milli,
            bar.volume_shares,
            bar.turnover_fen,
        )
        for bar in bars
    ]


def ex_marks(bars: Sequence[Bar], actions: Iterable[CorporateAction]) -> list[ExMark]:
    """Return a mark for each ex day among the candles, on the first one that ends on it or later.

    One of before the first candle's own period is left out: which candle held it is not known.
    """
    days = [bar.on for bar in bars]
    marks = []
    for action in sorted(actions, key=lambda each: each.ex_on):
        place = bisect_left(days, action.ex_on)
        is_void = action.state is EventState.CANCELLED or not action.prefix
        is_outside = place == len(days) or (place == 0 and days[0] != action.ex_on)
        if not is_void and not is_outside:
            at = int(bars[place].at.timestamp())
            marks.append(ExMark(at, action.prefix, action.title))
    return marks
