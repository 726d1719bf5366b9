"""Facts become notices: one each, private figures apart, the link to the page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from h5app.counter.model import CashMoved, OrderCancelled, OrderFilled, OrderRefused
from h5app.identity.model import CustomerBound, CustomersMerged, SignedInOnNewDevice
from h5app.market.model import AlertFired
from h5app.notify.model import InboxEntry, NoticeKind, Preferences
from h5app.notify.privacy import is_private
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from h5app.wealth.model import ReminderDue
from tests.notify.conftest import AT, FakeChannel, People

FILLED = OrderFilled(
    account_id="10000001",
    order_id=700001,
    client_order_id="7f1d/2c",
    fill_id=1,
    symbol="510300.SH",
    side="sell",
    price_milli=4_125,
    quantity_shares=1_000,
    is_complete=True,
    at=AT,
)
REFUSED = OrderRefused(
    account_id="10000001",
    order_id=700002,
    client_order_id="a",
    symbol="600519.SH",
    reason="可用资金不足, 还差 1,234.56 元",
    at=AT,
)
CANCELLED = OrderCancelled(
    account_id="10000001",
    order_id=700003,
    client_order_id="b",
    symbol="600519.SH",
    filled_shares=0,
    reason="收盘未成交",
    at=AT,
)
MOVED = CashMoved(
    account_id="10000001",
    amount_fen=-500_000,
    transfer_kind="withdraw",
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
    entry_ref="own-7",
    occurrence_on=date(2026, 12, 3),
    amount_fen=350_000,
)
ALERT = AlertFired(
    customer_id="c1",
    alert_id="a1",
    firing=1,
    symbol="600519.SH",
    condition="价格涨到 1500.00 元",
    value_milli=1_500_100,
    title="",
    at=AT,
)
NAMES = {"600519.SH": "贵州茅台", "510300.SH": "沪深300ETF"}


@pytest.fixture
def telling(notifier: Notifier, people: People) -> Telling:
    """What turns facts into notices."""
    return Telling(notifier, people, NAMES.get)


def newest(notifier: Notifier) -> InboxEntry:
    """Return the customer's newest notice."""
    return notifier.inbox.entries("c1")[0]


def test_a_fill_names_the_security_in_private(telling: Telling, notifier: Notifier) -> None:
    """Public: masked name, side, state, time. Private: name, code, price, quantity, amount."""
    telling.on_order_filled(FILLED)

    told = newest(notifier)
    assert told.kind is NoticeKind.ORDER_FILLED
    assert dict(told.fields) == {
        "证券": "沪*300ETF",
        "方向": "卖出",
        "状态": "全部成交",
        "时间": "2026-11-24 14:35:03",
    }
    assert dict(told.private_fields) == {
        "证券名称": "沪深300ETF 510300.SH",
        "最近一笔价格": "4.125 元",
        "最近一笔数量": "1000 股",
        "最近一笔金额": "4125.00 元",
    }
    assert told.link_path == "/trade/orders/7f1d%2F2c"


def test_an_order_is_told_when_it_is_done(telling: Telling, notifier: Notifier) -> None:
    """A part of an order is no notice; its last fill is one, however often the fact comes."""
    telling.on_order_filled(replace(FILLED, is_complete=False))
    assert notifier.inbox.entries("c1") == []

    telling.on_order_filled(replace(FILLED, fill_id=2))
    telling.on_order_filled(replace(FILLED, fill_id=2))
    assert len(notifier.inbox.entries("c1")) == 1


def test_a_reason_with_figures_is_private(telling: Telling, notifier: Notifier) -> None:
    """A refusal's own words may hold an amount: then they are for the inbox only."""
    telling.on_order_refused(REFUSED)

    told = newest(notifier)
    assert dict(told.fields)["状态"] == "废单"
    assert "原因" not in dict(told.fields)
    assert dict(told.private_fields)["原因"].endswith("1,234.56 元")


@pytest.mark.parametrize(("filled", "state"), [(0, "已撤单"), (300, "部成已撤")])
def test_a_cancelled_order_says_how_much_of_it_was_done(
    telling: Telling, notifier: Notifier, filled: int, state: str
) -> None:
    """Cancelled in whole or in part, in words that hold no number."""
    telling.on_order_cancelled(replace(CANCELLED, filled_shares=filled))

    told = newest(notifier)
    assert dict(told.fields)["状态"] == state
    assert dict(told.fields)["原因"] == "收盘未成交"
    assert dict(told.private_fields)["已成交数量"] == f"{filled} 股"


@pytest.mark.parametrize(("amount_fen", "words"), [(100, "资金转入"), (-100, "资金转出")])
def test_cash_says_which_way(
    telling: Telling, notifier: Notifier, amount_fen: int, words: str
) -> None:
    """In or out in public, the amount in private."""
    telling.on_cash_moved(replace(MOVED, amount_fen=amount_fen))

    told = newest(notifier)
    assert dict(told.fields)["事项"] == words
    assert "1.00 元" in dict(told.private_fields)["金额"]


def test_two_equal_movements_of_a_day_are_two(telling: Telling, notifier: Notifier) -> None:
    """The same movement twice is told once; another of the same amount is told, too."""
    for key in ("a", "a", "b"):
        telling.on_cash_moved(replace(MOVED, movement_key=key))

    assert len(notifier.inbox.entries("c1")) == 2


