"""Tables of the calendar: customers, own entries, marks, reminders told, preferences."""

import json
from collections.abc import Mapping
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
    Text,
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
    Wishes,
)

ID = BigInteger().with_variant(Integer, "sqlite")
CHANNEL = "notice"
"""Reminders leave through notify, which chooses the way; the subscribed calendar is no sending."""

customer_table = Table(
    "wealth_customer",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("account_id", String(20)),
    Column("look_at", UtcMoment, nullable=False),
    Column("learned_on", Date),
    Column("ledger_mark", String(64), nullable=False, server_default=""),
    Index("ix_wealth_customer_look", "look_at"),
    Index("ix_wealth_customer_learned", "learned_on"),
)
"""Who has a calendar; `look_at` is the market moment of the next look for due reminders."""

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
    Column("at", UtcMoment, nullable=False),
)
"""The customer's word on single occurrences."""

reminder_table = Table(
    "wealth_reminder",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("entry_ref", String(80), primary_key=True),
    Column("occurrence_on", Date, primary_key=True),
    Column("lead_days", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(12), primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("told_at", UtcMoment, nullable=False),
)
"""Every reminder that was told; its key is what makes it one, on any number of workers."""

preference_table = Table(
    "wealth_preference",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("lead_days", Text, nullable=False),
    Column("hour", Integer, nullable=False),
)

CUSTOMER_TABLES = (entry_table, mark_table, reminder_table, preference_table)
"""What goes along when one customer becomes another."""

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
    statement = _insert(connection, table).values(**values)
    keys = [column.name for column in table.primary_key.columns]
    if change:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=dict(change))
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement)


def _insert(connection: Connection, table: Table):  # type: ignore[no-untyped-def] # noqa: ANN202 - differs by dialect
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


# Customers and when they are looked at


def look_soon(connection: Connection, customer_id: str, now: datetime) -> None:
    """Have the next run look at this customer, who may be new."""
    values = {"customer_id": customer_id, "look_at": now}
    upsert(connection, customer_table, values, {"look_at": now})


def meet(connection: Connection, customer_id: str, now: datetime) -> None:
    """Note that the customer has a calendar; nothing changes when that is known."""
    upsert(connection, customer_table, {"customer_id": customer_id, "look_at": now})


def set_account(
    connection: Connection, customer_id: str, account_id: str | None, now: datetime
) -> None:
    """Keep which account's cash ledger is learned from; None forgets it."""
    change = {"account_id": account_id, "look_at": now, "learned_on": None, "ledger_mark": ""}
    upsert(connection, customer_table, {"customer_id": customer_id, **change}, change)


def account_of(connection: Connection, customer_id: str) -> tuple[bool, str | None]:
    """Return whether the customer is known, and the account his calendar learns from."""
    c = customer_table.c
    row = connection.execute(select(c.account_id).where(c.customer_id == customer_id)).first()
    return row is not None, None if row is None else row.account_id


def due_customers(
    connection: Connection, now: datetime, count_max: int, after: str = ""
) -> list[tuple[str, datetime, str | None]]:
    """Return customers whose look is due, in the order of their ids, from behind `after`."""
    c = customer_table.c
    rows = connection.execute(
        select(c.customer_id, c.look_at, c.account_id)
        .where(c.look_at <= now, c.customer_id > after)
        .order_by(c.customer_id)
        .limit(count_max)
    )
    return [(row.customer_id, row.look_at, row.account_id) for row in rows]


def set_look(connection: Connection, customer_id: str, was_at: datetime, at: datetime) -> None:
    """Set the next look, unless somebody asked for another one meanwhile."""
    c = customer_table.c
    connection.execute(
        update(customer_table)
        .where(c.customer_id == customer_id, c.look_at == was_at)
        .values(look_at=at)
    )


# Own entries


