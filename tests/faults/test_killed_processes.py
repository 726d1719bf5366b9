"""kill -9 while customers trade: every process comes back, nothing is lost, nothing is doubled."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from h5app.demo.customers import ELDER, SETTLED
from tests.faults.remote import Customer
from tests.faults.running import Keeper
from tests.house import wait_for

pytestmark = pytest.mark.walk
ORDERS = 12
KILLS = 20
STORMS_LONG = 15
"""One storm in every run; 300 kills with --long."""
PROGRAMS = ("venue", "feed", "worker", "jobs", "web", "simulator")
SEED = 20261124


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the storms."""
    if "storm" in metafunc.fixturenames:
        is_long = metafunc.config.getoption("--long")
        metafunc.parametrize("storm", range(STORMS_LONG if is_long else 1))


def kill_one_by_one(kept: Keeper, rhythm: random.Random) -> None:
    """End processes as a power cut would, in a seeded order and rhythm."""
    for number in range(KILLS):
        time.sleep(rhythm.uniform(0.1, 0.4))
        program = PROGRAMS[number] if number < len(PROGRAMS) else rhythm.choice(PROGRAMS)
        kept.kill(program)


def test_a_storm_of_kills(kept: Keeper, storm: int) -> None:
    """Orders sent until they are answered while one process dies after the other.

    Each is one order, filled or taken back once, told once; a neighbour's books stand as they were;
    the audit finds nothing, and every process is back.
    """
    rhythm = random.Random(SEED + storm)
    trader, neighbour = (Customer.signed_in(kept.house, who) for who in (SETTLED, ELDER))
    before, others = trader.shares(), neighbour.get("/trade/funds")
    marks = [f"storm{storm}-{number}" for number in range(ORDERS)]
    kills = threading.Thread(target=kill_one_by_one, args=(kept, rhythm))
    kills.start()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(trader.insist, marks))
    kills.join()

    assert set(answers) <= {200, 201}, answers
    orders = trader.settled(marks)
    audit = kept.house.audit()
    assert audit["problems"] == []
    assert {mark for mark in audit["orders"] if mark.startswith(f"storm{storm}-")} == set(marks)
    assert len({order["order_id"] for order in orders}) == ORDERS
    filled = sum(order["filled"] for order in orders)
    assert filled > 0
    assert trader.shares() == before + filled
    assert neighbour.get("/trade/funds") == others
    assert_told_once(trader, [order for order in orders if order["filled"]])
    wait_for(kept.is_ready, seconds=60)


def assert_told_once(trader: Customer, filled: list[dict[str, object]]) -> None:
    """Each filled order has one message, when everything is delivered."""
    links = {f"/trade/orders/{order['client_order_id']}" for order in filled}

    def told() -> list[str]:
        shown = trader.get("/me/messages")["messages"]
        return [one["link"] for one in shown if one["kind"] == "order_filled"]

    wait_for(lambda: links <= set(told()), seconds=40)
    assert sorted(link for link in told() if link in links) == sorted(links)


def test_an_order_waits_for_a_dead_venue(kept: Keeper) -> None:
    """Taken while the venue is dead, it is filled by the next one, once; quotes went on."""
    customer = Customer.signed_in(kept.house, SETTLED)
    as_of = customer.get("/market/quotes?symbols=600519.SH")["as_of"]
    kept.kill("venue")
    assert customer.insist("orphan") in {200, 201}

    (order,) = customer.settled(["orphan"])

    assert order["label"] in {"已成", "已撤", "部撤"}
    assert customer.post("/trade/orders", customer.sent["orphan"]).status_code == 200
    assert customer.get("/market/quotes?symbols=600519.SH")["as_of"] > as_of
