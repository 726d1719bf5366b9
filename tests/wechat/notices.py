"""Facts, templates and people for the tests of the channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from h5app.counter.model import CashMoved, OrderCancelled, OrderFilled, OrderRefused
from h5app.identity.model import CustomerBound, SignedInOnNewDevice
from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.market.model import AlertFired
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from h5app.plumbing.db import Database
from h5app.wealth.model import ReminderDue
from h5app.wechat.service import WeChat
from tests.wechat.fake_platform import FakePlatform

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
        is_wechat = channel_name.startswith("wechat")
        return OPENID if customer_id == "c1" and is_wechat else None


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
            channels=wechat.channels,
            addresses=self.names,
        )
        wechat.template_jobs.results_to(self.notifier.record_result)
        self.telling = Telling(self.notifier, self.names, self.names.names.get)

    def sent(self) -> list[Any]:
        """Deliver what is due; return the bodies of all messages so far."""
        self.notifier.deliver_due()
        return [one.json for one in self.platform.calls(SEND)]

    def ways(self) -> list[tuple[str, str, str]]:
        """Return what became of the newest notice as a template message."""
        return self.all_ways()[:1]

    def all_ways(self) -> list[tuple[str, str, str]]:
        """Return what became of the newest notice by every way."""
        newest = self.notifier.inbox.entries("c1")[0]
        return self.notifier.deliveries(newest.notice_id)


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
ALERT = AlertFired(
    customer_id="c1",
    alert_id="a1",
    firing=1,
    symbol="600519.SH",
    condition="价格涨到 1688.00 元",
    value_milli=1_688_050,
    title="",
    at=AT,
)
BOUND = CustomerBound(customer_id="c1", account_id="10000001", openid=OPENID, at=AT)
DEVICE = SignedInOnNewDevice(customer_id="c1", account_id="10000001", device="iPhone", at=AT)

TELL: dict[str, Callable[[Telling], None]] = {
    "filled": lambda telling: telling.on_order_filled(FILLED),
    "refused": lambda telling: telling.on_order_refused(REFUSED),
    "cancelled": lambda telling: telling.on_order_cancelled(CANCELLED),
    "moved": lambda telling: telling.on_cash_moved(MOVED),
    "due": lambda telling: telling.on_reminder_due(DUE),
    "alert": lambda telling: telling.on_alert_fired(ALERT),
    "bound": lambda telling: telling.on_customer_bound(BOUND),
    "device": lambda telling: telling.on_new_device(DEVICE),
}
