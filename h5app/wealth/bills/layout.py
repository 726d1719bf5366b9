"""Finds the header of a bill by what stands in it, never by name or line number. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from h5app.wealth.bills.cell import Cell, Unreadable, fen_of, moment_of, text_of

_WIDTHS = str.maketrans("（）", "()")
_RULER = ("----", "====")
_CELLS_MIN = 4
"""Fewer filled cells are a footer, a total or a blank line."""

Cells = Mapping[str, Cell]
"""One row by the names of its header."""


class Layout(NamedTuple):
    """A generation of exports: what its header holds, and where its words stand."""

    name: str
    needles: frozenset[str]
    direction: str
    """The column that must hold a word of `DIRECTIONS`; empty where none does."""
    moment: str
    amount: str
    spill: tuple[str, ...]
    """Columns into which an unquoted comma may have spilt, likeliest first."""


WECHAT = Layout(
    "wechat",
    frozenset({"交易时间", "收/支", "金额(元)"}),
    "收/支",
    "交易时间",
    "金额(元)",
    ("商品", "交易对方", "备注"),
)
ALIPAY_APP = Layout(
    "alipay_app",
    frozenset({"交易时间", "收/支", "金额", "交易订单号"}),
    "收/支",
    "交易时间",
    "金额",
    ("商品说明", "交易对方", "备注"),
)
ALIPAY_WEB = Layout(
    "alipay_web",
    frozenset({"交易号", "交易创建时间", "金额(元)"}),
    "收/支",
    "交易创建时间",
    "金额(元)",
    ("商品名称", "交易对方", "备注"),
)
ALIPAY_LEDGER = Layout(
    "alipay_ledger",
    frozenset({"账务流水号", "账户余额(元)"}),
    "",
    "发生时间",
    "账户余额(元)",
    ("商品名称", "备注"),
)
LAYOUTS = (WECHAT, ALIPAY_APP, ALIPAY_WEB, ALIPAY_LEDGER)
DIRECTIONS = frozenset({"收入", "支出", "/", "", "不计收支", "中性交易", "其他"})


@dataclass(frozen=True)
class Found:
    """A header in a table, with what stands above it and below."""

    layout: Layout
    names: Sequence[str]
    before: Sequence[Sequence[Cell]]
    rows: Sequence[Sequence[Cell]]
    """Rows of data, each at its number from the header minus one; others are empty."""
    after: Sequence[Sequence[Cell]]


def find_header(table: Sequence[Sequence[Cell]]) -> Found | None:
    """Return the first header of a known layout; None where there is none."""
    for number, row in enumerate(table):
        names = [text_of(cell).translate(_WIDTHS) for cell in row]
        held = set(names)
        layout = next((each for each in LAYOUTS if each.needles <= held), None)
        if layout is not None:
            below = table[number + 1 :]
            end = next((at for at, each in enumerate(below) if _is_ruler(each)), len(below))
            return Found(layout, names, table[:number], below[:end], below[end:])
    return None


def _is_ruler(row: Sequence[Cell]) -> bool:
    first = text_of(row[0]) if row else ""
    return first.startswith(_RULER) or first.startswith("#")


def is_data(row: Sequence[Cell]) -> bool:
    """Say whether a row below the header holds a payment at all."""
    return sum(bool(text_of(cell)) for cell in row) >= _CELLS_MIN


def by_name(found: Found, row: Sequence[Cell]) -> Cells:
    """Return a row by the names of its header; a comma that split a cell is joined again.

    Raises:
        Unreadable: However it is joined, direction, moment and amount are not where they belong.
    """
    names = list(found.names)
    while not names[-1]:
        names.pop()
    for cells in _trimmed(list(row), len(names), len(found.names) - len(names)):
        for guess in _joined(names, cells, len(cells) - len(names), found.layout.spill):
            held = dict(zip(names, guess, strict=False))
            if _fits(held, found.layout):
                return held
    raise Unreadable


def _trimmed(cells: list[Cell], count: int, trailing: int) -> Iterator[list[Cell]]:
    """Give a row without the empty cells its header ends with, then without any at its end."""
    for most in (trailing, len(cells)):
        short = list(cells)
        for _each in range(most):
            if len(short) > count and not text_of(short[-1]):
                short.pop()
        yield short


def _joined(
    names: list[str], cells: list[Cell], surplus: int, spill: Sequence[str]
) -> list[list[Cell]]:
    if surplus <= 0:
        return [cells]
    guesses = []
    for name in spill:
        if name in names:
            at = names.index(name)
            whole = ",".join(str(cell or "") for cell in cells[at : at + surplus + 1])
            guesses.append([*cells[:at], whole, *cells[at + surplus + 1 :]])
    return guesses


def _fits(held: Cells, layout: Layout) -> bool:
    if layout.direction and text_of(held.get(layout.direction)) not in DIRECTIONS:
        return False
    try:
        moment_of(held.get(layout.moment))
        fen_of(held.get(layout.amount))
    except Unreadable:
        return False
    return True
