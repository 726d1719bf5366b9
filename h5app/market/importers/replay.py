"""A recorded day made ready to be played: a folder of files comes in, instruments as of that day.

The folder holds files named for what they are (ticks_*, minute_1m_*, intraday_line_*, snapshot_*,
daily_*, instruments.csv, corporate_actions_*, ex_events_*, trading_days_*, TDX files anywhere).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from h5app.kernel.symbol import code_of
from h5app.market.feeds.replay_days import Records, ReplayNotReady, ReplayPlan, replay_ready
from h5app.market.importers.bar_folders import SUFFIXES, import_bar_files
from h5app.market.importers.bar_tables import import_bars
from h5app.market.importers.events import import_actions, import_trading_days
from h5app.market.importers.instruments import (
    board_by_code,
    listed_instruments,
    make_instrument,
    seed_instruments,
)
from h5app.market.importers.intraday import import_minutes, import_snapshot, import_ticks
from h5app.market.importers.table_file import BadRow, ImportReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from h5app.market.importers.commands import ImportDesk
    from h5app.market.model import Instrument
    from h5app.market.rules import DayRules, RuleBook

ACTIONS_KNOWN_AHEAD = timedelta(days=14)
"""An ex day is announced about a week before; on a recorded day later ones were not known."""
_LEDGER_FILE = "recorded/imported.txt"
INSTRUMENT_LIST = "instruments.csv"
_NO_FOLDER = Path()
_ADJUSTED = ("qfq", "hfq")
_RISK_WARNING = re.compile(r"^(\*ST|SST|S\*ST|ST)")
_DAY_PREFIX = re.compile(r"^(XD|XR|DR|N|C)(?=[^A-Za-z])")


@dataclass(frozen=True, slots=True)
class ReplayImport:
    """What came in, file by file, and what of the day can be played."""

    plan: ReplayPlan
    reports: tuple[ImportReport, ...]


def import_for_replay(folder: Path, day: date, desk: ImportDesk, book: RuleBook) -> ReplayImport:
    """Bring a folder in and put the instruments of `day` into the tables. Twice is once.

    A file that came in before and has not changed since is not read again. Without a folder (the
    setting is empty) what was brought in by the import command is played.

    Raises:
        ReplayNotReady: The folder is not there, or nothing of the day can be played.
        ImportFileUnusable: A file is torn or of another kind than its name says.
    """
    if not folder.is_dir():
        raise ReplayNotReady(f"回放目录 {folder} 不存在;请用 H5APP_REPLAY_DIR 指定记录文件的目录")
    if not book.trading_days.is_trading_day(day):
        raise ReplayNotReady(f"{day.isoformat()} 不是交易日;请换一个交易日")
    reports: tuple[ImportReport, ...] = ()
    known = {one.symbol: one for one in desk.store.instruments()}
    if folder != _NO_FOLDER:
        reports = tuple(_bring_in(folder, day, desk))
        known |= listed_instruments(folder / INSTRUMENT_LIST, book.on(day))
    records = Records(desk.files, desk.recorded, book, desk.store.actions())
    instruments = _instruments_of(records, day, known, book)
    plan = replay_ready(records, instruments, day)
    desk.store.put_instruments(one for one in instruments if one.symbol in plan.sources)
    return ReplayImport(plan, reports)


def _bring_in(folder: Path, day: date, desk: ImportDesk) -> Iterator[ImportReport]:
    """Import what is new of a folder; yield a report of each file."""
    ledger = _Ledger(desk.home / _LEDGER_FILE)
    work = [
        (path, take) for pattern, take in _takers(desk, day) for path in _found(folder, pattern)
    ]
    work += [(path, lambda path: import_bar_files(path, desk.files)) for path in _tdx_files(folder)]
    for path, take in work:
        status = path.stat()
        key = f"{day.isoformat()} {status.st_size} {status.st_mtime_ns} {path.resolve()}"
        if not ledger.has(key):
            yield take(path)
            ledger.note(key)


class _Ledger:
    """Which files came in: a line each, written behind the import."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = set(path.read_text("utf-8").splitlines()) if path.exists() else set()

    def has(self, line: str) -> bool:
        """Say whether the very same file came in before."""
        return line in self._lines

    def note(self, line: str) -> None:
        """Note that it is in."""
        self._lines.add(line)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _takers(desk: ImportDesk, day: date) -> list[tuple[str, Callable[[Path], ImportReport]]]:
    """Return what takes which files, in the order in which the better source comes last."""
    until, now = day + ACTIONS_KNOWN_AHEAD, desk.wall.now()
    return [
        ("trading_days*.csv", lambda path: import_trading_days(path, desk.home)),
        (
            "corporate_actions*.csv",
            lambda path: import_actions(path, desk.store, until=until, fetched_at=now),
        ),
        (
            "ex_events*.csv",
            lambda path: import_actions(path, desk.store, until=until, fetched_at=now),
        ),
        ("daily_*.csv", lambda path: import_bars(path, desk.files, desk.store)),
        ("minute_1m*.csv", lambda path: import_minutes(path, desk.files)),
        ("intraday_line*.csv", lambda path: import_minutes(path, desk.files)),
        ("ticks*.csv", lambda path: import_ticks(path, desk.recorded, desk.files)),
        ("snapshot*.csv", lambda path: import_snapshot(path, desk.recorded, desk.files)),
    ]


def _found(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a kind; adjusted prices are none that a day was traded at."""
    paths = sorted(folder.glob(pattern))
    return [path for path in paths if not any(word in path.stem for word in _ADJUSTED)]


def _tdx_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def _instruments_of(
    records: Records, day: date, listed: Mapping[str, Instrument], book: RuleBook
) -> list[Instrument]:
    own = {one.symbol: one for one in seed_instruments(day, book.trading_days, book.on(day))}
    made = (
        _as_of(symbol, records.snapshot_name(symbol, day), known, book.on(day))
        if (known := listed.get(symbol) or own.get(symbol))
        else _unlisted(symbol, records.snapshot_name(symbol, day), book.on(day))
        for symbol in records.symbols(day)
    )
    return [_since(one, day) for one in made if one is not None]


def _as_of(symbol: str, name_then: str, known: Instrument, rules: DayRules) -> Instrument:
    """Return an instrument under the name it had on the day.

    Lists are of today: a risk warning of today says nothing of a day long ago. It counts where the
    day's own snapshot shows it. On an ex day the exchange cuts the name to make room for XD.
    """
    is_cut = _DAY_PREFIX.match(name_then) is not None
    name = known.short_name if is_cut or not name_then else name_then
    is_st = _RISK_WARNING.match(name_then) is not None
    if not is_st:
        name = _RISK_WARNING.sub("", name) or name
    made = make_instrument(symbol, name, known.board, rules, known.product)
    return replace(
        known, name=made.name, short_name=made.short_name, pinyin=made.pinyin, is_st=is_st
    )


def _unlisted(symbol: str, name_then: str, rules: DayRules) -> Instrument | None:
    """Return an instrument that no list names any more; None where its code is no known range."""
    try:
        board = board_by_code(symbol)
    except BadRow:
        return None
    return make_instrument(symbol, name_then or code_of(symbol), board, rules)


def _since(one: Instrument, day: date) -> Instrument:
    """Return the instrument with a listing date that the day cannot contradict."""
    if one.listed_on is not None and one.listed_on > day:
        return replace(one, listed_on=None)
    return one
