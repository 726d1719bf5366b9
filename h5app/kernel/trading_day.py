"""Trading days of the mainland exchanges and working days of banks, from announced tables.

Holidays and make-up days follow the State Council's yearly notice (usually published in November
for the next year). The exchanges trade on weekdays that are not holidays; make-up days are working
days for banks and never trading days. A year that is not announced yet falls back to weekends, the
fixed holidays and those of the lunar table, without make-up days, and `is_published` says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from h5app.kernel.lunar import LunarDate, LunarTable

_SATURDAY = 5
_SEARCH_DAYS_MAX = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AnnouncedYear:
    """What one year's notice says."""

    holiday_name_by_day: Mapping[date, str]
    make_up_days: frozenset[date]


@dataclass(frozen=True)
class TradingDays:
    """Answers about days; later tables override earlier ones where an operator adds them."""

    announced: Mapping[int, AnnouncedYear]
    lunar: LunarTable
    closed_besides: frozenset[date] = frozenset()
    """Working weekdays on which the exchanges were closed all the same (2020-01-31)."""
    recorded: Mapping[int, frozenset[date]] = field(default_factory=dict)
    """Years whose trading days were imported whole; they win over any rule."""
    _guessed: dict[int, AnnouncedYear] = field(default_factory=dict, compare=False, repr=False)

    def is_published(self, year: int) -> bool:
        """Say whether the holidays of this year have been announced."""
        return year in self.announced

    def holiday_name(self, on: date) -> str | None:
        """Return the name of the public holiday of this day, as 春节, or None."""
        return self._year(on.year).holiday_name_by_day.get(on)

    def is_make_up_day(self, on: date) -> bool:
        """Say whether this weekend day is worked in exchange for a holiday (调休上班)."""
        return on in self._year(on.year).make_up_days

    def is_working_day(self, on: date) -> bool:
        """Say whether banks work on this day."""
        if self.is_make_up_day(on):
            return True
        return on.weekday() < _SATURDAY and self.holiday_name(on) is None

    def is_trading_day(self, on: date) -> bool:
        """Say whether SSE, SZSE and BSE trade on this day."""
        if on.year in self.recorded:
            return on in self.recorded[on.year]
        if on.weekday() >= _SATURDAY or on in self.closed_besides:
            return False
        return self.holiday_name(on) is None

    def next_trading_day(self, on: date) -> date:
        """Return the first trading day strictly after `on`."""
        return next(day for day in _days(on, _DAY) if self.is_trading_day(day))

    def previous_trading_day(self, on: date) -> date:
        """Return the last trading day strictly before `on`."""
        return next(day for day in _days(on, -_DAY) if self.is_trading_day(day))

    def trading_day_on_or_after(self, on: date) -> date:
        """Return `on` itself when it trades, else the next trading day."""
        return on if self.is_trading_day(on) else self.next_trading_day(on)

    def trading_day_on_or_before(self, on: date) -> date:
        """Return `on` itself when it trades, else the trading day before."""
        return on if self.is_trading_day(on) else self.previous_trading_day(on)

    def add(self, on: date, trading_days: int) -> date:
        """Return the trading day so many trading days after (negative: before) `on`."""
        step = self.next_trading_day if trading_days > 0 else self.previous_trading_day
        for _ in range(abs(trading_days)):
            on = step(on)
        return on

    def trading_days_between(self, first: date, last: date) -> list[date]:
        """Return the trading days from `first` to `last`, both included."""
        span = (last - first).days + 1
        days = (first + timedelta(days=n) for n in range(span))
        return [day for day in days if self.is_trading_day(day)]

    def next_working_day(self, on: date) -> date:
        """Return the first bank working day strictly after `on`."""
        return next(day for day in _days(on, _DAY) if self.is_working_day(day))

    def previous_working_day(self, on: date) -> date:
        """Return the last bank working day strictly before `on`."""
        return next(day for day in _days(on, -_DAY) if self.is_working_day(day))

    def _year(self, year: int) -> AnnouncedYear:
        announced = self.announced.get(year)
        if announced is not None:
            return announced
        if year not in self._guessed:
            self._guessed[year] = guess_year(year, self.lunar)
        return self._guessed[year]


def guess_year(year: int, lunar: LunarTable) -> AnnouncedYear:
    """Return the holidays a year will have at least, by the notice's habit of recent years.

    Since the State Council's revision of 2024-11-10: New Year 1 day, Spring Festival from its eve,
    Labour Day, National Day; bridged to the usual 5, 7 and 8 days. Make-up days are not guessed.
    """
    named: dict[date, str] = {}
    for month, day, span, name in (
        (1, 1, 1, "元旦"),
        (4, _qingming_day(year), 1, "清明节"),
        (5, 1, 5, "劳动节"),
        (10, 1, 7, "国庆节"),
    ):
        _name_days(named, date(year, month, day), span, name)
    for month, day, before, span, name in (
        (1, 1, 1, 8, "春节"),
        (5, 5, 0, 1, "端午节"),
        (8, 15, 0, 1, "中秋节"),
    ):
        solar = lunar.to_solar(LunarDate(year, month, day))
        if solar is not None:
            _name_days(named, solar - timedelta(days=before), span, name)
    return AnnouncedYear(holiday_name_by_day=named, make_up_days=frozenset())


def _name_days(named: dict[date, str], first: date, span: int, name: str) -> None:
    for offset in range(span):
        named.setdefault(first + timedelta(days=offset), name)


def _qingming_day(year: int) -> int:
    """Return the day in April of the solar term 清明; the usual approximation for 2000-2099."""
    since_2000 = year - 2000
    return (since_2000 * 2422 + 48100) // 10000 - since_2000 // 4


def _days(on: date, step: timedelta) -> Iterator[date]:
    for count in range(1, _SEARCH_DAYS_MAX):
        yield on + step * count
