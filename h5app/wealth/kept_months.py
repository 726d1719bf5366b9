"""Months that were drawn, kept for the customer they belong to as long as nothing changed."""

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database
from h5app.wealth.gathering import Outside, Span
from h5app.wealth.own_ledger import is_own_ledger
from h5app.wealth.ports import MarketEvent
from h5app.wealth.shortage import Soon
from h5app.wealth.store_state import state

KEPT_MAX = 400
"""Months kept in one process."""
KEPT_BYTES_MAX = 16 * 1024 * 1024
"""Memory for the texts of the months kept in one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a month was drawn from; a month with another stamp is never shown."""

    is_met: bool
    """Whether the customer is known with the account that is shown, so that nothing is to note."""
    rows: bytes
    """Digest of every row of the customer that the month is drawn from."""
    events: tuple[MarketEvent, ...]
    days: int
    """Rises when the holidays at hand become others."""
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMonth:
    """A month as HTML around the place of the balance warning, which is never kept."""

    head: str
    tail: str
    soon: Soon | None
    """What is to be paid in the next days, not yet held against the balance."""

    @property
    def size(self) -> int:
        """Memory it takes, in bytes."""
        return sys.getsizeof(self.head) + sys.getsizeof(self.tail)


class KeptMonths:
    """The drawn months of this process: the least lately seen ones go first."""

    def __init__(self, count_max: int = KEPT_MAX, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._count_max, self._bytes_max = count_max, bytes_max
        self._kept: OrderedDict[Hashable, tuple[Stamp, DrawnMonth]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, slot: Hashable, stamp: Stamp) -> DrawnMonth | None:
        """Return the month of this slot, unless it was drawn from something else."""
        with self._lock:
            kept = self._kept.get(slot)
            if kept is None or kept[0] != stamp:
                return None
            self._kept.move_to_end(slot)
            return kept[1]

    def put(self, slot: Hashable, stamp: Stamp, drawn: DrawnMonth) -> None:
        """Keep a month in place of what the slot held before."""
        with self._lock:
            before = self._kept.pop(slot, None)
            self._bytes += drawn.size - (before[1].size if before else 0)
            self._kept[slot] = (stamp, drawn)
            while len(self._kept) > self._count_max or self._bytes > self._bytes_max:
                self._bytes -= self._kept.popitem(last=False)[1][1].size

    def __len__(self) -> int:
        """Return how many months are kept."""
        return len(self._kept)


class DayEdition:
    """Numbers the tables of days that this process has at hand, as they become others."""

    def __init__(self, days: TradingDays) -> None:
        self._days = days
        self._seen = self._now()
        self._number = 0

    def number(self) -> int:
        """Return the number of the present tables; unchanged ones cost no look into them."""
        now = self._now()
        if now != self._seen:
            self._seen, self._number = now, self._number + 1
        return self._number

    def _now(self) -> tuple[dict[int, object], dict[int, object]]:
        return dict(self._days.announced), dict(self._days.recorded)


class Months:
    """Draws a customer's month, or gives the one that was drawn from exactly the same."""

    def __init__(
        self,
        database: Database,
        trading_days: TradingDays,
        outside: Outside,
        today: Callable[[], date],
    ) -> None:
        self._database = database
        self._edition = DayEdition(trading_days)
        self._outside = outside
        self._today = today
        self.kept = KeptMonths()

    def stamp(self, customer_id: str, account_id: str, span: Span) -> Stamp:
        """Return what the month of this span would be drawn from now.

        `account_id` is the account or own ledger.
        """
        events: Sequence[MarketEvent] = self._outside.whose(customer_id, account_id, span).events
        with self._database.read() as connection:
            found = state(connection, customer_id, account_id, (span.first, span.last))
        return Stamp(
            is_met=found.is_known and (is_own_ledger(account_id) or found.account_id == account_id),
            rows=hashlib.blake2b(repr(found.rows).encode(), digest_size=20).digest(),
            events=tuple(events),
            days=self._edition.number(),
            today=self._today(),
        )

    def month(
        self, slot: Hashable, stamp: Callable[[], Stamp], draw: Callable[[], DrawnMonth]
    ) -> DrawnMonth:
        """Return the month of this slot, drawn anew where its stamp is another.

        What changed while it was drawn is seen by the second stamp: then it is shown once, as any
        page that was read a moment ago, and not kept; nor that of a customer still to be met.
        """
        before = stamp()
        found = self.kept.find(slot, before)
        if found is not None:
            return found
        drawn = draw()
        if before.is_met and stamp() == before:
            self.kept.put(slot, before, drawn)
        return drawn
