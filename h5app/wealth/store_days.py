"""Table of what was known of the holidays at the last learning: one row."""

from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, select, update

from h5app.plumbing.db import metadata
from h5app.wealth.store import upsert
from h5app.wealth.store_reminders import customer_table
from h5app.wealth.store_streams import account_table

days_table = Table(
    "wealth_days",
    metadata,
    Column("name", String(8), primary_key=True),
    Column("mark", String(64), nullable=False),
)
_NAME = "days"


def known_mark(connection: Connection) -> str | None:
    """Return the digest of the tables that everything was computed with; None at first."""
    return connection.execute(
        select(days_table.c.mark).where(days_table.c.name == _NAME)
    ).scalar_one_or_none()


def put_mark(connection: Connection, mark: str) -> None:
    """Keep the digest of the present tables."""
    upsert(connection, days_table, {"name": _NAME, "mark": mark}, {"mark": mark})


def forget_learned(connection: Connection, now: datetime) -> None:
    """Have every account learned from anew, and every customer looked at."""
    connection.execute(update(account_table).values(learned_on=None))
    c = customer_table.c
    connection.execute(update(customer_table).where(c.look_at > now).values(look_at=now))
