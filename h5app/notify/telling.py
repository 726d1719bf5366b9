"""Facts of other rooms become notices: one each, no amount and no code in what is public."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from h5app.counter.model import CashMoved, OrderCancelled, OrderFilled, OrderRefused
from h5app.identity.model import (
    CustomerBound,
    CustomersMerged,
    CustomerUnbound,
    SignedInOnNewDevice,
)
from h5app.kernel.event import Event
from h5app.kernel.money import amount_fen, fen_text, milli_text
from h5app.market.model import AlertFired
from h5app.notify.model import Fields, Notice, NoticeKind, masked_name
from h5app.notify.privacy import is_private
from h5app.notify.service import Notifier
from h5app.wealth.model import ReminderDue, RemindersGathered

SIDES = {"buy": "买入", "sell": "卖出"}
UNNAMED = "证券"
"""What stands for a security whose name is not known: never its code."""
ORDERS_PATH = "/trade/orders"
DEVICE_LENGTH_MAX = 20

ShortName = Callable[[str], str | None]
"""Gives the short name of a symbol; None when there is no such symbol."""


class Accounts(Protocol):
    """Who stands behind a fund account."""

    def customer_of_account(self, account_id: str) -> str | None:
        """Return the customer's id; None when nobody is bound."""
        ...


