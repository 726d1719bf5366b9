"""Everything the database holds of one customer's month, as text, in one statement."""

from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Table

from h5app.plumbing.db import Sql
from h5app.wealth.store import entry_table, mark_table
from h5app.wealth.store_reminders import customer_table, preference_table
from h5app.wealth.store_streams import forecast_table, stream_table

_OF_CUSTOMER = "customer_id = :customer_id"
_OF_ACCOUNT = "account_id = :account_id"
_FORECASTS = (
    f"stream_id in (select stream_id from wealth_stream where {_OF_ACCOUNT})"  # noqa: S608 - fixed
    " and due_on >= :first and due_on <= :last"
)
_KNOWN = (
    f"(select count(*) from {customer_table.name} where {_OF_CUSTOMER}),"  # noqa: S608 - fixed
    f" (select account_id from {customer_table.name} where {_OF_CUSTOMER}), "
)
_PARTS: tuple[tuple[Table, str, str], ...] = (
    (preference_table, _OF_CUSTOMER, "customer_id"),
    (entry_table, _OF_CUSTOMER, "entry_id"),
    (mark_table, _OF_CUSTOMER, "entry_ref, occurrence_on"),
    (stream_table, _OF_ACCOUNT, "stream_id"),
    (forecast_table, _FORECASTS, "stream_id, nominal_on"),
)
"""Table, whose rows, in which order; of every row all columns, also those that are added later."""


class State(NamedTuple):
    """What the database holds of a customer's month."""

    is_known: bool
    account_id: str | None
    """The account or own ledger that the calendar learns from."""
    rows: tuple[str | None, ...]
    """The rows the page is drawn from as JSON, one text per table."""


def state(
    connection: Connection, customer_id: str, account_id: str, days: tuple[date, date]
) -> State:
    """Return what a month's page is drawn from now.

    It is content, not a counter: no write of any process can be missing in it. `days` are the
    first and last due day; `account_id` is the account or own ledger that is shown.
    """
    first, last = (day.isoformat() for day in days)
    given = {"customer_id": customer_id, "account_id": account_id, "first": first, "last": last}
    row = list(_statement(connection.dialect.name).run(connection, **given).one())
    return State(is_known=bool(row[0]), account_id=row[1], rows=tuple(row[2:]))


@cache
def _statement(dialect: str) -> Sql:
    return Sql("select " + _KNOWN + ", ".join(_part(dialect, *part) for part in _PARTS))


def _part(dialect: str, table: Table, whose: str, order: str) -> str:
    columns = ", ".join(f'"{name}"' for name in table.columns.keys())  # noqa: SIM118 - no dict
    rows = f"select {columns} from {table.name} where {whose} order by {order}"  # noqa: S608 - fixed
    if dialect == "sqlite":
        return f"(select json_group_array(json_array({columns})) from ({rows}))"  # noqa: S608 - fixed
    return f"(select cast(json_agg(t) as text) from ({rows}) t)"  # noqa: S608 - fixed