def add_entry(
    connection: Connection, customer_id: str, draft: EntryDraft, now: datetime, once_key: str | None
) -> int:
    """Add an entry and return its number; the number of the first where `once_key` was used."""
    values = _draft_values(draft) | {"customer_id": customer_id, "changed_at": now}
    added = connection.execute(
        _insert(connection, entry_table)
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
    connection: Connection, entry_id: int, draft: EntryDraft, changed_at: datetime
) -> None:
    """Give an entry another content; `changed_at` is since when its dates are known."""
    c = entry_table.c
    connection.execute(
        update(entry_table)
        .where(c.entry_id == entry_id)
        .values(**_draft_values(draft), changed_at=changed_at, sequence=c.sequence + 1)
    )


def set_deleted(connection: Connection, entry_id: int, at: datetime | None) -> None:
    """Delete an entry, or (None) bring it back."""
    c = entry_table.c
    connection.execute(
        update(entry_table)
        .where(c.entry_id == entry_id)
        .values(deleted_at=at, sequence=c.sequence + 1)
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
    )


# Marks


def marks(connection: Connection, customer_id: str) -> dict[tuple[str, date], Mark]:
    """Return the customer's word on occurrences by entry and nominal day."""
    c = mark_table.c
    rows = connection.execute(select(mark_table).where(c.customer_id == customer_id))
    return {
        (row.entry_ref, row.occurrence_on): Mark(
            state=OccurrenceState(row.state), snoozed_until=row.snoozed_until
        )
        for row in rows
    }


def put_mark(
    connection: Connection, customer_id: str, key: tuple[str, date], mark: Mark, now: datetime
) -> None:
    """Keep the customer's word on one occurrence; an open one without snooze is forgotten."""
    c = mark_table.c
    entry_ref, occurrence_on = key
    if mark == Mark():
        connection.execute(
            mark_table.delete().where(
                c.customer_id == customer_id,
                c.entry_ref == entry_ref,
                c.occurrence_on == occurrence_on,
            )
        )
        return
    change = {"state": mark.state.value, "snoozed_until": mark.snoozed_until, "at": now}
    keys = {"customer_id": customer_id, "entry_ref": entry_ref, "occurrence_on": occurrence_on}
    upsert(connection, mark_table, keys | change, change)


# Reminders


def told(
    connection: Connection, customer_id: str, since: date
) -> dict[tuple[str, date], dict[int, datetime]]:
    """Return when reminders of days from `since` on were told, by occurrence and lead."""
    c = reminder_table.c
    rows = connection.execute(
        select(c.entry_ref, c.occurrence_on, c.lead_days, c.told_at).where(
            c.customer_id == customer_id, c.due_on >= since
        )
    )
    found: dict[tuple[str, date], dict[int, datetime]] = {}
    for row in rows:
        found.setdefault((row.entry_ref, row.occurrence_on), {})[row.lead_days] = row.told_at
    return found


def claim_reminder(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Write that a reminder is told; False when another run was first."""
    return (
        connection.execute(
            _insert(connection, reminder_table)
            .values(**values, channel=CHANNEL)
            .on_conflict_do_nothing()
            .returning(reminder_table.c.lead_days)
        ).first()
        is not None
    )


# Preferences


def wishes(connection: Connection, customer_id: str) -> Wishes:
    """Return a customer's preferences; the defaults where nothing was said."""
    c = preference_table.c
    row = connection.execute(
        select(preference_table).where(c.customer_id == customer_id)
    ).one_or_none()
    if row is None:
        return Wishes()
    known = {kind.value for kind in EntryClass}
    leads = {
        EntryClass(name): days for name, days in json.loads(row.lead_days).items() if name in known
    }
    return Wishes(lead_days=leads, hour=row.hour)


def put_wishes(connection: Connection, customer_id: str, given: Wishes) -> None:
    """Keep a customer's preferences."""
    leads = json.dumps({kind.value: days for kind, days in given.lead_days.items()})
    change = {"lead_days": leads, "hour": given.hour}
    upsert(connection, preference_table, {"customer_id": customer_id, **change}, change)


# One customer becomes another


def move_rows(connection: Connection, table: Table, from_id: str, to_id: str) -> None:
    """Give one customer's rows to another; where both have the same row, the other's stays."""
    mine = connection.execute(select(table).where(table.c.customer_id == from_id)).mappings().all()
    connection.execute(table.delete().where(table.c.customer_id == from_id))
    for row in mine:
        upsert(connection, table, dict(row) | {"customer_id": to_id})
