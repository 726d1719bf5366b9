"""Tables of what customers look at: their watchlists by group, what they viewed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Integer, String, Table, delete, func, select, update

from h5app.market.store import put
from h5app.plumbing.db import UtcMoment, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

watch_table = Table(
    "watch",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("group_name", String(16), primary_key=True),
    Column("symbol", String(9), primary_key=True),
    Column("place", Integer, nullable=False),
)
watch_group_table = Table(
    "watch_group",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("group_name", String(16), primary_key=True),
    Column("place", Integer, nullable=False),
)
"""Groups a customer made; the first one is there without a row."""
viewed_table = Table(
    "viewed",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("symbol", String(9), primary_key=True),
    Column("viewed_at", UtcMoment, nullable=False),
)


def watched(connection: Connection, customer_id: str, group: str) -> list[str]:
    """Return the symbols of a group in the customer's order."""
    c = watch_table.c
    query = select(c.symbol).where(c.customer_id == customer_id, c.group_name == group)
    return list(connection.execute(query.order_by(c.place, c.symbol)).scalars())


def watched_anywhere(connection: Connection, customer_id: str) -> list[str]:
    """Return the symbols of all groups, each once."""
    c = watch_table.c
    query = select(c.symbol).where(c.customer_id == customer_id).distinct()
    return sorted(connection.execute(query).scalars())


def count_watched(connection: Connection, customer_id: str) -> int:
    """Return how many rows all groups have together."""
    query = select(func.count()).where(watch_table.c.customer_id == customer_id)
    return connection.execute(query).scalar_one()


def set_watched(
    connection: Connection, customer_id: str, group: str, symbols: Sequence[str]
) -> None:
    """Let a group hold these symbols in this order."""
    c = watch_table.c
    connection.execute(
        delete(watch_table).where(c.customer_id == customer_id, c.group_name == group)
    )
    rows = [
        {"customer_id": customer_id, "group_name": group, "symbol": symbol, "place": place}
        for place, symbol in enumerate(dict.fromkeys(symbols))
    ]
    put(connection, watch_table, rows)


def remove_watched(connection: Connection, customer_id: str, symbol: str) -> None:
    """Let no group of the customer hold a symbol."""
    c = watch_table.c
    connection.execute(delete(watch_table).where(c.customer_id == customer_id, c.symbol == symbol))


def groups(connection: Connection, customer_id: str) -> list[str]:
    """Return the names of the groups that the customer made, in order."""
    c = watch_group_table.c
    query = select(c.group_name).where(c.customer_id == customer_id)
    return list(connection.execute(query.order_by(c.place, c.group_name)).scalars())


def add_group(connection: Connection, customer_id: str, group: str, place: int) -> None:
    """Add a group; adding it again changes its place only."""
    row = {"customer_id": customer_id, "group_name": group, "place": place}
    put(connection, watch_group_table, [row])


def remove_group(connection: Connection, customer_id: str, group: str) -> None:
    """Forget a group and what is in it."""
    for table in (watch_table, watch_group_table):
        c = table.c
        connection.execute(delete(table).where(c.customer_id == customer_id, c.group_name == group))


def rename_group(connection: Connection, customer_id: str, group: str, name: str) -> None:
    """Give a group another name; the new one is not taken."""
    for table in (watch_table, watch_group_table):
        c = table.c
        connection.execute(
            update(table)
            .where(c.customer_id == customer_id, c.group_name == group)
            .values(group_name=name)
        )


def note_viewed(connection: Connection, customer_id: str, symbol: str, at: datetime) -> None:
    """Note that the customer opened the page of an instrument."""
    put(
        connection,
        viewed_table,
        [{"customer_id": customer_id, "symbol": symbol, "viewed_at": at}],
    )


def viewed(connection: Connection, customer_id: str, limit: int) -> list[str]:
    """Return what was looked at, the latest first."""
    c = viewed_table.c
    query = select(c.symbol).where(c.customer_id == customer_id)
    query = query.order_by(c.viewed_at.desc(), c.symbol).limit(limit)
    return list(connection.execute(query).scalars())


def forget_viewed(connection: Connection, customer_id: str, kept: Sequence[str]) -> None:
    """Forget everything but these; all of it for none."""
    c = viewed_table.c
    connection.execute(
        delete(viewed_table).where(c.customer_id == customer_id, c.symbol.not_in(list(kept)))
    )
