"""The kept streams of one account inside one transaction, brought to what was learned."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from h5app.wealth import store_streams as store
from h5app.wealth.learner import LearnedStream
from h5app.wealth.reconcile import reconciled
from h5app.wealth.stream_model import (
    Forecast,
    ForecastState,
    KeptStream,
    Matched,
    StreamFacts,
    StreamStatus,
    StreamWord,
)

_HALF = 2


class StreamBook:
    """Finds for every learned stream the kept one it is, and writes what changed."""

    def __init__(self, connection: Connection, account_id: str, now: datetime) -> None:
        self._connection = connection
        self._account_id = account_id
        self._now = now
        self._kept = {each.stream_id: each for each in store.streams(connection, account_id)}
        self._payments = store.payments(connection, list(self._kept))
        self._forecasts = store.forecasts(connection, list(self._kept))

    def take(self, learned: Sequence[LearnedStream]) -> date:
        """Bring the kept streams to what was learned.

        Returns:
            The day until which the same ledger teaches nothing new: something is expected then.
        """
        ordered = {each.facts.order_reference: n for n, each in self._kept.items()}
        matches = matched(learned, self._payments, ordered)
        settled = date.max
        for index, each in enumerate(learned):
            stream_id = matches.get(index) or self._add(each)
            if stream_id is None:
                continue
            if stream_id in self._kept:
                self._change(self._kept[stream_id], each)
            settled = min(settled, self._write(stream_id, each))
        for stream_id in self._kept.keys() - set(matches.values()):
            self._end(self._kept[stream_id])
        return settled

    def _add(self, learned: LearnedStream) -> int | None:
        """Add a stream that is new; one that is nothing to speak of is not kept."""
        word = self._inherited_word(learned)
        if learned.facts.status is StreamStatus.ENDED and word is StreamWord.NONE:
            return None
        return store.add_stream(self._connection, self._account_id, learned.facts, word, self._now)

    def _inherited_word(self, learned: LearnedStream) -> StreamWord:
        """Return DISMISSED for what is mostly made of dismissed payments: it must not come back."""
        dismissed = {
            payment.reference
            for stream_id, kept in self._kept.items()
            if kept.word is StreamWord.DISMISSED
            for payment in self._payments[stream_id]
        }
        shared = sum(payment.reference in dismissed for payment in learned.payments)
        is_mostly = shared * _HALF > len(learned.payments)
        return StreamWord.DISMISSED if is_mostly else StreamWord.NONE

    def _change(self, kept: KeptStream, learned: LearnedStream) -> None:
        facts = steadied(kept.facts, learned.facts)
        if facts == kept.facts:
            return
        is_news = kept.facts.status is not StreamStatus.SURE and facts.status is StreamStatus.SURE
        known_at = self._now if is_news and kept.word is StreamWord.NONE else None
        store.change_stream(self._connection, kept.stream_id, facts, known_at=known_at)

    def _write(self, stream_id: int, learned: LearnedStream) -> date:
        was = self._payments.get(stream_id, [])
        store.replace_payments(self._connection, stream_id, was, learned.payments)
        kept = self._forecasts.get(stream_id, [])
        changed = reconciled(kept, learned)
        store.put_forecasts(self._connection, stream_id, changed, self._now)
        return settled_until(kept, changed)

    def _end(self, kept: KeptStream) -> None:
        """End a stream whose payments are now all in other streams, or out of sight."""
        if kept.facts.status is StreamStatus.ENDED:
            return
        facts = StreamFacts(
            is_income=kept.facts.is_income,
            title=kept.facts.title,
            kind=kept.facts.kind,
            status=StreamStatus.ENDED,
            cadence=kept.facts.cadence,
            count=kept.facts.count,
            chance=0,
            order_reference=kept.facts.order_reference,
        )
        store.change_stream(self._connection, kept.stream_id, facts)
        store.withdraw_forecasts(self._connection, kept.stream_id, self._now)


def matched(
    learned: Sequence[LearnedStream],
    payments: Mapping[int, Sequence[Matched]],
    ordered: Mapping[str, int],
) -> dict[int, int]:
    """Return per index of a learned stream the kept stream that it is.

    That of the same order, if it is one of an institution's; else that with which it shares most
    payments.
    """
    owner = {each.reference: stream_id for stream_id, own in payments.items() for each in own}
    shared = Counter(
        (index, owner[payment.reference])
        for index, stream in enumerate(learned)
        for payment in stream.payments
        if payment.reference in owner
    )
    found = {
        index: ordered[stream.facts.order_reference]
        for index, stream in enumerate(learned)
        if stream.facts.is_ordered and stream.facts.order_reference in ordered
    }
    taken = set(found.values())
    for (index, stream_id), _count in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        if index not in found and stream_id not in taken:
            found[index] = stream_id
            taken.add(stream_id)
    return found


def steadied(was: StreamFacts, now: StreamFacts) -> StreamFacts:
    """Return what is kept of a new learning: a sure stream stays sure while it goes on at all."""
    if was.status is StreamStatus.SURE and now.status is StreamStatus.CANDIDATE:
        values = {name: getattr(now, name) for name in StreamFacts.__dataclass_fields__}
        return StreamFacts(**values | {"status": StreamStatus.SURE})
    return now


def settled_until(kept: Sequence[Forecast], changed: Sequence[Forecast]) -> date:
    """Return the first day on which something is expected: until then silence says nothing."""
    rows = {each.nominal_on: each for each in (*kept, *changed)}
    return min(
        (row.earliest_on for row in rows.values() if row.state is ForecastState.OPEN),
        default=date.max,
    )
