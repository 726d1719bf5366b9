"""The 241 slots of a trading day's line, and where a moment stands among them.

Slot 0 is 09:30 and holds the opening auction, slot n is the minute that ENDS at its stamp: 1 is
09:31, 120 is 11:30, 121 is 13:01, 240 is 15:00 with the closing auction.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import date

    from h5app.kernel.trading_day import TradingDays

LAST_SLOT = 240
NOON_SLOT = 120
CLOSE_CALL_SLOT = 237
"""Last slot of the continuous session: 14:57; the two behind it have no trade."""

DAY_BEGIN = time(9, 15)
_AUCTION_END = 9 * 60 + 25
_MORNING = 9 * 60 + 30
_NOON = 11 * 60 + 30
_AFTERNOON = 13 * 60
_CLOSE = 15 * 60


def shown_day(days: TradingDays, moment: datetime) -> date:
    """Return the trading day whose figures a screen shows: before 09:15 the one before."""
    if days.is_trading_day(moment.date()) and moment.time() >= DAY_BEGIN:
        return moment.date()
    return days.previous_trading_day(moment.date())


def slot_at(moment: datetime) -> tuple[int, int] | None:
    """Return the running slot and the seconds into its minute; None before 09:25.

    A slot that is complete has 60 seconds: 120 over lunch, 240 after the close. Slot 0 is complete
    as soon as the opening auction is over.
    """
    minute, second = moment.hour * 60 + moment.minute, moment.second
    if minute < _AUCTION_END:
        return None
    if minute < _MORNING:
        return 0, 60
    if minute < _NOON:
        return minute - _MORNING + 1, second
    if minute < _AFTERNOON:
        return NOON_SLOT, 60
    if minute < _CLOSE:
        return minute - _AFTERNOON + NOON_SLOT + 1, second
    return LAST_SLOT, 60


def slot_ending(at: time) -> int | None:
    """Return the slot whose minute ends at this stamp; None outside the session's stamps.

    The stamps 09:25 to 09:30 are the opening auction's, 13:00 belongs to 11:30.
    """
    minute = at.hour * 60 + at.minute
    if _AUCTION_END <= minute <= _MORNING:
        return 0
    if _MORNING < minute <= _NOON:
        return minute - _MORNING
    if _AFTERNOON <= minute <= _CLOSE:
        return minute - _AFTERNOON + NOON_SLOT
    return None


def slot_time(slot: int) -> time:
    """Return the stamp of a slot: the end of its minute."""
    minute = _MORNING + slot if slot <= NOON_SLOT else _AFTERNOON + slot - NOON_SLOT
    return time(minute // 60, minute % 60)


def slot_moment(day: date, slot: int) -> datetime:
    """Return the moment of a slot's stamp on a day."""
    return datetime.combine(day, slot_time(slot), SHANGHAI)


def minutes_of(begin: datetime, end: datetime) -> list[datetime]:
    """Return the whole minutes after `begin` up to and including `end`."""
    moment = begin.replace(second=0, microsecond=0) + timedelta(minutes=1)
    found = []
    while moment <= end:
        found.append(moment)
        moment += timedelta(minutes=1)
    return found
