"""Today's prints of every instrument in one mapped file: the newest KEPT of each, in a ring.

Written by the feed process beside the board, read by every web worker. Another instrument list or
layout is another file; a reader that finds one looks again.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from h5app.market.board_header import day_number, day_of
from h5app.market.board_layout import GarbledRecord, microseconds, moment_of
from h5app.market.model import Print, Side
from h5app.market.rows_file import RowsLayout, RowsReader

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

FILE_NAME = "prints.bin"
KEPT = 120
_RING = struct.Struct("<QQI4x")
"""Lock (odd while it is written), count of prints of the day, the day."""
_ROW = struct.Struct("<qqqii")
"""Moment, price, volume, trades (-1: not known), side."""
_RING_BYTES = _RING.size + KEPT * _ROW.size
LAYOUT = RowsLayout(b"H5PRINT1", _RING_BYTES)
_SIDES = (None, Side.BUY, Side.SELL)
_TURNS_MAX = 50


class PrintWriter:
    """The only writer of the file; the board's lock says who may be it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._place: dict[str, int] = {}
        self._day = 0

    def start(self, symbols: Sequence[str], on: date) -> None:
        """Begin a day, or go on with it after a start anew."""
        self.close()
        self._day = day_number(on)
        self._map = LAYOUT.opened(self._path, symbols)
        self._place = LAYOUT.places(symbols)

    def add(self, symbol: str, prints: Iterable[Print]) -> None:
        """Put prints behind the others of the day; the oldest fall out."""
        assert self._map is not None, "the day was not started"
        at = self._place.get(symbol)
        if at is None:
            return
        lock, count, day = _RING.unpack_from(self._map, at)
        count = count if day == self._day else 0
        lock += lock % 2
        _RING.pack_into(self._map, at, lock + 1, count, self._day)
        for one in prints:
            row = at + _RING.size + count % KEPT * _ROW.size
            _ROW.pack_into(self._map, row, *_packed(one))
            count += 1
        _RING.pack_into(self._map, at, lock + 2, count, self._day)

    def close(self) -> None:
        """Let go of the file."""
        if self._map is not None:
            self._map.close()
            self._map = None


class PrintReader:
    """Reads the file that is there now."""

    def __init__(self, path: Path) -> None:
        self._rows = RowsReader(path, LAYOUT)

    def prints(self, symbol: str, on: date, limit: int = KEPT) -> list[Print]:
        """Return the newest prints of a day, the latest first; none where nothing is known."""
        found = self._rows.row(symbol)
        if found is None:
            return []
        rings, at = found
        for _ in range(_TURNS_MAX):
            body = rings[at : at + _RING_BYTES]
            lock, count, day = _RING.unpack_from(body)
            if lock % 2 or _RING.unpack_from(rings, at)[0] != lock:
                continue
            if day_of(day) != on:
                return []
            newest = range(count - 1, max(-1, count - 1 - min(limit, KEPT)), -1)
            rows = (_ROW.unpack_from(body, _RING.size + n % KEPT * _ROW.size) for n in newest)
            return [one for one in map(_unpacked, rows) if one is not None]
        return []

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _packed(one: Print) -> tuple[int, int, int, int, int]:
    trades = -1 if one.trades is None else one.trades
    moment = microseconds(one.at)
    return moment, one.price_milli, one.volume_shares, trades, _SIDES.index(one.side)


def _unpacked(row: tuple[int, int, int, int, int]) -> Print | None:
    try:
        at = moment_of(row[0])
        side = _SIDES[row[4]]
    except (GarbledRecord, IndexError):
        return None
    return None if at is None else Print(at, row[1], row[2], side, None if row[3] < 0 else row[3])
