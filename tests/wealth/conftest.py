"""A calendar on either database, and its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.kernel.clock import FrozenClock
from h5app.kernel.event import Event
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.plumbing.web import create_base
from h5app.wealth.model import ReminderDue, RemindersGathered
from h5app.wealth.service import WealthCalendar
from h5app.wealth.views import blueprint
from tests.wealth.fakes import (
    FakeBalances,
    FakeBank,
    FakeEvents,
    FakeFlows,
    FakeFollowed,
    FakeVisitors,
)

START = "2026-11-24T09:30:00"


@dataclass
class Room:
    """The calendar with everything around it."""

    database: Database
    outbox: Outbox
    clock: FrozenClock
    flows: FakeFlows
    events: FakeEvents
    followed: FakeFollowed
    balances: FakeBalances
    bank: FakeBank
    calendar: WealthCalendar

    def told(self) -> list[ReminderDue]:
        """Deliver the outbox and return the reminders in it."""
        found: list[ReminderDue] = []

        def take(event: Event) -> None:
            assert isinstance(event, ReminderDue)
            found.append(event)

        while self.outbox.deliver_due({ReminderDue: [take]}):
            pass
        return found

    def gathered(self) -> list[RemindersGathered]:
        """Deliver the outbox and return the digests in it; single reminders are taken, too."""
        found: list[RemindersGathered] = []

        def take(event: Event) -> None:
            assert isinstance(event, RemindersGathered)
            found.append(event)

        def leave(event: Event) -> None:
            assert isinstance(event, ReminderDue)

        while self.outbox.deliver_due({RemindersGathered: [take], ReminderDue: [leave]}):
            pass
        return found

    def at(self, moment: str) -> None:
        """Set the market clock."""
        self.clock.set(FrozenClock(moment).now())


def make_room(
    database: Database,
    trading_days: TradingDays,
    clock: FrozenClock,
    refresh_days: Callable[[], bool] = lambda: False,
) -> Room:
    """Return a calendar over this database."""
    outbox = Outbox(database, clock)
    flows, events, followed = FakeFlows(), FakeEvents(), FakeFollowed()
    balances, bank = FakeBalances(), FakeBank()
    calendar = WealthCalendar(
        database,
        outbox,
        market=clock,
        trading_days=trading_days,
        cash_flows=flows,
        market_events=events,
        followed=followed,
        bank=bank,
        balances=balances,
        refresh_days=refresh_days,
    )
    return Room(database, outbox, clock, flows, events, followed, balances, bank, calendar)


@pytest.fixture
def market_clock() -> FrozenClock:
    """The market clock on a Tuesday morning."""
    return FrozenClock(START)


@pytest.fixture
def room(database: Database, trading_days: TradingDays, market_clock: FrozenClock) -> Room:
    """The calendar, once on each kind of database."""
    return make_room(database, trading_days, market_clock)


@pytest.fixture
def small_room(
    sqlite_database: Database, trading_days: TradingDays, market_clock: FrozenClock
) -> Room:
    """The calendar on SQLite, where the kind does not matter."""
    return make_room(sqlite_database, trading_days, market_clock)


@pytest.fixture
def visitors() -> FakeVisitors:
    """Who visits the pages; a follower at first."""
    found = FakeVisitors()
    found.follower()
    return found


@pytest.fixture
def client(small_room: Room, visitors: FakeVisitors, tmp_path: Path) -> FlaskClient:
    """A browser on the calendar's pages."""
    app = create_base(Config(home=tmp_path, base_url="http://127.0.0.1"))
    app.config["WTF_CSRF_ENABLED"] = False
    gate.install(app, visitors)
    app.register_blueprint(blueprint(small_room.calendar))
    return app.test_client()


@pytest.fixture
def get_page(client: FlaskClient) -> Callable[[str], str]:
    """Get a page that must be there."""

    def get(path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    return get
