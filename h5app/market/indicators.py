"""Indicators with the formulas of Chinese chart software (通达信). Pure.

Prices enter exact (Decimal or int) and become binary floating point inside and on the way out:
these are statistics for a curve, never money, and no order is ever priced by them. This is the one
module of the house where `float` is meant. `None` = the function has no value at that bar.

EMA and SMA are seeded with their first value; RSI, KDJ as SMA; BOLL with a choice of deviation;
ATR a plain mean; CCI with the mean absolute deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

Exact: TypeAlias = "Decimal | int"
Curve: TypeAlias = "list[float | None]"

CCI_SCALE = 0.015
RSV_BARS = 9


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """High, low and close of consecutive bars, oldest first, all of one length."""

    highs: Sequence[Exact]
    lows: Sequence[Exact]
    closes: Sequence[Exact]

    @property
    def highs_f(self) -> list[float]:
        """Highs as floats."""
        return [float(value) for value in self.highs]

    @property
    def lows_f(self) -> list[float]:
        """Lows as floats."""
        return [float(value) for value in self.lows]

    @property
    def closes_f(self) -> list[float]:
        """Closes as floats."""
        return [float(value) for value in self.closes]


def moving_average(values: Sequence[Exact], bars: int) -> Curve:
    """Plain mean of the last `bars` values (MA)."""
    return _rolling([float(value) for value in values], bars, _mean)


def exponential_average(values: Sequence[Exact], bars: int) -> Curve:
    """EMA: e0 = x0, then e += 2/(bars+1) (x - e)."""
    return [*_smoothed((float(value) for value in values), 2 / (bars + 1))]


@dataclass(frozen=True, slots=True)
class Macd:
    """DIF, DEA and the bar MACD = 2 (DIF - DEA)."""

    dif: Curve
    dea: Curve
    macd: Curve


def macd(closes: Sequence[Exact], fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """MACD of closes."""
    values = [float(value) for value in closes]
    quick, calm = _smoothed(values, 2 / (fast + 1)), _smoothed(values, 2 / (slow + 1))
    dif = [a - b for a, b in zip(quick, calm, strict=True)]
    dea = _smoothed(dif, 2 / (signal + 1))
    bars = [2 * (a - b) for a, b in zip(dif, dea, strict=True)]
    return Macd([*dif], [*dea], [*bars])


@dataclass(frozen=True, slots=True)
class Kdj:
    """K = SMA(RSV,3), D = SMA(K,3), J = 3K - 2D; no value before the ninth bar."""

    k: Curve
    d: Curve
    j: Curve


def kdj(series: PriceSeries, bars: int = RSV_BARS) -> Kdj:
    """KDJ; a bar without a range in its window keeps the K and D before it."""
    highest = _rolling(series.highs_f, bars, max)
    lowest = _rolling(series.lows_f, bars, min)
    ratios = [
        _percent(close - low, high - low) if high is not None and low is not None else None
        for close, high, low in zip(series.closes_f, highest, lowest, strict=True)
    ]
    k = _smoothed_curve(ratios, 1 / 3)
    d = _smoothed_curve(k, 1 / 3)
    j = [
        3 * a - 2 * b if a is not None and b is not None else None
        for a, b in zip(k, d, strict=True)
    ]
    return Kdj(k, d, j)


def rsi(closes: Sequence[Exact], bars: int) -> Curve:
    """RSI = 100 SMA(max(d,0)) / SMA(|d|), d = change from bar 1 on; none while nothing moved."""
    changes = [b - a for a, b in pairwise(float(value) for value in closes)]
    rises = _smoothed((max(change, 0.0) for change in changes), 1 / bars)
    moves = _smoothed((abs(change) for change in changes), 1 / bars)
    curve: Curve = [None] if closes else []
    curve += [_percent(rise, move) for rise, move in zip(rises, moves, strict=True)]
    return curve


@dataclass(frozen=True, slots=True)
class Bollinger:
    """Middle, upper and lower band."""

    middle: Curve
    upper: Curve
    lower: Curve


def bollinger(
    closes: Sequence[Exact], bars: int = 20, deviations: int = 2, degrees_removed: int = 0
) -> Bollinger:
    """BOLL; `degrees_removed` 0 = population, 1 = sample deviation (ddof)."""
    values = [float(value) for value in closes]
    middle = _rolling(values, bars, _mean)
    spread = _rolling(values, bars, lambda window: _deviation(window, degrees_removed))
    pairs = list(zip(middle, spread, strict=True))
    upper = [m + deviations * s if m is not None and s is not None else None for m, s in pairs]
    lower = [m - deviations * s if m is not None and s is not None else None for m, s in pairs]
    return Bollinger(middle, upper, lower)


def williams(series: PriceSeries, bars: int = 10) -> Curve:
    """WR = 100 (highest - close) / (highest - lowest)."""
    highest = _rolling(series.highs_f, bars, max)
    lowest = _rolling(series.lows_f, bars, min)
    return [
        _percent(high - close, high - low) if high is not None and low is not None else None
        for close, high, low in zip(series.closes_f, highest, lowest, strict=True)
    ]


def bias(closes: Sequence[Exact], bars: int = 6) -> Curve:
    """BIAS = 100 (close - MA) / MA."""
    averages = moving_average(closes, bars)
    return [
        _percent(float(close) - average, average) if average is not None else None
        for close, average in zip(closes, averages, strict=True)
    ]


def commodity_channel(series: PriceSeries, bars: int = 14) -> Curve:
    """CCI = (TP - MA) / (0.015 x mean absolute deviation), TP = (high + low + close) / 3."""
    columns = zip(series.highs_f, series.lows_f, series.closes_f, strict=True)
    typical = [(high + low + close) / 3 for high, low, close in columns]

    def value(window: Sequence[float]) -> float | None:
        mean = _mean(window)
        spread = _mean([abs(each - mean) for each in window])
        return (window[-1] - mean) / (CCI_SCALE * spread) if spread else None

    return _rolling(typical, bars, value)


def true_range_average(series: PriceSeries, bars: int = 20) -> Curve:
    """ATR as a plain mean of true ranges; the first range is that of bar 1."""
    rows = list(zip(series.highs_f, series.lows_f, series.closes_f, strict=True))
    ranges = [
        max(high - low, abs(before - high), abs(before - low))
        for (_, _, before), (high, low, _) in pairwise(rows)
    ]
    curve: Curve = [None] if rows else []
    return curve + _rolling(ranges, bars, _mean)


def _mean(window: Sequence[float]) -> float:
    return sum(window) / len(window)


def _deviation(window: Sequence[float], degrees_removed: int) -> float | None:
    if len(window) <= degrees_removed:
        return None
    mean = _mean(window)
    return sqrt(sum((each - mean) ** 2 for each in window) / (len(window) - degrees_removed))


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _rolling(
    values: Sequence[float], bars: int, measure: Callable[[Sequence[float]], float | None]
) -> Curve:
    head: Curve = [None] * min(bars - 1, len(values))
    tail = [measure(values[end - bars : end]) for end in range(bars, len(values) + 1)]
    return head + tail


def _smoothed(values: Iterable[float], weight: float) -> list[float]:
    out: list[float] = []
    for value in values:
        out.append(value if not out else out[-1] + weight * (value - out[-1]))
    return out


def _smoothed_curve(values: Sequence[float | None], weight: float) -> Curve:
    out: Curve = []
    last: float | None = None
    for value in values:
        if value is not None:
            last = value if last is None else last + weight * (value - last)
        out.append(last)
    return out
