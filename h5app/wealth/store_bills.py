"""Tables of imported bills: what was imported when, its rows, and the previews not yet decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    func,
    select,
)

from h5app.plumbing.db import UtcMoment, metadata
from h5app.wealth.bills.model import BillFile, BillRow, Effect, Origin
from h5app.wealth.store import ID, upsert, upsert_many
from h5app.wealth.store_reminders import customer_table

KEYS_AT_ONCE = 500

import_table = Table(
    "wealth_bill_import",
    metadata,
    Column("import_id", ID, primary_key=True, autoincrement=True),
    Column("customer_id", String(64), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("known_until", Date, nullable=False),
    Column("count_new", Integer, nullable=False),
    Column("count_updated", Integer, nullable=False),
    Column("imported_at", UtcMoment, nullable=False),
    Index("ix_wealth_bill_import_customer", "customer_id", "import_id"),
)

row_table = Table(
    "wealth_bill_row",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("row_key", String(32), primary_key=True),
    Column("import_id", ID, nullable=False),
    Column("origin", String(8), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("effect", String(8), nullable=False),
    Column("counterparty", String(60), nullable=False),
    Column("item", String(130), nullable=False),
    Column("method", String(60), nullable=False),
    Column("status", String(60), nullable=False),
    Column("order_id", String(80), nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Index("ix_wealth_bill_row_at", "customer_id", "at"),
)
"""Rows of bills under the name they have in every export; a later export changes their status."""

draft_table = Table(
    "wealth_bill_draft",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("draft_id", String(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", UtcMoment, nullable=False),
)
"""What a customer looks at before it is imported: one file at a time."""

_TEXTS = ("counterparty", "item", "method", "status", "order_id")


class ImportRow(NamedTuple):
    """One import as it is kept."""

    import_id: int
    origin: Origin
    first_on: date
    last_on: date
    known_until: date
    count_new: int
    count_updated: int
    imported_at: datetime


class KeptRow(NamedTuple):
    """A kept row with its source."""

    origin: Origin
    row: BillRow


def kept_rows(connection: Connection, customer_id: str, keys: Sequence[str]) -> dict[str, BillRow]:
    """Return those of the named rows that are kept already."""
    c = row_table.c
    found: dict[str, BillRow] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        part = keys[start : start + KEYS_AT_ONCE]
        query = select(row_table).where(c.customer_id == customer_id, c.row_key.in_(part))
        found |= {row.row_key: _bill_row(row) for row in connection.execute(query)}
    return found


def count_rows(connection: Connection, customer_id: str) -> int:
    """Return how many rows a customer keeps."""
    query = select(func.count()).where(row_table.c.customer_id == customer_id)
    return int(connection.execute(query).scalar_one())


def add_import(connection: Connection, customer_id: str, values: Mapping[str, Any]) -> int:
    """Note an import; return its number."""
    statement = import_table.insert().values(customer_id=customer_id, **values)
    return int(connection.execute(statement.returning(import_table.c.import_id)).scalar_one())


def put_rows(
    connection: Connection,
    customer_id: str,
    import_id: int,
    bill: BillFile,
    rows: Iterable[BillRow],
) -> None:
    """Insert rows, or replace those of the same name."""
    upsert_many(
        connection,
        row_table,
        [
            {
                "customer_id": customer_id,
                "row_key": row.key,
                "import_id": import_id,
                "origin": bill.origin.value,
                "at": row.at,
                "amount_fen": row.amount_fen,
                "effect": row.effect.value,
                "refunded_fen": row.refunded_fen,
                **{name: getattr(row, name) for name in _TEXTS},
            }
            for row in rows
        ],
    )


def imports(connection: Connection, customer_id: str) -> list[ImportRow]:
    """Return a customer's imports, newest first."""
    c = import_table.c
    rows = connection.execute(
        select(import_table).where(c.customer_id == customer_id).order_by(c.import_id.desc())
    )
    return [_import_row(row) for row in rows]


def _import_row(row: Row[Any]) -> ImportRow:
    values = {name: getattr(row, name) for name in ImportRow._fields}
    return ImportRow(**values | {"origin": Origin(row.origin)})


def remove_import(connection: Connection, customer_id: str, import_id: int) -> bool:
    """Delete an import with the rows it brought or changed last; False where there is none."""
    c, r = import_table.c, row_table.c
    gone = connection.execute(
        import_table.delete().where(c.customer_id == customer_id, c.import_id == import_id)
    )
    connection.execute(
        row_table.delete().where(r.customer_id == customer_id, r.import_id == import_id)
    )
    return bool(gone.rowcount)


def rows_of_account(connection: Connection, account_id: str, since: datetime) -> list[KeptRow]:
    """Return the rows of whoever has this account, by time."""
    c = row_table.c
    query = (
        select(row_table)
        .join(customer_table, customer_table.c.customer_id == c.customer_id)
        .where(customer_table.c.account_id == account_id, c.at >= since)
        .order_by(c.at, c.row_key)
    )
    return [KeptRow(Origin(row.origin), _bill_row(row)) for row in connection.execute(query)]


def known_until(connection: Connection, account_id: str) -> dict[Origin, date]:
    """Return the last day that each source of this account's bills speaks of."""
    c = import_table.c
    query = (
        select(c.origin, func.max(c.known_until).label("until"))
        .join(customer_table, customer_table.c.customer_id == c.customer_id)
        .where(customer_table.c.account_id == account_id)
        .group_by(c.origin)
    )
    return {Origin(row.origin): row.until for row in connection.execute(query)}


def _bill_row(row: Row[Any]) -> BillRow:
    return BillRow(
        key=row.row_key,
        at=row.at,
        amount_fen=row.amount_fen,
        effect=Effect(row.effect),
        refunded_fen=row.refunded_fen,
        **{name: getattr(row, name) for name in _TEXTS},
    )


# Previews


def put_draft(
    connection: Connection, customer_id: str, draft_id: str, body: bytes, now: datetime
) -> None:
    """Keep a preview in the place of the customer's last one."""
    change = {"draft_id": draft_id, "body": body, "made_at": now}
    upsert(connection, draft_table, {"customer_id": customer_id, **change}, change)


def draft(connection: Connection, customer_id: str, draft_id: str, since: datetime) -> bytes | None:
    """Return a preview; None when it was replaced, decided or is older than `since`."""
    c = draft_table.c
    body = connection.execute(
        select(c.body).where(
            c.customer_id == customer_id, c.draft_id == draft_id, c.made_at >= since
        )
    ).scalar_one_or_none()
    return None if body is None else bytes(body)


def remove_drafts(connection: Connection, customer_id: str, before: datetime) -> None:
    """Delete the customer's preview, and everybody's that is older than `before`."""
    c = draft_table.c
    connection.execute(
        draft_table.delete().where((c.customer_id == customer_id) | (c.made_at < before))
    )
