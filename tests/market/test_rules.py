"""The dated rule book: limits, phases, quantities, cages, order kinds."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.kernel.clock import SHANGHAI
from h5app.market.model import (
    Board,
    CorporateAction,
    Exchange,
    ListingStatus,
    OrderKind,
    Phase,
    Product,
    Side,
)
from h5app.market.rules import (
    QuantityVerdict,
    board_of,
    cage_reference,
    choose_limits,
    display_name,
    product_of,
)
from tests.market.rule_samples import book, sample

BEFORE, AFTER = date(2026, 7, 3), date(2026, 7, 6)
NOW = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("board", "is_st", "on", "listing_day", "rate"),
    [
        (Board.SSE_MAIN, False, NOW, 1, None),
        (Board.SSE_MAIN, False, NOW, 5, None),
        (Board.SZSE_MAIN, False, NOW, 6, "0.10"),
        (Board.SSE_MAIN, True, BEFORE, 6, "0.05"),
        (Board.SSE_MAIN, True, AFTER, 6, "0.10"),
        (Board.SZSE_B, True, AFTER, 6, "0.10"),
        (Board.SSE_MAIN, False, date(2023, 4, 7), 2, "0.10"),
        (Board.SSE_MAIN, False, date(2023, 4, 10), 2, None),
        (Board.STAR, True, BEFORE, 6, "0.20"),
        (Board.STAR, False, date(2019, 7, 22), 1, None),
        (Board.CHINEXT, False, date(2020, 8, 21), 6, "0.10"),
        (Board.CHINEXT, False, date(2020, 8, 24), 6, "0.20"),
        (Board.CHINEXT, True, date(2020, 8, 21), 6, "0.05"),
        (Board.CHINEXT, True, date(2020, 8, 24), 6, "0.20"),
        (Board.CHINEXT, False, date(2020, 8, 24), 5, None),
        (Board.BSE, False, NOW, 1, None),
        (Board.BSE, False, NOW, 2, "0.30"),
        (Board.BSE, True, date(2026, 8, 31), 6, "0.30"),
        (Board.ETF, False, NOW, 1, "0.10"),
        (Board.ETF_20PCT, False, NOW, 6, "0.20"),
        (Board.ETF_20PCT, False, date(2020, 8, 21), 6, "0.10"),
        (Board.REIT, False, NOW, 1, "0.30"),
        (Board.REIT, False, NOW, 2, "0.10"),
        (Board.CONVERTIBLE, False, date(2022, 7, 29), 6, None),
        (Board.CONVERTIBLE, False, date(2022, 8, 1), 2, "0.20"),
        (Board.INDEX, False, NOW, 6, None),
        (Board.SSE_MAIN, False, date(1996, 12, 13), 6, None),
    ],
)
def test_the_limit_rate_follows_board_standing_and_date(
    board: Board,
    is_st: bool,  # noqa: FBT001
    on: date,
    listing_day: int,
    rate: str | None,
) -> None:
    """Each board has its own rate, its own first days and its own date of change."""
    found = book().on(on).limit_rate(sample(board, is_st=is_st), listing_day)

    assert (None if found is None else found.up) == (None if rate is None else Decimal(rate))


def test_the_first_day_before_registration_is_an_order_band() -> None:
    """Until April 2023 a main-board first day took orders from 64 to 144 percent."""
    rules, stock = book().on(date(2020, 6, 1)), sample(Board.SSE_MAIN)

    assert rules.limit_prices(stock, 10_000, 1) == (14_400, 6_400)
    assert rules.is_free_day(stock, 1)
    assert not rules.is_free_day(stock, 2)


def test_a_convertible_has_its_own_first_day() -> None:
    """+57.3 and -43.3 percent on the first day since August 2022."""
    bond = sample(Board.CONVERTIBLE)

    assert book().on(NOW).limit_prices(bond, 100_000, 1) == (157_300, 56_700)


@pytest.mark.parametrize(
    ("board", "rate"),
    [(Board.SSE_MAIN, "0.10"), (Board.STAR, "0.20"), (Board.CHINEXT, "0.20"), (Board.BSE, "0.30")],
)
def test_the_delisting_period_is_free_on_its_first_day_only(board: Board, rate: str) -> None:
    """退市整理期: no limit on the first day, then the board's own rate."""
    stock = sample(board, status=ListingStatus.DELISTING, is_st=True)
    rules = book().on(NOW)

    assert rules.limit_rate(stock, 1) is None
    found = rules.limit_rate(stock, 2)
    assert found is not None
    assert found.up == Decimal(rate)


