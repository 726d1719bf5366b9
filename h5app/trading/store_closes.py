"""What accounts were worth at the close of each trading day, and how far a day's work has come."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    PrimaryKeyConstraint,
    Row,
    String,
    Table,
)

from h5app.plumbing.db import Sql, metadata
from h5app.trading.calendar import DayClose

close_table = Table(
    "trading_close",
    metadata,
    Column("account_id", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("profit_fen", BigInteger, nullable=False),
    Column("net_in_fen", BigInteger, nullable=False),
    Column("since", String(10), nullable=False, server_default=""),
    PrimaryKeyConstraint("account_id", "day"),
)
"""One row per account and trading day; `since` is the day of the row before it."""

close_run_table = Table(
    "trading_close_run",
    metadata,
    Column("day", String(10), nullable=False),
    Column("after", String(32), nullable=False),
    Column("is_done", Integer, nullable=False),
    PrimaryKeyConstraint("day"),
)
"""Accounts are taken in their order; those up to `after` are written."""

_ADD = Sql(
    "INSERT INTO trading_close (account_id, day, total_fen, profit_fen, net_in_fen, since)"
    " VALUES (:account_id, :day, :total_fen, :profit_fen, :net_in_fen, :since)"
    " ON CONFLICT (account_id, day) DO NOTHING"
)
_REACH = Sql(
    "INSERT INTO trading_close_run (day, after, is_done) VALUES (:day, :after, :is_done)"
    " ON CONFLICT (day) DO UPDATE SET after = excluded.after, is_done = excluded.is_done"
    " WHERE trading_close_run.is_done = 0 AND trading_close_run.after <= excluded.after"
)
_REACHED = Sql("SELECT after, is_done FROM trading_close_run WHERE day = :day")
_COLUMNS = "day, total_fen, profit_fen, net_in_fen, since"
_BEFORE = Sql(
    f"SELECT {_COLUMNS} FROM trading_close"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND day < :day ORDER BY day DESC LIMIT 1"
)
_BETWEEN = Sql(
    f"SELECT {_COLUMNS} FROM trading_close"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND day BETWEEN :first AND :last ORDER BY day"
)


def add(connection: Connection, account_id: str, close: DayClose) -> None:
    """Keep the close of a day; the first one that was kept stands."""
    _ADD.run(
        connection,
        account_id=account_id,
        day=close.day.isoformat(),
        total_fen=close.total_fen,
        profit_fen=close.profit_fen,
        net_in_fen=close.net_in_fen,
        since=close.since.isoformat() if close.since else "",
    )


def reach(connection: Connection, day: date, after: str, *, is_done: int) -> None:
    """Note how far the work of a day has come; it never goes back."""
    _REACH.run(connection, day=day.isoformat(), after=after, is_done=is_done)


def reached(connection: Connection, day: date) -> tuple[str, bool]:
    """Return the last account that was written, and whether it was the last of all."""
    row: Any = _REACHED.run(connection, day=day.isoformat()).first()
    return (str(row.after), bool(row.is_done)) if row else ("", False)


def before(connection: Connection, account_id: str, day: date) -> DayClose | None:
    """Return the newest close before a day."""
    row = _BEFORE.run(connection, account_id=account_id, day=day.isoformat()).first()
    return _close(row) if row else None


def between(connection: Connection, account_id: str, first: date, last: date) -> list[DayClose]:
    """Return the closes of some days, oldest first."""
    rows = _BETWEEN.run(
        connection, account_id=account_id, first=first.isoformat(), last=last.isoformat()
    ).all()
    return [_close(row) for row in rows]


def _close(row: Row[Any]) -> DayClose:
    return DayClose(
        day=date.fromisoformat(row.day),
        total_fen=row.total_fen,
        profit_fen=row.profit_fen,
        net_in_fen=row.net_in_fen,
        since=date.fromisoformat(row.since) if row.since else None,
    )
