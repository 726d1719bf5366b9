"""Securities are named by code and exchange: "600000.SH", "000001.SZ", "920002.BJ"."""

import re

from h5app.kernel.error import AppError

EXCHANGES = ("SH", "SZ", "BJ")

_SYMBOL = re.compile(r"([0-9]{6})\.(SH|SZ|BJ)")


class NotASymbol(AppError):
    """The text is not six digits and an exchange."""

    code = "kernel.not_a_symbol"
    status = 404
    sentence = "没有这个证券代码,请检查后重新输入,例如 600519.SH"


def parse_symbol(text: str) -> str:
    """Return the symbol in its one spelling (upper-case exchange).

    The same six digits mean different things per exchange, so the exchange is never guessed.

    Raises:
        NotASymbol: Not six ASCII digits, a point and SH, SZ or BJ.
    """
    symbol = text.strip().upper()
    if not _SYMBOL.fullmatch(symbol):
        raise NotASymbol
    return symbol


def code_of(symbol: str) -> str:
    """Return the six digits."""
    return symbol[:6]


def exchange_of(symbol: str) -> str:
    """Return "SH", "SZ" or "BJ"."""
    return symbol[7:]
