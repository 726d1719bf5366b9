"""轻/重: what trading's functions ask for, and orders too large for WeChat."""

from dataclasses import replace
from pathlib import Path

import pytest

from h5app.identity import data_classes
from h5app.identity.data_classes import DataClasses, class_of
from h5app.kernel.clock import FrozenClock
from h5app.plumbing.db import Database
from tests.trading.conftest import JSON, Room, make_room, wish
from tests.trading.fakes import ACCOUNT, FakeCounter, FakePrices

WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"}
HERE = "http://127.0.0.1"


@pytest.fixture
def heavy(sqlite_database: Database, tmp_path: Path) -> Room:
    """Orders of 1,000 yuan and more are heavy."""
    prices = FakePrices()
    counter = FakeCounter(prices.clock)
    classes = replace(
        DataClasses.of_home(tmp_path), amount_by_endpoint_fen={"trading.place": 100_000}
    )
    wall = FrozenClock("2026-11-24T10:00:00")
    room = make_room(sqlite_database, tmp_path, counter, prices, wall, classes)
    data_classes.install(room.app, classes, HERE)
    return room


def test_every_function_of_trading_stands_in_the_file_with_the_class_of_its_code(
    heavy: Room, tmp_path: Path
) -> None:
    """An operator reads in the file what is so; nothing is left out."""
    written = DataClasses.of_home(tmp_path).by_endpoint
    there = {name for name in heavy.app.view_functions if name.startswith("trading.")}

    assert {name: class_of(heavy.app, name) for name in there} == written


def test_a_large_order_is_not_placed_inside_wechat(heavy: Room) -> None:
    """JSON and form: nothing is sent, the address leads to the filled-in ticket."""
    answer = heavy.client.post("/trade/orders", json=wish(), headers=JSON | WECHAT)
    form = heavy.client.post("/trade/orders", data=wish(client_order_id="t-2"), headers=WECHAT)

    assert answer.status_code == form.status_code == 403
    error = answer.get_json()["error"]
    assert error["code"] == "identity.elsewhere"
    assert error["details"]["address"] == f"{HERE}/trade/confirmation/t-1"
    assert f"{HERE}/trade/confirmation/t-2" in form.get_data(as_text=True)
    assert heavy.counter.submitted == []


def test_in_a_browser_it_goes_on_where_it_was_left(heavy: Room) -> None:
    """The kept ticket is confirmed there, and the order is placed once."""
    heavy.client.post("/trade/orders", json=wish(), headers=JSON | WECHAT)

    assert 'data-testid="sentence"' in heavy.page("/trade/confirmation/t-1")
    heavy.place()

    assert len(heavy.counter.submitted) == 1
    repeat = heavy.client.post("/trade/orders", json=wish(), headers=JSON | WECHAT)
    assert repeat.status_code == 200
    assert heavy.trading.order(ACCOUNT, "t-1").report is not None


def test_the_question_is_not_even_asked_inside_wechat(heavy: Room) -> None:
    """The way out stands where the confirmation would."""
    heavy.client.post("/trade/confirmation", data=wish(), headers=WECHAT)

    page = heavy.client.get("/trade/confirmation/t-1", headers=WECHAT)

    assert page.status_code == 403
    assert 'data-testid="elsewhere"' in page.get_data(as_text=True)


def test_a_light_order_and_a_market_order_are_weighed_by_their_price(heavy: Room) -> None:
    """999 yuan pass; without a price of its own an order weighs what the day's limit makes it."""
    light = wish(client_order_id="light", price="9.99")
    market = wish(client_order_id="market", kind="best_five_cancel", price="", quantity=100)

    assert heavy.client.post("/trade/orders", json=light, headers=JSON | WECHAT).status_code == 201
    answer = heavy.client.post("/trade/orders", json=market, headers=JSON | WECHAT)
    assert answer.get_json()["error"]["code"] == "identity.elsewhere"
