"""From what is kept to dated occurrences: own entries, market events, closures. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from h5app.kernel.trading_day import TradingDays
from h5app.wealth.model import (
    NO_MARK,
    Certainty,
    EntryClass,
    HolidayRule,
    Mark,
    Occurrence,
    OccurrenceState,
    OwnEntry,
)
from h5app.wealth.ports import MarketEvent
from h5app.wealth.repeat import moved, nominal_days
from h5app.wealth.stream_model import Forecast, ForecastState, KeptStream, StreamWord

Marks = Mapping[tuple[str, date], Mark]
HOLIDAY_REACH = timedelta(days=12)
"""A holiday rule never moves a day farther than this."""
REF_LETTERS = 16
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
POSSIBLE_CHANCE_MIN = 300
"""Per mille; what is less likely is drawn and not told."""
CERTAIN_CHANCE = 1000
"""Per mille: the institution says so itself."""
_SEEN = {
    ForecastState.PAID: OccurrenceState.DONE,
    ForecastState.MISSED: OccurrenceState.MISSED,
}
_SATURDAY = 5
_SEQUENCE_ZERO = datetime(2020, 1, 1, tzinfo=UTC)


def of_own(
    entries: Iterable[OwnEntry], marks: Marks, first: date, last: date, days: TradingDays
) -> list[Occurrence]:
    """Return the occurrences of own entries that fall due from `first` to `last`."""
    return [
        occurrence
        for entry in entries
        for nominal in _nominal(entry, first, last, days)
        for occurrence in [_own(entry, nominal, marks, days)]
        if first <= occurrence.due_on <= last
    ]


def _nominal(entry: OwnEntry, first: date, last: date, days: TradingDays) -> list[date]:
    if entry.draft.holiday_rule is not HolidayRule.KEEP:
        first, last = first - HOLIDAY_REACH, last + HOLIDAY_REACH
    return nominal_days(entry.draft, first, last, days.lunar)


def _own(entry: OwnEntry, nominal: date, marks: Marks, days: TradingDays) -> Occurrence:
    draft = entry.draft
    due_on = moved(nominal, draft.holiday_rule, days)
    return Occurrence(
        ref=entry.ref,
        kind=draft.kind,
        title=draft.title,
        nominal_on=nominal,
        due_on=due_on,
        earliest_on=due_on,
        mark=marks.get((entry.ref, nominal), NO_MARK),
        amount_low_fen=draft.amount_fen,
        amount_high_fen=draft.amount_fen,
        lead_days=draft.lead_days,
        known_at=entry.changed_at,
        note=draft.note,
        sequence=entry.sequence,
        changed_at=entry.touched_at,
        is_cancelled=entry.deleted_at is not None,
    )


def of_streams(stream: KeptStream, expected: Iterable[Forecast], marks: Marks) -> list[Occurrence]:
    """Return the occurrences of a learned stream; withdrawn ones are cancelled."""
    return [_learned(stream, each, marks) for each in expected]


def _learned(stream: KeptStream, expected: Forecast, marks: Marks) -> Occurrence:
    mark = marks.get((stream.ref, expected.nominal_on), NO_MARK)
    seen = _SEEN.get(expected.state)
    return Occurrence(
        ref=stream.ref,
        kind=stream.kind,
        title=stream.title,
        lead_days=stream.own.lead_days,
        nominal_on=expected.nominal_on,
        due_on=expected.due_on,
        earliest_on=expected.earliest_on,
        certainty=_certainty(stream, expected),
        mark=replace(mark, state=seen) if seen is not None and mark.is_silent else mark,
        amount_low_fen=expected.low_fen,
        amount_high_fen=expected.high_fen,
        known_at=stream.known_at,
        sequence=expected.sequence + stream.own.sequence,
        changed_at=expected.changed_at,
        is_cancelled=expected.state is ForecastState.WITHDRAWN,
    )


def _certainty(stream: KeptStream, expected: Forecast) -> Certainty:
    if stream.facts.is_ordered and expected.chance == CERTAIN_CHANCE:
        return Certainty.CERTAIN
    is_sure = stream.word is StreamWord.CONFIRMED or expected.chance >= POSSIBLE_CHANCE_MIN
    return Certainty.PREDICTED if is_sure else Certainty.POSSIBLE


def of_market(events: Iterable[MarketEvent], marks: Marks) -> list[Occurrence]:
    """Return the occurrences of market events."""
    return [_market(event, marks) for event in events]


def market_ref(event: MarketEvent) -> str:
    """Return the name of an event among a customer's entries: letters, no code of a security.

    It stands in addresses that leave through WeChat.
    """
    digest = hashlib.sha256(event.event_id.encode()).hexdigest()[:REF_LETTERS]
    return f"market-{digest.translate(_LETTERS)}"


def _market(event: MarketEvent, marks: Marks) -> Occurrence:
    ref = market_ref(event)
    return Occurrence(
        ref=ref,
        kind=event.kind,
        title=event.kind.label,
        nominal_on=event.on,
        due_on=event.on,
        earliest_on=event.on,
        certainty=Certainty.CERTAIN if event.is_confirmed else Certainty.PREDICTED,
        mark=marks.get((ref, event.on), NO_MARK),
        security_name=event.short_name,
        symbol=event.symbol,
        note=event.title,
        source=event.source,
        sequence=_sequence(event.fetched_at),
        changed_at=event.fetched_at,
        is_cancelled=event.is_cancelled,
    )


def _sequence(fetched_at: datetime | None) -> int:
    """Return a number that rises whenever a market event was told anew: minutes since 2020."""
    if fetched_at is None:
        return 0
    return max(0, (fetched_at - _SEQUENCE_ZERO) // timedelta(minutes=1))


def of_closures(first: date, last: date, days: TradingDays) -> list[Occurrence]:
    """Return the closures of the exchanges that begin from `first` to `last`: weekends left out."""
    return [
        _closure(span)
        for span in closures(first, last, days)
        if any(on.weekday() < _SATURDAY for on in span)
    ]


def closures(first: date, last: date, days: TradingDays) -> list[Sequence[date]]:
    """Return the rows of days without trading that begin from `first` to `last`, whole."""
    spans: list[Sequence[date]] = []
    on = first
    while on <= last:
        if days.is_trading_day(on) or not days.is_trading_day(on - timedelta(days=1)):
            on += timedelta(days=1)
            continue
        reopens = days.next_trading_day(on)
        spans.append([on + timedelta(days=n) for n in range((reopens - on).days)])
        on = reopens
    return spans


def _closure(span: Sequence[date]) -> Occurrence:
    return Occurrence(
        ref=f"closure-{span[0].isoformat()}",
        kind=EntryClass.CLOSURE,
        title="休市",
        nominal_on=span[0],
        due_on=span[0],
        earliest_on=span[0],
        until_on=span[-1],
    )


def in_order(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Return occurrences by day, then by reference."""
    return sorted(occurrences, key=lambda each: (each.due_on, each.ref, each.nominal_on))
