"""Minutes, prints and closing snapshots of recorded days from CSV."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from h5app.kernel.money import amount_fen
from h5app.market.bars import day_end, end_of_minute, fold_minutes, merge
from h5app.market.importers.bar_tables import check_bar
from h5app.market.importers.table_file import (
    BadRow,
    Cells,
    ImportReport,
    TableFile,
    parsed,
    to_fen,
)
from h5app.market.model import Bar, Period, Print, Side
from h5app.market.recorded import ClosingRow
from h5app.market.slots import slot_ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from h5app.market.bars_file import BarFiles
    from h5app.market.recorded import RecordedDays

_MINUTE_NAMES = {
    "ts_code": "symbol",
    "trade_time": "at",
    "datetime": "at",
    "时间": "at",
    "day": "at",
    "minute_start": "at",
    "开盘": "open",
    "收盘": "close",
    "最高": "high",
    "最低": "low",
    "volume_shares": "volume",
    "vol": "volume",
    "成交量": "volume",
    "成交额": "amount",
    "amount_cny": "amount",
    "volume_lots": "lots",
    "股票代码": "code",
    "代码": "code",
}
_LOT_SHARES = 100
_AFTERNOON_START, _AUCTION_END = time(13), time(9, 30)
_SESSION_ENDS = (time(11, 30), time(15))
_SIDES = {"B": Side.BUY, "S": Side.SELL, "买盘": Side.BUY, "卖盘": Side.SELL, "A": None, "": None}


@dataclass(frozen=True, slots=True)
class _MinuteRow:
    symbol: str
    at: datetime
    bar: Bar


def import_minutes(path: Path, files: BarFiles) -> ImportReport:
    """Store one-minute bars, or a minute line (price and volume only), of any days.

    A line never replaces a minute that is known already. A file that has a stamp of 13:00 stamps
    the START of the minute and is moved on; the rule inside is the end. The opening auction goes
    into 09:31, the closing auction is 15:00.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("分钟线", path.name)
    table = TableFile(path, _MINUTE_NAMES, needed=("symbol|code", "at", "volume|lots"))
    is_line = "price" in table.columns
    rows = [row for _, row in parsed(table, report, _line_row if is_line else _minute_row)]
    starts = "minute_start" in table.source_columns or any(
        row.at.time() == _AFTERNOON_START for row in rows
    )
    by_symbol: dict[str, list[Bar]] = defaultdict(list)
    for row in rows:
        by_symbol[row.symbol].append(_stamped(row, is_start=starts))
    for symbol, bars in by_symbol.items():
        ordered = sorted(bars, key=lambda bar: bar.at)
        whole = fold_minutes(_joined(ordered) if is_line else ordered, 1)
        changed = files.merge(symbol, Period.MINUTE_1, _news(files, symbol, whole, is_line=is_line))
        report.stored += changed
        report.unchanged += len(whole) - changed
    if is_line:
        report.notes.append(
            "分时线只有价格: 每分钟的最高最低价由前后价格推得, 成交额由价格乘数量推得"
        )
    return report


def import_ticks(path: Path, recorded: RecordedDays, files: BarFiles) -> ImportReport:
    """Store prints by day and instrument, and the minutes they make.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("逐笔", path.name)
    names = {**_MINUTE_NAMES, "性质": "side", "买卖": "side", "成交价": "price"}
    table = TableFile(path, names, needed=("symbol|code", "at", "price", "volume|lots"))
    by_day: dict[tuple[str, date], list[Print]] = defaultdict(list)
    for cells, each in parsed(table, report, _print):
        by_day[cells.symbol(), each.at.date()].append(each)
    for (symbol, on), prints in by_day.items():
        ordered = sorted(prints, key=lambda each: each.at)
        if recorded.put_prints(symbol, on, ordered):
            report.stored += len(ordered)
        else:
            report.unchanged += len(ordered)
        files.merge(symbol, Period.MINUTE_1, minutes_of_prints(ordered))
    return report


def import_snapshot(path: Path, recorded: RecordedDays, files: BarFiles) -> ImportReport:
    """Store closing snapshots by day, and the day bars of what was traded and not known yet.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("收盘快照", path.name)
    table = TableFile(
        path, {"volume_shares": "volume"}, needed=("symbol|code", "date", "close", "pre_close")
    )
    by_day: dict[date, list[ClosingRow]] = defaultdict(list)
    for cells, row in parsed(table, report, _closing_row):
        by_day[cells.day("date")].append(row)
    for on, rows in by_day.items():
        if recorded.put_snapshot(on, rows):
            report.stored += len(rows)
        else:
            report.unchanged += len(rows)
    for symbol, bars in _day_bars(by_day).items():
        known = {bar.at for bar in files.all(symbol, Period.DAY)}
        files.merge(symbol, Period.DAY, [bar for bar in bars if bar.at not in known])
    return report


