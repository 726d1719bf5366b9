"""The contract of trading.ports.Counter, run over every adapter on both databases."""

from collections import Counter as Counted
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from h5app.counter.model import DaySpan, OrderRequest, OrderState, Side
from h5app.kernel.clock import FrozenClock
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database, DatabaseBusy
from h5app.trading.ports import Counter
from tests.counter.faults import MortalOutbox, ProcessKilled
from tests.counter.world import ACCOUNT, DAY, MAIN, OTHER, PASSWORD, World

ONE_DAY = DaySpan(first=DAY, last=DAY)

pytestmark = pytest.mark.contract


@pytest.fixture
def world(database: Database) -> World:
    """An adapter with two accounts of 100,000.00 yuan each; the embedded one is all there is."""
    world = World(database)
    world.open_accounts()
    return world


def refused(call: Callable[[], object]) -> AppError:
    """Return the refusal that a call ends in."""
    with pytest.raises(AppError) as caught:
        call()
    assert 400 <= caught.value.status < 500
    return caught.value


def outcome(call: Callable[[], object]) -> str:
    """Return "taken", or the code of the refusal."""
    try:
        call()
    except AppError as refusal:
        return refusal.code
    return "taken"


def test_the_embedded_counter_is_a_counter(world: World) -> None:
    """The types agree: the type checker reads this."""

    def as_port(counter: Counter) -> Counter:
        return counter

    assert as_port(world.counter).orders(ACCOUNT, DAY) == []


def test_an_order_that_is_taken_is_stored_and_frozen(world: World) -> None:
    """The answer is the stored order, and its money is set aside with the fees."""
    report = world.place("buy", 200, 10_000)

    assert world.order(report.client_order_id) == report
    assert report.frozen_fen == 200_000 + 500 + 2
    balances = world.counter.balances(ACCOUNT)
    assert balances.frozen_fen == report.frozen_fen
    assert balances.available_fen == 10_000_000 - report.frozen_fen
    world.assert_right()


REFUSED: dict[str, dict[str, object]] = {
    "counter.not_a_lot_multiple": {"shares": 150},
    "counter.off_tick": {"price_milli": 10_015},
    "counter.beyond_limit": {"price_milli": 11_010},
    "counter.not_enough_cash": {"shares": 9_900},
    "counter.not_enough_sellable": {"side": "sell"},
    "counter.no_such_security": {"symbol": "999999.SH"},
    "counter.no_such_account": {"account_id": "1"},
    "counter.kind_not_offered": {"kind": "immediate_cancel"},
}


def test_a_refusal_leaves_nothing_behind(world: World) -> None:
    """No order, no frozen money, no fact to tell."""
    waiting = world.outbox.waiting()
    for code, wish in REFUSED.items():
        request = world.request(**{"price_milli": 10_150} | wish)  # type: ignore[arg-type]

        assert refused(lambda: world.counter.submit(request)).code == code  # noqa: B023

        assert world.counter.find(request.account_id, request.client_order_id) is None
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    assert world.outbox.waiting() == waiting
    world.assert_right()


def test_the_same_wish_twice_is_one_order(world: World) -> None:
    """A repeat gets the report of the first, whatever the hour."""
    request = world.request()
    first = world.counter.submit(request)
    world.stage.go_to("2026-11-24T15:10:00")

    assert world.counter.submit(request) == first

    assert len(world.counter.orders(ACCOUNT, DAY)) == 1


def test_the_same_wish_at_the_same_instant_is_one_order(world: World) -> None:
    """Twenty threads with one id get one order."""
    request = world.request()

    with ThreadPoolExecutor(20) as pool:
        reports = list(pool.map(lambda _: world.counter.submit(request), range(20)))

    assert {report.order_id for report in reports} == {reports[0].order_id}
    assert len(world.counter.orders(ACCOUNT, DAY)) == 1
    world.assert_right()


def test_one_id_serves_each_account_by_itself(world: World) -> None:
    """What another account calls its order is nobody's business."""
    mine = world.place(client_order_id="same")
    theirs = world.place(client_order_id="same", account_id=OTHER)

    assert mine.order_id != theirs.order_id


def test_orders_at_the_same_instant_do_not_overspend(world: World) -> None:
    """Of twenty buys that the cash covers four of, four are taken."""
    requests = [world.request("buy", 2_400, 10_000) for _ in range(20)]

    def attempt(request: OrderRequest) -> str:
        return outcome(lambda: world.counter.submit(request))

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(attempt, requests))

    assert Counted(outcomes) == {"taken": 4, "counter.not_enough_cash": 16}
    world.assert_right()


