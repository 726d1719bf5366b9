"""The price of a call auction (集合竞价). Pure.

Most volume; every better-priced order filled; at the price one side filled whole; then least
unmatched; then SSE (and BSE) the middle of the prices that remain, SZSE the one nearest to the
reference (previous close at the open, last price at the close). SSE and SZSE trading rules 3.5.2.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.model import Exchange, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A limit order in a call: milli, whole shares."""

    side: Side
    price_milli: int
    quantity_shares: int


@dataclass(frozen=True, slots=True)
class CallResult:
    """Price of the call (None = no cross, orders go back), what matches, what is left over.

    `unmatched_side` is the side that has more at the price, None when both are used up.
    """

    price_milli: int | None
    volume_shares: int
    unmatched_shares: int = 0
    unmatched_side: Side | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbouring ticks at which the same orders meet."""

    low_milli: int
    high_milli: int
    bought_shares: int
    sold_shares: int
    buys_above: int
    sells_below: int

    @property
    def volume(self) -> int:
        return min(self.bought_shares, self.sold_shares)

    @property
    def unmatched(self) -> int:
        return abs(self.bought_shares - self.sold_shares)

    @property
    def fills_all_better(self) -> bool:
        return max(self.buys_above, self.sells_below) <= self.volume


def call_price(
    orders: Iterable[CallOrder], *, exchange: Exchange, reference_milli: int, tick_milli: int
) -> CallResult:
    """Find the one price of a call auction among all ticks between the orders."""
    book = list(orders)
    buys = _Ladder([each for each in book if each.side is Side.BUY])
    sells = _Ladder([each for each in book if each.side is Side.SELL])
    stretches = _stretches(buys, sells, tick_milli)
    most = max((each.volume for each in stretches), default=0)
    if most == 0:
        return CallResult(None, 0)
    best = [each for each in stretches if each.volume == most and each.fills_all_better]
    least = min(each.unmatched for each in best)
    best = [each for each in best if each.unmatched == least]
    price = (
        _nearest(best, reference_milli) if exchange is Exchange.SZSE else _middle(best, tick_milli)
    )
    at = next((each for each in best if each.low_milli <= price <= each.high_milli), best[0])
    surplus = at.bought_shares - at.sold_shares
    side = None if surplus == 0 else Side.BUY if surplus > 0 else Side.SELL
    return CallResult(price, most, abs(surplus), side)


class _Ladder:
    """Orders of one side, summed by price."""

    def __init__(self, orders: Sequence[CallOrder]) -> None:
        by_price: dict[int, int] = {}
        for each in orders:
            by_price[each.price_milli] = by_price.get(each.price_milli, 0) + each.quantity_shares
        self.prices = sorted(by_price)
        self._sums = [0, *accumulate(by_price[price] for price in self.prices)]

    def up_to(self, price_milli: int) -> int:
        return self._sums[bisect_right(self.prices, price_milli)]

    def below(self, price_milli: int) -> int:
        return self._sums[bisect_left(self.prices, price_milli)]

    def from_(self, price_milli: int) -> int:
        return self._sums[-1] - self.below(price_milli)

    def above(self, price_milli: int) -> int:
        return self._sums[-1] - self.up_to(price_milli)


def _stretches(buys: _Ladder, sells: _Ladder, tick_milli: int) -> list[_Stretch]:
    if not buys.prices or not sells.prices or buys.prices[-1] < sells.prices[0]:
        return []
    low, high = sells.prices[0], buys.prices[-1]
    points = [p for p in sorted({*buys.prices, *sells.prices}) if low <= p <= high]
    ranges = [(price, price) for price in points]
    ranges += [
        (left + tick_milli, right - tick_milli)
        for left, right in pairwise(points)
        if right - left > tick_milli
    ]
    return [
        _Stretch(
            first, last, buys.from_(first), sells.up_to(last), buys.above(last), sells.below(first)
        )
        for first, last in sorted(ranges)
    ]


def _middle(best: Sequence[_Stretch], tick_milli: int) -> int:
    ends = best[0].low_milli + best[-1].high_milli
    return tick_milli * round_half_up(ends, 2 * tick_milli)


def _nearest(best: Sequence[_Stretch], reference_milli: int) -> int:
    candidates = [min(max(reference_milli, e.low_milli), e.high_milli) for e in best]
    return min(candidates, key=lambda price: abs(price - reference_milli))
