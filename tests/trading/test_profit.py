"""Profit adds up: rows to the head, days to the whole, to the fen."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5app.counter.model import Balances, Position
from h5app.kernel.clock import FrozenClock
from h5app.kernel.money import amount_fen
from h5app.trading.profit import CostMethod, Holding, assets, holding
from tests.trading.fakes import MAOTAI, instrument, position, quote

CLOCK = FrozenClock("2026-11-24T10:00:00")
CASH = Balances(total_fen=1_000_000, available_fen=900_000, frozen_fen=100_000, withdrawable_fen=0)
UNHURRIED = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow], database=None
)


def row(held: Position, **more: object) -> Holding:
    """The holding at a quote of 10.10 after a close of 10.00."""
    return holding(held, instrument(), quote(CLOCK, MAOTAI, **more))


def test_both_costs_stand_beside_each_other() -> None:
    """摊薄 holds fees and sales; 平均 only the buys."""
    held = position(
        quantity_shares=200, bought_fen=300_000, bought_shares=300, sold_fen=110_000, fees_fen=1_000
    )
    one = row(held)

    assert one.cost_fen(CostMethod.DILUTED) == 191_000
    assert one.cost_milli(CostMethod.DILUTED) == 9_550
    assert one.cost_fen(CostMethod.AVERAGE) == 200_000
    assert one.cost_milli(CostMethod.AVERAGE) == 10_000


def test_a_diluted_cost_may_be_negative_and_then_has_no_ratio() -> None:
    """More was sold than ever paid: the cost is shown as it is, a percentage is not."""
    one = row(position(quantity_shares=100, sold_fen=400_000))

    assert one.cost_fen(CostMethod.DILUTED) < 0
    assert one.profit_ratio(CostMethod.DILUTED) is None


def test_profit_and_ratio_of_an_ordinary_row() -> None:
    """300 shares at 10.10, bought at 10.00 with 5 yuan of fees."""
    one = row(position())

    assert one.market_value_fen == 303_000
    assert one.profit_fen(CostMethod.DILUTED) == 2_500
    assert one.profit_ratio(CostMethod.AVERAGE) == Decimal(3000) / 300_000


def test_what_was_sold_out_today_keeps_its_row_and_its_profit() -> None:
    """Nothing is held, today's figure still says what today brought."""
    sold = position(
        quantity_shares=0,
        sold_fen=305_000,
        sold_today_fen=305_000,
        fees_fen=900,
        fees_today_fen=400,
    )
    one = row(sold)

    assert one.is_closed
    assert one.market_value_fen == 0
    assert one.today_fen == 305_000 - 300_000 - 400
    assert one.cost_milli(CostMethod.DILUTED) is None


def test_without_a_quote_nothing_is_called_zero() -> None:
    """A row without a price says so and is left out of the sums."""
    blind = holding(position(), None, None)
    head = assets(CASH, [row(position()), blind])

    assert (blind.market_value_fen, blind.today_fen, blind.profit_fen(CostMethod.AVERAGE)) == (
        None,
        None,
        None,
    )
    assert head.unpriced == (blind,)
    assert head.market_value_fen == 303_000


def test_before_the_first_trade_the_previous_close_values_the_row() -> None:
    """No trade yet today: worth as yesterday, today's profit zero."""
    one = row(position(), last_milli=None)

    assert one.market_value_fen == 300_000
    assert one.today_fen == 0


@st.composite
def days(draw: st.DrawFn) -> tuple[Position, int, int]:
    """A position in the middle of a day, with the closes before and now."""
    opening = draw(st.integers(0, 5000))
    bought_shares = draw(st.integers(0, 3000))
    sold_shares = draw(st.integers(0, opening))
    before, now = draw(st.integers(1, 300_000)), draw(st.integers(1, 300_000))
    bought_today = amount_fen(draw(st.integers(1, 300_000)), bought_shares)
    sold_today = amount_fen(draw(st.integers(1, 300_000)), sold_shares)
    fees_today = draw(st.integers(0, 5000))
    earlier_cost = draw(st.integers(0, 10**8))
    held = position(
        quantity_shares=opening + bought_shares - sold_shares,
        opening_shares=opening,
        bought_fen=earlier_cost + bought_today,
        bought_shares=opening + bought_shares,
        sold_fen=sold_today,
        fees_fen=fees_today,
        bought_today_fen=bought_today,
        sold_today_fen=sold_today,
        fees_today_fen=fees_today,
    )
    return held, before, now


@UNHURRIED
@given(days())
def test_todays_profit_is_what_the_whole_grew_by(day: tuple[Position, int, int]) -> None:
    """Profit at yesterday's close plus today's profit is today's profit in all, to the fen."""
    held, before, now = day
    yesterday = replace(
        held,
        quantity_shares=held.opening_shares,
        bought_fen=held.bought_fen - held.bought_today_fen,
        sold_fen=held.sold_fen - held.sold_today_fen,
        fees_fen=held.fees_fen - held.fees_today_fen,
    )
    then = amount_fen(before, held.opening_shares) - yesterday.cost_fen
    one = row(held, previous_close_milli=before, last_milli=now)

    assert one.today_fen is not None
    assert then + one.today_fen == one.profit_fen(CostMethod.DILUTED)


@UNHURRIED
@given(st.lists(days(), max_size=5))
def test_the_head_is_the_sum_of_its_rows(many: list[tuple[Position, int, int]]) -> None:
    """当日盈亏, 持仓盈亏 and 总资产 are sums of what the rows show."""
    rows = [row(held, previous_close_milli=before, last_milli=now) for held, before, now in many]
    head = assets(CASH, rows)

    assert head.today_fen == sum(one.today_fen or 0 for one in rows)
    for method in CostMethod:
        assert head.profit_fen(method) == sum(one.profit_fen(method) or 0 for one in rows)
    assert head.total_fen == CASH.total_fen + sum(one.market_value_fen or 0 for one in rows)


def test_ratios_of_an_empty_account_are_missing_not_zero() -> None:
    """Nothing divided by nothing is not shown."""
    nothing = Balances(total_fen=0, available_fen=0, frozen_fen=0, withdrawable_fen=0)
    head = assets(nothing, [])

    assert (head.invested_ratio, head.today_ratio) == (None, None)
    assert MAOTAI not in {one.symbol for one in head.holdings}
