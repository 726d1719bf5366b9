"""The jobs process: one loop over due work of our own tables, and heartbeats of every process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as StopEvent

from sqlalchemy import Column, String, Table, select

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database, UtcMoment, metadata
from h5app.plumbing.log import get_logger

TICK_SECONDS = 0.2
HEARTBEAT_SECONDS = 3.0

log = get_logger(__name__)

heartbeat_table = Table(
    "heartbeat",
    metadata,
    Column("process", String(40), primary_key=True),
    Column("beaten_at", UtcMoment, nullable=False),
)


@dataclass(frozen=True)
class Job:
    """Something that is looked at every so often; running it twice or late does no harm."""

    name: str
    every_seconds: float
    run: Callable[[], object]


class Heartbeats:
    """When each process was last known to be alive, by the wall clock."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall
        self._beaten: dict[str, float] = {}

    def beat(self, process: str) -> None:
        """Note that the process lives; writes at most every HEARTBEAT_SECONDS."""
        last = self._beaten.get(process)
        if last is not None and self._wall.monotonic() - last < HEARTBEAT_SECONDS:
            return
        self._beaten[process] = self._wall.monotonic()
        with self._database.write() as connection:
            changed = connection.execute(
                heartbeat_table.update()
                .where(heartbeat_table.c.process == process)
                .values(beaten_at=self._wall.now())
            )
            if not changed.rowcount:
                connection.execute(
                    heartbeat_table.insert().values(process=process, beaten_at=self._wall.now())
                )

    def last(self, process: str) -> datetime | None:
        """Return when the process was last seen."""
        with self._database.read() as connection:
            return connection.execute(
                select(heartbeat_table.c.beaten_at).where(heartbeat_table.c.process == process)
            ).scalar_one_or_none()

    def age(self, process: str) -> timedelta | None:
        """Return how long ago the process was last seen."""
        last = self.last(process)
        return None if last is None else self._wall.now() - last


class JobLoop:
    """Runs the jobs whose time has come until it is told to stop."""

    def __init__(self, jobs: Sequence[Job], wall: Clock, heartbeats: Heartbeats) -> None:
        self._jobs = jobs
        self._wall = wall
        self._heartbeats = heartbeats
        self._due: dict[str, float] = {}

    def run(self, stop: StopEvent) -> None:
        """Loop until `stop` is set; a job that raises is logged and tried again in its turn."""
        while not stop.is_set():
            self.run_due()
            stop.wait(TICK_SECONDS)

    def run_due(self) -> None:
        """Run every job that is due by the monotonic clock, once."""
        self._guarded(Job("heartbeat", 0, lambda: self._heartbeats.beat("jobs")))
        for job in self._jobs:
            if self._wall.monotonic() >= self._due.get(job.name, 0.0):
                self._guarded(job)
                self._due[job.name] = self._wall.monotonic() + job.every_seconds

    def _guarded(self, job: Job) -> None:
        try:
            job.run()
        except AppError as refused:
            log.warning("job_refused", job=job.name, error_code=refused.code)
        except Exception:
            log.exception("job_failed", job=job.name)
