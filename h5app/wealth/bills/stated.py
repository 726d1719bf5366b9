"""What a bill states of itself: its count of rows, its sums, and the days it speaks of. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from h5app.wealth.bills.cell import Cell, Unreadable, fen_of, moment_of, text_of

_COUNT = re.compile(r"共\s*(\d+)\s*笔(?:记录)?")
_SUM = re.compile(
    r"#?(?:已)?(收入|支出|中性交易|不计收支|其他)(?:合计)?[：:]\s*(\d+)笔[,，\s]*(?:共)?([\d,]+(?:\.\d+)?)元"
)
_UNTIL = re.compile(r"终止(?:时间|日期)[：:]\s*\[([^\]]+)\]")
_EXPORTED = re.compile(r"导出时间[：:]\s*\[([^\]]+)\]")
_LAST_SECOND = (23, 59)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What stands above or below the rows; None where it is not said."""

    count: int | None
    sums_fen: dict[str, int]
    known_until: date | None
    """The last whole day."""


def stated_in(rows: Iterable[Sequence[Cell]]) -> Stated:
    """Return what the rows around the data state."""
    lines = [_line(row) for row in rows]
    sums: dict[str, int] = {}
    for found in filter(None, map(_SUM.match, lines)):
        sums.setdefault(found[1], fen_of(found[3]))
    counts = [int(found[1]) for found in map(_COUNT.match, lines) if found]
    return Stated(
        count=counts[0] if counts else None,
        sums_fen=sums,
        known_until=min(_last_days(lines), default=None),
    )


def _line(row: Sequence[Cell]) -> str:
    return ",".join(filter(None, map(text_of, row)))


def _last_days(lines: Iterable[str]) -> Iterator[date]:
    for line in lines:
        until, exported = _UNTIL.search(line), _EXPORTED.search(line)
        if until is not None:
            yield from _whole_day(until[1])
        if exported is not None:
            yield from _whole_day(exported[1])


def _whole_day(text: str) -> Iterator[date]:
    """Give the last day that is over at this moment; the day of an export is not."""
    try:
        at: datetime = moment_of(text)
    except Unreadable:
        return
    is_over = (at.hour, at.minute) == _LAST_SECOND
    yield at.date() if is_over else at.date() - timedelta(days=1)
