"""The database: one engine, short write transactions, bounded waits, fixed SQL on hot paths."""

import random
import re
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeDecorator

from h5app.kernel.clock import SHANGHAI, Clock, SystemClock
from h5app.kernel.error import AppError
from h5app.plumbing.sql import Sql

__all__ = [
    "Database",
    "DatabaseBusy",
    "DatabaseUnavailable",
    "Sql",
    "UtcMoment",
    "metadata",
    "moment_text",
]

BUSY_TIMEOUT_MS = 50
"""How long SQLite itself waits for a lock; after that the caller sleeps and tries again."""
BUSY_WAIT_SECONDS_MAX = 3.0
"""After so long without the write lock the request is answered 503."""
SOON_SECONDS = 0.1
"""The wait of what may be left for another time."""
POOL_SIZE = 20
WRITERS_MAX = 4
WRITER_SECONDS_MAX = 5.0

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of all rooms."""


class DatabaseBusy(AppError):
    """The write lock was not to be had in time; the same request may be sent again as it is."""

    code = "plumbing.database_busy"
    status = 503
    sentence = "系统繁忙,请稍后原样重试,不会重复提交"


class DatabaseUnavailable(AppError):
    """The database cannot be written: full disk, read-only file, or no connection."""

    code = "plumbing.database_unavailable"
    status = 503
    sentence = "系统暂时不能保存数据,您的操作没有生效,请稍后再试"


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment: stored as UTC on both databases, given back in Asia/Shanghai."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; a naive one is our mistake."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a moment without a time zone"
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment in Asia/Shanghai."""
        del dialect
        if value is None:
            return None
        in_utc = value if value.tzinfo else value.replace(tzinfo=UTC)
        return in_utc.astimezone(SHANGHAI)


def moment_text(connection: Connection, moment: datetime) -> str:
    """Return a moment as a column of UtcMoment keeps it, for use in a fixed statement."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text if connection.dialect.name == "sqlite" else f"{text}+00"


class Writers:
    """Connections kept between write transactions: the pool's way costs as much as a short one.

    Only what ended well is kept, and not for long: the pool looks whether a connection still lives.
    """

    def __init__(self, engine: Engine, clock: Clock, **options: object) -> None:
        """Take what every connection carries besides being one that writes."""
        self._engine = engine
        self._options = options
        self._clock = clock
        self._waiting: deque[tuple[Connection, float]] = deque()
        event.listen(engine, "engine_disposed", lambda _engine: self.forget())

    def take(self) -> Connection:
        """Return a connection outside of any transaction."""
        while self._waiting:
            try:
                connection, since = self._waiting.pop()
            except IndexError:  # Another thread was quicker.
                break
            if self._clock.monotonic() - since < WRITER_SECONDS_MAX:
                return connection
            connection.close()
        return self._engine.connect().execution_options(h5app_write=True, **self._options)

    def give_back(self, connection: Connection) -> None:
        """Keep it for the next one, but for so many that readers would go without."""
        if len(self._waiting) < WRITERS_MAX:
            self._waiting.append((connection, self._clock.monotonic()))
        else:
            connection.close()

    def forget(self) -> None:
        """Close all, as the pool's own: a database that is put away has no open connection."""
        while self._waiting:
            connection, _since = self._waiting.pop()
            connection.invalidate()
            connection.close()


