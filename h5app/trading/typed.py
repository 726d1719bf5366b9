"""Reads tickets and orders out of forms and JSON, right or wrong, within bounds."""

from collections.abc import Mapping
from typing import Any

from flask import request

from h5app.counter.model import Side
from h5app.market.model import OrderKind
from h5app.plumbing.web import BadRequest, parsed_json
from h5app.trading.model import parse_client_order_id, parse_price, parse_quantity, parse_side
from h5app.trading.refusal import (
    BadClientOrderId,
    BadPrice,
    BadQuantity,
    BadSide,
    MalformedOrder,
)
from h5app.trading.ticketing import FIELD_CHARACTERS_MAX, TypedTicket, new_client_order_id


def fields_of_request() -> Mapping[str, object]:
    """Return the fields of a form or of a JSON object.

    Raises:
        MalformedOrder: The JSON is torn, nested too deeply, or no object.
    """
    if request.mimetype != "application/json":
        return dict(request.form)
    try:
        fields: dict[str, object] = parsed_json(dict[str, Any])
    except BadRequest as wrong:
        raise MalformedOrder(**wrong.details) from None
    return fields


def typed_ticket(fields: Mapping[str, object]) -> TypedTicket:
    """Return what was typed, as texts of bounded length.

    Raises:
        BadClientOrderId: The ticket carries no mark of its own.
    """

    def text(name: str, otherwise: str = "") -> str:
        return str(fields.get(name, otherwise)).strip()[:FIELD_CHARACTERS_MAX]

    return TypedTicket(
        client_order_id=parse_client_order_id(fields.get("client_order_id")),
        symbol=text("symbol"),
        side=text("side"),
        kind=text("kind", str(OrderKind.LIMIT)),
        price=text("price"),
        quantity=text("quantity"),
    )


def typed_or_new(fields: Mapping[str, object]) -> TypedTicket:
    """Return what was typed; a ticket whose mark is lost gets a new one: nothing is sent yet."""
    try:
        return typed_ticket(fields)
    except BadClientOrderId:
        return typed_ticket({**fields, "client_order_id": new_client_order_id()})


def side_or_buy(text: object) -> Side:
    """Return the side; buy where none is said."""
    try:
        return parse_side(text)
    except BadSide:
        return "buy"


def price_or_none(text: str) -> int | None:
    """Return a price as far as it can be read, unit milli-yuan."""
    try:
        return parse_price(text.strip())
    except BadPrice:
        return None


def quantity_or_none(text: str) -> int | None:
    """Return a quantity as far as it can be read, whole shares."""
    try:
        return parse_quantity(text.strip())
    except BadQuantity:
        return None
