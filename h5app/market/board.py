"""The board: latest quote and today's line of every instrument in one memory-mapped file.

One feed process writes, every other process reads without copying and without a lock. Each record
has its own number that is odd while the record is being written; a reader that meets an odd or a
changed number reads again. A file of another layout or instrument list is rebuilt beside the old
one and moved into its place; readers find out and open it anew.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from h5app.kernel.clock import Anchor, Clock, SystemClock
from h5app.kernel.error import AppError
from h5app.market import board_layout as layout
from h5app.market.board_header import (
    SPINS_MAX,
    WAIT_SECONDS,
    WAITS_MAX,
    BoardInUse,
    BoardState,
    build,
    day_number,
    day_of,
    line_head,
    map_file,
    read_state,
    symbols_of,
    take_lock,
    write_state,
)
from h5app.market.board_layout import GarbledRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from h5app.market.model import MinutePoint, Quote

__all__ = ["BoardInUse", "BoardMissing", "BoardReader", "BoardState", "BoardWriter"]

_NOT_READ = -1
_NO_FILE = (0, 0)
"""Number and size of a file that is not there."""


class BoardMissing(AppError):
    """There is no board yet: no feed has run since the set-up."""

    code = "market.board_missing"
    status = 503
    sentence = "行情尚未就绪,请稍后刷新"


class BoardWriter:
    """The one writer of a board; holds a lock on the file beside it."""

    def __init__(self, path: Path, symbols: Sequence[str]) -> None:
        """Open the board, or build it when it is missing, of another layout or of another list.

        Raises:
            BoardInUse: Another process writes it.
            OSError: The disk is full or not writable.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = take_lock(path.with_name(path.name + ".lock"))
        try:
            self._map = self._mapped(tuple(symbols))
        except OSError:
            os.close(self._lock_file)
            raise
        self._heal()
        self._state = read_state(self._map) or BoardState()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Let go of the file."""
        self.close()

    @property
    def state(self) -> BoardState:
        """What the header says."""
        return self._state

    def publish(
        self, quotes: Iterable[Quote], minutes: Mapping[str, Iterable[MinutePoint]] | None = None
    ) -> int:
        """Write quotes and slots of lines as one batch; return the board's new sequence.

        A quote that says nothing new but its time keeps its old sequence, so that no watcher is
        woken for it. Symbols that are not on the board are passed over.
        """
        sequence = self._state.sequence + 1
        rest = dict(minutes or {})
        for quote in quotes:
            index = self._index_by_symbol.get(quote.symbol)
            if index is not None:
                self._write(index, quote, sequence, rest.pop(quote.symbol, ()))
        for symbol, points in rest.items():
            index = self._index_by_symbol.get(symbol)
            if index is not None:
                self._write(index, None, sequence, points)
        self.mark(replace(self._state, sequence=sequence))
        return sequence

    def mark(self, state: BoardState) -> None:
        """Write the header; the sequence never falls."""
        self._state = replace(state, sequence=max(state.sequence, self._state.sequence))
        write_state(self._map, self._state)

    def start_lines(self, day: date) -> None:
        """Empty every line that belongs to another day."""
        stamp = day_number(day)
        for index in range(len(self.symbols)):
            if line_head(self._map, self._lines_at, index)[0] != stamp:
                self._empty_line(index, stamp)

    def relist(self, symbols: Sequence[str]) -> None:
        """Build the board anew for another list of instruments; the header stays as it is.

        Raises:
            OSError: The disk is full or not writable; the old board goes on.
        """
        if tuple(symbols) == self.symbols:
            return
        before = self._map
        self._map = self._mapped(tuple(symbols))
        before.close()
        write_state(self._map, self._state)

    def line(self, symbol: str) -> tuple[MinutePoint, ...]:
        """Return the line as it stands; a feed that starts again goes on from it."""
        at = self._lines_at + self._index_by_symbol[symbol] * layout.LINE_BYTES
        count = layout.LINE_HEAD.unpack_from(self._map, at)[1]
        begin = at + layout.LINE_HEAD.size
        return layout.unpack_line(self._map[begin : at + layout.LINE_BYTES], count)

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if not self._map.closed:
            self._map.close()
            os.close(self._lock_file)

    def _mapped(self, symbols: tuple[str, ...]) -> mmap.mmap:
        """Map the board of these instruments; it is built when there is none of this list."""
        if symbols_of(self.path) != symbols:
            build(self.path, symbols)
        mapped = map_file(self.path, access=mmap.ACCESS_WRITE)
        self.symbols = symbols
        self._index_by_symbol = {symbol: index for index, symbol in enumerate(symbols)}
        self._quotes_at = layout.quotes_at(len(symbols))
        self._lines_at = layout.lines_at(len(symbols))
        self._content: list[bytes] = [b""] * len(symbols)
        return mapped

    def _write(
        self, index: int, quote: Quote | None, sequence: int, points: Iterable[MinutePoint]
    ) -> None:
        at = self._quotes_at + index * layout.QUOTE.size
        lock = layout.LOCK.unpack_from(self._map, at)[0]
        body = self._body(index, quote, sequence)
        layout.LOCK.pack_into(self._map, at, lock + 1)
        if body:
            self._map[at + layout.LOCK.size : at + layout.QUOTE.size] = body
        self._write_points(index, points)
        layout.LOCK.pack_into(self._map, at, lock + 2)

    def _body(self, index: int, quote: Quote | None, sequence: int) -> bytes:
        if quote is None:
            return b""
        body = layout.pack_quote(quote, sequence)
        content = body[layout.CONTENT_AT :]
        if content == self._content[index]:
            at = self._quotes_at + index * layout.QUOTE.size + layout.LOCK.size
            return self._map[at : at + 8] + body[8:]
        self._content[index] = content
        return body

    def _write_points(self, index: int, points: Iterable[MinutePoint]) -> None:
        at = self._lines_at + index * layout.LINE_BYTES
        day, count = layout.LINE_HEAD.unpack_from(self._map, at)
        for point in points:
            slot_at = at + layout.LINE_HEAD.size + point.minute * layout.POINT.size
            self._map[slot_at : slot_at + layout.POINT.size] = layout.pack_point(point)
            count = max(count, point.minute + 1)
        layout.LINE_HEAD.pack_into(self._map, at, day, count)

    def _empty_line(self, index: int, stamp: int) -> None:
        quote_at = self._quotes_at + index * layout.QUOTE.size
        at = self._lines_at + index * layout.LINE_BYTES
        lock = layout.LOCK.unpack_from(self._map, quote_at)[0]
        layout.LOCK.pack_into(self._map, quote_at, lock + 1)
        self._map[at : at + layout.LINE_BYTES] = bytes(layout.LINE_BYTES)
        layout.LINE_HEAD.pack_into(self._map, at, stamp, 0)
        layout.LOCK.pack_into(self._map, quote_at, lock + 2)

    def _heal(self) -> None:
        """Blank the records that a writer left half written when it was killed."""
        for index in range(len(self.symbols)):
            at = self._quotes_at + index * layout.QUOTE.size
            lock = layout.LOCK.unpack_from(self._map, at)[0]
            if lock % 2:
                self._map[at + layout.LOCK.size : at + layout.QUOTE.size] = bytes(layout.BODY.size)
                layout.LOCK.pack_into(self._map, at, lock + 1)
        state_lock = layout.LOCK.unpack_from(self._map, layout.STATE_AT)[0]
        if state_lock % 2:
            layout.LOCK.pack_into(self._map, layout.STATE_AT, state_lock + 1)


class BoardReader:
    """Any number of readers in any number of processes."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        """Name the board; it need not exist yet and may be rebuilt at any time."""
        self.path = path
        self._clock = clock or SystemClock()
        self._map: mmap.mmap | None = None
        self._file = _NO_FILE
        self._index_by_symbol: dict[str, int] = {}
        self._quotes_at = self._lines_at = 0
        self._state: BoardState | None = None
        self._state_lock = _NOT_READ
        self.torn_retries = 0

    @property
    def symbols(self) -> tuple[str, ...]:
        """The instruments of the board, in its order."""
        self.refresh()
        return tuple(self._index_by_symbol)

    def refresh(self) -> bool:
        """Open the file anew if it was replaced; say whether there is a board.

        A file that was cut off is let go of: to read behind its end would end the process.
        """
        try:
            found = os.stat(self.path)  # noqa: PTH116 - on every read, half the cost
            file = (found.st_ino, found.st_size)
        except OSError:
            file = _NO_FILE
        if file != self._file or self._map is None:
            self._open(file)
        return self._map is not None

    def state(self) -> BoardState | None:
        """Return the header, or None without a board; it is unpacked once for each change."""
        if not self.refresh() or self._map is None:
            return None
        lock = layout.LOCK.unpack_from(self._map, layout.STATE_AT)[0]
        if lock != self._state_lock or lock % 2:
            self._state, self._state_lock = read_state(self._map, self._clock), lock
        return self._state

    def sequence(self) -> int:
        """Return the board's sequence; 0 without a board."""
        if not self.refresh() or self._map is None:
            return 0
        return int(layout.LOCK.unpack_from(self._map, layout.STATE_AT + layout.LOCK.size)[0])

    def anchor(self) -> Anchor | None:
        """Return the market clock's anchor as the feed mirrors it."""
        state = self.state()
        return state.anchor if state else None

    def quote(self, symbol: str) -> Quote | None:
        """Return the latest quote; None where nothing is known (or nothing readable)."""
        return self.quotes((symbol,))[0]

    def quotes(self, symbols: Iterable[str]) -> list[Quote | None]:
        """Return the latest quotes in the order asked for."""
        source = self._feed_name()
        return [self._quote(symbol, source) for symbol in symbols]

    def all_quotes(self) -> list[Quote]:
        """Return every quote there is."""
        return [quote for quote in self.quotes(self.symbols) if quote is not None]

    def change_sequences(self, symbols: Iterable[str]) -> dict[str, int]:
        """Return, without reading the quotes, at which sequence each of them last changed."""
        found: dict[str, int] = {}
        if not self.refresh() or self._map is None:
            return found
        for symbol in symbols:
            index = self._index_by_symbol.get(symbol)
            if index is not None:
                at = self._quotes_at + index * layout.QUOTE.size + layout.LOCK.size
                found[symbol] = layout.LOCK.unpack_from(self._map, at)[0]
        return found

    def line(self, symbol: str) -> tuple[MinutePoint, ...]:
        """Return the day's slots that have a value so far."""
        index = self._index_by_symbol.get(symbol) if self.refresh() else None
        if index is None:
            return ()
        at = self._lines_at + index * layout.LINE_BYTES
        record = self._read(index, at, layout.LINE_BYTES)
        if record is None:
            return ()
        count = min(layout.LINE_HEAD.unpack_from(record)[1], layout.SLOTS)
        return layout.unpack_line(record[layout.LINE_HEAD.size :], count)

    def line_day(self, symbol: str) -> date | None:
        """Return the day that the line belongs to."""
        index = self._index_by_symbol.get(symbol) if self.refresh() else None
        if index is None or self._map is None:
            return None
        return day_of(line_head(self._map, self._lines_at, index)[0])

    def close(self) -> None:
        """Let go of the file."""
        if self._map is not None:
            self._map.close()
        self._map = None
        self._file = _NO_FILE
        self._state_lock = _NOT_READ

    def _feed_name(self) -> str:
        state = self.state()
        return state.feed if state else ""

    def _quote(self, symbol: str, source: str) -> Quote | None:
        index = self._index_by_symbol.get(symbol)
        if index is None or self._map is None:
            return None
        at = self._quotes_at + index * layout.QUOTE.size + layout.LOCK.size
        body = self._read(index, at, layout.BODY.size)
        if body is None:
            return None
        try:
            return layout.unpack_quote(symbol, body, source)
        except GarbledRecord:
            return None

    def _read(self, index: int, at: int, size: int) -> bytes | None:
        """Return bytes that were whole when they were read; None if the writer never lets go."""
        assert self._map is not None
        lock_at = self._quotes_at + index * layout.QUOTE.size
        for turn in range(SPINS_MAX + WAITS_MAX):
            before = layout.LOCK.unpack_from(self._map, lock_at)[0]
            record = self._map[at : at + size]
            if before % 2 == 0 and layout.LOCK.unpack_from(self._map, lock_at)[0] == before:
                return record
            self.torn_retries += 1
            if turn >= SPINS_MAX:
                self._clock.sleep(WAIT_SECONDS)
        return None

    def _open(self, file: tuple[int, int]) -> None:
        self.close()
        symbols = symbols_of(self.path)
        if symbols is None:
            return
        self._map = map_file(self.path, access=mmap.ACCESS_READ)
        self._file = file
        self._index_by_symbol = {symbol: index for index, symbol in enumerate(symbols)}
        self._quotes_at = layout.quotes_at(len(symbols))
        self._lines_at = layout.lines_at(len(symbols))
