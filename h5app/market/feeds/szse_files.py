"""Shenzhen's sjshq.dbf, the dBase table that converters rewrite every three seconds.

Record 000000 carries the date (in the name's place) and the time (HHMMSS, in HQCJBS). Columns are
found by name. A table has no checksum: it is taken as whole when its size fits its header, the end
mark is there, and the file did not change while it was read.
"""

from __future__ import annotations

import struct
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import round_half_up
from h5app.market.feeds.file_feed import FileContent
from h5app.market.feeds.live import (
    Figures,
    StillOnes,
    index_quote,
    index_volume_in_shares,
    live_quote,
    side_of_book,
    volume_in_shares,
)
from h5app.market.model import DEPTH_LEVELS, Exchange
from h5app.market.ports import FeedGarbled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.feeds.live import Phases
    from h5app.market.model import Instrument, Quote

_HEAD = struct.Struct("<4xIHH20x")
_COLUMN = struct.Struct("<11sc4xBB14x")
_HEADER_END, _FILE_END, _DELETED = 0x0D, b"\x1a", b"*"
_TIME_CODE = b"000000"
_LEVELS = range(1, DEPTH_LEVELS + 1)
_NUMBERS = (
    *("HQZRSP", "HQJRKP", "HQZGCJ", "HQZDCJ", "HQZJCJ"),
    *("HQCJSL", "HQCJJE", "HQCJBS"),
    *(f"{name}{level}" for name in ("HQBJW", "HQBSL", "HQSJW", "HQSSL") for level in _LEVELS),
)
_PRICES, _VOLUME, _TURNOVER, _TRADES = slice(5), 5, 6, 7
_BUY_PRICES, _BUY_QUANTITIES = slice(8, 13), slice(13, 18)
_SELL_PRICES, _SELL_QUANTITIES = slice(18, 23), slice(23, 28)
"""Where figures stand among _NUMBERS."""
_MILLI_DECIMALS = 3
_POINT = set(b".")


class Table:
    """The records of one whole table."""

    def __init__(self, content: bytes) -> None:
        """Find columns and records.

        Raises:
            FeedGarbled: The bytes are no whole table, or columns are missing.
        """
        if len(content) < _HEAD.size:
            raise FeedGarbled("no header")
        count, begin, size = _HEAD.unpack_from(content)
        end = begin + count * size
        if len(content) != end + 1 or content[end:] != _FILE_END:
            raise FeedGarbled(f"{len(content)} bytes where {end + 1} are told")
        self.columns = _columns(content[:begin])
        missing = {"HQZQDM", "HQZQJC", *_NUMBERS} - set(self.columns)
        if missing:
            raise FeedGarbled(f"columns are missing: {sorted(missing)}")
        self.records = [content[at : at + size] for at in range(begin, end, size)]
        self._code_place = self.columns["HQZQDM"][0]
        self._row = _Row([self.columns[name] for name in _NUMBERS])

    def code(self, record: bytes) -> bytes:
        """Return the six digits of a record."""
        return record[self._code_place].strip()

    def stamp(self) -> datetime:
        """Return when the table was made.

        Raises:
            FeedGarbled: Its first record does not say.
        """
        for record in self.records[:1]:
            if self.code(record) == _TIME_CODE:
                day = record[self.columns["HQZQJC"][0]].decode("ascii", "ignore").strip()
                time = record[self.columns["HQCJBS"][0]].decode("ascii", "ignore").strip()
                try:
                    moment = datetime.fromisoformat(f"{day[:8]}T{time.zfill(6)}")
                except ValueError:
                    break
                return moment.replace(tzinfo=SHANGHAI)
        raise FeedGarbled("record 000000 has no date and time")

    def numbers(self, record: bytes) -> list[int]:
        """Return a record's numbers in the order of _NUMBERS.

        Prices and the turnover are in milli-yuan, quantities in whole shares.

        Raises:
            ValueError: A column holds no number.
        """
        return self._row.numbers(record)


