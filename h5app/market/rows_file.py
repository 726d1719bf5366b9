"""A mapped file with one row of equal size for each instrument, behind a head that names them.

One process writes it, others read it. Another instrument list or layout is another file that is
moved into place; a reader that finds one looks again.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.market.board_header import map_file
from h5app.market.board_layout import GarbledRecord, list_hash, pack_symbols, unpack_symbols

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEAD = struct.Struct("<8sI4x32s")
_SYMBOL_BYTES = 16


@dataclass(frozen=True, slots=True)
class RowsLayout:
    """What tells such files apart: eight bytes at their beginning, and the size of a row."""

    magic: bytes
    row_bytes: int

    def places(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return where each instrument's row begins (unit: bytes)."""
        begin = _HEAD.size + len(symbols) * _SYMBOL_BYTES
        return {symbol: begin + n * self.row_bytes for n, symbol in enumerate(symbols)}

    def symbols_of(self, path: Path) -> tuple[str, ...] | None:
        """Return the instruments of a sound file; None for anything else."""
        try:
            with path.open("rb") as file:
                magic, count, digest = _HEAD.unpack(file.read(_HEAD.size))
                symbols = unpack_symbols(file.read(count * _SYMBOL_BYTES))
                is_whole = os.fstat(file.fileno()).st_size == self._size(count)
        except (OSError, struct.error, GarbledRecord):
            return None
        is_sound = magic == self.magic and is_whole and list_hash(symbols) == digest
        return symbols if is_sound else None

    def opened(self, path: Path, symbols: Sequence[str]) -> mmap.mmap:
        """Return the file of these instruments for writing; an empty one where there was none.

        Raises:
            OSError: The disk is full.
        """
        if self.symbols_of(path) != tuple(symbols):
            self._build(path, symbols)
        return map_file(path, mmap.ACCESS_WRITE)

    def _size(self, count: int) -> int:
        return _HEAD.size + count * (_SYMBOL_BYTES + self.row_bytes)

    def _build(self, path: Path, symbols: Sequence[str]) -> None:
        fresh = path.with_name(path.name + ".new")
        with fresh.open("wb") as file:
            # The space is taken now: a sparse file would end the process when the disk is full.
            os.posix_fallocate(file.fileno(), 0, self._size(len(symbols)))
            file.write(_HEAD.pack(self.magic, len(symbols), list_hash(symbols)))
            file.write(pack_symbols(symbols))
        fresh.replace(path)


class RowsReader:
    """Finds rows in the file that is there now."""

    def __init__(self, path: Path, layout: RowsLayout) -> None:
        self._path = path
        self._layout = layout
        self._map: mmap.mmap | None = None
        self._file: tuple[int, int] | None = None
        self._place: dict[str, int] = {}

    def row(self, symbol: str) -> tuple[mmap.mmap, int] | None:
        """Return the map and where the instrument's row begins; None where there is none."""
        self._refresh()
        at = self._place.get(symbol)
        return None if self._map is None or at is None else (self._map, at)

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
        symbols = self._layout.symbols_of(self._path)
        if symbols is not None:
            self._map = map_file(self._path, mmap.ACCESS_READ)
            self._file, self._place = file, self._layout.places(symbols)
