"""The processes beside the web: feed, venue, jobs. Each may be killed at any instant."""

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from h5app.app import house_jobs
from h5app.counter.venue_loop import VenueLoop
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.demo.conductor import Conductor, Step
from h5app.house import House, build_house
from h5app.market import feed_report, line_strip_file, print_file
from h5app.market.board import BoardWriter
from h5app.market.day_fold import BoardBars
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.feed_report import FeedReport
from h5app.market.feeds.make import make_feed
from h5app.market.feeds.sim import SimFeed
from h5app.market.line_strip_file import StripWriter
from h5app.market.line_strip_keeper import StripKeeper
from h5app.market.print_file import PrintWriter
from h5app.market.seeding import MarketSeed
from h5app.market.sharing import RedisShare, redis_client
from h5app.plumbing import log
from h5app.plumbing.collector import StepCollector
from h5app.plumbing.config import Config
from h5app.plumbing.jobs import JobLoop

FEED_SECONDS = 0.5
VENUE_SECONDS = 0.05
"""How often accepted orders are looked for."""

logger = log.get_logger(__name__)


def run_feed(arguments: Sequence[str]) -> int:
    """Keep the board up to date; in the demo also lead the market clock."""
    del arguments
    house, stop = _begin()
    ground = house.ground
    conductor: list[Conductor] = []
    writer = BoardWriter(
        ground.config.board_path, [one.symbol for one in house.market.instruments()]
    )
    at = BoardTime(ground.wall, lambda: conductor[0].anchor() if conductor else None)
    loop = feed_loop(house, writer, at)
    step = undisturbed(loop)
    if ground.demo_clock is None:
        _repeat(stop, FEED_SECONDS, lambda: step(ground.market_clock.now()))
    else:
        conductor.append(_conductor(house, step))
        _repeat(stop, FEED_SECONDS, conductor[0].tick)
    loop.close()
    return 0


def feed_loop(house: House, writer: BoardWriter, at: BoardTime) -> FeedLoop:
    """Return the loop over the configured feed."""
    ground, rules = house.ground, house.market.rules
    clock = ground.demo_clock
    first_on = clock.state().first_on if clock else ground.market_clock.now().date()
    seed = MarketSeed(ground.config, ground.database, rules)
    parts = replace(
        seed.parts(first_on),
        live=seed.live_parts(ground.wall),
        board=BoardBars(ground.reader.quote, ground.reader.line),
    )
    made = make_feed(ground.config.market, parts)
    loop = FeedLoop(made.feed, writer, house.market.instruments, rules, at, fold=made.fold)
    loop.report_to(FeedReport(ground.config.home / feed_report.FILE_NAME, ground.wall))
    loop.keep_prints(PrintWriter(ground.config.home / print_file.FILE_NAME))
    past = made.feed.market.quote if isinstance(made.feed, SimFeed) else None
    strips = StripWriter(ground.config.home / line_strip_file.FILE_NAME)
    loop.keep_strips(StripKeeper(strips, past))
    if ground.config.redis_url and made.feed.name != "redis":
        loop.share_with(RedisShare(redis_client(ground.config.redis_url), ground.wall))
    return loop


def undisturbed(loop: FeedLoop) -> Callable[[datetime], None]:
    """Return the loop's step with the garbage collector behind it, never inside."""
    collector = StepCollector()

    def step(now: datetime) -> None:
        with collector.held():
            loop.step(now)
        collector.freeze_for(loop.day)

    return step


def _conductor(house: House, step: Callable[[datetime], None]) -> Conductor:
    ground = house.ground
    assert ground.demo_clock is not None
    baton = VenueBaton(ground.config.home / "venue.lock")

    @contextlib.contextmanager
    def turn() -> Iterator[list[Step]]:
        with baton.taken():
            venue = venue_loop(house)
            yield [house.counter.run_due, venue.step, lambda _now: house.calendar.run_due()]

    day = ground.config.replay_day
    return Conductor(
        ground.demo_clock,
        ground.wall,
        ground.trading_days,
        feed=step,
        turn=turn,
        stays_on=date.fromisoformat(day) if day else None,
    )


def run_venue(arguments: Sequence[str]) -> int:
    """Take accepted orders to the venue and book what it says."""
    del arguments
    house, stop = _begin()
    baton = VenueBaton(house.ground.config.home / "venue.lock")
    loops: dict[int, VenueLoop] = {}

    def step() -> None:
        house.ground.heartbeats.beat("venue")
        with baton.tried() as turn_number:
            if turn_number is None:
                return
            if turn_number not in loops:  # Somebody else had the venue: find the thread again.
                loops.clear()
                loops[turn_number] = venue_loop(house)
            loops[turn_number].step(house.ground.market_clock.now())

    _repeat(stop, VENUE_SECONDS, step)
    return 0


def venue_loop(house: House) -> VenueLoop:
    """Return the loop over the configured venue."""
    ground = house.ground
    return VenueLoop(ground.database, house.market, ground.outbox, SimulatedVenue(house.market))


def run_jobs(arguments: Sequence[str]) -> int:
    """Deliver facts and notices, open and close days, remind."""
    del arguments
    house, stop = _begin()
    JobLoop(house_jobs(house), house.ground.wall, house.ground.heartbeats).run(stop)
    return 0


def _begin() -> tuple[House, threading.Event]:
    """Build the house of this process and let TERM and INT end it between two steps."""
    assert __debug__, "the product does not run with -O: its assertions guard the books"
    config = Config.from_environ()
    log.configure(config.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return build_house(config), stop


def _repeat(stop: threading.Event, seconds: float, step: Callable[[], object]) -> None:
    """Do one step after the other; one that fails is logged, and the next one is tried."""
    while not stop.is_set():
        try:
            step()
        except Exception:
            logger.exception("step_failed")
            stop.wait(1.0)
        stop.wait(seconds)


class VenueBaton:
    """One process at a time runs the venue: a file lock, and how often a jump took it over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the baton and hold it; whoever had it before will know."""
        with self._open() as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            number = self._number(handle) + 1
            os.pwrite(handle, f"{number:020}".encode(), 0)
            yield

    @contextlib.contextmanager
    def tried(self) -> Iterator[int | None]:
        """Hold the baton if it is free; give how often it was taken over, None when it is not."""
        with self._open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            yield self._number(handle)

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield handle
        finally:
            os.close(handle)

    def _number(self, handle: int) -> int:
        return int(os.pread(handle, 20, 0) or b"0")