def test_an_alert_of_the_market_is_told_once_for_each_firing(
    telling: Telling, notifier: Notifier
) -> None:
    """Code, condition and price are private; armed again it is another notice."""
    for fact in (ALERT, ALERT, replace(ALERT, firing=2)):
        telling.on_alert_fired(fact)

    first, _ = notifier.inbox.entries("c1")
    assert (first.title, first.kind) == ("行情提醒", NoticeKind.ALERT)
    assert "600519" not in str(first.fields)
    assert dict(first.private_fields) == {
        "证券名称": "贵州茅台 600519.SH",
        "条件": "价格涨到 1500.00 元",
        "最新价": "1500.10 元",
    }
    assert first.link_path == "/market/600519.SH"


def test_a_reminder_says_what_and_when(telling: Telling, notifier: Notifier) -> None:
    """还款提醒 with its title, day and days left; the amount is private."""
    telling.on_reminder_due(DUE)
    telling.on_reminder_due(DUE)

    (told,) = notifier.inbox.entries("c1")
    assert told.title == "还款提醒"
    assert dict(told.fields) == {"事项": "房贷扣款", "日期": "2026年12月3日", "剩余": "还有5天"}
    assert dict(told.private_fields) == {"金额": "3500.00 元"}
    assert told.link_path == "/wealth/entries/own-7?on=2026-12-03"


@pytest.mark.parametrize(
    ("title", "security", "public"),
    [
        ("信用卡 尾号88881", "", "还款"),
        ("还王五 2000元", "", "还款"),
        ("贵州茅台 除权除息", "贵州茅台", "还款 贵*茅台"),
    ],
)
def test_a_title_with_figures_or_a_security_is_private(
    telling: Telling, notifier: Notifier, title: str, security: str, public: str
) -> None:
    """Its class is told outside, its own words in the inbox."""
    telling.on_reminder_due(replace(DUE, title=title, security_name=security))

    told = newest(notifier)
    assert dict(told.fields)["事项"] == public
    assert dict(told.private_fields)["名称"] == title


@pytest.mark.parametrize(
    ("days", "words"), [(0, "今天"), (1, "明天"), (2, "还有2天"), (-1, "已过期")]
)
def test_days_left_in_words(telling: Telling, notifier: Notifier, days: int, words: str) -> None:
    """Today, tomorrow, or how many days."""
    telling.on_reminder_due(replace(DUE, days_left=days))

    assert dict(newest(notifier).fields)["剩余"] == words


def test_a_binding_and_a_new_device_are_about_safety(
    telling: Telling, notifier: Notifier, channel: FakeChannel
) -> None:
    """They go out whatever is switched off, and say what to do."""
    notifier.wishes.keep("c1", Preferences(kinds_off=frozenset(NoticeKind)))
    telling.on_customer_bound(
        CustomerBound(customer_id="c1", account_id="10000001", openid="o1", at=AT)
    )
    telling.on_new_device(
        SignedInOnNewDevice(customer_id="c1", account_id="10000001", device="iPhone", at=AT)
    )
    notifier.deliver_due()

    assert [one.kind for one, _recipient in channel.sent] == [NoticeKind.SECURITY] * 2
    assert all("请立即联系客服" in one.text("说明") for one, _recipient in channel.sent)


def test_nobody_bound_is_nobody_told(telling: Telling, notifier: Notifier) -> None:
    """An account without a customer has no inbox."""
    telling.on_order_filled(replace(FILLED, account_id="99999999"))
    telling.on_cash_moved(replace(MOVED, account_id="99999999"))

    assert notifier.waiting() == 0


def test_an_unknown_security_never_shows_its_code(telling: Telling, notifier: Notifier) -> None:
    """Without a name the public field says 证券."""
    telling.on_order_filled(replace(FILLED, symbol="688999.SH"))

    assert dict(newest(notifier).fields)["证券"] == "证券"


FACTS: dict[str, Callable[[Telling], None]] = {
    "filled": lambda telling: telling.on_order_filled(FILLED),
    "refused": lambda telling: telling.on_order_refused(REFUSED),
    "cancelled": lambda telling: telling.on_order_cancelled(CANCELLED),
    "moved": lambda telling: telling.on_cash_moved(MOVED),
    "due": lambda telling: telling.on_reminder_due(DUE),
}


@pytest.mark.parametrize("name", FACTS)
def test_public_words_hold_no_figures(telling: Telling, notifier: Notifier, name: str) -> None:
    """Whatever the fact, its title and public fields may be seen by anybody."""
    FACTS[name](telling)

    told = newest(notifier)
    assert not is_private(told.title)
    assert [text for _label, text in told.fields if is_private(text)] == []


@pytest.mark.parametrize(
    "text",
    ["1,234元", "600519", "10.25", "¥8", "200股", "3手", "0.85%", "二百股", "尾号88881", "12万"],
)
def test_figures_are_recognised(text: str) -> None:
    """Amounts, prices, quantities, codes and account numbers are private."""
    assert is_private(f"您的{text}")


@pytest.mark.parametrize(
    "text",
    ["2026-11-24 14:35:03", "12月3日", "2026年12月3日", "还有5天", "贵*茅台", "沪*300ETF", "买入"],
)
def test_dates_and_names_are_not_figures(text: str) -> None:
    """Dates, times, days left and masked names may leave."""
    assert not is_private(text)


def test_merged_customers_find_their_notices(telling: Telling, notifier: Notifier) -> None:
    """After binding, what the openid was told stands in the account's inbox."""
    telling.on_reminder_due(replace(DUE, customer_id="openid-customer"))
    notifier.wishes.keep("openid-customer", Preferences(shows_private=True))

    telling.on_customers_merged(
        CustomersMerged(from_customer_id="openid-customer", to_customer_id="c1")
    )

    assert len(notifier.inbox.entries("c1")) == 1
    assert not notifier.wishes.of("openid-customer").shows_private
