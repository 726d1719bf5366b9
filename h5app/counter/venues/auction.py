"""The two calls of a day: who stood in them, at what price and out of how much they are filled."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from h5app.counter.ports import Basis
from h5app.counter.venues.matching import Taken
from h5app.counter.venues.resting import Resting
from h5app.market.model import Instrument, OrderKind, Phase, Quote, Side
from h5app.market.rules import DayRules

BEFORE_OPEN = frozenset({Phase.NONE, Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL})
AFTER_CLOSE = frozenset({Phase.AFTER_HOURS_ACCEPT, Phase.AFTER_HOURS_FIXED, Phase.CLOSED})
CALLS = {
    Basis.OPEN_CALL: frozenset({Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL}),
    Basis.CLOSE_CALL: frozenset({Phase.CLOSE_CALL}),
}
LATE_MAX = timedelta(minutes=10)
"""A venue that comes back later than so long after a call leaves it alone."""


def auction_over(basis: Basis, phase: Phase, quote: Quote) -> bool:
    """Whether a call is over and the board shows its price."""
    if basis is Basis.OPEN_CALL:
        is_past = phase not in BEFORE_OPEN and quote.phase not in BEFORE_OPEN
        return is_past and quote.open_milli is not None
    return phase in AFTER_CLOSE and quote.phase in AFTER_CLOSE and quote.last_milli is not None


@dataclass(frozen=True, kw_only=True)
class Auction:
    """One call of one instrument as it ended."""

    symbol: str
    basis: Basis
    price_milli: int
    volume_shares: int
    """What was traded in it; ours is never more, on either side."""
    ends_at: time
    sealed_side: Side | None
    """The side that waits at a limit price and was not served whole."""

    def is_long_ago(self, now: datetime) -> bool:
        """Whether the call ended too long before a moment of its day to be played now."""
        return now - datetime.combine(now.date(), self.ends_at, now.tzinfo) > LATE_MAX

    def share_of(self, resting: Resting, taken: Taken, step_shares: int) -> int:
        """Return what an order gets: nothing unless it stood in the call and the price suits it."""
        has_stood = resting.reported_at.time() < self.ends_at
        is_meant = has_stood and resting.kind is not OrderKind.AFTER_HOURS_FIXED
        if not is_meant or resting.side is self.sealed_side:
            return 0
        if not resting.crosses(self.price_milli):
            return 0
        left = self.volume_shares - taken.in_call(self.symbol, resting.side, self.basis)
        return resting.part(left, step_shares)


def auction_of(
    rules: DayRules, instrument: Instrument, quote: Quote, basis: Basis, volume_before: int | None
) -> Auction | None:
    """Return how a call ended by what the board shows after it; None where there is no such call.

    The volume of the opening call is the day's so far; that of the closing call is what was added
    since the board was last seen before its end (`volume_before`), nothing if it never was.
    """
    ends_at = _end(rules, instrument, basis)
    if basis is Basis.OPEN_CALL:
        price, volume = quote.open_milli, quote.volume_shares
    else:
        price = quote.last_milli
        volume = 0 if volume_before is None else quote.volume_shares - volume_before
    if ends_at is None or price is None:
        return None
    return Auction(
        symbol=instrument.symbol,
        basis=basis,
        price_milli=price,
        volume_shares=max(0, volume),
        ends_at=ends_at,
        sealed_side=_sealed_side(quote, price),
    )


def _end(rules: DayRules, instrument: Instrument, basis: Basis) -> time | None:
    is_inside = False
    for start, phase in rules.phases(instrument.exchange, instrument.board):
        if is_inside and phase not in CALLS[basis]:
            return start
        is_inside = phase in CALLS[basis]
    return None


def _sealed_side(quote: Quote, price_milli: int) -> Side | None:
    if price_milli == quote.limit_up_milli:
        return Side.BUY
    return Side.SELL if price_milli == quote.limit_down_milli else None
