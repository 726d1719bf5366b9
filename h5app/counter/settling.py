"""What a fill, or its bust, does to an order and to the books. Pure: books in, lines out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from h5app.counter.fees import FeeProfile
from h5app.counter.model import (
    OrderState,
    may_move,
    state_after_bust,
    state_after_cancel,
    state_after_fill,
)
from h5app.counter.posting import (
    ADVANCE,
    AVAILABLE,
    CASH,
    FEES,
    FROZEN,
    MARKET,
    SELLABLE,
    SETTLING,
    SHARE_POTS,
    Line,
    Purse,
    purse,
)
from h5app.counter.stored_order import StoredOrder
from h5app.kernel.money import amount_fen

Balances = Mapping[tuple[str, str], int]
"""Amounts of one account by unit and pot."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A fill as far as the books care."""

    price_milli: int
    quantity_shares: int
    at_us: int

    @property
    def amount_fen(self) -> int:
        """The amount of this fill; everything downstream uses this figure."""
        return amount_fen(self.price_milli, self.quantity_shares)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The order afterwards, the ledger's lines, and what a human must know."""

    order: StoredOrder
    lines: tuple[Line, ...]
    amount_fen: int
    fee_fen: int
    """Fee added by a fill, or given back with a bust."""
    begins_position: bool = False
    problem: str = ""


def settle_fill(
    order: StoredOrder,
    profile: FeeProfile,
    fill: Execution,
    balances: Balances,
    last_day: str,
) -> Settled:
    """Book a fill; `last_day` is the newest trading day of the books.

    The caller has made sure that the fill is not more than the order still has working.
    """
    assert 0 < fill.quantity_shares <= order.working_shares, (order.order_id, fill)
    amount = fill.amount_fen
    filled_amount = order.filled_amount_fen + amount
    fees = order.fees_for(profile, filled_amount).total_fen
    filled = order.filled_shares + fill.quantity_shares
    after = replace(
        order,
        state=_state_after_fill(order, filled),
        filled_shares=filled,
        filled_amount_fen=filled_amount,
        fees_fen=fees,
        updated_us=fill.at_us,
    )
    assert after.state is order.state or may_move(order.state, after.state), order.order_id
    cash, shares = purse(CASH, balances, order.frozen_fen), purse(order.symbol, balances)
    had = shares.held(SHARE_POTS)
    if order.is_buy:
        late = order.turnaround == 0 or last_day > order.trading_day
        _buy(cash, shares, fill, fees - order.fees_fen, SELLABLE if late else SETTLING)
    else:
        shares.reserve = order.frozen_shares
        _sell(cash, shares, fill, fees - order.fees_fen)
    after = _kept_back(after, cash, shares)
    return Settled(
        order=after,
        lines=(*cash.lines, *shares.lines),
        amount_fen=amount,
        fee_fen=fees - order.fees_fen,
        begins_position=order.is_buy and had == 0,
        problem=_problem(order, cash, shares),
    )


def _state_after_fill(order: StoredOrder, filled_shares: int) -> OrderState:
    return state_after_fill(
        order.state, filled_shares=filled_shares, quantity_shares=order.quantity_shares
    )


def _buy(cash: Purse, shares: Purse, fill: Execution, fee_fen: int, target: str) -> None:
    cash.pay(MARKET, fill.amount_fen, "buy", pots=(FROZEN, AVAILABLE))
    cash.pay(FEES, fee_fen, "fee", pots=(FROZEN, AVAILABLE))
    shares.move(MARKET, target, fill.quantity_shares, "buy")


def _sell(cash: Purse, shares: Purse, fill: Execution, fee_fen: int) -> None:
    shares.pay(MARKET, fill.quantity_shares, "sell", pots=(FROZEN, SELLABLE))
    cash.move(MARKET, AVAILABLE, fill.amount_fen, "sell")
    cash.pay(FEES, fee_fen, "fee", pots=(AVAILABLE,))


def _kept_back(order: StoredOrder, cash: Purse, shares: Purse) -> StoredOrder:
    """Release what need not stay frozen any more, and say what does."""
    wanted = min(order.wanted_frozen_fen(), cash.reserve)
    cash.move(FROZEN, AVAILABLE, cash.reserve - wanted, "release")
    wanted_shares = 0 if order.is_buy or order.state.is_final else order.working_shares
    shares.move(FROZEN, SELLABLE, shares.reserve - min(wanted_shares, shares.reserve), "release")
    return replace(order, frozen_fen=cash.reserve, frozen_shares=shares.reserve)


def _problem(order: StoredOrder, cash: Purse, shares: Purse) -> str:
    if cash.advanced or shares.advanced:
        return "成交超出已冻结和可用部分,由公司垫付"
    if order.state.is_final:
        return "委托结束后收到成交"
    return ""


@dataclass(frozen=True, kw_only=True)
class BookedFill:
    """A fill in the books, when the venue takes it back."""

    quantity_shares: int
    amount_fen: int


def settle_bust(
    order: StoredOrder, profile: FeeProfile, fill: BookedFill, balances: Balances, at_us: int
) -> Settled:
    """Take a fill back with reversing lines; the shares of it are not worked again."""
    filled = order.filled_shares - fill.quantity_shares
    filled_amount = order.filled_amount_fen - fill.amount_fen
    fees = order.fees_for(profile, filled_amount).total_fen
    after = replace(
        order,
        state=state_after_bust(order.state, filled_shares=filled),
        filled_shares=filled,
        busted_shares=order.busted_shares + fill.quantity_shares,
        filled_amount_fen=filled_amount,
        fees_fen=fees,
        updated_us=at_us,
    )
    assert after.state is order.state or may_move(order.state, after.state), order.order_id
    cash, shares = purse(CASH, balances, order.frozen_fen), purse(order.symbol, balances)
    shares.reserve = order.frozen_shares
    returned = order.fees_fen - fees
    cash.move(FEES, AVAILABLE, returned, "fee")
    if order.is_buy:
        cash.move(MARKET, AVAILABLE, fill.amount_fen, "buy")
        shares.pay(MARKET, fill.quantity_shares, "buy", pots=(SETTLING, SELLABLE))
    else:
        shares.move(MARKET, SELLABLE, fill.quantity_shares, "sell")
        cash.pay(MARKET, fill.amount_fen, "sell", pots=(AVAILABLE,))
    after = _kept_back(after, cash, shares)
    return Settled(
        order=after,
        lines=(*cash.lines, *shares.lines),
        amount_fen=fill.amount_fen,
        fee_fen=returned,
        problem="交易所撤销了一笔成交",
    )


def closing_state(order: StoredOrder) -> OrderState | None:
    """Return the final state of an order that nothing works for any more, None while some does.

    Only a bust leaves such an order: its other shares are filled, the busted ones stay away.
    """
    if order.state.is_final or order.working_shares:
        return None
    return state_after_cancel(filled_shares=order.filled_shares)


def repay_lines(balances: Balances) -> list[Line]:
    """Return the lines that pay back out of what is available what the broker laid out."""
    lines = []
    for (unit, pot), amount in sorted(balances.items()):
        if pot != ADVANCE or amount >= 0:
            continue
        there = AVAILABLE if unit == CASH else SELLABLE
        part = min(-amount, balances.get((unit, there), 0))
        if part > 0:
            lines.append(Line(unit, there, ADVANCE, part, "repay"))
    return lines
