"""The calendar as JSON: what testers and other programs read."""

from collections.abc import Iterable
from datetime import date

import msgspec

from h5app.kernel.money import fen_text
from h5app.wealth.model import Occurrence
from h5app.wealth.month import Month


class OccurrenceReply(msgspec.Struct, frozen=True):
    """One occurrence; amounts are null until the trade password was given."""

    ref: str
    on: date
    due_on: date
    days_left: int
    kind: str
    class_label: str
    title: str
    certainty: str
    state: str
    symbol: str
    amount_low: str | None
    amount_high: str | None


class CalendarReply(msgspec.Struct, frozen=True):
    """One month, with the whole weeks of its grid."""

    month: str
    today: date
    occurrences: list[OccurrenceReply]


def calendar_reply(
    month: Month, today: date, occurrences: Iterable[Occurrence], *, is_open: bool
) -> CalendarReply:
    """Return the month as it is sent."""
    return CalendarReply(
        month=month.text,
        today=today,
        occurrences=[_occurrence(each, today, is_open=is_open) for each in occurrences],
    )


def _occurrence(occurrence: Occurrence, today: date, *, is_open: bool) -> OccurrenceReply:
    low = occurrence.amount_low_fen if is_open else None
    high = occurrence.amount_high_fen if is_open else None
    return OccurrenceReply(
        ref=occurrence.ref,
        on=occurrence.nominal_on,
        due_on=occurrence.due_on,
        days_left=occurrence.days_left(today),
        kind=occurrence.kind.value,
        class_label=occurrence.kind.label,
        title=occurrence.title,
        certainty=occurrence.certainty.value,
        state=occurrence.mark.state.value,
        symbol=occurrence.symbol,
        amount_low=None if low is None else fen_text(low),
        amount_high=None if high is None else fen_text(high),
    )
