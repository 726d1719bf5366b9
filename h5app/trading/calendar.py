"""收益日历: what each trading day brought; a month is the sum of its days, a year of its months."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from h5app.counter.model import CashEntry
from h5app.trading.profit import Assets

OUTSIDE = frozenset({"deposit", "withdrawal", "purchase"})
"""Kinds of cash entries that bring or take money without being profit or loss."""
MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class DayClose:
    """One account at the close of one trading day. Unit fen.

    `profit_fen` is the growth since the row before it, less what was paid in. So the profits of
    any rows in sequence add up to what the account grew by, whatever happened in between.
    """

    day: date
    total_fen: int
    profit_fen: int
    net_in_fen: int
    """Paid in (+) or out (-) since the row before."""
    since: date | None = None
    """The day of the row before; None for an account's first, whose profit is 当日盈亏."""


def close_of(
    day: date, found: Assets, before: DayClose | None, entries: Iterable[CashEntry]
) -> DayClose:
    """Return the row of a day; `entries` are the cash entries that may fall into it."""
    since = before.day if before else day - timedelta(days=1)
    net_in = sum(
        entry.amount_fen for entry in entries if entry.kind in OUTSIDE and since < entry.on <= day
    )
    grown = found.total_fen - before.total_fen - net_in if before else found.today_fen
    return DayClose(
        day=day,
        total_fen=found.total_fen,
        profit_fen=grown,
        net_in_fen=net_in,
        since=before.day if before else None,
    )


@dataclass(frozen=True, kw_only=True)
class Profits:
    """Some days with what they brought; every figure is a sum over them. Unit fen."""

    closes: tuple[DayClose, ...]

    @property
    def profit_fen(self) -> int | None:
        """What all days brought; None where no day is known."""
        return sum(close.profit_fen for close in self.closes) if self.closes else None

    @property
    def net_in_fen(self) -> int:
        """What was paid in less what was paid out."""
        return sum(close.net_in_fen for close in self.closes)

    def of_day(self, day: date) -> DayClose | None:
        """Return one of the days."""
        return next((close for close in self.closes if close.day == day), None)

    def of_month(self, month: date) -> "Profits":
        """Return the days of one month, which is named by any of its days."""
        return Profits(
            closes=tuple(
                close
                for close in self.closes
                if (close.day.year, close.day.month) == (month.year, month.month)
            )
        )

    def by_month(self) -> list[tuple[date, "Profits"]]:
        """Return the months that have days, by their first day."""
        grouped = groupby(self.closes, key=lambda close: close.day.replace(day=1))
        return [(month, Profits(closes=tuple(closes))) for month, closes in grouped]


def weeks_of(month: date) -> list[list[date]]:
    """Return the weeks that a month touches, Monday to Friday: nothing is traded on others."""
    monday = month - timedelta(days=month.weekday())
    weeks = []
    while monday <= last_of(month):
        weeks.append([monday + timedelta(days=days) for days in range(5)])
        monday += timedelta(days=7)
    return [week for week in weeks if any(day.month == month.month for day in week)]


def last_of(month: date) -> date:
    """Return the last day of a month that is named by its first."""
    return month_after(month) - timedelta(days=1)


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    if month.month == MONTHS:
        return date(month.year + 1, 1, 1)
    return date(month.year, month.month + 1, 1)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)
