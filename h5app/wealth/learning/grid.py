"""Grids of nominal days and where posting rules move them, remembered by ordinal for speed.

A grid knows its phases (day 1-31 of a month, weekday, ...) and numbers its slots in time order.
For one posting date it answers, for all phases at once, which slot is nearest and how many days
the posting lies after that slot's moved day. Sums over payments are then plain column sums.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from h5app.wealth.learning.payment import CadenceKind, PostingRule

_WEEK_DAYS = 7
_SATURDAY = 5
_MONTHS = 12
_HALF_MONTH_DAYS = 15
WORKDAY_PHASES = 15
HALF_MONTH_PHASES = 16
PHASES: dict[CadenceKind, int] = {
    CadenceKind.MONTH: 31,
    CadenceKind.WORKDAY: WORKDAY_PHASES,
    CadenceKind.HALF_MONTH: HALF_MONTH_PHASES,
    CadenceKind.WEEK: _WEEK_DAYS,
}

DayTest = Callable[[date], bool]


class Row(NamedTuple):
    """For one posting date, per phase: the nearest slot, and days after its moved day."""

    slots: tuple[int, ...]
    offsets: tuple[int, ...]


class DayGrid:
    """All grids over one table of working and trading days."""

    def __init__(self, is_working_day: DayTest, is_trading_day: DayTest) -> None:
        self._is_working_day = is_working_day
        self._is_trading_day = is_trading_day
        self._moved: dict[PostingRule, dict[int, int]] = {rule: {} for rule in PostingRule}
        self._month_days: dict[int, tuple[int, ...]] = {}
        self._workdays: dict[int, tuple[int, ...]] = {}
        self._rows: dict[tuple[CadenceKind, PostingRule], dict[int, Row]] = {
            (kind, rule): {} for kind in CadenceKind for rule in PostingRule
        }
        self._moved_slots: dict[tuple[CadenceKind, PostingRule], dict[int, tuple[int, ...]]] = {
            key: {} for key in self._rows
        }

    def moved(self, rule: PostingRule, ordinal: int) -> int:
        """Return the day on which a payment of this nominal day is posted."""
        if rule is PostingRule.EXACT:
            return ordinal
        remembered = self._moved[rule]
        day = remembered.get(ordinal)
        if day is None:
            day = remembered[ordinal] = self._move(rule, ordinal)
        return day

    def _move(self, rule: PostingRule, ordinal: int) -> int:
        is_open = self._is_trading_day if rule is PostingRule.TRADING else self._is_working_day
        step = -1 if rule is PostingRule.PREVIOUS else 1
        while not is_open(date.fromordinal(ordinal)):
            ordinal += step
        return ordinal

    def nominal(self, kind: CadenceKind, phase: int, slot: int) -> int:
        """Return the nominal day (ordinal) of one slot of one phase index."""
        if kind is CadenceKind.WEEK:
            return slot * _WEEK_DAYS + phase
        if kind is CadenceKind.MONTH:
            return self.days_of_month(slot)[phase]
        if kind is CadenceKind.WORKDAY:
            return self._workdays_of_month(slot)[phase]
        month, is_second = divmod(slot, 2)
        return self.days_of_month(month)[phase + _HALF_MONTH_DAYS * is_second]

    def moved_slot(self, kind: CadenceKind, rule: PostingRule, phase: int, slot: int) -> int:
        """Return the posting day (ordinal) of one slot."""
        return self._moved_days(kind, rule, slot)[phase]

    def days_of_month(self, month: int) -> tuple[int, ...]:
        """Return the ordinals of day 1 to 31 of a month (year * 12 + month - 1), clamped."""
        days = self._month_days.get(month)
        if days is None:
            year, index = divmod(month, _MONTHS)
            first = date(year, index + 1, 1).toordinal()
            length = monthrange(year, index + 1)[1]
            days = tuple(first + min(day, length) - 1 for day in range(1, 32))
            self._month_days[month] = days
        return days

    def _workdays_of_month(self, month: int) -> tuple[int, ...]:
        days = self._workdays.get(month)
        if days is None:
            ordinal = self.days_of_month(month)[0] - 1
            found: list[int] = []
            while len(found) < WORKDAY_PHASES:
                ordinal = self.moved(PostingRule.NEXT, ordinal + 1)
                found.append(ordinal)
            days = self._workdays[month] = tuple(found)
        return days

    def _moved_days(self, kind: CadenceKind, rule: PostingRule, slot: int) -> tuple[int, ...]:
        remembered = self._moved_slots[kind, rule]
        days = remembered.get(slot)
        if days is None:
            days = remembered[slot] = tuple(
                self.moved(rule, self.nominal(kind, phase, slot)) for phase in range(PHASES[kind])
            )
        return days

    def row(self, kind: CadenceKind, rule: PostingRule, ordinal: int) -> Row:
        """Return, for every phase, the nearest slot of this day and the days after it."""
        rows = self._rows[kind, rule]
        row = rows.get(ordinal)
        if row is None:
            row = rows[ordinal] = self._compute_row(kind, rule, ordinal)
        return row

    def _compute_row(self, kind: CadenceKind, rule: PostingRule, ordinal: int) -> Row:
        middle = slot_of(kind, ordinal)
        reach = 2 if kind is CadenceKind.HALF_MONTH else 1
        near = range(middle - reach, middle + reach + 1)
        columns = [self._moved_days(kind, rule, slot) for slot in near]
        slots: list[int] = []
        offsets: list[int] = []
        for days in zip(*columns, strict=True):
            distances = [abs(ordinal - day) for day in days]
            best = distances.index(min(distances))
            slots.append(near[best])
            offsets.append(ordinal - days[best])
        return Row(tuple(slots), tuple(offsets))


def slot_of(kind: CadenceKind, ordinal: int) -> int:
    """Return the number of the slot period that holds this day."""
    if kind is CadenceKind.WEEK:
        return ordinal // _WEEK_DAYS
    day = date.fromordinal(ordinal)
    month = day.year * _MONTHS + day.month - 1
    return month * 2 + (day.day > _HALF_MONTH_DAYS) if kind is CadenceKind.HALF_MONTH else month


def is_weekday(on: date) -> bool:
    """Say whether this is Monday to Friday: the working days of regions without a table."""
    return on.weekday() < _SATURDAY
