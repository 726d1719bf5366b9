"""The 32-byte records of TDX bar files: `.day` and `.lc1` / `.lc5`, little endian. Pure.

`.day`: yyyymmdd, open, high, low, close as integers in 1/100 (funds, bonds, Shanghai B shares
1/1000), turnover as binary float, volume in shares (indices: as the source counts), reserved.
`.lc1` and `.lc5`: packed date, minutes since midnight at the END of the minute, four prices and the
turnover as binary floats, volume, reserved. Binary floats are the file's form: they become integers
at this door and nowhere else.
"""

from __future__ import annotations

import struct
from datetime import date, datetime, time
from functools import lru_cache

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import round_half_up
from h5app.market.bars import day_end
from h5app.market.model import Bar

RECORD_BYTES = 32
_DAY = struct.Struct("<IIIIIfII")
_MINUTE = struct.Struct("<HHfffffII")
_EPOCH_YEAR = 2004
_YEAR_STEP, _MONTH_STEP = 2048, 100
_WORD = 2**32
_CARRY_MARK = 0x4835
"""In the upper half of `reserved`: the lower half carries the volume's bits beyond 32."""
_DAYS_KNOWN_MAX = 20_000


class BadRecord(ValueError):
    """The 32 bytes are not a bar."""


def price_unit_milli(symbol: str) -> int:
    """What one unit of a `.day` price is worth (milli): 1 for three-decimal prices, else 10."""
    code, _, exchange = symbol.partition(".")
    has_three = (exchange == "SH" and code[0] in "159") or (exchange == "SZ" and code[0] == "1")
    return 1 if has_three else 10


def pack_day(bar: Bar, unit_milli: int) -> bytes:
    """One `.day` record."""
    on, carry = bar.on, bar.volume_shares // _WORD
    return _DAY.pack(
        on.year * 10000 + on.month * 100 + on.day,
        *(round_half_up(milli, unit_milli) for milli in _prices(bar)),
        bar.turnover_fen / 100,
        bar.volume_shares % _WORD,
        (_CARRY_MARK << 16) | carry if carry else 0,
    )


def unpack_day(record: bytes, unit_milli: int) -> Bar:
    """The bar of one `.day` record.

    Raises:
        BadRecord: No such day, or prices that cannot be a bar.
    """
    stamp, opened, high, low, close, turnover, volume, reserved = _DAY.unpack(record)
    if reserved >> 16 == _CARRY_MARK:
        volume += (reserved & 0xFFFF) * _WORD
    prices = tuple(value * unit_milli for value in (opened, high, low, close))
    return _bar(_day_stamp(stamp), prices, volume, turnover)


def pack_minute(bar: Bar) -> bytes:
    """One `.lc1` or `.lc5` record; the stamp is the end of the minute."""
    on, at = bar.on, bar.at
    return _MINUTE.pack(
        (on.year - _EPOCH_YEAR) * _YEAR_STEP + on.month * _MONTH_STEP + on.day,
        at.hour * 60 + at.minute,
        *(milli / 1000 for milli in _prices(bar)),
        bar.turnover_fen / 100,
        bar.volume_shares % _WORD,
        (_CARRY_MARK << 16) | bar.volume_shares // _WORD if bar.volume_shares >= _WORD else 0,
    )


def unpack_minute(record: bytes, unit_milli: int) -> Bar:
    """The bar of one minute record.

    Raises:
        BadRecord: No such minute, or prices that cannot be a bar.
    """
    day, minutes, opened, high, low, close, turnover, volume, reserved = _MINUTE.unpack(record)
    del unit_milli
    if reserved >> 16 == _CARRY_MARK:
        volume += (reserved & 0xFFFF) * _WORD
    try:
        prices = tuple(round(value * 1000) for value in (opened, high, low, close))
    except (ValueError, OverflowError) as problem:
        raise BadRecord("price") from problem
    return _bar(_minute_stamp(day, minutes), prices, volume, turnover)


def _prices(bar: Bar) -> tuple[int, int, int, int]:
    return bar.open_milli, bar.high_milli, bar.low_milli, bar.close_milli


def _bar(at: datetime, prices: tuple[int, ...], volume: int, turnover: float) -> Bar:
    opened, high, low, close = prices
    if not 0 < low <= min(opened, close) or high < max(opened, close):
        raise BadRecord("prices")
    try:
        turnover_fen = round(turnover * 100)
    except (ValueError, OverflowError) as problem:
        raise BadRecord("turnover") from problem
    if turnover_fen < 0:
        raise BadRecord("turnover")
    return Bar(at, opened, high, low, close, volume, turnover_fen)


@lru_cache(maxsize=_DAYS_KNOWN_MAX)
def _day_stamp(stamp: int) -> datetime:
    try:
        return day_end(date(stamp // 10000, stamp // 100 % 100, stamp % 100))
    except ValueError as problem:
        raise BadRecord("date") from problem


def _minute_stamp(day: int, minutes: int) -> datetime:
    year, rest = divmod(day, _YEAR_STEP)
    try:
        on = date(_EPOCH_YEAR + year, rest // _MONTH_STEP, rest % _MONTH_STEP)
        return datetime.combine(on, time(minutes // 60, minutes % 60), SHANGHAI)
    except ValueError as problem:
        raise BadRecord("stamp") from problem
