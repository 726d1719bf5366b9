"""The inbox: everything a customer was ever told, whatever became of it outside."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from h5app.kernel.error import AppError
from h5app.notify.model import InboxEntry, NoticeKind
from h5app.notify.store import delivery, inbox
from h5app.plumbing.db import Database

PAGE_ENTRIES_MAX = 20


class NoticeNotFound(AppError):
    """This customer has no such notice."""

    code = "notify.not_found"
    status = 404
    sentence = "没有找到这条消息,请返回消息中心查看"


@dataclass(frozen=True)
class Way:
    """One way out of the house and what became of a notice on it."""

    channel: str
    state: str
    """waiting, reserve, spared, sent, refused or unknown."""
    code: str


class Inbox:
    """What each customer finds under 消息中心."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, customer_id: str, before_id: int | None = None) -> list[InboxEntry]:
        """Return a page of at most PAGE_ENTRIES_MAX notices, newest first, below an id."""
        query = select(inbox).where(inbox.c.customer_id == customer_id)
        if before_id is not None:
            query = query.where(inbox.c.id < before_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(inbox.c.id.desc()).limit(PAGE_ENTRIES_MAX))
            return [_entry(row) for row in rows.mappings()]

    def entry(self, customer_id: str, notice_id: int) -> InboxEntry:
        """Return one notice and mark it read.

        Raises:
            NoticeNotFound: This customer has no such notice.
        """
        with self._database.read() as connection:
            row = (
                connection.execute(
                    select(inbox).where(inbox.c.customer_id == customer_id, inbox.c.id == notice_id)
                )
                .mappings()
                .first()
            )
        return self._read(row)

    def entry_by_key(self, customer_id: str, key: str) -> InboxEntry:
        """Return the notice whose message outside was opened, and mark it read.

        Raises:
            NoticeNotFound: This customer has no such notice.
        """
        with self._database.read() as connection:
            row = (
                connection.execute(
                    select(inbox).where(inbox.c.customer_id == customer_id, inbox.c.open_key == key)
                )
                .mappings()
                .first()
            )
        return self._read(row)

    def _read(self, row: RowMapping | None) -> InboxEntry:
        if row is None:
            raise NoticeNotFound
        if not row["is_read"]:
            with self._database.write() as connection:
                connection.execute(
                    update(inbox).where(inbox.c.id == row["id"]).values(is_read=True)
                )
        return _entry(row)

    def ways(self, notice_ids: Sequence[int]) -> dict[int, list[Way]]:
        """Return what became of each notice outside, in the order in which ways are tried."""
        c = delivery.c
        found: dict[int, list[Way]] = {notice_id: [] for notice_id in notice_ids}
        with self._database.read() as connection:
            rows = connection.execute(
                select(c.notice_id, c.channel, c.state, c.code)
                .where(c.notice_id.in_(notice_ids))
                .order_by(c.notice_id, c.rank)
            )
            for row in rows:
                found[row.notice_id].append(Way(row.channel, row.state, row.code))
        return found

    def read_all(self, customer_id: str) -> int:
        """Mark everything read; return how many were not."""
        with self._database.write() as connection:
            return connection.execute(
                update(inbox)
                .where(inbox.c.customer_id == customer_id, inbox.c.is_read.is_(False))
                .values(is_read=True)
            ).rowcount

    def unread(self, customer_id: str) -> int:
        """Return how many notices were not read yet."""
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.count())
                    .select_from(inbox)
                    .where(inbox.c.customer_id == customer_id, inbox.c.is_read.is_(False))
                ).scalar_one()
            )

    def move(self, from_customer_id: str, to_customer_id: str) -> int:
        """Give one customer's notices to another; what both were told stays once.

        Messages on their way keep their own key, so those that were sent lead to the same notice.
        """
        with self._database.write() as connection:
            self._drop_doubles(connection, from_customer_id, to_customer_id)
            return connection.execute(
                update(inbox)
                .where(inbox.c.customer_id == from_customer_id)
                .values(customer_id=to_customer_id)
            ).rowcount

    def _drop_doubles(self, connection: Connection, from_id: str, to_id: str) -> None:
        told = select(inbox.c.dedupe_key).where(inbox.c.customer_id == to_id)
        doubles = connection.execute(
            select(inbox.c.id).where(inbox.c.customer_id == from_id, inbox.c.dedupe_key.in_(told))
        ).scalars()
        ids = list(doubles)
        connection.execute(delete(delivery).where(delivery.c.notice_id.in_(ids)))
        connection.execute(delete(inbox).where(inbox.c.id.in_(ids)))


def pairs(values: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Return label and text as the model keeps them, from what JSON made of them."""
    return tuple((label, text) for label, text in values)


def _entry(row: RowMapping) -> InboxEntry:
    body = json.loads(row["body"])
    return InboxEntry(
        notice_id=row["id"],
        kind=NoticeKind(row["kind"]),
        title=row["title"],
        fields=pairs(body["fields"]),
        private_fields=pairs(body["private"]),
        link_path=row["link_path"],
        told_at=row["told_at"],
        is_read=row["is_read"],
    )
