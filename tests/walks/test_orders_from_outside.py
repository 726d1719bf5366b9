"""What anybody can check over HTTP with the house running: at once, twice, in a race, audited."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import requests

from h5app.demo.customers import ELDER
from tests.faults.remote import FINAL, Customer
from tests.house import RunningHouse, wait_for

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("house")]
SYMBOL = "510300.SH"
AT_ONCE = 50
RACES = 3
FAR_PERCENT = 92
"""A buy at so much of the last close is inside the band and does not fill."""
TAKEN_BACK = "已撤"
NOT_ENOUGH = "counter.not_enough_cash"
TOO_LATE = (409, "counter.cancel_not_possible")
LOT = 100


@dataclass
class Outside:
    """A signed-in customer with fifty hands, and every order that was sent."""

    customer: Customer
    run: str = field(default_factory=lambda: f"outside-{time.time_ns()}")
    marks: list[str] = field(default_factory=list)

    def wish(self, name: str, **more: object) -> dict[str, object]:
        """Return a buy of one lot far below the market."""
        mark = f"{self.run}-{name}"
        self.marks.append(mark)
        return {
            "client_order_id": mark,
            "symbol": SYMBOL,
            "side": "buy",
            "kind": "limit",
            "price": self.far_price(),
            "quantity": LOT,
        } | more

    def quote(self) -> dict[str, Any]:
        """Return the quote of what is traded here."""
        return dict(self.customer.get(f"/market/quotes?symbols={SYMBOL}")["quotes"][0])

    def far_price(self) -> str:
        """Return a price that the market does not come to."""
        return f"{Decimal(self.quote()['previous_close_milli'] * FAR_PERCENT // 100) / 1000:.3f}"

    def near_price(self) -> str:
        """Return a price at which the market fills soon."""
        return f"{Decimal(self.quote()['asks'][-1][0]) / 1000:.3f}"

    def place(self, name: str, **more: object) -> requests.Response:
        """Send one order."""
        return self.customer.post("/trade/orders", self.wish(name, **more))

    def cancellation(self, name: str) -> str:
        """Return the address that takes an order back."""
        return f"/trade/orders/{self.run}-{name}/cancellation"

    def taken_back(self, name: str) -> dict[str, Any]:
        """Take an order back; return it when it has ended."""
        assert self.customer.post(self.cancellation(name), {}).status_code == 200
        return self.ended(name)

    def order(self, name: str) -> dict[str, Any]:
        """Return one order by its name."""
        return self.customer.order(f"{self.run}-{name}")

    def shares(self) -> int:
        """Return how much is held of what is traded here."""
        rows = self.customer.get("/trade/positions")["positions"]
        return sum(row["quantity"] for row in rows if row["symbol"] == SYMBOL)

    def funds(self) -> dict[str, Decimal]:
        """Return the customer's cash."""
        return {name: Decimal(value) for name, value in self.customer.get("/trade/funds").items()}

    def hand(self) -> "Hand":
        """Return one more connection of the same sign-in."""
        web = requests.Session()
        web.trust_env = False
        web.headers.update(self.customer.web.headers)
        web.cookies.update(self.customer.web.cookies)
        return Hand(self.customer.house.url, web)

    def at_once(self, *wishes: tuple[str, object]) -> list[requests.Response]:
        """Post all of it at the same moment, each on a connection of its own."""
        gate = threading.Barrier(len(wishes))
        hands = [self.hand() for _ in wishes]

        def do(number: int) -> requests.Response:
            gate.wait()
            return hands[number].post(*wishes[number])

        with ThreadPoolExecutor(len(wishes)) as pool:
            return list(pool.map(do, range(len(wishes))))

    def ended(self, name: str) -> dict[str, Any]:
        """Return an order when nothing moves in it any more."""
        wait_for(lambda: self.order(name)["label"] in FINAL)
        return self.order(name)


@dataclass
class Hand:
    """One connection."""

    url: str
    web: requests.Session

    def post(self, path: str, body: object) -> requests.Response:
        """Send JSON."""
        return self.web.post(self.url + path, json=body, timeout=30)


@pytest.fixture
def outside(house: RunningHouse) -> Iterator[Outside]:
    """A customer with little cash and no orders, in a session of the market."""
    house.go_into_session()
    outside = Outside(Customer.signed_in(house, ELDER))
    yield outside
    outside.customer.post("/trade/cancellations", {})


