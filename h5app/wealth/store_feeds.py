"""Table of calendar links: one private address a customer, known by its hash only."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Connection, String, Table, Text, select, update

from h5app.plumbing.db import UtcMoment, metadata
from h5app.wealth.store import upsert

feed_table = Table(
    "wealth_feed",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("made_at", UtcMoment, nullable=False),
    Column("fetched_at", UtcMoment),
    Column("shows_amounts", Boolean, nullable=False),
    Column("kinds_off", Text, nullable=False),
)


class FeedRow(NamedTuple):
    """A customer's calendar link."""

    customer_id: str
    made_at: datetime
    fetched_at: datetime | None
    shows_amounts: bool
    kinds_off: frozenset[str]


def put_feed(
    connection: Connection, customer_id: str, token_hash: str, now: datetime, *, shows_amounts: bool
) -> None:
    """Give the customer a link; the one before stops working."""
    change = {"token_hash": token_hash, "made_at": now, "fetched_at": None}
    change |= {"shows_amounts": shows_amounts}
    upsert(connection, feed_table, change | {"customer_id": customer_id, "kinds_off": ""}, change)


def set_kinds_off(connection: Connection, customer_id: str, kinds_off: frozenset[str]) -> None:
    """Keep which classes are left out of the link."""
    connection.execute(
        update(feed_table)
        .where(feed_table.c.customer_id == customer_id)
        .values(kinds_off=",".join(sorted(kinds_off)))
    )


def remove_feed(connection: Connection, customer_id: str) -> None:
    """Take the link away."""
    connection.execute(feed_table.delete().where(feed_table.c.customer_id == customer_id))


def feed(connection: Connection, customer_id: str) -> FeedRow | None:
    """Return the customer's link; None when there is none."""
    return _row(connection, feed_table.c.customer_id == customer_id)


def feed_of_token(connection: Connection, token_hash: str) -> FeedRow | None:
    """Return whose link this is; None when nobody's."""
    return _row(connection, feed_table.c.token_hash == token_hash)


def set_fetched(connection: Connection, customer_id: str, at: datetime) -> None:
    """Note when the link was last asked for."""
    connection.execute(
        update(feed_table).where(feed_table.c.customer_id == customer_id).values(fetched_at=at)
    )


def _row(connection: Connection, condition) -> FeedRow | None:  # type: ignore[no-untyped-def] # noqa: ANN001 - an SQL condition
    row = connection.execute(select(feed_table).where(condition)).first()
    if row is None:
        return None
    return FeedRow(
        customer_id=row.customer_id,
        made_at=row.made_at,
        fetched_at=row.fetched_at,
        shows_amounts=row.shows_amounts,
        kinds_off=frozenset(filter(None, row.kinds_off.split(","))),
    )
