"""Shanghai's mktdt00.txt (interface IS101), rewritten every three seconds.

Fields are fixed in width and parted by "|". A name is cut out by its place, before anything is
split: the second byte of a GBK character may be a "|". Records of an unknown kind are passed over
line by line.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.feeds.file_feed import FileContent
from h5app.market.feeds.live import (
    BOND_LOT_SHARES,
    Figures,
    index_quote,
    index_volume_in_shares,
    live_quote,
    side_of_book,
    volume_in_shares,
)
from h5app.market.model import Board, Exchange
from h5app.market.ports import FeedGarbled

if TYPE_CHECKING:
    from h5app.market.feeds.live import Phases
    from h5app.market.model import Instrument, Quote

_HEADER_BYTES, _TRAILER_BYTES = 82, 12
_PIECE_BYTES = 256
"""At most 255 * 256 + 1 < 65521, the modulus of Adler-32."""
_STREAM, _CODE, _AFTER_NAME = slice(5), slice(6, 12), 22
_HALTED = (b"P", b"M", b"N", b"V")
"""First letter of the phase code: suspended, or a halt for moving too far."""
_INDEX, _FUND = b"MD001", b"MD004"
_KINDS = {_INDEX: 10, b"MD002": 30, b"MD003": 30, _FUND: 32}
"""Streams that are read, and how many fields they have behind the name."""
_BUY_PRICES, _BUY_QUANTITIES = slice(8, 28, 4), slice(9, 28, 4)
_SELL_PRICES, _SELL_QUANTITIES = slice(10, 28, 4), slice(11, 28, 4)


class SseLayout:
    """mktdt00.txt. Every kind that is read has its own form; others are passed over."""

    name = "sse_files"
    label = "上交所行情文件"
    exchange = Exchange.SSE

    def start(self) -> None:
        """Nothing is kept from day to day."""

    def parse(self, content: bytes) -> FileContent:
        """Return the file's stamp and the lines of known kinds."""
        header, *lines, _ = whole_lines(content)
        known = [(line[_CODE], line) for line in lines if line[_STREAM] in _KINDS]
        return FileContent(stamp_of(header), known)

    def quote(
        self, record: bytes, instrument: Instrument, at: datetime, phases: Phases
    ) -> Quote | None:
        """Return the quote of a line; an index and a stock may have the same six digits."""
        if (record[_STREAM] == _INDEX) is not instrument.is_index:
            return None
        return quote_of_line(record, instrument, at, phases)


def whole_lines(content: bytes) -> list[bytes]:
    """Return the lines of a whole file, header and trailer among them.

    Raises:
        FeedGarbled: Length or checksum do not fit: it was being written.
    """
    header, trailer = content[:_HEADER_BYTES], content[-_TRAILER_BYTES:]
    if not header.startswith(b"HEADER|") or not trailer.startswith(b"TRAILER|"):
        raise FeedGarbled("header or trailer is missing")
    try:
        length, checksum = int(header[16:26]), int(trailer[8:11])
    except ValueError:
        raise FeedGarbled("length or checksum is no number") from None
    if length != len(content) - _HEADER_BYTES:
        raise FeedGarbled(f"{len(content) - _HEADER_BYTES} bytes where {length} are told")
    if _sum_of_bytes(memoryview(content)[: 8 - _TRAILER_BYTES]) % 256 != checksum:
        raise FeedGarbled("the checksum differs")
    return content[:-1].split(b"\n")


def _sum_of_bytes(content: memoryview) -> int:
    """Return the sum; Adler-32 of a piece so short holds it exactly, at ten times the speed."""
    pieces = range(0, len(content), _PIECE_BYTES)
    return sum((zlib.adler32(content[at : at + _PIECE_BYTES]) & 0xFFFF) - 1 for at in pieces)


def stamp_of(header: bytes) -> datetime:
    """Return the moment the file was made.

    Raises:
        FeedGarbled: It is none.
    """
    try:
        text = header.split(b"|")[6].decode("ascii").replace("-", "T")
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except (ValueError, IndexError):
        raise FeedGarbled("the header has no time") from None


def quote_of_line(line: bytes, instrument: Instrument, at: datetime, phases: Phases) -> Quote:
    """Return the quote of a line.

    Raises:
        ValueError: The line is not of its kind's form.
    """
    kind = line[_STREAM]
    fields = line[_AFTER_NAME:].replace(b".", b"").split(b"|")
    if len(fields) != _KINDS[kind]:
        raise ValueError(kind)
    stamp = _stamp_on(at, fields[-1])
    is_halted = fields[-2][:1] in _HALTED
    if kind == _INDEX:
        told, turnover, *points, trade, close = map(int, fields[:8])
        totals = index_volume_in_shares(told, turnover), turnover
        return index_quote(instrument, stamp, [*points, close or trade], totals, phases)
    numbers = list(map(int, fields[:28]))
    usual_unit = BOND_LOT_SHARES if instrument.board is Board.CONVERTIBLE else 1
    iopv = int(fields[29]) if kind == _FUND else 0
    figures = _figures(numbers, usual_unit, iopv or None)
    return live_quote(instrument, stamp, figures, phases, is_halted=is_halted)


def _figures(numbers: list[int], usual_unit: int, iopv_milli: int | None) -> Figures:
    told, turnover, previous, opened, high, low, trade, close = numbers[:8]
    return Figures(
        previous,
        opened,
        high,
        low,
        close or trade,
        volume_in_shares(told, turnover, (low, high), usual_unit),
        turnover,
        side_of_book(numbers[_BUY_PRICES], numbers[_BUY_QUANTITIES]),
        side_of_book(numbers[_SELL_PRICES], numbers[_SELL_QUANTITIES]),
        iopv_milli=iopv_milli,
    )


@lru_cache(maxsize=4096)
def _stamp_on(at: datetime, text: bytes) -> datetime:
    """Return a line's own stamp, "14:30:00123" by now; never later than the file's."""
    if not text.strip():
        return at
    own = at.replace(
        hour=int(text[0:2]),
        minute=int(text[3:5]),
        second=int(text[6:8]),
        microsecond=int(text[8:11]) * 1000,
    )
    return min(at, own)