def minutes_of_prints(prints: Sequence[Print]) -> list[Bar]:
    """One-minute bars of a day's prints, stamped with the end of the minute.

    A print at or before 09:30 is the opening auction's, one at or after 15:00 (or 11:30) belongs to
    the minute that ends there; turnover is price times volume, print by print.
    """
    groups: dict[datetime, list[Bar]] = {}
    for each in prints:
        at = _session_end(end_of_minute(each.at))
        if slot_ending(at.time()) is None:
            continue
        fen = amount_fen(each.price_milli, each.volume_shares)
        price = each.price_milli
        groups.setdefault(at, []).append(
            Bar(at, price, price, price, price, each.volume_shares, fen)
        )
    return fold_minutes([merge(groups[at], at) for at in sorted(groups)], 1)


def _news(files: BarFiles, symbol: str, bars: list[Bar], *, is_line: bool) -> list[Bar]:
    if not is_line:
        return bars
    known = {bar.at for bar in files.all(symbol, Period.MINUTE_1)}
    return [bar for bar in bars if bar.at not in known]


def _session_end(at: datetime) -> datetime:
    """Move a stamp just behind the end of a half-day, or of the auction, back onto it."""
    for end in _SESSION_ENDS:
        close = at.replace(hour=end.hour, minute=end.minute)
        if close < at <= close + timedelta(minutes=1):
            return close
    return at


def _stamped(row: _MinuteRow, *, is_start: bool) -> Bar:
    if not is_start or row.at.time() < _AUCTION_END:
        return row.bar
    at = _session_end(end_of_minute(row.at))
    bar = row.bar
    return Bar(
        at,
        bar.open_milli,
        bar.high_milli,
        bar.low_milli,
        bar.close_milli,
        bar.volume_shares,
        bar.turnover_fen,
    )


def _joined(bars: Iterable[Bar]) -> list[Bar]:
    """Bars of a line: each begins where the one before it on that day ended."""
    joined: list[Bar] = []
    for bar in bars:
        is_same_day = bool(joined) and joined[-1].on == bar.on
        opened = joined[-1].close_milli if is_same_day else bar.open_milli
        joined.append(
            Bar(
                bar.at,
                opened,
                max(opened, bar.close_milli),
                min(opened, bar.close_milli),
                bar.close_milli,
                bar.volume_shares,
                bar.turnover_fen,
            )
        )
    return joined


def _day_bars(by_day: dict[date, list[ClosingRow]]) -> dict[str, list[Bar]]:
    found: dict[str, list[Bar]] = defaultdict(list)
    for on, rows in by_day.items():
        for row in rows:
            prices = (row.open_milli, row.high_milli, row.low_milli, row.close_milli)
            opened, high, low, close = prices
            if opened and high and low and close and row.volume_shares:
                bar = Bar(day_end(on), opened, high, low, close, row.volume_shares, 0)
                found[row.symbol].append(bar)
    return found


def _volume(cells: Cells) -> int:
    if cells.values.get("lots"):
        return cells.count("lots", unit=_LOT_SHARES)
    return cells.count("volume")


def _line_row(cells: Cells) -> _MinuteRow:
    at, price, volume = cells.moment("at"), cells.milli("price"), _volume(cells)
    bar = Bar(at, price, price, price, price, volume, amount_fen(price, volume))
    return _MinuteRow(cells.symbol(), at, bar)


def _minute_row(cells: Cells) -> _MinuteRow:
    at = cells.moment("at")
    prices: Callable[[str], int] = cells.milli
    amount = cells.decimal_or_none("amount")
    bar = Bar(
        at,
        prices("open"),
        prices("high"),
        prices("low"),
        prices("close"),
        _volume(cells),
        to_fen(amount) if amount is not None else 0,
    )
    check_bar(bar)
    return _MinuteRow(cells.symbol(), at, bar)


def _print(cells: Cells) -> Print:
    cells.symbol()
    word = cells.values.get("side", "")
    if word not in _SIDES:
        raise BadRow(f"买卖方向不认识: {word[:10]}")
    return Print(cells.moment("at"), cells.milli("price"), _volume(cells), _SIDES[word])


def _closing_row(cells: Cells) -> ClosingRow:
    on = cells.day("date")
    at = cells.moment("quote_time") if cells.values.get("quote_time") else day_end(on)
    return ClosingRow(
        symbol=cells.symbol(),
        name=cells.values.get("name", ""),
        at=at,
        previous_close_milli=cells.milli("pre_close"),
        open_milli=cells.milli_or_none("open"),
        high_milli=cells.milli_or_none("high"),
        low_milli=cells.milli_or_none("low"),
        close_milli=cells.milli_or_none("close"),
        volume_shares=cells.count("volume") if cells.values.get("volume") else 0,
    )
