"""Fixed statements: one text for both databases, run on the driver's own cursor on hot paths."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError

_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Sql:
    """Fixed text with :named parameters, run on the driver's connection of either database.

    Values must be what both drivers take as they are: int, str, bytes, None. Moments are kept as
    integer microseconds or ISO text where they stand in such statements.

    `run` gives SQLAlchemy's result. `change` and `row` go by the driver's cursor, at a quarter of
    the price: no result object, parameters by position, the text made ready once. They begin the
    transaction and name failures as SQLAlchemy does, but its cursor events do not see them.
    """

    def __init__(self, text: str) -> None:
        self._sqlite = text
        self._postgresql = _NAMED.sub(r"%(\1)s", text.replace("%", "%%"))
        self._names = tuple(_NAMED.findall(text))
        self._sqlite_placed = _NAMED.sub("?", text)
        self._postgresql_placed = _NAMED.sub("%s", text.replace("%", "%%"))

    def run(self, connection: Connection, **values: object) -> CursorResult[Any]:
        """Run once with the named values."""
        is_sqlite = connection.dialect.name == "sqlite"
        return connection.exec_driver_sql(self._sqlite if is_sqlite else self._postgresql, values)

    def run_many(
        self, connection: Connection, rows: Sequence[Mapping[str, object]]
    ) -> CursorResult[Any]:
        """Run once per mapping of values; `rows` is not empty."""
        is_sqlite = connection.dialect.name == "sqlite"
        text = self._sqlite if is_sqlite else self._postgresql
        return connection.exec_driver_sql(text, list(rows))

    def change(self, connection: Connection, **values: object) -> int:
        """Run once on the driver's cursor; return how many rows were touched.

        Raises:
            DBAPIError: As SQLAlchemy would raise it, of the kind the driver's error is.
        """
        cursor = self._executed(connection, values)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def row(self, connection: Connection, **values: object) -> tuple[Any, ...] | None:
        """Run once on the driver's cursor; return the first row, None where there is none.

        Raises:
            DBAPIError: As SQLAlchemy would raise it, of the kind the driver's error is.
        """
        cursor = self._executed(connection, values)
        try:
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
        finally:
            cursor.close()

    def _executed(self, connection: Connection, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - the driver's object
        return executed(connection, *self.placed(connection, values))

    def placed(
        self, connection: Connection, values: Mapping[str, object]
    ) -> tuple[str, tuple[object, ...]]:
        """Return the driver's text, and the values in the order they stand in it."""
        is_sqlite = connection.dialect.name == "sqlite"
        text = self._sqlite_placed if is_sqlite else self._postgresql_placed
        return text, tuple([values[name] for name in self._names])


class Inserts:
    """Inserts of which none looks at another: one round trip on PostgreSQL, all or nothing."""

    def __init__(self, *parts: Sql) -> None:
        self._parts = parts

    def run(self, connection: Connection, *values: Mapping[str, object]) -> None:
        """Run every part with its own values; row triggers fire as if it stood alone.

        Raises:
            DBAPIError: As SQLAlchemy would raise it, of the kind the driver's error is.
        """
        pairs = zip(self._parts, values, strict=True)
        placed = [part.placed(connection, own) for part, own in pairs]
        if connection.dialect.name == "sqlite":
            for text, own in placed:
                executed(connection, text, own).close()
            return
        *before, (last, _) = placed
        named = ", ".join(f"part_{number} AS ({text})" for number, (text, _) in enumerate(before))
        every = tuple([value for _, own in placed for value in own])
        executed(connection, f"WITH {named} {last}", every).close()


def executed(connection: Connection, text: str, values: tuple[object, ...]) -> Any:  # noqa: ANN401 - the driver's object
    """Return the driver's cursor after it ran the driver's text.

    Raises:
        DBAPIError: As SQLAlchemy would raise it, of the kind the driver's error is.
    """
    cursor = driver_of(connection).cursor()
    try:
        cursor.execute(text, values)
    except Exception as wrong:  # noqa: BLE001 - the driver's own kinds, told apart inside
        cursor.close()
        raise_named(connection, text, wrong)
    return cursor


def driver_of(connection: Connection) -> Any:  # noqa: ANN401 - the driver's object
    """Return the driver's connection, with the transaction of `connection` begun on it."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.dbapi_connection


def raise_named(connection: Connection, text: str, wrong: Exception) -> NoReturn:
    """Raise a driver's error as SQLAlchemy names it; a connection that is gone is given up.

    The values stay out of the message: they may be a customer's.

    Raises:
        DBAPIError: Of the kind that `wrong` is; anything that is not the driver's goes on as it is.
    """
    dialect = connection.dialect
    kind = dialect.loaded_dbapi.Error
    if not isinstance(wrong, kind):
        raise wrong
    driver: Any = None if connection.invalidated else connection.connection.dbapi_connection
    is_gone = dialect.is_disconnect(wrong, driver, None)
    if is_gone and not connection.invalidated:
        connection.invalidate(wrong)
    raise DBAPIError.instance(
        text,
        None,
        wrong,
        kind,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    ) from wrong
