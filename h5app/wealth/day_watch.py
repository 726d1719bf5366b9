"""Notices that an operator's table of days changed, and has everything computed again."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from h5app.kernel.clock import Clock
from h5app.kernel.trading_day import AnnouncedYear, TradingDays
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wealth import store_days
from h5app.wealth.learner import tables_mark

FILES = ("days.json", "trading_days.txt")

log = get_logger(__name__)


class DayFiles:
    """The operator's files under H5APP_HOME; when one changes, the days at hand are changed."""

    def __init__(self, days: TradingDays, home: Path) -> None:
        self._days = days
        self._home = home
        self._stamp = self._now()

    def refresh(self) -> bool:
        """Read the files again where they changed; a bad one is logged and changes nothing."""
        stamp = self._now()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            fresh = load_trading_days(self._home)
        except ValueError as wrong:
            log.warning("day_file_bad", error=str(wrong)[:200])
            return False
        announced = cast("dict[int, AnnouncedYear]", self._days.announced)
        recorded = cast("dict[int, frozenset[object]]", self._days.recorded)
        for known, read in ((announced, fresh.announced), (recorded, fresh.recorded)):
            known.clear()
            known.update(read)  # type: ignore[arg-type]
        return True

    def _now(self) -> tuple[tuple[int, int], ...]:
        return tuple(_stamp(self._home / name) for name in FILES)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


class DayWatch:
    """Compares the days at hand with those everything was computed with."""

    def __init__(
        self, database: Database, market: Clock, days: TradingDays, refresh: Callable[[], bool]
    ) -> None:
        self._database = database
        self._market = market
        self._days = days
        self._refresh = refresh
        self._known = ""

    def refresh(self) -> bool:
        """Bring the days at hand up to date; say whether they changed."""
        return self._refresh()

    def recompute(self) -> bool:
        """Have everything computed again where the days are others than at the last time.

        It may have been another process, or the one before a restart, that computed it.
        """
        self._refresh()
        mark = tables_mark(self._days, self._market.now().date())
        if mark == self._known:
            return False
        is_news = bool(self._database.retry_write(lambda one: self._note(one, mark)))
        self._known = mark
        if is_news:
            log.info("days_changed")
        return is_news

    def _note(self, connection: Connection, mark: str) -> bool:
        known = store_days.known_mark(connection)
        if known == mark:
            return False
        store_days.put_mark(connection, mark)
        if known is not None:
            store_days.forget_learned(connection, self._market.now())
        return known is not None
