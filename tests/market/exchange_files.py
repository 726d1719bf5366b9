"""Writes quotes as the exchanges do: mktdt00.txt of Shanghai, sjshq.dbf of Shenzhen."""

from __future__ import annotations

import itertools
import os
import struct
from typing import TYPE_CHECKING

from h5app.market.model import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from h5app.market.model import Instrument, Level, Quote

_TICKS = itertools.count(1_790_000_000_000_000_000)
_LETTERS = {
    Phase.NONE: "S",
    Phase.OPEN_CALL: "C",
    Phase.OPEN_CALL_NOCANCEL: "C",
    Phase.CONTINUOUS: "T",
    Phase.LUNCH: "B",
    Phase.CLOSE_CALL: "U",
    Phase.HALTED: "P",
}


def _level_columns(side: str, level: int) -> tuple[tuple[str, str, int, int], ...]:
    return (f"{side}JW{level}", "N", 9, 3), (f"{side}SL{level}", "N", 12, 0)


COLUMNS = (
    ("HQZQDM", "C", 6, 0),
    ("HQZQJC", "C", 18, 0),
    *((name, "N", 9, 3) for name in ("HQZRSP", "HQJRKP", "HQZJCJ")),
    ("HQCJSL", "N", 12, 0),
    ("HQCJJE", "N", 17, 3),
    ("HQCJBS", "N", 9, 0),
    *((name, "N", 9, 3) for name in ("HQZGCJ", "HQZDCJ")),
    *((name, "N", 7, 2) for name in ("HQSYL1", "HQSYL2")),
    *((name, "N", 9, 3) for name in ("HQJSD1", "HQJSD2")),
    ("HQHYCC", "N", 12, 0),
    *(column for level in (5, 4, 3, 2, 1) for column in _level_columns("HQS", level)),
    *(column for level in (1, 2, 3, 4, 5) for column in _level_columns("HQB", level)),
)


def mktdt00(rows: Iterable[tuple[Instrument, Quote]], made_at: datetime) -> bytes:
    """The whole file of Shanghai, its length and checksum right."""
    lines = [_line(instrument, quote) for instrument, quote in rows]
    body = b"".join(line + b"\n" for line in lines)
    header = (
        f"HEADER|MTP1.00 |{len(body) + 12:>10}|{len(lines):>5}|        |XSHG01|"
        f"{made_at:%Y%m%d-%H:%M:%S}.000|0|T111    \n"
    )
    content = header.encode() + body + b"TRAILER|"
    return content + f"{sum(content) % 256:03}\n".encode()


def sjshq(rows: Iterable[tuple[Instrument, Quote]], made_at: datetime) -> bytes:
    """The whole table of Shenzhen."""
    first = {"HQZQDM": "000000", "HQZQJC": f"{made_at:%Y%m%d}", "HQCJBS": f"{made_at:%H%M%S}"}
    records = [first, *(_record(instrument, quote) for instrument, quote in rows)]
    size = 1 + sum(column[2] for column in COLUMNS)
    begin = 32 + 32 * len(COLUMNS) + 1
    head = b"\x03~\x09\x12" + struct.pack("<IHH20x", len(records), begin, size)
    columns = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, decimals)
        for name, kind, length, decimals in COLUMNS
    )
    cells = (b"".join(_cell(record, column) for column in COLUMNS) for record in records)
    return head + columns + b"\r" + b"".join(b" " + each for each in cells) + b"\x1a"


def put(path: Path, content: bytes) -> None:
    """Rewrite the file in place, as the exchange's program does.

    Two writings of a test may fall into one tick of the disk's clock; a program's never do.
    """
    path.write_bytes(content)
    changed_at = next(_TICKS)
    os.utime(path, ns=(changed_at, changed_at))


def _line(instrument: Instrument, quote: Quote) -> bytes:
    name = instrument.short_name.encode("gbk")[:8].ljust(8)
    kind = "MD001" if instrument.is_index else "MD002"
    decimals = 4 if instrument.is_index else 3
    prices = "|".join(f"{_decimal(price, decimals):>11}" for price in _prices(quote))
    volume = quote.volume_shares // 100 if instrument.is_index else quote.volume_shares
    amount = f"{quote.turnover_fen // 100}.{quote.turnover_fen % 100:02}"
    depth = "" if instrument.is_index else _depth(quote)
    letter = "P" if quote.is_suspended else _LETTERS.get(quote.phase, "E")
    text = f"|{volume:>16}|{amount:>16}|{prices}|{depth}{letter + '111':<8}|{quote.at:%H:%M:%S}.000"
    return f"{kind}|{instrument.code}|".encode() + name + text.encode()


def _prices(quote: Quote) -> Sequence[int]:
    points = quote.index_points
    if points is not None:
        known = (points.open_e4, points.high_e4, points.low_e4, points.last_e4)
        return (points.previous_close_e4, *(each or 0 for each in known), 0)
    traded = (quote.open_milli, quote.high_milli, quote.low_milli, quote.last_milli)
    return (quote.previous_close_milli, *(each or 0 for each in traded), 0)


def _decimal(number: int, decimals: int) -> str:
    return f"{number // 10**decimals}.{number % 10**decimals:0{decimals}}"


def _depth(quote: Quote) -> str:
    levels = zip(_five(quote, quote.bids), _five(quote, quote.asks), strict=True)
    return "".join(
        f"{_decimal(bid[0], 3):>11}|{bid[1]:>12}|{_decimal(ask[0], 3):>11}|{ask[1]:>12}|"
        for bid, ask in levels
    )


def _five(quote: Quote, levels: Sequence[Level]) -> list[tuple[int, int]]:
    """Five levels; in a call the second has no price."""
    rows = [(level.price_milli, level.quantity_shares) for level in levels]
    if quote.phase.is_call and len(rows) > 1:
        rows[1] = (0, rows[1][1])
    return rows + [(0, 0)] * (5 - len(rows))


def _record(instrument: Instrument, quote: Quote) -> dict[str, str]:
    names = ("HQJRKP", "HQZGCJ", "HQZDCJ", "HQZJCJ")
    traded = (quote.open_milli, quote.high_milli, quote.low_milli, quote.last_milli)
    record = {name: _decimal(price or 0, 3) for name, price in zip(names, traded, strict=True)}
    for side, levels in (("HQB", quote.bids), ("HQS", quote.asks)):
        for place, (price, quantity) in enumerate(_five(quote, levels), start=1):
            record |= {f"{side}JW{place}": _decimal(price, 3), f"{side}SL{place}": str(quantity)}
    return record | {
        "HQZQDM": instrument.code,
        "HQZQJC": instrument.short_name,
        "HQZRSP": _decimal(quote.previous_close_milli, 3),
        "HQCJSL": str(quote.volume_shares),
        "HQCJJE": f"{quote.turnover_fen // 100}.{quote.turnover_fen % 100:02}0",
        "HQCJBS": str(quote.trades or 0),
    }


def _cell(record: dict[str, str], column: tuple[str, str, int, int]) -> bytes:
    name, kind, length, decimals = column
    text = record.get(name, "" if kind == "C" else f"{0:.{decimals}f}").encode("gbk")
    return text.ljust(length)[:length] if kind == "C" else text.rjust(length)
