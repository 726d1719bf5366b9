"""What is to be paid in the next days, against what is there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from h5app.wealth.model import LEAD_DAYS_DEFAULT, Occurrence

SOON_DAYS = LEAD_DAYS_DEFAULT


@dataclass(frozen=True, kw_only=True)
class Soon:
    """The payments of the next days."""

    count: int
    amount_fen: int
    """Of a range the upper end; what has no amount is not in it."""
    missing_fen: int | None
    """How much the account has too little; 0 where it has enough, None where nobody knows."""


def soon(occurrences: Iterable[Occurrence], today: date) -> Soon:
    """Return what is to be paid from today to five days ahead, not yet held against anything."""
    last = today + timedelta(days=SOON_DAYS)
    due = [
        each
        for each in occurrences
        if each.is_open and each.kind.moves_money and today <= each.due_on <= last
    ]
    amount_fen = sum(each.amount_high_fen or 0 for each in due)
    return Soon(count=len(due), amount_fen=amount_fen, missing_fen=None)


def against(due: Soon, available_fen: int | None) -> Soon:
    """Return what is to be paid, held against what the account has ready."""
    if available_fen is None:
        return due
    return replace(due, missing_fen=max(0, due.amount_fen - available_fen))
