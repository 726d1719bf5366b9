"""The dated rule book: what an order may be: kind, quantity, price, and when."""

from datetime import date
from decimal import Decimal

import pytest

from h5app.market.model import (
    Board,
    OrderKind,
    Phase,
    Product,
    Side,
)
from h5app.market.rules import (
    QuantityVerdict,
    cage_reference,
)
from tests.market.rule_samples import book, sample

BEFORE, AFTER = date(2026, 7, 3), date(2026, 7, 6)
NOW = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("board", "phase", "place", "cancel"),
    [
        (Board.SSE_MAIN, Phase.NONE, False, False),
        (Board.SSE_MAIN, Phase.OPEN_CALL, True, True),
        (Board.SSE_MAIN, Phase.OPEN_CALL_NOCANCEL, True, False),
        (Board.SSE_MAIN, Phase.PRE_CONTINUOUS, False, False),
        (Board.SZSE_MAIN, Phase.PRE_CONTINUOUS, True, True),
        (Board.BSE, Phase.PRE_CONTINUOUS, False, False),
        (Board.STAR, Phase.CONTINUOUS, True, True),
        (Board.CHINEXT, Phase.LUNCH, False, False),
        (Board.BSE, Phase.CLOSE_CALL, True, False),
        (Board.SSE_MAIN, Phase.AFTER_HOURS_FIXED, False, True),
        (Board.SSE_MAIN, Phase.CLOSED, False, False),
        (Board.SSE_MAIN, Phase.HALTED, False, False),
        (Board.INDEX, Phase.CONTINUOUS, False, True),
    ],
)
def test_what_an_exchange_takes_in_a_phase(
    board: Board,
    phase: Phase,
    place: bool,  # noqa: FBT001
    cancel: bool,  # noqa: FBT001
) -> None:
    """Limit orders and cancellations; Shenzhen takes them between the call and the open."""
    rules, what = book().on(NOW), sample(board)

    assert rules.may_place(what, phase) is place
    assert rules.may_cancel(what, phase) is cancel


def test_fixed_price_orders_have_their_own_hours() -> None:
    """Shanghai takes them from 09:30, Shenzhen from 09:15; before July 2026 not on main boards."""
    fixed = OrderKind.AFTER_HOURS_FIXED
    rules = book().on(NOW)

    assert not rules.may_place(sample(Board.SSE_MAIN), Phase.OPEN_CALL, fixed)
    assert rules.may_place(sample(Board.SZSE_MAIN), Phase.OPEN_CALL, fixed)
    assert rules.may_place(sample(Board.SSE_MAIN), Phase.AFTER_HOURS_ACCEPT, fixed)
    assert not rules.may_place(sample(Board.SSE_MAIN), Phase.LUNCH, fixed)
    assert not rules.may_place(sample(Board.BSE), Phase.CONTINUOUS, fixed)
    assert not book().on(BEFORE).may_place(sample(Board.SSE_MAIN), Phase.CONTINUOUS, fixed)
    assert book().on(BEFORE).may_place(sample(Board.STAR), Phase.CONTINUOUS, fixed)


def test_market_kinds_differ_by_exchange_and_wait_for_the_continuous_phase() -> None:
    """Shenzhen has immediate-or-cancel and fill-or-kill, Shanghai protection prices."""
    rules = book().on(NOW)
    main, chinext, star = (sample(b) for b in (Board.SSE_MAIN, Board.CHINEXT, Board.STAR))

    assert OrderKind.FILL_OR_KILL in rules.order_kinds(chinext)
    assert OrderKind.FILL_OR_KILL not in rules.order_kinds(main)
    assert rules.order_kinds(sample(Board.INDEX)) == ()
    assert OrderKind.OWN_BEST in rules.order_kinds_now(main, Phase.CONTINUOUS)
    assert OrderKind.OWN_BEST not in rules.order_kinds_now(main, Phase.CONTINUOUS, 3)
    assert OrderKind.OWN_BEST in rules.order_kinds_now(star, Phase.CONTINUOUS, 3)
    assert not rules.may_place(chinext, Phase.CLOSE_CALL, OrderKind.FILL_OR_KILL)
    assert rules.needs_protection_price(star, OrderKind.OPPOSITE_BEST)
    assert not rules.needs_protection_price(chinext, OrderKind.OPPOSITE_BEST)
    assert not rules.needs_protection_price(star, OrderKind.LIMIT)


