"""The market's pages over a seeded market, for the tests of its views."""

from __future__ import annotations

import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from h5app.identity import gate
from h5app.identity.model import STRANGER, Tier, Visitor
from h5app.kernel.clock import SystemClock
from h5app.market import views_alerts
from h5app.market.alerting import Alerting
from h5app.market.feeds.sim_history import seed_history
from h5app.market.shown import QuoteRows, head_of
from h5app.market.stream import QuoteStream
from h5app.market.views import blueprint
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.plumbing.web import create_base
from tests.conftest import free_port
from tests.market.market_world import FIRST_ON, World, seed_market

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

FOLLOWER = Visitor(tier=Tier.FOLLOWER, customer_id="c1", openid="o1")


@dataclass
class FakeSource:
    """Everybody is this visitor."""

    visitor: Visitor = STRANGER

    def visitor_of_request(self) -> Visitor:
        """Return the visitor of the test."""
        return self.visitor


class Site:
    """An application with the market's routes alone."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        outbox = Outbox(world.database, world.wall)
        self.alerting = Alerting(world.database, outbox, world.market, world.wall)
        self.source = FakeSource()
        self.is_alive = True
        self.rows = QuoteRows(world.reader)
        self.stream = QuoteStream(
            self.rows,
            SystemClock(),
            head=lambda: head_of(world.market, self.rows),
            is_alive=lambda: self.is_alive,
        )
        self.app: Flask = create_base(Config.from_environ({"H5APP_HOME": str(folder)}))
        gate.install(self.app, self.source)
        self.app.register_blueprint(blueprint(world.market, self.stream))
        self.app.register_blueprint(
            views_alerts.blueprint(world.market, self.stream, self.alerting)
        )
        self.client: FlaskClient = self.app.test_client()

    def page(self, address: str, status: int = 200) -> str:
        """Return a page's HTML."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text[:500]
        return answer.text

    def post(self, address: str, **fields: str) -> tuple[int, str]:
        """Send a form with its CSRF field; return status and where it leads."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.page("/market/"))
        assert token is not None
        answer = self.client.post(address, data=fields | {"csrf_token": token[1]})
        return answer.status_code, answer.headers.get("Location", "")


@contextmanager
def opened_site(folder: Path, template: Path, moment: str, days: int = 0) -> Iterator[Site]:
    """Give a site at a moment, with so many days of history; the market only goes forward."""
    shutil.copy(template, folder / "h5app.db")
    database = Database(f"sqlite:///{folder / 'h5app.db'}")
    world = World(folder, database)
    if days:
        seed_history(seed_market(), world.files, FIRST_ON, days=days, minute_days=1)
    world.step(moment)
    yield Site(world, folder)
    world.close()
    database.engine.dispose()


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve a site to browsers; give its address."""
    port = free_port()
    server = make_server("127.0.0.1", port, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    site.is_alive = False
    server.shutdown()
    thread.join()


def part(page: str, testid: str) -> str:
    """Return what stands from an element on, to the end of its own kind, tags taken out."""
    opening = re.search(rf'<(\w+)[^>]*data-testid="{re.escape(testid)}"', page)
    assert opening is not None, testid
    begin = opening.start()
    end = page.find(f"</{opening[1]}>", begin)
    return " ".join(re.sub(r"<[^>]+>", " ", page[begin:end]).split())
