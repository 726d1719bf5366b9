"""Answers that missed their reply: once, within the window that the customer opened."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.model import Answer, Card, Question
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.callbacks import Platform, event, text
from tests.wechat.conftest import FakeSessions, routes
from tests.wechat.fake_platform import FakePlatform

SEND = "/cgi-bin/message/custom/send"


class SlowDesk:
    """Answers when it is allowed to."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked = 0

    def __call__(self, question: Question) -> Answer | None:
        """Wait, then answer."""
        self.asked += 1
        self.may_answer.wait(10)
        if question.words == "茅台":
            return Answer(card=Card(title="贵州茅台", description="行情", path="/market/600519.SH"))
        return Answer(words=f"答:{question.words}")


@pytest.fixture
def desk() -> Iterator[SlowDesk]:
    """A desk that is slow until the test says otherwise."""
    desk = SlowDesk()
    yield desk
    desk.may_answer.set()


@pytest.fixture
def slow(
    config: Config,
    sqlite_database: Database,
    wall: FrozenClock,
    outbox: Outbox,
    desk: SlowDesk,
) -> WeChat:
    """A channel whose desk takes longer than a reply may."""
    wechat = build_wechat(config, sqlite_database, wall, outbox, desk)
    wechat.conversation.wait_seconds_max = 0.05
    return wechat


@pytest.fixture
def sender(config: Config, slow: WeChat) -> Platform:
    """The platform's side."""
    return Platform(
        client=routes(config, slow, FakeSessions()).test_client(),
        token=config.wechat_token,
        aes_key=config.wechat_encoding_aes_key,
        app_id=config.wechat_app_id,
    )


def sent(platform: FakePlatform) -> list[Any]:
    """Return the service messages so far."""
    return [one.json for one in platform.calls(SEND)]


def test_a_slow_answer_is_sent_later_and_once(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform
) -> None:
    """The reply is an empty success; the answer follows as one service message."""
    first = sender.plain(text("你好"))
    again = sender.plain(text("你好"))
    desk.may_answer.set()

    assert (first.data, again.data) == (b"", b"")
    assert slow.late_answers.answer_due() == 1
    assert slow.late_answers.answer_due() == 0
    assert sent(platform) == [
        {"touser": "oUSER1", "msgtype": "text", "text": {"content": "答:你好"}}
    ]


def test_a_card_is_sent_as_one_article(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform, config: Config
) -> None:
    """A quote card that came late is a news message that opens the same page."""
    sender.plain(text("茅台"))
    desk.may_answer.set()
    slow.late_answers.answer_due()

    (article,) = sent(platform)[0]["news"]["articles"]
    assert article["title"] == "贵州茅台"
    assert article["url"] == f"{config.base_url}/market/600519.SH"


def test_no_more_than_the_window_allows(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform
) -> None:
    """After five messages of one window nothing more is sent."""
    sender.plain(text("零", 1))
    for _ in range(5):
        assert slow.followers.take_message("oUSER1")
    desk.may_answer.set()

    assert slow.late_answers.answer_due() == 1
    assert sent(platform) == []


def test_a_window_that_the_platform_calls_closed_is_closed(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform
) -> None:
    """45047 ends our own count too, and the question is done."""
    platform.reply(SEND, {"errcode": 45047, "errmsg": "out of response count limit"})
    sender.plain(text("一"))
    desk.may_answer.set()
    slow.late_answers.answer_due()

    assert slow.followers.quota("oUSER1").left == 0
    assert slow.late_answers.answer_due() == 0


def test_a_busy_platform_is_asked_again(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform, wall: FrozenClock
) -> None:
    """-1 leaves the question waiting; the next turn may succeed."""
    platform.reply(SEND, {"errcode": -1, "errmsg": "system error"})
    sender.plain(text("一"))
    desk.may_answer.set()
    slow.late_answers.answer_due()
    platform.reply(SEND, {"errcode": 0})
    wall.advance(timedelta(seconds=61))

    assert slow.late_answers.answer_due() == 1
    assert len(sent(platform)) == 2


def test_who_left_gets_no_answer(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform
) -> None:
    """Unfollowing takes the open questions away."""
    sender.plain(text("一"))
    sender.plain(event("unsubscribe"))
    desk.may_answer.set()

    assert slow.late_answers.answer_due() == 0
    assert sent(platform) == []


def test_nobody_waits_for_ten_minutes(
    sender: Platform, slow: WeChat, desk: SlowDesk, platform: FakePlatform, wall: FrozenClock
) -> None:
    """An old question is left alone and forgotten after a day."""
    sender.plain(text("一"))
    desk.may_answer.set()
    wall.advance(timedelta(minutes=11))
    assert slow.late_answers.answer_due() == 0

    wall.advance(timedelta(days=1))
    assert slow.late_answers.forget_old() == 1
    assert sent(platform) == []