def test_orders_from_outside(house: RunningHouse, outside: Outside) -> None:
    """0 lost, 0 doubled, nothing overspent; the audit is clean during it and after.

    Fifty at once with one id, fifty with ids of their own, cancels twice and against fills.
    """
    with ThreadPoolExecutor(1) as beside:
        one_id_is_one_order(outside)
        audits = [beside.submit(house.audit)]
        money_is_spent_once(outside)
        audits.append(beside.submit(house.audit))
        cancelled_twice_is_cancelled_once(outside)
        a_cancel_races_a_fill(outside)

    assert [each.result()["problems"] for each in audits] == [[], []]
    every_order_is_on_record(house, outside)


def one_id_is_one_order(outside: Outside) -> None:
    """Fifty times the same wish: one is new, every answer names it; another content is refused."""
    wish = outside.wish("same")

    answers = outside.at_once(*[("/trade/orders", wish)] * AT_ONCE)
    other = outside.customer.post("/trade/orders", wish | {"quantity": 2 * LOT})

    assert sorted(each.status_code for each in answers) == [200] * (AT_ONCE - 1) + [201]
    assert len({each.json()["order"]["order_id"] for each in answers}) == 1
    assert (other.status_code, code_of(other)) == (409, "trading.order_conflict")
    assert outside.order("same")["quantity"] == LOT
    assert outside.taken_back("same")["label"] == TAKEN_BACK


def money_is_spent_once(outside: Outside) -> None:
    """Fifty wishes that the cash covers a few of: those, and the others are refused by name."""
    names = [f"spend-{number}" for number in range(AT_ONCE)]
    wishes = [outside.wish(name) for name in names]
    before = outside.funds()

    answers = outside.at_once(*[("/trade/orders", wish) for wish in wishes])

    after = outside.funds()
    accepted = [each.json()["order"] for each in answers if each.status_code == 201]
    refused = [each for each in answers if each.status_code != 201]
    assert {(each.status_code, code_of(each)) for each in refused} == {(422, NOT_ENOUGH)}
    each_yuan = (before["available"] - after["available"]) / len(accepted)
    assert 0 < len(accepted) == before["available"] // each_yuan
    assert after["total"] == before["total"] == after["available"] + after["frozen"]
    assert outside.customer.post("/trade/cancellations", {}).json()["refused"] == []
    assert wait_for(lambda: outside.funds() == before)


def cancelled_twice_is_cancelled_once(outside: Outside) -> None:
    """Frozen money comes back once, however often it is asked for."""
    before = outside.funds()
    assert outside.place("low").status_code == 201

    answers = outside.at_once(*[(outside.cancellation("low"), {})] * RACES)

    assert 200 in {each.status_code for each in answers}
    assert_taken_or_too_late(answers)
    assert outside.ended("low")["label"] == TAKEN_BACK
    assert outside.funds() == before


def a_cancel_races_a_fill(outside: Outside) -> None:
    """Filled or taken back, never both: money and shares say the same as the order."""
    before, shares = outside.funds(), outside.shares()
    names = [f"race-{number}" for number in range(RACES)]
    for name in names:
        assert outside.place(name, price=outside.near_price()).status_code == 201
        assert_taken_or_too_late(outside.at_once(*[(outside.cancellation(name), {})] * 2))

    orders = [outside.ended(name) for name in names]
    paid = sum(Decimal(order["filled_amount"]) + Decimal(order["fees"] or 0) for order in orders)
    assert all((order["filled"] == LOT) == (order["label"] == "已成") for order in orders)
    assert outside.shares() == shares + sum(order["filled"] for order in orders)
    assert outside.funds()["total"] == before["total"] - paid
    assert outside.funds()["frozen"] == before["frozen"]


def every_order_is_on_record(house: RunningHouse, outside: Outside) -> None:
    """The audit finds nothing, and names each id that was taken with the states it went through."""
    if house.supervisor is None:
        return  # Somebody else's demo: its books are not ours to read.
    told = house.audit()
    shown = outside.customer.get("/trade/orders")["orders"]
    ends = {
        order["client_order_id"]: order["state"]
        for order in shown
        if order["client_order_id"].startswith(outside.run) and order["state"] is not None
    }

    assert told["problems"] == []
    states = {mark: told["orders"][mark] for mark in told["orders"] if mark in outside.marks}
    assert {mark: through[-1] for mark, through in states.items()} == ends
    assert all(len(through) == len(set(through)) > 1 for through in states.values())


def assert_taken_or_too_late(cancels: list[requests.Response]) -> None:
    """A cancel is asked for, or refused by name because nothing is left to take back."""
    refused = {(each.status_code, code_of(each)) for each in cancels if each.status_code != 200}
    assert refused <= {TOO_LATE}


def code_of(answer: requests.Response) -> str:
    """Return the code of a refusal, whose sentence must say something."""
    error = answer.json()["error"]
    assert error["message"]
    return str(error["code"])
