"""Brings together everything that falls due for one customer in a span of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from h5app.kernel.trading_day import TradingDays
from h5app.wealth import store
from h5app.wealth.model import Occurrence
from h5app.wealth.occurrences import in_order, of_market, of_own
from h5app.wealth.ports import Followed, MarketEvent, MarketEvents


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Outside:
    """What other rooms know of a customer; asked before the transaction, never inside."""

    market_events: MarketEvents
    followed: Followed

    def events(self, customer_id: str, account_id: str | None, span: Span) -> Sequence[MarketEvent]:
        """Return the events of what the customer holds and watches."""
        symbols = self.followed.symbols(customer_id, account_id)
        return self.market_events.events(symbols, span.first, span.last) if symbols else ()


def gather(
    connection: Connection,
    customer_id: str,
    span: Span,
    events: Sequence[MarketEvent],
    days: TradingDays,
    *,
    deleted_since: datetime | None = None,
) -> list[Occurrence]:
    """Return the customer's occurrences by day; also withdrawn ones where a moment is given."""
    marks = store.marks(connection, customer_id)
    entries = store.entries(connection, customer_id, deleted_since)
    found = of_own(entries, marks, span.first, span.last, days)
    found += of_market(events, marks)
    if deleted_since is None:
        found = [each for each in found if not each.is_cancelled]
    return in_order(found)
