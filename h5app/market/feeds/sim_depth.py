"""Five levels of the simulated market, and what stands in the book during a call auction."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from h5app.market.model import DEPTH_LEVELS, Level

if TYPE_CHECKING:
    from h5app.market.feeds.sim_days import DayPlan

_BPS_PER_GAP = 3
"""Gap between levels of an expensive stock, 1/10000 of its price."""


@dataclass(frozen=True, slots=True)
class Grain:
    """The price step (milli) and the quantity step (shares) of an instrument."""

    tick_milli: int
    unit_shares: int


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides of the market, best level first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


def continuous_book(plan: DayPlan, price_milli: int, noise: bytes, grain: Grain) -> Book:
    """Return five levels around the last price; a limit price leaves the other side empty."""
    tick_milli, unit = grain.tick_milli, grain.unit_shares
    usual = max(1, plan.volume_shares // 2_000 // unit)
    if price_milli in {plan.limit_up_milli, plan.limit_down_milli}:
        waiting = [(1 + quantity) * unit for quantity in (_queue(plan, noise, unit), *noise[3:7])]
        if price_milli == plan.limit_up_milli:
            return Book(_side(plan, price_milli, -tick_milli, waiting), ())
        return Book((), _side(plan, price_milli, tick_milli, waiting))
    gap = max(1, price_milli * _BPS_PER_GAP // 10_000 // tick_milli) * tick_milli
    spread = gap if noise[20] % 4 == 0 else tick_milli
    is_bought = noise[21] % 2 == 0
    best_ask = price_milli if is_bought else price_milli + spread
    best_bid = price_milli - spread if is_bought else price_milli
    quantities = [(1 + usual * (20 + byte) // 100) * unit for byte in noise[:10]]
    bids = _side(plan, best_bid, -gap, quantities[:5])
    asks = _side(plan, best_ask, gap, quantities[5:])
    return Book(bids, asks)


def auction_book(
    plan: DayPlan, price_milli: int, matched_shares: int, noise: bytes, grain: Grain
) -> Book:
    """Return what a call displays: the matched volume on both sides, the rest on the larger one."""
    if matched_shares <= 0:
        return Book((), ())
    matched = Level(price_milli, matched_shares)
    unit = grain.unit_shares
    if price_milli == plan.limit_up_milli:
        waiting = Level(price_milli, _queue(plan, noise, unit) * unit)
        return Book((matched, waiting), (matched,))
    rest = Level(price_milli, (1 + matched_shares * noise[0] // 25_600 // unit * 8) * unit)
    is_demand_larger = noise[1] % 2 == 0
    return (
        Book((matched, rest), (matched,)) if is_demand_larger else Book((matched,), (matched, rest))
    )


def step_noise(seed: int, symbol: str, stamp: str) -> bytes:
    """Return 32 bytes of chance for one step of one instrument."""
    return blake2b(f"{seed}|book|{symbol}|{stamp}".encode(), digest_size=32).digest()


def _side(plan: DayPlan, best: int, gap: int, quantities: list[int]) -> tuple[Level, ...]:
    levels = []
    low = plan.limit_down_milli or abs(gap)
    for place in range(DEPTH_LEVELS):
        price = best + place * gap
        if price < low or (plan.limit_up_milli and price > plan.limit_up_milli):
            break
        levels.append(Level(price, max(1, quantities[place])))
    return tuple(levels)


def _queue(plan: DayPlan, noise: bytes, unit: int) -> int:
    """Return the units that wait at a sealed limit: much of a day's volume, now more now less."""
    return max(10, plan.volume_shares // unit * (30 + noise[2] % 20) // 100)
