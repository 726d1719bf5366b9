"""Tells customers: into the inbox at once, and out by the first way that carries it, once."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.notify.inbox import Inbox, pairs
from h5app.notify.model import Notice, NoticeKind, may_be_sent_at
from h5app.notify.ports import AddressBook, Channel, Delivery, Outcome, Recipient
from h5app.notify.store import delivery, inbox
from h5app.notify.wishes import Wishes
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger

BATCH_MAX = 100
SENDERS_MAX = 8
ATTEMPTS_MAX = 3
CLAIM = timedelta(seconds=60)
"""A batch whose process died is free again after so long."""
RETRY_FIRST = timedelta(seconds=5)

log = get_logger(__name__)


class ResultTooEarly(AppError):
    """The result of a message that is still being recorded; it is told again."""

    code = "notify.result_too_early"
    status = 409
    sentence = "发送结果暂时无法登记,稍后会自动重试"


@dataclass(frozen=True)
class _Due:
    """A claimed delivery with what it carries."""

    delivery_id: int
    channel: str
    attempts: int
    notice_id: int
    notice: Notice


class Notifier:
    """The inbox, the ways out, and what each customer wants of them.

    `market` rules quiet hours and the inbox's times, `wall` claims and retries. `channels` stand in
    the order in which they are tried.
    """

    def __init__(
        self,
        database: Database,
        *,
        market: Clock,
        wall: Clock,
        channels: Sequence[Channel] = (),
        addresses: AddressBook | None = None,
    ) -> None:
        self._database = database
        self._market = market
        self._wall = wall
        self._channels: dict[str, Channel] = {channel.name: channel for channel in channels}
        self._addresses = addresses
        self.inbox = Inbox(database)
        self.wishes = Wishes(database)
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def use(self, channels: Iterable[Channel]) -> None:
        """Set the ways out, in the order in which they are tried."""
        self._channels = {channel.name: channel for channel in channels}

    # Telling

    def tell(self, notice: Notice) -> bool:
        """Put a notice into the inbox and on its way; False when it had been told before."""
        with self._database.write() as connection:
            return self.tell_within(connection, notice)

    def tell_within(self, connection: Connection, notice: Notice) -> bool:
        """Do what `tell` does inside the caller's transaction."""
        now = self._market.now()
        added = connection.execute(
            self._insert(inbox)
            .values(
                customer_id=notice.customer_id,
                dedupe_key=notice.dedupe_key,
                open_key=notice.key,
                kind=notice.kind.value,
                title=notice.title,
                body=_body(notice),
                link_path=notice.link_path,
                told_at=now,
            )
            .on_conflict_do_nothing(index_elements=["customer_id", "dedupe_key"])
            .returning(inbox.c.id)
        ).scalar_one_or_none()
        if added is None:
            return False
        may_go_at, wall_now = may_be_sent_at(notice.kind, now), self._wall.now()
        rows = [
            {"notice_id": added, "channel": name, "rank": rank, "may_go_at": may_go_at}
            | {"state": "reserve" if rank else "waiting", "try_at": wall_now}
            for rank, name in enumerate(self._channels)
        ]
        if rows:
            connection.execute(delivery.insert(), rows)
        return True

    # Delivering

    def deliver_due(self) -> int:
        """Send what is due and record what became of it; return how many were tried."""
        due = self._claim()
        if not due:
            return 0
        if len(due) == 1:
            outcomes = [self._sent(due[0])]
        else:
            with ThreadPoolExecutor(min(SENDERS_MAX, len(due)), "notify") as senders:
                outcomes = list(senders.map(self._sent, due))
        with self._database.write() as connection:
            for one, outcome in zip(due, outcomes, strict=True):
                self._record(connection, one, outcome)
        return len(due)

    def record_result(self, channel_name: str, reference: str, answer: Delivery) -> None:
        """Record what a channel found out after it had taken a message.

        Raises:
            ResultTooEarly: A failure of a message that is not recorded yet; tell it again.
        """
        c = delivery.c
        with self._database.write() as connection:
            row = connection.execute(
                select(c.id, c.notice_id, c.rank, c.state).where(
                    c.channel == channel_name, c.reference == reference
                )
            ).first()
            if row is None and answer.outcome is not Outcome.SENT:
                raise ResultTooEarly
            is_told_again = row and row.state == "refused" and answer.outcome is not Outcome.SENT
            if row is None or is_told_again:
                return
            self._end(connection, row.id, _STATES[answer.outcome], answer)
            if answer.outcome is Outcome.REFUSED:
                self._recall(connection, row.notice_id, row.rank)
            self._settle_reserves(connection, row.notice_id, answer.outcome)

    def deliveries(self, notice_id: int) -> list[tuple[str, str, str]]:
        """Return channel, state and code of each way of a notice, in their order."""
        c = delivery.c
        with self._database.read() as connection:
            rows = connection.execute(
                select(c.channel, c.state, c.code).where(c.notice_id == notice_id).order_by(c.rank)
            )
            return [(row.channel, row.state, row.code) for row in rows]

    def waiting(self) -> int:
        """Return how many deliveries have not ended."""
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.count()).select_from(delivery).where(delivery.c.state == "waiting")
                ).scalar_one()
            )

    def _claim(self) -> list[_Due]:
        with self._database.read() as connection:
            if connection.execute(self._due_rows().limit(1)).first() is None:
                return []
        until = self._wall.now() + CLAIM
        with self._database.write() as connection:
            ids = [
                row.id
                for row in connection.execute(
                    self._due_rows().limit(BATCH_MAX).with_for_update(skip_locked=True)
                )
            ]
            connection.execute(
                update(delivery)
                .where(delivery.c.id.in_(ids))
                .values(claimed_until=until, attempts=delivery.c.attempts + 1)
            )
            return _claimed(connection, ids)

    def _due_rows(self) -> Select[int]:
        c, now = delivery.c, self._wall.now()
        return (
            select(c.id)
            .where(c.state == "waiting", c.try_at <= now, c.may_go_at <= self._market.now())
            .where(c.claimed_until.is_(None) | (c.claimed_until < now))
            .order_by(c.id)
        )

    def _sent(self, due: _Due) -> Delivery:
        """Send one notice; runs outside of any transaction, possibly in another thread."""
        channel = self._channels.get(due.channel)
        if channel is None or due.attempts > ATTEMPTS_MAX:
            return Delivery(outcome=Outcome.REFUSED, code="gave_up" if channel else "no_channel")
        wishes = self.wishes.of(due.notice.customer_id)
        if not wishes.wants(due.notice.kind):
            return Delivery(outcome=Outcome.REFUSED, code=SWITCHED_OFF)
        address = self._address(due)
        if address is None:
            return Delivery(outcome=Outcome.REFUSED, code="no_address")
        recipient = Recipient(address=address, shows_private=wishes.shows_private)
        return channel.send(due.notice, recipient)

    def _address(self, due: _Due) -> str | None:
        if self._addresses is None:
            return None
        return self._addresses.address(due.notice.customer_id, due.channel)

    def _record(self, connection: Connection, due: _Due, answer: Delivery) -> None:
        may_retry = due.attempts < ATTEMPTS_MAX
        if answer.outcome in {Outcome.LATER, Outcome.UNKNOWN} and may_retry:
            pause = answer.retry_after or RETRY_FIRST * 4 ** (due.attempts - 1)
            connection.execute(
                update(delivery)
                .where(delivery.c.id == due.delivery_id)
                .values(try_at=self._wall.now() + pause, claimed_until=None, code=answer.code)
            )
            return
        self._end(connection, due.delivery_id, _STATES[answer.outcome], answer)
        if answer.code != SWITCHED_OFF:
            self._settle_reserves(connection, due.notice_id, answer.outcome)
        log.info(
            "notice_delivery", channel=due.channel, state=answer.outcome, code_word=answer.code
        )

    def _end(self, connection: Connection, delivery_id: int, state: str, answer: Delivery) -> None:
        values: dict[str, object] = {"state": state, "code": answer.code, "claimed_until": None}
        if answer.reference:
            values["reference"] = answer.reference
        connection.execute(
            update(delivery)
            .where(delivery.c.id == delivery_id)
            .values(ended_at=self._wall.now(), **values)
        )

    def _recall(self, connection: Connection, notice_id: int, rank: int) -> None:
        """Hold the ways behind one ready again: what it had taken did not arrive after all."""
        c = delivery.c
        connection.execute(
            update(delivery)
            .where(c.notice_id == notice_id, c.rank > rank, c.state == "spared")
            .values(state="reserve")
        )

    def _settle_reserves(self, connection: Connection, notice_id: int, outcome: Outcome) -> None:
        """Wake the next way after a refusal; otherwise the other ways are not needed."""
        c = delivery.c
        mine = (c.notice_id == notice_id, c.state == "reserve")
        if outcome not in {Outcome.REFUSED, Outcome.LATER}:
            connection.execute(update(delivery).where(*mine).values(state="spared"))
            return
        following = connection.execute(
            select(c.id).where(*mine).order_by(c.rank).limit(1)
        ).scalar_one_or_none()
        if following is not None:
            connection.execute(
                update(delivery)
                .where(c.id == following)
                .values(state="waiting", try_at=self._wall.now())
            )


