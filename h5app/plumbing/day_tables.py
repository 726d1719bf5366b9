"""Reads the tables of holidays, make-up days and lunar years; an operator may add years."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from h5app.kernel.lunar import LunarTable, LunarYear
from h5app.kernel.trading_day import AnnouncedYear, TradingDays

_DATA = Path(__file__).resolve().parent / "data"
_CLOSED_BESIDES = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2004-01-19", "2004-01-20", "2004-01-21", "2005-02-07", "2005-02-08"),
        *("2006-01-26", "2006-01-27", "2020-01-31", "2024-02-09"),
    )
)
"""Working weekdays without trading, around Spring Festival, by the exchanges' yearly notices."""


def load_trading_days(home: Path | None = None) -> TradingDays:
    """Return the tables of the repository, overridden by the operator's own files under `home`.

    `home/days.json` has the form of data/china_days.json (a newly announced year, a correction);
    `home/trading_days.txt` holds one ISO date a line and replaces whole years, as imported.

    Raises:
        ValueError: A file is there but is not of its form; the text names the file.
    """
    announced = dict(_read_announced(_DATA / "china_days.json"))
    recorded: dict[int, frozenset[date]] = {}
    if home is not None:
        if (home / "days.json").exists():
            announced.update(_read_announced(home / "days.json"))
        if (home / "trading_days.txt").exists():
            recorded = _read_recorded(home / "trading_days.txt")
    return TradingDays(
        announced=announced,
        lunar=load_lunar_table(),
        closed_besides=_CLOSED_BESIDES,
        recorded=recorded,
    )


@cache
def load_lunar_table() -> LunarTable:
    """Return the lunar years 1950-2099."""
    document = json.loads((_DATA / "lunar_years.json").read_text("utf-8"))
    return LunarTable({int(year): _lunar_year(row) for year, row in document["years"].items()})


def _lunar_year(row: list[Any]) -> LunarYear:
    first_on, leap_month, lengths = row
    month_days = tuple(30 if flag == "1" else 29 for flag in lengths)
    return LunarYear(date.fromisoformat(first_on), leap_month, month_days)


def _read_announced(path: Path) -> Mapping[int, AnnouncedYear]:
    try:
        document = json.loads(path.read_text("utf-8"))
        return {int(year): _announced_year(row) for year, row in document["years"].items()}
    except (KeyError, TypeError, ValueError) as wrong:
        raise ValueError(f"{path.name} 不是节假日表: {wrong}") from wrong


def _announced_year(row: dict[str, Any]) -> AnnouncedYear:
    named: dict[date, str] = {}
    for first, last, name in row["holidays"]:
        for day in _span(date.fromisoformat(first), date.fromisoformat(last)):
            named[day] = name
    make_up_days = frozenset(date.fromisoformat(day) for day in row["make_up_days"])
    return AnnouncedYear(holiday_name_by_day=named, make_up_days=make_up_days)


def _span(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _read_recorded(path: Path) -> dict[int, frozenset[date]]:
    years: dict[int, set[date]] = {}
    for number, line in enumerate(path.read_text("utf-8").split(), start=1):
        try:
            day = date.fromisoformat(line)
        except ValueError:
            raise ValueError(f"{path.name} 第 {number} 行不是日期: {line[:20]}") from None
        years.setdefault(day.year, set()).add(day)
    return {year: frozenset(days) for year, days in years.items()}
