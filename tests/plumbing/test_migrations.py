"""Migrations bring an empty database of either kind to what the code expects."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from h5app.plumbing import migrate
from h5app.plumbing.db import Database, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.engine.dispose()
        return
    server: str = request.getfixturevalue("postgres_url")
    name = f"m_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    database = Database(server.rsplit("/", 1)[0] + "/" + name)
    yield database
    database.engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def test_an_empty_database_becomes_what_the_code_expects(empty: Database, tmp_path: Path) -> None:
    """After the upgrade nothing differs from the tables in the code; twice is once."""
    migrate.upgrade(empty, tmp_path)
    migrate.upgrade(empty, tmp_path)

    assert migrate.current(empty) == migrate.head()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        different = [
            change
            for change in compare_metadata(context, metadata)
            if "alembic_version" not in str(change)
        ]
    assert different == []


def test_the_books_are_guarded_after_the_upgrade(empty: Database, tmp_path: Path) -> None:
    """The ledger is only added to, whoever writes."""
    migrate.upgrade(empty, tmp_path)
    with empty.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO counter_accounts (account_id, holder_name, phone, password_hash,"
            " risk_level, opened_on) VALUES ('1', 'a', '1', 'x', 5, '2026-01-05')"
        )
        connection.exec_driver_sql(
            "INSERT INTO counter_ledger (transfer, line, account_id, unit, source_pot, target_pot,"
            " amount, kind, on_day, at_us)"
            " VALUES ('t', 1, '1', 'CNY', 'house:bank', 'available', 5, 'deposit', '2026-01-05', 1)"
        )

    with pytest.raises(DBAPIError, match="only added to"), empty.write() as connection:
        connection.exec_driver_sql("UPDATE counter_ledger SET amount = 6")

    with empty.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT amount FROM counter_balances WHERE pot = 'available'"
        ).scalar_one()
    assert found == 5