def test_sales_at_the_same_instant_do_not_oversell(world: World) -> None:
    """Of ten sales of 300 shares out of 1,000, three are taken."""
    world.give_shares(1_000)
    requests = [world.request("sell", 300, 10_000) for _ in range(10)]

    def attempt(request: OrderRequest) -> str:
        return outcome(lambda: world.counter.submit(request))

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(attempt, requests))

    assert Counted(outcomes) == {"taken": 3, "counter.not_enough_sellable": 7}
    world.assert_right()


def test_what_was_never_taken_is_not_found(world: World) -> None:
    """None means: not here so far."""
    world.place(client_order_id="mine")

    assert world.counter.find(ACCOUNT, "other") is None
    assert world.counter.find(OTHER, "mine") is None


def test_reading_changes_nothing(world: World) -> None:
    """Every question may be asked again and again."""
    world.place()
    before = dump(world.database)

    for _ in range(2):
        world.counter.balances(ACCOUNT)
        world.counter.positions(ACCOUNT)
        world.counter.orders(ACCOUNT, DAY)
        world.counter.fills(ACCOUNT, DAY)
        world.counter.cash_entries(ACCOUNT, DAY)
        world.counter.orders_between(ACCOUNT, ONE_DAY, 10)
        world.counter.fills_between(ACCOUNT, ONE_DAY, 10)
        world.counter.accounts("", 10)
        world.counter.fee_schedule(ACCOUNT, MAIN, "buy")(100_000)

    assert dump(world.database) == before


def test_the_cash_entries_sum_to_the_cash(world: World) -> None:
    """Money in and out, buys, sales and fees; what is frozen is no movement."""
    world.give_shares(1_000)
    world.place("buy", 200, 10_020)
    world.place("sell", 300, 9_990)
    world.place("buy", 100, 9_000)
    world.step()
    world.counter.withdraw(ACCOUNT, 12_345, on=DAY, key="out")

    entries = world.counter.cash_entries(ACCOUNT, date.min)

    assert sum(entry.amount_fen for entry in entries) == world.counter.balances(ACCOUNT).total_fen
    assert {entry.kind for entry in entries} == {"deposit", "withdrawal", "buy", "sell", "fee"}
    assert [entry.on for entry in entries] == sorted(entry.on for entry in entries)
    assert world.counter.cash_entries(ACCOUNT, DAY + timedelta(days=1)) == []


def test_orders_and_fills_are_found_by_their_days(world: World) -> None:
    """Newest first, at most so many; nobody else's, and none of another day."""
    first = world.place("buy", 100, 10_020)
    second = world.place("buy", 200, 10_020)
    world.place(account_id=OTHER)
    world.step()

    orders = world.counter.orders_between(ACCOUNT, ONE_DAY, 10)
    fills = world.counter.fills_between(ACCOUNT, ONE_DAY, 10)
    later = DaySpan(first=DAY + timedelta(days=1), last=DAY + timedelta(days=9))

    assert [one.order_id for one in orders] == [second.order_id, first.order_id]
    assert orders == list(world.counter.orders(ACCOUNT, DAY))
    assert fills == list(world.counter.fills(ACCOUNT, DAY))
    assert len(fills) >= 2
    assert world.counter.orders_between(ACCOUNT, ONE_DAY, 1) == orders[:1]
    assert world.counter.orders_between(ACCOUNT, later, 10) == []
    assert world.counter.fills_between(ACCOUNT, later, 10) == []


def test_accounts_are_handed_out_in_their_order(world: World) -> None:
    """Each once, from wherever one stopped."""
    assert list(world.counter.accounts("", 1)) == [ACCOUNT]
    assert list(world.counter.accounts(ACCOUNT, 10)) == [OTHER]
    assert list(world.counter.accounts(OTHER, 10)) == []


def test_the_estimate_equals_the_charge(world: World) -> None:
    """For the same fills the ticket's fees are the books' fees, to the fen."""
    world.give_shares(3_000)
    sides: tuple[Side, Side] = ("buy", "sell")
    for side in sides:
        schedule = world.counter.fee_schedule(ACCOUNT, MAIN, side)
        price = 10_010 if side == "buy" else 10_000
        report = world.place(side, 700, price)
        world.step()
        done = world.order(report.client_order_id)

        assert done.state is OrderState.FILLED
        assert schedule(done.filled_amount_fen).total_fen == done.fees_fen


