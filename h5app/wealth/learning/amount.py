"""What the next payment of a stream will cost: fixed, stepped, shrinking, bonus or ranged."""

from collections.abc import Sequence
from enum import StrEnum
from math import erf, exp, log, sqrt
from typing import NamedTuple

TOLERANCE = 0.05
"""An amount within 5 % counts as foreseen; beyond that a range is shown."""
_YUAN_FEN, _JIAO_FEN = 100, 10
_MONTH_DAYS = 30.44
_HALF_YEAR_MONTHS = 6
_STEP_RATIO_MAX = 1.3
"""A larger change is an extra payment (a bonus month), not a new price."""
_LINEAR_RATIO_MAX = 0.02
_ROUNDING_FEN = 2
_PAIR = 2
_SLOPE_MIN, _SLOPE_MAX = 0.5, 2.0
"""A shrinking instalment changes by about as much each time."""
_RANGED_MAX = 24
_SPREADS = (0.035, 0.05, 0.07, 0.09, 0.12, 0.15, 0.2, 0.28)
"""Grid of the relative spread of varying bills."""
_SPREAD_PRIOR = (0.12, 0.18, 0.2, 0.16, 0.12, 0.12, 0.06, 0.04)


class AmountKind(StrEnum):
    """How the amounts of a stream behave."""

    FIXED = "fixed"
    STEPPED = "stepped"
    SHRINKING = "shrinking"
    BONUS = "bonus"
    RANGED = "ranged"


class AmountForecast(NamedTuple):
    """The amount of the next payment, in fen, unsigned."""

    kind: AmountKind
    amount_fen: int
    low_fen: int
    high_fen: int
    hit: float
    """Probability that the true amount lies within the tolerance."""


def _exact(kind: AmountKind, amount_fen: int, hit: float) -> AmountForecast:
    return AmountForecast(kind, amount_fen, amount_fen, amount_fen, hit)


def forecast_amount(days: Sequence[int], amounts_fen: Sequence[int], on: int) -> AmountForecast:
    """Return the amount expected on a day from the unsigned amounts paid so far, oldest first."""
    last = amounts_fen[-1]
    if len(amounts_fen) == 1:
        return _first(last)
    return (
        _bonus(days, amounts_fen, on)
        or _steady(amounts_fen)
        or _shrinking(days, amounts_fen, on)
        or _stepped(amounts_fen)
        or _ranged(amounts_fen)
    )


def _first(amount_fen: int) -> AmountForecast:
    """Tell from one amount: whole yuan or jiao are prices, a fen more is a meter's reading."""
    if amount_fen % _YUAN_FEN == 0:
        return _exact(AmountKind.FIXED, amount_fen, 0.97)
    if amount_fen % _JIAO_FEN == 0:
        return _exact(AmountKind.FIXED, amount_fen, 0.7)
    return _ranged((amount_fen,))


def _bonus(days: Sequence[int], amounts: Sequence[int], on: int) -> AmountForecast | None:
    """Recognise a level that is left for single payments and returned to half a year later."""
    base = max(set(amounts), key=amounts.count)
    count = amounts.count(base)
    others = [at for at, amount in enumerate(amounts) if amount != base]
    if not others or count < max(2, len(others) * 2):
        return None
    if any(_ratio(amounts[at], base) < _STEP_RATIO_MAX for at in others):
        return None
    for at in reversed(others):
        months = round((on - days[at]) / _MONTH_DAYS)
        if months and months % _HALF_YEAR_MONTHS == 0:
            return _exact(AmountKind.BONUS, amounts[at], 0.9)
    return _exact(AmountKind.BONUS, base, 0.93)


def _steady(amounts: Sequence[int]) -> AmountForecast | None:
    if amounts[-1] != amounts[-2]:
        return None
    is_plain = len(set(amounts)) == 1
    return _exact(AmountKind.FIXED if is_plain else AmountKind.STEPPED, amounts[-1], 0.985)


def _shrinking(days: Sequence[int], amounts: Sequence[int], on: int) -> AmountForecast | None:
    """Recognise equal-principal loans: every instalment changes by the same small amount."""
    change = amounts[-1] - amounts[-2]
    if abs(change) > amounts[-1] * _LINEAR_RATIO_MAX:
        return None
    if len(amounts) == _PAIR and amounts[0] % _YUAN_FEN:
        return None
    slope = change / max(1, days[-1] - days[-2])
    if len(amounts) > _PAIR:
        earlier = (amounts[-2] - amounts[-3]) / max(1, days[-2] - days[-3])
        if (
            change * (amounts[-2] - amounts[-3]) <= 0
            or not _SLOPE_MIN < slope / earlier < _SLOPE_MAX
        ):
            return None
        slope = (amounts[-1] - amounts[-3]) / (days[-1] - days[-3])
    expected = max(1, amounts[-1] + round(slope * (on - days[-1])))
    return _exact(AmountKind.SHRINKING, expected, 0.97)


def _stepped(amounts: Sequence[int]) -> AmountForecast | None:
    """Recognise one change of price after a steady run."""
    before = amounts[:-1]
    was_steady = len(set(before[-3:])) == 1 and (len(before) > 1 or before[0] % _YUAN_FEN == 0)
    if not was_steady:
        return None
    if _ratio(amounts[-1], amounts[-2]) < _STEP_RATIO_MAX:
        return _exact(AmountKind.STEPPED, amounts[-1], 0.9)
    return _exact(AmountKind.BONUS, amounts[-2], 0.7)


def _ranged(amounts: Sequence[int]) -> AmountForecast:
    """Return the middle of the paid amounts and what a varying bill may be."""
    logs = [log(amount) for amount in amounts[-_RANGED_MAX:]]
    count = len(logs)
    mean = sum(logs) / count
    squares = sum((value - mean) ** 2 for value in logs)
    hit = spread = total = 0.0
    for sigma, prior in zip(_SPREADS, _SPREAD_PRIOR, strict=True):
        weight = prior * exp(-squares / (2 * sigma * sigma)) * sigma ** (1 - count)
        wide = sigma * sqrt(1 + 1 / count)
        total += weight
        hit += weight * erf(TOLERANCE / wide / sqrt(2))
        spread += weight * wide
    hit, spread = (hit / total, spread / total) if total > 0 else (0.05, 0.5)
    middle = round(exp(mean))
    return AmountForecast(
        AmountKind.RANGED,
        middle,
        round(exp(mean - 1.3 * spread)),
        round(exp(mean + 1.3 * spread)),
        hit,
    )


def _ratio(one: int, other: int) -> float:
    return max(one, other) / max(1, min(one, other))


def amounts_log(amounts_fen: Sequence[int]) -> float:
    """Return how well unsigned amounts go together, in nats (higher is better)."""
    total = -3.5
    for at in range(1, len(amounts_fen)):
        total += _next_amount_log(amounts_fen, at)
    return total


def _next_amount_log(amounts: Sequence[int], at: int) -> float:
    change = abs(log(amounts[at] / amounts[at - 1]))
    if change == 0:
        return -0.3
    if at > 1 and abs(amounts[at] - 2 * amounts[at - 1] + amounts[at - 2]) <= _ROUNDING_FEN:
        return -0.5
    return max(-2.2 - (change / 0.16) ** 2 / 2, -9.0)