class _Row:
    """Where the numbers of a record lie, and how they are read in one go.

    Usually every number is flush right with none or three decimals; then all points are taken out
    at once. A record that is written otherwise is read column by column.
    """

    def __init__(self, places: Sequence[tuple[slice, int]]) -> None:
        self._places = places
        self._cells = itemgetter(*(place for place, _ in places))
        self._ends = itemgetter(*(place.stop - 1 for place, _ in places))
        points = [place.stop - 1 - _MILLI_DECIMALS for place, decimals in places if decimals]
        self._points = itemgetter(0, *points)  # The first byte is the mark of a deleted record.
        self._point_count = len(points)
        self._is_usual = {decimals for _, decimals in places} == {0, _MILLI_DECIMALS}

    def numbers(self, record: bytes) -> list[int]:
        """Return the numbers; those with decimals in thousandths.

        Raises:
            ValueError: A column holds no number.
        """
        text = b"|".join(self._cells(record))
        if self._is_flush(record, text):
            try:
                return list(map(int, text.replace(b".", b"").split(b"|")))
            except ValueError:
                pass  # The long way tells which column it is.
        return [_number(record[place], decimals) for place, decimals in self._places]

    def _is_flush(self, record: bytes, text: bytes) -> bool:
        """Say whether all numbers end at their columns' ends, and points are where they belong."""
        return (
            self._is_usual
            and text.count(b".") == self._point_count
            and text.count(b"|") == len(self._places) - 1
            and bytes(self._ends(record)).isdigit()
            and set(self._points(record)[1:]) == _POINT
        )


class SzseLayout:
    """sjshq.dbf. A record has no stamp of its own: it is the table's."""

    name = "szse_files"
    label = "深交所行情文件"
    exchange = Exchange.SZSE

    def __init__(self) -> None:
        self._still = StillOnes()
        self._table: Table | None = None

    def start(self) -> None:
        """Forget who was suspended."""
        self._still = StillOnes()

    def parse(self, content: bytes) -> FileContent:
        """Return the table's stamp and its records but deleted ones."""
        table = self._table = Table(content)
        records = [one for one in table.records if one[:1] != _DELETED]
        return FileContent(table.stamp(), [(table.code(one), one) for one in records])

    def quote(
        self, record: bytes, instrument: Instrument, at: datetime, phases: Phases
    ) -> Quote | None:
        """Return the quote of a record."""
        assert self._table is not None, "a record without its table"
        numbers = self._table.numbers(record)
        if instrument.is_index:
            points = [price * 10 for price in numbers[_PRICES]]
            turnover = round_half_up(numbers[_TURNOVER], 10)
            totals = index_volume_in_shares(numbers[_VOLUME], turnover), turnover
            return index_quote(instrument, at, points, totals, phases)
        figures = figures_of(numbers)
        is_halted = self._still.holds(instrument, figures, phases.of(instrument))
        return live_quote(instrument, at, figures, phases, is_halted=is_halted)


def figures_of(numbers: Sequence[int]) -> Figures:
    """Return a record's figures; its turnover is told in milli-yuan."""
    turnover = round_half_up(numbers[_TURNOVER], 10)
    previous, opened, high, low, last = numbers[_PRICES]
    return Figures(
        previous,
        opened,
        high,
        low,
        last,
        volume_in_shares(numbers[_VOLUME], turnover, (low, high), 1),
        turnover,
        side_of_book(numbers[_BUY_PRICES], numbers[_BUY_QUANTITIES]),
        side_of_book(numbers[_SELL_PRICES], numbers[_SELL_QUANTITIES]),
        trades=numbers[_TRADES] or None,
    )


def _number(text: bytes, decimals: int) -> int:
    """Return a column's number without its point; a column with decimals has three by now."""
    if not decimals:
        return int(text or b"0")
    whole, _, part = text.partition(b".")
    return int(whole + part.strip().ljust(_MILLI_DECIMALS, b"0")[:_MILLI_DECIMALS])


def _columns(header: bytes) -> dict[str, tuple[slice, int]]:
    """Return where each column lies in a record, and its decimals.

    Raises:
        FeedGarbled: The header is cut off.
    """
    found: dict[str, tuple[slice, int]] = {}
    at, place = _HEAD.size, 1
    while at + _COLUMN.size <= len(header) and header[at] != _HEADER_END:
        name, _, length, decimals = _COLUMN.unpack_from(header, at)
        found[name.rstrip(b"\0").decode("ascii", "ignore")] = slice(place, place + length), decimals
        place += length
        at += _COLUMN.size
    return found
