"""What the counter refuses, in the words of the trading floor."""

from datetime import date
from typing import Any

import pytest

from h5app.counter.model import NewAccount, OrderState
from h5app.counter.refusal import CounterRefusal
from h5app.market.model import Board, Level, ListingStatus, Product, Quote
from tests.counter.world import (
    ACCOUNT,
    BOND,
    DAY,
    ETF,
    INDEX,
    MAIN,
    PASSWORD,
    ST,
    STAR,
    World,
    instrument,
)


def refusal(world: World, *args: Any, **more: Any) -> str:
    """Return code and sentence of what an order is refused with."""
    with pytest.raises(CounterRefusal) as caught:
        world.place(*args, **more)
    return f"{caught.value.code.removeprefix('counter.')} {caught.value.message}"


def test_prices_are_held_against_step_limit_and_cage(world: World) -> None:
    """Each refusal names the rule and the figure."""
    assert refusal(world, price_milli=10_005) == (
        "off_tick 价格不符合最小变动单位0.01元,请调整价格"
    )
    assert refusal(world, "buy", 100, 11_010) == (
        "beyond_limit 委托价格超过涨跌停限制(9.00 - 11.00),请调整价格"
    )
    assert refusal(world, "buy", 100, 10_220) == (
        "beyond_cage 超出有效申报价格范围,不得高于10.21元,请调整价格"
    )
    world.give_shares(100)
    assert refusal(world, "sell", 100, 9_790) == (
        "beyond_cage 超出有效申报价格范围,不得低于9.80元,请调整价格"
    )
    assert world.place("buy", 100, 10_210).state is OrderState.WAITING


def test_a_stale_quote_builds_no_cage(world: World) -> None:
    """The range comes from the present market or from nowhere; the daily limit still holds."""
    world.stage.clock.set(world.stage.clock.now().replace(minute=20))

    assert world.place("buy", 100, 10_500).state is OrderState.WAITING
    assert refusal(world, "buy", 100, 11_010).startswith("beyond_limit")


def test_the_limits_of_the_feed_win(world: World) -> None:
    """An ex-right day has limits that no close of yesterday gives."""
    world.stage.show(MAIN, limit_up_milli=10_100, limit_down_milli=9_900)

    assert refusal(world, "buy", 100, 10_110).startswith("beyond_limit")


@pytest.mark.parametrize(
    ("symbol", "shares", "says"),
    [
        (MAIN, 150, "not_a_lot_multiple 委托数量必须为100股的整数倍"),
        (STAR, 150, "below_minimum 委托数量不得低于200股"),
        (STAR, 100_001, "above_maximum 超过单笔最大委托数量100000股,请分笔下单"),
        (ETF, 150, "not_a_lot_multiple 委托数量必须为100份的整数倍"),
        (BOND, 15, "not_a_lot_multiple 委托数量必须为10张的整数倍"),
        (MAIN, 1_000_100, "above_maximum 超过单笔最大委托数量1000000股,请分笔下单"),
        (ST, 500_100, "above_day_maximum 超过风险警示股票单日买入数量上限500000股"),
        (INDEX, 100, "no_such_security 没有这个证券,或该证券不可交易,请核对代码"),
    ],
)
def test_quantities_of_buys(world: World, symbol: str, shares: int, says: str) -> None:
    """Lots, least and most of one order, per board."""
    assert refusal(world, "buy", shares, 10_000, symbol) == says


def test_the_day_maximum_counts_what_is_open_and_what_is_filled(world: World) -> None:
    """500,000 shares of a stock under a risk warning, in however many orders."""
    world.counter.deposit(ACCOUNT, 10**10, on=DAY, key="more")
    world.place("buy", 500_000, 10_000, ST)

    assert refusal(world, "buy", 100, 10_000, ST).startswith("above_day_maximum")


def test_odd_lots_are_sold_in_one_order(world: World) -> None:
    """Of 250 shares one may sell 50, 150 or 250, never 30."""
    world.give_shares(250)

    assert refusal(world, "sell", 30, 10_000) == "odd_lot_whole 零股须一次性卖出"
    assert world.place("sell", 150, 10_000).frozen_fen == 0
    assert refusal(world, "sell", 200, 10_000) == (
        "not_enough_sellable 可卖数量不足(当日买入次日可卖)"
    )


def test_star_balances_below_200_go_in_one_order(world: World) -> None:
    """科创板: 150 shares are sold as 150, not as 100."""
    world.give_shares(150, STAR)

    assert refusal(world, "sell", 100, 10_000, STAR).startswith("odd_lot_whole")
    assert world.place("sell", 150, 10_000, STAR).state is OrderState.WAITING


def test_money_is_missed_to_the_fen(world: World) -> None:
    """The refusal says how much is missing, fees included."""
    assert refusal(world, "buy", 10_000, 10_000) == "not_enough_cash 可用资金不足,还差¥26.00"


