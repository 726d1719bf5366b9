"""Both strips of today's line of every instrument in one mapped file beside the board.

Written by the feed process, read by every web worker. Each value is a word of its own that is
written once or grows: a reader never sees half of one. Another instrument list or layout is
another file; a reader that finds one looks again.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import TYPE_CHECKING

from h5app.market.board_header import day_number, day_of, map_file
from h5app.market.board_layout import GarbledRecord, list_hash, pack_symbols, unpack_symbols
from h5app.market.line_strips import (
    AFTER_POINTS,
    CALL_POINTS,
    AfterPoint,
    CallPoint,
    Strips,
    after_point,
    call_point,
    own_minutes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from h5app.market.model import Quote

FILE_NAME = "strips.bin"
MAGIC = b"H5STRIP1"
_HEAD = struct.Struct("<8sI4x32s")
_DAY = struct.Struct("<I4x")
_CALL = struct.Struct("<qqq")
"""Virtual price (0: nothing seen), matched, left over."""
_AFTER = struct.Struct("<qq")
"""Volume (0: nothing seen) and turnover so far."""
_SYMBOL_BYTES = 16
_CALLS_BYTES = CALL_POINTS * _CALL.size
_ROW_BYTES = _DAY.size + _CALLS_BYTES + AFTER_POINTS * _AFTER.size


class StripWriter:
    """The only writer of the file; the board's lock says who may be it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._place: dict[str, int] = {}
        self._day = 0

    def start(self, symbols: Sequence[str], on: date) -> None:
        """Begin a day, or go on with it after a start anew.

        Raises:
            OSError: The disk is full.
        """
        self.close()
        self._day = day_number(on)
        if _symbols_of(self._path) != tuple(symbols):
            _build(self._path, symbols)
        self._map = map_file(self._path, mmap.ACCESS_WRITE)
        self._place = _places(symbols)

    def take(self, quotes: Iterable[Quote]) -> None:
        """Keep what quotes tell of a call or of the hours after the close."""
        for quote in quotes:
            call, after = call_point(quote), after_point(quote)
            at = self._place.get(quote.symbol)
            if at is None or (call is None and after is None):
                continue
            self._take(at, call, after)

    def _take(self, at: int, call: CallPoint | None, after: AfterPoint | None) -> None:
        assert self._map is not None, "the day was not started"
        if _DAY.unpack_from(self._map, at)[0] != self._day:
            self._map[at : at + _ROW_BYTES] = bytes(_ROW_BYTES)
            _DAY.pack_into(self._map, at, self._day)
        if call is not None:
            place = at + _DAY.size + call.place * _CALL.size
            row = (call.price_milli, call.matched_shares, call.unmatched_shares)
            _CALL.pack_into(self._map, place, *row)
        if after is not None:
            place = at + _DAY.size + _CALLS_BYTES + after.place * _AFTER.size
            _AFTER.pack_into(self._map, place, after.volume_shares, after.turnover_fen)

    def close(self) -> None:
        """Let go of the file."""
        if self._map is not None:
            self._map.close()
            self._map = None


class StripReader:
    """Reads the file that is there now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._file: tuple[int, int] | None = None
        self._place: dict[str, int] = {}

    def strips(self, symbol: str, on: date) -> Strips:
        """Return the strips of a day; empty ones where nothing is known."""
        self._refresh()
        at = self._place.get(symbol)
        if self._map is None or at is None:
            return Strips()
        row = self._map[at : at + _ROW_BYTES]
        if day_of(_DAY.unpack_from(row)[0]) != on:
            return Strips()
        calls = enumerate(_CALL.iter_unpack(row[_DAY.size : _DAY.size + _CALLS_BYTES]))
        after = enumerate(_AFTER.iter_unpack(row[_DAY.size + _CALLS_BYTES :]))
        return Strips(
            tuple(CallPoint(place, *words) for place, words in calls if words[0] > 0),
            own_minutes([AfterPoint(place, *words) for place, words in after if words[0] > 0]),
        )

    def close(self) -> None:
        """Let go of the file."""
        if self._map is not None:
            self._map.close()
        self._map, self._file, self._place = None, None, {}

    def _refresh(self) -> None:
        try:
            found = self._path.stat()
        except OSError:
            self.close()
            return
        file = found.st_ino, found.st_size
        if file == self._file:
            return
        self.close()
        symbols = _symbols_of(self._path)
        if symbols is not None:
            self._map = map_file(self._path, mmap.ACCESS_READ)
            self._file, self._place = file, _places(symbols)


def _places(symbols: Sequence[str]) -> dict[str, int]:
    begin = _HEAD.size + len(symbols) * _SYMBOL_BYTES
    return {symbol: begin + n * _ROW_BYTES for n, symbol in enumerate(symbols)}


def _size(count: int) -> int:
    return _HEAD.size + count * (_SYMBOL_BYTES + _ROW_BYTES)


def _symbols_of(path: Path) -> tuple[str, ...] | None:
    """Return the instruments of a sound file; None for anything else."""
    try:
        with path.open("rb") as file:
            magic, count, digest = _HEAD.unpack(file.read(_HEAD.size))
            symbols = unpack_symbols(file.read(count * _SYMBOL_BYTES))
            is_whole = os.fstat(file.fileno()).st_size == _size(count)
    except (OSError, struct.error, GarbledRecord):
        return None
    return symbols if magic == MAGIC and is_whole and list_hash(symbols) == digest else None


def _build(path: Path, symbols: Sequence[str]) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        # The space is taken now: a sparse file would end the process when the disk is full.
        os.posix_fallocate(file.fileno(), 0, _size(len(symbols)))
        file.write(_HEAD.pack(MAGIC, len(symbols), list_hash(symbols)))
        file.write(pack_symbols(symbols))
    fresh.replace(path)
