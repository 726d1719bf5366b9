"""Words of the customer's side of an order: the wish, its journal entry, its outcome. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from h5app.counter.model import OrderReport, OrderRequest, OrderState, Side
from h5app.kernel.money import NotAnAmount, milli_from_text, milli_text
from h5app.kernel.symbol import NotASymbol, parse_symbol
from h5app.market.model import OrderKind
from h5app.trading.refusal import (
    BadClientOrderId,
    BadKind,
    BadPrice,
    BadQuantity,
    BadSide,
    BadSymbol,
)

PRICE_MILLI_MAX = 10**9
"""One million yuan; with QUANTITY_SHARES_MAX every amount fits a 64-bit column."""
QUANTITY_SHARES_MAX = 10**9
SIDES: tuple[Side, Side] = ("buy", "sell")

_CLIENT_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHOLE = re.compile(r"[0-9]{1,12}")


class OrderWord(StrEnum):
    """Trading's own states of an order, before and beside the counter's codes."""

    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The name on Chinese screens."""
        return _WORD_LABELS[self]

    @property
    def is_open_question(self) -> bool:
        """Whether the counter still has to be asked."""
        return self in {OrderWord.SUBMITTING, OrderWord.UNKNOWN}


_WORD_LABELS = {
    OrderWord.SUBMITTING: "提交中",
    OrderWord.ACCEPTED: "已接受",
    OrderWord.REFUSED: "废单",
    OrderWord.UNKNOWN: "结果未知",
}

