"""What a venue says becomes books once: parts, late fills, busts, repeats, nonsense."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5app.counter.booking import Booking
from h5app.counter.model import OrderReport, OrderState
from h5app.counter.ports import Basis, ReportKind, VenueReport
from h5app.plumbing.db import Database
from tests.counter.world import ACCOUNT, DAY, MAIN, World

VENUE = "elsewhere"


class Desk:
    """Books what a test lets a venue say."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.booking = Booking(world.database, world.outbox, world.stage.clock)

    def say(self, *reports: VenueReport) -> None:
        """Journal and book."""
        self.booking.apply(self.booking.take_in(VENUE, reports))

    def report(
        self, order: OrderReport, execution_id: str, kind: ReportKind, **more: object
    ) -> VenueReport:
        """Something about an order."""
        values: dict[str, object] = {
            "execution_id": execution_id,
            "order_id": order.order_id,
            "kind": kind,
            "at": self.world.stage.clock.now(),
        }
        return VenueReport(**(values | more))  # type: ignore[arg-type]

    def fill(
        self, order: OrderReport, execution_id: str, shares: int, price_milli: int = 10_000
    ) -> VenueReport:
        """A fill."""
        return self.report(
            order,
            execution_id,
            ReportKind.FILLED,
            quantity_shares=shares,
            price_milli=price_milli,
            basis=Basis.DEPTH,
        )


def reported(world: World, *args: object, **more: object) -> OrderReport:
    """An order that the venue was told of and did not fill."""
    world.stage.show(MAIN, asks=(), bids=())
    order = world.place(*args, **more)
    world.step()
    assert world.order(order.client_order_id).state is OrderState.REPORTED
    return order


def test_parts_are_charged_what_they_add(world: World) -> None:
    """The least commission counts once: 5.01 for the first part, then 0.01, then 0.02."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    assert order.frozen_fen == 400_000 + 500 + 4

    for number, shares in enumerate((100, 100, 200)):
        desk.say(desk.fill(order, f"x{number}", shares))
        world.assert_right()

    fees = [fill.fee_fen for fill in world.counter.fills(ACCOUNT, DAY)]
    assert fees == [2, 1, 501]
    done = world.order(order.client_order_id)
    assert (done.state, done.fees_fen, done.frozen_fen) == (OrderState.FILLED, 504, 0)


def test_a_better_price_frees_the_difference_at_once_and_the_fee_ceiling_at_the_end(
    world: World,
) -> None:
    """While it is open an order holds its rest at its limit, and the fees still to come."""
    desk = Desk(world)
    order = reported(world, "buy", 3_000, 10_000)
    ceiling = 750 + 30
    assert order.frozen_fen == 3_000_000 + ceiling

    desk.say(desk.fill(order, "x1", 1_000, 9_900))

    part = world.order(order.client_order_id)
    assert part.frozen_fen == 2_000_000 + ceiling - part.fees_fen
    desk.say(desk.fill(order, "x2", 2_000, 9_900))
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    world.assert_right()


def test_the_same_report_counts_once(world: World) -> None:
    """Repeated in one breath, later, or after a restart."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    fill = desk.fill(order, "x1", 100)
    desk.say(fill, fill)
    desk.say(fill)
    Desk(world).say(replace(fill, quantity_shares=300))

    assert world.order(order.client_order_id).filled_shares == 100
    world.assert_right()


def test_booking_twice_is_booking_once(world: World) -> None:
    """A busy database interrupts the loop, which books the same journal rows again."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    raws = desk.booking.take_in(VENUE, [desk.fill(order, "x1", 100), desk.fill(order, "x2", 100)])
    desk.booking.apply(raws[:1])

    desk.booking.apply(raws)
    desk.booking.apply_waiting()

    assert world.order(order.client_order_id).filled_shares == 200
    world.assert_right()


def test_a_fill_may_overtake_the_cancel(world: World) -> None:
    """已报待撤 becomes 已成."""
    desk = Desk(world)
    order = reported(world, "buy", 100, 10_000)
    world.counter.cancel(ACCOUNT, order.order_id)

    desk.say(desk.fill(order, "x1", 100))
    desk.say(desk.report(order, "x2", ReportKind.CANCEL_REFUSED))

    assert world.order(order.client_order_id).state is OrderState.FILLED
    world.assert_right()


def test_a_part_filled_before_the_cancel_arrives_ends_partly_cancelled(world: World) -> None:
    """已报待撤, 部成待撤, 部撤; the rest is free."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    world.counter.cancel(ACCOUNT, order.order_id)
    desk.say(desk.fill(order, "x1", 100))
    part = world.order(order.client_order_id)
    assert part.state is OrderState.PARTLY_FILLED_CANCELLING

    desk.say(desk.report(order, "x2", ReportKind.CANCELLED))

    assert world.order(order.client_order_id).state is OrderState.PARTLY_CANCELLED
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    world.assert_right()


