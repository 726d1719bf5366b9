"""Single cells of a bill: text, amount, moment. Whatever stands in them is a stranger's text."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from h5app.kernel.clock import SHANGHAI
from h5app.wealth.bills.refusal import BillForeign, BillResaved

TEXT_LENGTH_MAX = 60
AMOUNT_FEN_MAX = 10**13
FEN = 100
_EDGES = " \t\r\n\u00a0\u3000\ufeff'`"
_EMPTY = {"", "/", "-", "--", '"/"'}
_FORMULA_SIGNS = "=+-@"
_FOREIGN = re.compile(r"[$€£₩]|美元|港[元币]|欧元|日元|\b(?!CNY|RMB)[A-Z]{3}\b")
_NOT_NUMBER = re.compile(r"[^0-9.\-]")
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_SPOILT_NUMBER = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_EXCEL_DAY_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)

Cell = object
"""Text, number, moment or None, as the container gives it."""


class Unreadable(ValueError):
    """The cell does not hold what its column promises."""


def text_of(cell: Cell) -> str:
    """Return a cell's text without the padding, tabs and quotes exports put around it."""
    if cell is None:
        return ""
    text = str(cell).strip(_EDGES)
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip(_EDGES)
    return text


def words_of(cell: Cell) -> str:
    """Return a cell's text to be kept and shown: empty for the signs of nothing, one line, short.

    A sign that a spreadsheet would take for a formula is taken off its beginning.
    """
    text = text_of(cell)
    if text in _EMPTY:
        return ""
    return " ".join(text.lstrip(_FORMULA_SIGNS).split())[:TEXT_LENGTH_MAX]


def order_of(cell: Cell) -> str:
    """Return an order number.

    Raises:
        BillResaved: A spreadsheet rounded it.
    """
    text = text_of(cell)
    if isinstance(cell, float) or _SPOILT_NUMBER.fullmatch(text):
        raise BillResaved
    return "" if text in _EMPTY else text


def fen_of(cell: Cell) -> int:
    """Return an amount of a bill, which is never negative; unit fen.

    Raises:
        Unreadable: Not an amount in yuan and fen.
        BillForeign: An amount of another currency.
    """
    text = text_of(cell)
    if _FOREIGN.search(text):
        raise BillForeign
    if text.startswith("="):
        raise Unreadable
    try:
        value = Decimal(_NOT_NUMBER.sub("", text)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Unreadable from None
    if not 0 <= value * FEN <= AMOUNT_FEN_MAX:
        raise Unreadable
    return int(value * FEN)


def moment_of(cell: Cell) -> datetime:
    """Return a moment of China: text of several spellings, a spreadsheet's moment or day number.

    Raises:
        Unreadable: No moment.
    """
    if isinstance(cell, datetime):
        return _whole_second(cell.replace(tzinfo=SHANGHAI))
    if isinstance(cell, int | float):
        return _of_day_number(float(cell))
    found = _MOMENT.match(text_of(cell))
    if found is None:
        raise Unreadable
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        raise Unreadable from None


def _of_day_number(number: float) -> datetime:
    try:
        return _whole_second(_EXCEL_DAY_ZERO + timedelta(days=number))
    except OverflowError:
        raise Unreadable from None


def _whole_second(at: datetime) -> datetime:
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)
