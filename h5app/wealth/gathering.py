"""Brings together everything that falls due for one customer in a span of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from h5app.kernel.trading_day import TradingDays
from h5app.wealth import store, store_streams
from h5app.wealth.model import Occurrence
from h5app.wealth.occurrences import Marks, in_order, of_market, of_own, of_streams
from h5app.wealth.own_ledger import is_own_ledger
from h5app.wealth.ports import Followed, MarketEvent, MarketEvents


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose calendar is gathered."""

    customer_id: str
    account_id: str | None
    """The account whose learned streams belong to it; None while none is bound."""
    events: Sequence[MarketEvent]


@dataclass(frozen=True)
class Outside:
    """What other rooms know of a customer; asked before the transaction, never inside."""

    market_events: MarketEvents
    followed: Followed

    def whose(self, customer_id: str, account_id: str | None, span: Span) -> Whose:
        """Return the customer with the events of what he holds and watches."""
        symbols = self.followed.symbols(
            customer_id, None if is_own_ledger(account_id) else account_id
        )
        events = self.market_events.events(symbols, span.first, span.last)
        return Whose(customer_id=customer_id, account_id=account_id, events=events)


def gather(
    connection: Connection,
    whose: Whose,
    span: Span,
    days: TradingDays,
    deleted_since: datetime | None = None,
) -> list[Occurrence]:
    """Return the occurrences by day; withdrawn ones too where a moment is given."""
    marks = store.marks(connection, whose.customer_id)
    entries = store.entries(connection, whose.customer_id, deleted_since)
    found = of_own(entries, marks, span.first, span.last, days)
    found += of_market(whose.events, marks)
    found += _learned(connection, whose.account_id, span, marks)
    if deleted_since is None:
        found = [each for each in found if not each.is_cancelled]
    return in_order(found)


def _learned(
    connection: Connection, account_id: str | None, span: Span, marks: Marks
) -> list[Occurrence]:
    if account_id is None:
        return []
    shown = [each for each in store_streams.streams(connection, account_id) if each.is_shown]
    if not shown:
        return []
    ids = [each.stream_id for each in shown]
    expected = store_streams.forecasts(connection, ids, span.first, span.last)
    return [
        occurrence
        for each in shown
        for occurrence in of_streams(each, expected[each.stream_id], marks)
    ]
