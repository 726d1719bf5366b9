"""What benches stand on: a seeded state folder of their own, its board, one worker, a database."""

import contextlib
import os
import resource
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bench.figure import Size
from bench.postgres import PostgresServer
from bench.worker import Worker
from h5app.house import House, build_house
from h5app.kernel.clock import Anchor
from h5app.manage.run import prepare_data
from h5app.market.board import BoardWriter
from h5app.market.feed_loop import BoardTime
from h5app.market.model import Quote
from h5app.plumbing.config import Config
from h5app.processes import feed_loop

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "2026-11-24T10:00:00"
"""Every bench begins in the continuous auction of a Tuesday, whatever the hour outside."""
SEED_INSTRUMENTS, CROWD_INSTRUMENTS, MARKET_INSTRUMENTS = 0, 400, 5_500
"""The seed alone, or so many that 300 quotes are 300 different instruments."""


@dataclass
class Board:
    """The board of a bench, filled by the product's own feed loop when it is told to."""

    house: House
    _anchor: Anchor = field(init=False)

    def __post_init__(self) -> None:
        ground = self.house.ground
        assert ground.demo_clock is not None, "benches run on a demo"
        self._anchor = Anchor(ground.demo_clock.state().anchor.market_at, ground.wall.now(), 1)
        symbols = [one.symbol for one in self.house.market.instruments()]
        self.writer = BoardWriter(ground.config.board_path, symbols)
        at = BoardTime(ground.wall, lambda: self._anchor)
        self._loop = feed_loop(self.house, self.writer, at)
        self.fill()

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every instrument."""
        return self.writer.symbols

    def fill(self) -> None:
        """Publish what the simulated market shows at this moment."""
        self._loop.step(self._anchor.at(self.house.ground.wall.now()))

    @contextlib.contextmanager
    def moving(self) -> Iterator[None]:
        """Let the market move at its own rhythm while the block runs, as the feed process does."""
        done = threading.Event()

        def go_on() -> None:
            while not done.wait(self._loop.rhythm_seconds):
                self.fill()

        mover = threading.Thread(target=go_on, daemon=True)
        mover.start()
        try:
            yield
        finally:
            done.set()
            mover.join()

    def publish(self, quotes: Iterable[Quote]) -> int:
        """Put quotes on the board as one fresh batch; return its sequence."""
        fresh = replace(self.writer.state, heartbeat_at=self.house.ground.wall.now())
        self.writer.mark(fresh)
        return self.writer.publish(quotes)

    def close(self) -> None:
        """Let go of the board."""
        self._loop.close()


class Stage:
    """One state folder and what stands on it, made when it is first asked for."""

    def __init__(self, folder: Path, size: Size, settings: Mapping[str, str]) -> None:
        self.size = size
        self.folder = folder
        folder.mkdir(parents=True)
        given = {key: text for key, text in os.environ.items() if not key.startswith("H5APP_")}
        self.environment = given | {
            "H5APP_HOME": str(folder),
            "H5APP_NOW": BEGIN,
            "H5APP_PORT": str(free_port()),
            "H5APP_SIMULATOR_PORT": str(free_port()),
            "H5APP_RATE_LIMITS": "off",
            "H5APP_LOG_LEVEL": "WARNING",
            **settings,
        }
        self._stack = contextlib.ExitStack()

    @cached_property
    def house(self) -> House:
        """The services over the seeded state, in this process."""
        prepare_data(self.environment)
        house = build_house(Config.from_environ(self.environment))
        self._stack.callback(house.ground.database.engine.dispose)
        return house

    @cached_property
    def board(self) -> Board:
        """The board, filled once."""
        board = Board(self.house)
        self._stack.callback(board.close)
        return board

    @cached_property
    def worker(self) -> Worker:
        """One gunicorn worker with the product, and the bare Flask application below /bare."""
        assert self.board.symbols, "the worker reads a board"
        worker = Worker(self.environment, self.folder / "worker.log")
        self._stack.callback(worker.stop)
        worker.wait_until_it_answers()
        return worker

    def close(self) -> None:
        """Stop and remove everything."""
        self._stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Stages:
    """The stages of one run; benches of the same kind share one."""

    def __init__(self, size: Size) -> None:
        self.size = size
        # Below /var/tmp, which is a disk: commits on a memory file system would cost nothing.
        self._folder = Path(tempfile.mkdtemp(prefix="h5app-bench-", dir="/var/tmp"))
        self._folder.chmod(0o755)
        self._stack = contextlib.ExitStack()
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        _allow_many_sockets()

    @cached_property
    def sqlite(self) -> Stage:
        """A seeded house on SQLite."""
        crowd = self.size.of(CROWD_INSTRUMENTS, CROWD_INSTRUMENTS, SEED_INSTRUMENTS)
        return self._stage("sqlite", {"H5APP_MARKET_INSTRUMENTS": str(crowd)})

    @cached_property
    def crowd(self) -> Stage:
        """A house with a full market of instruments."""
        crowd = self.size.of(MARKET_INSTRUMENTS, CROWD_INSTRUMENTS, SEED_INSTRUMENTS)
        return self._stage("crowd", {"H5APP_MARKET_INSTRUMENTS": str(crowd)})

    @cached_property
    def postgresql(self) -> Stage:
        """A seeded house on a PostgreSQL server of its own, which syncs as a real one does."""
        server = PostgresServer(self._folder / "server", free_port())
        self._stack.callback(server.stop)
        server.start()
        return self._stage("postgresql", {"H5APP_DATABASE_URL": server.url("h5app")})

    def _stage(self, name: str, settings: Mapping[str, str]) -> Stage:
        stage = Stage(self._folder / name, self.size, settings)
        self._stack.callback(stage.close)
        return stage

    def close(self) -> None:
        """Stop and remove everything."""
        self._stack.close()


def free_port() -> int:
    """Return a loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _allow_many_sockets() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
