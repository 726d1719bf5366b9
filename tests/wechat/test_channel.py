"""Notices as template messages: within the fields' limits, once, figures only when asked."""

import json
from datetime import datetime, timedelta

import pytest

from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.notify.model import Notice, NoticeKind, Preferences
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.crypto import Envelope
from h5app.wechat.model import TemplateJobFinished
from h5app.wechat.reply import Reply, sealed_reply_xml
from h5app.wechat.service import build_wechat
from tests.wechat.fake_platform import FakePlatform
from tests.wechat.notices import ALERT, FILLED, OPENID, REFUSED, SEND, TELL, House
from tests.wechat.outbound import leaks, leaks_in_log


def test_a_fill_is_told_without_amount_or_code(house: House, config: Config) -> None:
    """成交通知 with masked name, side, state and time; the link is letters only."""
    house.telling.on_order_filled(FILLED)

    (message,) = house.sent()

    assert message["touser"] == OPENID
    assert message["template_id"] == "T_FILLED"
    assert message["data"] == {
        "thing1": {"value": "买入 贵*茅台"},
        "phrase2": {"value": "全部成交"},
        "time3": {"value": "2026-11-24 14:35:03"},
        "thing4": {"value": "请点开查看详情"},
    }
    key = message["url"].removeprefix(f"{config.base_url}/me/messages/open/")
    assert key.isalpha()
    assert key == message["client_msg_id"]
    assert house.ways() == [("wechat", "sent", "")]


@pytest.mark.usefixtures("figures_switched_on")
def test_figures_are_told_to_who_switched_them_on(house: House) -> None:
    """With 显示金额 on, name, code, price and quantity stand in the message, uncut."""
    house.notifier.wishes.keep("c1", Preferences(shows_private=True))
    house.telling.on_order_filled(FILLED)

    (message,) = house.sent()

    assert message["data"]["thing1"]["value"] == "买入 贵州茅台 600519.SH"
    assert message["data"]["thing4"]["value"] == "1688.00 元 × 100 股"


def test_an_alert_names_nothing_unless_details_are_on(house: House) -> None:
    """行情提醒 goes with neither name, code nor price of the security; the link leads to them."""
    house.telling.on_alert_fired(ALERT)

    (message,) = house.sent()

    assert message["data"]["thing1"]["value"] == "您设置的行情提醒已触发"
    assert message["data"]["thing4"]["value"] == "请点开查看详情"
    assert "茅台" not in str(message["data"])
    assert "1688" not in str(message)


@pytest.mark.usefixtures("figures_switched_on")
def test_an_alert_with_details_says_what_was_waited_for(house: House) -> None:
    """With details on: the security, and what was waited for."""
    house.notifier.wishes.keep("c1", Preferences(shows_private=True))
    house.telling.on_alert_fired(ALERT)

    (message,) = house.sent()

    assert message["data"]["thing1"]["value"] == "贵州茅台 600519.SH"
    assert message["data"]["thing4"]["value"] == "价格涨到 1688.00 元"


@pytest.mark.parametrize("name", TELL)
def test_no_fact_shows_a_figure_outside(house: House, name: str) -> None:
    """Whatever is told, nothing that left for WeChat holds an amount, a code or an account."""
    TELL[name](house.telling)

    assert len(house.sent()) == 1
    assert leaks(house.platform.asked) == []


@pytest.mark.parametrize("name", TELL)
@pytest.mark.parametrize("shows_private", [False, True])
@pytest.mark.usefixtures("figures_switched_on")
def test_every_fact_fits_its_template(house: House, name: str, shows_private: bool) -> None:  # noqa: FBT001
    """Each kind's wording is within the limits of the fields it is put into."""
    house.names.names["600519.SH"] = "华夏中证5G通信主题交易型开放式指数证券投资基金"
    house.notifier.wishes.keep("c1", Preferences(shows_private=shows_private))
    TELL[name](house.telling)

    (message,) = house.sent()

    for place, value in message["data"].items():
        limit = {"thing": 20, "phrase": 5}.get(place.rstrip("0123456789"), 32)
        assert 1 <= len(value["value"]) <= limit, place


