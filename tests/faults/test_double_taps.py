"""确认买入 tapped twice, by finger or by network: one order, and each answer names it."""

import threading
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from h5app.demo.customers import ELDER, SETTLED
from tests.faults.browser import Browser
from tests.faults.orders import buy, journal, taken
from tests.faults.world import World

TAPS = 12


@pytest.fixture
def customer(world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(world)
    browser.sign_in(SETTLED)
    return browser


def at_once(*deeds: Callable[[], TestResponse]) -> list[TestResponse]:
    """Do all of it at the same moment; return the answers."""
    gate = threading.Barrier(len(deeds))
    answers: list[TestResponse | None] = [None] * len(deeds)

    def do(number: int) -> None:
        gate.wait()
        answers[number] = deeds[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def order_in(answer: TestResponse) -> dict[str, object]:
    """Return the order that an answer names."""
    assert answer.json is not None
    return dict(answer.json["order"])


def test_two_taps_are_one_order(world: World, customer: Browser) -> None:
    """Two requests at the same moment: one is new, the other names the same order."""
    wish = buy(world, "twice")
    second = customer.beside()

    answers = at_once(
        lambda: customer.post_json("/trade/orders", wish),
        lambda: second.post_json("/trade/orders", wish),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert {order_in(answer)["order_id"] for answer in answers} == {1}
    world.venue()
    assert journal(world) == taken(world) == ["twice"]
    assert customer.order("twice")["filled"] == 100
    assert world.problems() == []


def test_many_taps_are_one_order(world: World, customer: Browser) -> None:
    """A dozen at once, in browsers of the same session, and one more when it is filled."""
    wish = buy(world, "many")
    browsers = [customer.beside() for _ in range(TAPS)]

    answers = at_once(*[tap(browser, wish) for browser in browsers])
    world.venue()
    late = customer.post_json("/trade/orders", wish)

    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} == {200, 201}
    assert (late.status_code, order_in(late)["label"]) == (200, "已成")
    assert journal(world) == taken(world) == ["many"]


def tap(browser: Browser, wish: dict[str, str]) -> Callable[[], TestResponse]:
    """Return the tap of one finger."""
    return lambda: browser.post_json("/trade/orders", wish)


def test_two_forms_lead_to_the_same_page(world: World, customer: Browser) -> None:
    """Without script, too: both answers lead to the order's own page."""
    wish = buy(world, "form")
    second = customer.beside()

    answers = at_once(
        lambda: customer.post_form("/trade/orders", **wish),
        lambda: second.post_form("/trade/orders", **wish),
    )

    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.headers["Location"] for answer in answers} == {"/trade/orders/form"}
    assert taken(world) == ["form"]


def test_the_same_mark_with_another_content_is_refused(world: World, customer: Browser) -> None:
    """409, and the first order is as it was."""
    customer.post_json("/trade/orders", buy(world, "mark"))

    other = customer.post_json("/trade/orders", buy(world, "mark", quantity=200))

    assert other.status_code == 409
    assert other.json is not None
    assert other.json["error"]["code"] == "trading.order_conflict"
    assert customer.order("mark")["quantity"] == 100
    assert taken(world) == ["mark"]


def test_anothers_mark_is_ones_own_order(world: World, customer: Browser) -> None:
    """The mark is the account's: the same one of another customer is another order, and unseen."""
    neighbour = Browser(world)
    neighbour.sign_in(ELDER)
    customer.post_json("/trade/orders", buy(world, "ours"))

    assert neighbour.get_json("/trade/orders/ours").status_code == 404
    assert neighbour.get_json("/trade/orders/1").status_code == 404
    cancelled = neighbour.post_json("/trade/orders/1/cancellation", {})
    assert cancelled.status_code == 404


def test_orders_at_once_spend_no_money_twice(world: World, customer: Browser) -> None:
    """A dozen orders of which the cash covers some: those, the others refused, nothing negative."""
    quantity = 1_000
    cost = float(buy(world, "x", quantity=quantity)["price"]) * quantity
    answer = customer.get_json("/trade/funds").json
    assert answer is not None
    affordable = int(float(answer["available"]) // cost)
    assert 0 < affordable < TAPS
    browsers = [customer.beside() for _ in range(TAPS)]

    answers = at_once(
        *[
            tap(browser, buy(world, f"rush-{number}", quantity=quantity))
            for number, browser in enumerate(browsers)
        ]
    )

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == affordable
    assert statuses.count(422) == TAPS - affordable
    world.venue()
    assert world.problems() == []


def test_cancelled_twice_is_cancelled_once(world: World, customer: Browser) -> None:
    """Frozen money comes back once."""
    low = buy(world, "low")
    low["price"] = f"{float(low['price']) - 0.5:.2f}"
    before = customer.get_json("/trade/funds").json
    assert customer.post_json("/trade/orders", low).status_code == 201
    world.venue()
    second = customer.beside()

    answers = at_once(
        lambda: customer.post_json("/trade/orders/low/cancellation", {}),
        lambda: second.post_json("/trade/orders/low/cancellation", {}),
    )
    world.venue()

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    assert customer.order("low")["label"] == "已撤"
    assert customer.get_json("/trade/funds").json == before
    assert world.problems() == []
