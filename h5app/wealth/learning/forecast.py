"""From streams to dated payments: where the belief puts mass inside the window."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from h5app.wealth.learning import priors
from h5app.wealth.learning.amount import AmountForecast, forecast_amount
from h5app.wealth.learning.grid import DayGrid
from h5app.wealth.learning.payment import Cadence
from h5app.wealth.learning.stream import Stream

_MASS_MIN = 0.12
_GOING_MIN = 1e-4
_CLEAR_DAYS = 3
_CENTRE = 0.3
"""A day's own mass counts besides that of its neighbours, so that ties end in the middle."""


class Occurrence(NamedTuple):
    """One payment that is expected; days are ordinals."""

    stream: Stream
    nominal: int
    on: int
    earliest: int
    amount: AmountForecast
    near: float
    """Probability that it is posted within one day of `on`, amount aside."""
    around: float
    """The same within three days."""
    cadence: Cadence


class _Spread(NamedTuple):
    mass: dict[int, float]
    sources: dict[int, tuple[float, int, Cadence]]


def occurrences(grid: DayGrid, stream: Stream, cutoff: int, horizon_days: int) -> list[Occurrence]:
    """Return what this stream brings in the days after the cut-off, by date."""
    last = cutoff + horizon_days
    spread = _spread(grid, stream, cutoff, last + _CLEAR_DAYS)
    return sorted(
        (
            occurrence
            for mass in _clusters(spread.mass)
            for occurrence in _of_cluster(stream, _Spread(mass, spread.sources))
            if occurrence.on <= last
        ),
        key=lambda occurrence: occurrence.on,
    )


def _clusters(mass: dict[int, float]) -> list[dict[int, float]]:
    """Return the mass in parts so far from each other that no payment reaches two of them."""
    clusters: list[dict[int, float]] = []
    before = -_CLEAR_DAYS
    for day in sorted(mass):
        if not clusters or day - before > _CLEAR_DAYS:
            clusters.append({})
        clusters[-1][day] = mass[day]
        before = day
    return clusters


def _of_cluster(stream: Stream, spread: _Spread) -> Iterator[Occurrence]:
    """Give payment after payment, each where most of the mass that is left lies."""
    mass = spread.mass
    while mass:
        _, on = max((_sum(mass, day, 1) + _CENTRE * mass[day], -day) for day in mass)
        on = -on
        near = _sum(mass, on, 1)
        if near < _MASS_MIN:
            return
        yield _occurrence(stream, spread, on, near)
        _take(mass, on)


def _occurrence(stream: Stream, spread: _Spread, on: int, near: float) -> Occurrence:
    around = min(1.0, _sum(spread.mass, on, 3))
    _, nominal, cadence = spread.sources[on]
    amount = forecast_amount(stream.days, stream.amounts_fen, on)
    floor = 0.02 * around
    early = [day for day in range(on - 3, on + 1) if spread.mass.get(day, 0.0) > floor]
    return Occurrence(
        stream, nominal, on, min([*early, on]), amount, min(1.0, near), around, cadence
    )


def _sum(mass: dict[int, float], day: int, reach: int) -> float:
    get = mass.get
    total = get(day, 0.0)
    for offset in range(1, reach + 1):
        total += get(day - offset, 0.0) + get(day + offset, 0.0)
    return total


def _take(mass: dict[int, float], on: int) -> None:
    """Remove one payment's worth of mass around a day; what exceeds it stays for another."""
    extra = _sum(mass, on, 1) - 1.0
    for day in range(on - _CLEAR_DAYS, on + _CLEAR_DAYS + 1):
        mass.pop(day, None)
    if extra > _MASS_MIN * 2:
        mass[on] = extra


def _spread(grid: DayGrid, stream: Stream, cutoff: int, last: int) -> _Spread:
    mass: dict[int, float] = defaultdict(float)
    sources: dict[int, tuple[float, int, Cadence]] = {}
    for hypothesis in stream.posterior.hypotheses:
        cadence = hypothesis.cadence
        kernel = priors.KERNEL_BY_HAND if cadence.is_by_hand else priors.KERNEL
        going = hypothesis.weight * hypothesis.alive
        slot = hypothesis.last_slot
        while going > _GOING_MIN:
            slot += cadence.stride
            day = grid.moved_slot(cadence.kind, cadence.rule, cadence.phase, slot)
            if day > last:
                break
            if day + priors.OFFSET_MAX <= cutoff:
                continue
            late = {day + off: share for off, share in kernel.items() if cutoff < day + off <= last}
            scale = going * (1 - priors.MISS)
            if day <= cutoff:
                scale /= priors.MISS + (1 - priors.MISS) * sum(late.values())
            nominal = grid.nominal(cadence.kind, cadence.phase, slot)
            for on, share in late.items():
                mass[on] += scale * share
                if scale * share > sources.get(on, (0.0,))[0]:
                    sources[on] = (scale * share, nominal, cadence)
            going *= 1 - priors.STOP
    return _Spread(mass, sources)
