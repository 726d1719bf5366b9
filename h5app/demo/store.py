"""The demo's one row: where the market clock was, how fast it runs, and where it was told to go."""

from datetime import date

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Row, Table, select

from h5app.plumbing.db import UtcMoment, metadata

clock_table = Table(
    "demo_clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first_on", Date, nullable=False),
    Column("market_at", UtcMoment, nullable=False),
    Column("wall_at", UtcMoment, nullable=False),
    Column("speed", Integer, nullable=False),
    Column("reached_at", UtcMoment, nullable=False),
    Column("target_at", UtcMoment),
    Column("is_seeded", Boolean, nullable=False, server_default="0"),
)
"""`reached_at` is the market moment that was lived through last; `target_at` an open wish."""

_ROW = 1


def read(connection: Connection) -> Row[tuple[object, ...]] | None:
    """Return the row, or None before the first start."""
    return connection.execute(select(clock_table)).first()


def begin(connection: Connection, first_on: date, **values: object) -> None:
    """Write the row of a new demo."""
    connection.execute(clock_table.insert().values(id=_ROW, first_on=first_on, **values))


def change(connection: Connection, **values: object) -> None:
    """Change parts of the row."""
    connection.execute(clock_table.update().where(clock_table.c.id == _ROW).values(**values))
