"""Corporate-action arithmetic: the ex-right reference price and adjustment factors (复权). Pure.

Adjustment is multiplicative: a day's factor is the exchange's reference (its printed previous
close) over the close of the trading day before. SSE and SZSE trading rules, chapter 4 (除权除息).
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.model import Adjustment, EventState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from h5app.market.model import Bar, CorporateAction


@dataclass(frozen=True, slots=True)
class ReferenceClose:
    """A day's close beside the exchange's reference for that day, both milli."""

    on: date
    reference_milli: int
    close_milli: int


@dataclass(frozen=True, slots=True)
class DayFactor:
    """What prices before this day are multiplied with to compare with prices from it on."""

    on: date
    factor: Fraction


def ex_reference_milli(close_milli: int, action: CorporateAction, tick_milli: int) -> int:
    """Reference price of the ex day (milli), half up to the tick and at least one tick.

    (close - cash + rights price x rights) / (1 + bonus + rights). A reference that the exchange
    published stands in the action and wins: in SZSE rights issues the ratio actually subscribed
    counts, and bought-back shares take no dividend.
    """
    if action.reference_milli is not None:
        return action.reference_milli
    value = _exact_reference(close_milli, action) / tick_milli
    return max(tick_milli, tick_milli * round_half_up(value.numerator, value.denominator))


def _exact_reference(close_milli: int, action: CorporateAction) -> Fraction:
    cash = Fraction(action.cash_per_share) * 1000
    paid_in = Fraction(action.rights_price) * 1000 * Fraction(action.rights_per_share)
    shares = 1 + Fraction(action.bonus_per_share) + Fraction(action.rights_per_share)
    return (close_milli - cash + paid_in) / shares


def day_factors(days: Sequence[ReferenceClose]) -> list[DayFactor]:
    """Factors of the days whose reference is not the close before; `days` in order of time."""
    return [
        DayFactor(day.on, Fraction(day.reference_milli, before.close_milli))
        for before, day in itertools.pairwise(days)
        if before.close_milli > 0 and day.reference_milli != before.close_milli
    ]


def action_factors(
    actions: Iterable[CorporateAction], bars: Sequence[Bar], tick_milli: int
) -> list[DayFactor]:
    """Factors of corporate actions upon the last close before each; bars are unadjusted days."""
    days = [bar.on for bar in bars]
    factors: list[DayFactor] = []
    for action in sorted(actions, key=lambda each: each.ex_on):
        place = bisect_right(days, action.ex_on)
        if place and days[place - 1] == action.ex_on:
            place -= 1
        is_void = action.state is EventState.CANCELLED
        if is_void or place == 0 or bars[place - 1].close_milli <= 0:
            continue
        close_milli = bars[place - 1].close_milli
        reference = ex_reference_milli(close_milli, action, tick_milli)
        factors.append(DayFactor(action.ex_on, Fraction(reference, close_milli)))
    return factors


def factor_between(factors: Iterable[DayFactor], from_on: date, to_on: date) -> Decimal:
    """Product of the factors of days d with from_on < d <= to_on."""
    product = Fraction(1)
    for each in factors:
        if from_on < each.on <= to_on:
            product *= each.factor
    return Decimal(product.numerator) / Decimal(product.denominator)


def forward_price(
    close: Decimal, factors: Iterable[DayFactor], from_on: date, to_on: date
) -> Decimal:
    """A price of `from_on` made comparable with prices of `to_on` (前复权), not rounded."""
    return close * factor_between(factors, from_on, to_on)


def adjust(bars: Sequence[Bar], factors: Sequence[DayFactor], adjustment: Adjustment) -> list[Bar]:
    """Bars made comparable across ex days, half up to one milli; volume and turnover stay.

    Forward keeps the newest prices and lowers older ones; backward keeps the oldest and raises
    newer ones.
    """
    if adjustment is Adjustment.NONE or not factors:
        return list(bars)
    ordered = sorted(factors, key=lambda each: each.on)
    products = [Fraction(1)]
    for each in ordered:
        products.append(products[-1] * each.factor)
    days = [each.on for each in ordered]
    base = products[-1] if adjustment is Adjustment.FORWARD else Fraction(1)
    return [_scaled(bar, base / products[bisect_right(days, bar.on)]) for bar in bars]


def _scaled(bar: Bar, ratio: Fraction) -> Bar:
    if ratio == 1:
        return bar

    def price(milli: int) -> int:
        return round_half_up(milli * ratio.numerator, ratio.denominator)

    return replace(
        bar,
        open_milli=price(bar.open_milli),
        high_milli=price(bar.high_milli),
        low_milli=price(bar.low_milli),
        close_milli=price(bar.close_milli),
    )
