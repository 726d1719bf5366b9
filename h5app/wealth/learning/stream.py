"""Sorts an account's payments into streams: one payee, amounts that fit, one cadence."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp, log
from typing import NamedTuple

from h5app.wealth.learning import priors
from h5app.wealth.learning.amount import amounts_log
from h5app.wealth.learning.cadence import NOTHING_KNOWN, CadenceFitter, Posterior
from h5app.wealth.learning.counterparty import (
    Telling,
    clean_counterparty,
    is_bank_fee,
    name_of,
    telling,
)
from h5app.wealth.learning.payment import Payment

_CASH_CHANNELS = frozenset({"cash_out", "cash_in", "bank"})
_TWO_PLANS_MIN = 5
_REST_MIN = 2
_FAR = 99
_CARD = "card"
_CLUSTERS_MAX = 24
_CHAIN_RATIO_LOG = 0.32
_CHAIN_GAP_DAYS = 6
_MERGE_RATIO_LOG = 0.36
_CROWDS = frozenset({Telling.SHOP, Telling.PERSON})
"""Many of them bear alike names and are not one."""
_PAIR = 2
_RHYTHMS = frozenset(
    gap
    for days, reach in ((7, 2), (14, 2), (30, 4), (61, 4), (91, 4), (182, 5), (365, 5))
    for gap in range(days - reach, days + reach + 1)
)
"""Days between two payments a week, a fortnight, one, two, three, six or twelve months apart."""
_TELLING_ORDER = (
    Telling.PLAN, Telling.INCOME, Telling.BILL, Telling.PERSON, Telling.SHOP,
    Telling.OPAQUE, Telling.MEMO, Telling.CASUAL, Telling.NOTHING,
)  # fmt: skip


class StreamKey(NamedTuple):
    """Whom a stream is paid to (or by), before amounts are looked at."""

    is_income: bool
    payee: str
    habit: str
    """Kind of memo when there is no payee; empty otherwise."""


@dataclass(frozen=True)
class Stream:
    """Payments that belong together, and what is believed about their cadence."""

    key: StreamKey
    telling: Telling
    payments: tuple[Payment, ...]
    posterior: Posterior
    regular: float
    """Probability that there is a cadence at all."""

    @property
    def days(self) -> list[int]:
        """Posting days as ordinals, ascending."""
        return [payment.on for payment in self.payments]

    @property
    def amounts_fen(self) -> list[int]:
        """Unsigned amounts in the order of the days."""
        return [abs(payment.amount_fen) for payment in self.payments]


class StreamFinder:
    """Finds the streams among the payments of one account."""

    def __init__(self, fitter: CadenceFitter) -> None:
        self._fitter = fitter
        self._cutoff = 0

    def find(self, payments: Iterable[Payment], cutoff: int) -> list[Stream]:
        """Return the streams known on the evening of the cut-off day, in a fixed order."""
        self._cutoff = cutoff
        groups: dict[StreamKey, list[Payment]] = defaultdict(list)
        for payment in payments:
            if payment.on <= cutoff and _may_recur(payment):
                groups[_key_of(payment)].append(payment)
        streams: list[Stream] = []
        for key in sorted(groups):
            streams.extend(self._split(key, sorted(groups[key])))
        return self._renamed(streams)

    def _renamed(self, streams: list[Stream]) -> list[Stream]:
        """Join what goes on under another name of its payee: 国网电力, then 国网北京电力公司."""
        by_numbers: dict[tuple[bool, tuple[str, ...]], list[Stream]] = defaultdict(list)
        left: list[Stream] = []
        for stream in streams:
            if stream.key.payee and stream.telling not in _CROWDS:
                numbers = name_of(stream.key.payee).numbers
                by_numbers[stream.key.is_income, numbers].append(stream)
            else:
                left.append(stream)
        for alike in by_numbers.values():
            left += self._joined(alike) if len(alike) > 1 else alike
        return sorted(left, key=lambda stream: (stream.key, stream.payments[0]))

    def _joined(self, alike: list[Stream]) -> list[Stream]:
        """Let each of these, by its beginning, go on what ended last before it, if that fits."""
        found: list[Stream] = []
        for later in sorted(alike, key=lambda stream: stream.payments[0]):
            ended = [at for at, earlier in enumerate(found) if _goes_on_as(earlier, later)]
            at = max(ended, key=lambda at: found[at].payments[-1], default=None)
            gain, joint = (0.0, None) if at is None else self._gain(found[at], later)
            if at is None or joint is None or gain <= 0:
                found.append(later)
            else:
                found[at] = replace(joint, key=later.key)
        return found

    def _split(self, key: StreamKey, payments: list[Payment]) -> list[Stream]:
        habit = _telling_of(key, payments)
        if key.payee:
            return self._split_payee(key, habit, payments)
        clusters = _chains(payments)
        streams = [self._stream(key, habit, cluster) for cluster in clusters]
        merged = self._merged(streams[:_CLUSTERS_MAX]) + streams[_CLUSTERS_MAX:]
        return [part for stream in merged for part in self._two_plans(stream)]

    def _split_payee(self, key: StreamKey, habit: Telling, payments: list[Payment]) -> list[Stream]:
        whole = self._stream(key, habit, payments)
        levels = _levels(payments)
        if len(levels) == 1:
            return self._two_plans(whole)
        parts = [self._stream(key, habit, level) for level in levels]
        if sum(map(_worth, parts)) > _worth(whole):
            return parts
        return [whole]

    def _two_plans(self, stream: Stream) -> list[Stream]:
        """Split equal payments into two plans when one cadence leaves a second one over."""
        if len(stream.payments) < _TWO_PLANS_MIN or not stream.posterior.hypotheses:
            return [stream]
        first = self._explained(stream)
        rest = [payment for payment in stream.payments if payment not in first]
        if len(rest) < _REST_MIN or len(first) < _REST_MIN:
            return [stream]
        parts = [self._stream(stream.key, stream.telling, part) for part in (sorted(first), rest)]
        return parts if sum(map(_worth, parts)) > _worth(stream) else [stream]

    def _explained(self, stream: Stream) -> set[Payment]:
        """Return, of every slot of the likeliest cadence, the payment nearest to its day."""
        cadence = stream.posterior.hypotheses[0].cadence
        nearest: dict[int, tuple[int, Payment]] = {}
        for payment in stream.payments:
            row = self._fitter.grid.row(cadence.kind, cadence.rule, payment.on)
            slot, offset = row.slots[cadence.phase], abs(row.offsets[cadence.phase])
            is_near = offset <= priors.OFFSET_MAX and slot % cadence.stride == cadence.residue
            if is_near and offset < nearest.get(slot, (_FAR, payment))[0]:
                nearest[slot] = (offset, payment)
        return {payment for _, payment in nearest.values()}

    def _merged(self, streams: list[Stream]) -> list[Stream]:
        """Join clusters while a joint cadence explains them better than two."""
        while len(streams) > 1:
            gains = [
                (gain, one, other, joint)
                for one in range(len(streams))
                for other in range(one + 1, len(streams))
                for gain, joint in [self._gain(streams[one], streams[other])]
                if joint is not None and gain > 0
            ]
            if not gains:
                break
            _, one, other, joint = max(gains, key=lambda item: item[0])
            streams = [s for at, s in enumerate(streams) if at not in (one, other)] + [joint]
        return sorted(streams, key=lambda stream: stream.payments[0])

    def _gain(self, one: Stream, other: Stream) -> tuple[float, Stream | None]:
        if _are_parallel(one, other):
            return 0.0, None
        ratio = abs(log(one.amounts_fen[-1] / other.amounts_fen[0]))
        backwards = abs(log(other.amounts_fen[-1] / one.amounts_fen[0]))
        if min(ratio, backwards) > _MERGE_RATIO_LOG:
            return 0.0, None
        joint = self._stream(one.key, one.telling, sorted(one.payments + other.payments))
        return _worth(joint) - _worth(one) - _worth(other), joint

    def _stream(self, key: StreamKey, habit: Telling, payments: Sequence[Payment]) -> Stream:
        days = [payment.on for payment in payments]
        prior = priors.RECURRING[habit]
        if prior < priors.WORTH_FITTING_MIN and not _may_be_regular(days):
            return Stream(key, habit, tuple(payments), NOTHING_KNOWN, 0.0)
        posterior = self._fitter.fit(days, self._cutoff, habit)
        noise = log(1 / 31) + (len(days) - 1) * priors.NOISE_DAY_LOG
        odds = log(prior / (1 - prior)) + posterior.evidence_log - noise
        regular = 1 / (1 + exp(-max(-50.0, min(50.0, odds))))
        return Stream(key, habit, tuple(payments), posterior, regular)


def _may_be_regular(days: Sequence[int]) -> bool:
    """Say whether so few payments to one of a crowd are worth fitting.

    One never is, two only when a rhythm lies between them.
    """
    if len(days) > _PAIR:
        return True
    return len(days) == _PAIR and days[1] - days[0] in _RHYTHMS


def _goes_on_as(earlier: Stream, later: Stream) -> bool:
    """Say whether one ends before the other begins, and both may be names of one payee."""
    if earlier.key == later.key or earlier.payments[-1].on >= later.payments[0].on:
        return False
    return name_of(earlier.key.payee).is_variant_of(name_of(later.key.payee))


def _are_parallel(one: Stream, other: Stream) -> bool:
    """Say whether both repeat an amount during the same time: two plans, not one."""
    days = sorted([(day, 0) for day in one.days] + [(day, 1) for day in other.days])
    if any(b[0] - a[0] < _CHAIN_GAP_DAYS and a[1] != b[1] for a, b in pairwise(days)):
        return True
    if min(len(one.payments), len(other.payments)) < _REST_MIN:
        return False
    return one.payments[0].on < other.payments[-1].on and other.payments[0].on < one.payments[-1].on


def _worth(stream: Stream) -> float:
    """Return the log likelihood of days and amounts of one stream, cadence or not."""
    prior = priors.RECURRING[stream.telling]
    count = len(stream.payments)
    noise = log(1 - prior) + log(1 / 31) + (count - 1) * priors.NOISE_DAY_LOG
    regular = log(prior) + stream.posterior.evidence_log
    return max(noise, regular) + amounts_log(stream.amounts_fen)


def _may_recur(payment: Payment) -> bool:
    if payment.channel in _CASH_CHANNELS or payment.amount_fen == 0:
        return False
    return not is_bank_fee(payment.channel, payment.memo)


def _key_of(payment: Payment) -> StreamKey:
    payee = clean_counterparty(payment.counterparty)
    habit = "" if payee else _habit_of(payment.memo)
    return StreamKey(payment.amount_fen > 0, payee, habit)


def _habit_of(memo: str) -> str:
    habit = telling("", memo)
    is_apart = habit in (Telling.PLAN, Telling.CASUAL, Telling.MEMO)
    return habit.value if is_apart else ""


def _telling_of(key: StreamKey, payments: Sequence[Payment]) -> Telling:
    if key.is_income:
        return Telling.INCOME
    found = {telling(key.payee, payment.memo) for payment in payments}
    if found == {Telling.OPAQUE} and payments[0].channel == _CARD:
        return Telling.SHOP
    return next(habit for habit in _TELLING_ORDER if habit in found)


def _levels(payments: list[Payment]) -> list[list[Payment]]:
    """Return payments by equal amount when such amounts repeat; all others together."""
    by_amount: dict[int, list[Payment]] = defaultdict(list)
    for payment in payments:
        by_amount[payment.amount_fen].append(payment)
    repeated = [group for group in by_amount.values() if len(group) > 1]
    single = sorted(group[0] for group in by_amount.values() if len(group) == 1)
    return repeated + ([single] if single else [])


def _chains(payments: list[Payment]) -> list[list[Payment]]:
    """Return first clusters of payments without a payee: equal amounts, then near ones."""
    *repeated, last = _levels(payments)
    if len(last) > 1 and last[0].amount_fen == last[1].amount_fen:
        return [*repeated, last]
    chains: list[list[Payment]] = []
    for payment in last:
        for chain in reversed(chains):
            is_later = payment.on - chain[-1].on >= _CHAIN_GAP_DAYS
            if is_later and abs(log(payment.amount_fen / chain[-1].amount_fen)) < _CHAIN_RATIO_LOG:
                chain.append(payment)
                break
        else:
            chains.append([payment])
    return repeated + chains
