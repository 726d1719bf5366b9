"""Learned streams as they are kept: learning again and again, and the customer's word on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from h5app.kernel.clock import Clock
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wealth import store_reminders
from h5app.wealth import store_streams as store
from h5app.wealth.learner import Learner, ledger_mark, tables_mark
from h5app.wealth.orders import with_orders
from h5app.wealth.own_ledger import is_own_ledger
from h5app.wealth.ports import BankOrder, BankOrders, CashFlowSource
from h5app.wealth.refusal import CashFlowsSilent, EntryNotFound
from h5app.wealth.slices import limit
from h5app.wealth.stream_book import StreamBook
from h5app.wealth.stream_model import (
    Forecast,
    ForecastState,
    KeptStream,
    Matched,
    OwnWords,
    StreamWord,
)

HISTORY_DAYS = 800
"""So far back the ledger is looked at: two years, and the yearly payment before."""
SETTLED_DAYS_MAX = 30
BATCH_MAX = 100
FOLLOWING_MAX = 3

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class StreamView:
    """A stream with what its page shows."""

    stream: KeptStream
    payments: tuple[Matched, ...]
    following: tuple[Forecast, ...]


class LearnedStreams:
    """Learns from the ledgers of bound accounts.

    Learning is idempotent: the same ledger on the same day changes nothing. Identities stay: a
    stream is the one it shares most payments with. The customer's word is never overwritten.
    """

    def __init__(
        self,
        database: Database,
        market: Clock,
        trading_days: TradingDays,
        source: CashFlowSource,
        bank: BankOrders,
    ) -> None:
        self._database = database
        self._market = market
        self._days = trading_days
        self._source = source
        self._bank = bank
        self._learner = Learner(trading_days)
        self._tables = ""

    def learn_due(self, seconds_max: float | None = None) -> int:
        """Learn from every bound account not yet learned from on this market day; return how many.

        A source that is silent ends the round; the next one begins with the same account.
        """
        count, after = 0, ""
        today, is_over = self._market.now().date(), limit(self._market, seconds_max)
        while True:
            with self._database.read() as connection:
                due = store.due_accounts(connection, today, BATCH_MAX, after)
            for account_id in due:
                if is_over() or not self._learned(account_id):
                    return count
                count += 1
            if len(due) < BATCH_MAX:
                return count
            after = due[-1]

    def _learned(self, account_id: str) -> bool:
        try:
            self.learn(account_id)
        except CashFlowsSilent:
            log.warning("cash_flows_silent")
            return False
        return True

    def learn(self, account_id: str) -> bool:
        """Learn from one account; False when nothing can have changed.

        What is posted today counts tomorrow: the ledger is known up to yesterday's evening.

        Raises:
            CashFlowsSilent: The source gave no answer; what is kept stands.
        """
        today = self._market.now().date()
        cutoff = today - timedelta(days=1)
        flows = self._source.flows(account_id, today - timedelta(days=HISTORY_DAYS))
        orders = self._orders(account_id, today)
        mark = ledger_mark(flows, orders, self._days, today)
        if self._is_settled(account_id, mark, today):
            return False
        learned = with_orders(self._learner_of(today).learn(flows, cutoff), orders, cutoff)

        def work(connection: Connection) -> None:
            store.put_account(connection, account_id)
            store.lock_account(connection, account_id)
            book = StreamBook(connection, account_id, self._market.now())
            settled = min(book.take(learned), today + timedelta(days=SETTLED_DAYS_MAX))
            store.set_learned(
                connection, account_id, learned_on=today, settled_until=settled, ledger_mark=mark
            )
            store_reminders.look_soon_at_account(connection, account_id, self._market.now())

        self._database.retry_write(work)
        return True

    def _orders(self, account_id: str, today: date) -> Sequence[BankOrder]:
        """Return what the bank says will be moved; it knows nothing of who has no account."""
        return () if is_own_ledger(account_id) else self._bank.orders(account_id, today)

    def _learner_of(self, today: date) -> Learner:
        """Return the learner, which keeps what it knows of days while the tables stay."""
        tables = tables_mark(self._days, today)
        if tables != self._tables:
            self._learner, self._tables = Learner(self._days), tables
        return self._learner

    def _is_settled(self, account_id: str, mark: str, today: date) -> bool:
        with self._database.read() as connection:
            row = store.account(connection, account_id)
        if row is None or row.ledger_mark != mark or row.settled_until is None:
            return False
        if today > row.settled_until:
            return False
        if row.learned_on != today:
            with self._database.write() as connection:
                store.set_learned(connection, account_id, learned_on=today)
        return True

    # What the customer sees and says

    def view(self, account_id: str, stream_id: int) -> StreamView:
        """Return a stream with its payments and what follows.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        with self._database.read() as connection:
            return self._view(connection, account_id, stream_id)

    def all(self, account_id: str) -> list[KeptStream]:
        """Return every stream that is kept of an account."""
        with self._database.read() as connection:
            return store.streams(connection, account_id)

    def candidates(self, account_id: str) -> list[StreamView]:
        """Return the streams the customer is asked about, with what they expect next."""
        with self._database.read() as connection:
            kept = store.streams(connection, account_id)
            return [
                self._view(connection, account_id, each.stream_id)
                for each in kept
                if each.is_candidate
            ]

    def dismissed(self, account_id: str) -> list[KeptStream]:
        """Return the streams the customer said are none."""
        with self._database.read() as connection:
            kept = store.streams(connection, account_id)
        return [each for each in kept if each.word is StreamWord.DISMISSED]

    def say(self, account_id: str, stream_id: int, word: StreamWord) -> KeptStream:
        """Keep the customer's word on a stream; NONE takes it back.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        with self._database.write() as connection:
            self._stream(connection, account_id, stream_id)
            known_at = self._market.now()
            store.change_stream(connection, stream_id, word=word, known_at=known_at)
            return self._stream(connection, account_id, stream_id)

    def change(self, account_id: str, stream_id: int, own: OwnWords) -> KeptStream:
        """Keep what the customer calls a stream, which confirms one that nothing was said of.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        with self._database.write() as connection:
            kept = self._stream(connection, account_id, stream_id)
            store.set_words(connection, stream_id, own)
            if kept.word is StreamWord.NONE:
                known_at = kept.known_at if kept.is_shown else self._market.now()
                store.change_stream(
                    connection, stream_id, word=StreamWord.CONFIRMED, known_at=known_at
                )
            return self._stream(connection, account_id, stream_id)

    def _view(self, connection: Connection, account_id: str, stream_id: int) -> StreamView:
        today = self._market.now().date()
        ahead = store.forecasts(connection, [stream_id], today)[stream_id]
        following = [each for each in ahead if each.state is ForecastState.OPEN]
        return StreamView(
            stream=self._stream(connection, account_id, stream_id),
            payments=tuple(store.payments(connection, [stream_id])[stream_id]),
            following=tuple(following[:FOLLOWING_MAX]),
        )

    def _stream(self, connection: Connection, account_id: str, stream_id: int) -> KeptStream:
        found = store.stream(connection, account_id, stream_id)
        if found is None:
            raise EntryNotFound
        return found