class Database:
    """One database, as this process sees it."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._clock: Clock = clock or SystemClock()
        self._turn = threading.Lock()
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self.engine = self._make_engine()
        self._writers = Writers(self.engine, self._clock)
        self._soloists = self._writers
        if self.dialect != "sqlite":
            self._soloists = Writers(self.engine, self._clock, isolation_level="AUTOCOMMIT")

    def _make_engine(self) -> Engine:
        if self.dialect == "sqlite":
            engine = create_engine(
                self.url,
                pool_size=POOL_SIZE,
                max_overflow=POOL_SIZE,
                connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
            )
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(
            self.url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
            connect_args={"options": f"-c lock_timeout={int(BUSY_WAIT_SECONDS_MAX * 1000)}"},
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for reading; nothing done on it is kept.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as wrong:
            raise self._named(wrong) from wrong

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in one write transaction, committed when the block ends well.

        SQLite takes the write lock at once (BEGIN IMMEDIATE); writers of one process take turns.

        Raises:
            DatabaseBusy: No write lock within BUSY_WAIT_SECONDS_MAX; nothing was changed.
            DatabaseUnavailable: Full disk, read-only file, no connection; nothing was changed.
        """
        with self._written(self._writers, BUSY_WAIT_SECONDS_MAX) as connection:
            yield connection

    @contextmanager
    def write_alone(self) -> Iterator[Connection]:
        """As `write`, for a block that runs exactly one statement, its last act.

        A statement is a transaction by itself: PostgreSQL is not told of a beginning and an end
        (two round trips of three). It is as durable; a second statement would stand on its own.

        Raises:
            DatabaseBusy: No write lock within BUSY_WAIT_SECONDS_MAX; nothing was changed.
            DatabaseUnavailable: Full disk, read-only file, no connection; nothing was changed.
        """
        with self._written(self._soloists, BUSY_WAIT_SECONDS_MAX) as connection:
            yield connection

    @contextmanager
    def write_if_soon(self) -> Iterator[Connection]:
        """As `write`, for what may be left for another time: nobody is kept waiting for it.

        Raises:
            DatabaseBusy: No write lock within SOON_SECONDS; nothing was changed.
            DatabaseUnavailable: Full disk, read-only file, no connection; nothing was changed.
        """
        with self._written(self._writers, SOON_SECONDS) as connection:
            yield connection

    @contextmanager
    def _written(self, writers: Writers, wait_seconds: float) -> Iterator[Connection]:
        with self._in_turn(wait_seconds), self._writing(writers, wait_seconds) as connection:
            try:
                yield connection
                connection.commit()
            except DBAPIError as wrong:
                connection.rollback()
                if wrong.connection_invalidated:
                    for kept in (self._writers, self._soloists):
                        kept.forget()  # The server went: the others are dead, too.
                raise self._named(wrong) from wrong
            except BaseException:
                connection.rollback()
                raise

    def retry_write(self, work: Callable[[Connection], Any], attempts_max: int = 3) -> Any:  # noqa: ANN401
        """Run `work` in a write transaction, again after a serialization failure or deadlock.

        Raises:
            DatabaseBusy: Every attempt met another transaction.
        """
        for _ in range(attempts_max - 1):
            try:
                with self.write() as connection:
                    return work(connection)
            except DatabaseBusy:
                self._clock.sleep(self._jitter.uniform(0.005, 0.05))
        with self.write() as connection:
            return work(connection)

    @contextmanager
    def _in_turn(self, wait_seconds: float) -> Iterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=wait_seconds):
            raise DatabaseBusy
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _writing(self, writers: Writers, wait_seconds: float) -> Iterator[Connection]:
        deadline = self._clock.monotonic() + wait_seconds
        connection = self._writer(writers)
        try:
            while True:
                try:
                    connection.begin()
                    break
                except OperationalError as wrong:
                    if not _is_locked(wrong):
                        raise self._named(wrong) from wrong
                    if self._clock.monotonic() >= deadline:
                        raise DatabaseBusy from wrong
                    self._clock.sleep(self._jitter.uniform(0.002, 0.02))
            yield connection
        except BaseException:
            connection.close()  # Whatever went wrong may have broken it: the pool looks after it.
            raise
        writers.give_back(connection)

    def _writer(self, writers: Writers) -> Connection:
        try:
            return writers.take()
        except DBAPIError as wrong:
            raise self._named(wrong) from wrong

    def _named(self, wrong: DBAPIError) -> Exception:
        if _is_locked(wrong):
            return DatabaseBusy()
        if _is_unavailable(wrong):
            return DatabaseUnavailable()
        return wrong


_LOCKED = re.compile(
    r"database is locked|database table is locked|deadlock detected|could not serialize"
    r"|lock timeout",
    re.IGNORECASE,
)
_UNAVAILABLE = re.compile(
    r"disk is full|disk I/O error|readonly database|unable to open database|No space left"
    r"|connection .*(failed|refused|closed)|server closed|terminating connection"
    r"|connection timeout|shutting down"
    r"|malformed|not a database",
    re.IGNORECASE,
)


def _is_locked(wrong: DBAPIError) -> bool:
    return bool(_LOCKED.search(str(wrong.orig)))


def _is_unavailable(wrong: DBAPIError) -> bool:
    return bool(_UNAVAILABLE.search(str(wrong.orig))) or wrong.connection_invalidated


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's object
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("h5app_write", False)
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
    except sqlite3.Error as wrong:
        raise OperationalError("BEGIN", None, wrong) from wrong