WORD_MOVES: dict[OrderWord, frozenset[OrderWord]] = {
    OrderWord.SUBMITTING: frozenset({OrderWord.ACCEPTED, OrderWord.REFUSED, OrderWord.UNKNOWN}),
    OrderWord.UNKNOWN: frozenset({OrderWord.ACCEPTED, OrderWord.REFUSED}),
    # "Not here" was said twice after the settle time, and still it turned up: believe that.
    OrderWord.REFUSED: frozenset({OrderWord.ACCEPTED}),
    OrderWord.ACCEPTED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """What the customer wants, parsed; not yet judged by any rule of the market."""

    client_order_id: str
    symbol: str
    side: Side
    kind: OrderKind
    price_milli: int
    """Limit price or protection price; 0 where a market kind carries none."""
    quantity_shares: int

    @property
    def body_hash(self) -> str:
        """The same for one wish in any spelling ("10.5" and "10.50"), another for any other."""
        parts = (
            self.symbol,
            self.side,
            self.kind,
            str(self.price_milli),
            str(self.quantity_shares),
        )
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def request(self, account_id: str, at: datetime) -> OrderRequest:
        """Return the wish in the counter's words; `at` is a moment of the market clock."""
        return OrderRequest(
            account_id=account_id,
            client_order_id=self.client_order_id,
            symbol=self.symbol,
            side=self.side,
            kind=str(self.kind),
            price_milli=self.price_milli,
            quantity_shares=self.quantity_shares,
            at=at,
        )


def parse_place_order(fields: Mapping[str, object]) -> PlaceOrder:
    """Return the wish that a form or a JSON object describes.

    `price` is a decimal text; `quantity` a whole number, as text or as a JSON integer; `kind` may
    be left out and is then "limit". Fields that are not ours are left alone.

    Raises:
        BadClientOrderId: Not 1 to 64 letters, digits, - or _.
        BadSymbol: Not six digits and an exchange.
        BadSide: Neither buy nor sell.
        BadKind: Not a kind of order.
        BadPrice: Not a positive decimal text of at most three places.
        BadQuantity: Not a positive whole number.
    """
    kind = parse_kind(fields.get("kind", OrderKind.LIMIT))
    return PlaceOrder(
        client_order_id=parse_client_order_id(fields.get("client_order_id")),
        symbol=parse_traded_symbol(fields.get("symbol")),
        side=parse_side(fields.get("side")),
        kind=kind,
        price_milli=_parse_price_of(kind, fields.get("price")),
        quantity_shares=parse_quantity(fields.get("quantity")),
    )


def parse_client_order_id(value: object) -> str:
    """Return the id as it stands.

    Raises:
        BadClientOrderId: Not 1 to 64 letters, digits, - or _.
    """
    if not isinstance(value, str) or not _CLIENT_ORDER_ID.fullmatch(value):
        raise BadClientOrderId
    return value


def parse_traded_symbol(value: object) -> str:
    """Return the symbol in its one spelling.

    Raises:
        BadSymbol: Not six digits and an exchange.
    """
    try:
        return parse_symbol(value if isinstance(value, str) else "")
    except NotASymbol:
        raise BadSymbol from None


def parse_side(value: object) -> Side:
    """Return "buy" or "sell".

    Raises:
        BadSide: Anything else.
    """
    for side in SIDES:
        if isinstance(value, str) and value == side:
            return side
    raise BadSide


def parse_kind(value: object) -> OrderKind:
    """Return the kind of order.

    Raises:
        BadKind: Not one of market's words.
    """
    if isinstance(value, str) and value in set(OrderKind):
        return OrderKind(value)
    raise BadKind


def parse_price(value: object) -> int:
    """Return milli-yuan from a decimal text; a JSON number is refused, as it may be inexact.

    Raises:
        BadPrice: Not a positive decimal text of at most three places.
    """
    if not isinstance(value, str):
        raise BadPrice
    try:
        price_milli = milli_from_text(value)
    except NotAnAmount:
        raise BadPrice from None
    if not 0 < price_milli <= PRICE_MILLI_MAX:
        raise BadPrice
    return price_milli


def _parse_price_of(kind: OrderKind, value: object) -> int:
    if kind.is_market and (value is None or value == ""):
        return 0
    return parse_price(value)


def parse_quantity(value: object) -> int:
    """Return whole shares from a text of digits or a JSON integer.

    Raises:
        BadQuantity: Not a positive whole number, or beyond QUANTITY_SHARES_MAX.
    """
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadQuantity
    if not 0 < value <= QUANTITY_SHARES_MAX:
        raise BadQuantity
    return value


def price_text(price_milli: int | None) -> str | None:
    """Return a price as decimal text: two places, three where they say something."""
    if price_milli is None:
        return None
    return milli_text(price_milli, 2 if price_milli % 10 == 0 else 3)


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """What trading wrote down of one order: the wish, and the last answer it knows."""

    account_id: str
    order: PlaceOrder
    word: OrderWord
    order_id: int | None
    """The counter's number; None while there is none."""
    reason_code: str
    reason: str
    """Why it was refused, in Chinese; empty otherwise."""
    placed_at: datetime
    """Market clock."""
    placed_on: date
    sent_at: datetime
    """Wall clock, when the counter was called."""
    absences: int
    """How often the counter said that it has no such order, after the settle time."""


@dataclass(frozen=True, kw_only=True)
class CustomerOrder:
    """One order as its owner sees it: the journal's entry with the counter's report beside it."""

    entry: JournalEntry
    report: OrderReport | None = None

    @property
    def state(self) -> OrderState | None:
        """The counter's code; None while the counter has not taken the order."""
        return self.report.state if self.report else None

    @property
    def label(self) -> str:
        """The state in the field's words."""
        return self.report.state.label if self.report else self.entry.word.label

    @property
    def reason(self) -> str:
        """Why it ended or was refused; empty otherwise."""
        return self.report.reason if self.report else self.entry.reason

    @property
    def is_moving(self) -> bool:
        """Whether the state may change without the customer doing anything."""
        return not self.report.state.is_final if self.report else self.entry.word.is_open_question

    @property
    def may_cancel(self) -> bool:
        """Whether a cancel would be taken."""
        return self.report is not None and self.report.state.may_cancel

    @property
    def filled_shares(self) -> int:
        """Shares filled so far."""
        return self.report.filled_shares if self.report else 0

    @property
    def filled_price_milli(self) -> int | None:
        """成交均价, half up; None while nothing is filled."""
        if self.report is None or not self.report.filled_shares:
            return None
        shares = self.report.filled_shares
        return (2 * self.report.filled_amount_fen * 10 + shares) // (2 * shares)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The answer to a wish: the order, and whether this very call brought it about."""

    order: CustomerOrder
    is_repeat: bool


def entry_of(report: OrderReport) -> JournalEntry:
    """Return a journal's entry for an order that reached the counter past the journal."""
    order = PlaceOrder(
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        kind=OrderKind(report.kind),
        price_milli=report.price_milli,
        quantity_shares=report.quantity_shares,
    )
    return JournalEntry(
        account_id=report.account_id,
        order=order,
        word=OrderWord.ACCEPTED,
        order_id=report.order_id,
        reason_code="",
        reason="",
        placed_at=report.placed_at,
        placed_on=report.trading_day,
        sent_at=report.placed_at,
        absences=0,
    )
