"""What may be sold today: T+1 keeps today's buys back, T+0 does not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from h5app.counter.model import Side

Turnaround = Literal[0, 1]
"""Trading days between a buy and the sale of what was bought."""


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of one symbol: quantity = sellable + frozen + settling."""

    sellable_shares: int
    frozen_shares: int = 0
    settling_shares: int = 0

    @property
    def quantity_shares(self) -> int:
        """All shares held."""
        return self.sellable_shares + self.frozen_shares + self.settling_shares


@dataclass(frozen=True, kw_only=True)
class SharesEvent:
    """One thing that happens to a holding during a day."""

    kind: Literal["filled", "placed", "cancelled"]
    """filled at once, placed and left open, or the end of the last order left open."""
    side: Side = "sell"
    quantity_shares: int = 0


class NotEnoughShares(ValueError):
    """More was sold than is sellable."""


def shares_after(shares: Shares, events: Iterable[SharesEvent], turnaround: Turnaround) -> Shares:
    """Return the holding after the events of one day, in order.

    Raises:
        NotEnoughShares: A sale exceeds what is sellable at that point; the whole sale fails.
    """
    open_orders: list[SharesEvent] = []
    for event in events:
        if event.kind == "cancelled":
            shares = _released(shares, open_orders.pop())
        elif event.kind == "placed":
            open_orders.append(event)
            shares = _frozen(shares, event)
        else:
            shares = _filled(shares, event, turnaround)
    return shares


def _frozen(shares: Shares, event: SharesEvent) -> Shares:
    if event.side == "buy":
        return shares
    _check(shares, event)
    return replace(
        shares,
        sellable_shares=shares.sellable_shares - event.quantity_shares,
        frozen_shares=shares.frozen_shares + event.quantity_shares,
    )


def _released(shares: Shares, order: SharesEvent) -> Shares:
    if order.side == "buy":
        return shares
    return replace(
        shares,
        sellable_shares=shares.sellable_shares + order.quantity_shares,
        frozen_shares=shares.frozen_shares - order.quantity_shares,
    )


def _filled(shares: Shares, event: SharesEvent, turnaround: Turnaround) -> Shares:
    if event.side == "sell":
        _check(shares, event)
        return replace(shares, sellable_shares=shares.sellable_shares - event.quantity_shares)
    if turnaround == 0:
        return replace(shares, sellable_shares=shares.sellable_shares + event.quantity_shares)
    return replace(shares, settling_shares=shares.settling_shares + event.quantity_shares)


def _check(shares: Shares, event: SharesEvent) -> None:
    if event.quantity_shares > shares.sellable_shares:
        raise NotEnoughShares(event.quantity_shares)
