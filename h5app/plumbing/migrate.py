"""Brings the database to the newest schema, one process at a time; says where it stands."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from h5app.plumbing.db import Database

FOLDER = Path(__file__).resolve().parent / "migrations"


def upgrade(database: Database, home: Path) -> None:
    """Apply the migrations that are missing; others wait for the lock meanwhile."""
    home.mkdir(parents=True, exist_ok=True)
    with _lock(home / "migrate.lock"), database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def head() -> str | None:
    """Return the newest revision of this checkout."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(database: Database) -> str | None:
    """Return the revision the database is at; None when it was never migrated.

    Raises:
        DatabaseUnavailable: The database does not answer.
    """
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER))
    return config


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
