"""The counter's words: requests, reports, states of an order, balances, positions and facts."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from h5app.kernel.event import Event

Side = Literal["buy", "sell"]
"""Direction of an order."""


class OrderState(StrEnum):
    """States of an order; the values are the codes of the Hengsheng UF2.0 counter, verbatim."""

    UNREPORTED = "0"
    WAITING = "1"
    REPORTED = "2"
    REPORTED_CANCELLING = "3"
    PARTLY_FILLED_CANCELLING = "4"
    PARTLY_CANCELLED = "5"
    CANCELLED = "6"
    PARTLY_FILLED = "7"
    FILLED = "8"
    REJECTED = "9"

    @property
    def label(self) -> str:
        """The state's name on Chinese screens."""
        return _STATE_LABELS[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected; a late fill or a bust may still move it."""
        return self in FINAL_STATES

    @property
    def may_cancel(self) -> bool:
        """Whether a cancel is taken: 2 and 7 at the venue, 1 locally."""
        return self in CANCELLABLE_STATES


_S = OrderState

_STATE_LABELS = {
    _S.UNREPORTED: "未报",
    _S.WAITING: "待报",
    _S.REPORTED: "已报",
    _S.REPORTED_CANCELLING: "已报待撤",
    _S.PARTLY_FILLED_CANCELLING: "部成待撤",
    _S.PARTLY_CANCELLED: "部撤",
    _S.CANCELLED: "已撤",
    _S.PARTLY_FILLED: "部成",
    _S.FILLED: "已成",
    _S.REJECTED: "废单",
}

FINAL_STATES = frozenset({_S.PARTLY_CANCELLED, _S.CANCELLED, _S.FILLED, _S.REJECTED})
OPEN_STATES = frozenset(OrderState) - FINAL_STATES
CANCELLABLE_STATES = frozenset({_S.WAITING, _S.REPORTED, _S.PARTLY_FILLED})
CANCELLING_STATES = frozenset({_S.REPORTED_CANCELLING, _S.PARTLY_FILLED_CANCELLING})

TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    _S.UNREPORTED: frozenset({_S.WAITING, _S.REPORTED, _S.CANCELLED, _S.REJECTED}),
    # A fill may overtake the acknowledgement: 1 goes straight to 7 or 8.
    _S.WAITING: frozenset({_S.REPORTED, _S.PARTLY_FILLED, _S.FILLED, _S.CANCELLED, _S.REJECTED}),
    _S.REPORTED: frozenset(
        {_S.REPORTED_CANCELLING, _S.PARTLY_FILLED, _S.FILLED, _S.CANCELLED, _S.REJECTED}
    ),
    # A fill may overtake the cancel; the venue may refuse the cancel, and the order works on.
    _S.REPORTED_CANCELLING: frozenset(
        {_S.PARTLY_FILLED_CANCELLING, _S.REPORTED, _S.FILLED, _S.CANCELLED, _S.REJECTED}
    ),
    # A bust may take the only fill away again: 4 back to 3, 7 back to 2.
    _S.PARTLY_FILLED_CANCELLING: frozenset(
        {_S.PARTLY_FILLED, _S.FILLED, _S.PARTLY_CANCELLED, _S.REPORTED_CANCELLING}
    ),
    _S.PARTLY_FILLED: frozenset(
        {_S.PARTLY_FILLED_CANCELLING, _S.FILLED, _S.PARTLY_CANCELLED, _S.REPORTED}
    ),
    # Final states still move with a late fill or a bust: money follows what the venue did.
    _S.PARTLY_CANCELLED: frozenset({_S.FILLED, _S.CANCELLED}),
    _S.CANCELLED: frozenset({_S.PARTLY_CANCELLED, _S.FILLED}),
    _S.FILLED: frozenset({_S.PARTLY_CANCELLED, _S.CANCELLED}),
    _S.REJECTED: frozenset({_S.PARTLY_CANCELLED, _S.FILLED}),
}


def may_move(before: OrderState, after: OrderState) -> bool:
    """Return whether the table allows this move."""
    return after in TRANSITIONS[before]


def state_after_fill(state: OrderState, *, filled_shares: int, quantity_shares: int) -> OrderState:
    """Return the state once so many of `quantity_shares` are filled in all, also late ones."""
    if filled_shares == quantity_shares:
        return _S.FILLED
    if state in CANCELLING_STATES:
        return _S.PARTLY_FILLED_CANCELLING
    return _S.PARTLY_CANCELLED if state.is_final else _S.PARTLY_FILLED


def state_after_bust(state: OrderState, *, filled_shares: int) -> OrderState:
    """Return the state once a fill was taken back; a final order stays final."""
    if state.is_final:
        return _S.PARTLY_CANCELLED if filled_shares else _S.CANCELLED
    if state in CANCELLING_STATES:
        return _S.PARTLY_FILLED_CANCELLING if filled_shares else _S.REPORTED_CANCELLING
    return _S.PARTLY_FILLED if filled_shares else _S.REPORTED


def state_after_cancel(*, filled_shares: int) -> OrderState:
    """Return the final state of an order whose open rest is gone."""
    return _S.PARTLY_CANCELLED if filled_shares else _S.CANCELLED


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """What a customer wants; `client_order_id` makes it one wish however often it is sent."""

    account_id: str
    client_order_id: str
    symbol: str
    side: Side
    kind: str
    """"limit", a market kind, or "after_hours"; the words are those of market.rules."""
    price_milli: int
    """Limit price, or the protection price of a market kind."""
    quantity_shares: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderReport:
    """What the counter knows of one order."""

    order_id: int
    client_order_id: str
    account_id: str
    symbol: str
    side: Side
    kind: str
    price_milli: int
    quantity_shares: int
    filled_shares: int
    filled_amount_fen: int
    state: OrderState
    reason: str
    """Why it ended or was refused, in Chinese; empty otherwise."""
    frozen_fen: int
    fees_fen: int
    placed_at: datetime
    updated_at: datetime
    trading_day: date

    @property
    def open_shares(self) -> int:
        """Shares that may still be filled."""
        return 0 if self.state.is_final else self.quantity_shares - self.filled_shares


@dataclass(frozen=True, kw_only=True)
class FeeLines:
    """Fees of an order or of one fill, by item."""

    commission_fen: int = 0
    stamp_fen: int = 0
    transfer_fen: int = 0
    handling_fen: int = 0
    regulation_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All items together."""
        return (
            self.commission_fen
            + self.stamp_fen
            + self.transfer_fen
            + self.handling_fen
            + self.regulation_fen
        )


@dataclass(frozen=True, kw_only=True)
class FillReport:
    """One execution; a busted one stays in the list with `is_busted`."""

    fill_id: int
    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_milli: int
    quantity_shares: int
    amount_fen: int
    fee_fen: int
    """What this fill added to the fees of its order."""
    at: datetime
    trading_day: date
    execution_id: str
    is_busted: bool = False


@dataclass(frozen=True, kw_only=True)
class Balances:
    """Cash of an account; total = available + frozen, withdrawable <= available."""

    total_fen: int
    available_fen: int
    frozen_fen: int
    withdrawable_fen: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """Shares of one symbol with what they cost; quantity = sellable + frozen + settling."""

    symbol: str
    quantity_shares: int
    sellable_shares: int
    frozen_shares: int
    settling_shares: int
    """Bought today under T+1."""
    bought_fen: int
    """Amounts of all buys since the position was last empty, without fees."""
    bought_shares: int
    sold_fen: int
    """Amounts of all sells since the position was last empty, without fees."""
    fees_fen: int
    """All fees since the position was last empty."""
    opening_shares: int
    """Shares held before the first trade of the present trading day."""
    bought_today_fen: int
    sold_today_fen: int
    fees_today_fen: int

    @property
    def cost_fen(self) -> int:
        """摊薄成本 of the whole position with fees: bought + fees - sold; may be negative."""
        return self.bought_fen + self.fees_fen - self.sold_fen

    @property
    def diluted_cost_milli(self) -> int | None:
        """摊薄成本 per share with fees, half up; None without shares."""
        return _per_share_milli(self.cost_fen, self.quantity_shares)

    @property
    def average_cost_milli(self) -> int | None:
        """平均成本 per share without fees: buys over shares bought, half up; None without buys."""
        return _per_share_milli(self.bought_fen, self.bought_shares)

    @property
    def average_cost_fen(self) -> int:
        """平均成本 of the shares held, without fees, half up."""
        if not self.bought_shares:
            return 0
        return (2 * self.bought_fen * self.quantity_shares + self.bought_shares) // (
            2 * self.bought_shares
        )


