"""One feed loop with its board and bar files, in a folder, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.kernel.clock import Anchor, FrozenClock
from h5app.market.bars_file import BarFiles
from h5app.market.board import BoardReader, BoardWriter
from h5app.market.day_fold import CLOSED_AT, TOLD_AT, BoardBars, DayFold
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.feeds.sim import SimFeed
from tests.market.sample_market import rule_book
from tests.market.scripted_feed import ScriptedFeed

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import Instrument
    from h5app.market.ports import QuoteFeed

ONE, TWO = "600100.SH", "600101.SH"


class Room:
    """One loop over one feed, with its board and bar files."""

    def __init__(self, folder: Path, feed: QuoteFeed, instruments: list[Instrument]) -> None:
        self.folder = folder
        self.feed = feed
        self.instruments = instruments
        self.wall = FrozenClock("2026-11-24T20:00:00")
        self.files = BarFiles(folder / "history")
        self.anchor: Anchor | None = None
        self.start()

    def start(self) -> None:
        """Start the feed process, again after a crash."""
        self.writer = BoardWriter(self.folder / "board.bin", [o.symbol for o in self.instruments])
        self.reader = BoardReader(self.folder / "board.bin", self.wall)
        if isinstance(self.feed, SimFeed):
            fold = DayFold(self.files, self.feed.market)
        else:
            board = BoardBars(self.reader.quote, self.reader.line)
            fold = DayFold(self.files, board, times=(CLOSED_AT, TOLD_AT))
        self.loop = FeedLoop(
            self.feed,
            self.writer,
            lambda: self.instruments,
            rule_book(),
            BoardTime(self.wall, lambda: self.anchor),
            fold=fold,
        )

    def stop(self) -> None:
        """Let go of the board."""
        self.reader.close()
        self.loop.close()


def script(room: Room) -> ScriptedFeed:
    """The room's feed."""
    assert isinstance(room.feed, ScriptedFeed)
    return room.feed
