"""The month as a grid of days, and the list below it in bands. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from h5app.kernel.trading_day import TradingDays
from h5app.wealth.lunar_text import short_name
from h5app.wealth.model import EntryClass, Occurrence, OccurrenceState
from h5app.wealth.refusal import BadMonth

BANDS = ("逾期", "今天", "明天", "七天内", "以后", "已过", "已完成")
DOTS_MAX = 3
WEEK_DAYS = 7
YEARS = range(2000, 2100)
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of the calendar."""

    year: int
    month: int

    @property
    def text(self) -> str:
        """The month as it stands in addresses."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.shifted(1).first - timedelta(days=1)

    @property
    def grid_first(self) -> date:
        """The Monday of its first week."""
        return self.first - timedelta(days=self.first.weekday())

    @property
    def grid_last(self) -> date:
        """The Sunday of its last week."""
        return self.last + timedelta(days=WEEK_DAYS - 1 - self.last.weekday())

    def shifted(self, months: int) -> "Month":
        """Return the month so many months later (negative: earlier)."""
        year, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year=year, month=index + 1)

    @property
    def is_shown(self) -> bool:
        """Whether there is a page of it."""
        return self.year in YEARS


def month_of(on: date) -> Month:
    """Return the month of a day."""
    return Month(year=on.year, month=on.month)


def parse_month(text: str) -> Month:
    """Return the month of an address such as "2026-11".

    Raises:
        BadMonth: Not of this form, or out of the years that are shown.
    """
    found = _MONTH.fullmatch(text)
    if found is None or int(found[1]) not in YEARS or not 1 <= int(found[2]) <= 12:  # noqa: PLR2004
        raise BadMonth
    return Month(year=int(found[1]), month=int(found[2]))


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One mark in a cell: its colour says the class, its shape how sure it is."""

    colour: str
    shape: str
    """solid (certain), hollow (predicted or possible) or tick (done)."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One day of the grid."""

    on: date
    is_inside: bool
    """Whether it belongs to the month and is not of its neighbours."""
    is_today: bool
    lunar: str
    holiday: str
    mark: str
    """休 on a holiday, 班 on a make-up day, else empty."""
    occurrences: tuple[Occurrence, ...]

    @property
    def dots(self) -> list[Dot]:
        """The marks that find room."""
        return [dot_of(each) for each in self.occurrences[:DOTS_MAX]]

    @property
    def more(self) -> int:
        """How many occurrences found no room."""
        return max(0, len(self.occurrences) - DOTS_MAX)


def dot_of(occurrence: Occurrence) -> Dot:
    """Return the mark of an occurrence."""
    if occurrence.mark.state is OccurrenceState.DONE:
        return Dot(colour=occurrence.kind.colour, shape="tick")
    is_certain = occurrence.certainty.value == "certain"
    return Dot(colour=occurrence.kind.colour, shape="solid" if is_certain else "hollow")


def weeks(
    month: Month, occurrences: Iterable[Occurrence], today: date, days: TradingDays
) -> list[list[Cell]]:
    """Return the grid of a month: whole weeks, Monday first."""
    by_day: dict[date, list[Occurrence]] = {}
    for each in occurrences:
        if is_drawn(each):
            by_day.setdefault(each.due_on, []).append(each)
    count = (month.grid_last - month.grid_first).days + 1
    cells = [
        _cell(month.grid_first + timedelta(days=n), month, by_day, today, days)
        for n in range(count)
    ]
    return [cells[start : start + WEEK_DAYS] for start in range(0, count, WEEK_DAYS)]


def is_drawn(occurrence: Occurrence) -> bool:
    """Say whether it has a mark in the grid: closures have 休 and need no dot."""
    is_skipped = occurrence.mark.state is OccurrenceState.SKIPPED
    return occurrence.kind is not EntryClass.CLOSURE and not is_skipped


def _cell(
    on: date,
    month: Month,
    by_day: dict[date, list[Occurrence]],
    today: date,
    days: TradingDays,
) -> Cell:
    holiday = days.holiday_name(on) or ""
    return Cell(
        on=on,
        is_inside=on.month == month.month,
        is_today=on == today,
        lunar=short_name(on, days.lunar),
        holiday=holiday,
        mark="休" if holiday else "班" if days.is_make_up_day(on) else "",
        occurrences=tuple(by_day.get(on, ())),
    )


def week_of(on: date, weeks_of_grid: Sequence[list[Cell]]) -> list[list[Cell]]:
    """Return the one week of a grid that holds this day."""
    return [week for week in weeks_of_grid if any(cell.on == on for cell in week)]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A part of the list below the grid."""

    title: str
    occurrences: tuple[Occurrence, ...]


def bands(occurrences: Sequence[Occurrence], today: date) -> list[Band]:
    """Return what is listed, in bands by how near it is; empty ones are left out."""
    found: dict[str, list[Occurrence]] = {name: [] for name in BANDS}
    for each in occurrences:
        found[_band(each, today)].append(each)
    return [Band(title=name, occurrences=tuple(rows)) for name, rows in found.items() if rows]


def _band(occurrence: Occurrence, today: date) -> str:
    left = occurrence.days_left(today)
    if not occurrence.is_open:
        return "已完成"
    if left < 0:
        return "逾期" if is_overdue(occurrence) else "已过"
    near = {0: "今天", 1: "明天"}
    return near.get(left) or ("七天内" if left <= WEEK_DAYS else "以后")


def is_overdue(occurrence: Occurrence) -> bool:
    """Say whether a past own entry still waits for its word; others are over by themselves."""
    return occurrence.is_own and occurrence.is_open and occurrence.kind is not EntryClass.INCOME


@dataclass(frozen=True, kw_only=True)
class Total:
    """What is still to be paid or to come in: how many, and the sum of what is known."""

    count: int
    amount_fen: int


def totals(occurrences: Iterable[Occurrence]) -> tuple[Total, Total]:
    """Return what is to be paid and what comes in among occurrences that are open.

    Of a range the upper end counts of what is paid, the lower end of what comes in.
    """
    still_open = [each for each in occurrences if each.is_open]
    paid = [each for each in still_open if each.kind.moves_money]
    comes = [each for each in still_open if each.kind.colour == "income"]
    return (
        Total(count=len(paid), amount_fen=sum(each.amount_high_fen or 0 for each in paid)),
        Total(count=len(comes), amount_fen=sum(each.amount_low_fen or 0 for each in comes)),
    )
