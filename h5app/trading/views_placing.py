"""POST /trade/orders: an order arrives, from a form or as JSON, once or often."""

from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import StepUpRequired, Tier
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.db import DatabaseBusy
from h5app.plumbing.log import request_id
from h5app.plumbing.web import error_reply, json_reply, request_asks_json, see_other
from h5app.trading.model import OrderWord, Placed, PlaceOrder, parse_place_order
from h5app.trading.ports import Prices
from h5app.trading.refusal import BadClientOrderId, OutcomeUnknown
from h5app.trading.replies import Named, OrderBody, OrderEnvelope, order_reply, placed_status
from h5app.trading.service import Trading
from h5app.trading.ticketing import Tickets
from h5app.trading.typed import fields_of_request, typed_or_new, typed_ticket
from h5app.trading.views_page import locked_page, path_of_request, step_up_href
from h5app.trading.views_ticket import TicketPages

_LISTS = {
    "trading.positions": "positions",
    "trading.orders": "orders",
    "trading.fills": "fills",
    "trading.funds": "funds",
    "trading.cash": "funds",
    "trading.profit": "positions",
}
"""Private lists are drawn locked; their tab by endpoint."""


def add_routes(room: Blueprint, trading: Trading, prices: Prices, pages: TicketPages) -> None:
    """Add the address that takes orders."""

    @room.post("/orders")
    @operation(
        "下单: 同一 client_order_id 只会是一笔委托;201 新委托,200 重复,202 结果未知,422 未被接受",
        request=OrderBody,
        reply=OrderEnvelope,
        errors=(400, 401, 403, 409, 422, 503),
    )
    @requires(Tier.STEPPED_UP)
    def place() -> Response:
        if request_asks_json():
            order = parse_place_order(fields_of_request())
            pages.weigh(order)
            return _placed_reply(trading.place_order(visitor().account, order), prices)
        return _placed_page(trading, pages)


def _placed_reply(placed: Placed, prices: Prices) -> Response:
    """Return the JSON of an order; a refused one carries its error beside it."""
    order = order_reply(placed.order, Named(prices))
    status = placed_status(placed)
    body: dict[str, object] = {"order": order}
    if placed.order.entry.word is OrderWord.REFUSED:
        error = {"code": order.reason_code, "message": order.reason, "details": {}}
        body |= {"error": error, "request_id": request_id.get()}
    response = json_reply(body, status)
    response.headers["Location"] = f"/trade/orders/{order.client_order_id}"
    return response


def _placed_page(trading: Trading, pages: TicketPages) -> Response:
    """Lead to the order's page; what cannot be sent comes back as it was typed."""
    fields = fields_of_request()
    try:
        order = parse_place_order(fields)
    except AppError as wrong:
        return pages.form(typed_or_new(fields), wrong)
    pages.weigh(order)
    return _sent(trading, pages, order)


def _sent(trading: Trading, pages: TicketPages, order: PlaceOrder) -> Response:
    try:
        trading.place_order(visitor().account, order)
    except DatabaseBusy as busy:
        # Nothing happened: the same button may be pressed again, with the same id.
        return pages.confirmation(order, busy)
    except OutcomeUnknown:
        pass  # The order's page goes on asking.
    return see_other(f"/trade/orders/{order.client_order_id}")


def install_step_up(room: Blueprint, tickets: Tickets) -> None:
    """Lead to the trade password and back, with the ticket kept and nothing private shown."""

    def step_up(refused: StepUpRequired) -> Response:
        if request_asks_json():
            return error_reply(refused)
        if request.method == "POST":
            return see_other(step_up_href(_back_from_post(tickets)))
        if request.endpoint in _LISTS:
            return locked_page(_LISTS[request.endpoint])
        return see_other(step_up_href(path_of_request()))

    room.register_error_handler(StepUpRequired, step_up)


def _back_from_post(tickets: Tickets) -> str:
    """Return where a form goes on that came too late; an order is asked for once more there."""
    if request.endpoint != "trading.place":
        return request.path  # Every other form has a page of the same address.
    try:
        typed = typed_ticket(request.form)
    except BadClientOrderId:
        return "/trade/"
    tickets.keep(visitor().account, typed)
    return f"/trade/confirmation/{typed.client_order_id}"