def test_an_order_that_waits_is_withdrawn_at_once(world: World) -> None:
    """待报 becomes 已撤, and the money is free again."""
    report = world.place()

    cancelled = world.counter.cancel(ACCOUNT, report.order_id)

    assert (cancelled.state, cancelled.reason) == (OrderState.CANCELLED, "客户撤单")
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    world.assert_right()


def test_a_cancel_of_a_reported_order_is_a_wish(world: World) -> None:
    """已报 becomes 已报待撤, then the venue's answer decides; asking twice does no harm."""
    report = world.place(price_milli=9_900)
    world.step()
    asked = world.counter.cancel(ACCOUNT, report.order_id)
    assert asked.state is OrderState.REPORTED_CANCELLING
    assert world.counter.cancel(ACCOUNT, report.order_id).state is OrderState.REPORTED_CANCELLING

    world.step()

    assert world.order(report.client_order_id).state is OrderState.CANCELLED
    world.assert_right()


def test_a_finished_order_takes_no_cancel(world: World) -> None:
    """已成 stays 已成."""
    report = world.place()
    world.step()

    refusal = refused(lambda: world.counter.cancel(ACCOUNT, report.order_id))

    assert refusal.code == "counter.cancel_not_possible"
    assert "已成" in refusal.message


def test_another_account_s_order_is_not_found(world: World) -> None:
    """What is not yours is refused in the same words as what does not exist."""
    report = world.place()

    foreign = refused(lambda: world.counter.cancel(OTHER, report.order_id))
    unknown = refused(lambda: world.counter.cancel(OTHER, 10**9))

    assert (foreign.code, foreign.message) == (unknown.code, unknown.message)
    assert world.order(report.client_order_id).state is OrderState.WAITING


def test_orders_and_fills_of_a_day_come_newest_first(world: World) -> None:
    """And only those of that day and account."""
    ids = [world.place().client_order_id for _ in range(3)]
    world.place(account_id=OTHER)
    world.step()

    orders = world.counter.orders(ACCOUNT, DAY)
    assert [order.client_order_id for order in orders] == ids[::-1]
    fills = [fill.fill_id for fill in world.counter.fills(ACCOUNT, DAY)]
    assert fills == sorted(fills, reverse=True)
    assert world.counter.orders(ACCOUNT, DAY.replace(day=25)) == []


def test_a_locked_database_takes_nothing(database_url: str) -> None:
    """Somebody holds the lock: DatabaseBusy, nothing written, the same request works later."""
    world = World(Database(database_url))
    world.open_accounts()
    request = world.request()
    hasty = World(Database(database_url, ImpatientClock("2026-11-24T10:00:00")), world.stage)
    lock = "UPDATE counter_accounts SET version = version"

    with world.database.write() as connection:
        connection.execute(text(lock))
        with pytest.raises(DatabaseBusy):
            hasty.counter.submit(request)

    assert world.counter.find(ACCOUNT, request.client_order_id) is None
    assert hasty.counter.submit(request).state is OrderState.WAITING
    world.assert_right()
    for one in (world, hasty):
        one.database.engine.dispose()


def test_a_process_that_dies_inside_leaves_nothing(database: Database) -> None:
    """Killed between the order's row and its fact: there is no order."""
    world = World(database)
    world.open_accounts()
    request = world.request()
    dying = World(database, world.stage, MortalOutbox(database, world.stage.clock))

    with pytest.raises(ProcessKilled):
        dying.counter.submit(request)

    assert world.counter.find(ACCOUNT, request.client_order_id) is None
    world.assert_right()


def test_a_password_fits_or_does_not(world: World) -> None:
    """An unknown account is answered like a wrong password."""
    assert world.counter.verify_password(ACCOUNT, PASSWORD)
    assert not world.counter.verify_password(ACCOUNT, "000000")
    assert not world.counter.verify_password("nobody", PASSWORD)


class ImpatientClock(FrozenClock):
    """Every wait is a long one."""

    def sleep(self, seconds: float) -> None:
        """Pass ten seconds."""
        super().sleep(max(seconds, 10.0))


def dump(database: Database) -> list[object]:
    """Every row of the counter's tables."""
    names = ("accounts", "orders", "moves", "fills", "ledger", "balances", "positions", "journal")
    with database.read() as connection:
        return [
            sorted(map(str, connection.execute(text(f"SELECT * FROM counter_{name}"))))
            for name in names
        ]
