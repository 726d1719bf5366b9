"""What an institution says itself will be moved beats what was learned of the same payments. Pure.

A standing order, a loan's schedule, a savings plan, a product that falls due: the institution knows
its days and amounts, holidays included. The learner only says which payments belong to it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from h5app.wealth.learner import PER_MILLE, LearnedStream
from h5app.wealth.learning.counterparty import clean_counterparty, name_of
from h5app.wealth.ports import BankOrder
from h5app.wealth.stream_model import Forecast, StreamFacts, StreamStatus

AMOUNT_SHARE_MAX = 0.05
"""Shrinking instalments and small changes of a rate are still the same order."""
DAYS_OFF_MAX = 4
_TOLERANCE_DAYS_MAX = 10
_PAYEE_SAME, _PAYEE_ALIKE, _DAY_SAME = 3, 2, 1


def with_orders(
    learned: Sequence[LearnedStream], orders: Iterable[BankOrder], cutoff: date
) -> list[LearnedStream]:
    """Return the streams with every order in the place of what was learned of it.

    An order of which no payment was seen yet is a stream of its own. Orders without a payment
    ahead of the cut-off are left out: what was learned stands, and silence will end it.
    """
    left = list(learned)
    found: list[LearnedStream] = []
    for order in sorted(orders, key=lambda each: each.reference):
        ahead = [each for each in order.payments if each.on > cutoff]
        if not ahead:
            continue
        closeness = [(_closeness(each, order), -at) for at, each in enumerate(left)]
        best, at = max(closeness, default=(0, 0))
        same = left.pop(-at) if best else None
        found.append(_ordered(order, same, cutoff))
    return left + found


def _closeness(learned: LearnedStream, order: BankOrder) -> int:
    """Say how surely these payments are of this order; 0: they are not."""
    is_income = order.payments[0].amount_fen > 0
    if learned.facts.is_income is not is_income or not _is_amount_of(learned, order):
        return 0
    payee, own = clean_counterparty(order.payee), learned.payee
    if payee and own:
        if payee == own:
            return _PAYEE_SAME
        return _PAYEE_ALIKE if name_of(payee).is_variant_of(name_of(own)) else 0
    return _DAY_SAME if _is_day_of(learned, order) else 0


def _is_amount_of(learned: LearnedStream, order: BankOrder) -> bool:
    last_fen = learned.payments[-1].amount_fen
    return any(
        abs(abs(each.amount_fen) - last_fen) <= last_fen * AMOUNT_SHARE_MAX
        for each in order.payments
    )


def _is_day_of(learned: LearnedStream, order: BankOrder) -> bool:
    return any(
        abs((forecast.due_on - each.on).days) <= DAYS_OFF_MAX
        for forecast in learned.forecasts[:1]
        for each in order.payments
    )


def _ordered(order: BankOrder, same: LearnedStream | None, cutoff: date) -> LearnedStream:
    payments = () if same is None else same.payments
    return LearnedStream(
        facts=StreamFacts(
            is_income=order.payments[0].amount_fen > 0,
            title=order.title,
            kind=order.kind,
            status=StreamStatus.SURE,
            cadence="" if same is None else same.facts.cadence,
            count=len(payments),
            chance=PER_MILLE,
            order_reference=order.reference,
        ),
        payee=clean_counterparty(order.payee),
        payments=payments,
        forecasts=tuple(
            Forecast(
                nominal_on=each.on,
                due_on=each.on,
                earliest_on=each.on,
                low_fen=abs(each.amount_fen),
                high_fen=abs(each.amount_fen),
                chance=PER_MILLE,
            )
            for each in sorted(order.payments, key=lambda each: each.on)
            if each.on > cutoff
        ),
        known_until=cutoff if same is None else same.known_until,
        tolerance_days=_tolerance(order),
    )


def _tolerance(order: BankOrder) -> int:
    """Return a third of the smallest gap between its days."""
    days = sorted({each.on for each in order.payments})
    gaps = [(later - day).days for day, later in pairwise(days)]
    return max(1, min(_TOLERANCE_DAYS_MAX, min(gaps, default=30) // 3))
