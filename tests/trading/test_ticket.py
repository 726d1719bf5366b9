"""The ticket's arithmetic, against its own meaning rather than against a second formula."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5app.counter.model import FeeLines
from h5app.kernel.clock import FrozenClock
from h5app.kernel.money import amount_fen, round_half_up
from h5app.market.model import Level, OrderKind, Phase
from h5app.market.rules import RuleBook
from h5app.plumbing.day_tables import load_trading_days
from h5app.trading.model import PlaceOrder
from h5app.trading.objection import Objection, OrderFacts, objections_of
from h5app.trading.ticket import (
    FRACTIONS,
    Steps,
    TicketFacts,
    TicketWarning,
    break_even_milli,
    estimate,
    fraction_of,
    maximum_to_buy,
    maximum_to_sell,
    stepped_price,
    suggested_price_milli,
    warnings_of,
)
from tests.trading.fakes import instrument, quote

MAIN = Steps(minimum_shares=100, step_shares=100, maximum_shares=1_000_000)
STAR = Steps(minimum_shares=200, step_shares=1, maximum_shares=100_000)
UNHURRIED = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow], database=None
)


def fee_of(amount: int) -> int:
    """0.025 %, at least 5 yuan, none for nothing."""
    return max(500, round_half_up(amount * 25, 100_000)) if amount else 0


@UNHURRIED
@given(st.integers(0, 10**12), st.integers(1, 3_000_000), st.sampled_from([MAIN, STAR]))
def test_the_maximum_is_covered_and_one_step_more_is_not(
    cash: int, price: int, steps: Steps
) -> None:
    """全仓 leaves too little for one more step, fees counted; and it is a regular quantity."""
    most = maximum_to_buy(cash, price, steps, fee_of)

    amount = amount_fen(price, most)
    assert amount + fee_of(amount) <= cash or most == 0
    assert steps.floor(most) == most
    more = amount_fen(price, steps.up(most))
    assert more + fee_of(more) > cash or most == steps.floor(steps.maximum_shares)


def test_the_minimum_commission_counts_in_the_maximum() -> None:
    """1,000.00 yuan do not buy 100 shares at 10.00, for the fees are missing; 1,005.00 do."""
    assert maximum_to_buy(100_000, 10_000, MAIN, fee_of) == 0
    assert maximum_to_buy(100_500, 10_000, MAIN, fee_of) == 100


@UNHURRIED
@given(st.integers(0, 3_000_000), st.sampled_from([MAIN, STAR]))
def test_floor_gives_the_largest_regular_quantity(shares: int, steps: Steps) -> None:
    """At least the minimum, on a step, not above, and nothing between it and the wish."""
    found = steps.floor(shares)

    assert found <= shares
    assert found == 0 or found >= steps.minimum_shares
    assert (found - steps.minimum_shares) % steps.step_shares == 0 or found == 0
    assert shares < steps.minimum_shares or min(shares, steps.maximum_shares) - found < (
        steps.step_shares
    )


@pytest.mark.parametrize(
    ("shares", "up", "down"), [(0, 100, 100), (100, 200, 100), (250, 300, 200), (300, 400, 200)]
)
def test_steppers_walk_by_lots(shares: int, up: int, down: int) -> None:
    """Plus goes to the next lot, minus to the one before, never below the first."""
    assert (MAIN.up(shares), MAIN.down(shares)) == (up, down)


def test_star_steps_by_one_share_from_two_hundred() -> None:
    """200, 201, 202; nothing below 200."""
    assert (STAR.up(0), STAR.up(200), STAR.down(201), STAR.down(200)) == (200, 201, 200, 200)


def test_everything_may_be_sold_with_its_odd_rest() -> None:
    """全仓 of 340 shares is 340, a half of it one lot."""
    assert maximum_to_sell(340, MAIN) == 340
    assert [fraction_of(340, parts, MAIN) for parts in FRACTIONS] == [340, 100, 100, 0]


def test_more_than_one_order_takes_is_cut_to_its_maximum() -> None:
    """1,000,050 shares are sold in two orders; the first takes the maximum."""
    assert maximum_to_sell(1_000_050, MAIN) == 1_000_000


@pytest.mark.parametrize(
    ("price", "ticks", "expected"),
    [(10_000, 1, 10_010), (10_000, -1, 9_990), (10_005, 1, 10_010), (10_005, -1, 10_000)],
)
def test_price_steps_stay_on_the_grid(price: int, ticks: int, expected: int) -> None:
    """A typed price between two ticks goes to its neighbours."""
    moved = stepped_price(price, ticks, tick_milli=10, limit_up_milli=None, limit_down_milli=None)

    assert moved == expected


@pytest.mark.parametrize(("ticks", "expected"), [(500, 11_000), (-500, 9_000)])
def test_price_steps_stop_at_the_limits(ticks: int, expected: int) -> None:
    """Neither above 涨停 nor below 跌停."""
    moved = stepped_price(
        10_000, ticks, tick_milli=10, limit_up_milli=11_000, limit_down_milli=9_000
    )

    assert moved == expected


def test_a_price_never_steps_below_one_tick() -> None:
    """Zero is no price."""
    assert stepped_price(10, -5, tick_milli=10, limit_up_milli=None, limit_down_milli=None) == 10


def test_a_ticket_opens_with_the_price_it_would_meet() -> None:
    """卖一 to buy, 买一 to sell; on a sealed board the last price; before trade the previous."""
    clock = FrozenClock("2026-11-24T10:00:00")
    full = quote(clock)
    sealed = replace(full, asks=(), bids=(Level(11_000, 9_900),), last_milli=11_000)
    quiet = replace(full, asks=(), bids=(), last_milli=None)

    assert suggested_price_milli(full, "buy") == 10_110
    assert suggested_price_milli(full, "sell") == 10_090
    assert suggested_price_milli(sealed, "buy") == 11_000
    assert suggested_price_milli(quiet, "buy") == 10_000


def test_what_is_settled_counts_fees_against_the_customer() -> None:
    """A buy costs the fees on top, a sale brings them less."""

    def schedule(amount: int) -> FeeLines:
        return FeeLines(commission_fen=fee_of(amount))

    assert estimate("buy", 10_000, 100, schedule).settled_fen == 100_500
    assert estimate("sell", 10_000, 100, schedule).settled_fen == 99_500


@UNHURRIED
@given(st.integers(1, 10**9), st.integers(1, 10**6), st.sampled_from([1, 10]))
def test_break_even_is_the_lowest_price_without_a_loss(cost: int, shares: int, tick: int) -> None:
    """At 保本价 nothing is lost after fees; one tick below something is."""
    price = break_even_milli(cost, shares, tick, fee_of)

    assert price is not None
    amount = amount_fen(price, shares)
    assert amount - fee_of(amount) >= cost
    below = amount_fen(price - tick, shares)
    assert below - fee_of(below) < cost


def test_there_is_no_break_even_without_a_cost() -> None:
    """What was won back already, or is not held, has no 保本价."""
    assert break_even_milli(-5, 100, 10, fee_of) is None
    assert break_even_milli(100, 0, 10, fee_of) is None


FACTS = TicketFacts(
    instrument=instrument(),
    phase=Phase.CONTINUOUS,
    last_milli=10_000,
    side="buy",
    kind=OrderKind.LIMIT,
    price_milli=10_000,
    settled_fen=100_000,
    available_fen=10_000_000,
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FACTS, []),
        (replace(FACTS, price_milli=10_300), [TicketWarning.PRICE_FAR]),
        (replace(FACTS, price_milli=10_290), []),
        (replace(FACTS, side="sell", price_milli=9_700), [TicketWarning.PRICE_FAR]),
        (replace(FACTS, side="sell", price_milli=10_900), []),
        (replace(FACTS, settled_fen=9_500_000), [TicketWarning.WHOLE_CASH]),
        (replace(FACTS, settled_fen=0, available_fen=0), []),
        (replace(FACTS, phase=Phase.LUNCH), [TicketWarning.NOT_NOW]),
        (replace(FACTS, phase=Phase.OPEN_CALL), []),
        (replace(FACTS, kind=OrderKind.OWN_BEST, price_milli=0), [TicketWarning.MARKET_KIND]),
        (replace(FACTS, instrument=instrument(is_st=True)), [TicketWarning.RISK_STOCK]),
        (replace(FACTS, last_milli=None, price_milli=99_000), []),
    ],
)
def test_warnings_say_what_is_unusual(facts: TicketFacts, expected: list[TicketWarning]) -> None:
    """An ordinary order is warned of nothing."""
    assert warnings_of(facts, ()) == expected


def test_a_warning_that_is_switched_off_is_silent() -> None:
    """The others still speak."""
    facts = replace(FACTS, price_milli=10_300, phase=Phase.LUNCH)

    assert warnings_of(facts, ["price_far"]) == [TicketWarning.NOT_NOW]


def test_a_halted_security_and_an_odd_sale_are_objected_to() -> None:
    """停牌 is said before sending; the odd rest goes only at once."""
    rules = RuleBook.load(load_trading_days()).on(date(2026, 11, 24))
    order = PlaceOrder(
        client_order_id="t",
        symbol="600519.SH",
        side="sell",
        kind=OrderKind.LIMIT,
        price_milli=10_000,
        quantity_shares=50,
    )
    facts = OrderFacts(
        order=order,
        instrument=instrument(),
        phase=Phase.HALTED,
        limit_up_milli=None,
        limit_down_milli=None,
        sellable_shares=150,
        settled_fen=0,
        available_fen=0,
    )

    assert objections_of(facts, rules) == [Objection.HALTED]
    assert objections_of(replace(facts, sellable_shares=170), rules) == [
        Objection.HALTED,
        Objection.NOT_A_LOT_MULTIPLE,
    ]


def test_a_tap_on_plus_adds_what_the_screen_calls_a_lot() -> None:
    """100 shares where the step divides it, else the step."""
    assert MAIN.stride(100) == 100
    assert STAR.stride(100) == 100
    assert Steps(minimum_shares=10, step_shares=10).stride(10) == 10
    assert Steps(minimum_shares=1_000, step_shares=1_000).stride(100) == 1_000