@pytest.mark.parametrize(
    ("board", "side", "quantity", "sellable", "kind", "verdict"),
    [
        (Board.SSE_MAIN, "buy", 100, 0, "limit", "accepted"),
        (Board.SSE_MAIN, "buy", 0, 0, "limit", "not_positive"),
        (Board.SSE_MAIN, "buy", -100, 0, "limit", "not_positive"),
        (Board.SSE_MAIN, "buy", 150, 0, "limit", "not_a_lot_multiple"),
        (Board.SSE_MAIN, "buy", 1_000_000, 0, "limit", "accepted"),
        (Board.SSE_MAIN, "buy", 1_000_100, 0, "limit", "above_maximum"),
        (Board.SSE_MAIN, "sell", 50, 150, "limit", "accepted"),
        (Board.SSE_MAIN, "sell", 150, 250, "limit", "accepted"),
        (Board.SSE_MAIN, "sell", 120, 150, "limit", "not_a_lot_multiple"),
        (Board.SSE_MAIN, "sell", 200, 150, "limit", "above_sellable"),
        (Board.SSE_MAIN, "sell", 100, 150, "limit", "accepted"),
        (Board.SZSE_MAIN, "sell", 1_000_037, 1_000_037, "limit", "above_maximum"),
        (Board.CHINEXT, "buy", 300_000, 0, "limit", "accepted"),
        (Board.CHINEXT, "buy", 150_000, 0, "market", "accepted"),
        (Board.CHINEXT, "buy", 150_100, 0, "market", "above_maximum"),
        (Board.STAR, "buy", 199, 0, "limit", "below_minimum"),
        (Board.STAR, "buy", 201, 0, "limit", "accepted"),
        (Board.STAR, "buy", 100_001, 0, "limit", "above_maximum"),
        (Board.STAR, "sell", 199, 199, "limit", "accepted"),
        (Board.STAR, "sell", 150, 199, "limit", "below_minimum"),
        (Board.STAR, "sell", 150, 350, "limit", "below_minimum"),
        (Board.STAR, "sell", 201, 350, "limit", "accepted"),
        (Board.BSE, "buy", 99, 0, "limit", "below_minimum"),
        (Board.BSE, "buy", 1_000_001, 0, "market", "above_maximum"),
        (Board.BSE, "sell", 60, 160, "limit", "below_minimum"),
        (Board.ETF, "sell", 37, 137, "limit", "accepted"),
        (Board.REIT, "buy", 100_000_000, 0, "limit", "accepted"),
        (Board.CONVERTIBLE, "buy", 15, 0, "limit", "not_a_lot_multiple"),
        (Board.CONVERTIBLE, "sell", 13, 23, "limit", "accepted"),
        (Board.CONVERTIBLE, "buy", 1_000_010, 0, "limit", "above_maximum"),
        (Board.INDEX, "buy", 100, 0, "limit", "not_tradable"),
    ],
)
def test_the_quantity_of_an_order(
    board: Board, side: str, quantity: int, sellable: int, kind: str, verdict: str
) -> None:
    """Lots, odd remainders, maxima and what is held, board by board."""
    order_kind = OrderKind.LIMIT if kind == "limit" else OrderKind.OPPOSITE_BEST
    found = (
        book()
        .on(NOW)
        .check_quantity(
            sample(board), Side(side), quantity, sellable_shares=sellable, kind=order_kind
        )
    )

    assert found is QuantityVerdict(verdict)


def test_fixed_price_orders_and_risk_warnings_have_their_own_maxima() -> None:
    """A million shares after hours even on STAR; 500,000 a day of a main-board ST."""
    rules = book().on(NOW)

    assert rules.maximum_shares(sample(Board.STAR), OrderKind.AFTER_HOURS_FIXED) == 1_000_000
    assert rules.day_buy_maximum_shares(sample(Board.SSE_MAIN, is_st=True)) == 500_000
    assert rules.day_buy_maximum_shares(sample(Board.BSE, is_st=True)) == 200_000
    assert rules.day_buy_maximum_shares(sample(Board.SSE_MAIN)) is None
    earlier = book().on(date(2026, 8, 30))
    assert earlier.day_buy_maximum_shares(sample(Board.BSE, is_st=True)) is None


