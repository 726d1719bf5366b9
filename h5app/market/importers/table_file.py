"""Reading a table file (CSV) of somebody else: its encoding, its column names, its bad rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.error import AppError
from h5app.kernel.symbol import parse_symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

BAD_ROWS_NAMED_MAX = 5
FILE_BYTES_MAX = 2 * 1024**3
_ENCODINGS = ("utf-8-sig", "gb18030")
_EXCHANGE_WORDS = {
    **dict.fromkeys(("SH", "SSE", "XSHG"), "SH"),
    **dict.fromkeys(("SZ", "SZSE", "XSHE"), "SZ"),
    **dict.fromkeys(("BJ", "BSE"), "BJ"),
}
_BARE_CODE_DIGITS = 6
_COMPACT_DATE_DIGITS = 8


class ImportFileUnusable(AppError):
    """The file is missing, torn, of another kind, or not a text; nothing of it was stored."""

    code = "market.import_file_unusable"
    status = 422
    sentence = "文件无法导入,请检查文件后重试"


class BadRow(ValueError):
    """One row that cannot be used; it is counted and said."""


@dataclass(slots=True)
class ImportReport:
    """What an import did; `bad` rows were left out, the first few are named."""

    kind: str
    file: str
    read: int = 0
    stored: int = 0
    unchanged: int = 0
    bad: int = 0
    first_bad: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, line: int, reason: object) -> None:
        """Count a bad row and keep its place if it is one of the first."""
        self.bad += 1
        if len(self.first_bad) < BAD_ROWS_NAMED_MAX:
            self.first_bad.append(f"第 {line} 行: {reason}")

    def lines(self) -> list[str]:
        """What to say about it, in Chinese."""
        counts = f"写入 {self.stored} 条, 已有且相同 {self.unchanged} 条, 不可用 {self.bad} 行"
        told = [f"{self.kind}: {self.file}", f"读入 {self.read} 行, {counts}"]
        told += [f"  {each}" for each in self.first_bad]
        if self.bad > len(self.first_bad):
            told.append(f"  其余 {self.bad - len(self.first_bad)} 行从略")
        return told + self.notes


@dataclass(frozen=True, slots=True)
class Cells:
    """One row by our column names; reading a cell that cannot be used raises BadRow."""

    line: int
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """A cell that must not be empty."""
        value = self.values.get(name, "")
        if not value:
            raise BadRow(f"缺少 {name}")
        return value

    def decimal(self, name: str) -> Decimal:
        """A finite number."""
        return _decimal(self.text(name), name)

    def decimal_or_none(self, name: str) -> Decimal | None:
        """A finite number, or None where the cell is empty or not there."""
        value = self.values.get(name, "")
        return _decimal(value, name) if value else None

    def milli(self, name: str) -> int:
        """A positive price in milli, half up where the source is finer."""
        milli = to_milli(self.decimal(name))
        if milli <= 0:
            raise BadRow(f"{name} 须大于 0: {self.text(name)}")
        return milli

    def milli_or_none(self, name: str) -> int | None:
        """A price in milli; None where it is empty or 0 (a source's way to say "none")."""
        value = self.decimal_or_none(name)
        return to_milli(value) if value else None

    def count(self, name: str, *, unit: int = 1) -> int:
        """A whole number of shares, not negative; `unit` is what one counts (100 for lots)."""
        value = self.decimal(name) * unit
        if value < 0 or value != value.to_integral_value():
            raise BadRow(f"{name} 不是非负整数: {self.text(name)}")
        return int(value)

    def day(self, name: str) -> date:
        """A day as 2026-07-06 or 20260706."""
        return _day(self.text(name), name)

    def day_or_none(self, name: str) -> date | None:
        """A day, or None where the cell is empty or not there."""
        value = self.values.get(name, "")
        return _day(value, name) if value else None

    def moment(self, name: str) -> datetime:
        """A moment; without a zone it is Shanghai's."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError as problem:
            raise BadRow(f"{name} 不是时间: {self.text(name)}") from problem
        return moment.replace(tzinfo=moment.tzinfo or SHANGHAI).astimezone(SHANGHAI)

    def symbol(self) -> str:
        """The symbol, from `symbol` or from `code` with or without `exchange`."""
        value = self.values.get("symbol", "") or self.values.get("code", "")
        exchange = self.values.get("exchange", "").upper()
        if len(value) == _BARE_CODE_DIGITS and value.isascii() and value.isdigit():
            suffix = _EXCHANGE_WORDS.get(exchange) if exchange else guess_exchange(value)
            value = f"{value}.{suffix}"
        try:
            return parse_symbol(value)
        except AppError as problem:
            raise BadRow(f"不是证券代码: {value or '空'}") from problem


def guess_exchange(code: str) -> str:
    """Exchange of a bare stock or fund code; an index cannot be told by its code alone."""
    if code.startswith(("92", "4", "8")):
        return "BJ"
    return "SH" if code[0] in "569" or code.startswith("11") else "SZ"


def to_milli(yuan: Decimal) -> int:
    """Price in milli, half up."""
    return int((yuan * 1000).to_integral_value(rounding=ROUND_HALF_UP))


def to_fen(yuan: Decimal) -> int:
    """Money in fen, half up."""
    return int((yuan * 100).to_integral_value(rounding=ROUND_HALF_UP))


def _decimal(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation as problem:
        raise BadRow(f"{name} 不是数字: {text[:20]}") from problem
    if not value.is_finite():
        raise BadRow(f"{name} 不是数字: {text[:20]}")
    return value


def _day(text: str, name: str) -> date:
    compact = text[:10]
    if len(text) == _COMPACT_DATE_DIGITS and text.isdigit():
        compact = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return date.fromisoformat(compact)
    except ValueError as problem:
        raise BadRow(f"{name} 不是日期: {text[:20]}") from problem


class TableFile:
    """A CSV file with a header; columns are known by our names whatever the source calls them."""

    def __init__(self, path: Path, names: Mapping[str, str], *, needed: tuple[str, ...]) -> None:
        """Read the header.

        `names` maps a source's column name to ours; `needed` must be there ("a|b" = either).

        Raises:
            ImportFileUnusable: No such file, no text, or not this kind of table.
        """
        self.path = path
        self._text = read_text(path)
        header = next(self._cells(), [])
        self.source_columns = tuple(cell.strip() for cell in header)
        self.columns = tuple(names.get(cell, cell) for cell in self.source_columns)
        missing = [
            each for each in needed if not any(name in self.columns for name in each.split("|"))
        ]
        if missing:
            there = " ".join(header)[:200] or "空"
            raise ImportFileUnusable(f"{path.name} 缺少列 {' '.join(missing)}; 它的列是: {there}")

    def rows(self, report: ImportReport) -> Iterator[Cells]:
        """Rows with as many cells as the header; others are counted as bad (a torn last line)."""
        for line, cells in enumerate(self._cells(), start=1):
            if line == 1 or not cells:
                continue
            report.read += 1
            if len(cells) != len(self.columns):
                report.refuse(line, f"有 {len(cells)} 列, 应为 {len(self.columns)} 列")
                continue
            values = (cell.strip() for cell in cells)
            yield Cells(line, dict(zip(self.columns, values, strict=True)))

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from csv.reader(io.StringIO(self._text))
        except csv.Error as problem:
            raise ImportFileUnusable(f"{self.path.name} 不是可用的表格: {problem}") from problem


Parsed = TypeVar("Parsed")


def parsed(
    table: TableFile, report: ImportReport, parse: Callable[[Cells], Parsed]
) -> Iterator[tuple[Cells, Parsed]]:
    """Rows that `parse` accepts; the others are counted and said."""
    for cells in table.rows(report):
        try:
            result = parse(cells)
        except BadRow as problem:
            report.refuse(cells.line, problem)
            continue
        yield cells, result


def read_text(path: Path) -> str:
    """The text of a file in UTF-8 or GB18030.

    Raises:
        ImportFileUnusable: No such file, too large, or not a text.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ImportFileUnusable(f"文件过大 (超过 2 GiB): {path.name}")
        data = path.read_bytes()
    except OSError as problem:
        raise ImportFileUnusable(f"读不到文件 {path}: {problem.strerror}") from problem
    if b"\0" in data:
        raise ImportFileUnusable(f"{path.name} 不是文本文件")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportFileUnusable(f"{path.name} 的编码既不是 UTF-8 也不是 GB18030, 文件可能已损坏")
