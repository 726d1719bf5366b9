"""Trading's pages over a counter and a market in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.identity.data_classes import DataClasses
from h5app.identity.model import Tier, Visitor
from h5app.kernel.clock import Clock, FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.web import create_base
from h5app.trading.service import Trading
from h5app.trading.ticketing import Tickets
from h5app.trading.views import NO_CLASSES, blueprint
from tests.trading.fakes import ACCOUNT, MAOTAI, FakeCounter, FakePrices

JSON = {"Accept": "application/json"}


@dataclass
class FakeVisitors:
    """Says who makes the request."""

    visitor: Visitor = field(default_factory=Visitor)

    def visitor_of_request(self) -> Visitor:
        """The one of the test."""
        return self.visitor

    def become(self, tier: Tier, account_id: str = ACCOUNT) -> None:
        """Make the visitor this customer at this tier."""
        self.visitor = Visitor(tier=tier, customer_id=f"c-{account_id}", account_id=account_id)


@dataclass
class Room:
    """Trading with everything around it, and one browser."""

    app: Flask
    client: FlaskClient
    visitors: FakeVisitors
    counter: FakeCounter
    prices: FakePrices
    trading: Trading
    tickets: Tickets

    def page(self, path: str, status: int = 200) -> str:
        """Get a page that must answer so."""
        answer = self.client.get(path)
        text = answer.get_data(as_text=True)
        assert answer.status_code == status, text[:2000]
        return text

    def json(self, path: str, status: int = 200) -> Any:
        """Get JSON that must answer so."""
        answer = self.client.get(path, headers=JSON)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_json()

    def place(self, status: int = 201, **more: object) -> Any:
        """Send an order as JSON and return the answer."""
        answer = self.client.post("/trade/orders", json=wish(**more), headers=JSON)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_json()


MakeRoom = Callable[..., Room]


def wish(**more: object) -> dict[str, object]:
    """100 shares at 10.25."""
    fields: dict[str, object] = {
        "client_order_id": "t-1",
        "symbol": MAOTAI,
        "side": "buy",
        "kind": "limit",
        "price": "10.25",
        "quantity": 100,
    }
    return fields | more


def make_room(
    database: Database,
    home: Path,
    counter: FakeCounter,
    prices: FakePrices,
    wall: Clock,
    classes: DataClasses = NO_CLASSES,
) -> Room:
    """Return the pages of a stepped-up customer over this counter."""
    trading = Trading(database, counter, prices, wall)
    tickets = Tickets(database, counter, prices, wall)
    visitors = FakeVisitors()
    visitors.become(Tier.STEPPED_UP)
    js = "http://127.0.0.1/jweixin.js"
    app = create_base(Config(home=home, base_url="http://127.0.0.1", wechat_js_url=js))
    app.config["WTF_CSRF_ENABLED"] = False
    app.context_processor(lambda: {"feed_label": "模拟行情"})
    gate.install(app, visitors)
    app.register_blueprint(blueprint(trading, tickets, prices, classes))
    return Room(app, app.test_client(), visitors, counter, prices, trading, tickets)


@pytest.fixture
def new_room(sqlite_database: Database, tmp_path: Path) -> MakeRoom:
    """Make the pages over the kind of counter wanted, where the database does not matter."""

    def make(kind: Callable[[FrozenClock], FakeCounter] = FakeCounter) -> Room:
        prices = FakePrices()
        wall = FrozenClock("2026-11-24T10:00:00")
        return make_room(sqlite_database, tmp_path, kind(prices.clock), prices, wall)

    return make


@pytest.fixture
def room(new_room: MakeRoom) -> Room:
    """The pages of a stepped-up customer over a counter that answers."""
    return new_room()


@pytest.fixture
def both_room(database: Database, tmp_path: Path) -> Room:
    """The same, once on each kind of database."""
    prices = FakePrices()
    wall = FrozenClock("2026-11-24T10:00:00")
    return make_room(database, tmp_path, FakeCounter(prices.clock), prices, wall)
