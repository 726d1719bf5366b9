"""The commands `import` and `bars`: their arguments, and what runs behind them.

The face for h5app/__main__.py: `add_import_arguments(parser)` and `run_import(arguments, desk)`,
`add_bars_arguments(parser)` and `run_bars(arguments, desk)`; both runs give exit code and lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from h5app.kernel.clock import Clock, SystemClock
from h5app.kernel.error import AppError
from h5app.kernel.money import fen_text, milli_text
from h5app.kernel.symbol import parse_symbol
from h5app.market.bars import fold
from h5app.market.bars_file import BarFiles
from h5app.market.ex_right import action_factors, adjust
from h5app.market.importers.bar_folders import import_bar_files, is_bar_source
from h5app.market.importers.bar_tables import import_bars
from h5app.market.importers.events import import_actions, import_trading_days
from h5app.market.importers.instruments import import_instruments
from h5app.market.importers.intraday import import_minutes, import_snapshot, import_ticks
from h5app.market.model import Adjustment, Period
from h5app.market.recorded import RecordedDays
from h5app.market.store import MarketStore

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from h5app.market.importers.table_file import ImportReport
    from h5app.market.model import Bar
    from h5app.market.rules import DayRules
    from h5app.plumbing.db import Database

HISTORY_FOLDER = "history"
RECORDED_FOLDER = "recorded"
BARS_SHOWN = 20
BARS_SHOWN_MAX = 5000
_REFUSED = 1

KINDS = {
    "instruments": "证券列表 (CSV: code, exchange, name, board, list_date; 也认 tushare 列名)",
    "bars": "日线 (CSV), 或通达信文件 .day .lc1 .lc5, 或整个 vipdoc 文件夹",
    "actions": "除权除息 (CSV: 每 10 股或每股的送转、配、派, 或交易所参考价)",
    "trading-days": "交易日 (CSV: date), 按整年替换自带日历",
    "minutes": "一分钟线或分时线 (CSV)",
    "ticks": "逐笔或三秒成交 (CSV: symbol, datetime, price, volume_shares, side)",
    "snapshot": "收盘快照 (CSV)",
}


@dataclass(frozen=True, slots=True)
class ImportDesk:
    """Where imports go: the state folder, the tables, and the rules of today.

    `wall` dates what comes in.
    """

    home: Path
    store: MarketStore
    rules: DayRules
    wall: Clock = field(default_factory=SystemClock)

    @classmethod
    def of(cls, home: Path, database: Database, rules: DayRules) -> ImportDesk:
        """Return the desk of a state folder and its database."""
        return cls(home, MarketStore(database), rules)

    @property
    def files(self) -> BarFiles:
        """The bar history."""
        return BarFiles(self.home / HISTORY_FOLDER)

    @property
    def recorded(self) -> RecordedDays:
        """The recorded days."""
        return RecordedDays(self.home / RECORDED_FOLDER)


def add_import_arguments(parser: ArgumentParser) -> None:
    """Add `KIND FILE [FILE...]`."""
    kinds = parser.add_subparsers(dest="import_kind", required=True, metavar="KIND")
    for kind, text in KINDS.items():
        one = kinds.add_parser(kind, help=text, description=text)
        one.add_argument("files", nargs="+", type=Path, metavar="FILE", help="文件 (可多个)")


def run_import(arguments: Namespace, desk: ImportDesk) -> tuple[int, list[str]]:
    """Import each file; an unusable one is said and the others still come in."""
    take = _importers(desk)[arguments.import_kind]
    code, lines = 0, []
    for path in arguments.files:
        try:
            lines += take(path).lines()
        except AppError as refused:
            code = _REFUSED
            lines.append(f"未导入: {refused.message}")
    return code, lines


def add_bars_arguments(parser: ArgumentParser) -> None:
    """Add `SYMBOL [--period] [--adjust] [--count]`, and `--folder` for a user's own vipdoc."""
    parser.description = "显示已存的 K 线: 折算周期, 复权, 或直接读一个通达信 vipdoc 文件夹"
    parser.add_argument("symbol", nargs="?", help="证券代码, 如 600519.SH; 不给则列出有日线的代码")
    parser.add_argument("--period", type=Period, choices=list(Period), default=Period.DAY)
    parser.add_argument(
        "--adjust", type=Adjustment, choices=list(Adjustment), default=Adjustment.NONE
    )
    parser.add_argument("--count", type=int, default=BARS_SHOWN, help=f"根数, 默认 {BARS_SHOWN}")
    parser.add_argument("--folder", type=Path, help="通达信 vipdoc 文件夹, 代替自己的历史")


def run_bars(arguments: Namespace, desk: ImportDesk) -> tuple[int, list[str]]:
    """Print bars of one instrument, or the instruments that have day bars."""
    files = BarFiles(arguments.folder) if arguments.folder else desk.files
    if arguments.symbol is None:
        symbols = files.symbols(Period.DAY)
        return 0, symbols or ["还没有日线; 用 python -m h5app import bars FILE 导入"]
    try:
        symbol = parse_symbol(arguments.symbol)
    except AppError as refused:
        return _REFUSED, [refused.message]
    is_minutes = arguments.period.minutes is not None
    bars = files.all(symbol, Period.MINUTE_1 if is_minutes else Period.DAY)
    if arguments.adjust is not Adjustment.NONE:
        days = files.all(symbol, Period.DAY)
        tick = next(
            (one.tick_milli for one in desk.store.instruments() if one.symbol == symbol), 10
        )
        bars = adjust(
            bars, action_factors(desk.store.actions(symbol), days, tick), arguments.adjust
        )
    shown = fold(bars, arguments.period)[-min(max(arguments.count, 1), BARS_SHOWN_MAX) :]
    if not shown:
        return _REFUSED, [f"{symbol} 没有这个周期的 K 线"]
    head = "时间              开       高       低       收       量(股)  额(元)"
    return 0, [head, *(_bar_line(bar, is_minutes=is_minutes) for bar in shown)]


def _bar_line(bar: Bar, *, is_minutes: bool) -> str:
    stamp = bar.at.strftime("%Y-%m-%d %H:%M") if is_minutes else bar.on.isoformat()
    prices = (bar.open_milli, bar.high_milli, bar.low_milli, bar.close_milli)
    columns = " ".join(f"{milli_text(milli, 3):>8}" for milli in prices)
    return f"{stamp:<16} {columns} {bar.volume_shares:>12} {fen_text(bar.turnover_fen):>16}"


def _importers(desk: ImportDesk) -> dict[str, Callable[[Path], ImportReport]]:
    return {
        "instruments": lambda path: import_instruments(path, desk.store, desk.rules),
        "bars": lambda path: (
            import_bar_files(path, desk.files)
            if is_bar_source(path)
            else import_bars(path, desk.files, desk.store)
        ),
        "actions": lambda path: import_actions(path, desk.store, fetched_at=desk.wall.now()),
        "trading-days": lambda path: import_trading_days(path, desk.home),
        "minutes": lambda path: import_minutes(path, desk.files),
        "ticks": lambda path: import_ticks(path, desk.recorded, desk.files),
        "snapshot": lambda path: import_snapshot(path, desk.recorded, desk.files),
    }
