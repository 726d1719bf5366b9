"""Numbers the learner starts from; where they come from is said in docs/wealth.md.

Everything is a plain constant, shared by all accounts. `python -m bench.folds` counts the shares
of cadences and posting rules anew on four fifths of the accounts and predicts the last fifth with
them: so it shows what these numbers owe to the accounts they were seen on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from h5app.wealth.learning.counterparty import Telling
from h5app.wealth.learning.payment import CadenceKind, PostingRule

MISS = 0.012
"""Share of nominal days without a payment although the stream goes on."""
STOP = 0.004
"""Hazard that a stream ends at a nominal day."""
OFFSET_MAX = 4
KERNEL = {
    0: 0.972,
    1: 0.006,
    2: 0.007,
    3: 0.006,
    4: 0.006,
    -1: 0.002,
    -2: 0.0005,
    -3: 0.0003,
    -4: 0.0002,
}
"""Days between the moved nominal day and the posting, when a machine pays: late by a retry."""
KERNEL_BY_HAND = {
    0: 0.332, 1: 0.237, 2: 0.083, 3: 0.019, 4: 0.007, -1: 0.231, -2: 0.077, -3: 0.012, -4: 0.002,
}  # fmt: skip
OUTLIER_LOG = log(2e-5)
TWICE_LOG = log(0.004)
"""Two payments in one slot."""

LAST_DAY_WEIGHT = 4.0
"""Prior of the last day of the month beside any other day."""

Shape = tuple[CadenceKind, int]
Posting = tuple[PostingRule, bool]

_MONTHLY: dict[Shape, float] = {
    (CadenceKind.MONTH, 1): 0.83,
    (CadenceKind.MONTH, 2): 0.06,
    (CadenceKind.MONTH, 3): 0.07,
    (CadenceKind.MONTH, 6): 0.005,
    (CadenceKind.MONTH, 12): 0.005,
    (CadenceKind.WORKDAY, 1): 0.004,
    (CadenceKind.HALF_MONTH, 1): 0.004,
    (CadenceKind.WEEK, 1): 0.01,
    (CadenceKind.WEEK, 2): 0.012,
}
_PLAN: dict[Shape, float] = {
    (CadenceKind.MONTH, 1): 0.25,
    (CadenceKind.WEEK, 1): 0.40,
    (CadenceKind.WEEK, 2): 0.33,
    (CadenceKind.HALF_MONTH, 1): 0.006,
    (CadenceKind.WORKDAY, 1): 0.004,
    (CadenceKind.MONTH, 2): 0.004,
    (CadenceKind.MONTH, 3): 0.006,
    (CadenceKind.MONTH, 6): 0.002,
    (CadenceKind.MONTH, 12): 0.002,
}
_INCOME: dict[Shape, float] = {
    **_MONTHLY,
    (CadenceKind.MONTH, 1): 0.72,
    (CadenceKind.WORKDAY, 1): 0.02,
    (CadenceKind.HALF_MONTH, 1): 0.11,
    (CadenceKind.WEEK, 1): 0.02,
    (CadenceKind.WEEK, 2): 0.13,
}
_TEXTLESS: dict[Shape, float] = {
    **_MONTHLY,
    (CadenceKind.MONTH, 1): 0.70,
    (CadenceKind.WEEK, 1): 0.1,
    (CadenceKind.WEEK, 2): 0.06,
}
SHAPES: dict[Telling, dict[Shape, float]] = {
    Telling.PLAN: _PLAN,
    Telling.BILL: _MONTHLY,
    Telling.INCOME: _INCOME,
    Telling.PERSON: _MONTHLY,
    Telling.SHOP: _MONTHLY,
    Telling.OPAQUE: _MONTHLY,
    Telling.CASUAL: _TEXTLESS,
    Telling.MEMO: _TEXTLESS,
    Telling.NOTHING: _MONTHLY,
}
"""Prior of a cadence, by what the counterparty text tells."""

_USUAL: dict[Posting, float] = {
    (PostingRule.EXACT, False): 0.255,
    (PostingRule.EXACT, True): 0.22,
    (PostingRule.NEXT, False): 0.34,
    (PostingRule.PREVIOUS, False): 0.175,
    (PostingRule.TRADING, False): 0.01,
}
_FUND: dict[Posting, float] = {
    (PostingRule.EXACT, False): 0.02,
    (PostingRule.NEXT, False): 0.03,
    (PostingRule.PREVIOUS, False): 0.005,
    (PostingRule.TRADING, False): 0.945,
}
_SALARY: dict[Posting, float] = {
    (PostingRule.EXACT, False): 0.17,
    (PostingRule.EXACT, True): 0.01,
    (PostingRule.NEXT, False): 0.22,
    (PostingRule.PREVIOUS, False): 0.60,
}
POSTINGS: dict[Telling, dict[Posting, float]] = {
    telling: {Telling.PLAN: _FUND, Telling.INCOME: _SALARY}.get(telling, _USUAL)
    for telling in Telling
}
"""Prior of posting rule and payment by hand, in a region with a working-day table."""
POSTINGS_WEEKENDS_ONLY: dict[Posting, float] = {
    (PostingRule.EXACT, False): 0.9,
    (PostingRule.EXACT, True): 0.01,
    (PostingRule.NEXT, False): 0.05,
    (PostingRule.PREVIOUS, False): 0.04,
}


@dataclass(frozen=True)
class Beliefs:
    """Shares of cadences and posting rules before a payee's own payments are looked at."""

    shapes: Mapping[Telling, Mapping[Shape, float]]
    postings: Mapping[Telling, Mapping[Posting, float]]
    """With a working-day table; without one `POSTINGS_WEEKENDS_ONLY` holds for everybody."""


STATED = Beliefs(SHAPES, POSTINGS)

RECURRING: dict[Telling, float] = {
    Telling.PLAN: 0.99,
    Telling.BILL: 0.985,
    Telling.INCOME: 0.97,
    Telling.PERSON: 0.02,
    Telling.SHOP: 0.02,
    Telling.OPAQUE: 0.95,
    Telling.CASUAL: 0.3,
    Telling.MEMO: 0.55,
    Telling.NOTHING: 0.95,
}
"""Prior that a payee of this kind is paid again on a cadence."""
WORTH_FITTING_MIN = 0.05
"""One payment, or two without a rhythm, to a payee less likely to be regular than this are not
fitted: shops and persons are most of a ledger, and it would not lift any over a threshold."""
NOISE_DAY_LOG = log(1 / 40)
"""Density of the next payment's day when there is no cadence at all."""
