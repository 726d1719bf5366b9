"""The database's waits, units and named failures."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from h5app.kernel.clock import SHANGHAI
from h5app.plumbing import db
from h5app.plumbing.db import Database, DatabaseBusy, DatabaseUnavailable, Sql, UtcMoment
from h5app.plumbing.sql import Inserts

own_tables = MetaData()
note = Table(
    "note_of_this_test",
    own_tables,
    Column("id", Integer, primary_key=True),
    Column("at", UtcMoment),
)


@pytest.fixture
def noted(database: Database) -> Iterator[Database]:
    """A database with one table of this module's own."""
    own_tables.create_all(database.engine)
    yield database
    own_tables.drop_all(database.engine)


def test_a_moment_comes_back_in_shanghai_whatever_zone_it_went_in(noted: Database) -> None:
    """UTC is what is stored; Asia/Shanghai is what is given."""
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)

    with noted.write() as connection:
        connection.execute(note.insert().values(id=1, at=at))
    with noted.read() as connection:
        back = connection.execute(select(note.c.at)).scalar_one()

    assert back == at
    assert back.tzinfo == SHANGHAI
    assert back.hour == 9


def test_a_raising_block_keeps_nothing(noted: Database) -> None:
    """A use case that fails half-way leaves no row."""
    with pytest.raises(ZeroDivisionError), noted.write() as connection:
        connection.execute(note.insert().values(id=1))
        _ = 1 / 0

    with noted.read() as connection:
        assert connection.execute(select(note)).all() == []


def test_fixed_text_takes_named_values_on_both_databases(noted: Database) -> None:
    """One text serves SQLite and PostgreSQL; a percent sign in it means itself."""
    insert = Sql("INSERT INTO note_of_this_test (id) VALUES (:id)")
    find = Sql("SELECT id FROM note_of_this_test WHERE id = :id AND 'a%' LIKE 'a%'")

    with noted.write() as connection:
        insert.run_many(connection, [{"id": 7}, {"id": 8}])
        assert find.run(connection, id=7).scalar_one() == 7


def test_the_driver_s_cursor_does_what_the_long_way_does(noted: Database) -> None:
    """Rows touched, the first row, nothing where there is none; undone with its transaction."""
    insert = Sql("INSERT INTO note_of_this_test (id) VALUES (:id) RETURNING id")
    find = Sql("SELECT id, 'a%' FROM note_of_this_test WHERE id = :id AND :id = :id + :none")
    move = Sql("UPDATE note_of_this_test SET id = id + :by WHERE id > :above")

    with noted.write() as connection:
        assert insert.row(connection, id=7) == (7,)
        assert insert.row(connection, id=8) == (8,)
        assert move.change(connection, by=10, above=7) == 1
    with pytest.raises(ZeroDivisionError), noted.write() as connection:
        move.change(connection, by=100, above=0)
        _ = 1 / 0

    with noted.read() as connection:
        assert find.row(connection, id=18, none=0) == (18, "a%")
        assert find.row(connection, id=8, none=0) is None


def test_a_statement_of_the_driver_s_cursor_fails_by_name(noted: Database) -> None:
    """A key that is taken, and a table that is not there: SQLAlchemy's names, without values."""
    insert = Sql("INSERT INTO note_of_this_test (id) VALUES (:id)")
    with noted.write() as connection:
        insert.change(connection, id=424_242)

    with pytest.raises(IntegrityError) as taken, noted.write() as connection:
        insert.change(connection, id=424_242)
    with pytest.raises(DBAPIError), noted.read() as connection:
        Sql("SELECT id FROM no_such_table").row(connection)

    assert taken.value.params is None
    with noted.write() as connection:
        insert.change(connection, id=424_243)


def test_a_server_that_goes_under_the_driver_s_cursor_is_named(postgres_url: str) -> None:
    """The connection that died is given up: refused once, and then it works again."""
    database = Database(postgres_url)
    look = Sql("SELECT pg_backend_pid()")

    with pytest.raises(DatabaseUnavailable), database.write() as connection:
        row = look.row(connection)
        assert row
        with database.read() as other:
            Sql("SELECT pg_terminate_backend(:pid)").row(other, pid=row[0])
        look.row(connection)
    with database.write() as connection:
        assert look.row(connection) != row
    database.engine.dispose()


