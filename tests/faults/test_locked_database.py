"""A database that somebody else has locked: 503 in good time, and the repeat is one order."""

import time

import pytest

from h5app.demo.customers import SETTLED
from h5app.plumbing import db
from h5app.plumbing.db import DatabaseBusy
from tests.faults.browser import Browser
from tests.faults.locks import locked
from tests.faults.orders import buy, journal, sentence_of
from tests.faults.world import World

WAIT_SECONDS_MAX = 4.5
"""The three seconds of the database's own bound, and what a busy machine takes."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same wait, shorter, where its length is not the point."""
    monkeypatch.setattr(db, "BUSY_WAIT_SECONDS_MAX", 0.3)


@pytest.fixture
def customer(world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(world)
    browser.sign_in(SETTLED)
    return browser


def test_an_order_waits_a_little_and_says_that_it_may_be_repeated(
    world: World, customer: Browser
) -> None:
    """503 with Retry-After within seconds; sent again as it was, it is one order and is filled."""
    began = time.monotonic()
    with locked(world.database_path):
        refused = customer.post_json("/trade/orders", buy(world, "busy-1"))
    seconds = time.monotonic() - began

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json is not None
    assert refused.json["error"]["code"] == "plumbing.database_busy"
    assert "重试" in refused.json["error"]["message"]
    assert seconds < WAIT_SECONDS_MAX
    assert journal(world) == []

    again = customer.post_json("/trade/orders", buy(world, "busy-1"))
    repeated = customer.post_json("/trade/orders", buy(world, "busy-1"))

    assert (again.status_code, repeated.status_code) == (201, 200)
    world.venue()
    assert journal(world) == ["busy-1"]
    assert customer.order("busy-1")["label"] == "已成"


@pytest.mark.usefixtures("impatient")
def test_the_page_keeps_the_ticket_and_its_button(world: World, customer: Browser) -> None:
    """确认买入 comes back with a sentence and the same mark: pressing it again is safe."""
    with locked(world.database_path):
        page = customer.post_form("/trade/orders", **buy(world, "busy-2"))

    assert page.status_code == 503
    assert "请稍后原样重试" in page.text
    assert 'value="busy-2"' in page.text

    assert customer.post_form("/trade/orders", **buy(world, "busy-2")).status_code == 303
    assert journal(world) == ["busy-2"]


def test_reading_goes_on(world: World, customer: Browser) -> None:
    """Quotes, a stock, positions and orders are there as ever, without a wait."""
    world.wall.advance(61)  # "Last seen" is due to be written, and cannot be.
    world.feed()
    began = time.monotonic()
    with locked(world.database_path):
        answers = [
            customer.get(path)
            for path in ("/market/", "/market/600519.SH", "/trade/positions", "/trade/orders")
        ]

    assert [one.status_code for one in answers] == [200] * 4
    assert time.monotonic() - began < WAIT_SECONDS_MAX


@pytest.mark.usefixtures("impatient")
def test_a_fill_waits_for_the_lock(world: World, customer: Browser) -> None:
    """What the venue executed while the books were locked is booked afterwards, once."""
    customer.post_json("/trade/orders", buy(world, "busy-3"))
    with locked(world.database_path), pytest.raises(DatabaseBusy):
        world.venue()

    world.venue()
    world.venue()

    order = customer.order("busy-3")
    assert (order["label"], order["filled"]) == ("已成", 100)
    assert world.problems() == []


@pytest.mark.usefixtures("impatient")
def test_a_sign_in_says_so_too(world: World) -> None:
    """The form comes back with the sentence; nothing counts as a wrong password."""
    stranger = Browser(world)
    assert stranger.csrf
    with locked(world.database_path):
        page = stranger.post_form(
            "/me/sign-in", fund_account=SETTLED.fund_account, trade_password=SETTLED.password
        )

    assert page.status_code == 503
    assert "请稍后原样重试" in sentence_of(page)
    stranger.sign_in(SETTLED)
