"""A market in a folder for tests: seed list, board, bar files, a frozen market clock, a feed."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from h5app.kernel.clock import FrozenClock
from h5app.market import print_file
from h5app.market.bars_file import BarFiles
from h5app.market.board import BoardReader, BoardWriter
from h5app.market.day_fold import DayFold
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.feeds.make import FeedParts, make_simulated_market
from h5app.market.feeds.sim import SimFeed, SimulatedMarket
from h5app.market.importers.instruments import seed_actions, seed_instruments
from h5app.market.print_file import PrintWriter
from h5app.market.recorded import RecordedDays
from h5app.market.service import Market
from h5app.market.store import MarketStore
from tests.market.sample_market import SEED, rule_book

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import CorporateAction, Instrument
    from h5app.market.ports import QuoteFeed
    from h5app.plumbing.db import Database

FIRST_ON = date(2026, 11, 24)


@cache
def seeded() -> tuple[list[Instrument], list[CorporateAction]]:
    """The product's own list as of FIRST_ON."""
    days = rule_book().trading_days
    rules = rule_book().on(FIRST_ON)
    return seed_instruments(FIRST_ON, days, rules), seed_actions(FIRST_ON, days)


@cache
def seed_market() -> SimulatedMarket:
    """The simulated market of the product's own list."""
    instruments, actions = seeded()
    unused = BarFiles.__new__(BarFiles)
    parts = FeedParts(
        instruments=instruments,
        actions=actions,
        rules=rule_book(),
        files=unused,
        recorded=RecordedDays.__new__(RecordedDays),
        first_on=FIRST_ON,
        seed=SEED,
    )
    return make_simulated_market(parts)


class World:
    """Everything a market stands on; `clock` is the market's, `wall` the wall's."""

    def __init__(self, folder: Path, database: Database, feed: QuoteFeed | None = None) -> None:
        self.database = database
        self.store = MarketStore(database)
        self.instruments, actions = seeded()
        self.store.put_instruments(self.instruments)
        self.store.put_actions(actions)
        self.clock = FrozenClock("2026-11-24T09:14:00")
        self.wall = FrozenClock("2026-11-24T20:00:00")
        self.files = BarFiles(folder / "history")
        self.path = folder / "board.bin"
        self.writer = BoardWriter(self.path, [one.symbol for one in self.instruments])
        self.reader = BoardReader(self.path, self.wall)
        self.feed = feed or SimFeed(seed_market())
        self.loop = FeedLoop(
            self.feed,
            self.writer,
            self.store.instruments,
            rule_book(),
            BoardTime(self.wall),
            fold=DayFold(self.files, seed_market()),
        )
        self.loop.keep_prints(PrintWriter(folder / print_file.FILE_NAME))
        self.market = Market(
            database, self.reader, rule_book(), self.files, self.clock, wall=self.wall
        )

    def step(self, moment: str) -> None:
        """Let the market clock stand at a moment and read the feed there."""
        self.clock.set(datetime.fromisoformat(f"{moment}+08:00"))
        self.loop.step(self.clock.now())

    def close(self) -> None:
        """Let go of the board."""
        self.reader.close()
        self.loop.close()
