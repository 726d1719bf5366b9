"""The turn of trading days: opening and close, run twice, half or at once with the same result."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from h5app.counter import store_accounts, store_ledger, store_orders
from h5app.counter.accounts import repay
from h5app.counter.booking import Booking
from h5app.counter.ending import Ending
from h5app.counter.instants import us_of
from h5app.counter.ports import Prices
from h5app.counter.posting import SELLABLE, SETTLING, Line
from h5app.counter.store_ledger import Entry, Posting
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.plumbing.outbox import Outbox

CLOSES_AT = time(15, 30, 30)
"""Half a minute after the last phase of the day (盘后固定价格 until 15:30)."""
EXPIRED = "收盘"

log = get_logger(__name__)


class Days:
    """Opens and closes the books of trading days; each account in a transaction of its own."""

    def __init__(self, database: Database, prices: Prices, outbox: Outbox) -> None:
        self._database = database
        self._prices = prices
        self._booking = Booking(database, outbox, prices.clock)
        self._ending = Ending(outbox)

    def run_due(self, now: datetime) -> None:
        """Open and close what is due at a market moment, also days that were slept through."""
        with self._database.read() as connection:
            last = store_accounts.last_days(connection)
        today, is_evening = now.date(), now.time() >= CLOSES_AT
        latest = today if is_evening else today - timedelta(days=1)
        is_trading_day = self._prices.rules.trading_days.is_trading_day(today)
        newest = date.fromisoformat(last[0][0]) if last else date.min
        is_opened = newest >= today or not is_trading_day
        is_closed = all(closed for day, closed in last if date.fromisoformat(day) <= latest)
        if is_opened and is_closed:
            return
        self._close_until(latest)
        if not is_opened:
            self.open_day(today)
            self._close_until(latest)

    def _close_until(self, latest: date) -> None:
        with self._database.read() as connection:
            unclosed = store_accounts.unclosed_days(connection)
        for day in map(date.fromisoformat, unclosed):
            if day <= latest:
                self.close_day(day)

    # ------------------------------------------------------------ opening

    def open_day(self, day: date) -> None:
        """Begin a trading day: what was bought before it may be sold."""
        text, now_us = day.isoformat(), us_of(self._prices.clock.now())
        with self._database.write() as connection:
            if store_accounts.open_day(connection, text, now_us):
                entry = Entry(kind="open_day", body={"day": text}, at_us=now_us)
                store_ledger.write(connection, entry)
        # An order that slipped in while its day was being closed ends here at the latest.
        self._expire_all((day - timedelta(days=1)).isoformat(), now_us)
        with self._database.read() as connection:
            accounts = store_ledger.accounts_settling(connection, text)
        for account_id in accounts:
            self._turn_over(account_id, text, now_us)

    def _turn_over(self, account_id: str, day: str, now_us: int) -> None:
        with self._database.write() as connection:
            if not store_accounts.lock(connection, account_id):
                return
            for symbol, shares in store_ledger.settling_of(connection, account_id, day):
                line = Line(symbol, SETTLING, SELLABLE, shares, "turnover")
                posting = Posting(
                    transfer=f"turnover:{account_id}:{symbol}:{day}:{now_us}",
                    account_id=account_id,
                    on_day=day,
                    at_us=now_us,
                )
                store_ledger.post(connection, posting, [line])
                entry = Entry(
                    kind="turnover",
                    account_id=account_id,
                    body={"day": day, "symbol": symbol, "shares": shares},
                    at_us=now_us,
                )
                store_ledger.write(connection, entry)

    # ------------------------------------------------------------ close

    def close_day(self, day: date) -> None:
        """End a trading day: open orders expire, what they held is free again."""
        text, now_us = day.isoformat(), us_of(self._prices.clock.now())
        self._booking.apply_waiting()
        accounts = self._expire_all(text, now_us)
        self._repay_all(text, now_us)
        with self._database.write() as connection:
            if store_accounts.close_day(connection, text, now_us):
                entry = Entry(kind="close_day", body={"day": text}, at_us=now_us)
                store_ledger.write(connection, entry)
                log.info("day_closed", day=text, accounts=accounts)

    def _expire_all(self, day: str, now_us: int) -> int:
        """End the open orders of a day and of those before; return of how many accounts."""
        with self._database.read() as connection:
            found = store_orders.expired(connection, day)
        for account_id, order_ids in found.items():
            self._expire(account_id, order_ids, now_us)
        return len(found)

    def _expire(self, account_id: str, order_ids: list[int], now_us: int) -> None:
        with self._database.write() as connection:
            if not store_accounts.lock(connection, account_id):
                return
            for order_id in order_ids:
                self._expire_one(connection, order_id, now_us)

    def _expire_one(self, connection: Connection, order_id: int, now_us: int) -> None:
        while True:  # The venue loop moves 1 to 2 without the account's lock.
            order = store_orders.by_id(connection, order_id)
            assert order is not None, order_id
            if order.state.is_final:
                return
            if self._ending.end(connection, order, EXPIRED, now_us) is not None:
                return

    def _repay_all(self, day: str, now_us: int) -> None:
        """Take back what was laid out, where there is something to take it from."""
        with self._database.read() as connection:
            accounts = store_ledger.accounts_advanced(connection)
        for account_id in accounts:
            with self._database.write() as connection:
                if store_accounts.lock(connection, account_id):
                    cause = f"close:{account_id}:{day}:{now_us}"
                    repay(connection, account_id, cause, now_us, day)
