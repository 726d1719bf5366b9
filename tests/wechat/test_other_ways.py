"""What carries a notice when the template message could not: a subscription, then a text."""

from datetime import timedelta
from typing import Any

import pytest

from h5app.counter.model import OrderCancelled, OrderFilled, OrderRefused
from h5app.notify.model import NoticeKind
from h5app.wechat.channel import result_of
from tests.wechat.callbacks import Platform
from tests.wechat.conftest import Facts
from tests.wechat.fake_platform import Asked, FakePlatform
from tests.wechat.notices import CANCELLED, FILLED, OPENID, ORDER, REFUSED, SEND, House

SUBSCRIBE = "/cgi-bin/message/subscribe/bizsend"
TEXT = "/cgi-bin/message/custom/send"
TAKEN = {"errcode": 0, "errmsg": "ok"}
NO = {"errcode": 40003, "errmsg": "invalid openid"}
GRANTED = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>"
    "<TemplateId>S_FILLED</TemplateId><SubscribeStatusString>{word}</SubscribeStatusString>"
    "<PopupScene>1</PopupScene></List></SubscribeMsgPopupEvent></xml>"
)
SAID = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>9</CreateTime>"
    "<MsgType>text</MsgType><Content>在吗</Content><MsgId>{number}</MsgId></xml>"
)


@pytest.fixture
def others(house: House, client: Any, facts: Facts) -> "Others":
    """The template message is refused; the account has a subscription template."""
    del facts
    offered = {"priTmplId": "S_FILLED", "title": "成交通知", "content": ORDER}
    house.platform.reply("/wxaapi/newtmpl/gettemplate", {"errcode": 0, "data": [offered]})
    house.wechat.subscriptions.ensure()
    house.platform.reply(SEND, NO)
    return Others(house, client)


class Others:
    """What the customer did, and what was sent by the ways behind the first."""

    def __init__(self, house: House, client: Any) -> None:
        self.house = house
        self._client = client
        self._at = 0

    def _deliver(self, xml: str) -> None:
        account = self.house.wechat.account
        sender = Platform(
            client=self._client,
            token=account.token,
            aes_key=account.encoding_aes_key,
            app_id=account.app_id,
        )
        assert sender.sealed(xml).status_code == 200

    def allow(self, word: str = "accept") -> None:
        """Answer the platform's question."""
        self._at += 1
        self._deliver(GRANTED.format(openid=OPENID, at=self._at, word=word))

    def speak(self) -> None:
        """Say something, which opens the window of 48 hours."""
        self._at += 1
        self._deliver(SAID.format(openid=OPENID, number=self._at))

    def tell(
        self, fact: OrderFilled | OrderRefused | OrderCancelled = FILLED
    ) -> list[tuple[str, str, str]]:
        """Tell a fact and deliver until nothing is due; return what became of it."""
        telling = self.house.telling
        if isinstance(fact, OrderFilled):
            telling.on_order_filled(fact)
        elif isinstance(fact, OrderRefused):
            telling.on_order_refused(fact)
        else:
            telling.on_order_cancelled(fact)
        while self.house.notifier.deliver_due():
            pass
        return self.house.all_ways()

    def sent(self, path: str) -> list[Asked]:
        """Return what was sent by a way."""
        return self.house.platform.calls(path)

    @property
    def left(self) -> int:
        """How many messages the customer still allows."""
        return self.house.wechat.grants.left(OPENID).get("S_FILLED", 0)


def test_a_grant_carries_one_message_and_is_used_up(others: Others) -> None:
    """同意一次,提醒一次: the second notice is not sent by it."""
    others.allow()
    assert others.left == 1

    assert others.tell() == [
        ("wechat", "refused", "40003"),
        ("wechat_subscription", "sent", ""),
        ("wechat_service", "spared", ""),
    ]
    (message,) = [one.json for one in others.sent(SUBSCRIBE)]
    assert message["template_id"] == "S_FILLED"
    assert message["data"]["phrase2"] == {"value": "全部成交"}
    assert "1688" not in str(message)
    assert others.left == 0
    assert others.tell(CANCELLED)[1] == ("wechat_subscription", "refused", "no_template")


def test_grants_are_counted_and_a_refusal_gives_none(others: Others) -> None:
    """Three taps are three messages; 拒绝 adds none."""
    for word in ("accept", "accept", "reject", "accept"):
        others.allow(word)

    assert others.left == 3


