"""Databases and outboxes that die at a chosen point, as a process does under kill -9."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from h5app.kernel.event import Event
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox


class ProcessKilled(BaseException):
    """Stands for kill -9: nothing after it runs."""


class MortalDatabase(Database):
    """Dies at its Nth write transaction: before it commits, or just after it did."""

    def __init__(self, url: str, *, dies_at: int, after_commit: bool) -> None:
        super().__init__(url)
        self._left = dies_at
        self._after_commit = after_commit

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the real one, until its time has come."""
        self._left -= 1
        is_last = self._left == 0
        with super().write() as connection:
            yield connection
            if is_last and not self._after_commit:
                raise ProcessKilled
        if is_last:
            raise ProcessKilled

    write_alone = write

    @property
    def survived(self) -> bool:
        """Whether it was never asked for so many writes."""
        return self._left > 0


class MortalOutbox(Outbox):
    """Dies when a fact is to be published."""

    def row(self, connection: Connection, event: Event) -> dict[str, object]:
        """Die."""
        raise ProcessKilled
