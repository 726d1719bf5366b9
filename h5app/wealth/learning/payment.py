"""One past payment as the learner sees it, and the words for cadences and posting rules."""

from enum import StrEnum
from typing import NamedTuple


class Payment(NamedTuple):
    """One transaction; negative amounts leave the account."""

    on: int
    """Proleptic ordinal of the posting date (`date.toordinal`)."""
    amount_fen: int
    channel: str
    counterparty: str
    memo: str
    reference: str = ""
    """Identity of the transaction in its source; empty when the source has none."""


class PostingRule(StrEnum):
    """What happens when the nominal day is not a working day."""

    EXACT = "exact"
    NEXT = "next"
    PREVIOUS = "previous"
    TRADING = "trading"
    """The next day on which the exchanges trade: fund plans."""


class CadenceKind(StrEnum):
    """The grid of nominal days a stream lives on."""

    MONTH = "month"
    """Day 1 to 31 of a month, clamped to its last day."""
    WORKDAY = "workday"
    """The n-th bank working day of a month."""
    HALF_MONTH = "half_month"
    """A day and the day fifteen days later, every month."""
    WEEK = "week"
    """One weekday."""


class Cadence(NamedTuple):
    """A rule that names nominal days: kind, phase on its grid, stride and posting rule."""

    kind: CadenceKind
    phase: int
    """Day of month or number of the working day, less one; or weekday counted from Sunday = 0."""
    stride: int
    """Every so many slots: 1, 2, 3, 6, 12 months; 1, 2 or 4 weeks."""
    residue: int
    """Slot number modulo stride."""
    rule: PostingRule
    is_by_hand: bool
    """True when the customer pays by hand some days around the nominal day."""
