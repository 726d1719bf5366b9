"""The trades of a feed that only knows snapshots: what was traded between two of them (分笔)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.market.model import Print, Side
from h5app.market.slots import slot_at

if TYPE_CHECKING:
    from h5app.market.model import Quote


class PrintFold:
    """Makes one print of what a quote has traded more than the one before."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Quote, Side | None]] = {}

    def start(self) -> None:
        """Begin a day."""
        self._last.clear()

    def print_of(self, quote: Quote) -> Print | None:
        """Return what was traded since the quote before; None when nothing was.

        A buyer took the best ask of before, a seller the best bid; between them the price's own
        movement says. An auction has no side. What was traded before this process looked for the
        first time is no print, unless it is the opening auction.
        """
        if quote.index_points is not None or quote.last_milli is None:
            return None
        known = self._last.get(quote.symbol)
        if known is None:
            return self._first(quote)
        before, side_before = known
        traded = quote.volume_shares - before.volume_shares
        if traded <= 0 or quote.at.date() != before.at.date():
            self._last[quote.symbol] = quote, side_before
            return None
        is_auction = before.phase.is_call or before.last_milli is None
        side = None if is_auction else _side(before, quote.last_milli) or side_before
        self._last[quote.symbol] = quote, side
        return Print(quote.at, quote.last_milli, traded, side, _trades(before, quote))

    def _first(self, quote: Quote) -> Print | None:
        self._last[quote.symbol] = quote, None
        found = slot_at(quote.at)
        if found is None or found[0] > 0 or not quote.volume_shares or quote.open_milli is None:
            return None
        return Print(quote.at, quote.open_milli, quote.volume_shares, None, quote.trades)


def _side(before: Quote, price_milli: int) -> Side | None:
    """Return who came to whom; None where neither the book nor the price says."""
    if before.ask_1 is not None and price_milli >= before.ask_1.price_milli:
        return Side.BUY
    if before.bid_1 is not None and price_milli <= before.bid_1.price_milli:
        return Side.SELL
    last = before.last_milli
    if last is None or last == price_milli:
        return None
    return Side.BUY if price_milli > last else Side.SELL


def _trades(before: Quote, now: Quote) -> int | None:
    if before.trades is None or now.trades is None:
        return None
    return max(0, now.trades - before.trades) or None
