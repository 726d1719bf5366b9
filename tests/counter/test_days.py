"""The turn of trading days: whoever runs it, however often, the result is the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from h5app.counter.days import Days
from h5app.counter.model import OrderState
from h5app.counter.refusal import CancelClosed, NotEnoughSellable, NotWithdrawable
from h5app.plumbing.db import Database
from tests.counter.faults import MortalDatabase, ProcessKilled
from tests.counter.world import ACCOUNT, BOND, DAY, MAIN, OTHER, World

NEXT = date(2026, 11, 25)


def test_open_orders_expire_at_the_close(both: World) -> None:
    """已报 becomes 已撤, 部成 becomes 部撤, 待报 becomes 已撤: the reason is 收盘."""
    both.give_shares(500)
    part = both.place("buy", 1_500, 10_010)
    waiting_sale = both.place("sell", 500, 10_500)
    both.step()
    never_reported = both.place("buy", 100, 9_500)

    both.counter.close_day(DAY)

    states = [both.order(one.client_order_id) for one in (part, waiting_sale, never_reported)]
    assert [one.state for one in states] == [
        OrderState.PARTLY_CANCELLED,
        OrderState.CANCELLED,
        OrderState.CANCELLED,
    ]
    assert {one.reason for one in states} == {"收盘"}
    assert both.counter.balances(ACCOUNT).frozen_fen == 0
    assert [one.frozen_shares for one in both.counter.positions(ACCOUNT)] == [0]
    both.assert_right()


def test_closing_twice_and_at_once_is_closing(both: World) -> None:
    """Four closers at the same instant, and one more later."""
    for _ in range(6):
        both.place(price_milli=9_900)
        both.place(price_milli=9_900, account_id=OTHER)
    both.step()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: both.counter.close_day(DAY), range(4)))
    both.counter.close_day(DAY)

    assert {one.state for one in both.counter.orders(ACCOUNT, DAY)} == {OrderState.CANCELLED}
    assert both.counter.balances(OTHER).frozen_fen == 0
    both.assert_right()


def test_a_close_that_dies_on_the_way_is_finished_by_the_next(
    database: Database, database_url: str
) -> None:
    """Killed at each of its writes, before and after the commit."""
    world = World(database)
    world.open_accounts()
    day = DAY
    for dies_at in range(1, 4):
        for after_commit in (False, True):
            world.counter.open_day(day)
            for account_id in (ACCOUNT, OTHER):
                world.place(price_milli=9_900, account_id=account_id)
            mortal = MortalDatabase(database_url, dies_at=dies_at, after_commit=after_commit)
            with pytest.raises(ProcessKilled):
                Days(mortal, world.stage, world.outbox).close_day(day)
            mortal.engine.dispose()

            world.counter.close_day(day)

            assert world.counter.balances(ACCOUNT).frozen_fen == 0
            assert world.counter.balances(OTHER).frozen_fen == 0
            world.assert_right()
            moment = world.stage.rules.trading_days.next_trading_day(day).isoformat()
            day = world.stage.go_to(f"{moment}T10:00:00").date()


def test_shares_turn_over_once(both: World) -> None:
    """T+1: not today, and from the next opening on, however often that is run."""
    both.place("buy", 200, 10_010)
    both.step()
    both.counter.open_day(DAY)
    with pytest.raises(NotEnoughSellable):
        both.place("sell", 200, 10_000)
    both.counter.close_day(DAY)
    both.stage.go_to("2026-11-25T08:00:00")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: both.counter.open_day(NEXT), range(4)))

    (held,) = both.counter.positions(ACCOUNT)
    assert (held.sellable_shares, held.settling_shares) == (200, 0)
    both.assert_right()


def test_a_late_opening_leaves_what_was_bought_today(both: World) -> None:
    """Opened at ten instead of nine: yesterday's shares turn over, today's stay."""
    both.place("buy", 100, 10_010)
    both.step()
    both.counter.close_day(DAY)
    both.stage.go_to("2026-11-25T10:00:00")
    both.stage.show(MAIN)
    both.place("buy", 300, 10_010)
    both.loop = both.new_loop()
    both.step()

    both.counter.open_day(NEXT)

    (held,) = both.counter.positions(ACCOUNT)
    assert (held.sellable_shares, held.settling_shares) == (100, 300)


def test_convertibles_may_be_sold_on_the_same_day(both: World) -> None:
    """T+0."""
    both.place("buy", 10, 10_010, BOND)
    both.step()

    assert both.place("sell", 10, 10_000, BOND).state is OrderState.WAITING


def test_proceeds_buy_at_once_and_leave_tomorrow(both: World) -> None:
    """可用 at once, 可取 on the next trading day."""
    both.give_shares(1_000)
    both.place("sell", 1_000, 10_000)
    both.step()
    cash = both.counter.balances(ACCOUNT)
    assert cash.withdrawable_fen == 10_000_000
    assert cash.available_fen == 11_000_000 - 500 - 500 - 10
    with pytest.raises(NotWithdrawable):
        both.counter.withdraw(ACCOUNT, 10_000_001, on=DAY, key="too-early")

    both.counter.close_day(DAY)
    both.stage.go_to("2026-11-25T09:00:00")
    both.counter.open_day(NEXT)

    cash = both.counter.balances(ACCOUNT)
    assert cash.withdrawable_fen == cash.available_fen
    both.counter.withdraw(ACCOUNT, cash.available_fen, on=NEXT, key="all")
    both.assert_right()


def test_the_clock_says_what_is_due(world: World) -> None:
    """Opened on the morning, closed after 15:30:30, and what was slept through is made good."""
    world.place(price_milli=9_900)
    world.counter.run_due(world.stage.go_to("2026-11-24T15:30:00"))
    assert world.counter.balances(ACCOUNT).frozen_fen > 0
    world.counter.run_due(world.stage.go_to("2026-11-24T15:31:00"))
    assert world.counter.balances(ACCOUNT).frozen_fen == 0

    world.counter.run_due(world.stage.go_to("2026-11-25T09:14:00"))
    world.stage.show(MAIN)
    world.place(price_milli=9_900)
    world.counter.run_due(world.stage.go_to("2026-11-29T12:00:00"))  # A Sunday, after a crash.

    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    assert days(world) == [("2026-11-24", True), ("2026-11-25", True)]
    world.counter.run_due(world.stage.go_to("2026-11-30T16:00:00"))
    assert days(world)[-1] == ("2026-11-30", True)
    world.assert_right()


def test_nothing_due_writes_nothing(world: World) -> None:
    """A step in the middle of the day is one read."""
    world.counter.run_due(world.stage.clock.now())
    before = journal_length(world)

    for _ in range(5):
        world.counter.run_due(world.stage.pass_seconds(1))

    assert journal_length(world) == before


def test_night_orders_live_until_their_own_close(world: World) -> None:
    """Placed at 20:00, they survive the evening and are reported in the morning."""
    world.counter.close_day(DAY)
    world.stage.go_to("2026-11-24T20:00:00")
    order = world.place(price_milli=10_000)
    assert order.trading_day == NEXT
    world.counter.close_day(DAY)
    world.step()
    assert world.order(order.client_order_id).state is OrderState.WAITING

    world.stage.go_to("2026-11-25T09:15:05")
    world.counter.run_due(world.stage.clock.now())
    world.step()
    assert world.order(order.client_order_id).state is OrderState.REPORTED

    world.counter.close_day(NEXT)
    assert world.order(order.client_order_id).state is OrderState.CANCELLED


def test_a_night_order_beyond_the_morning_s_limits_is_rejected(world: World) -> None:
    """The reference fell overnight (ex-right): 废单 with the rule's words, the money is free."""
    world.stage.go_to("2026-11-24T20:00:00")
    order = world.place(price_milli=11_000)
    now = world.stage.go_to("2026-11-25T09:15:05")
    world.stage.show(MAIN, previous_close_milli=9_000, last_milli=None, bids=(), asks=())
    world.counter.run_due(now)

    world.step()

    dead = world.order(order.client_order_id)
    assert dead.state is OrderState.REJECTED
    assert dead.reason.startswith("委托价格超过涨跌停限制")
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    world.assert_right()