class Telling:
    """Takes facts and tells their customers; the same fact twice is told once.

    What happened to an account is told to whoever is bound to it; nobody is, nobody is told.
    """

    def __init__(self, notifier: Notifier, accounts: Accounts, short_name: ShortName) -> None:
        self._notifier = notifier
        self._accounts = accounts
        self._short_name = short_name

    def on_order_filled(self, fact: OrderFilled) -> None:
        """Tell that an order was filled, once nothing of it is open any more."""
        customer_id = self._accounts.customer_of_account(fact.account_id)
        if customer_id is None or not fact.is_complete:
            return
        self._notifier.tell(
            Notice(
                customer_id=customer_id,
                kind=NoticeKind.ORDER_FILLED,
                title="成交通知",
                fields=(
                    ("证券", self._masked(fact.symbol)),
                    ("方向", SIDES.get(fact.side, "")),
                    ("状态", "全部成交"),
                    ("时间", moment_text(fact.at)),
                ),
                private_fields=(
                    ("证券名称", self._named(fact.symbol)),
                    ("最近一笔价格", f"{_price_text(fact.price_milli)} 元"),
                    ("最近一笔数量", f"{fact.quantity_shares} 股"),
                    (
                        "最近一笔金额",
                        f"{fen_text(amount_fen(fact.price_milli, fact.quantity_shares))} 元",
                    ),
                ),
                link_path=order_path(fact.client_order_id),
                dedupe_key=f"filled|{fact.account_id}|{fact.order_id}",
            )
        )

    def on_order_refused(self, fact: OrderRefused) -> None:
        """Tell that the exchange did not take an order (废单)."""
        public, private = _reason_fields(fact.reason)
        customer_id = self._accounts.customer_of_account(fact.account_id)
        if customer_id is None:
            return
        self._notifier.tell(
            Notice(
                customer_id=customer_id,
                kind=NoticeKind.ORDER_REFUSED,
                title="废单通知",
                fields=(
                    ("证券", self._masked(fact.symbol)),
                    ("状态", "废单"),
                    ("时间", moment_text(fact.at)),
                    *public,
                ),
                private_fields=(("证券名称", self._named(fact.symbol)), *private),
                link_path=order_path(fact.client_order_id),
                dedupe_key=f"refused|{fact.account_id}|{fact.order_id}",
            )
        )

    def on_order_cancelled(self, fact: OrderCancelled) -> None:
        """Tell that the rest of an order is gone."""
        public, private = _reason_fields(fact.reason)
        customer_id = self._accounts.customer_of_account(fact.account_id)
        if customer_id is None:
            return
        self._notifier.tell(
            Notice(
                customer_id=customer_id,
                kind=NoticeKind.ORDER_CANCELLED,
                title="撤单通知",
                fields=(
                    ("证券", self._masked(fact.symbol)),
                    ("状态", "部成已撤" if fact.filled_shares else "已撤单"),
                    ("时间", moment_text(fact.at)),
                    *public,
                ),
                private_fields=(
                    ("证券名称", self._named(fact.symbol)),
                    ("已成交数量", f"{fact.filled_shares} 股"),
                    *private,
                ),
                link_path=order_path(fact.client_order_id),
                dedupe_key=f"cancelled|{fact.account_id}|{fact.order_id}",
            )
        )

    def on_cash_moved(self, fact: CashMoved) -> None:
        """Tell that cash came or left other than by a trade."""
        came = fact.amount_fen >= 0
        customer_id = self._accounts.customer_of_account(fact.account_id)
        if customer_id is None:
            return
        self._notifier.tell(
            Notice(
                customer_id=customer_id,
                kind=NoticeKind.CASH_MOVED,
                title="资金变动",
                fields=(
                    ("事项", "资金转入" if came else "资金转出"),
                    ("状态", "已到账" if came else "已转出"),
                    ("时间", day_text(fact.on)),
                ),
                private_fields=(
                    ("金额", f"{fen_text(fact.amount_fen)} 元"),
                    *((("对方", fact.counterparty),) if fact.counterparty else ()),
                ),
                link_path="/trade/",
                dedupe_key=f"cash|{_digest(fact)}",
            )
        )

    def on_reminder_due(self, fact: ReminderDue) -> None:
        """Tell what comes due; a title with figures or a security in it is for the inbox only."""
        is_plain = not is_private(fact.title) and not fact.security_name
        concerns = f" {masked_name(fact.security_name)}" if fact.security_name else ""
        amount = fact.amount_fen
        self._notifier.tell(
            Notice(
                customer_id=fact.customer_id,
                kind=NoticeKind.REMINDER,
                title=f"{fact.class_label}提醒",
                fields=(
                    ("事项", fact.title if is_plain else fact.class_label + concerns),
                    ("日期", day_text(fact.due_on)),
                    ("剩余", left_text(fact.days_left)),
                ),
                private_fields=(
                    *(() if is_plain else (("名称", fact.title),)),
                    *((("证券名称", fact.security_name),) if fact.security_name else ()),
                    *((("金额", f"{fen_text(amount)} 元"),) if amount is not None else ()),
                ),
                link_path=f"/wealth/entries/{quote(fact.entry_ref, safe='')}"
                f"?on={fact.occurrence_on.isoformat()}",
                dedupe_key=_short_key("reminder", fact.reminder_key),
            )
        )

    def on_reminders_gathered(self, fact: RemindersGathered) -> None:
        """Tell several things that come due in one message; what they are is for the inbox."""
        self._notifier.tell(
            Notice(
                customer_id=fact.customer_id,
                kind=NoticeKind.REMINDER,
                title="理财日历提醒",
                fields=(
                    ("事项", f"{fact.count}项:{fact.class_labels}"),
                    ("日期", day_text(fact.due_on)),
                    ("剩余", left_text(fact.days_left)),
                ),
                private_fields=(("明细", fact.titles),),
                link_path="/wealth/",
                dedupe_key=_short_key("digest", fact.digest_key),
            )
        )

    def on_alert_fired(self, fact: AlertFired) -> None:
        """Tell that what a customer waited for in the market is so; the figures are for the inbox.

        Each firing of an alert is a notice of its own: it may be armed again.
        """
        value = fact.value_milli
        self._notifier.tell(
            Notice(
                customer_id=fact.customer_id,
                kind=NoticeKind.ALERT,
                title="行情提醒",
                fields=(
                    ("证券", self._masked(fact.symbol)),
                    ("事项", "您设置的行情提醒已触发"),
                    ("时间", moment_text(fact.at)),
                ),
                private_fields=(
                    ("证券名称", self._named(fact.symbol)),
                    ("条件", fact.condition),
                    *((("最新价", f"{_price_text(value)} 元"),) if value is not None else ()),
                    *((("公告", fact.title),) if fact.title else ()),
                ),
                link_path=f"/market/{quote(fact.symbol, safe='')}",
                dedupe_key=f"alert|{fact.alert_id}|{fact.firing}",
            )
        )

    def on_customer_bound(self, fact: CustomerBound) -> None:
        """Tell that a fund account was bound; this cannot be switched off."""
        self._tell_security(
            fact.customer_id,
            title="账户绑定提醒",
            fields=(("事项", "资金账号已绑定微信"), ("时间", moment_text(fact.at))),
            private_fields=(("资金账号", f"****{fact.account_id[-4:]}"),),
            dedupe_key=_short_key("bound", _digest(fact)),
        )

    def on_customer_unbound(self, fact: CustomerUnbound) -> None:
        """Tell the WeChat user who lost the account, and the account's own customer.

        Where another WeChat user took the place the account's customer was told of the binding.
        """
        subject = "资金账号已在新的微信绑定" if fact.was_replaced else "资金账号已解除绑定"
        told = {fact.openid_customer_id}
        if not fact.was_replaced:
            told.add(fact.customer_id)
        for customer_id in sorted(told - {""}):
            self._tell_security(
                customer_id,
                title="解除绑定提醒",
                fields=(("事项", subject), ("时间", moment_text(fact.at))),
                private_fields=(("资金账号", f"****{fact.account_id[-4:]}"),),
                dedupe_key=_short_key("unbound", _digest(fact)),
            )

    def on_new_device(self, fact: SignedInOnNewDevice) -> None:
        """Tell that somebody signed in on a device that was not known."""
        device = fact.device[:DEVICE_LENGTH_MAX]
        self._tell_security(
            fact.customer_id,
            title="新设备登录提醒",
            fields=(("事项", "新设备登录"), ("时间", moment_text(fact.at))),
            private_fields=(("设备", device),) if device else (),
            dedupe_key=_short_key("device", _digest(fact)),
        )

    def on_customers_merged(self, fact: CustomersMerged) -> None:
        """Move what was told; what was switched off is for the remaining customer to say."""
        self._notifier.inbox.move(fact.from_customer_id, fact.to_customer_id)
        self._notifier.wishes.forget(fact.from_customer_id)

    def _tell_security(
        self,
        customer_id: str,
        *,
        title: str,
        fields: Fields,
        private_fields: Fields,
        dedupe_key: str,
    ) -> None:
        self._notifier.tell(
            Notice(
                customer_id=customer_id,
                kind=NoticeKind.SECURITY,
                title=title,
                fields=(*fields, ("说明", "如非本人操作请立即联系客服")),
                private_fields=private_fields,
                link_path="/me/",
                dedupe_key=dedupe_key,
            )
        )

    def _masked(self, symbol: str) -> str:
        name = self._short_name(symbol)
        return masked_name(name) if name else UNNAMED

    def _named(self, symbol: str) -> str:
        return f"{self._short_name(symbol) or UNNAMED} {symbol}"


