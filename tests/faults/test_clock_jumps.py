"""The machine's clock jumps under an order: it is filled or ended once, and the books stand."""

import pytest

from h5app.demo.customers import SETTLED
from tests.faults.browser import Browser
from tests.faults.orders import buy, journal, taken
from tests.faults.world import World

HOUR_SECONDS = 3600.0
DAY_SECONDS = 24 * HOUR_SECONDS


@pytest.fixture
def customer(world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(world)
    browser.sign_in(SETTLED)
    return browser


def resting(world: World, mark: str) -> dict[str, str]:
    """An order that nobody meets: far below the best ask, within the day's limits."""
    quote = world.house.market.quote("600036.SH")
    assert quote is not None
    assert quote.limit_down_milli is not None
    fen = -(-quote.limit_down_milli // 10)
    return buy(world, mark) | {"price": f"{fen // 100}.{fen % 100:02d}"}


def cash(world: World) -> list[tuple[str, int]]:
    """The customer's money by pot, in fen."""
    rows = world.rows(
        "SELECT pot, amount FROM counter_balances WHERE account_id = ? AND unit = 'CNY'"
        " AND pot NOT LIKE 'house:%' AND amount <> 0 ORDER BY pot",
        SETTLED.fund_account,
    )
    return [(str(pot), int(amount)) for pot, amount in rows]


def turn_of_every_process(world: World) -> None:
    """One step of each, as they would make it after the jump."""
    world.feed()
    world.house.counter.run_due(world.market_now())
    world.venue()
    world.jobs()


@pytest.mark.parametrize("seconds", [-HOUR_SECONDS, -DAY_SECONDS])
def test_back_between_acceptance_and_fill(world: World, customer: Browser, seconds: float) -> None:
    """An hour or a day back: the order is filled once when the market goes on, no later twin."""
    assert customer.post_json("/trade/orders", buy(world, "back")).status_code == 201
    world.wall.advance(seconds)
    turn_of_every_process(world)
    assert world.problems() == []
    world.wall.advance(-seconds)
    turn_of_every_process(world)
    turn_of_every_process(world)

    assert journal(world) == taken(world) == ["back"]
    assert customer.order("back")["filled"] == 100
    assert world.problems() == []


def test_far_ahead_ends_the_day_once(world: World, customer: Browser) -> None:
    """Two days ahead in one leap: what nobody met is taken back by the close, once, money free."""
    before = cash(world)
    assert customer.post_json("/trade/orders", resting(world, "ahead")).status_code == 201
    assert cash(world) != before
    world.wall.advance(2 * DAY_SECONDS)
    turn_of_every_process(world)
    turn_of_every_process(world)

    customer.sign_in(SETTLED)
    ended = customer.order("ahead")
    assert (ended["label"], ended["filled"]) == ("已撤", 0)
    assert cash(world) == before
    assert world.problems() == []


def test_back_over_the_close_revives_nothing(world: World, customer: Browser) -> None:
    """Ahead over the close and back again: the ended order stays ended, and the next is taken."""
    assert customer.post_json("/trade/orders", resting(world, "ended")).status_code == 201
    world.wall.advance(2 * DAY_SECONDS)
    turn_of_every_process(world)
    world.wall.advance(-2 * DAY_SECONDS)
    turn_of_every_process(world)

    customer.sign_in(SETTLED)
    assert customer.order("ended")["label"] == "已撤"
    assert world.problems() == []
