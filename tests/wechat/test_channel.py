"""Notices as template messages: within the fields' limits, once, figures only when asked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from h5app.counter.model import CashMoved, OrderCancelled, OrderFilled, OrderRefused
from h5app.identity.model import CustomerBound, SignedInOnNewDevice
from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.notify.model import Notice, NoticeKind, Preferences
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wealth.model import ReminderDue
from h5app.wechat.model import TemplateJobFinished
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.fake_platform import Asked, FakePlatform
from tests.wechat.outbound import leaks

SEND = "/cgi-bin/message/template/send"
OPENID = "oUSER0000000000000000000001"
AT = datetime(2026, 11, 24, 14, 35, 3, tzinfo=SHANGHAI)
ORDER = "事项:{{thing1.DATA}}\n状态:{{phrase2.DATA}}\n时间:{{time3.DATA}}\n说明:{{thing4.DATA}}"
SHORT = "事项:{{thing1.DATA}}\n时间:{{time3.DATA}}\n说明:{{thing4.DATA}}"
DATED = "事项:{{thing1.DATA}}\n日期:{{date7.DATA}}\n说明:{{thing4.DATA}}"


def template(template_id: str, title: str, content: str) -> dict[str, str]:
    """Return a template as the platform lists it."""
    return {"template_id": template_id, "title": title, "content": content}


STANDING = [
    template("T_FILLED", "成交通知", ORDER),
    template("T_REFUSED", "委托未成功通知", ORDER),
    template("T_CASH", "资金变动通知", ORDER),
    template("T_REMINDER", "理财日历提醒", DATED),
    template("T_SECURITY", "账户安全通知", SHORT),
    template("T_SERVICE", "服务通知", SHORT),
]


@dataclass
class Names:
    """Everybody is one customer; securities have the names given here."""

    names: dict[str, str] = field(default_factory=lambda: {"600519.SH": "贵州茅台"})

    def customer_of_account(self, account_id: str) -> str | None:
        """Return the customer of an account."""
        return "c1" if account_id == "10000001" else None

    def address(self, customer_id: str, channel_name: str) -> str | None:
        """Return the customer's openid."""
        return OPENID if (customer_id, channel_name) == ("c1", "wechat") else None


class House:
    """The channel, the inbox and the facts that are told."""

    def __init__(
        self, wechat: WeChat, database: Database, clock: FrozenClock, platform: FakePlatform
    ) -> None:
        self.wechat = wechat
        self.platform = platform
        self.clock = clock
        self.names = Names()
        self.notifier = Notifier(
            database,
            market=clock,
            wall=clock,
            channels=[wechat.channel],
            addresses=self.names,
        )
        wechat.template_jobs.results_to(self.notifier.record_result)
        self.telling = Telling(self.notifier, self.names, self.names.names.get)

    def sent(self) -> list[Any]:
        """Deliver what is due; return the bodies of all messages so far."""
        self.notifier.deliver_due()
        return [one.json for one in self.platform.calls(SEND)]

    def ways(self) -> list[tuple[str, str, str]]:
        """Return what became of the newest notice."""
        newest = self.notifier.inbox.entries("c1")[0]
        return self.notifier.deliveries(newest.notice_id)


@pytest.fixture
def house(
    wechat: WeChat, sqlite_database: Database, platform: FakePlatform, wall: FrozenClock
) -> House:
    """A channel whose account has the ready-made templates."""
    numbers = iter(range(1, 10_000))
    platform.reply(
        "/cgi-bin/template/get_all_private_template", lambda _asked: {"template_list": STANDING}
    )
    platform.reply(SEND, lambda _asked: {"errcode": 0, "errmsg": "ok", "msgid": next(numbers)})
    assert wechat.book.ensure() == []
    return House(wechat, sqlite_database, wall, platform)


