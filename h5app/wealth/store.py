"""Tables of own entries and of the customer's word on occurrences."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from h5app.plumbing.db import UtcMoment, metadata
from h5app.wealth.model import (
    EntryClass,
    EntryDraft,
    HolidayRule,
    Mark,
    OccurrenceState,
    OwnEntry,
    Repeat,
)

ID = BigInteger().with_variant(Integer, "sqlite")

entry_table = Table(
    "wealth_entry",
    metadata,
    Column("entry_id", ID, primary_key=True, autoincrement=True),
    Column("customer_id", String(64), nullable=False),
    Column("title", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("repeat", String(12), nullable=False),
    Column("is_lunar", Boolean, nullable=False),
    Column("holiday_rule", String(8), nullable=False),
    Column("amount_fen", BigInteger),
    Column("lead_days", Integer),
    Column("note", String(240), nullable=False),
    Column("until_on", Date),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("changed_at", UtcMoment, nullable=False),
    Column("touched_at", UtcMoment, nullable=False),
    Column("deleted_at", UtcMoment),
    Column("once_key", String(64)),
    Index("ix_wealth_entry_customer", "customer_id", "entry_id"),
    Index("uq_wealth_entry_once", "customer_id", "once_key", unique=True),
)
"""What customers wrote down. `once_key` is that of the form, so that a double tap adds one."""

mark_table = Table(
    "wealth_mark",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("entry_ref", String(80), primary_key=True),
    Column("occurrence_on", Date, primary_key=True),
    Column("state", String(8), nullable=False),
    Column("snoozed_until", Date),
    Column("sequence", Integer, nullable=False),
    Column("at", UtcMoment, nullable=False),
)
"""The customer's word on single occurrences."""

_DRAFT_FIELDS = (
    *("title", "kind", "first_on", "repeat", "is_lunar", "holiday_rule"),
    *("amount_fen", "lead_days", "note", "until_on"),
)


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    change: Mapping[str, Any] | None = None,
) -> None:
    """Insert a row; where its primary key is there, set `change` (nothing when empty)."""
    statement = insert(connection, table).values(**values)
    keys = [column.name for column in table.primary_key.columns]
    if change:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=dict(change))
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement)


def upsert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, replacing those of the same primary key."""
    if not rows:
        return
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    connection.execute(statement, list(rows))


def insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - differs by dialect
    """Return the dialect's insert, which knows ON CONFLICT."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


# Own entries


def add_entry(
    connection: Connection, customer_id: str, draft: EntryDraft, now: datetime, once_key: str | None
) -> int:
    """Add an entry and return its number; the number of the first where `once_key` was used."""
    values = _draft_values(draft) | {"customer_id": customer_id}
    values |= {"changed_at": now, "touched_at": now}
    added = connection.execute(
        insert(connection, entry_table)
        .values(**values, once_key=once_key)
        .on_conflict_do_nothing(index_elements=["customer_id", "once_key"])
        .returning(entry_table.c.entry_id)
    ).scalar_one_or_none()
    if added is not None:
        return int(added)
    c = entry_table.c
    return int(
        connection.execute(
            select(c.entry_id).where(c.customer_id == customer_id, c.once_key == once_key)
        ).scalar_one()
    )


def change_entry(
    connection: Connection, entry_id: int, draft: EntryDraft, changed_at: datetime, now: datetime
) -> None:
    """Give an entry another content; `changed_at` is since when its dates are known."""
    c = entry_table.c
    connection.execute(
        update(entry_table)
        .where(c.entry_id == entry_id)
        .values(
            **_draft_values(draft), changed_at=changed_at, touched_at=now, sequence=c.sequence + 1
        )
    )


def set_deleted(connection: Connection, entry_id: int, at: datetime | None, now: datetime) -> None:
    """Delete an entry, or (None) bring it back."""
    c = entry_table.c
    connection.execute(
        update(entry_table)
        .where(c.entry_id == entry_id)
        .values(deleted_at=at, touched_at=now, sequence=c.sequence + 1)
    )


def entry(connection: Connection, customer_id: str, entry_id: int) -> OwnEntry | None:
    """Return one entry of a customer, deleted or not."""
    c = entry_table.c
    row = connection.execute(
        select(entry_table).where(c.customer_id == customer_id, c.entry_id == entry_id)
    ).first()
    return None if row is None else _entry(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def entries(
    connection: Connection, customer_id: str, deleted_since: datetime | None = None
) -> list[OwnEntry]:
    """Return a customer's entries; also those deleted since a moment where one is given."""
    c = entry_table.c
    query = select(entry_table).where(c.customer_id == customer_id)
    if deleted_since is None:
        query = query.where(c.deleted_at.is_(None))
    else:
        query = query.where(c.deleted_at.is_(None) | (c.deleted_at >= deleted_since))
    rows = connection.execute(query.order_by(c.entry_id))
    return [_entry(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def count_entries(connection: Connection, customer_id: str) -> int:
    """Return how many entries a customer keeps."""
    c = entry_table.c
    query = select(func.count()).where(c.customer_id == customer_id, c.deleted_at.is_(None))
    return int(connection.execute(query).scalar_one())


def _draft_values(draft: EntryDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in _DRAFT_FIELDS}
    for name in ("kind", "repeat", "holiday_rule"):
        values[name] = values[name].value
    return values


def _entry(row: RowMapping) -> OwnEntry:
    values = {name: row[name] for name in _DRAFT_FIELDS}
    values["kind"] = EntryClass(values["kind"])
    values["repeat"] = Repeat(values["repeat"])
    values["holiday_rule"] = HolidayRule(values["holiday_rule"])
    return OwnEntry(
        entry_id=row["entry_id"],
        customer_id=row["customer_id"],
        draft=EntryDraft(**values),
        sequence=row["sequence"],
        changed_at=row["changed_at"],
        deleted_at=row["deleted_at"],
        touched_at=row["touched_at"],
    )


# Marks


def marks(connection: Connection, customer_id: str) -> dict[tuple[str, date], Mark]:
    """Return the customer's word on occurrences by entry and nominal day."""
    c = mark_table.c
    rows = connection.execute(select(mark_table).where(c.customer_id == customer_id))
    return {
        (row.entry_ref, row.occurrence_on): Mark(
            state=OccurrenceState(row.state),
            snoozed_until=row.snoozed_until,
            sequence=row.sequence,
            at=row.at,
        )
        for row in rows
    }


def put_mark(
    connection: Connection, customer_id: str, key: tuple[str, date], mark: Mark, now: datetime
) -> None:
    """Keep the customer's word on one occurrence, which may be that he takes it back."""
    change: dict[str, Any] = {
        "state": mark.state.value,
        "snoozed_until": mark.snoozed_until,
        "at": now,
    }
    values = {"customer_id": customer_id, "entry_ref": key[0], "occurrence_on": key[1]}
    more = {"sequence": mark_table.c.sequence + 1}
    upsert(connection, mark_table, values | change | {"sequence": 1}, change | more)


# One customer becomes another


def move_rows(connection: Connection, table: Table, from_id: str, to_id: str) -> None:
    """Give one customer's rows to another; where both have the same row, the other's stays."""
    mine = connection.execute(select(table).where(table.c.customer_id == from_id)).mappings().all()
    connection.execute(table.delete().where(table.c.customer_id == from_id))
    for row in mine:
        upsert(connection, table, dict(row) | {"customer_id": to_id})