def test_a_sale_must_cover_its_own_fees(world: World) -> None:
    """One lot at a few fen does not bring in five yuan of commission."""
    poor = "880000000003"
    world.counter.open_account(
        NewAccount(
            fund_account=poor,
            holder_name="王",
            phone="13900000000",
            password=PASSWORD,
            opened_on=DAY,
        )
    )
    cheap = instrument("600003.SH", Board.SSE_MAIN, Product.A_SHARE)
    world.stage.instruments[cheap.symbol] = cheap
    world.stage.show(
        cheap.symbol, previous_close_milli=30, last_milli=30, bids=(Level(30, 900),), asks=()
    )
    world.give_shares(100, cheap.symbol, poor)

    assert refusal(world, "sell", 100, 30, cheap.symbol, account_id=poor) == (
        "not_enough_cash 可用资金不足,还差¥2.00"
    )


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        ("2026-11-24T08:00:00", "2026-11-24"),
        ("2026-11-24T09:16:00", "2026-11-24"),
        ("2026-11-24T09:27:00", "2026-11-24"),
        ("2026-11-24T11:40:00", "2026-11-24"),
        ("2026-11-24T14:58:00", "2026-11-24"),
        ("2026-11-24T15:10:00", "session_closed 当前时段不可委托,请在交易时段下单"),
        ("2026-11-24T20:00:00", "2026-11-25"),
        ("2026-11-28T10:00:00", "2026-11-30"),
    ],
)
def test_the_hour_decides_the_day(world: World, moment: str, answer: str) -> None:
    """At night and on other days an order is kept for the next trading day (隔夜委托)."""
    world.stage.go_to(moment)

    if answer.startswith("session"):
        assert refusal(world) == answer
    else:
        assert world.place(price_milli=10_000).trading_day == date.fromisoformat(answer)


def test_market_kinds_have_their_own_rules(world: World) -> None:
    """In Shanghai they carry a protection price, and only live in the continuous phase."""
    assert refusal(world, kind="best_five_cancel", price_milli=0).startswith("price_needed")
    assert world.place(kind="best_five_cancel", price_milli=10_500).price_milli == 10_500
    world.stage.go_to("2026-11-24T14:58:00")
    assert refusal(world, kind="best_five_cancel", price_milli=10_500).startswith("session_closed")


def test_a_market_order_of_shenzhen_freezes_at_the_limit(world: World) -> None:
    """Without a price of its own its money is set aside at 涨停价."""
    symbol = "000001.SZ"
    world.stage.instruments[symbol] = instrument(symbol, Board.SZSE_MAIN, Product.A_SHARE)
    world.stage.show(symbol)

    order = world.place("buy", 100, 0, symbol, kind="immediate_cancel")

    assert (order.price_milli, order.frozen_fen) == (11_000, 110_000 + 500 + 1)


def test_suspended_names_take_no_order(world: World) -> None:
    """停牌, by the list or by the board."""
    world.stage.show(MAIN, is_suspended=True)
    assert refusal(world).startswith("suspended")
    world.stage.show(MAIN)
    world.stage.instruments[MAIN] = instrument(
        MAIN, Board.SSE_MAIN, Product.A_SHARE, status=ListingStatus.SUSPENDED
    )
    assert refusal(world).startswith("suspended")


def test_boards_need_their_permission_to_buy(world: World) -> None:
    """What is held may be sold without it."""
    plain = "880000000003"
    world.counter.open_account(
        NewAccount(
            fund_account=plain,
            holder_name="李四",
            phone="13900000000",
            password=PASSWORD,
            risk_level=2,
            permissions=frozenset({"star"}),
            opened_on=DAY,
        )
    )
    world.counter.deposit(plain, 10**8, on=DAY, key="a")
    world.give_shares(100, ST, plain)

    assert refusal(world, symbol=ST, price_milli=10_000, account_id=plain) == (
        "permission_missing 您未开通风险警示股票权限,请先开通"
    )
    assert refusal(world, symbol=BOND, shares=10, price_milli=10_000, account_id=plain) == (
        "permission_missing 您未开通可转债权限,请先开通"
    )
    assert refusal(world, symbol=STAR, shares=200, price_milli=10_000, account_id=plain).startswith(
        "risk_mismatch"
    )
    assert world.place("sell", 100, 10_000, ST, account_id=plain).state is OrderState.WAITING


def test_b_shares_are_not_kept_in_these_books(world: World) -> None:
    """Dollars and Hong Kong dollars have no pot."""
    symbol = "900901.SH"
    world.stage.instruments[symbol] = instrument(
        symbol, Board.SSE_B, Product.B_SHARE, currency="USD"
    )
    world.stage.show(symbol)

    assert refusal(world, symbol=symbol) == (
        "no_such_security 暂不支持以外币交易的证券,请选择人民币证券"
    )


def test_without_any_price_nothing_can_be_judged(world: World) -> None:
    """No quote and no reference: the limits are unknown."""
    del world.stage.board[MAIN]

    assert refusal(world).startswith("no_price")


@pytest.mark.parametrize(("price", "shares"), [(-10, 100), (10_000, 0), (10**12, 100)])
def test_figures_beyond_all_limits_are_refused(world: World, price: int, shares: int) -> None:
    """Whatever slipped through other doors stops here."""
    assert refusal(world, "buy", shares, price).startswith("bad_amount")


def test_the_price_ceiling_of_shanghai_holds(world: World) -> None:
    """Below 10,000 yuan."""
    world.stage.show(MAIN, previous_close_milli=9_500_000, last_milli=9_990_000, asks=(), bids=())

    assert refusal(world, price_milli=10_000_000).startswith("price_too_high")


def test_the_board_is_read_once_for_an_order(world: World) -> None:
    """One moment of the board judges an order, its price and its suspension alike."""
    read: list[str] = []

    class Told(dict[str, Quote]):
        def get(self, symbol: str, default: Any = None) -> Any:
            read.append(symbol)
            return super().get(symbol, default)

    world.stage.board = Told(world.stage.board)

    world.place("buy", 100, 10_010)

    assert read == [MAIN]