def test_a_refused_cancel_lets_the_order_work_on(world: World) -> None:
    """已报待撤 goes back to 已报."""
    desk = Desk(world)
    order = reported(world, "buy", 100, 10_000)
    world.counter.cancel(ACCOUNT, order.order_id)

    desk.say(desk.report(order, "x1", ReportKind.CANCEL_REFUSED))

    assert world.order(order.client_order_id).state is OrderState.REPORTED
    world.assert_right()


def test_a_late_fill_is_booked_and_told(world: World) -> None:
    """The money was free again; it is taken once more, and somebody is called."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    desk.say(desk.report(order, "x1", ReportKind.CANCELLED))

    desk.say(desk.fill(order, "x2", 100))

    late = world.order(order.client_order_id)
    assert (late.state, late.filled_shares) == (OrderState.PARTLY_CANCELLED, 100)
    assert world.counter.balances(ACCOUNT).total_fen == 10_000_000 - 100_000 - 501
    assert alarms(world) == 1
    world.assert_right()


def test_a_late_fill_that_nobody_can_pay_is_advanced(world: World) -> None:
    """No pot goes below zero: the broker lays out what is missing, and gets it back."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    desk.say(desk.report(order, "x1", ReportKind.CANCELLED))
    world.counter.withdraw(ACCOUNT, 9_999_000, on=DAY, key="all")

    desk.say(desk.fill(order, "x2", 100))

    assert world.counter.balances(ACCOUNT).total_fen == 0
    world.assert_right()
    world.counter.deposit(ACCOUNT, 200_000, on=DAY, key="back")
    assert world.counter.balances(ACCOUNT).available_fen == 200_000 - (100_000 + 501 - 1_000)
    world.assert_right()


def test_an_advance_is_paid_back_at_the_close(world: World) -> None:
    """Out of what came in meanwhile, here by a sale."""
    desk = Desk(world)
    world.give_shares(100)
    late = reported(world, "buy", 100, 10_000)
    desk.say(desk.report(late, "x1", ReportKind.CANCELLED))
    world.counter.withdraw(ACCOUNT, 10_000_000, on=DAY, key="all")
    desk.say(desk.fill(late, "x2", 100))
    sale = reported(world, "sell", 100, 10_100)
    desk.say(desk.fill(sale, "x3", 100, 10_100))
    before = world.counter.balances(ACCOUNT).total_fen
    owed = 100_000 + 501

    world.counter.close_day(DAY)

    assert world.counter.balances(ACCOUNT).total_fen == max(0, before - owed)
    world.assert_right()


def test_a_late_sale_of_shares_sold_elsewhere_is_advanced(world: World) -> None:
    """The venue sold what the customer had sold again meanwhile."""
    desk = Desk(world)
    world.give_shares(100)
    first = reported(world, "sell", 100, 10_000)
    desk.say(desk.report(first, "x1", ReportKind.CANCELLED))
    second = reported(world, "sell", 100, 10_000)

    desk.say(desk.fill(first, "x2", 100))
    world.assert_right()
    desk.say(desk.fill(second, "x3", 100))

    assert alarms(world) == 1
    world.assert_right()


def test_a_bust_reverses_the_fill(world: World) -> None:
    """Amount, fee and shares go back; the busted shares are not worked again."""
    desk = Desk(world)
    order = reported(world, "buy", 400, 10_000)
    desk.say(desk.fill(order, "x1", 100), desk.fill(order, "x2", 100))

    desk.say(desk.report(order, "b1", ReportKind.BUSTED, busts="x1"))
    desk.say(desk.report(order, "b2", ReportKind.BUSTED, busts="x1"))

    after = world.order(order.client_order_id)
    assert (after.state, after.filled_shares) == (OrderState.PARTLY_FILLED, 100)
    world.assert_right()
    desk.say(desk.fill(order, "x3", 200))
    assert world.order(order.client_order_id).state is OrderState.PARTLY_CANCELLED
    busted = [fill.is_busted for fill in world.counter.fills(ACCOUNT, DAY)]
    assert busted == [False, False, True]
    world.assert_right()


