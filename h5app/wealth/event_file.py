"""ports.MarketEvents over a file of the operator, read again when it changes: events.csv.

There is no free source of new issues, convertible bonds or product maturities that a program may
rely on; what the broker knows of them is written down here, with who said so and when.
"""

import csv
import io
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path

from h5app.kernel.clock import SHANGHAI
from h5app.plumbing.log import get_logger
from h5app.wealth.model import EntryClass
from h5app.wealth.ports import MarketEvent, MarketEvents

FILE = "events.csv"
COLUMNS = (
    "event_id",
    "symbol",
    "short_name",
    "kind",
    "on",
    "title",
    "source",
    "fetched_at",
    "state",
)
STATES = ("provisional", "confirmed", "cancelled")
EVENT_ID_LENGTH_MAX = 60
KINDS = frozenset(
    {
        EntryClass.EX_RIGHT,
        EntryClass.RECORD,
        EntryClass.DIVIDEND,
        EntryClass.SUBSCRIPTION,
        EntryClass.ALLOTMENT,
        EntryClass.LISTING,
        EntryClass.BOND,
        EntryClass.REPORT,
        EntryClass.UNLOCK,
        EntryClass.MATURITY,
        EntryClass.INVESTMENT,
        EntryClass.OTHER,
    }
)

log = get_logger(__name__)


class BadEventFile(ValueError):
    """The file is not of its form; the text names the line."""


class EventFile:
    """The operator's events; one without a symbol concerns every customer."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._stamp: tuple[int, int] | None = None
        self._known: Sequence[MarketEvent] = ()

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:
        """Return the events of these instruments and those of everybody."""
        self._refresh()
        wanted = set(symbols) | {""}
        return [each for each in self._known if each.symbol in wanted and first <= each.on <= last]

    def _refresh(self) -> None:
        """Read the file where it changed; a bad one is logged and what was known stays."""
        stamp = _stamp_of(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._known = read_events(self._path.read_text("utf-8-sig")) if stamp else ()
        except (BadEventFile, OSError, UnicodeDecodeError) as wrong:
            log.warning("event_file_bad", error=str(wrong)[:200])


def _stamp_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)


def read_events(text: str) -> list[MarketEvent]:
    """Return the events of a file.

    Raises:
        BadEventFile: A column is missing, or a line cannot be read.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise BadEventFile(f"{FILE} 缺少列 {'、'.join(missing)}")
    events = []
    for row in reader:
        try:
            events.append(_event({name: (row[name] or "").strip() for name in COLUMNS}))
        except (ValueError, KeyError) as wrong:
            raise BadEventFile(f"{FILE} 第 {reader.line_num} 行: {wrong}") from wrong
    if len({each.event_id for each in events}) < len(events):
        raise BadEventFile(f"{FILE} 有重复的 event_id")
    return events


def _event(row: dict[str, str]) -> MarketEvent:
    kind, event_id, state = EntryClass(row["kind"]), row["event_id"], row["state"]
    is_known = kind in KINDS and state in STATES
    if not is_known or not 0 < len(event_id) <= EVENT_ID_LENGTH_MAX or " " in event_id:
        raise ValueError("event_id、kind 或 state 不正确")
    fetched_at = datetime.fromisoformat(row["fetched_at"]) if row["fetched_at"] else None
    if fetched_at is not None and fetched_at.tzinfo is None:
        fetched_at = fetched_at.replace(tzinfo=SHANGHAI)
    return MarketEvent(
        event_id=f"file.{event_id}",
        symbol=row["symbol"],
        short_name=row["short_name"],
        kind=kind,
        on=date.fromisoformat(row["on"]),
        title=row["title"],
        is_confirmed=state == "confirmed",
        is_cancelled=state == "cancelled",
        source=row["source"],
        fetched_at=fetched_at,
    )


class AllMarketEvents:
    """ports.MarketEvents over several, which know different things."""

    def __init__(self, *sources: MarketEvents) -> None:
        self._sources = sources

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:
        """Return the events of all of them."""
        return [each for one in self._sources for each in one.events(symbols, first, last)]
