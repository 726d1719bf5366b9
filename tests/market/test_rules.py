"""The dated rule book: limits, phases, names."""

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
    Phase,
    Product,
)
from h5app.market.rules import (
    board_of,
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
