"""The inbox's pages: figures after the trade password only, and switches that are kept."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.identity.model import Tier, Visitor
from h5app.notify.inbox import Way
from h5app.notify.model import NoticeKind, Preferences
from h5app.notify.ports import Delivery, Outcome
from h5app.notify.service import Notifier
from h5app.notify.views import blueprint
from h5app.notify.views_shown import delivery_words
from h5app.plumbing.config import Config
from h5app.plumbing.web import create_base
from tests.notify.conftest import FakeChannel, notice


@dataclass
class FakeSource:
    """Everybody is this visitor."""

    visitor: Visitor

    def visitor_of_request(self) -> Visitor:
        """Return the visitor of the test."""
        return self.visitor


BOUND = Visitor(tier=Tier.BOUND, customer_id="c1", account_id="10000001", openid="o1")
STEPPED_UP = Visitor(tier=Tier.STEPPED_UP, customer_id="c1", account_id="10000001", openid="o1")
FOLLOWER = Visitor(tier=Tier.FOLLOWER, customer_id="c1", openid="o1")


@pytest.fixture
def source() -> FakeSource:
    """A bound customer, without the trade password."""
    return FakeSource(BOUND)


@pytest.fixture
def app(notifier: Notifier, source: FakeSource, tmp_path: Path) -> Flask:
    """The routes of the room."""
    app = create_base(Config.from_environ({"H5APP_HOME": str(tmp_path)}))
    gate.install(app, source)
    app.register_blueprint(blueprint(notifier))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The customer's browser."""
    return app.test_client()


def post(client: FlaskClient, page: str, address: str, **fields: object) -> tuple[int, str]:
    """Send a form of a page with its CSRF field; return status and where it leads."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    answer = client.post(address, data=fields | {"csrf_token": token[1]})
    return answer.status_code, answer.headers.get("Location", "")


def test_an_empty_inbox_says_what_will_be_there(client: FlaskClient) -> None:
    """Nothing yet is drawn as such, with the way to the switches."""
    page = client.get("/me/messages").text

    assert "还没有消息" in page
    assert 'href="/me/notice-preferences"' in page


def test_the_list_shows_no_figure(client: FlaskClient, notifier: Notifier) -> None:
    """Title, time and public fields; nothing private, whatever the tier."""
    notifier.tell(notice())

    page = client.get("/me/messages").text

    assert "成交通知" in page
    assert "贵*茅台 全部成交" in page
    assert "168800" not in page
    assert "未读" in page


@pytest.mark.parametrize(
    ("who", "is_shown"), [(FOLLOWER, False), (BOUND, False), (STEPPED_UP, True)]
)
def test_figures_need_the_trade_password(
    client: FlaskClient,
    notifier: Notifier,
    source: FakeSource,
    who: Visitor,
    is_shown: bool,  # noqa: FBT001
) -> None:
    """Private fields are open to who has just given the password, in the page and in JSON."""
    notifier.tell(notice())
    source.visitor = who
    address = f"/me/messages/{notifier.inbox.entries('c1')[0].notice_id}"

    page = client.get(address).text
    body = client.get(address, headers={"Accept": "application/json"}).get_json()

    assert ("168800.00" in page) is is_shown
    assert body["private_fields"] == ([["金额", "168800.00 元"]] if is_shown else [])
    assert ('href="/me/step-up?next=' in page) is not is_shown


def test_opening_marks_it_read(client: FlaskClient, notifier: Notifier) -> None:
    """The unread count falls when a notice was opened."""
    notifier.tell(notice())
    assert client.get("/me/messages/unread").get_json() == {"unread": 1}

    client.get(f"/me/messages/{notifier.inbox.entries('c1')[0].notice_id}")

    assert client.get("/me/messages/unread").get_json() == {"unread": 0}


def test_a_message_in_wechat_leads_to_its_page(client: FlaskClient, notifier: Notifier) -> None:
    """The key of the message opens the order's page and marks the notice read."""
    told = notice()
    notifier.tell(told)

    answer = client.get(told.open_path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/trade/orders/7f1d2c")
    assert notifier.inbox.unread("c1") == 0


def test_another_customers_notice_is_not_there(client: FlaskClient, notifier: Notifier) -> None:
    """Neither by number nor by key."""
    told = notice(customer_id="c2")
    notifier.tell(told)
    number = notifier.inbox.entries("c2")[0].notice_id

    assert client.get(f"/me/messages/{number}").status_code == 404
    assert client.get(told.open_path).status_code == 404


def test_who_is_not_signed_in_is_asked(client: FlaskClient, source: FakeSource) -> None:
    """Every page of the room needs an openid or an account."""
    source.visitor = Visitor()

    for address in ("/me/messages", "/me/messages/1", "/me/notice-preferences"):
        assert client.get(address).status_code == 401


def test_pages_follow_each_other(client: FlaskClient, notifier: Notifier) -> None:
    """Twenty a page with links both ways; a wrong number shows the first page."""
    for number in range(25):
        notifier.tell(notice(number))

    first = client.get("/me/messages").text
    older = re.search(r'href="(/me/messages\?before=\d+)"', first)
    assert older is not None
    second = client.get(older[1]).text

    assert first.count('class="notify-item ') == 20
    assert second.count('class="notify-item ') == 5
    assert 'rel="prev"' in second
    assert client.get("/me/messages?before=x").text.count('class="notify-item ') == 20
    assert client.get(f"/me/messages?before={'9' * 40}").status_code == 200


def test_all_can_be_read_at_once(client: FlaskClient, notifier: Notifier) -> None:
    """One form, and back to the list."""
    notifier.tell(notice(1))
    notifier.tell(notice(2))

    answer = post(client, "/me/messages", "/me/messages/reading")

    assert answer == (303, "/me/messages?said=read")
    assert notifier.inbox.unread("c1") == 0
    assert "全部标为已读" in client.get("/me/messages?said=read").text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Delivery(outcome=Outcome.REFUSED, code="43004"), "您还没有关注公众号"),
        (Delivery(outcome=Outcome.REFUSED, code="43101"), "拒收了这类消息"),
        (Delivery(outcome=Outcome.REFUSED, code="user_block"), "屏蔽了公众号消息"),
        (Delivery(outcome=Outcome.REFUSED, code="47003"), "微信未送达"),
        (Delivery(outcome=Outcome.SENT, reference="1"), "已发送到微信"),
        (Delivery(outcome=Outcome.DECLINED, code="43019"), "黑名单"),
        (Delivery(outcome=Outcome.UNSURE, code="silent"), "可能已经送达"),
        (Delivery(outcome=Outcome.LATER), "等待发送到微信"),
        (Delivery(outcome=Outcome.LATER, code="45009"), "明天早上再发到微信"),
        (Delivery(outcome=Outcome.LATER, code="45011"), "一分钟后再发到微信"),
    ],
)
def test_what_became_of_it_in_wechat_is_said(
    client: FlaskClient, notifier: Notifier, channel: FakeChannel, answer: Delivery, words: str
) -> None:
    """A customer who got no message finds out why."""
    channel.answers = [answer]
    notifier.tell(notice())
    notifier.deliver_due()

    assert words in client.get("/me/messages").text


