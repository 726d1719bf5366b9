"""Tables of reminders: who is looked at when, what was told, what customers prefer."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    select,
    update,
)

from h5app.plumbing.db import UtcMoment, metadata
from h5app.wealth.model import EntryClass, Sensitivity, Wishes
from h5app.wealth.store import insert, upsert

CHANNEL = "notice"
"""Reminders leave through notify, which chooses the way; the subscribed calendar is no sending."""

customer_table = Table(
    "wealth_customer",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("account_id", String(20)),
    Column("look_at", UtcMoment, nullable=False),
    Index("ix_wealth_customer_look", "look_at"),
    Index("ix_wealth_customer_account", "account_id"),
)
"""Who has a calendar; `look_at` is the market moment of the next look for due reminders."""

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
    Column("is_digest", Boolean, nullable=False),
    Column("sensitivity", String(8), nullable=False),
    Column("least_fen", BigInteger, nullable=False),
)

# Customers and when they are looked at


class LookRow(NamedTuple):
    """A customer whose look is due."""

    customer_id: str
    look_at: datetime
    account_id: str | None


def look_soon(connection: Connection, customer_id: str, now: datetime) -> None:
    """Have the next run look at this customer, who may be new."""
    values = {"customer_id": customer_id, "look_at": now}
    upsert(connection, customer_table, values, {"look_at": now})


def meet(connection: Connection, customer_id: str, now: datetime) -> None:
    """Note that the customer has a calendar; nothing changes when that is known."""
    upsert(connection, customer_table, {"customer_id": customer_id, "look_at": now})


def forget_account(
    connection: Connection, customer_id: str, account_id: str, now: datetime
) -> None:
    """Part the customer from this account; nothing changes where he has another by now."""
    c = customer_table.c
    connection.execute(
        update(customer_table)
        .where(c.customer_id == customer_id, c.account_id == account_id)
        .values(account_id=None, look_at=now)
    )


def set_account(connection: Connection, customer_id: str, account_id: str, now: datetime) -> None:
    """Keep which account's cash ledger is learned from."""
    change = {"account_id": account_id, "look_at": now}
    upsert(connection, customer_table, {"customer_id": customer_id, **change}, change)


def move_look(connection: Connection, from_id: str, to_id: str, now: datetime) -> None:
    """Forget the former customer; the other takes his account where he has none himself."""
    c = customer_table.c
    account_id = account_of(connection, from_id)[1]
    connection.execute(customer_table.delete().where(c.customer_id == from_id))
    look_soon(connection, to_id, now)
    connection.execute(
        update(customer_table)
        .where(c.customer_id == to_id, c.account_id.is_(None))
        .values(account_id=account_id)
    )


def look_soon_at_account(connection: Connection, account_id: str, now: datetime) -> None:
    """Have the next run look at whoever has this account."""
    c = customer_table.c
    connection.execute(
        update(customer_table)
        .where(c.account_id == account_id, c.look_at > now)
        .values(look_at=now)
    )


def account_of(connection: Connection, customer_id: str) -> tuple[bool, str | None]:
    """Return whether the customer is known, and the account his calendar learns from."""
    c = customer_table.c
    row = connection.execute(select(c.account_id).where(c.customer_id == customer_id)).first()
    return row is not None, None if row is None else row.account_id


def due_customers(
    connection: Connection, now: datetime, count_max: int, after: str = ""
) -> list[LookRow]:
    """Return customers whose look is due, in the order of their ids, from behind `after`."""
    c = customer_table.c
    rows = connection.execute(
        select(c.customer_id, c.look_at, c.account_id)
        .where(c.look_at <= now, c.customer_id > after)
        .order_by(c.customer_id)
        .limit(count_max)
    )
    return [LookRow(row.customer_id, row.look_at, row.account_id) for row in rows]


def set_look(connection: Connection, customer_id: str, was_at: datetime, at: datetime) -> None:
    """Set the next look, unless somebody asked for another one meanwhile."""
    c = customer_table.c
    connection.execute(
        update(customer_table)
        .where(c.customer_id == customer_id, c.look_at == was_at)
        .values(look_at=at)
    )


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
            insert(connection, reminder_table)
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
    return Wishes(
        lead_days=leads,
        hour=row.hour,
        is_digest=row.is_digest,
        sensitivity=Sensitivity(row.sensitivity),
        least_fen=row.least_fen,
    )


def put_wishes(connection: Connection, customer_id: str, given: Wishes) -> None:
    """Keep a customer's preferences."""
    leads = json.dumps({kind.value: days for kind, days in given.lead_days.items()})
    change = {"lead_days": leads, "hour": given.hour, "is_digest": given.is_digest}
    change |= {"sensitivity": given.sensitivity.value, "least_fen": given.least_fen}
    upsert(connection, preference_table, {"customer_id": customer_id, **change}, change)
