"""When an own entry comes round: solar and lunar repeats, month ends, holidays. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from h5app.kernel.lunar import LunarDate, LunarTable
from h5app.kernel.trading_day import TradingDays
from h5app.wealth.model import EntryDraft, HolidayRule, Repeat

_MONTHS_BY_REPEAT = {
    Repeat.MONTH: 1,
    Repeat.MONTH_END: 1,
    Repeat.TWO_MONTHS: 2,
    Repeat.QUARTER: 3,
    Repeat.HALF_YEAR: 6,
    Repeat.YEAR: 12,
}
_WEEKS_BY_REPEAT = {Repeat.WEEK: 1, Repeat.TWO_WEEKS: 2}
_MONTH_END_DAY = 31
_LUNAR_MONTHS = 12


def nominal_days(draft: EntryDraft, first: date, last: date, lunar: LunarTable) -> list[date]:
    """Return the days of an entry from `first` to `last`, both included, before holidays.

    Every day is computed from the entry's first day, never from the one before, so that a 31st
    comes back to the 31st after a short month.
    """
    last = min(last, draft.until_on) if draft.until_on else last
    first = max(first, draft.first_on)
    if first > last:
        return []
    return sorted({on for on in _days(draft, first, last, lunar) if first <= on <= last})


def _days(draft: EntryDraft, first: date, last: date, lunar: LunarTable) -> Iterator[date]:
    if draft.repeat is Repeat.NEVER:
        yield draft.first_on
    elif draft.is_lunar:
        yield from _lunar_days(draft, first, last, lunar)
    elif draft.repeat in _WEEKS_BY_REPEAT:
        yield from _weekly(draft.first_on, _WEEKS_BY_REPEAT[draft.repeat], first, last)
    else:
        yield from _monthly(draft, first, last)


def _weekly(anchor: date, weeks: int, first: date, last: date) -> Iterator[date]:
    step = timedelta(weeks=weeks)
    on = anchor + step * max(0, (first - anchor) // step)
    while on <= last:
        yield on
        on += step


def _monthly(draft: EntryDraft, first: date, last: date) -> Iterator[date]:
    stride = _MONTHS_BY_REPEAT[draft.repeat]
    day = _MONTH_END_DAY if draft.repeat is Repeat.MONTH_END else draft.first_on.day
    anchor = _month_number(draft.first_on)
    for month in range(_month_number(first), _month_number(last) + 1):
        if (month - anchor) % stride == 0:
            yield day_of_month(month, day)


def _month_number(on: date) -> int:
    return on.year * 12 + on.month - 1


def day_of_month(month: int, day: int) -> date:
    """Return a day of a month (year * 12 + month - 1); past the month's end it is the last day."""
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))


def _lunar_days(draft: EntryDraft, first: date, last: date, lunar: LunarTable) -> Iterator[date]:
    anchor = lunar.to_lunar(draft.first_on)
    if anchor is None:
        return
    for year in range(first.year - 1, last.year + 1):
        for wanted in _lunar_dates(draft.repeat, anchor, year, lunar):
            solar = lunar.to_solar(wanted)
            if solar is not None:
                yield solar


def _lunar_dates(
    repeat: Repeat, anchor: LunarDate, year: int, lunar: LunarTable
) -> Iterator[LunarDate]:
    """Give the lunar dates of one lunar year; a leap month is a month of its own."""
    if repeat is not Repeat.MONTH:
        yield LunarDate(year, anchor.month, anchor.day, anchor.is_leap)
        return
    for month in range(1, _LUNAR_MONTHS + 1):
        yield LunarDate(year, month, anchor.day)
    found = lunar.years.get(year)
    if found is not None and found.leap_month:
        yield LunarDate(year, found.leap_month, anchor.day, is_leap=True)


def moved(on: date, rule: HolidayRule, days: TradingDays) -> date:
    """Return the day after the holiday rule, by the working days of the banks."""
    if rule is HolidayRule.KEEP or days.is_working_day(on):
        return on
    if rule is HolidayRule.EARLIER:
        return days.previous_working_day(on)
    return days.next_working_day(on)
