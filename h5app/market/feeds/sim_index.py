"""Indices of the simulated market: worked out from the members' own prices, day by day."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.feeds.sim_chance import MILLION, share_of
from h5app.market.feeds.sim_path import STEPS, Instant
from h5app.market.model import Bar, Board
from h5app.market.slots import LAST_SLOT, slot_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from h5app.market.feeds.sim_days import DayPlan, DayPlans
    from h5app.market.feeds.sim_path import DayPath
    from h5app.market.model import Instrument

MEMBERS_MAX = 60
_WEIGHT_UNIT = 10**15
"""Fine enough that what is cut off a member's weight is no tenth of a point's last place."""
_DEFAULT_POINTS_MILLI = 3_000_000
_BOARD_OF_INDEX = {
    "000688.SH": Board.STAR,
    "399006.SZ": Board.CHINEXT,
    "899050.BJ": Board.BSE,
}


@dataclass(frozen=True, slots=True)
class IndexDay:
    """One index on one day; arrays by slot. Points in 1/10000, whole shares, fen."""

    previous_close_e4: int
    points: array[int]
    highs: array[int]
    lows: array[int]
    volumes: array[int]
    turnovers: array[int]

    def at(self, slot: int, step: int) -> Instant:
        """Return the state at a step (0 to 19) of a slot."""
        if step >= STEPS - 1 or slot == 0:
            return Instant(
                self.points[slot],
                self.highs[slot],
                self.lows[slot],
                self.volumes[slot],
                self.turnovers[slot],
            )

        def between(row: array[int], done: int, whole: int) -> int:
            return row[slot - 1] + (row[slot] - row[slot - 1]) * done // whole

        points = between(self.points, step, STEPS - 1)
        return Instant(
            points,
            max(points, self.highs[slot - 1]),
            min(points, self.lows[slot - 1]),
            between(self.volumes, step + 1, STEPS),
            between(self.turnovers, step + 1, STEPS),
        )


@dataclass(frozen=True, slots=True)
class _Member:
    symbol: str
    weight: int
    path: DayPath | None
    plan: DayPlan | None
    idle_milli: int


def members_of(index: Instrument, instruments: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Return the stocks an index is made of: those that name it, else those of its market."""
    shares = sorted((one for one in instruments if one.board.is_share), key=lambda one: one.symbol)
    named = [one for one in shares if index.symbol in one.indices or index.code in one.indices]
    if not named:
        board = _BOARD_OF_INDEX.get(index.symbol)
        named = [
            one
            for one in shares
            if (one.board is board if board else one.exchange is index.exchange)
        ]
    return tuple(named[:MEMBERS_MAX])


def draw_index_day(
    index: Instrument,
    members: Iterable[Instrument],
    plans: DayPlans,
    path_of: Callable[[str, date], DayPath | None],
    on: date,
) -> IndexDay:
    """Return an index's day: its base times the mean of its members' prices over their bases."""
    weighed = [_weigh(one, plans, path_of(one.symbol, on), on) for one in members]
    before = plans.rules.trading_days.previous_trading_day(on)
    base_e4 = (index.reference_milli or _DEFAULT_POINTS_MILLI) * 10
    count = max(1, len(weighed))
    points = array("q", bytes(8 * (LAST_SLOT + 1)))
    volumes, turnovers = array("q", points), array("q", points)
    for member in weighed:
        _add(member, points, volumes, turnovers)
    for slot, total in enumerate(points):
        points[slot] = base_e4 * total // count // _WEIGHT_UNIT if weighed else base_e4
    closes = sum(_close_before(member, plans, before) for member in weighed)
    previous = base_e4 * closes // count // _WEIGHT_UNIT if weighed else base_e4
    highs, lows = array("q", points), array("q", points)
    for slot in range(1, LAST_SLOT + 1):
        highs[slot] = max(highs[slot - 1], points[slot])
        lows[slot] = min(lows[slot - 1], points[slot])
    return IndexDay(previous, points, highs, lows, volumes, turnovers)


def sketch_index_bar(
    index: Instrument, members: Iterable[Instrument], plans: DayPlans, on: date
) -> Bar:
    """Return an index's day bar without drawing its minutes, for the years before.

    Open, close and volume are exact. High and low lie where members that peak at different times
    leave them: about two fifths of the way to the mean of the members' own.
    """
    weighed = [_weigh(one, plans, None, on) for one in members]
    base_e4 = (index.reference_milli or _DEFAULT_POINTS_MILLI) * 10
    count = max(1, len(weighed))

    def milli(price_of: Callable[[DayPlan], int]) -> int:
        total = sum(
            each.weight * (price_of(each.plan) if each.plan else each.idle_milli)
            for each in weighed
        )
        points = base_e4 * total // count // _WEIGHT_UNIT if weighed else base_e4
        return round_half_up(points, 10)

    opened, close = milli(lambda plan: plan.open_milli), milli(lambda plan: plan.close_milli)
    high, low = max(opened, close), min(opened, close)
    high += max(0, milli(lambda plan: plan.high_milli) - high) * 2 // 5
    low -= max(0, low - milli(lambda plan: plan.low_milli)) * 2 // 5
    day_plans = [each.plan for each in weighed if each.plan]
    volume = sum(plan.volume_shares for plan in day_plans)
    turnover = sum(round_half_up(plan.volume_shares * plan.close_milli, 10) for plan in day_plans)
    return Bar(slot_moment(on, LAST_SLOT), opened, high, low, close, volume, turnover)


def trades_of(seed: int, symbol: str, volume_shares: int) -> int:
    """Return a plausible count of trades for a volume."""
    drawn = share_of(seed, "trade-size", symbol)
    return volume_shares // (700 + drawn * 1_500 // MILLION)


def _weigh(one: Instrument, plans: DayPlans, path: DayPath | None, on: date) -> _Member:
    factor = plans.share_factor(one.symbol, on)
    base = plans.base_milli(one)
    weight = _WEIGHT_UNIT * factor.numerator // factor.denominator // base
    plan = plans.plan(one.symbol, on)
    idle = plan.close_milli if plan else base
    return _Member(one.symbol, weight, None if plan is None else path, plan, idle)


def _add(member: _Member, points: array[int], volumes: array[int], turnovers: array[int]) -> None:
    path = member.path
    for slot in range(LAST_SLOT + 1):
        points[slot] += member.weight * (path.prices[slot] if path else member.idle_milli)
        if path:
            volumes[slot] += path.volumes[slot]
            turnovers[slot] += path.turnovers[slot]


def _close_before(member: _Member, plans: DayPlans, before: date) -> int:
    plan = plans.plan(member.symbol, before)
    factor = plans.share_factor(member.symbol, before)
    base = plans.base_milli(plans.instrument_by_symbol[member.symbol])
    weight = _WEIGHT_UNIT * factor.numerator // factor.denominator // base
    return weight * (plan.close_milli if plan else base)