def test_a_busted_sale_takes_the_proceeds_back(world: World) -> None:
    """已成 becomes 已撤, the shares are there again."""
    desk = Desk(world)
    world.give_shares(100)
    order = reported(world, "sell", 100, 10_000)
    before = world.counter.balances(ACCOUNT)
    desk.say(desk.fill(order, "x1", 100))

    desk.say(desk.report(order, "b1", ReportKind.BUSTED, busts="x1"))

    assert world.counter.balances(ACCOUNT) == before
    assert world.order(order.client_order_id).state is OrderState.CANCELLED
    (held,) = world.counter.positions(ACCOUNT)
    assert (held.sellable_shares, held.cost_fen) == (100, 90_000)
    world.assert_right()


def test_nonsense_changes_nothing_and_is_told(world: World) -> None:
    """Too many shares, no price, an order nobody placed, a bust of nothing."""
    desk = Desk(world)
    order = reported(world, "buy", 100, 10_000)
    stranger = replace(order, order_id=10**6)

    desk.say(
        desk.fill(order, "x1", 200),
        desk.fill(order, "x2", 100, 0),
        desk.fill(stranger, "x3", 100),
        desk.report(order, "x4", ReportKind.BUSTED, busts="never"),
    )

    assert world.order(order.client_order_id).state is OrderState.REPORTED
    assert alarms(world) == 4
    world.assert_right()


def test_a_rejected_order_keeps_the_reason(world: World) -> None:
    """废单: its money is free, its owner is told."""
    desk = Desk(world)
    order = reported(world, "buy", 100, 10_000)

    desk.say(desk.report(order, "x1", ReportKind.REJECTED, reason="交易所系统维护"))

    dead = world.order(order.client_order_id)
    assert (dead.state, dead.reason) == (OrderState.REJECTED, "交易所系统维护")
    assert world.counter.balances(ACCOUNT).frozen_fen == 0
    world.assert_right()


PARTS = (100, 300, 200, 400)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    order=st.permutations(range(len(PARTS))),
    repeats=st.lists(st.integers(0, len(PARTS) - 1), max_size=4),
    cancelled_after=st.integers(0, len(PARTS)),
)
def test_any_order_of_reports_gives_the_same_books(
    sqlite_database: Database, order: Sequence[int], repeats: list[int], cancelled_after: int
) -> None:
    """Fills in any order, repeated, with the end of the order anywhere between: one result."""
    world = World(sqlite_database)
    world.open_accounts()
    desk = Desk(world)
    total, placed = sum(PARTS), len(world.counter.orders(ACCOUNT, DAY))
    world.counter.deposit(ACCOUNT, 2_000_000, on=DAY, key=f"for-{placed}")
    wish = reported(
        world,
        "buy",
        total,
        10_000,
        client_order_id=f"p{placed}",
    )
    before = world.counter.balances(ACCOUNT).total_fen
    fills = [desk.fill(wish, f"{wish.order_id}-{n}", PARTS[n], 9_900 + 10 * n) for n in range(4)]
    sequence = [fills[n] for n in order]
    sequence.insert(cancelled_after, desk.report(wish, f"{wish.order_id}-c", ReportKind.CANCELLED))
    for report in [*sequence, *[fills[n] for n in repeats]]:
        desk.say(report)

    amount = sum((9_900 + 10 * n) * PARTS[n] // 10 for n in range(4))
    done = world.order(wish.client_order_id)
    assert done.state is OrderState.FILLED
    assert done.filled_amount_fen == amount
    assert world.counter.balances(ACCOUNT).total_fen == before - amount - done.fees_fen
    world.assert_right()


def alarms(world: World) -> int:
    """How often somebody was called."""
    with world.database.read() as connection:
        found = connection.exec_driver_sql("SELECT COUNT(*) FROM outbox WHERE kind = 'BooksAlarm'")
        return int(found.scalar_one())
