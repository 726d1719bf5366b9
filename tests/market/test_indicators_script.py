"""The chart's own indicators beside the server's, bar by bar, and those that only the chart has.

The vectors are held by the conformance run, which runs the script, too.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from h5app.kernel.clock import SHANGHAI
from h5app.market import indicators
from h5app.market.model import Bar
from tests.conformance.indicator_script import scripted_curves

BARS = 200
FLAT = range(100, 112)
"""Bars that never leave one price: windows without a range."""


@cache
def walk() -> list[Bar]:
    """A walk with a stretch that stands still."""
    chance = random.Random(20261124)
    begin = datetime(2026, 1, 5, 15, tzinfo=SHANGHAI)
    bars: list[Bar] = []
    close = 100_000
    for number in range(BARS):
        spread = 0 if number in FLAT else 900
        close = close if number in FLAT else max(1_000, close + chance.randint(-2_000, 2_000))
        high, low = close + chance.randint(0, spread), close - chance.randint(0, spread)
        at = begin + timedelta(days=number)
        bars.append(Bar(at, close, high, low, close, chance.randint(1, 9_999) * 100, 0))
    return bars


@cache
def drawn() -> dict[str, list[float | None]]:
    """What the chart's script makes of the walk."""
    return scripted_curves(walk())


def server_curves() -> dict[str, Any]:
    """The same curves, worked out on the server in milli-yuan."""
    highs, lows, closes = (
        [getattr(bar, name) for bar in walk()]
        for name in ("high_milli", "low_milli", "close_milli")
    )
    prices = indicators.PriceSeries(highs, lows, closes)
    macd, kdj = indicators.macd(closes), indicators.kdj(prices)
    boll = indicators.bollinger(closes)
    in_yuan = {
        "MA5": indicators.moving_average(closes, 5),
        "MA60": indicators.moving_average(closes, 60),
        "EMA12": indicators.exponential_average(closes, 12),
        "DIF": macd.dif,
        "DEA": macd.dea,
        "MACD": macd.macd,
        "BOLL_MID": boll.middle,
        "BOLL_UP_ddof0": boll.upper,
        "BOLL_LOW_ddof0": boll.lower,
        "ATR20": indicators.true_range_average(prices),
    }
    ratios = {
        "K": kdj.k,
        "D": kdj.d,
        "J": kdj.j,
        "RSI6": indicators.rsi(closes, 6),
        "RSI24": indicators.rsi(closes, 24),
        "WR10": indicators.williams(prices),
        "BIAS6": indicators.bias(closes),
        "CCI14": indicators.commodity_channel(prices),
    }
    scaled = {
        name: [None if one is None else one / 1000 for one in curve]
        for name, curve in in_yuan.items()
    }
    return scaled | ratios


@pytest.mark.parametrize("name", server_curves())
def test_a_curve_of_the_chart_is_the_server_s(name: str) -> None:
    """The same values, and none at the same bars."""
    wanted, found = server_curves()[name], drawn()[name]

    assert [one is None for one in found] == [one is None for one in wanted]
    known = [one for one in wanted if one is not None]
    assert [one for one in found if one is not None] == pytest.approx(known, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("bar", [0, 1, 30, 60, 105, 115, BARS - 1])
def test_what_only_the_chart_has_follows_its_formula(bar: int) -> None:
    """BBI, OBV, PSY, ROC and DMI of 通达信, worked out here from their definitions."""
    closes = [one.close_milli / 1000 for one in walk()]
    for name, wanted in by_definition(closes, bar).items():
        found = drawn()[name][bar]
        assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-9)), name


def by_definition(closes: list[float], bar: int) -> dict[str, float | None]:
    """The values at one bar, each straight from its formula."""
    bars = walk()[: bar + 1]

    def mean(count: int) -> float | None:
        return sum(closes[bar + 1 - count : bar + 1]) / count if bar + 1 >= count else None

    means = [mean(count) for count in (3, 6, 12, 24)]
    turned = [(closes[n] > closes[n - 1]) - (closes[n] < closes[n - 1]) for n in range(1, bar + 1)]
    obv = sum(way * one.volume_shares for way, one in zip(turned, bars[1:], strict=True))
    return {
        "BBI": None if None in means else sum(one for one in means if one is not None) / 4,
        "obv": float(obv),
        "psy": sum(100 for way in turned[-12:] if way > 0) / 12 if bar >= 12 else None,
        "roc": 100 * (closes[bar] - closes[bar - 12]) / closes[bar - 12] if bar >= 12 else None,
        **direction_at(bars),
    }


def direction_at(bars: list[Bar]) -> dict[str, float | None]:
    """PDI = 100 sum(DMP, 14) / sum(TR, 14), MDI alike; none before bar 14."""
    if len(bars) < 15:
        return {"pdi": None, "mdi": None}
    ranges = plus = minus = 0
    for before, now in zip(bars[-15:-1], bars[-14:], strict=True):
        rise, fall = now.high_milli - before.high_milli, before.low_milli - now.low_milli
        plus += rise if rise > max(fall, 0) else 0
        minus += fall if fall > max(rise, 0) else 0
        ranges += max(
            now.high_milli - now.low_milli,
            abs(now.high_milli - before.close_milli),
            abs(now.low_milli - before.close_milli),
        )
    if not ranges:
        return {"pdi": None, "mdi": None}
    return {"pdi": 100 * plus / ranges, "mdi": 100 * minus / ranges}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_bars_are_no_mistake(count: int) -> None:
    """Every curve has one place for each bar."""
    for name, curve in scripted_curves(walk()[:count]).items():
        assert len(curve) == count, name
