"""Bytes of the board: where everything lies in the mapped file, and how a quote is packed.

All numbers are little endian and fixed in width, so that any process on the machine reads the same.
Change anything here and `LAYOUT_VERSION` rises: a file of another version is rebuilt.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from h5app.kernel.clock import SHANGHAI
from h5app.market.model import (
    DEPTH_LEVELS,
    DERIVED_DEPTH_LABEL,
    IndexPoints,
    Level,
    MinutePoint,
    Phase,
    Quote,
    levels_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAGIC = b"H5BOARD\n"
LAYOUT_VERSION = 1
SLOTS = 241
"""Slots of a day's line: 09:30 (0) to 11:30 (120), 13:01 (121) to 15:00 (240)."""

NOTHING = -(2**63)
"""A number that is not known; never a price, a quantity or an amount."""
NUMBER_MAX = 10**17
"""No figure of a quote is larger; bytes of chance nearly always are, or they are negative."""

FIXED = struct.Struct("<8sII8x32s")
"""Magic, layout version, count of instruments, room, hash of the instrument list."""
STATE = struct.Struct("<QQqqqIIqQQQ16s96s")
"""Lock, sequence, anchor market/wall/speed, trading day, pad, heartbeat, dropped, gaps, failures,
feed name, label."""
STATE_AT = 128
LOCK = struct.Struct("<Q")
SYMBOL_BYTES = 16
TABLE_AT = 4096
QUOTE = struct.Struct("<QQqBBBBI42q")
"""Lock, sequence of the last change, moment, phase, flags, count of bids and asks, pad, numbers."""
BODY = struct.Struct("<QqBBBBI42q")
"""A quote record behind its lock."""
CONTENT_AT = 16
"""Where in a body the content begins: behind the sequence and the moment."""
POINT = struct.Struct("<iiqq")
LINE_HEAD = struct.Struct("<II")
LINE_BYTES = LINE_HEAD.size + SLOTS * POINT.size

IS_PRESENT, IS_SUSPENDED, HAS_DERIVED_DEPTH, IS_INDEX = 1, 2, 4, 8

