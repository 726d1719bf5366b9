"""Keeps what accounts were worth at each close, and tells what days, months and years brought."""

from datetime import date, time

from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.trading import store_closes
from h5app.trading.calendar import DayClose, Profits, close_of
from h5app.trading.ports import Counter, Prices
from h5app.trading.worth import worth_of

KEPT_AFTER = time(15, 31)
"""Half a minute after the counter closes its day: nothing is filled any more."""
BATCH_ROWS = 100

log = get_logger(__name__)


class Closes:
    """The rows behind 收益日历; `prices.clock` is the market clock."""

    def __init__(self, database: Database, counter: Counter, prices: Prices) -> None:
        self._database = database
        self._counter = counter
        self._prices = prices

    def run_due(self) -> int:
        """Write the next accounts of the day that is over; return how many.

        May be run twice, half or by two at once: a row that stands is never changed. A day that
        nobody could look at in time, or that lacks a price, is part of the next one's row.
        """
        day = self._closed_day()
        if day is None or self._prices.is_stale:
            return 0
        with self._database.read() as connection:
            after, is_done = store_closes.reached(connection, day)
        if is_done:
            return 0
        accounts = self._counter.accounts(after, BATCH_ROWS)
        rows = [(account_id, self._close(account_id, day)) for account_id in accounts]
        is_last = len(accounts) < BATCH_ROWS
        with self._database.write() as connection:
            for account_id, row in rows:
                if row is not None:
                    store_closes.add(connection, account_id, row)
            store_closes.reach(
                connection, day, accounts[-1] if accounts else after, is_done=int(is_last)
            )
        if is_last:
            log.info("closes_kept", day=day.isoformat(), last_batch=len(rows))
        return len(rows)

    def year(self, account_id: str, year: int) -> Profits:
        """Return the days of a year; of today, while it is not kept, what it brought so far."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        with self._database.read() as connection:
            kept = store_closes.between(connection, account_id, first, last)
        today = self._prices.today()
        is_running = first <= today <= last and self._prices.rules.trading_days.is_trading_day(
            today
        )
        if is_running and not any(close.day == today for close in kept):
            so_far = self._close(account_id, today)
            kept += [so_far] if so_far else []
        return Profits(closes=tuple(kept))

    def _closed_day(self) -> date | None:
        """Return the trading day whose closing prices stand on the board; None during one."""
        now = self._prices.clock.now()
        day = self._prices.rules.trading_days.trading_day_on_or_before(now.date())
        is_running = day == now.date() and now.time() < KEPT_AFTER
        return None if is_running else day

    def _close(self, account_id: str, day: date) -> DayClose | None:
        """Return the row of a day; None where something held has no price."""
        found = worth_of(self._counter, self._prices, account_id)
        if found.unpriced:
            return None
        with self._database.read() as connection:
            before = store_closes.before(connection, account_id, day)
        entries = self._counter.cash_entries(account_id, before.day if before else day)
        return close_of(day, found, before, entries)
