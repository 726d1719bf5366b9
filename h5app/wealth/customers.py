"""Who has a calendar, and the account or own ledger that it learns from."""

from sqlalchemy import Connection

from h5app.identity.model import CustomerBound, CustomersMerged, CustomerUnbound
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wealth import store, store_bills, store_feeds, store_reminders, store_streams
from h5app.wealth.own_ledger import own_ledger
from h5app.wealth.refusal import CashFlowsSilent
from h5app.wealth.streams import LearnedStreams

TABLES = (
    store.entry_table,
    store.mark_table,
    store_reminders.reminder_table,
    store_reminders.preference_table,
    store_feeds.feed_table,
    store_bills.import_table,
    store_bills.row_table,
    store_bills.draft_table,
)
"""What goes along when one customer becomes another."""

log = get_logger(__name__)


class Customers:
    """Meets customers, follows their bindings, and has their streams learned anew."""

    def __init__(self, database: Database, market: Clock, streams: LearnedStreams) -> None:
        self._database = database
        self._market = market
        self._streams = streams

    def meet(self, customer_id: str, account_id: str | None) -> None:
        """Note that the customer uses the calendar, and which account is his own.

        An account that is new is learned from at once, so that its first page is not empty.
        """
        with self._database.read() as connection:
            is_known, known_account = store_reminders.account_of(connection, customer_id)
        if is_known and account_id in {None, known_account}:
            return
        with self._database.write() as connection:
            store_reminders.meet(connection, customer_id, self._market.now())
        if account_id is not None:
            self.take_account(customer_id, account_id)

    def take_account(self, customer_id: str, account_id: str) -> None:
        """Learn from this account from now on; what was learned from bills before goes along."""
        with self._database.write() as connection:
            self._set_account(connection, customer_id, account_id)
        self._learn(account_id)

    def relearn(self, customer_id: str) -> None:
        """Learn again after the customer's bills changed; without an account, from them alone."""
        with self._database.write() as connection:
            account_id = store_reminders.account_of(connection, customer_id)[1]
            if account_id is None:
                account_id = own_ledger(customer_id)
                self._set_account(connection, customer_id, account_id)
        self._learn(account_id)

    def leave_account(self, event: CustomerUnbound) -> None:
        """Leave the account alone; what was learned stays for the day it is bound again."""
        customer_id, now = event.customer_id, self._market.now()
        with self._database.write() as connection:
            store_reminders.forget_account(connection, customer_id, event.account_id, now)
            store_streams.set_bound(connection, event.account_id, is_bound=False)
            has_bills = bool(store_bills.imports(connection, customer_id))
            account_id = store_reminders.account_of(connection, customer_id)[1]
            if has_bills and account_id is None:
                self._set_account(connection, customer_id, own_ledger(customer_id))

    def bind(self, event: CustomerBound) -> None:
        """Learn from the account that was bound."""
        self.take_account(event.customer_id, event.account_id)

    def merge(self, event: CustomersMerged) -> None:
        """Move what the former customer kept to the one it became."""
        moved = (event.from_customer_id, event.to_customer_id)
        with self._database.write() as connection:
            for table in TABLES:
                store.move_rows(connection, table, *moved)
            store_reminders.move_look(connection, *moved, self._market.now())
            account_id = store_reminders.account_of(connection, event.to_customer_id)[1]
            own = own_ledger(event.from_customer_id)
            target = own_ledger(event.to_customer_id) if account_id in {None, own} else account_id
            if store_streams.move_streams(connection, own, target) or account_id == own:
                self._set_account(connection, event.to_customer_id, target)

    def _set_account(self, connection: Connection, customer_id: str, account_id: str) -> None:
        own = own_ledger(customer_id)
        if own != account_id:
            store_streams.move_streams(connection, own, account_id)
            store_streams.set_bound(connection, own, is_bound=False)
        store_reminders.set_account(connection, customer_id, account_id, self._market.now())
        store_streams.set_bound(connection, account_id, is_bound=True)
        store_streams.set_learned(connection, account_id, learned_on=None, ledger_mark="")

    def _learn(self, account_id: str) -> None:
        try:
            self._streams.learn(account_id)
        except CashFlowsSilent:
            log.warning("cash_flows_silent")


def ledger_of(customer_id: str, account_id: str | None) -> str:
    """Return what a customer's streams are kept under: his account, else his own ledger."""
    return account_id or own_ledger(customer_id)