def order_path(client_order_id: str) -> str:
    """Return the page of one order."""
    return f"{ORDERS_PATH}/{quote(client_order_id, safe='')}"


def moment_text(at: datetime) -> str:
    """Return a moment as notices write it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def day_text(on: date) -> str:
    """Return a day as notices write it."""
    return f"{on.year}年{on.month}月{on.day}日"


def left_text(days_left: int) -> str:
    """Return how long there is still."""
    if days_left < 0:
        return "已过期"
    return ("今天", "明天")[days_left] if days_left < 2 else f"还有{days_left}天"  # noqa: PLR2004


def _price_text(price_milli: int) -> str:
    """Return a price with three decimals only where the third says something."""
    return milli_text(price_milli, 3 if price_milli % 10 else 2)


def _reason_fields(reason: str) -> tuple[Fields, Fields]:
    """Return the reason as a public or as a private field."""
    fields: Fields = (("原因", reason),) if reason else ()
    return ((), fields) if is_private(reason) else (fields, ())


def _digest(fact: Event) -> str:
    body = json.dumps(fact.as_plain(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _short_key(kind: str, key: str) -> str:
    """Return a key within its length; a long one by its digest."""
    whole = f"{kind}|{key}"
    is_short = len(whole) <= 100  # noqa: PLR2004 - within DEDUPE_KEY_LENGTH_MAX
    return whole if is_short else f"{kind}|{hashlib.sha256(key.encode()).hexdigest()}"