_PHASES = tuple(Phase)
_PHASE_NUMBER = {phase: number for number, phase in enumerate(_PHASES)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PAIRS_MAX = 2 * DEPTH_LEVELS
_NO_PAIRS = tuple((NOTHING,) * (2 * missing) for missing in range(DEPTH_LEVELS + 1))
_NO_INDEX = (NOTHING,) * 5


class GarbledRecord(Exception):
    """Bytes that no writer of this layout wrote; they are treated as "not known"."""


def list_hash(symbols: Sequence[str]) -> bytes:
    """Return what identifies an instrument list and its order."""
    return hashlib.sha256("\n".join(symbols).encode()).digest()


def quotes_at(count: int) -> int:
    """Return where the quote records begin, on a page of their own."""
    return _page_after(TABLE_AT + count * SYMBOL_BYTES)


def lines_at(count: int) -> int:
    """Return where the day's lines begin."""
    return _page_after(quotes_at(count) + count * QUOTE.size)


def file_bytes(count: int) -> int:
    """Return the size of a board of so many instruments."""
    return _page_after(lines_at(count) + count * LINE_BYTES)


def _page_after(offset: int) -> int:
    return -(-offset // 4096) * 4096


@lru_cache(maxsize=256)
def microseconds(moment: datetime | None) -> int:
    """Return microseconds since 1970; `NOTHING` for None."""
    return NOTHING if moment is None else (moment - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=256)
def moment_of(count_us: int) -> datetime | None:
    """Return the moment in Asia/Shanghai of microseconds since 1970.

    Raises:
        GarbledRecord: The number is no moment.
    """
    if count_us == NOTHING:
        return None
    try:
        return (_EPOCH + timedelta(microseconds=count_us)).astimezone(SHANGHAI)
    except (OverflowError, ValueError):
        raise GarbledRecord("not a moment") from None


def pack_symbols(symbols: Iterable[str]) -> bytes:
    """Return the table of symbols, sixteen bytes each."""
    return b"".join(symbol.encode().ljust(SYMBOL_BYTES, b"\0") for symbol in symbols)


def unpack_symbols(table: bytes) -> tuple[str, ...]:
    """Return the symbols of a table.

    Raises:
        GarbledRecord: Not text.
    """
    pieces = [table[at : at + SYMBOL_BYTES] for at in range(0, len(table), SYMBOL_BYTES)]
    try:
        return tuple(piece.rstrip(b"\0").decode("ascii") for piece in pieces)
    except UnicodeDecodeError:
        raise GarbledRecord("not a symbol") from None


def pack_quote(quote: Quote, sequence: int) -> bytes:
    """Return the record of a quote without its lock."""
    flags = (
        IS_PRESENT
        | (IS_SUSPENDED if quote.is_suspended else 0)
        | (HAS_DERIVED_DEPTH if quote.depth_label else 0)
        | (IS_INDEX if quote.index_points else 0)
    )
    optional = (
        quote.open_milli,
        quote.high_milli,
        quote.low_milli,
        quote.last_milli,
        quote.limit_up_milli,
        quote.limit_down_milli,
        quote.trades,
        quote.outer_shares,
        quote.inner_shares,
        quote.after_hours_volume_shares,
        quote.after_hours_turnover_fen,
        quote.iopv_milli,
    )
    return BODY.pack(
        sequence,
        microseconds(quote.at),
        _PHASE_NUMBER[quote.phase],
        flags,
        len(quote.bids),
        len(quote.asks),
        0,
        quote.previous_close_milli,
        quote.volume_shares,
        quote.turnover_fen,
        *[NOTHING if number is None else number for number in optional],
        *_pack_index(quote.index_points),
        *_pack_side(quote.bids),
        *_pack_side(quote.asks),
        0,
        0,
    )


def _pack_side(levels: tuple[Level, ...]) -> tuple[int, ...]:
    flat: tuple[int, ...] = ()
    for level in levels:
        flat += (level.price_milli, level.quantity_shares)
    return flat + _NO_PAIRS[DEPTH_LEVELS - len(levels)]


def _pack_index(points: IndexPoints | None) -> tuple[int, ...]:
    if points is None:
        return _NO_INDEX
    numbers = (points.open_e4, points.high_e4, points.low_e4, points.last_e4)
    return (
        points.previous_close_e4,
        *[NOTHING if number is None else number for number in numbers],
    )


def unpack_quote(symbol: str, body: bytes, source: str) -> Quote | None:
    """Return the quote of a record; None where nothing was written yet.

    Raises:
        GarbledRecord: The bytes are no quote.
    """
    sequence, at_us, phase, flags, bids, asks, _, *numbers = BODY.unpack(body)
    if not flags & IS_PRESENT:
        return None
    at = moment_of(at_us)
    if at is None or phase >= len(_PHASES) or max(bids, asks) > DEPTH_LEVELS:
        raise GarbledRecord(symbol)
    figures = [number for number in numbers if number != NOTHING]
    if min(figures) < 0 or max(figures) > NUMBER_MAX:
        raise GarbledRecord(symbol)
    known = [None if number == NOTHING else number for number in numbers]
    return Quote(
        symbol=symbol,
        at=at,
        sequence=sequence,
        phase=_PHASES[phase],
        previous_close_milli=numbers[0],
        volume_shares=numbers[1],
        turnover_fen=numbers[2],
        is_suspended=bool(flags & IS_SUSPENDED),
        depth_label=DERIVED_DEPTH_LABEL if flags & HAS_DERIVED_DEPTH else "",
        source=source,
        index_points=_unpack_index(numbers[15:20]) if flags & IS_INDEX else None,
        bids=_unpack_side(numbers[20 : 20 + 2 * bids]),
        asks=_unpack_side(numbers[30 : 30 + 2 * asks]),
        open_milli=known[3],
        high_milli=known[4],
        low_milli=known[5],
        last_milli=known[6],
        limit_up_milli=known[7],
        limit_down_milli=known[8],
        trades=known[9],
        outer_shares=known[10],
        inner_shares=known[11],
        after_hours_volume_shares=known[12],
        after_hours_turnover_fen=known[13],
        iopv_milli=known[14],
    )


def _unpack_side(numbers: Sequence[int]) -> tuple[Level, ...]:
    return levels_of(numbers[::2], numbers[1::2])


def _unpack_index(numbers: Sequence[int]) -> IndexPoints:
    known: list[Any] = [None if number == NOTHING else number for number in numbers]
    return IndexPoints(
        previous_close_e4=known[0],
        open_e4=known[1],
        high_e4=known[2],
        low_e4=known[3],
        last_e4=known[4],
    )


def pack_point(point: MinutePoint) -> bytes:
    """Return the bytes of one slot of a line."""
    return POINT.pack(
        point.price_milli, point.average_milli, point.volume_shares, point.turnover_fen
    )


def unpack_line(body: bytes, count: int) -> tuple[MinutePoint, ...]:
    """Return the slots that have a price, of the first `count` ones."""
    rows = POINT.iter_unpack(body[: count * POINT.size])
    return tuple(MinutePoint(slot, *row) for slot, row in enumerate(rows) if row[0] > 0)
