"""Indicators at their edges; their values are held by the conformance run."""

from decimal import Decimal

import pytest

from h5app.market import indicators
from h5app.market.indicators import PriceSeries

FLAT = PriceSeries([10] * 30, [10] * 30, [10] * 30)
RISING = PriceSeries(
    [Decimal(n) + 1 for n in range(1, 31)],
    [Decimal(n) - 1 for n in range(1, 31)],
    [Decimal(n) for n in range(1, 31)],
)


def test_start_up_bars_are_blank_and_not_zero() -> None:
    """Each function has its first value where its window is full."""
    firsts = {
        "ma": indicators.moving_average(RISING.closes, 5),
        "kdj": indicators.kdj(RISING).k,
        "rsi": indicators.rsi(RISING.closes, 6),
        "boll": indicators.bollinger(RISING.closes).middle,
        "wr": indicators.williams(RISING),
        "bias": indicators.bias(RISING.closes),
        "cci": indicators.commodity_channel(RISING),
        "atr": indicators.true_range_average(RISING),
        "ema": indicators.exponential_average(RISING.closes, 12),
    }

    found = {
        name: next(place for place, value in enumerate(curve) if value is not None)
        for name, curve in firsts.items()
    }

    assert found == {
        "ma": 4,
        "kdj": 8,
        "rsi": 1,
        "boll": 19,
        "wr": 9,
        "bias": 5,
        "cci": 13,
        "atr": 20,
        "ema": 0,
    }
    assert {len(curve) for curve in firsts.values()} == {30}


def test_a_market_that_does_not_move_has_no_ratio() -> None:
    """Nothing is divided by zero; the averages still stand."""
    assert set(indicators.rsi(FLAT.closes, 6)) == {None}
    assert set(indicators.williams(FLAT)) == {None}
    assert set(indicators.kdj(FLAT).j) == {None}
    assert set(indicators.commodity_channel(FLAT)) == {None}
    assert indicators.macd(FLAT.closes).macd[-1] == 0
    assert indicators.bollinger(FLAT.closes).upper[-1] == 10
    assert indicators.true_range_average(FLAT)[-1] == 0


def test_an_endless_rise_is_at_the_top_of_its_scales() -> None:
    """RSI 100, MACD positive, price above its averages."""
    assert indicators.rsi(RISING.closes, 6)[-1] == pytest.approx(100)
    assert indicators.macd(RISING.closes).dif[-1] == pytest.approx(6.3, abs=1)
    assert indicators.moving_average(RISING.closes, 5)[-1] == pytest.approx(28)
    assert indicators.true_range_average(RISING)[-1] == pytest.approx(2)


def test_a_window_without_a_range_keeps_k_and_d() -> None:
    """One flat window after a moving one carries the values on."""
    flat = [20] * 12
    series = PriceSeries([*RISING.highs, *flat], [*RISING.lows, *flat], [*RISING.closes, *flat])

    curve = indicators.kdj(series).k

    assert curve[-1] == curve[-2] is not None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_bars_give_curves_of_that_length(count: int) -> None:
    """An empty or tiny series is no error."""
    series = PriceSeries([2] * count, [1] * count, [2] * count)

    assert len(indicators.rsi(series.closes, 6)) == count
    assert len(indicators.true_range_average(series)) == count
    assert len(indicators.kdj(series).d) == count
    assert len(indicators.bollinger(series.closes, degrees_removed=1).lower) == count
