"""Facts between rooms: one row in the transaction of the change, delivered at least once."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    func,
    select,
    update,
)

from h5app.kernel.clock import Clock
from h5app.kernel.event import Event
from h5app.plumbing.db import Database, Sql, UtcMoment, metadata, moment_text
from h5app.plumbing.log import get_logger

BATCH_MAX = 100
ATTEMPTS_MAX = 8
CLAIM = timedelta(seconds=30)
"""A claim whose process died is free again after so long."""
BACK_OFF_FIRST = timedelta(milliseconds=500)

Handler = Callable[[Event], None]
"""Takes one fact; may be called twice with the same one."""

log = get_logger(__name__)

outbox_table = Table(
    "outbox",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("kind", String(60), nullable=False),
    Column("body", Text, nullable=False),
    Column("due_at", UtcMoment, nullable=False),
    Column("claimed_until", UtcMoment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("done_at", UtcMoment),
    Column("gave_up_at", UtcMoment),
    Index("ix_outbox_waiting", "done_at", "gave_up_at", "due_at"),
)

PUBLISH = Sql("INSERT INTO outbox (kind, body, due_at) VALUES (:kind, :body, :due_at)")
"""Fixed text: it stands in the transaction of every order."""


class Outbox:
    """Publishes facts and hands them to their handlers."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall

    def publish(self, connection: Connection, event: Event) -> None:
        """Add the fact to the transaction of `connection`: both happen, or neither."""
        PUBLISH.change(connection, **self.row(connection, event))

    def row(self, connection: Connection, event: Event) -> dict[str, object]:
        """Return the values of PUBLISH, for a room that writes more in the same round trip."""
        return {
            "kind": event.kind,
            "body": json.dumps(event.as_plain(), ensure_ascii=False),
            "due_at": moment_text(connection, self._wall.now()),
        }

    def deliver_due(self, handlers: Mapping[type[Event], Sequence[Handler]]) -> int:
        """Hand the waiting facts to their handlers; return how many were dealt with.

        A handler that raises leaves its fact waiting, with a growing pause; after ATTEMPTS_MAX the
        fact is put aside for an operator. Facts are taken in their order, but a failing one does
        not hold up those behind it.
        """
        claimed = self._claim()
        for row_id, kind, body, attempts in claimed:
            self._deliver(
                row_id, Event.kinds[kind].from_plain(json.loads(body)), attempts, handlers
            )
        return len(claimed)

    def waiting(self) -> int:
        """Return how many facts are not delivered yet, those put aside left out."""
        with self._database.read() as connection:
            return connection.execute(
                select(func.count()).where(
                    outbox_table.c.done_at.is_(None), outbox_table.c.gave_up_at.is_(None)
                )
            ).scalar_one()

    def put_aside(self) -> int:
        """Return how many facts were given up on."""
        with self._database.read() as connection:
            return connection.execute(
                select(func.count()).where(outbox_table.c.gave_up_at.is_not(None))
            ).scalar_one()

    def forget_done(self, older_than: timedelta) -> int:
        """Delete delivered facts older than a span; return how many."""
        limit = self._wall.now() - older_than
        with self._database.write() as connection:
            return connection.execute(
                outbox_table.delete().where(outbox_table.c.done_at < limit)
            ).rowcount

    def _claim(self) -> list[tuple[int, str, str, int]]:
        with self._database.read() as connection:
            if not connection.execute(self._waiting_rows().limit(1)).first():
                return []
        now = self._wall.now()
        with self._database.write() as connection:
            rows = connection.execute(self._waiting_rows().with_for_update(skip_locked=True)).all()
            ids = [row.id for row in rows]
            connection.execute(
                update(outbox_table)
                .where(outbox_table.c.id.in_(ids))
                .values(claimed_until=now + CLAIM, attempts=outbox_table.c.attempts + 1)
            )
        return [(row.id, row.kind, row.body, row.attempts + 1) for row in rows]

    def _waiting_rows(self) -> Select[Any]:
        now = self._wall.now()
        c = outbox_table.c
        return (
            select(c.id, c.kind, c.body, c.attempts)
            .where(c.done_at.is_(None), c.gave_up_at.is_(None), c.due_at <= now)
            .where(c.claimed_until.is_(None) | (c.claimed_until < now))
            .order_by(c.id)
            .limit(BATCH_MAX)
        )

    def _deliver(
        self,
        row_id: int,
        event: Event,
        attempts: int,
        handlers: Mapping[type[Event], Sequence[Handler]],
    ) -> None:
        try:
            for handler in handlers.get(type(event), ()):
                handler(event)
        except Exception:
            log.exception(
                "fact_not_delivered", fact=event.kind, outbox_id=row_id, attempts=attempts
            )
            self._postpone(row_id, attempts)
            return
        self._mark(row_id, done_at=self._wall.now())

    def _postpone(self, row_id: int, attempts: int) -> None:
        now = self._wall.now()
        if attempts >= ATTEMPTS_MAX:
            self._mark(row_id, gave_up_at=now)
            return
        self._mark(row_id, due_at=now + BACK_OFF_FIRST * 2**attempts, claimed_until=None)

    def _mark(self, row_id: int, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(outbox_table).where(outbox_table.c.id == row_id).values(**values)
            )
