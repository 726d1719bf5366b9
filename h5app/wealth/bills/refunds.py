"""Which refund belongs to which payment, across files. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from h5app.wealth.bills.model import BillRow, Effect

_MARKS = ("_", "*")


@dataclass(frozen=True)
class Settled:
    """Payments with what was given back of them, and refunds that found no payment."""

    refunded_fen: Mapping[str, int]
    """By the payment's key."""
    unmatched: frozenset[str]
    """Keys of refunds whose payment is in no file yet."""

    def left_of(self, row: BillRow) -> int:
        """Return what a payment cost in the end, unit fen."""
        return row.amount_fen - self.refunded_fen.get(row.key, 0)


def settle(rows: Iterable[BillRow]) -> Settled:
    """Match refunds with payments.

    A payment's own status counts first (WeChat writes there what was given back); else the refund's
    order number begins with the payment's (Alipay), or is it (red packets); else party, way of
    payment and amount must fit the latest payment before it.
    """
    by_time = sorted(rows, key=lambda each: (each.at, each.key))
    payments = [row for row in by_time if row.effect is Effect.OUT]
    back = {row.key: row.refunded_fen for row in payments if row.refunded_fen}
    said = set(back)
    by_order = {row.order_id: row for row in payments if row.order_id}
    unmatched = set()
    for refund in by_time:
        if refund.effect is not Effect.REFUND:
            continue
        first_order = _first_order(refund.order_id)
        payment = by_order.get(first_order)
        if payment is None and first_order == refund.order_id:
            payment = _likely(refund, payments, back)
        if payment is None:
            unmatched.add(refund.key)
        elif payment.key not in said:
            back[payment.key] = min(
                payment.amount_fen, back.get(payment.key, 0) + refund.amount_fen
            )
    return Settled(back, frozenset(unmatched))


def _first_order(order_id: str) -> str:
    """Return the order number before a refund's suffix, which may hold the mark again."""
    cut = min((order_id.find(mark) for mark in _MARKS if mark in order_id), default=-1)
    return order_id if cut < 0 else order_id[:cut]


def _likely(
    refund: BillRow, payments: Sequence[BillRow], back: Mapping[str, int]
) -> BillRow | None:
    fitting = [
        row
        for row in payments
        if row.at <= refund.at
        and row.counterparty == refund.counterparty
        and row.method == refund.method
        and (row.refunded_fen or row.amount_fen - back.get(row.key, 0)) >= refund.amount_fen
    ]
    return fitting[-1] if fitting else None