@pytest.mark.usefixtures("figures_switched_on")
def test_the_scanner_finds_what_it_is_for(house: House) -> None:
    """The scanner of this suite is not blind: with figures on it reports them."""
    house.notifier.wishes.keep("c1", Preferences(shows_private=True))
    house.telling.on_order_filled(FILLED)
    house.sent()

    assert len(leaks(house.platform.asked)) == 2


def test_the_scanner_reads_calls_and_sealed_replies(house: House) -> None:
    """Of a simulator's log it reads what we sent and what we answered, sealed or not."""
    account = house.wechat.account
    envelope = Envelope(
        token=account.token, encoding_aes_key=account.encoding_aes_key, app_id=account.app_id
    )

    def answered(words: str, *, is_sealed: bool) -> list[str]:
        xml = Reply.text(words).xml(to="o", sender="gh", at_seconds=1)
        if is_sealed:
            sealed = envelope.seal(xml, random16="0" * 16)
            xml = sealed_reply_xml(sealed=sealed, signature="s", timestamp="1", nonce="n")
        delivery = {"attempts": [{"answer": xml}]}
        body = json.dumps({"msgtype": "text", "text": {"content": words}}, ensure_ascii=False)
        call = {"direction": "api", "path": "/cgi-bin/message/custom/send", "request": body}
        return leaks_in_log({"calls": [call], "deliveries": [delivery]}, account)

    for is_sealed in (True, False):
        assert len(answered("可用 1688.00 元", is_sealed=is_sealed)) == 2
        assert len(answered("账号 80000001", is_sealed=is_sealed)) == 2
        assert answered("持仓只在页面里显示", is_sealed=is_sealed) == []


def test_the_same_fact_twice_is_one_message(house: House) -> None:
    """A repeated fact is told once."""
    house.telling.on_order_filled(FILLED)
    house.telling.on_order_filled(FILLED)

    assert len(house.sent()) == 1
    assert len(house.sent()) == 1


def test_silence_is_asked_again_under_the_same_name(house: House) -> None:
    """No answer may mean that it arrived: the next attempt carries the same client_msg_id."""
    house.platform.reply(SEND, b"<html>502</html>")
    house.telling.on_order_filled(FILLED)
    house.sent()
    house.platform.reply(SEND, {"errcode": 0, "msgid": 9})
    house.clock.advance(timedelta(seconds=6))

    first, second = house.sent()

    assert first["client_msg_id"] == second["client_msg_id"]
    assert house.ways() == [("wechat", "sent", "")]


@pytest.mark.parametrize("errcode", [43101, 43019, 40003, 47003, 48001])
def test_a_refusal_is_final_and_recorded(house: House, errcode: int) -> None:
    """What will not change by waiting is not tried again; the inbox holds the notice."""
    house.platform.reply(SEND, {"errcode": errcode, "errmsg": "x rid: 1"})
    house.telling.on_order_filled(FILLED)

    assert len(house.sent()) == 1
    house.clock.advance(timedelta(days=1))
    assert len(house.sent()) == 1
    assert house.ways() == [("wechat", "refused", str(errcode))]


def test_who_does_not_follow_is_not_asked_again(house: House) -> None:
    """After 43004 nothing more is sent to this person until they follow."""
    house.platform.reply(SEND, {"errcode": 43004, "errmsg": "require subscribe rid: 1"})
    house.telling.on_order_filled(FILLED)
    house.sent()
    house.telling.on_order_refused(REFUSED)

    assert len(house.sent()) == 1
    assert house.ways() == [("wechat", "refused", "43004")]
    assert len(house.notifier.inbox.entries("c1")) == 2


def test_a_used_up_day_waits_for_the_morning(house: House) -> None:
    """After 45009 the message goes at half past seven of the next day, not at midnight."""
    house.platform.reply(SEND, {"errcode": 45009, "errmsg": "reach max api daily quota limit"})
    house.telling.on_order_filled(FILLED)
    house.sent()
    house.platform.reply(SEND, {"errcode": 0, "msgid": 9})
    house.clock.set(datetime(2026, 11, 25, 7, 30, tzinfo=SHANGHAI))
    assert len(house.sent()) == 1
    house.clock.set(datetime(2026, 11, 25, 7, 32, tzinfo=SHANGHAI))

    assert len(house.sent()) == 2


