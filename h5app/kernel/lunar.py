"""Lunar dates from a table of years: pure arithmetic, the table comes from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class LunarYear:
    """One lunar year as the table states it."""

    first_on: date
    """Solar date of the first day of the first month."""
    leap_month: int
    """Number of the month that is repeated as a leap month; 0 for none."""
    month_days: tuple[int, ...]
    """29 or 30 for each of the twelve or thirteen months, in order."""


@dataclass(frozen=True)
class LunarDate:
    """A day of the lunar calendar; months 1-12, days 1-30."""

    year: int
    month: int
    day: int
    is_leap: bool = False


@dataclass(frozen=True)
class LunarTable:
    """All lunar years that are known."""

    years: Mapping[int, LunarYear]

    def to_solar(self, lunar: LunarDate) -> date | None:
        """Return the solar date; the 30th of a short month is its last day; None out of range.

        A leap month that the year does not have falls on the ordinary month of that number.
        """
        year = self.years.get(lunar.year)
        if year is None:
            return None
        index = _month_index(year, lunar)
        day = min(lunar.day, year.month_days[index])
        return year.first_on + timedelta(days=sum(year.month_days[:index]) + day - 1)

    def to_lunar(self, on: date) -> LunarDate | None:
        """Return the lunar date of a solar one; None out of range."""
        for number in (on.year, on.year - 1):
            year = self.years.get(number)
            if year is not None and on >= year.first_on:
                return _lunar_in_year(number, year, (on - year.first_on).days)
        return None


def _month_index(year: LunarYear, lunar: LunarDate) -> int:
    after_leap = year.leap_month and (
        lunar.month > year.leap_month or (lunar.is_leap and lunar.month == year.leap_month)
    )
    return lunar.month - 1 + (1 if after_leap else 0)


def _lunar_in_year(number: int, year: LunarYear, offset_days: int) -> LunarDate | None:
    for index, days in enumerate(year.month_days):
        if offset_days < days:
            is_leap = bool(year.leap_month) and index == year.leap_month
            shifted = bool(year.leap_month) and index >= year.leap_month
            month = index if shifted else index + 1
            return LunarDate(number, month, offset_days + 1, is_leap)
        offset_days -= days
    return None