def _per_share_milli(cost_fen: int, shares: int) -> int | None:
    if not shares:
        return None
    magnitude = (2 * abs(cost_fen) * 10 + shares) // (2 * shares)
    return magnitude if cost_fen >= 0 else -magnitude


@dataclass(frozen=True, kw_only=True)
class DaySpan:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class CashEntry:
    """One movement of cash into (+) or out of (-) an account; frozen money is none."""

    entry_id: int
    on: date
    amount_fen: int
    kind: str
    """deposit, withdrawal, buy, sell, fee, purchase."""
    counterparty: str
    memo: str


@dataclass(frozen=True, kw_only=True)
class AccountHolder:
    """Who stands behind a fund account, as far as others may know."""

    account_id: str
    fund_account: str
    holder_name_masked: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What opening an account needs."""

    fund_account: str
    holder_name: str
    phone: str
    password: str
    risk_level: int = 5
    """1 (C1) to 5 (C5)."""
    permissions: frozenset[str] = frozenset()
    """Boards beyond the main ones: star, chinext, bse, st, convertible."""
    opened_on: date


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(Event):
    """The counter took an order and froze what it needs."""

    account_id: str
    order_id: int
    client_order_id: str
    symbol: str
    side: str
    trading_day: date


@dataclass(frozen=True, kw_only=True)
class OrderFilled(Event):
    """A fill was booked; `is_complete` when nothing of the order is open any more."""

    account_id: str
    order_id: int
    client_order_id: str
    fill_id: int
    symbol: str
    side: str
    price_milli: int
    quantity_shares: int
    is_complete: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderRefused(Event):
    """The venue refused an order that the counter had accepted (废单)."""

    account_id: str
    order_id: int
    client_order_id: str
    symbol: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The open rest of an order is gone: withdrawn, or expired at the close."""

    account_id: str
    order_id: int
    client_order_id: str
    symbol: str
    filled_shares: int
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CashMoved(Event):
    """Cash came into or left an account other than by a trade."""

    account_id: str
    amount_fen: int
    transfer_kind: str
    counterparty: str
    on: date
    movement_key: str = ""
    """Tells two equal movements of one day apart."""


@dataclass(frozen=True, kw_only=True)
class BooksAlarm(Event):
    """The books survived something that a human must look at (a fill that nobody covered)."""

    account_id: str
    order_id: int
    problem: str
    at: datetime
