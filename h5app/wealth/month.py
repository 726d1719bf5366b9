"""The month as a grid of days, and the list below it in bands. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from h5app.kernel.trading_day import TradingDays
from h5app.wealth.lunar_text import short_name
from h5app.wealth.model import EntryClass, Occurrence, OccurrenceState
from h5app.wealth.refusal import BadMonth

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


@dataclass(frozen=True, kw_only=True)
class Band:
    """A part of the list below the grid."""

    title: str
    occurrences: tuple[Occurrence, ...]


def bands(occurrences: Sequence[Occurrence], today: date) -> list[Band]:
    """Return what is listed, in bands: 逾期 今天 明天 七天内 以后 已完成; empty ones left out."""
    tomorrow, week_end = today + timedelta(days=1), today + timedelta(days=WEEK_DAYS)
    named: dict[str, list[Occurrence]] = {
        name: [] for name in ("逾期", "今天", "明天", "七天内", "以后", "已完成")
    }
    for each in occurrences:
        if not each.is_open:
            named["已完成"].append(each)
        elif each.due_on < today:
            named["逾期"].append(each)
        elif each.due_on == today:
            named["今天"].append(each)
        elif each.due_on == tomorrow:
            named["明天"].append(each)
        else:
            named["七天内" if each.due_on <= week_end else "以后"].append(each)
    return [Band(title=name, occurrences=tuple(found)) for name, found in named.items() if found]
