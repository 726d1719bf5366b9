"""POST /trade/estimate: what a ticket would come to, asked while it is typed."""

from typing import Any

import msgspec
from flask import Blueprint, Response

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.money import fen_text
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, parsed_json
from h5app.trading.model import PlaceOrder, parse_kind, parse_side, parse_traded_symbol
from h5app.trading.ticket import Estimate
from h5app.trading.ticketing import Reach, Tickets
from h5app.trading.typed import price_or_none, quantity_or_none
from h5app.trading.views_page import is_open


class EstimateBody(msgspec.Struct):
    """A ticket as it is typed at this moment; what cannot be read yet counts as not typed."""

    symbol: str
    side: str
    kind: str = "limit"
    price: str = ""
    quantity: str = ""


class FeesReply(msgspec.Struct, frozen=True):
    """Fees by item, decimal text in yuan."""

    commission: str
    stamp: str
    transfer: str
    handling: str
    regulation: str
    total: str


class EstimateReply(msgspec.Struct, frozen=True):
    """What the typed ticket would come to; null where it cannot be said.

    Amounts are decimal text in yuan. `maximum`, `fractions` (all, 1/2, 1/3, 1/4) and `available`
    are the account's own and null until the trade password was given.
    """

    amount: str | None = None
    fees: FeesReply | None = None
    settled: str | None = None
    maximum: int | None = None
    fractions: list[int] = []
    available: str | None = None


def add_routes(room: Blueprint, tickets: Tickets) -> None:
    """Add the estimate's address."""

    @room.post("/estimate")
    @operation(
        "委托单试算: 金额、费用、可买可卖",
        request=EstimateBody,
        reply=EstimateReply,
        errors=(400, 401, 403, 422),
    )
    @requires(Tier.BOUND)
    def estimate() -> Response:
        body: EstimateBody = parsed_json(EstimateBody)
        account, side = visitor().account, parse_side(body.side)
        price_milli = price_or_none(body.price)
        terms = tickets.terms(parse_traded_symbol(body.symbol))
        values: dict[str, Any] = {}
        if is_open():
            values |= _reach(tickets.reach(account, terms, side, price_milli))
        order = _order(body, price_milli)
        if order is not None:
            values |= _figures(tickets.figures(account, order))
        return json_reply(EstimateReply(**values))


def _order(body: EstimateBody, price_milli: int | None) -> PlaceOrder | None:
    kind, quantity = parse_kind(body.kind), quantity_or_none(body.quantity)
    if quantity is None or (price_milli is None and not kind.is_market):
        return None
    return PlaceOrder(
        client_order_id="estimate",
        symbol=parse_traded_symbol(body.symbol),
        side=parse_side(body.side),
        kind=kind,
        price_milli=price_milli or 0,
        quantity_shares=quantity,
    )


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "maximum": reach.maximum_shares,
        "fractions": list(reach.fractions),
        "available": fen_text(reach.means.balances.available_fen),
    }


def _figures(found: Estimate) -> dict[str, Any]:
    fees = found.fees
    return {
        "amount": fen_text(found.amount_fen),
        "fees": FeesReply(
            commission=fen_text(fees.commission_fen),
            stamp=fen_text(fees.stamp_fen),
            transfer=fen_text(fees.transfer_fen),
            handling=fen_text(fees.handling_fen),
            regulation=fen_text(fees.regulation_fen),
            total=fen_text(fees.total_fen),
        ),
        "settled": fen_text(found.settled_fen),
    }
