"""Both strips of today's line of every instrument in one mapped file beside the board.

Written by the feed process, read by every web worker. Each value is a word of its own that is
written once or grows: a reader never sees half of one. Another instrument list or layout is
another file; a reader that finds one looks again.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from h5app.market.board_header import day_number, day_of
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
from h5app.market.rows_file import RowsLayout, RowsReader

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from h5app.market.model import Quote

FILE_NAME = "strips.bin"
_DAY = struct.Struct("<I4x")
_CALL = struct.Struct("<qqq")
"""Virtual price (0: nothing seen), matched, left over."""
_AFTER = struct.Struct("<qq")
"""Volume (0: nothing seen) and turnover so far."""
_CALLS_BYTES = CALL_POINTS * _CALL.size
_ROW_BYTES = _DAY.size + _CALLS_BYTES + AFTER_POINTS * _AFTER.size
LAYOUT = RowsLayout(b"H5STRIP1", _ROW_BYTES)


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
        self._map = LAYOUT.opened(self._path, symbols)
        self._place = LAYOUT.places(symbols)

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
        self._rows = RowsReader(path, LAYOUT)

    def strips(self, symbol: str, on: date) -> Strips:
        """Return the strips of a day; empty ones where nothing is known."""
        found = self._rows.row(symbol)
        if found is None:
            return Strips()
        strips, at = found
        row = strips[at : at + _ROW_BYTES]
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
        self._rows.close()
