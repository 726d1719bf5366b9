"""Folding bars: minutes into longer minutes and days, days into weeks, months, years. Pure.

The stamp of a bar is the END of its period everywhere inside: a source that stamps the start of a
minute is moved on by one minute at the door (`end_of_minute`).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.model import Bar, MinutePoint, Period
from h5app.market.slots import LAST_SLOT, slot_ending, slot_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

DAY_END = time(15)


def day_end(on: date) -> datetime:
    """Stamp of a day's bar: 15:00 of that day."""
    return datetime.combine(on, DAY_END, SHANGHAI)


def end_of_minute(started_at: datetime) -> datetime:
    """Stamp of the minute that starts at this moment."""
    return started_at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def merge(bars: Sequence[Bar], at: datetime) -> Bar:
    """One bar over consecutive bars (at least one), stamped `at`."""
    return Bar(
        at=at,
        open_milli=bars[0].open_milli,
        high_milli=max(bar.high_milli for bar in bars),
        low_milli=min(bar.low_milli for bar in bars),
        close_milli=bars[-1].close_milli,
        volume_shares=sum(bar.volume_shares for bar in bars),
        turnover_fen=sum(bar.turnover_fen for bar in bars),
    )


def fold(bars: Iterable[Bar], period: Period) -> list[Bar]:
    """Fold one-minute bars into minutes, or day bars into days and longer; `bars` in time order.

    A minute bar is stamped with the end of its group even while the group is still running, a
    week, month, quarter or year with its last day so far.
    """
    if period.minutes is not None:
        return fold_minutes(bars, period.minutes)
    groups = _grouped(bars, _CALENDAR_KEYS[period])
    return [merge(group, group[-1].at) for group in groups]


def fold_minutes(bars: Iterable[Bar], minutes: int) -> list[Bar]:
    """Fold one-minute bars into groups of 5, 15, 30 or 60 trading minutes (or 1).

    The opening auction (stamp 09:25 to 09:30) belongs to the first group of the day; a bar outside
    the session's stamps is left out.
    """

    def group_end(bar: Bar) -> datetime | None:
        slot = slot_ending(bar.at.time())
        if slot is None:
            return None
        return slot_moment(bar.at.date(), min(LAST_SLOT, -(-max(slot, 1) // minutes) * minutes))

    known = [bar for bar in bars if group_end(bar) is not None]
    return [
        merge(group, group_end(group[0]) or group[-1].at) for group in _grouped(known, group_end)
    ]


def day_of_minutes(bars: Sequence[Bar]) -> Bar | None:
    """The day's bar of one day's minute bars; None without any."""
    return merge(bars, day_end(bars[-1].on)) if bars else None


def bars_of_points(points: Sequence[MinutePoint], on: date, *, open_milli: int) -> list[Bar]:
    """One-minute bars of a day's line; a line keeps no highs and lows, so each bar spans its ends.

    The opening auction's slot is merged into the first minute, as charts do.
    """
    bars: list[Bar] = []
    before = open_milli
    for point in points:
        bars.append(
            Bar(
                at=slot_moment(on, point.minute),
                open_milli=before,
                high_milli=max(before, point.price_milli),
                low_milli=min(before, point.price_milli),
                close_milli=point.price_milli,
                volume_shares=point.volume_shares,
                turnover_fen=point.turnover_fen,
            )
        )
        before = point.price_milli
    return fold_minutes(bars, 1)


def with_live(bars: Sequence[Bar], live: Bar | None, period: Period) -> list[Bar]:
    """Bars whose last one is alive: today's bar is folded into its period or appended."""
    if live is None:
        return list(bars)
    finished = [bar for bar in bars if bar.at < live.at]
    if period.minutes is not None or not finished:
        return [*finished, live]
    key = _CALENDAR_KEYS[period]
    if key(finished[-1]) != key(live):
        return [*finished, live]
    return [*finished[:-1], merge([finished[-1], live], live.at)]


def _grouped(bars: Iterable[Bar], key: Callable[[Bar], object]) -> list[list[Bar]]:
    groups: list[list[Bar]] = []
    last: object = None
    for bar in bars:
        mark = key(bar)
        if not groups or mark != last:
            groups.append([])
        groups[-1].append(bar)
        last = mark
    return groups


_CALENDAR_KEYS: dict[Period, Callable[[Bar], object]] = {
    Period.DAY: lambda bar: bar.on,
    Period.WEEK: lambda bar: bar.on.isocalendar()[:2],
    Period.MONTH: lambda bar: (bar.on.year, bar.on.month),
    Period.QUARTER: lambda bar: (bar.on.year, (bar.on.month - 1) // 3),
    Period.YEAR: lambda bar: bar.on.year,
}
