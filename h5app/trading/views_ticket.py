"""The ticket's pages: what is typed, and the question before it is sent."""

from dataclasses import replace

from flask import Blueprint, Response, request

from h5app.identity.data_classes import DataClasses, Elsewhere
from h5app.identity.gate import requires, visitor
from h5app.identity.model import StepUpRequired, Tier
from h5app.kernel.error import AppError
from h5app.market.model import OrderKind
from h5app.plumbing.web import render, see_other
from h5app.trading.model import (
    PlaceOrder,
    parse_place_order,
    parse_traded_symbol,
    price_text,
)
from h5app.trading.ports import Prices
from h5app.trading.replies import Named
from h5app.trading.ticket import FRACTIONS
from h5app.trading.ticketing import Reach, Tickets, TypedTicket, typed_order
from h5app.trading.typed import price_or_none, side_or_buy, typed_or_new, typed_ticket
from h5app.trading.views_page import is_open, step_up_href
from h5app.trading.wording import side_label, wish_sentence

WRONG_FIELD = {
    "trading.bad_price": "price",
    "trading.bad_quantity": "quantity",
    "trading.bad_kind": "kind",
}
FRACTION_LABELS = ("全仓", "1/2", "1/3", "1/4")
assert len(FRACTION_LABELS) == len(FRACTIONS)


PLACE = "trading.place"
"""What an order's amount is weighed for."""


class TicketPages:
    """Draws the ticket and its confirmation."""

    def __init__(self, tickets: Tickets, prices: Prices, classes: DataClasses) -> None:
        self._tickets = tickets
        self._prices = prices
        self._classes = classes

    def form(self, typed: TypedTicket, error: AppError | None = None) -> Response:
        """Draw the ticket with what was typed; an error stands at the field it is about.

        Raises:
            BadSymbol: No such security.
        """
        side = side_or_buy(typed.side)
        terms = self._tickets.terms(parse_traded_symbol(typed.symbol))
        if not typed.price and typed.kind == OrderKind.LIMIT:
            typed = replace(typed, price=price_text(terms.suggested_milli(side)) or "")
        reach: Reach | None = None
        if is_open():
            price_milli = price_or_none(typed.price)
            reach = self._tickets.reach(visitor().account, terms, side, price_milli)
        return render(
            "trading/ticket.html",
            error.status if error else 200,
            typed=typed,
            side=side,
            side_label=side_label(side),
            terms=terms,
            reach=reach,
            fraction_labels=FRACTION_LABELS,
            unit=Named(self._prices).unit(terms.instrument.symbol),
            is_stale=self._prices.is_stale,
            error=error,
            wrong_field=WRONG_FIELD.get(error.code, "") if error else "",
            price_text=price_text,
            is_private=is_open(),
        )

    def weigh(self, order: PlaceOrder) -> None:
        """Let an order through that may be placed where this request comes from.

        Raises:
            Elsewhere: It is too large for WeChat; the ticket is kept, and its way leads on.
        """
        if not self._classes.is_weighed(PLACE):
            return
        account = visitor().account
        if self._tickets.is_placed(account, order.client_order_id):
            return  # A repeat gets the order that there is.
        path = f"/trade/confirmation/{order.client_order_id}"
        try:
            self._classes.weigh(PLACE, self._tickets.amount_fen(order), path)
        except Elsewhere:
            self._tickets.keep(account, typed_order(order))
            raise

    def confirmation(self, order: PlaceOrder, error: AppError | None = None) -> Response:
        """Draw the question before an order is sent: what will happen, in one sentence."""
        named = Named(self._prices)
        outlook = self._tickets.outlook(visitor().account, order)
        return render(
            "trading/confirmation.html",
            error.status if error else 200,
            order=order,
            side_label=side_label(order.side),
            sentence=wish_sentence(order, outlook.estimate, named),
            outlook=outlook,
            named=named,
            error=error,
            price_text=price_text,
            is_private=True,
        )


def add_routes(room: Blueprint, tickets: Tickets, pages: TicketPages) -> None:
    """Add the ticket's addresses."""
    _add_ticket(room, tickets, pages)
    _add_confirmation(room, tickets, pages)


def _add_ticket(room: Blueprint, tickets: Tickets, pages: TicketPages) -> None:
    @room.get("/ticket")
    @requires(Tier.BOUND)
    def ticket() -> Response:
        kept_id = request.args.get("ticket", "")
        if kept_id:
            return pages.form(_reopened(tickets, kept_id))
        side = side_or_buy(request.args.get("side"))
        symbol = request.args.get("symbol")
        if not symbol:
            return see_other(f"/trade/securities?side={side}")
        typed = tickets.new(parse_traded_symbol(symbol), side, request.args.get("price", ""))
        return pages.form(typed)

    @room.post("/ticket")
    @requires(Tier.BOUND)
    def keep() -> Response:
        # The ticket stays as it is while the trade password is asked for.
        typed = typed_ticket(request.form)
        tickets.keep(visitor().account, typed)
        return see_other(step_up_href(f"/trade/ticket?ticket={typed.client_order_id}"))


def _reopened(tickets: Tickets, client_order_id: str) -> TypedTicket:
    """Return a ticket that was left; one that became an order is private like the order."""
    account = visitor().account
    if not tickets.is_placed(account, client_order_id):
        return tickets.kept(account, client_order_id)
    if not is_open():
        raise StepUpRequired
    return tickets.again(account, client_order_id)


def _add_confirmation(room: Blueprint, tickets: Tickets, pages: TicketPages) -> None:
    @room.post("/confirmation")
    @requires(Tier.BOUND)
    def ask() -> Response:
        account = visitor().account
        typed = tickets.fresh(account, typed_or_new(request.form))
        try:
            parse_place_order(typed.as_fields())
        except AppError as wrong:
            return pages.form(typed, wrong)
        tickets.keep(account, typed)
        return see_other(f"/trade/confirmation/{typed.client_order_id}")

    @room.get("/confirmation/<client_order_id>")
    @requires(Tier.STEPPED_UP)
    def confirmation(client_order_id: str) -> Response:
        account = visitor().account
        if tickets.is_placed(account, client_order_id):
            return see_other(f"/trade/orders/{client_order_id}")
        typed = tickets.kept(account, client_order_id)
        try:
            order = parse_place_order(typed.as_fields())
        except AppError as wrong:
            return pages.form(typed, wrong)
        pages.weigh(order)
        return pages.confirmation(order)