FILLED = OrderFilled(
    account_id="10000001",
    order_id=700001,
    client_order_id="7f1d2c",
    fill_id=1,
    symbol="600519.SH",
    side="buy",
    price_milli=1_688_000,
    quantity_shares=100,
    is_complete=True,
    at=AT,
)
REFUSED = OrderRefused(
    account_id="10000001",
    order_id=700002,
    client_order_id="7f1d2d",
    symbol="600519.SH",
    reason="价格超出涨跌停限制",
    at=AT,
)
CANCELLED = OrderCancelled(
    account_id="10000001",
    order_id=700003,
    client_order_id="7f1d2e",
    symbol="600519.SH",
    filled_shares=200,
    reason="",
    at=AT,
)
MOVED = CashMoved(
    account_id="10000001",
    amount_fen=20_000_000,
    transfer_kind="deposit",
    counterparty="招商银行",
    on=date(2026, 11, 24),
)
DUE = ReminderDue(
    customer_id="c1",
    reminder_key="entry7|2026-12-03|5",
    title="房贷扣款",
    class_label="还款",
    due_on=date(2026, 12, 3),
    days_left=5,
    entry_ref="entry7",
    occurrence_on=date(2026, 12, 3),
    amount_fen=350_000,
)
BOUND = CustomerBound(customer_id="c1", account_id="10000001", openid=OPENID, at=AT)
DEVICE = SignedInOnNewDevice(customer_id="c1", account_id="10000001", device="iPhone", at=AT)

TELL: dict[str, Callable[[Telling], None]] = {
    "filled": lambda telling: telling.on_order_filled(FILLED),
    "refused": lambda telling: telling.on_order_refused(REFUSED),
    "cancelled": lambda telling: telling.on_order_cancelled(CANCELLED),
    "moved": lambda telling: telling.on_cash_moved(MOVED),
    "due": lambda telling: telling.on_reminder_due(DUE),
    "bound": lambda telling: telling.on_customer_bound(BOUND),
    "device": lambda telling: telling.on_new_device(DEVICE),
}


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


def test_figures_are_told_to_who_switched_them_on(house: House) -> None:
    """With 显示金额 on, name, code, price and quantity stand in the message, uncut."""
    house.notifier.wishes.keep("c1", Preferences(shows_private=True))
    house.telling.on_order_filled(FILLED)

    (message,) = house.sent()

    assert message["data"]["thing1"]["value"] == "买入 贵州茅台 600519.SH"
    assert message["data"]["thing4"]["value"] == "1688.00 元 × 100 股"


@pytest.mark.parametrize("name", TELL)
def test_no_fact_shows_a_figure_outside(house: House, name: str) -> None:
    """Whatever is told, nothing that left for WeChat holds an amount, a code or an account."""
    TELL[name](house.telling)

    assert len(house.sent()) == 1
    assert leaks(house.platform.asked) == []


@pytest.mark.parametrize("name", TELL)
@pytest.mark.parametrize("shows_private", [False, True])
def test_every_fact_fits_its_template(house: House, name: str, shows_private: bool) -> None:  # noqa: FBT001
    """Each kind's wording is within the limits of the fields it is put into."""
    house.names.names["600519.SH"] = "华夏中证5G通信主题交易型开放式指数证券投资基金"
    house.notifier.wishes.keep("c1", Preferences(shows_private=shows_private))
    TELL[name](house.telling)

    (message,) = house.sent()

    for place, value in message["data"].items():
        limit = {"thing": 20, "phrase": 5}.get(place.rstrip("0123456789"), 32)
        assert 1 <= len(value["value"]) <= limit, place


def test_the_scanner_finds_what_it_is_for(house: House) -> None:
    """The scanner of this suite is not blind: with figures on it reports them."""
    house.notifier.wishes.keep("c1", Preferences(shows_private=True))
    house.telling.on_order_filled(FILLED)
    house.sent()

    assert len(leaks(house.platform.asked)) == 2


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


# Finding templates