@pytest.mark.parametrize(
    ("board", "side", "on", "reference", "bound"),
    [
        (Board.SSE_MAIN, "buy", NOW, 10_000, 10_200),
        (Board.SSE_MAIN, "buy", NOW, 5_000, 5_100),
        (Board.SSE_MAIN, "sell", NOW, 80, 10),
        (Board.CHINEXT, "buy", NOW, 3_000, 3_100),
        (Board.CHINEXT, "buy", date(2023, 4, 7), 3_000, 3_060),
        (Board.STAR, "buy", NOW, 3_000, 3_060),
        (Board.BSE, "buy", NOW, 1_000, 1_100),
        (Board.BSE, "sell", NOW, 10_000, 9_500),
        (Board.SSE_MAIN, "buy", date(2023, 4, 7), 10_000, None),
        (Board.ETF, "buy", NOW, 1_000, None),
        (Board.SSE_B, "buy", NOW, 1_000, None),
        (Board.CONVERTIBLE, "buy", NOW, 100_000, None),
    ],
)
def test_the_price_cage(
    board: Board, side: str, on: date, reference: int, bound: int | None
) -> None:
    """2 percent or ten ticks on main and ChiNext, 2 on STAR, 5 or ten ticks on BSE, else none."""
    rules, what = book().on(on), sample(board)

    assert rules.cage(what, Side(side), Phase.CONTINUOUS, reference) == bound
    assert rules.cage(what, Side(side), Phase.OPEN_CALL, reference) is None


def test_chinext_held_orders_back_until_2023() -> None:
    """暂存: orders beyond the cage were kept, not refused."""
    assert book().on(date(2022, 1, 4)).cage_holds_back(sample(Board.CHINEXT))
    assert not book().on(NOW).cage_holds_back(sample(Board.CHINEXT))


@pytest.mark.parametrize(
    ("side", "bid", "ask", "last", "reference"),
    [
        ("buy", 9_980, 10_000, 9_990, 10_000),
        ("buy", 9_980, None, 9_990, 9_980),
        ("sell", None, 10_000, 9_990, 10_000),
        ("sell", None, None, 9_990, 9_990),
        ("sell", None, None, None, 9_900),
    ],
)
def test_the_cage_is_measured_from_the_first_price_that_is_there(
    side: str, bid: int | None, ask: int | None, last: int | None, reference: int
) -> None:
    """Opposite best, own best, last, previous close."""
    found = cage_reference(
        Side(side),
        best_bid_milli=bid,
        best_ask_milli=ask,
        last_milli=last,
        previous_close_milli=9_900,
    )

    assert found == reference


@pytest.mark.parametrize("product", list(Product))
def test_turnaround_by_product(product: Product) -> None:
    """Bonds and bond, gold, money and cross-border funds turn round in a day, the rest do not."""
    same_day = {"ETF_BOND", "ETF_GOLD", "ETF_MONEY", "ETF_CROSS_BORDER", "CONVERTIBLE"}

    assert book().on(NOW).is_t0(product) is (product.value in same_day)


def test_ticks_ceilings_and_halts() -> None:
    """Three decimals for funds, bonds and Shanghai B; below 10,000 yuan in Shanghai."""
    rules = book().on(NOW)

    assert [rules.tick_milli(board) for board in (Board.SSE_MAIN, Board.SSE_B)] == [10, 1]
    assert not rules.is_on_tick(sample(Board.SSE_MAIN), 10_005)
    assert rules.is_on_tick(sample(Board.ETF), 1_005)
    assert rules.price_ceiling_milli(sample(Board.SSE_MAIN)) == 10_000_000
    assert rules.price_ceiling_milli(sample(Board.SZSE_MAIN)) is None
    assert rules.halt_thresholds(sample(Board.STAR)) == (Decimal("0.30"), Decimal("0.60"))
    assert rules.halt_minutes(sample(Board.BSE)) == 10
    assert rules.halt_thresholds(sample(Board.ETF)) == ()
