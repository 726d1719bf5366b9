"""What stands beside a day's line: the opening call on its left, after-hours trading on its right.

Pure. A call's point is the virtual price of a step of 20 seconds from 09:15 to 09:25, what would be
matched and what would be left over; an after-hours point is what a minute from 15:05 to 15:30
traded at the close. SSE and SZSE trading rules, chapter 3 (集合竞价、盘后固定价格交易).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.market.model import Phase

if TYPE_CHECKING:
    from datetime import datetime

    from h5app.market.model import Quote

CALL_STEP_SECONDS = 20
CALL_POINTS = 31
AFTER_POINTS = 26
_CALL_BEGIN = (9 * 60 + 15) * 60
_AFTER_BEGIN = (15 * 60 + 5) * 60
_OPENING_CALLS = frozenset({Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL})


@dataclass(frozen=True, slots=True)
class CallPoint:
    """A step of the opening call; `unmatched_shares` is positive where buyers are left over."""

    place: int
    price_milli: int
    matched_shares: int
    unmatched_shares: int

    @property
    def seconds(self) -> int:
        """Seconds since 09:15 at which the step began."""
        return self.place * CALL_STEP_SECONDS


@dataclass(frozen=True, slots=True)
class AfterPoint:
    """The after-hours trading up to and in the minute that ends `place` minutes after 15:05."""

    place: int
    volume_shares: int
    turnover_fen: int


@dataclass(frozen=True, slots=True)
class Strips:
    """Both strips of a day so far, in order of time; after-hours points are of their own minute."""

    calls: tuple[CallPoint, ...] = ()
    after: tuple[AfterPoint, ...] = ()


def call_point(quote: Quote) -> CallPoint | None:
    """Return the step of the opening call that a quote tells of; None outside or without a match.

    In a call both best sides stand at the virtual price, and the second level of the larger side
    holds what is left over.
    """
    seconds = _seconds(quote.at) - _CALL_BEGIN
    place = seconds // CALL_STEP_SECONDS
    bid, ask = quote.bid_1, quote.ask_1
    is_call = quote.phase in _OPENING_CALLS and 0 <= place < CALL_POINTS
    if not is_call or bid is None or ask is None or bid.price_milli != ask.price_milli:
        return None
    left_buy = sum(level.quantity_shares for level in quote.bids[1:2])
    left_sell = sum(level.quantity_shares for level in quote.asks[1:2])
    return CallPoint(place, bid.price_milli, bid.quantity_shares, left_buy - left_sell)


def after_point(quote: Quote) -> AfterPoint | None:
    """Return what has been traded after hours by the minute of a quote; None where nothing was."""
    volume, turnover = quote.after_hours_volume_shares, quote.after_hours_turnover_fen
    seconds = _seconds(quote.at) - _AFTER_BEGIN
    if seconds < 0 or not volume:
        return None
    place = min(AFTER_POINTS - 1, -(-seconds // 60))
    return AfterPoint(max(1, place), volume, turnover or 0)


def own_minutes(points: list[AfterPoint]) -> tuple[AfterPoint, ...]:
    """Turn sums so far into what each minute traded; a minute nobody saw is in the next one."""
    minutes = []
    volume = turnover = 0
    for point in points:
        minutes.append(
            AfterPoint(
                point.place,
                max(0, point.volume_shares - volume),
                max(0, point.turnover_fen - turnover),
            )
        )
        volume, turnover = point.volume_shares, point.turnover_fen
    return tuple(minutes)


def _seconds(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
