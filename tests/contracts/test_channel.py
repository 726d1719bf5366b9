"""notify.Channel: the inbox and the ways through WeChat, held to one contract.

The ways through WeChat send to a running simulator, so what a channel says of a message is compared
with what stands on the phone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from h5app.kernel.clock import SystemClock
from h5app.notify.channels.inbox import InboxChannel
from h5app.notify.model import Notice, NoticeKind
from h5app.notify.ports import Channel, Outcome, Recipient
from h5app.notify.service import Notifier
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.service import WeChat, build_wechat
from h5app.wechat.store import grant
from tests.simulator.served import AccountServer, RunningSimulator

pytestmark = pytest.mark.contract
WAYS = ("inbox", "wechat", "wechat_subscription", "wechat_service")


@dataclass
class Way:
    """One channel, whom it reaches, and what that person sees of it."""

    channel: Channel
    address: str
    seen: Callable[[], list[Any]]
    is_outside: bool
    leave: Callable[[], None]

    def send(self, notice: Notice) -> Outcome:
        """Send to the person."""
        return self.channel.send(notice, Recipient(address=self.address)).outcome


def notice(number: int = 1, **more: object) -> Notice:
    """Return a notice of a fill."""
    values: dict[str, Any] = {
        "customer_id": "c1",
        "kind": NoticeKind.ORDER_FILLED,
        "title": "成交通知",
        "fields": (
            ("证券", "贵*茅台"),
            ("方向", "买入"),
            ("状态", "全部成交"),
            ("时间", "2026-11-24 14:35:03"),
        ),
        "private_fields": (("最近一笔价格", "1688.00 元"), ("最近一笔数量", "100 股")),
        "link_path": "/trade/orders/7f1d2c",
        "dedupe_key": f"filled|{number}",
    }
    return Notice(**(values | more))


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    """A simulator whose account answers every callback with nothing."""
    account = AccountServer()
    running = RunningSimulator(tmp_path / "simulator", account)
    yield running
    running.stop()
    account.stop()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path) -> Way:
    """Each way in turn."""
    if request.param == "inbox":
        clock = SystemClock()
        notifier = Notifier(sqlite_database, market=clock, wall=clock)
        inbox = InboxChannel(notifier)
        return Way(inbox, "c1", lambda: notifier.inbox.entries("c1"), False, lambda: None)
    simulator: RunningSimulator = request.getfixturevalue("simulator")
    wechat = wechat_before(simulator, sqlite_database, tmp_path)
    channel = next(one for one in wechat.channels if one.name == request.param)
    openid = simulator.openid()
    allow(simulator, sqlite_database, wechat, openid)

    def cards() -> list[Any]:
        return [one for one in simulator.chat() if one["side"] == "account"]

    def leave() -> None:
        simulator.do("unfollow")
        wechat.followers.lost(openid)

    return Way(channel, openid, cards, True, leave)


def wechat_before(simulator: RunningSimulator, database: Database, home: Path) -> WeChat:
    """Return our channel, which knows the simulator as the platform."""
    config = replace(
        Config.from_environ({"H5APP_HOME": str(home)}),
        wechat_api_base=simulator.url,
        wechat_oauth_base=simulator.url,
        wechat_mp_base=simulator.url,
    )
    clock = SystemClock()
    wechat = build_wechat(config, database, clock, Outbox(database, clock))
    wechat.book.ensure()
    wechat.subscriptions.ensure()
    return wechat


def allow(simulator: RunningSimulator, database: Database, wechat: WeChat, openid: str) -> None:
    """Let the person allow two notices and say something, on both sides of the wire."""
    template = wechat.subscriptions.template(NoticeKind.ORDER_FILLED)
    assert template is not None
    for _ in range(2):
        simulator.do("subscribe", decisions={template.template_id: True})
    simulator.do("say", text="在吗")
    with database.write() as connection:
        row = {"openid": openid, "template_id": template.template_id, "left": 2}
        connection.execute(grant.insert().values(**row))
        wechat.followers.followed(connection, openid, SystemClock().now())
        wechat.followers.acted(connection, openid, "message")


def test_a_notice_arrives_once(way: Way) -> None:
    """Sent is seen; the same notice again is not seen twice, whatever the channel answers."""
    assert way.send(notice()) is Outcome.SENT
    assert way.send(notice()) in {Outcome.SENT, Outcome.UNSURE}

    assert len(way.seen()) == 1


def test_two_notices_are_two(way: Way) -> None:
    """Another notice is another message."""
    assert way.send(notice(1)) is Outcome.SENT
    assert way.send(notice(2)) is Outcome.SENT

    assert len(way.seen()) == 2


def test_outside_no_figure_is_seen(way: Way) -> None:
    """Without the customer's wish neither price nor quantity leaves the house."""
    way.send(notice())

    if way.is_outside:
        assert "1688" not in str(way.seen())
        assert "100 股" not in str(way.seen())


def test_a_public_field_with_a_figure_never_leaves(way: Way) -> None:
    """A mistake of ours in a public field is stopped by the channel itself."""
    wrong = notice(
        fields=(("证券", "600519"), ("状态", "全部成交"), ("时间", "2026-11-24 14:35:03"))
    )

    outcome = way.send(wrong)

    assert (outcome is Outcome.REFUSED) is way.is_outside
    assert bool(way.seen()) is not way.is_outside


def test_nobody_is_reached_by_a_wrong_address(way: Way) -> None:
    """Another address gets nothing of this customer's, and nothing is raised."""
    outcome = way.channel.send(notice(), Recipient(address="nobody")).outcome

    assert outcome is Outcome.REFUSED
    assert way.seen() == []


def test_who_left_gets_nothing(way: Way) -> None:
    """After unfollowing every way through WeChat refuses; the inbox goes on."""
    way.leave()

    assert (way.send(notice()) is Outcome.REFUSED) is way.is_outside


def test_a_channel_has_the_name_it_is_recorded_under(way: Way) -> None:
    """Names are different and stay: they stand in the table of deliveries."""
    assert way.channel.name in WAYS
