"""The board's file and its header: built whole, recognised by its bytes, locked by its writer."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from h5app.kernel.clock import Anchor, Clock
from h5app.market import board_layout as layout
from h5app.market.board_layout import GarbledRecord

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SPINS_MAX = 64
"""Readings of a record at once before the reader gives the writer time."""
WAITS_MAX = 40
WAIT_SECONDS = 0.001


class BoardInUse(Exception):
    """Another process writes this board; two writers would tear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardState:
    """The header: what holds for the whole board.

    `heartbeat_at` is wall time, `trading_day` the day that the quotes belong to. `dropped` counts
    quotes that failed the checks at the door, `gaps` and `failures` are the feed's own.
    """

    sequence: int = 0
    anchor: Anchor | None = None
    trading_day: date | None = None
    heartbeat_at: datetime | None = None
    dropped: int = 0
    gaps: int = 0
    failures: int = 0
    feed: str = ""
    label: str = ""


def take_lock(path: Path) -> int:
    """Take the writer's lock; return its descriptor.

    Raises:
        BoardInUse: Another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise BoardInUse(str(path)) from None
    return descriptor


def map_file(path: Path, access: int) -> mmap.mmap:
    """Map a whole file with mmap.ACCESS_READ or mmap.ACCESS_WRITE."""
    mode = os.O_RDWR if access == mmap.ACCESS_WRITE else os.O_RDONLY
    descriptor = os.open(path, mode | os.O_CLOEXEC)
    try:
        return mmap.mmap(descriptor, 0, access=access)
    finally:
        os.close(descriptor)


def symbols_of(path: Path) -> tuple[str, ...] | None:
    """Return the instruments of a sound board file, None for anything else."""
    try:
        with path.open("rb") as file:
            head = file.read(layout.FIXED.size)
            magic, version, count, digest = layout.FIXED.unpack(head)
            if magic != layout.MAGIC or version != layout.LAYOUT_VERSION:
                return None
            if os.fstat(file.fileno()).st_size != layout.file_bytes(count):
                return None
            file.seek(layout.TABLE_AT)
            symbols = layout.unpack_symbols(file.read(count * layout.SYMBOL_BYTES))
    except (OSError, GarbledRecord, ValueError, struct.error):
        return None
    return symbols if layout.list_hash(symbols) == digest else None


def build(path: Path, symbols: tuple[str, ...]) -> None:
    """Make an empty board and move it into place; space is taken now, so that writing never fails.

    Raises:
        OSError: The disk is full (a sparse file would end the process later instead).
    """
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, layout.file_bytes(len(symbols)))
        except OSError:
            fresh.unlink()
            raise
        digest = layout.list_hash(symbols)
        head = layout.FIXED.pack(layout.MAGIC, layout.LAYOUT_VERSION, len(symbols), digest)
        file.write(head)
        file.seek(layout.TABLE_AT)
        file.write(layout.pack_symbols(symbols))
    fresh.replace(path)


def write_state(board: mmap.mmap, state: BoardState) -> None:
    """Write the header under its own lock."""
    lock = layout.LOCK.unpack_from(board, layout.STATE_AT)[0]
    anchor = state.anchor
    layout.LOCK.pack_into(board, layout.STATE_AT, lock + 1)
    layout.STATE.pack_into(
        board,
        layout.STATE_AT,
        lock + 1,
        state.sequence,
        layout.microseconds(anchor.market_at if anchor else None),
        layout.microseconds(anchor.wall_at if anchor else None),
        anchor.speed if anchor else 0,
        day_number(state.trading_day),
        0,
        layout.microseconds(state.heartbeat_at),
        state.dropped,
        state.gaps,
        state.failures,
        state.feed.encode()[:16],
        state.label.encode()[:96],
    )
    layout.LOCK.pack_into(board, layout.STATE_AT, lock + 2)


def read_state(board: mmap.mmap, clock: Clock | None = None) -> BoardState | None:
    """Return the header; None if it is unreadable or its writer never lets go."""
    for turn in range(SPINS_MAX + WAITS_MAX):
        record = board[layout.STATE_AT : layout.STATE_AT + layout.STATE.size]
        lock = layout.LOCK.unpack_from(record)[0]
        if lock % 2 == 0 and layout.LOCK.unpack_from(board, layout.STATE_AT)[0] == lock:
            return _readable_state(record)
        if turn >= SPINS_MAX and clock:
            clock.sleep(WAIT_SECONDS)
    return None


def _readable_state(record: bytes) -> BoardState | None:
    try:
        return _unpack_state(record)
    except GarbledRecord:
        return None


def _unpack_state(record: bytes) -> BoardState:
    row = layout.STATE.unpack(record)
    market_at, wall_at = layout.moment_of(row[2]), layout.moment_of(row[3])
    anchor = Anchor(market_at, wall_at, row[4]) if market_at and wall_at and row[0] else None
    return BoardState(
        sequence=row[1],
        anchor=anchor,
        trading_day=day_of(row[5]),
        heartbeat_at=layout.moment_of(row[7]) if row[0] > 0 else None,
        dropped=row[8],
        gaps=row[9],
        failures=row[10],
        feed=row[11].rstrip(b"\0").decode("utf-8", "ignore"),
        label=row[12].rstrip(b"\0").decode("utf-8", "ignore"),
    )


def line_head(board: mmap.mmap, lines_at: int, index: int) -> tuple[int, int]:
    """Return the day (as a number) of a line and how many slots it has."""
    day, count = layout.LINE_HEAD.unpack_from(board, lines_at + index * layout.LINE_BYTES)
    return day, count


def day_number(day: date | None) -> int:
    """Return 20261124 for a day, 0 for none."""
    return 0 if day is None else day.year * 10000 + day.month * 100 + day.day


def day_of(number: int) -> date | None:
    """Return the day of such a number; None for 0 and for nonsense."""
    if number == 0:
        return None
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        return None