def test_lunch_keeps_orders_and_cancels(world: World) -> None:
    """午间休市: queued, and handed on at 13:00."""
    resting = world.place(price_milli=9_900)
    world.step()
    world.stage.go_to("2026-11-24T12:00:00")
    queued = world.place("buy", 100, 10_010)
    world.counter.cancel(ACCOUNT, resting.order_id)
    world.step()
    assert world.order(queued.client_order_id).state is OrderState.WAITING
    assert world.order(resting.client_order_id).state is OrderState.REPORTED_CANCELLING

    world.stage.go_to("2026-11-24T13:00:01")
    world.step()

    assert world.order(queued.client_order_id).state is OrderState.FILLED
    assert world.order(resting.client_order_id).state is OrderState.CANCELLED
    world.assert_right()


@pytest.mark.parametrize("moment", ["09:22:00", "14:58:00"])
def test_calls_take_no_cancel(world: World, moment: str) -> None:
    """09:20-09:25 and 14:57-15:00 不可撤单."""
    world.stage.go_to("2026-11-24T09:16:00")
    order = world.place(price_milli=9_900)
    world.step()
    world.stage.go_to(f"2026-11-24T{moment}")

    with pytest.raises(CancelClosed):
        world.counter.cancel(ACCOUNT, order.order_id)


def days(world: World) -> list[tuple[str, bool]]:
    """The days of the books, and whether they are closed."""
    with world.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT day, closed_us IS NOT NULL FROM counter_days ORDER BY day"
        )
        return [(day, bool(closed)) for day, closed in rows.all()]


def journal_length(world: World) -> int:
    """Rows of the journal."""
    with world.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM counter_journal").scalar_one())