@pytest.mark.parametrize(
    ("reference", "limits"),
    [(20, (30, 10)), (10, (20, 10)), (10_050, (11_060, 9_050)), (5_000, (5_500, 4_500))],
)
def test_a_limit_is_a_tick_away_and_never_below_one(
    reference: int, limits: tuple[int, int]
) -> None:
    """A limit that rounds onto the reference moves one tick; the smallest price is one tick."""
    assert book().on(AFTER).limit_prices(sample(Board.SSE_MAIN), reference) == limits


@given(
    ticks=st.integers(1, 2_000_000),
    board=st.sampled_from([Board.SSE_MAIN, Board.STAR, Board.BSE, Board.ETF, Board.CONVERTIBLE]),
)
def test_limits_stand_on_ticks_around_the_reference(ticks: int, board: Board) -> None:
    """Down is below (or at one tick), up above, both on ticks and within half a tick of exact."""
    what = sample(board)
    reference = ticks * what.tick_milli
    rules = book().on(NOW)
    rate = rules.limit_rate(what)
    assert rate is not None

    up, down = rules.limit_prices(what, reference)

    assert up is not None
    assert down is not None
    assert up % what.tick_milli == down % what.tick_milli == 0
    assert 0 < down <= reference < up
    if up - reference > what.tick_milli:
        assert abs(up - reference * (1 + rate.up)) * 2 <= what.tick_milli
    if what.tick_milli < reference - down:
        assert abs(down - reference * (1 - rate.down)) * 2 <= what.tick_milli


@pytest.mark.parametrize(
    ("exchange", "word", "moment", "phase"),
    [
        ("SSE", "A_SHARE", "2026-08-03T09:14:59", "none"),
        ("SSE", "A_SHARE", "2026-08-03T09:15:00", "open_call"),
        ("SSE", "A_SHARE", "2026-08-03T09:20:00", "open_call_nocancel"),
        ("SSE", "A_SHARE", "2026-08-03T09:25:00", "pre_continuous"),
        ("SSE", "A_SHARE", "2026-08-03T11:29:59", "continuous"),
        ("SSE", "A_SHARE", "2026-08-03T11:30:00", "lunch"),
        ("SSE", "A_SHARE", "2026-08-03T13:00:00", "continuous"),
        ("SSE", "A_SHARE", "2026-08-03T14:57:00", "close_call"),
        ("SSE", "A_SHARE", "2026-08-03T15:00:00", "after_hours_accept"),
        ("SSE", "A_SHARE", "2026-08-03T15:05:00", "after_hours_fixed"),
        ("SSE", "A_SHARE", "2026-08-03T15:30:00", "closed"),
        ("SSE", "A_SHARE_MAIN", "2026-07-03T15:10:00", "closed"),
        ("SSE", "STAR", "2026-07-03T15:10:00", "after_hours_fixed"),
        ("SSE", "STAR", "2019-07-22T15:02:00", "after_hours_accept"),
        ("SSE", "SSE_B", "2026-07-06T15:10:00", "closed"),
        ("SSE", "ETF", "2026-07-03T14:58:00", "continuous"),
        ("SSE", "ETF", "2026-07-06T14:58:00", "close_call"),
        ("SSE", "ETF_GOLD", "2026-07-06T15:10:00", "after_hours_fixed"),
        ("SSE", "ETF", "2026-07-03T15:00:00", "closed"),
        ("SSE", "CONVERTIBLE", "2026-08-03T14:58:00", "continuous"),
        ("SSE", "CONVERTIBLE", "2026-08-03T15:10:00", "closed"),
        ("SZSE", "CONVERTIBLE", "2026-08-03T14:58:00", "close_call"),
        ("SSE", "A_SHARE", "2018-08-17T14:58:00", "continuous"),
        ("SSE", "A_SHARE", "2018-08-20T14:58:00", "close_call"),
        ("SZSE", "A_SHARE", "2018-08-17T14:58:00", "close_call"),
        ("SZSE", "A_SHARE_MAIN", "2026-07-03T15:10:00", "closed"),
        ("SZSE", "CHINEXT", "2020-08-21T15:10:00", "closed"),
        ("SZSE", "CHINEXT", "2020-08-24T15:10:00", "after_hours_fixed"),
        ("SZSE", "REIT", "2026-08-03T14:58:00", "close_call"),
        ("BSE", "A_SHARE", "2026-08-03T14:58:00", "close_call"),
        ("BSE", "A_SHARE", "2026-08-03T15:10:00", "closed"),
        ("SSE", "A_SHARE", "2026-09-25T10:00:00", "closed_holiday"),
        ("SSE", "A_SHARE", "2026-10-10T10:00:00", "closed_holiday"),
        ("BSE", "BSE", "2026-08-02T10:00:00", "closed_holiday"),
    ],
)
def test_the_phase_follows_exchange_product_and_date(
    exchange: str, word: str, moment: str, phase: str
) -> None:
    """Starts are included, ends excluded; the revision of July 2026 counts from its day."""
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    assert book().phase(Exchange(exchange), word, at) is Phase(phase)


