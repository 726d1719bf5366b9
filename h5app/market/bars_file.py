"""Bar history on disk: one file of 32-byte records per instrument, in the TDX folder layout.

`root/sh/lday/sh600519.day`, `root/sh/minline/sh600519.lc1`, `root/sh/fzline/sh600519.lc5`: a
user's own `vipdoc` folder is such a root. Records stand in order of time; the last 300 are one
seek. A torn last record (power cut while appending) is left out when reading and cut off by the
next writing; a record that cannot be a bar is left out and counted by `check`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.kernel.symbol import code_of, exchange_of, parse_symbol
from h5app.market.bars_record import (
    RECORD_BYTES,
    BadRecord,
    pack_day,
    pack_minute,
    price_unit_milli,
    unpack_day,
    unpack_minute,
)
from h5app.market.model import Bar, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_FOLDER_AND_SUFFIX = {
    Period.DAY: ("lday", "day"),
    Period.MINUTE_1: ("minline", "lc1"),
    Period.MINUTE_5: ("fzline", "lc5"),
}
STORED_PERIODS = tuple(_FOLDER_AND_SUFFIX)
_PERIOD_BY_SUFFIX = {suffix: period for period, (_, suffix) in _FOLDER_AND_SUFFIX.items()}


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a bar file holds: good records, records that are no bar, bytes of a torn last one."""

    good: int
    bad: int
    torn_bytes: int


class BarFiles:
    """Reads and writes the bars of all instruments below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, symbol: str, period: Period) -> Path:
        """Where the bars of an instrument lie; periods stored are day, 1 and 5 minutes.

        Raises:
            NotASymbol: Not a symbol (nothing else may become part of a path).
        """
        symbol = parse_symbol(symbol)
        folder, suffix = _FOLDER_AND_SUFFIX[period]
        exchange = exchange_of(symbol).lower()
        return self.root / exchange / folder / f"{exchange}{code_of(symbol)}.{suffix}"

    def last(self, symbol: str, period: Period, count: int) -> list[Bar]:
        """The newest `count` bars, oldest first; empty where nothing is stored."""
        try:
            with self.path(symbol, period).open("rb") as file:
                whole = file.seek(0, os.SEEK_END) // RECORD_BYTES
                file.seek(max(0, whole - count) * RECORD_BYTES)
                data = file.read(min(whole, count) * RECORD_BYTES)
        except FileNotFoundError:
            return []
        return _bars(data, symbol, period)[0]

    def all(self, symbol: str, period: Period) -> list[Bar]:
        """Every bar, oldest first."""
        path = self.path(symbol, period)
        return _bars(path.read_bytes(), symbol, period)[0] if path.exists() else []

    def version(self, symbol: str, period: Period) -> tuple[int, int] | None:
        """Something that changes whenever the stored bars change, for caches; None = no file."""
        try:
            status = self.path(symbol, period).stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size

    def merge(self, symbol: str, period: Period, bars: Iterable[Bar]) -> int:
        """Store bars; one of a stamp that is there replaces it. Returns how many were new or other.

        Doing it twice changes nothing. Bars behind the last one are appended; anything else
        rewrites the file beside it and renames, so that a reader never sees half a file.

        Raises:
            BadRecord: A bar's prices cannot be a bar.
        """
        fresh = sorted(bars, key=lambda bar: bar.at)
        if not fresh:
            return 0
        path = self.path(symbol, period)
        newest = self.last(symbol, period, 1)
        if newest and fresh[0].at > newest[0].at and _is_whole(path):
            return self._append(path, _packed(_unique(fresh), symbol, period))
        by_stamp = {bar.at: bar for bar in self.all(symbol, period)}
        stored = {bar.at: _as_stored(bar, symbol, period) for bar in fresh}
        changed = sum(by_stamp.get(at) != bar for at, bar in stored.items())
        if changed or not _is_whole(path):
            by_stamp.update(stored)
            self._replace(path, _packed([by_stamp[at] for at in sorted(by_stamp)], symbol, period))
        return changed

    def symbols(self, period: Period) -> list[str]:
        """Symbols that have a file of this period."""
        folder, suffix = _FOLDER_AND_SUFFIX[period]
        names = (path.stem for path in self.root.glob(f"*/{folder}/*.{suffix}"))
        return sorted(f"{name[2:]}.{name[:2].upper()}" for name in names)

    def _append(self, path: Path, records: bytes) -> int:
        with path.open("ab") as file:
            file.write(records)
        return len(records) // RECORD_BYTES

    def _replace(self, path: Path, records: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(path.suffix + ".new")
        beside.write_bytes(records)
        beside.replace(path)


def read_bar_file(path: Path, symbol: str) -> tuple[list[Bar], FileCheck]:
    """Read a single file by its suffix (.day, .lc1, .lc5), and say what was wrong in it."""
    data = path.read_bytes()
    bars, bad = _bars(data, symbol, period_of(path))
    return bars, FileCheck(len(bars), bad, len(data) % RECORD_BYTES)


def period_of(path: Path) -> Period:
    """Period that a file's suffix says.

    Raises:
        KeyError: No bar file.
    """
    return _PERIOD_BY_SUFFIX[path.suffix.removeprefix(".").lower()]


def symbol_of(path: Path) -> str:
    """Symbol that a file's name says: sh600519.day is 600519.SH.

    Raises:
        NotASymbol: The name is no such thing.
    """
    return parse_symbol(f"{path.stem[2:]}.{path.stem[:2]}")


def _bars(data: bytes, symbol: str, period: Period) -> tuple[list[Bar], int]:
    unit = price_unit_milli(symbol)
    unpack: Callable[[bytes, int], Bar] = unpack_day if period is Period.DAY else unpack_minute
    bars: list[Bar] = []
    bad = 0
    for start in range(0, len(data) - RECORD_BYTES + 1, RECORD_BYTES):
        try:
            bars.append(unpack(data[start : start + RECORD_BYTES], unit))
        except BadRecord:
            bad += 1
    return bars, bad


def _packed(bars: Sequence[Bar], symbol: str, period: Period) -> bytes:
    if period is not Period.DAY:
        return b"".join(pack_minute(bar) for bar in bars)
    unit = price_unit_milli(symbol)
    return b"".join(pack_day(bar, unit) for bar in bars)


def _as_stored(bar: Bar, symbol: str, period: Period) -> Bar:
    unpack = unpack_day if period is Period.DAY else unpack_minute
    return unpack(_packed([bar], symbol, period), price_unit_milli(symbol))


def _unique(bars: Sequence[Bar]) -> list[Bar]:
    return list({bar.at: bar for bar in bars}.values())


def _is_whole(path: Path) -> bool:
    return path.exists() and path.stat().st_size % RECORD_BYTES == 0
