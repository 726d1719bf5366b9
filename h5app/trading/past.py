"""What happened on some days: orders, fills and movements of cash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from h5app.counter.model import CashEntry, DaySpan, FillReport
from h5app.plumbing.db import Database
from h5app.trading import store
from h5app.trading.model import CustomerOrder, OrderWord, entry_of
from h5app.trading.ports import Counter, Prices

ROWS_MAX = 200
"""So many rows of one answer; the page says when there are more."""
SPAN_MAX = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class CashMoves:
    """Movements of cash, newest first. Unit fen."""

    entries: tuple[CashEntry, ...]
    in_fen: int
    out_fen: int
    """Negative."""

    @property
    def net_fen(self) -> int:
        """What came in less what went out."""
        return self.in_fen + self.out_fen


class Past:
    """Reads days that are over, and today's as far as it has come."""

    def __init__(self, database: Database, counter: Counter, prices: Prices) -> None:
        self._database = database
        self._counter = counter
        self._prices = prices

    def orders(self, account_id: str, span: DaySpan) -> list[CustomerOrder]:
        """Return the newest orders of some days, refused ones among them; newest first."""
        reports = {
            report.client_order_id: report
            for report in self._counter.orders_between(account_id, span, ROWS_MAX)
        }
        with self._database.read() as connection:
            entries = store.entries_between(connection, account_id, span, ROWS_MAX)
        found = [
            CustomerOrder(entry=entry, report=reports.pop(entry.order.client_order_id, None))
            for entry in entries
        ]
        found += [CustomerOrder(entry=entry_of(one), report=one) for one in reports.values()]
        # An accepted order whose report stands on another day is shown on that day.
        found = [one for one in found if one.report or one.entry.word is not OrderWord.ACCEPTED]
        return sorted(found, key=lambda one: one.entry.placed_at, reverse=True)[:ROWS_MAX]

    def fills(self, account_id: str, span: DaySpan) -> Sequence[FillReport]:
        """Return the newest fills of some days, newest first."""
        return self._counter.fills_between(account_id, span, ROWS_MAX)

    def cash(self, account_id: str, span: DaySpan) -> CashMoves:
        """Return the movements of cash of some days; the sums are of all of them."""
        found = [
            entry
            for entry in self._counter.cash_entries(account_id, span.first)
            if entry.on <= span.last
        ]
        amounts = [entry.amount_fen for entry in found]
        return CashMoves(
            entries=tuple(reversed(found)),
            in_fen=sum(amount for amount in amounts if amount > 0),
            out_fen=sum(amount for amount in amounts if amount < 0),
        )