def test_a_suspended_instrument_is_halted_on_trading_days() -> None:
    """停牌 wins over the phase of the day, but not over a holiday."""
    stock = sample(Board.SSE_MAIN, status=ListingStatus.SUSPENDED)
    day, holiday = (datetime(2026, 9, on, 10, tzinfo=SHANGHAI) for on in (24, 25))

    assert book().phase_of(stock, day) is Phase.HALTED
    assert book().phase_of(stock, holiday) is Phase.CLOSED_HOLIDAY


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


def test_limits_of_the_feed_win_and_a_difference_is_told() -> None:
    """Limits that a source gives are used; ours check them."""
    assert choose_limits((11_000, 9_000), (None, None)).up_milli == 11_000
    assert choose_limits((11_000, 9_000), (11_000, 9_000)).differs is False
    chosen = choose_limits((11_000, 9_000), (10_500, 9_500))
    assert (chosen.up_milli, chosen.down_milli, chosen.differs) == (10_500, 9_500, True)


def test_the_listing_day_counts_trading_days() -> None:
    """The weekend between does not count; from the sixth on it stays six."""
    stock = sample(Board.SSE_MAIN, listed_on=date(2026, 11, 19))
    days = [19, 20, 23, 24, 25, 26, 27]

    found = [book().listing_day(stock, date(2026, 11, day)) for day in days]

    assert found == [1, 2, 3, 4, 5, 6, 6]
    assert book().listing_day(sample(Board.SSE_MAIN), NOW) == 6


@pytest.mark.parametrize(
    ("listing_day", "cash", "bonus", "name"),
    [
        (1, 0, 0, "N某某"),
        (3, 0, 0, "C某某"),
        (6, 1, 0, "XD某某"),
        (6, 0, 1, "XR某某"),
        (6, 1, 1, "DR某某"),
    ],
)
def test_the_name_carries_the_prefix_of_the_day(
    listing_day: int, cash: int, bonus: int, name: str
) -> None:
    """N, C, XD, XR, DR; an ordinary day has none."""
    action = CorporateAction(
        symbol="600519.SH",
        ex_on=NOW,
        cash_per_share=Decimal(cash),
        bonus_per_share=Decimal(bonus),
    )

    stock = sample(Board.SSE_MAIN)

    assert display_name(stock, listing_day=listing_day, action=action) == name
    assert display_name(stock, listing_day=6) == "某某"
    assert display_name(sample(Board.ETF), listing_day=1) == "某某"


def test_products_find_their_boards() -> None:
    """Words of other sources mean a board of an exchange; an unknown word is refused."""
    assert board_of(Exchange.BSE, "A_SHARE") is Board.BSE
    assert board_of(Exchange.SZSE, Product.B_SHARE) is Board.SZSE_B
    assert board_of(Exchange.SSE, Product.ETF_BOND) is Board.ETF
    assert board_of(Exchange.SSE, Product.LOF) is Board.ETF
    assert product_of(Board.CONVERTIBLE) is Product.CONVERTIBLE
    with pytest.raises(ValueError, match="WARRANT"):
        board_of(Exchange.SSE, "WARRANT")
