"""Recorded days on disk: prints of an instrument, closing snapshots of the market. For replay.

`root/prints/2019-02-01/600000.SH.csv` holds time,price_milli,volume_shares,side;
`root/snapshots/2026-08-12.csv` one row per instrument. Both are written whole by the importers.
Minutes and days stand in the bar files (bars_file.py).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.symbol import parse_symbol
from h5app.market.model import Print, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_SNAPSHOT_COLUMNS = (
    *("symbol", "name", "at", "open_milli", "high_milli", "low_milli", "close_milli"),
    *("previous_close_milli", "volume_shares"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRow:
    """One instrument in a closing snapshot; None where nothing was traded."""

    symbol: str
    name: str
    at: datetime
    previous_close_milli: int
    open_milli: int | None
    high_milli: int | None
    low_milli: int | None
    close_milli: int | None
    volume_shares: int


class RecordedDays:
    """Prints and snapshots below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prints(self, symbol: str, on: date) -> list[Print]:
        """Prints of one instrument on one day, in order; empty where none are recorded."""
        path = self._print_path(symbol, on)
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [_print(row, on) for row in csv.reader(file)]

    def put_prints(self, symbol: str, on: date, prints: Sequence[Print]) -> bool:
        """Store a day's prints whole; False when the very same are there already."""
        return _write(self._print_path(symbol, on), "".join(_print_line(each) for each in prints))

    def print_days(self) -> list[date]:
        """Days of which prints are recorded."""
        return sorted(date.fromisoformat(path.name) for path in self.root.glob("prints/*-*-*"))

    def print_symbols(self, on: date) -> list[str]:
        """Instruments whose prints of that day are recorded."""
        return sorted(path.stem for path in self.root.glob(f"prints/{on.isoformat()}/*.csv"))

    def snapshot(self, on: date) -> list[ClosingRow]:
        """The closing snapshot of a day; empty where none is recorded."""
        path = self._snapshot_path(on)
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [_closing(row) for row in csv.DictReader(file)]

    def put_snapshot(self, on: date, rows: Iterable[ClosingRow]) -> bool:
        """Store a day's snapshot whole; False when the very same is there already."""
        lines = [",".join(_SNAPSHOT_COLUMNS)]
        for row in sorted(rows, key=lambda each: each.symbol):
            cells = [getattr(row, name) for name in _SNAPSHOT_COLUMNS]
            lines.append(",".join(_cell(value) for value in cells))
        return _write(self._snapshot_path(on), "\n".join(lines) + "\n")

    def snapshot_days(self) -> list[date]:
        """Days of which a closing snapshot is recorded."""
        return sorted(date.fromisoformat(path.stem) for path in self.root.glob("snapshots/*.csv"))

    def _print_path(self, symbol: str, on: date) -> Path:
        return self.root / "prints" / on.isoformat() / f"{parse_symbol(symbol)}.csv"

    def _snapshot_path(self, on: date) -> Path:
        return self.root / "snapshots" / f"{on.isoformat()}.csv"


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8", newline="")
    beside.replace(path)
    return True


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value).replace(",", " ")


def _print_line(each: Print) -> str:
    at = each.at.time().isoformat()
    return f"{at},{each.price_milli},{each.volume_shares},{each.side or 'A'}\n"


def _print(row: Sequence[str], on: date) -> Print:
    at, price, volume, side = row
    moment = datetime.combine(on, time.fromisoformat(at), SHANGHAI)
    return Print(moment, int(price), int(volume), None if side == "A" else Side(side))


def _closing(row: dict[str, str]) -> ClosingRow:
    def number(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    return ClosingRow(
        symbol=row["symbol"],
        name=row["name"],
        at=datetime.fromisoformat(row["at"]).astimezone(SHANGHAI),
        previous_close_milli=int(row["previous_close_milli"]),
        open_milli=number("open_milli"),
        high_milli=number("high_milli"),
        low_milli=number("low_milli"),
        close_milli=number("close_milli"),
        volume_shares=int(row["volume_shares"]),
    )
