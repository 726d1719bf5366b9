"""Both exchanges' files of a full market in which every record changed since the step before."""

import itertools
import os
import struct
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from h5app.market.model import DEPTH_LEVELS, Board, Instrument, Product

_TICKS = itertools.count(1_790_000_000_000_000_000)
_LEVELS = range(1, DEPTH_LEVELS + 1)
_COLUMNS = (
    ("HQZQDM", "C", 6, 0),
    ("HQZQJC", "C", 18, 0),
    *((name, "N", 9, 3) for name in ("HQZRSP", "HQJRKP", "HQZJCJ")),
    ("HQCJSL", "N", 12, 0),
    ("HQCJJE", "N", 17, 3),
    ("HQCJBS", "N", 9, 0),
    *((name, "N", 9, 3) for name in ("HQZGCJ", "HQZDCJ")),
    *(
        (f"HQS{kind}{level}", "N", *size)
        for level in _LEVELS
        for kind, size in (("JW", (9, 3)), ("SL", (12, 0)))
    ),
    *(
        (f"HQB{kind}{level}", "N", *size)
        for level in _LEVELS
        for kind, size in (("JW", (9, 3)), ("SL", (12, 0)))
    ),
)


def shares(count: int) -> list[Instrument]:
    """Return so many ordinary shares, one half of them in Shanghai."""
    half = count // 2
    symbols = [f"60{number:04}.SH" for number in range(half)]
    symbols += [f"00{number:04}.SZ" for number in range(1, count - half + 1)]
    return [_share(symbol, 10_000 + number) for number, symbol in enumerate(symbols)]


def _share(symbol: str, reference_milli: int) -> Instrument:
    return Instrument(
        symbol=symbol,
        name="样本股份",
        short_name="样本股份",
        pinyin="YBGF",
        board=Board.SSE_MAIN if symbol.endswith("SH") else Board.SZSE_MAIN,
        product=Product.A_SHARE,
        lot_shares=100,
        tick_milli=10,
        is_st=False,
        listed_on=date(2001, 8, 27),
        reference_milli=reference_milli,
    )


def write_files(
    folder: tuple[Path, Path], instruments: Sequence[Instrument], at: datetime, turn: int
) -> None:
    """Rewrite mktdt00.txt and sjshq.dbf in place as they stand at a turn."""
    names = "样本股份".encode("gbk")
    lines, records = [], [_first_record(at)]
    for place, instrument in enumerate(instruments):
        row = _row(instrument, place, turn)
        if instrument.symbol.endswith("SH"):
            lines.append(_line(instrument.code, names, row, at))
        else:
            records.append(_record(instrument.code, names, row))
    _put(folder[0], _mktdt00(lines, at))
    _put(folder[1], _sjshq(records))


def _row(instrument: Instrument, place: int, turn: int) -> list[int]:
    """Return previous close, open, high, low, last (milli), volume (shares), turnover (fen), book.

    The book is bid price, bid quantity, ask price, ask quantity of each level, best first.
    """
    close = instrument.reference_milli or 0
    last = close + 10 * (turn % 20)
    volume = 100 * (1_000 + 3 * turn + place % 7)
    quantity = 100 * (turn + 1)
    book: list[int] = []
    for level in _LEVELS:
        shares_there = quantity + 100 * level
        book += (last - 10 * level, shares_there, last + 10 * (level - 1), shares_there)
    return [close, close, close + 400, close - 200, last, volume, volume * close // 10, *book]


def _price(milli: int) -> str:
    return f"{milli // 1000}.{milli % 1000:03}"


def _line(code: str, name: bytes, row: Sequence[int], at: datetime) -> bytes:
    volume, turnover = row[5], row[6]
    prices = "|".join(f"{_price(one):>11}" for one in (*row[:5], 0))
    pairs = zip(row[7::2], row[8::2], strict=True)
    book = "|".join(f"{_price(price):>11}|{quantity:>12}" for price, quantity in pairs)
    amount = f"{turnover // 100}.{turnover % 100:02}"
    text = f"|{volume:>16}|{amount:>16}|{prices}|{book}|T111    |{at:%H:%M:%S}.000\n"
    return f"MD002|{code}|".encode() + name + text.encode()


def _mktdt00(lines: Sequence[bytes], at: datetime) -> bytes:
    body = b"".join(lines)
    header = (
        f"HEADER|MTP1.00 |{len(body) + 12:>10}|{len(lines):>5}|        |XSHG01|"
        f"{at:%Y%m%d-%H:%M:%S}.000|0|T111    \n"
    )
    content = header.encode() + body + b"TRAILER|"
    return content + f"{sum(content) % 256:03}\n".encode()


def _record(code: str, name: bytes, row: Sequence[int]) -> bytes:
    previous, opened, high, low, last, volume, turnover, *book = row
    figures = [_price(one).rjust(9) for one in (previous, opened, last)]
    amount = f"{turnover // 100}.{turnover % 100:02}0"
    figures += [f"{volume:>12}{amount:>17}{volume // 300:>9}"]
    figures += [_price(one).rjust(9) for one in (high, low)]
    for side in (2, 0):
        pairs = zip(book[side::4], book[side + 1 :: 4], strict=True)
        figures += [f"{_price(price):>9}{quantity:>12}" for price, quantity in pairs]
    return b" " + code.encode() + name.ljust(18) + "".join(figures).encode()


def _first_record(at: datetime) -> bytes:
    cells = {"HQZQDM": "000000", "HQZQJC": f"{at:%Y%m%d}", "HQCJBS": f"{at:%H%M%S}"}
    texts = (cells.get(name, "0").ljust(length) for name, _, length, _ in _COLUMNS)
    return b" " + "".join(texts).encode()


def _sjshq(records: Sequence[bytes]) -> bytes:
    size = 1 + sum(column[2] for column in _COLUMNS)
    begin = 32 + 32 * len(_COLUMNS) + 1
    head = b"\x03~\x09\x12" + struct.pack("<IHH20x", len(records), begin, size)
    columns = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, decimals)
        for name, kind, length, decimals in _COLUMNS
    )
    return head + columns + b"\r" + b"".join(records) + b"\x1a"


def _put(path: Path, content: bytes) -> None:
    """Rewrite a file, and see to it that its time of change is another one."""
    path.write_bytes(content)
    changed_at = next(_TICKS)
    os.utime(path, ns=(changed_at, changed_at))
