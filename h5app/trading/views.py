"""Pages of trading: the way in, the choice of a security, the switches; the rest by noun."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.data_classes import DataClasses
from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.market.model import Instrument
from h5app.plumbing.api import operation
from h5app.plumbing.web import (
    error_reply,
    json_reply,
    render,
    request_asks_json,
    see_other,
    wants_json,
)
from h5app.trading import (
    views_cash,
    views_estimate,
    views_orders,
    views_placing,
    views_positions,
    views_profit,
    views_ticket,
)
from h5app.trading.ports import Prices
from h5app.trading.profit import CostMethod, Holding
from h5app.trading.refusal import (
    BadDay,
    BadMonth,
    BadSpan,
    BadSymbol,
    OrderConflict,
    OrderNotFound,
    TicketNotFound,
)
from h5app.trading.replies import Named
from h5app.trading.service import Trading
from h5app.trading.ticket import TicketWarning
from h5app.trading.ticketing import Tickets
from h5app.trading.typed import side_or_buy
from h5app.trading.views_page import is_open, said, step_up_href
from h5app.trading.views_positions import COST_METHOD, method_of
from h5app.trading.wording import say, side_label

WORDS_LENGTH_MAX = 40
ORDERS_ON_ENTRY = 5
REFUSALS = (BadDay, BadMonth, BadSpan, BadSymbol, OrderConflict, OrderNotFound, TicketNotFound)
"""Drawn with the ways on inside this room."""
NO_CLASSES = DataClasses()


class SecurityReply(msgspec.Struct, frozen=True):
    """One security that can be traded."""

    symbol: str
    name: str
    board: str


class SecuritiesReply(msgspec.Struct, frozen=True):
    """What fits the words, best first."""

    words: str
    found: list[SecurityReply]


def blueprint(
    trading: Trading, tickets: Tickets, prices: Prices, classes: DataClasses = NO_CLASSES
) -> Blueprint:
    """Return the pages of trading; `prices` is the market, `classes` what is done in WeChat."""
    room = Blueprint("trading", __name__, url_prefix="/trade")
    pages = views_ticket.TicketPages(tickets, prices, classes)
    _add_entry(room, trading, prices)
    _add_securities(room, trading, prices)
    _add_settings(room, trading)
    _add_permissions(room)
    views_ticket.add_routes(room, tickets, pages)
    views_estimate.add_routes(room, tickets)
    views_placing.add_routes(room, trading, prices, pages)
    views_orders.add_routes(room, trading, prices)
    views_positions.add_routes(room, trading, prices)
    views_cash.add_routes(room, trading, prices)
    views_profit.add_routes(room, trading, prices)
    views_placing.install_step_up(room, tickets)
    room.context_processor(lambda: {"say": say})
    for refusal in REFUSALS:
        room.register_error_handler(refusal, _refused)
    return room


def _refused(refused: AppError) -> Response:
    """Draw a refusal with the ways on inside this room."""
    if request_asks_json():
        return error_reply(refused)
    return render("trading/refused.html", refused.status, error=refused, is_private=is_open())


def _add_entry(room: Blueprint, trading: Trading, prices: Prices) -> None:
    @room.get("/")
    @requires(Tier.BOUND)
    def entry() -> Response:
        values: dict[str, Any] = {}
        if is_open():
            account = visitor().account
            found = trading.orders_today(account)
            values = {
                "assets": trading.assets(account),
                "orders": found[:ORDERS_ON_ENTRY],
                "cancellable": sum(each.may_cancel for each in found),
                "is_moving": any(each.is_moving for each in found),
            }
        return render(
            "trading/entry.html",
            is_open=is_open(),
            is_private=is_open(),
            step_up=step_up_href("/trade/"),
            named=Named(prices),
            side_label=side_label,
            **values,
        )


def _add_securities(room: Blueprint, trading: Trading, prices: Prices) -> None:
    @room.get("/securities")
    @operation(
        "找证券: 代码、名称或拼音首字母",
        reply=SecuritiesReply,
        query=(("words", "代码、名称或拼音首字母"),),
        errors=(401, 403),
    )
    @requires(Tier.BOUND)
    def securities() -> Response:
        words = request.args.get("words", "").strip()[:WORDS_LENGTH_MAX]
        found = [one for one in prices.search(words) if not one.is_index] if words else []
        if wants_json():
            return json_reply(SecuritiesReply(words, [_security(one) for one in found]))
        side = side_or_buy(request.args.get("side"))
        return render(
            "trading/securities.html",
            words=words,
            found=found,
            side=side,
            side_label=side_label(side),
            held=_held(trading) if is_open() else None,
            named=Named(prices),
            step_up=step_up_href(f"/trade/securities?side={side}"),
            is_private=is_open(),
        )


def _security(one: Instrument) -> SecurityReply:
    return SecurityReply(one.symbol, one.short_name, one.board.label)


def _held(trading: Trading) -> list[Holding]:
    rows = trading.assets(visitor().account).holdings
    return [row for row in rows if not row.is_closed]


def _add_settings(room: Blueprint, trading: Trading) -> None:
    @room.get("/settings")
    @requires(Tier.BOUND)
    def settings() -> Response:
        choices = trading.choices(visitor().account)
        return render(
            "trading/settings.html",
            warnings=[(one, choices.get(one.value) != "off") for one in TicketWarning],
            methods=list(CostMethod),
            method=method_of(choices),
            said=said(),
        )

    @room.post("/settings")
    @requires(Tier.BOUND)
    def choose() -> Response:
        chosen = {one.value: "on" if one.value in request.form else "off" for one in TicketWarning}
        method = request.form.get(COST_METHOD, "")
        if method in list(CostMethod):
            chosen[COST_METHOD] = method
        trading.choose(visitor().account, chosen)
        return see_other("/trade/settings?said=saved")


def _add_permissions(room: Blueprint) -> None:
    @room.get("/permissions")
    @requires(Tier.BOUND)
    def permissions() -> Response:
        """Say how a board is opened: by the institution, after it has looked at the customer."""
        return render("trading/permissions.html")
