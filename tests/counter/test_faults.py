"""A process may die at any write: the restarted one finds everything, and nothing twice."""

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import event

from h5app.counter.model import OrderState
from h5app.counter.ports import VenueOrder, VenueSilent
from h5app.counter.venue_loop import VenueLoop
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.market.model import Level
from h5app.plumbing.db import Database
from tests.counter.faults import MortalDatabase, ProcessKilled
from tests.counter.world import ACCOUNT, DAY, MAIN, Stage, World

WRITES_MAX = 30


@pytest.mark.parametrize("after_commit", [False, True], ids=["before commit", "after commit"])
def test_killed_at_every_write(database_url: str, *, after_commit: bool) -> None:
    """The Nth write dies, for every N: afterwards one order, filled once, one cancelled."""
    for dies_at in range(1, WRITES_MAX):
        stage = Stage()
        survivor = World(Database(database_url), stage)
        mortal = MortalDatabase(database_url, dies_at=dies_at, after_commit=after_commit)
        done = run_until_death(survivor, World(mortal, stage), dies_at)
        mortal.engine.dispose()
        survivor.database.engine.dispose()
        if done:
            assert dies_at > 8
            return
    pytest.fail("the walk has more writes than were tried")


def run_until_death(survivor: World, mortal: World, number: int) -> bool:
    """Let one world die on the way and the other go on; say whether it did not die."""
    survivor.open_accounts(0)
    survivor.counter.deposit(ACCOUNT, 10_000_000, on=DAY, key=f"for-{number}")
    first, other = f"first-{number}", f"other-{number}"
    request = survivor.request("buy", 1_500, 10_010, client_order_id=first)
    total = survivor.counter.balances(ACCOUNT).total_fen
    # Levels of their own in each round: the venue remembers what the rounds before took.
    part = 500 + 10 * number
    survivor.stage.show(MAIN, asks=(Level(10_010, part),))

    def scenario(world: World) -> None:
        world.counter.submit(request)
        world.step()
        world.stage.show(MAIN, asks=(Level(10_000, 1_500 + part),))
        world.step()
        second = world.place("buy", 100, 9_900, client_order_id=other)
        world.step()
        if second.state is not OrderState.CANCELLED:
            world.counter.cancel(ACCOUNT, second.order_id)
        world.step()

    survived = run(lambda: scenario(mortal))
    if not survived:
        scenario(survivor)
    filled = survivor.order(first)
    assert (filled.state, filled.filled_shares) == (OrderState.FILLED, 1_500)
    assert survivor.order(other).state is OrderState.CANCELLED
    spent = filled.filled_amount_fen + filled.fees_fen
    assert survivor.counter.balances(ACCOUNT).total_fen == total - spent
    survivor.assert_right()
    return survived


def run(scenario: Callable[[], None]) -> bool:
    """Say whether it came to its end."""
    try:
        scenario()
    except ProcessKilled:
        return False
    return True


class DeafVenue(SimulatedVenue):
    """Does not answer until it is told to."""

    is_deaf = True

    def submit(self, order: VenueOrder) -> None:
        """Silent while deaf."""
        if self.is_deaf:
            raise VenueSilent
        super().submit(order)

    def cancel(self, order_id: int) -> None:
        """Silent while deaf."""
        if self.is_deaf:
            raise VenueSilent
        super().cancel(order_id)


def test_a_silent_venue_is_asked_again(world: World) -> None:
    """已报 in the books, handed over when the venue answers, and taken once."""
    venue = DeafVenue(world.stage)
    world.loop = VenueLoop(world.database, world.stage, world.outbox, venue)
    order = world.place("buy", 100, 10_010)
    resting = world.place("buy", 100, 9_900)
    world.step()
    world.counter.cancel(ACCOUNT, resting.order_id)
    world.step()
    assert world.order(order.client_order_id).state is OrderState.REPORTED

    venue.is_deaf = False
    world.step()

    assert world.order(order.client_order_id).state is OrderState.FILLED
    assert world.order(resting.client_order_id).state is OrderState.CANCELLED
    world.assert_right()


def test_a_restart_hands_open_orders_over_again(world: World) -> None:
    """What was filled before is not filled again; what is open goes on."""
    order = world.place("buy", 1_500, 10_010)
    world.step()
    assert world.order(order.client_order_id).filled_shares == 1_000
    world.loop = world.new_loop()
    world.step()
    assert world.order(order.client_order_id).filled_shares == 1_000

    world.stage.show(MAIN, asks=(Level(10_010, 600),))
    world.step()

    assert world.order(order.client_order_id).state is OrderState.FILLED
    world.assert_right()


def test_a_quiet_step_is_one_read(world: World) -> None:
    """Nothing open: nothing is written, and one statement is run."""
    world.step()
    statements: list[str] = []
    world.database.engine.dispose()  # What is opened from here on tells what it runs.

    def listen(driver: sqlite3.Connection, _record: object, _proxy: object) -> None:
        driver.set_trace_callback(statements.append)

    event.listen(world.database.engine, "checkout", listen)
    world.step()

    assert [one for one in statements if not one.startswith(("BEGIN", "SELECT", "ROLLBACK"))] == []
    assert sum(one.startswith("SELECT") for one in statements) == 1