def test_each_way_adds_its_reason() -> None:
    """The first way's reason stands first; a way that carried it is all that is said."""
    refused = [
        Way("wechat", "refused", "40037"),
        Way("wechat_subscription", "refused", "no_grant"),
        Way("wechat_service", "refused", "45047"),
    ]

    assert delivery_words(refused) == "微信未送达;订阅次数已用完;客服消息的条数已用完"
    assert delivery_words([*refused[:2], Way("wechat_service", "sent", "")]) == "已发送到微信"
    assert delivery_words([]) == ""


def test_switches_are_kept(client: FlaskClient, notifier: Notifier) -> None:
    """What is not ticked is off; what is about safety stays on."""
    answer = post(
        client,
        "/me/notice-preferences",
        "/me/notice-preferences",
        kind=["order_filled", "reminder"],
    )

    wishes = notifier.wishes.of("c1")
    assert answer == (303, "/me/notice-preferences?said=saved")
    assert wishes.wants(NoticeKind.ORDER_FILLED)
    assert not wishes.wants(NoticeKind.CASH_MOVED)
    assert wishes.wants(NoticeKind.SECURITY)
    page = client.get("/me/notice-preferences?said=saved").text
    assert "设置已保存" in page
    assert re.search(r'value="reminder" checked', page)
    assert not re.search(r'value="cash_moved" checked', page)


def test_showing_figures_needs_the_trade_password(
    client: FlaskClient, notifier: Notifier, source: FakeSource
) -> None:
    """Switching it on is refused without the password; switching it off never is."""
    every = [kind.value for kind in NoticeKind]
    wanted = {"kind": every, "shows_private": "yes"}
    address = "/me/notice-preferences"

    assert post(client, address, address, **wanted)[0] == 403
    assert not notifier.wishes.of("c1").shows_private
    source.visitor = STEPPED_UP
    assert post(client, address, address, **wanted)[0] == 303
    assert notifier.wishes.of("c1").shows_private
    source.visitor = BOUND
    assert post(client, address, address, **wanted)[0] == 303
    assert post(client, address, address, kind=every)[0] == 303
    assert not notifier.wishes.of("c1").shows_private


def test_the_switch_is_explained(client: FlaskClient, notifier: Notifier) -> None:
    """Who switches figures on has read that a chat is not protected by the password."""
    notifier.wishes.keep("c1", Preferences())

    page = client.get("/me/notice-preferences").text

    assert "微信消息不用验证密码就能看到" in page
    assert "始终发送，不能关闭" in page
