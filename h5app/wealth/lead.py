"""When an occurrence is told: the customer's lead, hour and what the calendar of banks demands."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.trading_day import TradingDays
from h5app.wealth.model import Occurrence, Wishes

LONG_HOLIDAY_DAYS = 4
"""So many days in a row without work are a long holiday; a weekend is not."""
REACH_DAYS = 30
"""No reminder goes out earlier than this before its day: the longest lead and a long holiday."""


class Telling(NamedTuple):
    """One reminder of one occurrence."""

    occurrence: Occurrence
    lead_days: int
    """Names the reminder; days before the due day when it was snoozed."""
    at: datetime


def tellings(occurrence: Occurrence, wishes: Wishes, days: TradingDays) -> list[Telling]:
    """Return the reminders of an occurrence, told or not; none for what is done or not wanted.

    The lead counts from the earliest plausible day. A reminder is never older than the knowledge
    of its date: what is written down inside its own lead is told at the next full hour of choice.
    """
    if not occurrence.is_open or not wishes.wants(occurrence):
        return []
    return [
        Telling(occurrence, lead, _not_before_known(occurrence, on, wishes.hour))
        for lead, on in _days(occurrence, wishes, days)
    ]


def _days(occurrence: Occurrence, wishes: Wishes, days: TradingDays) -> Iterator[tuple[int, date]]:
    snoozed = occurrence.mark.snoozed_until
    if snoozed is not None:
        yield (occurrence.due_on - snoozed).days, snoozed
        return
    lead = occurrence.lead_days
    if lead is None:
        lead = wishes.lead_of(occurrence.kind)
    if lead is None:
        return
    yield lead, remind_day(occurrence, lead, days)
    if occurrence.kind.is_told_on_the_day and lead > 0:
        yield 0, occurrence.due_on


def remind_day(occurrence: Occurrence, lead_days: int, days: TradingDays) -> date:
    """Return the day of the reminder: so many calendar days before the earliest plausible day.

    银证转账 and 中签缴款 need a trading day; where the day falls into a long holiday and money must
    be moved, it is the last working day before.
    """
    on = occurrence.earliest_on - timedelta(days=lead_days)
    if occurrence.kind.needs_trading_day:
        return days.trading_day_on_or_before(on)
    if lead_days and occurrence.kind.moves_money and is_long_holiday(on, days):
        return days.previous_working_day(on)
    return on


def is_long_holiday(on: date, days: TradingDays) -> bool:
    """Say whether a day lies in a row of LONG_HOLIDAY_DAYS or more without work."""
    if days.is_working_day(on):
        return False
    span = days.next_working_day(on) - days.previous_working_day(on)
    return span.days - 1 >= LONG_HOLIDAY_DAYS


def _not_before_known(occurrence: Occurrence, on: date, hour: int) -> datetime:
    at = datetime.combine(on, time(hour), SHANGHAI)
    if occurrence.known_at is None or occurrence.known_at <= at:
        return at
    known_on = occurrence.known_at.astimezone(SHANGHAI).date()
    first = datetime.combine(known_on, time(hour), SHANGHAI)
    return first if first >= occurrence.known_at else first + timedelta(days=1)
