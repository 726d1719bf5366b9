"""Orders and fills: lists of a day, one order that moves by itself, taking back one or all."""

from typing import Any

from flask import Blueprint, Response, request

from h5app.counter.model import DaySpan
from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, request_asks_json, see_other, wants_json
from h5app.trading.model import CustomerOrder
from h5app.trading.past import ROWS_MAX
from h5app.trading.ports import Prices
from h5app.trading.replies import (
    CancellationsReply,
    FillsReply,
    Named,
    OrderEnvelope,
    OrdersReply,
    RefusedCancel,
    fill_reply,
    order_reply,
)
from h5app.trading.service import CancelledAll, Trading
from h5app.trading.views_page import day_of_request, days_around, said, span_of_request
from h5app.trading.wording import PERMISSION_MISSING, order_sentence, outcome_of, side_label

ON = ("on", "YYYY-MM-DD,默认今天")
SPAN = (("first", "YYYY-MM-DD,与 last 一起给出一段日期"), ("last", "YYYY-MM-DD"))


class OrderPages:
    """Draws orders."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def one(self, order: CustomerOrder, error: AppError | None = None) -> Response:
        """Draw one order: what became of it and what is next."""
        named = Named(self._prices)
        return render(
            "trading/order.html",
            error.status if error else 200,
            order=order,
            outcome=outcome_of(order, named),
            named=named,
            sentence=order_sentence(order.entry.order, named),
            side_label=side_label,
            lacks_permission=order.entry.reason_code == PERMISSION_MISSING,
            error=error,
            is_private=True,
        )

    def cancelling(self, order: CustomerOrder) -> Response:
        """Draw the question before an order is taken back."""
        named = Named(self._prices)
        return render(
            "trading/cancellation.html",
            order=order,
            sentence=order_sentence(order.entry.order, named),
            named=named,
            is_private=True,
        )

    def cancelling_all(self, orders: list[CustomerOrder]) -> Response:
        """Draw the question before every open order is taken back."""
        named = Named(self._prices)
        rows = [
            (order, order_sentence(order.entry.order, named))
            for order in orders
            if order.may_cancel
        ]
        return render("trading/cancellations.html", rows=rows, named=named, is_private=True)


def add_routes(room: Blueprint, trading: Trading, prices: Prices) -> None:
    """Add the addresses of orders and fills."""
    pages = OrderPages(prices)
    _add_lists(room, trading, prices)
    _add_one(room, trading, prices, pages)
    _add_cancellations(room, trading, pages)


def _add_lists(room: Blueprint, trading: Trading, prices: Prices) -> None:
    @room.get("/orders")
    @operation("某日委托,新的在前", reply=OrdersReply, query=(ON, *SPAN), errors=(401, 403, 422))
    @requires(Tier.STEPPED_UP)
    def orders() -> Response:
        account, span, named = visitor().account, span_of_request(prices), Named(prices)
        on = span.last if span else day_of_request(prices)
        found = trading.past.orders(account, span) if span else trading.orders_on(account, on)
        if wants_json():
            return json_reply(OrdersReply(on, [order_reply(each, named) for each in found]))
        shows_open = request.args.get("show") == "open"
        return render(
            "trading/orders.html",
            orders=[each for each in found if each.may_cancel or not shows_open],
            shows_open=shows_open,
            cancellable=sum(each.may_cancel for each in found),
            is_moving=any(each.is_moving for each in found),
            said=said(),
            refused=_count("refused"),
            **_day_values(prices, named, span),
        )

    @room.get("/fills")
    @operation("某日成交,新的在前", reply=FillsReply, query=(ON, *SPAN), errors=(401, 403, 422))
    @requires(Tier.STEPPED_UP)
    def fills() -> Response:
        account, span, named = visitor().account, span_of_request(prices), Named(prices)
        on = span.last if span else day_of_request(prices)
        found = trading.past.fills(account, span) if span else trading.fills_on(account, on)
        if wants_json():
            return json_reply(FillsReply(on, [fill_reply(each, named) for each in found]))
        return render("trading/fills.html", fills=found, **_day_values(prices, named, span))


def _day_values(prices: Prices, named: Named, span: DaySpan | None) -> dict[str, Any]:
    on = span.last if span else day_of_request(prices)
    return {
        "on": on,
        "span": span,
        "rows_max": ROWS_MAX,
        "today": prices.today(),
        "days": days_around(prices, on),
        "named": named,
        "side_label": side_label,
        "is_private": True,
    }


def _add_one(room: Blueprint, trading: Trading, prices: Prices, pages: OrderPages) -> None:
    @room.get("/orders/<reference>")
    @operation(
        "一笔委托: client_order_id 或柜台委托号", reply=OrderEnvelope, errors=(401, 403, 404)
    )
    @requires(Tier.STEPPED_UP)
    def order(reference: str) -> Response:
        found = trading.order(visitor().account, reference)
        return _order_answer(found, prices, pages)

    @room.get("/orders/<reference>/cancellation")
    @requires(Tier.STEPPED_UP)
    def ask_cancel(reference: str) -> Response:
        found = trading.order(visitor().account, reference)
        if not found.may_cancel:
            return see_other(f"/trade/orders/{reference}")
        return pages.cancelling(found)

    @room.post("/orders/<reference>/cancellation")
    @operation(
        "撤单: 只是请求,可能仍会成交;可以重复",
        reply=OrderEnvelope,
        errors=(400, 401, 403, 404, 409, 422, 503),
    )
    @requires(Tier.STEPPED_UP)
    def cancel(reference: str) -> Response:
        account = visitor().account
        if request_asks_json():
            found = trading.cancel_order(account, reference)
            return json_reply(OrderEnvelope(order_reply(found, Named(prices))))
        found = trading.order(account, reference)
        try:
            trading.cancel_order(account, reference)
        except AppError as refused:
            return pages.one(found, refused)
        return see_other(f"/trade/orders/{reference}")


def _order_answer(found: CustomerOrder, prices: Prices, pages: OrderPages) -> Response:
    if wants_json():
        return json_reply(OrderEnvelope(order_reply(found, Named(prices))))
    return pages.one(found)


def _add_cancellations(room: Blueprint, trading: Trading, pages: OrderPages) -> None:
    @room.get("/cancellations")
    @requires(Tier.STEPPED_UP)
    def ask_cancel_all() -> Response:
        return pages.cancelling_all(trading.orders_today(visitor().account))

    @room.post("/cancellations")
    @operation(
        "全部撤单: 今天所有可撤的委托", reply=CancellationsReply, errors=(400, 401, 403, 503)
    )
    @requires(Tier.STEPPED_UP)
    def cancel_all() -> Response:
        done = trading.cancel_all(visitor().account)
        if request_asks_json():
            return json_reply(_cancelled_reply(done))
        word = "cancelled" if done.asked else "nothing"
        return see_other(f"/trade/orders?said={word}&refused={len(done.refused)}")


def _cancelled_reply(done: CancelledAll) -> CancellationsReply:
    refused = [
        RefusedCancel(each.entry.order.client_order_id, each.entry.reason) for each in done.refused
    ]
    return CancellationsReply(done.asked, refused)


def _count(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004
