"""Day bars from CSV: our own column names, those of tushare and those of akshare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from h5app.market.bars import day_end
from h5app.market.ex_right import ReferenceClose
from h5app.market.importers.table_file import (
    BadRow,
    Cells,
    ImportReport,
    TableFile,
    parsed,
    to_fen,
)
from h5app.market.model import Bar, CorporateAction, Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from h5app.market.bars_file import BarFiles
    from h5app.market.store import MarketStore

_OWN = {"volume_shares": "volume", "amount_cny": "amount"}
_TUSHARE = {"ts_code": "symbol", "trade_date": "date", "vol": "volume"}
_AKSHARE = {
    "日期": "date",
    "股票代码": "code",
    "代码": "code",
    "开盘": "open",
    "收盘": "close",
    "最高": "high",
    "最低": "low",
    "成交量": "volume",
    "成交额": "amount",
    "昨收": "pre_close",
}
_NAMES = _OWN | _TUSHARE | _AKSHARE
_LOT_SHARES = 100
_TUSHARE_AMOUNT_YUAN = 1000
REFERENCE_TITLE = "除权除息 (由昨收价得出)"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day bar and, where the source has it, the exchange's reference for that day (milli)."""

    symbol: str
    bar: Bar
    reference_milli: int | None


@dataclass(frozen=True, slots=True)
class _Units:
    volume_shares: int
    amount_yuan: int


def read_day_rows(path: Path, report: ImportReport) -> list[DayRow]:
    """Read day bars in file order; rows that cannot be bars are counted in the report.

    Volumes and turnovers become shares and fen: tushare counts lots and thousands, akshare lots.

    Raises:
        ImportFileUnusable: Not such a file.
    """
    table = TableFile(
        path, _NAMES, needed=("symbol|code", "date", "open", "high", "low", "close", "volume")
    )
    units = _units(table)
    rows = [row for _, row in parsed(table, report, lambda cells: _day_row(cells, units))]
    if any(row.bar.turnover_fen == 0 < row.bar.volume_shares for row in rows):
        report.notes.append("注意: 部分行没有成交额, 均价线与成交额图将缺这些日期")
    if "qfq" in path.name or "hfq" in path.name:
        report.notes.append("注意: 文件名表示已复权的价格; 本系统按不复权存放, 请勿再导入除权事件")
    return rows


def import_bars(path: Path, files: BarFiles, store: MarketStore) -> ImportReport:
    """Store day bars of a CSV file, and the ex days that its reference prices show.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("日线", path.name)
    rows = read_day_rows(path, report)
    by_symbol: dict[str, list[DayRow]] = defaultdict(list)
    for row in rows:
        by_symbol[row.symbol].append(row)
    for symbol, own in by_symbol.items():
        changed = files.merge(symbol, Period.DAY, (row.bar for row in own))
        report.stored += changed
        report.unchanged += len(own) - changed
    found = _new_actions(by_symbol, store)
    if found:
        store.put_actions(found)
        report.notes.append(f"由昨收价得出除权除息日 {len(found)} 个")
    return report


def reference_closes(rows: Iterable[DayRow]) -> list[ReferenceClose]:
    """Closes beside the exchange's references, for factors; rows of one symbol in time order."""
    return [
        ReferenceClose(row.bar.on, row.reference_milli, row.bar.close_milli)
        for row in rows
        if row.reference_milli is not None
    ]


def _new_actions(by_symbol: dict[str, list[DayRow]], store: MarketStore) -> list[CorporateAction]:
    known = {(each.symbol, each.ex_on) for each in store.actions()}
    return [
        CorporateAction(
            symbol=symbol,
            ex_on=day.on,
            reference_milli=day.reference_milli,
            title=REFERENCE_TITLE,
            source="日线昨收价",
        )
        for symbol, rows in by_symbol.items()
        for before, day in pairwise(reference_closes(rows))
        if day.reference_milli != before.close_milli and (symbol, day.on) not in known
    ]


def _units(table: TableFile) -> _Units:
    columns = set(table.source_columns)
    if "vol" in columns:
        return _Units(_LOT_SHARES, _TUSHARE_AMOUNT_YUAN)
    return _Units(_LOT_SHARES if "成交量" in columns else 1, 1)


def _day_row(cells: Cells, units: _Units) -> DayRow:
    amount = cells.decimal_or_none("amount")
    bar = Bar(
        day_end(cells.day("date")),
        cells.milli("open"),
        cells.milli("high"),
        cells.milli("low"),
        cells.milli("close"),
        cells.count("volume", unit=units.volume_shares),
        to_fen(amount * units.amount_yuan) if amount is not None else 0,
    )
    check_bar(bar)
    return DayRow(cells.symbol(), bar, cells.milli_or_none("pre_close"))


def check_bar(bar: Bar) -> None:
    """Refuse a bar whose parts contradict each other.

    Raises:
        BadRow: Low above open or close, or high below one of them.
    """
    if bar.low_milli > min(bar.open_milli, bar.close_milli) or bar.high_milli < max(
        bar.open_milli, bar.close_milli
    ):
        raise BadRow("最高最低价与开盘收盘价矛盾")
    if bar.turnover_fen < 0:
        raise BadRow("成交额为负")
