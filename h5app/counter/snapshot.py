"""One moment of the database, however long it is read, and how a problem found there is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from h5app.plumbing.db import Database

ROWS_MAX = 20
"""Of each kind of problem so many are listed."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that must not be: the rule, whom it concerns, and the figures that disagree."""

    rule: str
    subject: str
    says: str

    def as_plain(self) -> dict[str, str]:
        """Return JSON values."""
        return {"rule": self.rule, "subject": self.subject, "says": self.says}


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Give a connection that sees one moment, however long it reads."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection
