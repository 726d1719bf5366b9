"""Minutes of a simulated day: prices, volume and turnover drawn into the day's frame.

The line goes through the day's open, high, low and close; volume follows the U shape measured on
real days. Inside a minute twenty three-second steps go to two turning points and on to its close.
"""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.feeds.sim_chance import MILLION, bell, dice
from h5app.market.feeds.sim_days import DayKind
from h5app.market.slots import CLOSE_CALL_SLOT, LAST_SLOT

if TYPE_CHECKING:
    from random import Random

    from h5app.market.feeds.sim_days import DayPlan

STEPS = 20
STEP_SECONDS = 3
_FIRST_TURN, _SECOND_TURN, _LAST = 5, 13, STEPS - 1
_QUARTER_SHARES = (132, 93, 77, 65, 59, 49, 48, 45, 43, 44, 46, 44, 49, 53, 65, 88)
"""Volume of each quarter of an hour, per mille (7 stocks, 43 days of 2018-12 and 2019-01)."""
_OPEN_CALL_WEIGHT, _CLOSE_CALL_WEIGHT = 10 * 15 * 1000, 16 * 15 * 1000
"""About one and one and a half per cent of the day."""


@dataclass(frozen=True, slots=True)
class Instant:
    """What has happened by one step of a day. Milli, whole shares, fen."""

    price_milli: int
    high_milli: int
    low_milli: int
    volume_shares: int
    turnover_fen: int


@dataclass(frozen=True, slots=True)
class DayPath:
    """All minutes of one instrument's day; arrays are indexed by slot."""

    prices: array[int]
    first_turns: array[int]
    second_turns: array[int]
    highs: array[int]
    lows: array[int]
    volumes: array[int]
    turnovers: array[int]
    tick_milli: int
    lot_shares: int

    def at(self, slot: int, step: int) -> Instant:
        """Return the state at a step (0 to 19) of a slot; step 19 completes it."""
        if step >= _LAST or slot == 0:
            return Instant(
                self.prices[slot],
                self.highs[slot],
                self.lows[slot],
                self.volumes[slot],
                self.turnovers[slot],
            )
        turns = self.first_turns[slot], self.second_turns[slot]
        price = self._price(slot, step, turns)
        visited = (price, *turns[: (step >= _FIRST_TURN) + (step >= _SECOND_TURN)])
        high = max(self.highs[slot - 1], *visited)
        low = min(self.lows[slot - 1], *visited)
        traded = self.volumes[slot] - self.volumes[slot - 1]
        traded = traded * (step + 1) // STEPS // self.lot_shares * self.lot_shares
        average = min(high, max(low, self.average_in(slot)))
        return Instant(
            price,
            high,
            low,
            self.volumes[slot - 1] + traded,
            self.turnovers[slot - 1] + round_half_up(average * traded, 10),
        )

    def average_in(self, slot: int) -> int:
        """Return the price at which a slot's volume is traded."""
        return (
            self.prices[slot - 1]
            + self.first_turns[slot]
            + self.second_turns[slot]
            + self.prices[slot]
        ) // 4

    def _price(self, slot: int, step: int, turns: tuple[int, int]) -> int:
        first, second = turns
        if step <= _FIRST_TURN:
            begin, end, done, length = self.prices[slot - 1], first, step, _FIRST_TURN
        elif step <= _SECOND_TURN:
            begin, end, done = first, second, step - _FIRST_TURN
            length = _SECOND_TURN - _FIRST_TURN
        else:
            begin, end, done = second, self.prices[slot], step - _SECOND_TURN
            length = _LAST - _SECOND_TURN
        moved = round_half_up((end - begin) * done, length * self.tick_milli)
        return begin + moved * self.tick_milli


def draw_path(seed: int, plan: DayPlan, tick_milli: int, lot_shares: int) -> DayPath:
    """Draw the minutes of a day into its frame."""
    numbers = dice(seed, "path", plan.symbol, plan.on)
    prices = _prices(plan, tick_milli, numbers)
    wick = max(tick_milli, (plan.high_milli - plan.low_milli) // 24)
    first = _turns(plan, prices, numbers, (1, wick, tick_milli))
    second = _turns(plan, prices, numbers, (0, wick, tick_milli))
    volumes = _volumes(plan.volume_shares, lot_shares, numbers)
    turnovers = array("q", bytes(8 * len(prices)))
    highs, lows = array("q", prices), array("q", prices)
    turnovers[0] = round_half_up(prices[0] * volumes[0], 10)
    for slot in range(1, LAST_SLOT + 1):
        four = (prices[slot - 1], first[slot], second[slot], prices[slot])
        highs[slot] = max(highs[slot - 1], *four)
        lows[slot] = min(lows[slot - 1], *four)
        traded = volumes[slot] - volumes[slot - 1]
        turnovers[slot] = turnovers[slot - 1] + round_half_up(sum(four) // 4 * traded, 10)
    return DayPath(prices, first, second, highs, lows, volumes, turnovers, tick_milli, lot_shares)


def _prices(plan: DayPlan, tick: int, numbers: Random) -> array[int]:
    """Return the price at the end of each slot: a noisy line through the day's four prices."""
    prices = array("q", bytes(8 * (LAST_SLOT + 1)))
    knots = _knots(plan, tick, numbers)
    reach = max(tick, (plan.high_milli - plan.low_milli) // 10)
    prices[0] = plan.open_milli
    for (begin, start), (end, goal) in itertools.pairwise(knots):
        is_sealed = plan.is_sealed and start == goal == plan.close_milli
        wander, loose = 0, 0 if is_sealed else reach
        steps = [wander := wander + bell(numbers) * loose // MILLION for _ in range(begin, end)]
        for place, step in enumerate(steps, start=1):
            length = end - begin
            value = start + step + (goal - start - steps[-1]) * place // length
            prices[begin + place] = _inside(plan, value, tick)
        prices[end] = goal
    for slot in range(CLOSE_CALL_SLOT + 1, LAST_SLOT):
        prices[slot] = prices[CLOSE_CALL_SLOT]
    prices[LAST_SLOT] = plan.close_milli
    return prices


def _inside(plan: DayPlan, value: int, tick: int) -> int:
    """Return a price on the tick inside the day's range; what goes beyond is thrown back."""
    if value > plan.high_milli:
        value = 2 * plan.high_milli - value
    elif value < plan.low_milli:
        value = 2 * plan.low_milli - value
    rounded = (value + tick // 2) // tick * tick
    return min(plan.high_milli, max(plan.low_milli, rounded))


def _knots(plan: DayPlan, tick: int, numbers: Random) -> list[tuple[int, int]]:
    """Return the slots at which the line must be at a price, in order of time."""
    first = 3 + numbers.getrandbits(16) * 110 // 65536
    second = first + 8 + numbers.getrandbits(16) * 100 // 65536
    is_high_first = numbers.getrandbits(1) == 1
    if plan.is_sealed:
        return _sealed_knots(plan, first, second, tick)
    peak, trough = (first, second) if is_high_first else (second, first)
    inner = sorted([(peak, plan.high_milli), (trough, plan.low_milli)])
    return [(0, plan.open_milli), *inner, (CLOSE_CALL_SLOT, plan.close_milli)]


def _sealed_knots(plan: DayPlan, first: int, second: int, tick: int) -> list[tuple[int, int]]:
    """Return the way to the limit, and often a while in which the board opens again."""
    sealed = plan.close_milli
    other = plan.low_milli if plan.kind is DayKind.SEALED_UP else plan.high_milli
    knots = [(0, plan.open_milli), (first, other), (first + 6, sealed)]
    if second % 3 == 0 and other != sealed:
        reopened = sealed + (other - sealed) // 4 // tick * tick
        knots += [(second + 14, sealed), (second + 18, reopened), (second + 22, sealed)]
    return [*knots, (CLOSE_CALL_SLOT, sealed)]


def _turns(
    plan: DayPlan, prices: array[int], numbers: Random, shape: tuple[int, int, int]
) -> array[int]:
    """Return a turning point of each minute, near its begin (1) or its end (0)."""
    back, wick, tick = shape
    turns = array("q", prices)
    for slot in range(1, CLOSE_CALL_SLOT + 1):
        chance = bell(numbers)
        if plan.is_sealed and prices[slot] == prices[slot - 1] == plan.close_milli:
            turns[slot] = plan.close_milli
            continue
        turns[slot] = _inside(plan, prices[slot - back] + chance * wick // MILLION, tick)
    for slot in range(CLOSE_CALL_SLOT + 1, LAST_SLOT + 1):
        turns[slot] = prices[slot]
    return turns


def _volumes(volume_shares: int, lot_shares: int, numbers: Random) -> array[int]:
    """Return the volume up to the end of each slot."""
    weights = [_OPEN_CALL_WEIGHT]
    for slot in range(1, LAST_SLOT):
        chance = numbers.getrandbits(10)
        share = _QUARTER_SHARES[(slot - 1) // 15]
        weights.append(share * (400 + chance) if slot <= CLOSE_CALL_SLOT else 0)
    weights.append(_CLOSE_CALL_WEIGHT)
    whole, sofar = sum(weights), 0
    volumes = array("q")
    for weight in weights:
        sofar += weight
        volumes.append(volume_shares * sofar // whole // lot_shares * lot_shares)
    return volumes