def ensured(
    config: Config, database: Database, wall: FrozenClock, outbox: Outbox, setting: str = ""
) -> tuple[list[str], WeChat]:
    """Return what an operator must do, and the channel."""
    wechat = build_wechat(replace(config, wechat_templates=setting), database, wall, outbox)
    return wechat.book.ensure(), wechat


def test_a_configured_template_goes_before(
    house: House, config: Config, sqlite_database: Database, wall: FrozenClock, outbox: Outbox
) -> None:
    """The operator's id is used although another has the right title."""
    problems, wechat = ensured(
        config, sqlite_database, wall, outbox, "order_filled=T_CASH, reminder=T_REMINDER"
    )

    found = wechat.book.template(NoticeKind.ORDER_FILLED)

    assert problems == []
    assert found is not None
    assert found.template_id == "T_CASH"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("order_filled=T_NOWHERE", "没有模板 T_NOWHERE"),
        ("order_fill=T_FILLED", "不认识的类型 order_fill"),
    ],
)
def test_a_wrong_setting_is_said(
    house: House,
    config: Config,
    sqlite_database: Database,
    wall: FrozenClock,
    outbox: Outbox,
    setting: str,
    words: str,
) -> None:
    """A mistyped kind and an unknown id are named."""
    problems, _wechat = ensured(config, sqlite_database, wall, outbox, setting)

    assert any(words in problem for problem in problems)


@pytest.mark.parametrize(
    "content",
    [
        "金额:{{amount1.DATA}}\n时间:{{time2.DATA}}",
        "编号:{{character_string1.DATA}}",
        "一:{{thing1.DATA}}\n二:{{thing2.DATA}}\n三:{{thing3.DATA}}",
        "{{first.DATA}}\n成交:{{keyword1.DATA}}\n{{remark.DATA}}",
        "没有字段",
    ],
)
def test_a_template_that_wants_figures_is_not_used(
    wechat: WeChat, platform: FakePlatform, content: str
) -> None:
    """A field that no notice fills without figures makes a template unusable; one is added."""
    standing = [template("T_OLD", "成交通知", content)]

    def add(asked: Asked) -> Any:
        assert asked.json["keyword_name_list"]
        fresh = template(f"T_NEW{len(standing)}", asked.json["template_id_short"], ORDER)
        standing.append(fresh)
        return {"errcode": 0, "template_id": fresh["template_id"]}

    platform.reply(
        "/cgi-bin/template/get_all_private_template", lambda _asked: {"template_list": standing}
    )
    platform.reply("/cgi-bin/template/api_add_template", add)

    assert wechat.book.ensure() == []
    found = wechat.book.template(NoticeKind.ORDER_FILLED)
    assert found is not None
    assert found.template_id.startswith("T_NEW")


def test_without_any_template_an_operator_is_told(wechat: WeChat, platform: FakePlatform) -> None:
    """A library that gives none leaves one sentence per kind."""
    platform.reply("/cgi-bin/template/get_all_private_template", {"template_list": []})
    platform.reply("/cgi-bin/template/api_add_template", {"errcode": 40037, "errmsg": "x"})

    problems = wechat.book.ensure()

    assert len(problems) == len(NoticeKind)
    assert "成交通知: 没有可用的模板" in problems[0]


def test_a_missing_template_is_not_asked_for_all_the_time(
    wechat: WeChat, platform: FakePlatform, wall: FrozenClock
) -> None:
    """After a search that found nothing the platform is left alone for ten minutes."""
    platform.reply("/cgi-bin/template/get_all_private_template", {"template_list": []})
    platform.reply("/cgi-bin/template/api_add_template", {"errcode": 40037, "errmsg": "x"})
    problems = wechat.book.ensure()
    asked = len(platform.asked)

    assert wechat.book.ensure() == problems
    assert len(platform.asked) == asked
    wall.advance(timedelta(minutes=11))
    wechat.book.ensure()
    assert len(platform.asked) > asked