@pytest.mark.parametrize(
    ("errcode", "left", "state"),
    [(43101, 0, "no_grant"), (47003, 1, "47003"), (43004, 1, "43004")],
)
def test_a_refused_subscription_counts_what_the_platform_counts(
    others: Others, errcode: int, left: int, state: str
) -> None:
    """43101 says that no grant is left; after any other no the grant is still there."""
    others.allow()
    others.house.platform.reply(SUBSCRIBE, {"errcode": errcode, "errmsg": "x"})

    assert others.tell()[1] == ("wechat_subscription", "refused", state)
    assert others.left == left


def test_a_silent_subscription_is_not_sent_twice(others: Others) -> None:
    """Such a message has no name of its own: what may have arrived is left as it is."""
    others.allow()
    others.allow()
    others.speak()
    others.house.platform.reply(SUBSCRIBE, lambda _asked: b"<html>")

    ways = others.tell()

    assert ways[1:] == [
        ("wechat_subscription", "unknown", "silent"),
        ("wechat_service", "spared", ""),
    ]
    assert len(others.sent(SUBSCRIBE)) == 1
    assert others.left == 1


def test_a_text_goes_within_the_window_and_leaves_one_for_answers(others: Others) -> None:
    """Five after a message: four may be notices; without a word of the customer's, none."""
    assert others.tell()[2] == ("wechat_service", "refused", "no_window")
    others.speak()

    assert others.tell(REFUSED)[2] == ("wechat_service", "sent", "")

    (message,) = [one.json for one in others.sent(TEXT)]
    lines = message["text"]["content"].split("\n")
    assert lines[:3] == ["废单通知", "贵*茅台", "废单"]
    assert "/me/messages/open/" in lines[-1]
    for _ in range(3):
        assert others.house.wechat.followers.take_message(OPENID, keeping=1)
    assert not others.house.wechat.followers.take_message(OPENID, keeping=1)
    assert others.house.wechat.followers.take_message(OPENID)


def test_a_used_up_window_is_believed(others: Others) -> None:
    """45047: the platform counted more than we did; the window is closed, the inbox says so."""
    others.speak()
    others.house.platform.reply(TEXT, {"errcode": 45047, "errmsg": "out of response count limit"})

    assert others.tell()[2] == ("wechat_service", "refused", "45047")
    assert others.tell(REFUSED)[2] == ("wechat_service", "refused", "no_window")
    assert len(others.sent(TEXT)) == 1


def test_a_silent_text_is_not_sent_twice(others: Others) -> None:
    """No answer to a text: it may be in the chat."""
    others.speak()
    others.house.platform.reply(TEXT, lambda _asked: b"<html>")

    assert others.tell()[2] == ("wechat_service", "unknown", "silent")
    others.house.clock.advance(timedelta(hours=1))
    assert others.house.notifier.deliver_due() == 0
    assert len(others.sent(TEXT)) == 1


@pytest.mark.parametrize("errcode", [43101, 43019])
def test_who_declined_is_not_sent_to_by_another_way(others: Others, errcode: int) -> None:
    """A refusal of the customer's own is not gone around."""
    others.allow()
    others.speak()
    others.house.platform.reply(SEND, {"errcode": errcode, "errmsg": "x"})

    assert [state for _way, state, _code in others.tell()] == ["refused", "spared", "spared"]
    assert not others.sent(SUBSCRIBE)
    assert not others.sent(TEXT)


@pytest.mark.parametrize(
    ("words", "states"),
    [
        ("failed: system failed", ["refused", "sent", "spared"]),
        ("failed:user block", ["refused", "spared", "spared"]),
    ],
)
def test_what_did_not_arrive_after_all_goes_the_next_way_once(
    others: Others, words: str, states: list[str]
) -> None:
    """A failure told later wakes the next way, however often it is told; a block wakes none."""
    others.allow()
    others.house.platform.reply(SEND, {"errcode": 0, "errmsg": "ok", "msgid": 77})
    assert others.tell()[0] == ("wechat", "sent", "")

    for _ in range(2):
        others.house.notifier.record_result("wechat", "77", result_of(words))
        while others.house.notifier.deliver_due():
            pass

    assert [state for _way, state, _code in others.house.all_ways()] == states


def test_an_account_without_subscription_templates_asks_nobody(
    house: House, platform: FakePlatform
) -> None:
    """Such templates are chosen by an operator; none is added, and none is offered."""
    platform.reply("/wxaapi/newtmpl/gettemplate", {"errcode": 0, "data": []})

    assert len(house.wechat.subscriptions.ensure()) == len(NoticeKind)
    assert house.wechat.subscriptions.offered() == {}
    assert not platform.calls("/wxaapi/newtmpl/addtemplate")