def test_a_crowded_minute_waits_a_minute(house: House) -> None:
    """After 45011 it is tried again when the minute is over."""
    house.platform.reply(SEND, {"errcode": 45011, "errmsg": "api minute-quota reach limit"})
    house.telling.on_order_filled(FILLED)
    house.sent()
    house.clock.advance(timedelta(seconds=30))
    assert len(house.sent()) == 1
    house.clock.advance(timedelta(seconds=40))

    assert len(house.sent()) == 2


def test_a_refused_token_is_renewed_once(house: House) -> None:
    """40001 fetches another token and sends again, and that is all."""
    tokens = iter(["TOKEN", "OTHER", "THIRD"])
    house.platform.reply(
        "/cgi-bin/stable_token",
        lambda _asked: {"access_token": next(tokens), "expires_in": 7200},
    )
    house.platform.reply(SEND, {"errcode": 40001, "errmsg": "invalid credential"})
    house.telling.on_order_filled(FILLED)

    assert len(house.sent()) == 2
    assert house.ways() == [("wechat", "waiting", "40001")]


def test_a_template_that_is_gone_is_looked_for_again(house: House) -> None:
    """After 40037 the stored id is forgotten and found anew."""
    house.platform.reply(SEND, {"errcode": 40037, "errmsg": "invalid template_id"})
    house.telling.on_order_filled(FILLED)
    house.sent()

    assert house.wechat.book.template(NoticeKind.ORDER_FILLED) is None
    assert house.wechat.book.ensure() == []
    assert house.wechat.book.template(NoticeKind.ORDER_FILLED) is not None


def test_results_come_back_from_the_platform(house: House) -> None:
    """TEMPLATESENDJOBFINISH changes what is recorded; others' messages change nothing."""
    house.telling.on_order_filled(FILLED)
    house.sent()
    jobs = house.wechat.template_jobs

    jobs.on_template_job_finished(
        TemplateJobFinished(msgid="1", openid=OPENID, result="failed:user block")
    )
    jobs.on_template_job_finished(
        TemplateJobFinished(msgid="999", openid=OPENID, result="failed: system failed")
    )

    assert house.ways() == [("wechat", "refused", "user_block")]


def test_a_message_that_arrived_is_recorded_so(house: House) -> None:
    """Success is written down, too."""
    house.telling.on_order_filled(FILLED)
    house.sent()

    house.wechat.template_jobs.on_template_job_finished(
        TemplateJobFinished(msgid="1", openid=OPENID, result="success")
    )

    assert house.ways() == [("wechat", "sent", "arrived")]


def test_before_a_template_is_found_a_notice_waits(
    config: Config,
    sqlite_database: Database,
    wall: FrozenClock,
    outbox: Outbox,
    platform: FakePlatform,
) -> None:
    """In the first seconds of an installation nothing is lost."""
    wechat = build_wechat(config, sqlite_database, wall, outbox)
    house = House(wechat, sqlite_database, wall, platform)
    house.telling.on_order_filled(FILLED)

    assert house.sent() == []
    assert house.ways() == [("wechat", "waiting", "no_template")]


def test_a_public_field_with_a_figure_is_never_sent(house: House) -> None:
    """The channel looks itself: a notice written wrongly stays in the inbox."""
    wrong = Notice(
        customer_id="c1",
        kind=NoticeKind.SERVICE,
        title="服务通知",
        fields=(("事项", "余额 1,234.56 元"), ("时间", "2026-11-24 14:35:03")),
        link_path="/me/",
        dedupe_key="wrong",
    )

    answer = house.wechat.channel.send(wrong, Recipient(address=OPENID))

    assert answer == Delivery(outcome=Outcome.REFUSED, code="private")
    assert house.platform.calls(SEND) == []


def test_a_notice_without_its_time_is_not_sent(house: House) -> None:
    """An empty field would be refused by the platform; it is not even asked."""
    torn = Notice(
        customer_id="c1",
        kind=NoticeKind.SERVICE,
        title="服务通知",
        fields=(("事项", "系统维护"),),
        link_path="/me/",
        dedupe_key="torn",
    )

    answer = house.wechat.channel.send(torn, Recipient(address=OPENID))

    assert answer == Delivery(outcome=Outcome.REFUSED, code="does_not_fit")
