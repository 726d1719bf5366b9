"""Tells each reminder once, however often and however late it is run, on any number of workers."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from h5app.kernel.clock import SHANGHAI, Clock
from h5app.kernel.money import fen_text
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.plumbing.outbox import Outbox
from h5app.wealth import store_reminders as store
from h5app.wealth.gathering import Outside, Span, Whose, gather
from h5app.wealth.lead import REACH_DAYS, Telling, tellings
from h5app.wealth.model import Occurrence, ReminderDue, RemindersGathered
from h5app.wealth.slices import limit

BATCH_MAX = 50
DIGEST_LINES_MAX = 8

log = get_logger(__name__)


class _Due(NamedTuple):
    whose: Whose
    look_at: datetime


class Reminding:
    """Looks at customers when their next reminder is due, or once a day.

    What is due is computed afresh from entries, streams and events, so that nothing has to be kept
    in step with them; the reminder's row, written with the fact in one transaction, makes it one.
    """

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        market: Clock,
        trading_days: TradingDays,
        outside: Outside,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._market = market
        self._days = trading_days
        self._outside = outside

    def remind_due(self, seconds_max: float | None = None) -> int:
        """Tell everything that is due by the market clock; return how many were told.

        What was due while nobody ran is told once, late; what is past its day is not told.
        """
        count, after = 0, ""
        now, is_over = self._market.now(), limit(self._market, seconds_max)
        while not is_over():
            with self._database.read() as connection:
                due = store.due_customers(connection, now, BATCH_MAX, after)
            if not due:
                break
            count += self._tell_batch([self._due(row) for row in due], now)
            after = due[-1].customer_id
        if count:
            log.info("reminders_told", count=count)
        return count

    def _due(self, row: store.LookRow) -> _Due:
        span = _span(self._market.now())
        return _Due(self._outside.whose(row.customer_id, row.account_id, span), row.look_at)

    def _tell_batch(self, batch: Sequence[_Due], now: datetime) -> int:
        def work(connection: Connection) -> int:
            return sum(self._look(connection, each, now) for each in batch)

        return int(self._database.retry_write(work))

    def _look(self, connection: Connection, due: _Due, now: datetime) -> int:
        whose = due.whose
        waiting = self._waiting(connection, whose, now)
        chosen = one_per_occurrence(each for each in waiting if each.at <= now)
        first = [each for each in chosen if self._claim(connection, whose.customer_id, each, now)]
        self._publish(connection, whose.customer_id, first, now)
        later = [each.at for each in waiting if each.at > now]
        store.set_look(connection, whose.customer_id, due.look_at, min([*later, _midnight(now)]))
        return len(first)

    def _waiting(self, connection: Connection, whose: Whose, now: datetime) -> list[Telling]:
        """Return the reminders that are not told yet, of days that are not past."""
        span = _span(now)
        wishes = store.wishes(connection, whose.customer_id)
        told = store.told(connection, whose.customer_id, span.first)
        found = gather(connection, whose, span, self._days)
        return [
            telling
            for occurrence in found
            for telling in tellings(occurrence, wishes, self._days)
            if telling.at.date() <= occurrence.due_on
            and is_news(telling, told.get(occurrence.key, {}))
        ]

    def _publish(
        self, connection: Connection, customer_id: str, told: Sequence[Telling], now: datetime
    ) -> None:
        if len(told) > 1 and store.wishes(connection, customer_id).is_digest:
            self._outbox.publish(connection, digest(customer_id, told, now))
            return
        for telling in told:
            self._outbox.publish(connection, fact(customer_id, telling, now))

    def _claim(
        self, connection: Connection, customer_id: str, telling: Telling, now: datetime
    ) -> bool:
        occurrence = telling.occurrence
        return store.claim_reminder(
            connection,
            {
                "customer_id": customer_id,
                "entry_ref": occurrence.ref,
                "occurrence_on": occurrence.nominal_on,
                "lead_days": telling.lead_days,
                "due_on": occurrence.due_on,
                "told_at": now,
            },
        )


def reminder_key(telling: Telling) -> str:
    """Return the name of a reminder: entry, nominal day, lead."""
    occurrence = telling.occurrence
    return f"{occurrence.ref}:{occurrence.nominal_on.isoformat()}:{telling.lead_days}"


def digest(customer_id: str, told: Sequence[Telling], now: datetime) -> RemindersGathered:
    """Return several reminders as one message."""
    by_day = sorted((each.occurrence for each in told), key=lambda each: (each.due_on, each.ref))
    keys = "|".join(sorted(map(reminder_key, told)))
    return RemindersGathered(
        customer_id=customer_id,
        digest_key=hashlib.sha256(keys.encode()).hexdigest()[:32],
        count=len(by_day),
        class_labels="、".join(dict.fromkeys(each.kind.label for each in by_day)),
        due_on=by_day[0].due_on,
        days_left=by_day[0].days_left(now.date()),
        titles=";".join(map(digest_line, by_day[:DIGEST_LINES_MAX])),
    )


def digest_line(occurrence: Occurrence) -> str:
    """Return one line of a digest, as 12月3日 房贷扣款 956.00元."""
    amount = occurrence.amount_high_fen
    words = (
        f"{occurrence.due_on.month}月{occurrence.due_on.day}日",
        occurrence.security_name,
        occurrence.title,
        f"{fen_text(amount)}元" if amount is not None else "",
    )
    return " ".join(filter(None, words))


def fact(customer_id: str, telling: Telling, now: datetime) -> ReminderDue:
    """Return what the other rooms are told of a reminder."""
    occurrence = telling.occurrence
    return ReminderDue(
        customer_id=customer_id,
        reminder_key=reminder_key(telling),
        title=occurrence.title,
        class_label=occurrence.kind.label,
        due_on=occurrence.due_on,
        days_left=occurrence.days_left(now.date()),
        entry_ref=occurrence.ref,
        occurrence_on=occurrence.nominal_on,
        security_name=occurrence.security_name,
        amount_fen=occurrence.amount_high_fen,
    )


def is_news(telling: Telling, told_at_by_lead: Mapping[int, datetime]) -> bool:
    """Say whether a reminder is still to be told: not itself, nor a later one of its occurrence.

    The second part holds when a lead is lengthened after the reminder went out.
    """
    if telling.lead_days in told_at_by_lead:
        return False
    return all(told_at < telling.at for told_at in told_at_by_lead.values())


def one_per_occurrence(due: Iterable[Telling]) -> list[Telling]:
    """Return of several reminders of one occurrence the latest: late runs tell it once."""
    latest: dict[object, Telling] = {}
    for telling in due:
        known = latest.get(telling.occurrence.key)
        if known is None or telling.at >= known.at:
            latest[telling.occurrence.key] = telling
    return list(latest.values())


def _span(now: datetime) -> Span:
    return Span(now.date(), now.date() + timedelta(days=REACH_DAYS))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(0), SHANGHAI)