SWITCHED_OFF = "switched_off"
_STATES = {
    Outcome.SENT: "sent",
    Outcome.REFUSED: "refused",
    Outcome.LATER: "refused",
    Outcome.UNKNOWN: "unknown",
    Outcome.UNSURE: "unknown",
    Outcome.DECLINED: "refused",
}


def _body(notice: Notice) -> str:
    body = {"fields": notice.fields, "private": notice.private_fields}
    return json.dumps(body, ensure_ascii=False)


def _claimed(connection: Connection, ids: Sequence[int]) -> list[_Due]:
    c = delivery.c
    rows = connection.execute(
        select(c.id, c.channel, c.attempts, c.notice_id, inbox)
        .join_from(delivery, inbox, inbox.c.id == c.notice_id)
        .where(c.id.in_(ids))
        .order_by(c.id)
    )
    return [_due(row) for row in rows]


def _due(row: Row[Any]) -> _Due:
    body = json.loads(row.body)
    notice = Notice(
        customer_id=row.customer_id,
        kind=NoticeKind(row.kind),
        title=row.title,
        fields=pairs(body["fields"]),
        private_fields=pairs(body["private"]),
        link_path=row.link_path,
        dedupe_key=row.dedupe_key,
        kept_key=row.open_key,
    )
    return _Due(row[0], row.channel, row.attempts, row.notice_id, notice)
