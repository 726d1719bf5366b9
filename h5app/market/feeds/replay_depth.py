"""Five levels around a recorded trade, derived from its minute's volume (推算盘口). Pure.

Recorded days have no depth. What a screen shows and paper orders are filled against is worked out:
a buyer took the best ask and a seller the best bid, the next levels lie one tick apart, and each
side holds about what was traded in that minute. Always labelled, never crossed, never beyond the
day's limits; at a limit the other side is empty unless the trade itself proves that it was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.market.model import DEPTH_LEVELS, Level, Side

if TYPE_CHECKING:
    from h5app.market.feeds.replay_tape import Happened

_WEIGHTS = (4, 5, 5, 4, 2)
_WEIGHTS_WHOLE = sum(_WEIGHTS)

Sides = tuple[tuple[Level, ...], tuple[Level, ...]]
Limits = tuple[int | None, int | None]


def derived_depth(
    happened: Happened, limits: Limits, *, tick_milli: int, unit_shares: int
) -> Sides:
    """Return bids and asks around the last trade; `limits` are limit up and limit down."""
    up, down = limits
    price, side = happened.last_milli, happened.side
    if side is None and price not in {up, down}:
        side = Side.BUY if price > happened.open_milli else Side.SELL
    if side is Side.BUY:
        best_bid, best_ask = price - tick_milli, price
    elif side is Side.SELL or price == up:
        best_bid, best_ask = price, price + tick_milli
    else:
        best_bid, best_ask = price - tick_milli, price
    quantities = _quantities(happened.minute_shares, unit_shares)
    lowest = tick_milli if down is None else down
    bids = [best_bid - place * tick_milli for place in range(DEPTH_LEVELS)]
    asks = [best_ask + place * tick_milli for place in range(DEPTH_LEVELS)]
    return (
        _levels([one for one in bids if one >= lowest], quantities),
        _levels([one for one in asks if up is None or one <= up], quantities),
    )


def _quantities(minute_shares: int, unit_shares: int) -> list[int]:
    units = minute_shares // unit_shares
    return [max(1, units * weight // _WEIGHTS_WHOLE) * unit_shares for weight in _WEIGHTS]


def _levels(prices: list[int], quantities: list[int]) -> tuple[Level, ...]:
    return tuple(
        Level(price, quantity) for price, quantity in zip(prices, quantities, strict=False)
    )
