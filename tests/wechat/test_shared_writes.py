"""Writes of the same moment in one transaction, each with its own result and its own failure."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.db import Database
from h5app.wechat.shared_writes import SharedWrites
from h5app.wechat.store import sync


class GatheringClock(FrozenClock):
    """While the first one sleeps, all the others come."""

    def __init__(self) -> None:
        super().__init__("2026-11-24T09:00:00")
        self.arrivals: list[Callable[[], None]] = []

    def sleep(self, seconds: float) -> None:
        """Let everybody come who is to come, once."""
        arrivals, self.arrivals = self.arrivals, []
        for arrive in arrivals:
            arrive()


def noted(name: str) -> Callable[[Connection], str]:
    """Return work that notes a name."""

    def work(connection: Connection) -> str:
        at = FrozenClock("2026-11-24T09:00:00").now()
        connection.execute(sync.insert().values(name=name, run="", changed_at=at))
        return name

    return work


def wrong(_connection: Connection) -> str:
    """Work that fails."""
    raise ValueError


def together(
    database: Database, *works: Callable[[Connection], str]
) -> tuple[list[str], list[str]]:
    """Run work that arrives while the first waits; return results and failures."""
    clock = GatheringClock()
    writes = SharedWrites(database, clock)
    results: list[str] = []
    failures: list[str] = []

    def run(work: Callable[[Connection], str]) -> None:
        try:
            results.append(writes.run(work))
        except ValueError as failed:
            failures.append(type(failed).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in works[1:]]

    def arrive() -> None:
        for thread in threads:
            thread.start()
        while len(writes._waiting) < len(works):
            threading.Event().wait(0.001)

    clock.arrivals = [arrive]
    run(works[0])
    for thread in threads:
        thread.join()
    return results, failures


def count(database: Database) -> int:
    """Return how many names stand there."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(sync)).scalar_one())


def test_each_gets_its_own_result(database: Database) -> None:
    """Ten that come together are ten rows and ten results."""
    results, failures = together(database, *(noted(f"n{number}") for number in range(10)))

    assert sorted(results) == sorted(f"n{number}" for number in range(10))
    assert failures == []
    assert count(database) == 10


class OneByOneClock(FrozenClock):
    """Each time the first one sleeps, one more comes."""

    def __init__(self, arrivals: list[Callable[[], None]]) -> None:
        super().__init__("2026-11-24T09:00:00")
        self.arrivals = arrivals
        self.naps = 0

    def sleep(self, seconds: float) -> None:
        """Let the next one come."""
        self.naps += 1
        if self.arrivals:
            self.arrivals.pop(0)()


def test_the_first_waits_as_long_as_others_come(sqlite_database: Database) -> None:
    """Three that come one after the other share the transaction; then nobody is waited for."""
    clock = OneByOneClock([])
    writes = SharedWrites(sqlite_database, clock)
    threads: list[threading.Thread] = []
    seen: list[int] = []

    def come() -> None:
        before = len(writes._waiting)
        name = f"n{before}"
        threads.append(threading.Thread(target=writes.run, args=(noted(name),)))
        threads[-1].start()
        while len(writes._waiting) == before:
            threading.Event().wait(0.001)

    def first(connection: Connection) -> str:
        seen.append(len(threads))
        return noted("first")(connection)

    clock.arrivals = [come, come, come]
    writes.run(first)
    for thread in threads:
        thread.join()

    assert seen == [3]
    assert clock.naps == 4
    assert count(sqlite_database) == 4


@pytest.mark.parametrize("place", [0, 1, 2])
def test_who_fails_fails_alone(sqlite_database: Database, place: int) -> None:
    """Work that fails takes nothing of the others with it, wherever it stands."""
    works = [noted("a"), noted("b")]
    works.insert(place, wrong)

    results, failures = together(sqlite_database, *works)

    # Who led the transaction of a failure is told of it, too: the platform delivers again.
    assert len(results) + len(failures) == 3
    assert set(failures) == {"ValueError"}
    assert count(sqlite_database) == len(results)
    assert len(results) >= 1
