"""The inbox, a channel that does what a test says, and people by name."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.notify.model import Notice, NoticeKind
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.service import Notifier
from h5app.plumbing.db import Database

AT = datetime(2026, 11, 24, 14, 35, 3, tzinfo=SHANGHAI)
SENT = Delivery(outcome=Outcome.SENT, reference="r1")


@dataclass
class FakeChannel:
    """Answers what it was told, and remembers what it was given."""

    name: str = "wechat"
    answers: list[Delivery] = field(default_factory=list)
    sent: list[tuple[Notice, Recipient]] = field(default_factory=list)

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Take a notice."""
        self.sent.append((notice, recipient))
        return self.answers.pop(0) if self.answers else SENT


@dataclass
class People:
    """Everybody has an address in every channel but those without one."""

    without: set[str] = field(default_factory=set)
    customers: dict[str, str] = field(default_factory=lambda: {"10000001": "c1"})

    def address(self, customer_id: str, channel_name: str) -> str | None:
        """Return the address of a customer."""
        return None if customer_id in self.without else f"{channel_name}:{customer_id}"

    def customer_of_account(self, account_id: str) -> str | None:
        """Return the customer of an account."""
        return self.customers.get(account_id)


@pytest.fixture
def market() -> FrozenClock:
    """A market clock apart from the wall's: Tuesday at 14:36."""
    return FrozenClock("2026-11-24T14:36:00")


@pytest.fixture
def channel() -> FakeChannel:
    """One way out."""
    return FakeChannel()


@pytest.fixture
def people() -> People:
    """Who is reached where."""
    return People()


def notifier_over(
    database: Database, clocks: tuple[FrozenClock, FrozenClock], people: People, *ways: FakeChannel
) -> Notifier:
    """Return a notifier with these ways out; clocks are the market's and the wall's."""
    return Notifier(database, market=clocks[0], wall=clocks[1], channels=ways, addresses=people)


@pytest.fixture
def notifier(
    sqlite_database: Database,
    market: FrozenClock,
    wall: FrozenClock,
    people: People,
    channel: FakeChannel,
) -> Notifier:
    """The notifier with one way out, where the kind of database does not matter."""
    return notifier_over(sqlite_database, (market, wall), people, channel)


@pytest.fixture
def any_notifier(
    database: Database,
    market: FrozenClock,
    wall: FrozenClock,
    people: People,
    channel: FakeChannel,
) -> Notifier:
    """The notifier with one way out, on both databases."""
    return notifier_over(database, (market, wall), people, channel)


def notice(
    number: int = 1,
    kind: NoticeKind = NoticeKind.ORDER_FILLED,
    customer_id: str = "c1",
    **more: object,
) -> Notice:
    """Return a notice."""
    values: dict[str, object] = {
        "title": kind.label,
        "fields": (("证券", "贵*茅台"), ("状态", "全部成交"), ("时间", "2026-11-24 14:35:03")),
        "private_fields": (("金额", "168800.00 元"),),
        "link_path": "/trade/orders/7f1d2c",
        "dedupe_key": f"key|{number}",
    }
    return Notice(customer_id=customer_id, kind=kind, **(values | more))  # type: ignore[arg-type]
