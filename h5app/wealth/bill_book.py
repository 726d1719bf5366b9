"""Imported bills: looked at before they count, taken twice without doubling, deleted whole."""

import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import msgspec
from gevent import get_hub, monkey
from sqlalchemy import Connection

from h5app.kernel.clock import Clock, SystemClock
from h5app.plumbing.db import Database
from h5app.wealth import store_bills as store
from h5app.wealth.bills.model import BillFile, BillRow
from h5app.wealth.bills.reading import read_bill
from h5app.wealth.bills.refusal import BillDraftGone, TooManyBillRows
from h5app.wealth.refusal import EntryNotFound
from h5app.wealth.store_bills import ImportRow

ROWS_KEPT_MAX = 200_000
DRAFT_KEPT = timedelta(minutes=30)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A file that was read and not yet imported."""

    draft_id: str
    bill: BillFile
    new: tuple[BillRow, ...]
    updated: tuple[BillRow, ...]
    """Kept already, but with another status by now."""

    @property
    def count_unchanged(self) -> int:
        """How many rows are kept already as they are."""
        return len(self.bill.rows) - len(self.new) - len(self.updated)


class BillBook:
    """What a customer imported; `changed` is told whose rows are others now.

    `market` dates imports; `wall` says how long an undecided preview is kept.
    """

    def __init__(
        self,
        database: Database,
        market: Clock,
        changed: Callable[[str], None],
        wall: Clock | None = None,
    ) -> None:
        self._database = database
        self._market = market
        self._changed = changed
        self._wall = wall or SystemClock()

    def look(self, customer_id: str, data: bytes, password: str = "") -> Preview:
        """Read a file and keep it for the customer's decision; nothing is imported.

        Raises:
            AppError: One of `bills.refusal`; what was imported before stands.
        """
        bill = in_thread_pool(lambda: read_bill(data, password))
        body = zlib.compress(msgspec.msgpack.encode(bill))
        draft_id, now = secrets.token_hex(16), self._wall.now()
        with self._database.write() as connection:
            store.remove_drafts(connection, customer_id, now - DRAFT_KEPT)
            store.put_draft(connection, customer_id, draft_id, body, now)
        return self.preview(customer_id, draft_id)

    def preview(self, customer_id: str, draft_id: str) -> Preview:
        """Return a file that waits for its decision, compared with what is kept.

        Raises:
            BillDraftGone: It was replaced or decided, or is too old.
        """
        with self._database.read() as connection:
            return self._preview(connection, customer_id, draft_id)

    def take(self, customer_id: str, draft_id: str) -> Preview:
        """Import a file that was looked at; what is kept already is brought up to date.

        Raises:
            BillDraftGone: It was replaced or decided, or is too old.
            TooManyBillRows: The customer keeps as many rows as are allowed.
        """
        with self._database.write() as connection:
            preview = self._preview(connection, customer_id, draft_id)
            if store.count_rows(connection, customer_id) + len(preview.new) > ROWS_KEPT_MAX:
                raise TooManyBillRows
            self._write(connection, customer_id, preview)
            store.remove_drafts(connection, customer_id, self._wall.now() - DRAFT_KEPT)
        self._changed(customer_id)
        return preview

    def _write(self, connection: Connection, customer_id: str, preview: Preview) -> None:
        bill = preview.bill
        import_id = store.add_import(
            connection,
            customer_id,
            {
                "origin": bill.origin.value,
                "first_on": bill.first_on,
                "last_on": bill.last_on,
                "known_until": bill.known_until,
                "count_new": len(preview.new),
                "count_updated": len(preview.updated),
                "imported_at": self._market.now(),
            },
        )
        store.put_rows(connection, customer_id, import_id, bill, (*preview.new, *preview.updated))

    def discard(self, customer_id: str) -> None:
        """Forget the file that waits."""
        with self._database.write() as connection:
            store.remove_drafts(connection, customer_id, self._wall.now() - DRAFT_KEPT)

    def imports(self, customer_id: str) -> list[ImportRow]:
        """Return what was imported, newest first."""
        with self._database.read() as connection:
            return store.imports(connection, customer_id)

    def remove(self, customer_id: str, import_id: int) -> None:
        """Delete an import with its rows; what was learned from them goes with the next learning.

        Raises:
            EntryNotFound: The customer has no such import.
        """
        with self._database.write() as connection:
            if not store.remove_import(connection, customer_id, import_id):
                raise EntryNotFound
        self._changed(customer_id)

    def _preview(self, connection: Connection, customer_id: str, draft_id: str) -> Preview:
        since = self._wall.now() - DRAFT_KEPT
        body = store.draft(connection, customer_id, draft_id, since)
        if body is None:
            raise BillDraftGone
        bill = msgspec.msgpack.decode(zlib.decompress(body), type=BillFile)
        kept = store.kept_rows(connection, customer_id, [row.key for row in bill.rows])
        return Preview(
            draft_id=draft_id,
            bill=bill,
            new=tuple(row for row in bill.rows if row.key not in kept),
            updated=tuple(row for row in bill.rows if row.key in kept and kept[row.key] != row),
        )


def in_thread_pool(work: Callable[[], T]) -> T:
    """Run work in gevent's pool of real threads where gevent rules; elsewhere just run it."""
    if not monkey.is_module_patched("threading"):
        return work()
    result: T = get_hub().threadpool.apply(work)
    return result