def test_a_foreign_lock_ends_in_busy_and_not_in_a_hang(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the write lock too long costs the caller a 503 that is safe to repeat."""
    monkeypatch.setattr(db, "BUSY_WAIT_SECONDS_MAX", 0.2)
    holder = sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseBusy), sqlite_database.write():
        pytest.fail("the lock was held by somebody else")

    holder.execute("ROLLBACK")
    holder.close()
    with sqlite_database.write() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_many_threads_write_in_turn(noted: Database) -> None:
    """Forty writers at once all get their row in."""

    def add(number: int) -> None:
        with noted.write() as connection:
            connection.execute(note.insert().values(id=number))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with noted.read() as connection:
        assert len(connection.execute(select(note)).all()) == 40


def test_writers_use_one_connection_after_the_other(noted: Database) -> None:
    """Between two transactions nothing of the first is left; one connection serves both."""
    seen = []
    for number in range(3):
        with noted.write() as connection:
            seen.append(connection.connection.dbapi_connection)
            connection.execute(note.insert().values(id=number))

    assert seen[0] is seen[1] is seen[2]


def test_after_a_failed_transaction_the_next_one_starts_clean(noted: Database) -> None:
    """What was begun and given up leaves neither rows nor an open transaction."""
    with noted.write() as connection:
        connection.execute(note.insert().values(id=1))
    with pytest.raises(ZeroDivisionError), noted.write() as connection:
        connection.execute(note.insert().values(id=2))
        _ = 1 / 0
    with noted.write() as connection:
        connection.execute(note.insert().values(id=3))

    with noted.read() as connection:
        assert list(connection.execute(select(note.c.id)).scalars()) == [1, 3]


def test_connections_that_the_server_ended_cost_one_refusal(postgres_url: str) -> None:
    """After a restart of the server one write is refused by name, and the next one works."""
    database = Database(postgres_url)
    with database.write() as first, database.write() as second:
        first.exec_driver_sql("SELECT 1")
        second.exec_driver_sql("SELECT 1")
    with database.read() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )

    with pytest.raises(DatabaseUnavailable), database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    with database.write() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.engine.dispose()


def test_inserts_of_one_round_trip_are_all_there_or_none(noted: Database) -> None:
    """Each part has its own values; a failing one takes the others with it."""
    insert = Sql("INSERT INTO note_of_this_test (id) VALUES (:id)")
    inserts = Inserts(insert, insert, insert)

    with noted.write() as connection:
        inserts.run(connection, {"id": 1}, {"id": 2}, {"id": 3})
    with pytest.raises(IntegrityError), noted.write() as connection:
        inserts.run(connection, {"id": 4}, {"id": 2}, {"id": 5})

    with noted.read() as connection:
        found = connection.execute(select(note.c.id).order_by(note.c.id)).scalars()
        assert list(found) == [1, 2, 3]


def test_a_statement_that_stands_alone_is_kept_or_never_was(noted: Database) -> None:
    """Its block is one transaction: seen by others at its end, and a failed one leaves nothing."""
    insert = Sql("INSERT INTO note_of_this_test (id) VALUES (:id)")
    both = Sql("INSERT INTO note_of_this_test (id) VALUES (:one), (:two)")

    with noted.write_alone() as connection:
        insert.change(connection, id=1)
    with pytest.raises(IntegrityError), noted.write_alone() as connection:
        both.change(connection, one=2, two=1)
    with noted.write_alone() as connection:
        insert.change(connection, id=3)

    with noted.read() as connection:
        assert list(connection.execute(select(note.c.id).order_by(note.c.id)).scalars()) == [1, 3]


def test_a_connection_of_lone_statements_serves_no_transaction(postgres_url: str) -> None:
    """What commits by itself never ends up under a block of several statements, nor in the pool."""
    database = Database(postgres_url)
    look = Sql("SELECT 1")
    with database.write_alone() as connection:
        look.row(connection)
        alone: Any = connection.connection.dbapi_connection
        assert alone.info.transaction_status.name == "IDLE"
        with database.write() as other:
            look.row(other)
            driver: Any = other.connection.dbapi_connection
            assert driver.info.transaction_status.name == "INTRANS"
    for _ in range(3):
        with database.write() as connection:
            assert connection.connection.dbapi_connection is not alone
    database.engine.dispose()


def test_a_database_that_is_put_away_leaves_no_connection(sqlite_database: Database) -> None:
    """Disposing closes what waits for the next write, too."""
    with sqlite_database.write() as connection:
        driver: Any = connection.connection.dbapi_connection

    sqlite_database.engine.dispose()

    with pytest.raises(sqlite3.ProgrammingError):
        driver.execute("SELECT 1")


def test_a_read_only_folder_ends_in_unavailable(tmp_path: Path) -> None:
    """A database that cannot be opened is a 503 with a sentence, not a trace."""
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'h5app.db'}")

    with pytest.raises(DatabaseUnavailable), database.write():
        pytest.fail("there is no such folder")
