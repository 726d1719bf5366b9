"""Ex-right prices and adjustment factors."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.market.bars import day_end
from h5app.market.ex_right import (
    DayFactor,
    ReferenceClose,
    action_factors,
    adjust,
    day_factors,
    ex_reference_milli,
    factor_between,
)
from h5app.market.model import Adjustment, Bar, CorporateAction

EX = date(2026, 11, 30)


def action(**terms: str) -> CorporateAction:
    """A corporate action on the ex day with these terms per share."""
    exact = {name: Decimal(text) for name, text in terms.items()}
    return replace(CorporateAction(symbol="600519.SH", ex_on=EX), **exact)  # type: ignore[arg-type]


def bar(on: date, close: int) -> Bar:
    """A day bar around its close."""
    return Bar(day_end(on), close, close + 100, close - 100, close, 1_000, 5_000)


@pytest.mark.parametrize(
    ("close", "terms", "reference"),
    [
        (13_430, {"cash_per_share": "0.145"}, 13_290),
        (212_630, {"cash_per_share": "2.3", "bonus_per_share": "0.1"}, 191_210),
        (29_060, {"rights_per_share": "0.3", "rights_price": "8.75"}, 24_370),
        (10_050, {"bonus_per_share": "0.3"}, 7_730),
        (1_000, {"cash_per_share": "5"}, 10),
    ],
)
def test_the_ex_price_is_half_up_to_the_tick(
    close: int, terms: dict[str, str], reference: int
) -> None:
    """Cash, bonus and rights; ties go up; never below one tick."""
    assert ex_reference_milli(close, action(**terms), 10) == reference


def test_the_exchange_reference_wins() -> None:
    """Rights taken only in part: the printed reference counts, not the announced ratio."""
    announced = action(rights_per_share="0.3", rights_price="8.75")
    printed = CorporateAction(symbol="002466.SZ", ex_on=EX, reference_milli=24_450)

    assert ex_reference_milli(29_060, announced, 10) == 24_370
    assert ex_reference_milli(29_060, printed, 10) == 24_450


@pytest.mark.parametrize(
    ("terms", "prefix"),
    [
        ({"cash_per_share": "1"}, "XD"),
        ({"bonus_per_share": "1"}, "XR"),
        ({"rights_per_share": "1"}, "XR"),
        ({"cash_per_share": "1", "rights_per_share": "1"}, "DR"),
        ({}, ""),
    ],
)
def test_the_prefix_of_the_ex_day(terms: dict[str, str], prefix: str) -> None:
    """XD for cash, XR for shares, DR for both."""
    assert action(**terms).prefix == prefix


def test_a_factor_stands_where_the_reference_is_not_the_close_before() -> None:
    """Two ex days of three make a product over the days after the first and up to the last."""
    days = [
        ReferenceClose(date(2026, 1, 5), 10_000, 10_000),
        ReferenceClose(date(2026, 1, 6), 9_000, 9_500),
        ReferenceClose(date(2026, 1, 7), 9_500, 9_600),
        ReferenceClose(date(2026, 1, 8), 4_800, 4_900),
    ]

    factors = day_factors(days)

    assert [each.on.day for each in factors] == [6, 8]
    assert factor_between(factors, date(2026, 1, 5), date(2026, 1, 8)) == Decimal("0.45")
    assert factor_between(factors, date(2026, 1, 6), date(2026, 1, 8)) == Decimal("0.5")
    assert factor_between(factors, date(2026, 1, 8), date(2026, 1, 8)) == 1


def test_forward_and_backward_meet_across_the_ex_day() -> None:
    """Forward lowers what was before, backward raises what comes from the ex day on."""
    bars = [bar(date(2026, 11, 27), 20_000), bar(EX, 10_100)]
    factors = action_factors([action(bonus_per_share="1")], bars, 10)

    forward = adjust(bars, factors, Adjustment.FORWARD)
    backward = adjust(bars, factors, Adjustment.BACKWARD)

    assert factors == [DayFactor(EX, Fraction(1, 2))]
    assert [each.close_milli for each in forward] == [10_000, 10_100]
    assert [each.close_milli for each in backward] == [20_000, 20_200]
    assert [each.volume_shares for each in forward] == [1_000, 1_000]
    assert adjust(bars, factors, Adjustment.NONE) == bars


def test_an_action_before_the_first_bar_has_no_factor() -> None:
    """Without a close before it there is nothing to compare; a missing day takes the last close."""
    early = action(cash_per_share="1")

    assert action_factors([early], [bar(EX, 10_000)], 10) == []
    found = action_factors([early], [bar(date(2026, 11, 2), 10_000)], 10)
    assert found == [DayFactor(EX, Fraction(9, 10))]


@given(
    closes=st.lists(st.integers(1_000, 500_000), min_size=2, max_size=8),
    cash=st.integers(0, 900),
    bonus=st.integers(0, 20),
)
def test_adjusted_returns_are_those_of_the_references(
    closes: list[int], cash: int, bonus: int
) -> None:
    """Across an ex day the adjusted move is close over reference, within rounding to a milli."""
    days = [date(2026, 1, number) for number in range(1, len(closes) + 1)]
    bars = [bar(on, close) for on, close in zip(days, closes, strict=True)]
    one = CorporateAction(
        symbol="600519.SH",
        ex_on=days[-1],
        cash_per_share=Decimal(cash) / 1000,
        bonus_per_share=Decimal(bonus) / 10,
    )
    reference = ex_reference_milli(closes[-2], one, 10)

    adjusted = adjust(bars, action_factors([one], bars, 10), Adjustment.FORWARD)

    assert adjusted[-1].close_milli == closes[-1]
    assert abs(adjusted[-2].close_milli - reference) <= 1
