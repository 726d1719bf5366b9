"""Sentences about an order: what will happen, what happened, what is next."""

from dataclasses import dataclass

from flask_babel import gettext as _

from h5app.counter.model import OrderState, Side
from h5app.plumbing.format import shares, yuan
from h5app.trading.model import CustomerOrder, OrderWord, PlaceOrder
from h5app.trading.replies import Named
from h5app.trading.ticket import Estimate

PERMISSION_MISSING = "counter.permission_missing"
"""The counter's word for a board that the account may not buy yet (docs/errors.md)."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the result page says of an order. `kind`: ok, wait, warn or info."""

    kind: str
    title: str
    text: str


def say(text: str) -> str:
    """Return a sentence that came from elsewhere in the reader's language; "%" stays what it is."""
    return str(_(text)) if text else ""


def side_label(side: Side) -> str:
    """Return 买入 or 卖出."""
    return str(_("买入") if side == "buy" else _("卖出"))


def wish_sentence(order: PlaceOrder, figures: Estimate, named: Named) -> str:
    """Return in one sentence what will happen when the order is confirmed."""
    words = _words(order, named) | {
        "amount": yuan(figures.amount_fen),
        "fees": yuan(figures.fees.total_fen),
    }
    if not order.price_milli:
        return str(
            _(
                "以%(kind)s%(side)s %(name)s %(quantity)s %(unit)s，"
                "约 %(amount)s 元，预计费用 %(fees)s 元",
                **words,
            )
        )
    return str(
        _(
            "以每%(unit)s %(price)s 元%(side)s %(name)s %(quantity)s %(unit)s，"
            "约 %(amount)s 元，预计费用 %(fees)s 元",
            **words,
        )
    )


def order_sentence(order: PlaceOrder, named: Named) -> str:
    """Return the order itself in one sentence."""
    words = _words(order, named)
    if not order.price_milli:
        return str(_("%(kind)s%(side)s %(name)s %(quantity)s %(unit)s", **words))
    return str(_("%(price)s 元%(side)s %(name)s %(quantity)s %(unit)s", **words))


def _words(order: PlaceOrder, named: Named) -> dict[str, str]:
    return {
        "side": side_label(order.side),
        "kind": str(_(order.kind.label)),
        "price": named.price(order.symbol, order.price_milli),
        "name": named.name(order.symbol),
        "quantity": shares(order.quantity_shares),
        "unit": str(_(named.unit(order.symbol))),
    }


def outcome_of(order: CustomerOrder, named: Named) -> Outcome:
    """Return what became of an order."""
    if order.state is None:
        return _before_the_counter(order)
    kind, title, text = _OUTCOMES[order.state]
    filled = _(
        "已成交 %(filled)s %(unit)s，均价 %(price)s 元",
        filled=shares(order.filled_shares),
        unit=_(named.unit(order.entry.order.symbol)),
        price=named.price(order.entry.order.symbol, order.filled_price_milli),
    )
    said = [str(filled) if order.filled_shares else "", say(text), say(order.reason)]
    return Outcome(kind=kind, title=say(title), text="。".join(one for one in said if one))


def _before_the_counter(order: CustomerOrder) -> Outcome:
    word = order.entry.word
    if word is OrderWord.REFUSED:
        return Outcome(kind="warn", title=str(_("委托没有被接受")), text=say(order.entry.reason))
    if word is OrderWord.SUBMITTING:
        return Outcome(
            kind="wait",
            title=str(_("委托提交中")),
            text=str(_("正在等柜台回答，请勿重复提交")),
        )
    if word is OrderWord.UNKNOWN:
        return Outcome(
            kind="wait",
            title=str(_("结果未知，请勿重复提交")),
            text=str(_("柜台没有回答，系统正在查询，结果会自动显示在这里")),
        )
    return Outcome(
        kind="wait",
        title=str(_("柜台已接受")),
        text=str(_("柜台暂时没有回答，最新状态稍后自动显示")),
    )


_OUTCOMES = {
    OrderState.UNREPORTED: ("wait", "委托未报", "正在送往柜台"),
    OrderState.WAITING: ("wait", "委托待报", "正在排队报往交易所，休市时段的委托到时自动报出"),
    OrderState.REPORTED: ("ok", "委托已报", "等待成交，状态会自动更新"),
    OrderState.REPORTED_CANCELLING: ("wait", "已报待撤", "撤单已送出，等待结果"),
    OrderState.PARTLY_FILLED_CANCELLING: ("wait", "部成待撤", "撤单已送出，等待结果"),
    OrderState.PARTLY_CANCELLED: ("info", "部分成交，其余已撤", ""),
    OrderState.CANCELLED: ("info", "委托已撤", "没有成交，冻结的资金或股份已解冻"),
    OrderState.PARTLY_FILLED: ("ok", "部分成交", "其余等待成交，状态会自动更新"),
    OrderState.FILLED: ("ok", "全部成交", ""),
    OrderState.REJECTED: ("warn", "废单", "没有成交，冻结的资金或股份已解冻"),
}
