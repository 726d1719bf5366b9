"""Posterior over cadences of one stream: cadence x posting rule x phase by likelihood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

from h5app.wealth.learning import priors
from h5app.wealth.learning.counterparty import Telling
from h5app.wealth.learning.grid import DayGrid
from h5app.wealth.learning.payment import Cadence, CadenceKind, PostingRule

_OBSERVATIONS_MAX = 30
_CANDIDATES_MAX = 40
_NATS_MAX = 7.0
"""A hypothesis so much less likely than the best is not weighed: below 1 in 1,000."""
_FAR_BELOW = 1e9
_WEIGHT_MIN = 0.004
_Scores = dict[int, tuple[float, ...]]
_SlotRows = dict[int, tuple[int, ...]]
_MASS_MIN = 1e-6
_ALIGNED_SHARE_MIN = 0.75
_HIT_LOG = log(1 - priors.MISS)
_MISS_LOG = log(priors.MISS)
_FIRST_DAY = dict.fromkeys(CadenceKind, 1 / 31) | {CadenceKind.HALF_MONTH: 1 / 62}
"""A first payment may come on any day, whatever its cadence; it then fixes the phase."""
_LAST_DAY_LOG = log(priors.LAST_DAY_WEIGHT)


class Variant(NamedTuple):
    """One family of hypotheses: a grid, a rule, and whether a hand pays."""

    kind: CadenceKind
    rule: PostingRule
    is_by_hand: bool


class _Guess(NamedTuple):
    variant: Variant
    phase: int
    stride: int
    first_slot: int
    last_slot: int
    going: float
    stopped: float


class Hypothesis(NamedTuple):
    """One cadence with its share of the belief."""

    cadence: Cadence
    weight: float
    first_slot: int
    last_slot: int
    payments: int
    alive: float
    """Probability that the stream still goes on at the next unseen slot."""


@dataclass(frozen=True)
class Posterior:
    """What is believed about one set of payments."""

    hypotheses: tuple[Hypothesis, ...]
    """Weights sum to 1; the heaviest first."""
    evidence_log: float
    """Log likelihood of the days under some cadence, priors included."""


NOTHING_KNOWN = Posterior((), -1e9)
"""No cadence at all: nothing is foreseen of such payments."""


class CadenceFitter:
    """Fits cadences on one grid; keeps score rows between accounts."""

    def __init__(
        self, grid: DayGrid, *, has_holiday_table: bool, beliefs: priors.Beliefs = priors.STATED
    ) -> None:
        self.grid = grid
        self._beliefs = beliefs
        self._has_holiday_table = has_holiday_table
        kernels = {False: priors.KERNEL, True: priors.KERNEL_BY_HAND}
        self._kernel_log = {
            hand: {offset: log(share) for offset, share in kernel.items()}
            for hand, kernel in kernels.items()
        }
        self._unseen = {hand: _unseen_by_lateness(kernel) for hand, kernel in kernels.items()}
        self._variants = {telling: self._variants_of(telling) for telling in Telling}
        self._shapes_log = {telling: _shapes_log(beliefs.shapes[telling]) for telling in Telling}
        every = {variant for found in self._variants.values() for _, variant in found}
        self._scores: dict[Variant, _Scores] = {variant: {} for variant in every}
        self._slot_rows: dict[Variant, _SlotRows] = {variant: {} for variant in every}

    def _variants_of(self, telling: Telling) -> list[tuple[float, Variant]]:
        """Return the families of hypotheses for such payees with their log priors."""
        kinds = sorted({kind for kind, _ in self._beliefs.shapes[telling]})
        return [
            (log(prior * _FIRST_DAY[kind]), Variant(kind, rule, is_by_hand))
            for (rule, is_by_hand), prior in self.postings(telling).items()
            for kind in kinds
            if kind is CadenceKind.MONTH or not (is_by_hand or _is_moot(kind, rule))
        ]

    def postings(self, telling: Telling) -> Mapping[priors.Posting, float]:
        """Return the prior of posting rules for such payees in this region."""
        if self._has_holiday_table:
            return self._beliefs.postings[telling]
        return priors.POSTINGS_WEEKENDS_ONLY

    def fit(self, days: Sequence[int], cutoff: int, telling: Telling) -> Posterior:
        """Return the belief about the cadence of these posting days (ascending ordinals)."""
        days = days[-_OBSERVATIONS_MAX:]
        shapes = self._shapes_log[telling]
        found: list[tuple[float, _Guess]] = []
        hopeless = -_FAR_BELOW
        for score, variant, phase in self._candidates(days, telling):
            rows = self._slot_rows[variant]
            slots = [rows[day][phase] for day in days]
            for stride, prior_log in shapes[variant.kind]:
                if score + prior_log < hopeless:
                    continue
                aligned = self._aligned(variant, phase, stride, slots, days)
                if aligned is None:
                    continue
                moved_slots, extra = aligned
                weight = score + prior_log + extra + _regularity(moved_slots, stride)
                if weight < hopeless:
                    continue
                guess = self._guess(variant, phase, stride, moved_slots, cutoff)
                weight += log(guess.going + guess.stopped)
                hopeless = max(hopeless, weight - _NATS_MAX)
                found.append((weight, guess))
        return _normalised(found, len(days))

    def _candidates(
        self, days: Sequence[int], telling: Telling
    ) -> list[tuple[float, Variant, int]]:
        """Return the phases worth weighing: (log likelihood of the days, variant, phase)."""
        scored: list[tuple[float, Variant, int]] = []
        best = -1e9
        for base, variant in self._variants[telling]:
            totals = self._totals(variant, days)
            best = max(best, base + max(totals))
            limit = best - _NATS_MAX - base
            scored.extend(
                (base + total, variant, phase)
                for phase, total in enumerate(totals)
                if total >= limit
            )
        scored.sort(key=_first, reverse=True)
        limit = best - _NATS_MAX
        return [item for item in scored[:_CANDIDATES_MAX] if item[0] >= limit]

    def _totals(self, variant: Variant, days: Sequence[int]) -> list[float]:
        known = self._scores[variant]
        slots = self._slot_rows[variant]
        rows = []
        for day in days:
            row = known.get(day)
            if row is None:
                found = self.grid.row(variant.kind, variant.rule, day)
                slots[day] = found.slots
                kernel = self._kernel_log[variant.is_by_hand]
                row = known[day] = tuple(
                    kernel.get(offset, priors.OUTLIER_LOG) for offset in found.offsets
                )
            rows.append(row)
        totals: list[float] = list(map(sum, zip(*rows, strict=True)))
        if variant.kind is CadenceKind.MONTH:
            totals[-1] += _LAST_DAY_LOG
        return totals

    def _aligned(
        self, variant: Variant, phase: int, stride: int, slots: list[int], days: Sequence[int]
    ) -> tuple[list[int], float] | None:
        """Put every payment on a slot of one residue; None when too many do not fit.

        Two slots may be moved to one day (a long holiday), and the row names only one of them.
        """
        if stride == 1 or len(slots) == 1:
            return slots, 0.0
        residues = [slot % stride for slot in slots]
        residue = max(set(residues), key=residues.count)
        if residues.count(residue) < len(slots) * _ALIGNED_SHARE_MIN:
            return None
        extra = 0.0
        moved: list[int] = []
        for slot, day in zip(slots, days, strict=True):
            nearest, change = self._nearest(variant, phase, (stride, residue), (slot, day))
            moved.append(nearest)
            extra += change
        return moved, extra

    def _nearest(
        self, variant: Variant, phase: int, grid: tuple[int, int], seen: tuple[int, int]
    ) -> tuple[int, float]:
        """Return the slot of this residue nearest to a payment, and what that costs in nats."""
        stride, residue = grid
        slot, day = seen
        if slot % stride == residue:
            return slot, 0.0
        below = slot - (slot - residue) % stride
        offsets = {
            near: day - self.grid.moved_slot(variant.kind, variant.rule, phase, near)
            for near in (below, below + stride)
        }
        nearest = min(offsets, key=lambda near: abs(offsets[near]))
        kernel = self._kernel_log[variant.is_by_hand]
        known = self._scores[variant][day][phase]
        return nearest, kernel.get(offsets[nearest], priors.OUTLIER_LOG) - known

    def _guess(
        self, variant: Variant, phase: int, stride: int, slots: list[int], cutoff: int
    ) -> "_Guess":
        """Weigh the silence since the last payment: going on, or stopped."""
        first, last = min(slots), max(slots)
        going, stopped = 1.0, 0.0
        slot = last
        unseen = self._unseen[variant.is_by_hand]
        while going > _MASS_MIN:
            slot += stride
            day = self.grid.moved_slot(variant.kind, variant.rule, phase, slot)
            late_days = cutoff - day
            if late_days < -priors.OFFSET_MAX:
                break
            stopped += going * priors.STOP
            going *= (1 - priors.STOP) * unseen.get(late_days, priors.MISS)
        return _Guess(variant, phase, stride, first, last, going, stopped)


def _is_moot(kind: CadenceKind, rule: PostingRule) -> bool:
    """Say whether this rule changes nothing on this grid."""
    return kind is CadenceKind.WORKDAY and rule is not PostingRule.EXACT


def _regularity(slots: list[int], stride: int) -> float:
    """Return the log likelihood of slots hit, missed and hit twice."""
    distinct = len(set(slots))
    misses = (max(slots) - min(slots)) // stride + 1 - distinct
    twice = len(slots) - distinct
    return distinct * _HIT_LOG + misses * _MISS_LOG + twice * priors.TWICE_LOG


def _first(item: tuple[float, Variant, int]) -> float:
    return item[0]


def _shapes_log(
    shapes: Mapping[priors.Shape, float],
) -> dict[CadenceKind, list[tuple[int, float]]]:
    """Return per grid the strides and their log priors."""
    found: dict[CadenceKind, list[tuple[int, float]]] = {kind: [] for kind in CadenceKind}
    for (kind, stride), prior in shapes.items():
        found[kind].append((stride, log(prior)))
    return found


def _unseen_by_lateness(kernel: dict[int, float]) -> dict[int, float]:
    """Return the chance that nothing is posted so many days after the moved nominal day."""
    return {
        late: priors.MISS
        + (1 - priors.MISS) * sum(share for offset, share in kernel.items() if offset > late)
        for late in range(-priors.OFFSET_MAX, priors.OFFSET_MAX)
    }


def _normalised(found: list[tuple[float, _Guess]], count: int) -> Posterior:
    if not found:
        return NOTHING_KNOWN
    best = max(weight for weight, _ in found)
    weighed = [(exp(weight - best), guess) for weight, guess in found]
    total = sum(weight for weight, _ in weighed)
    heavy = [(weight, guess) for weight, guess in weighed if weight / total >= _WEIGHT_MIN]
    share = sum(weight for weight, _ in heavy)
    kept = [_hypothesis(weight / share, guess, count) for weight, guess in heavy]
    kept.sort(key=lambda hypothesis: (-hypothesis.weight, hypothesis.cadence))
    return Posterior(tuple(kept), best + log(total))


def _hypothesis(weight: float, guess: _Guess, count: int) -> Hypothesis:
    variant, last = guess.variant, guess.last_slot
    cadence = Cadence(
        variant.kind,
        guess.phase,
        guess.stride,
        last % guess.stride,
        variant.rule,
        variant.is_by_hand,
    )
    alive = guess.going / (guess.going + guess.stopped)
    return Hypothesis(cadence, weight, guess.first_slot, last, count, alive)
