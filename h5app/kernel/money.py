"""Exact money arithmetic: cash in fen, prices in milli-yuan, quantities in whole shares."""

import re
from decimal import Decimal, InvalidOperation

from h5app.kernel.error import AppError

AMOUNT_ABSOLUTE_MAX = 10**15
"""The largest fen or milli-yuan figure that is taken in (10 trillion yuan in fen)."""

_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


class NotAnAmount(AppError):
    """The text is not a plain decimal number of the wanted precision."""

    code = "kernel.not_an_amount"
    status = 422
    sentence = "金额或价格格式不正确,请输入数字,例如 10.25"


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero.

    Raises:
        ZeroDivisionError: The denominator is zero.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def round_up(numerator: int, denominator: int) -> int:
    """Divide and round towards plus infinity; the denominator is positive."""
    return -((-numerator) // denominator)


def amount_fen(price_milli: int, quantity_shares: int) -> int:
    """Return the amount of one fill in fen, rounded half up once; all else uses this figure."""
    return round_half_up(price_milli * quantity_shares, 10)


def milli_from_text(text: str) -> int:
    """Return milli-yuan (1/1000 yuan) from a decimal text such as "10.25".

    Raises:
        NotAnAmount: Not a plain decimal, or finer than 1/1000 yuan.
    """
    return _scaled(text, 1000)


def fen_from_text(text: str) -> int:
    """Return fen (1/100 yuan) from a decimal text such as "1234.56".

    Raises:
        NotAnAmount: Not a plain decimal, or finer than one fen.
    """
    return _scaled(text, 100)


def milli_text(price_milli: int, decimals: int = 2) -> str:
    """Return a price in yuan with two or three decimals (half up where digits are dropped)."""
    scaled = round_half_up(price_milli, 10 ** (3 - decimals))
    return _fixed(scaled, decimals)


def fen_text(cash_fen: int) -> str:
    """Return an amount in yuan with two decimals, without grouping."""
    return _fixed(cash_fen, 2)


def _fixed(scaled: int, decimals: int) -> str:
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


def _scaled(text: str, factor: int) -> int:
    stripped = text.strip()
    if not _PLAIN_DECIMAL.fullmatch(stripped):
        raise NotAnAmount
    try:
        value = Decimal(stripped) * factor
    except InvalidOperation:
        raise NotAnAmount from None
    if value != value.to_integral_value() or abs(value) > AMOUNT_ABSOLUTE_MAX:
        raise NotAnAmount
    return int(value)
