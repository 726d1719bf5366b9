"""The whole house in this process, over real services; the test steps its clock and processes."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5app.app import app_of, house_jobs
from h5app.counter.audit import audit
from h5app.house import build_house
from h5app.kernel.clock import SystemClock
from h5app.market.board import BoardWriter
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.ports import QuoteFeed
from h5app.plumbing.config import Config
from h5app.plumbing.jobs import JobLoop
from h5app.processes import feed_loop, venue_loop
from tests.simulator.served import RunningSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from h5app.counter.venue_loop import VenueLoop


class MovableClock(SystemClock):
    """Real time, moved on by the test."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the machine's time, moved."""
        return super().now() + self._ahead

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds, moved."""
        return super().monotonic() + self._ahead.total_seconds()

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._ahead += timedelta(seconds=seconds)


class World:
    """One house on a state folder of its own: web, feed, venue and jobs, stepped by the test."""

    def __init__(self, home: Path, port: int, simulator: RunningSimulator, **more: str) -> None:
        self.home = home
        self._settings = more
        self.simulator = simulator
        self.wall = MovableClock()
        self.config = Config.from_environ(
            {
                "H5APP_HOME": str(home),
                "H5APP_PORT": str(port),
                "H5APP_SIMULATOR_PORT": str(simulator.settings.port),
                "H5APP_RATE_LIMITS": "off",
                **more,
            }
        )
        self.house = build_house(self.config, self.wall)
        self.app = app_of(self.house)
        self._stops: list[Callable[[], None]] = []
        self._feed: FeedLoop | None = None
        self._venue: VenueLoop | None = None
        self._jobs: JobLoop | None = None

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.home / "h5app.db"

    def begin(self) -> None:
        """Start the clock where it stood and bring the board up to date."""
        clock = self.house.ground.demo_clock
        assert clock is not None
        clock.begin(None, self.config.speed)
        self.feed()
        self.house.counter.run_due(self.market_now())

    def feed(self) -> None:
        """One step of the feed process."""
        if self._feed is None:
            clock = self.house.ground.demo_clock
            assert clock is not None
            symbols = [one.symbol for one in self.house.market.instruments()]
            writer = BoardWriter(self.config.board_path, symbols)
            self._feed = feed_loop(self.house, writer, BoardTime(self.wall, clock.anchor))
            self._stops.append(self._feed.close)
        self._feed.step(self.market_now())

    def lead_by(self, feed: QuoteFeed) -> None:
        """Let another feed than the configured one lead the board from now on."""
        clock = self.house.ground.demo_clock
        assert clock is not None
        if self._feed is not None:
            self._feed.close()
        market = self.house.market
        writer = BoardWriter(self.config.board_path, [one.symbol for one in market.instruments()])
        at = BoardTime(self.wall, clock.anchor)
        self._feed = FeedLoop(feed, writer, market.instruments, market.rules, at)
        self._stops.append(self._feed.close)

    def venue(self) -> None:
        """One step of the venue process."""
        if self._venue is None:
            self._venue = venue_loop(self.house)
        self._venue.step(self.market_now())

    def jobs(self) -> None:
        """One turn of the jobs process."""
        if self._jobs is None:
            jobs = [job for job in house_jobs(self.house) if not job.name.startswith("demo.")]
            self._jobs = JobLoop(jobs, self.wall, self.house.ground.heartbeats)
        self._jobs.run_due()

    def market_now(self) -> datetime:
        """The market moment."""
        clock = self.house.ground.demo_clock
        assert clock is not None
        return clock.state().anchor.at(self.wall.now())

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Read with a statement of the test's own."""
        with self.house.ground.database.read() as connection:
            return list(connection.exec_driver_sql(statement, values))

    def problems(self) -> list[str]:
        """Return what the independent audit finds wrong with the books."""
        return [str(problem) for problem in audit(self.house.ground.database)]

    def restarted(self) -> "World":
        """Return a house of a new process on the same folder, where this one has ended."""
        self.close()
        return World(self.home, self.config.port, self.simulator, **self._settings)

    def close(self) -> None:
        """Let go of files."""
        for stop in self._stops:
            stop()
        self.house.ground.reader.close()
        self.house.ground.database.engine.dispose()


def copied(seeded: Path, home: Path) -> Path:
    """Copy a seeded state folder."""
    shutil.copytree(seeded, home, dirs_exist_ok=True)
    return home
