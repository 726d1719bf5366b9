"""The feed process's step: days open and are stored, bad sources outlived, nothing made up."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import Anchor, FrozenClock
from h5app.market.bars_file import BarFiles
from h5app.market.board import BoardReader, BoardWriter
from h5app.market.day_fold import CLOSED_AT, TOLD_AT, BoardBars, DayFold
from h5app.market.feed_loop import BACK_OFF_SECONDS_MAX, GAP_SECONDS, BoardTime, FeedLoop
from h5app.market.feeds.sim import SimFeed
from h5app.market.model import Period
from h5app.market.ports import FeedBatch, FeedGarbled, FeedRefused, FeedSilent
from tests.market.sample_market import DAY, at, rule_book, share, simulated
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Room]:
    """A room whose feed does as it is told."""
    room = Room(tmp_path, ScriptedFeed(), [share(ONE), share(TWO)])
    yield room
    room.stop()


@pytest.fixture
def simulated_room(tmp_path: Path) -> Iterator[Room]:
    """A room with the simulated market of two stocks."""
    room = Room(tmp_path, SimFeed(simulated()), [share(ONE), share(TWO)])
    yield room
    room.stop()


def script(room: Room) -> ScriptedFeed:
    """The room's feed."""
    assert isinstance(room.feed, ScriptedFeed)
    return room.feed


def test_a_day_opens_by_itself(simulated_room: Room) -> None:
    """Before 09:15 yesterday is shown, from then on today, with an empty line."""
    room = simulated_room
    room.loop.step(at("09:00:00"))
    assert room.reader.line_day(ONE) == date(2026, 11, 23)
    assert len(room.reader.line(ONE)) == 241

    room.loop.step(at("09:15:00"))
    assert room.reader.line_day(ONE) == DAY
    assert room.reader.line(ONE) == ()
    state = room.reader.state()
    assert state is not None
    assert state.trading_day == DAY
    assert state.label == "模拟行情"


def test_the_header_mirrors_the_market_clock(simulated_room: Room) -> None:
    """Every step writes the anchor that it is handed, and its own heartbeat in wall time."""
    room = simulated_room
    room.anchor = Anchor(at("10:00:00"), room.wall.now(), speed=60)
    room.loop.step(at("10:00:00"))

    state = room.reader.state()
    assert state is not None
    assert state.anchor == room.anchor
    assert state.heartbeat_at == room.wall.now()


def test_the_close_stores_the_day_once(simulated_room: Room) -> None:
    """At 15:01 the bar and the minutes of every instrument stand in the files; twice is once."""
    room = simulated_room
    for text in ("14:59:57", "15:00:03", "15:00:57"):
        room.loop.step(at(text))
    assert room.files.last(ONE, Period.DAY, 1) == []

    for text in ("15:01:00", "15:06:00", "15:31:03"):
        room.loop.step(at(text))
    quote = room.reader.quote(ONE)
    assert quote is not None
    (day,) = room.files.all(ONE, Period.DAY)
    assert (day.on, day.close_milli, day.volume_shares) == (
        DAY,
        quote.last_milli,
        quote.volume_shares,
    )
    assert len(room.files.all(TWO, Period.MINUTE_1)) == 240
    assert room.loop.fold_day(DAY) == 0


def test_days_that_were_skipped_are_stored(simulated_room: Room) -> None:
    """A jump over days, or a process that was down, leaves no hole in the charts."""
    room = simulated_room
    room.loop.step(at("10:00:00"))
    room.stop()
    room.start()
    room.loop.step(at("09:15:00", date(2026, 11, 30)))

    stored = [bar.on.day for bar in room.files.all(ONE, Period.DAY)]
    assert stored == [24, 25, 26, 27]
    assert len(room.files.all(ONE, Period.MINUTE_1)) == 4 * 240


def test_a_line_goes_on_after_a_restart(simulated_room: Room) -> None:
    """The line on the board is the day's from its first minute, whoever drew the beginning."""
    room = simulated_room
    room.loop.step(at("10:00:00"))
    before = room.reader.line(ONE)
    room.stop()
    room.start()
    assert room.reader.line(ONE) == before

    room.loop.step(at("10:05:00"))
    assert room.reader.line(ONE) == simulated().line(ONE, at("10:05:00"))


def test_a_new_instrument_is_on_the_board_from_the_next_day(simulated_room: Room) -> None:
    """The list is read when a day opens; readers find the new board by themselves."""
    room = simulated_room
    room.loop.step(at("10:00:00"))
    sequence = room.reader.sequence()
    room.instruments.append(share("600105.SH"))
    room.loop.step(at("10:00:03"))
    assert room.reader.quote("600105.SH") is None

    room.loop.step(at("09:31:00", date(2026, 11, 25)))
    assert room.reader.quote("600105.SH") is not None
    assert room.reader.quote(ONE) is not None
    assert room.reader.sequence() > sequence


@pytest.mark.parametrize(
    "problem",
    [FeedSilent("no answer"), FeedGarbled("torn"), FeedRefused("403"), ZeroDivisionError()],
)
def test_a_feed_that_fails_leaves_the_board_and_is_asked_again_later(
    scripted: Room, problem: Exception
) -> None:
    """The quote stays, the heartbeat grows old, failures are counted; then it goes on."""
    feed = script(scripted)
    good = FeedBatch(at=at("10:00:00"), quotes=(tick(ONE, at("10:00:00"), 12_350, 100),))
    feed.answers = [good, problem, good]
    scripted.loop.step(at("10:00:00"))
    heard = scripted.wall.now()
    scripted.wall.sleep(3)
    scripted.loop.step(at("10:00:03"))
    scripted.loop.step(at("10:00:03"))

    state = scripted.reader.state()
    assert state is not None
    assert (state.failures, state.heartbeat_at) == (1, heard)
    assert feed.asked == 2
    quote = scripted.reader.quote(ONE)
    assert quote is not None
    assert quote.last_milli == 12_350

    scripted.wall.sleep(BACK_OFF_SECONDS_MAX)
    scripted.loop.step(at("10:01:03"))
    state = scripted.reader.state()
    assert state is not None
    assert (state.failures, state.heartbeat_at) == (0, scripted.wall.now())


def test_the_pause_grows_and_ends_at_a_minute(scripted: Room) -> None:
    """A dead source is asked 3, 6, 12... seconds later, at most once a minute."""
    feed = script(scripted)
    feed.answers = [FeedSilent("no answer")]
    asked_at, began = [], scripted.wall.monotonic()
    for second in range(400):
        asked = feed.asked
        scripted.loop.step(at("10:00:00") + timedelta(seconds=second))
        if feed.asked > asked:
            asked_at.append(scripted.wall.monotonic() - began)
        scripted.wall.sleep(1)

    pauses = [after - before for before, after in itertools.pairwise(asked_at)]
    assert pauses == [3, 6, 12, 24, 48, 60, 60, 60, 60, 60]


def test_a_source_that_is_dead_for_days_is_outlived(scripted: Room) -> None:
    """However many failures in a row, the pause is a minute."""
    feed = script(scripted)
    feed.answers = [FeedSilent("no answer")]
    for _ in range(1_100):
        scripted.loop.step(at("10:00:00"))
        scripted.wall.sleep(BACK_OFF_SECONDS_MAX)

    assert feed.asked == 1_100


def test_the_market_clock_goes_on_while_the_feed_is_left_alone(scripted: Room) -> None:
    """The anchor in the header moves even when there is nothing to publish."""
    script(scripted).answers = [FeedSilent("no answer")]
    scripted.loop.step(at("10:00:00"))
    scripted.anchor = Anchor(at("10:00:03"), scripted.wall.now(), speed=1)
    scripted.loop.step(at("10:00:03"))

    assert scripted.reader.anchor() == scripted.anchor


def test_a_new_day_is_tried_at_once(scripted: Room) -> None:
    """The pause of yesterday's failure does not keep today closed."""
    feed = script(scripted)
    feed.answers = [FeedSilent("no answer")]
    scripted.loop.step(at("15:00:00"))
    feed.answers = [FeedBatch(at=at("09:15:00", date(2026, 11, 25)))]
    scripted.loop.step(at("09:15:00", date(2026, 11, 25)))

    assert feed.opened[-1] == date(2026, 11, 25)


def test_a_day_that_is_refused_keeps_the_board(scripted: Room) -> None:
    """A source without that day: yesterday's figures stay, and are old."""
    feed = script(scripted)
    feed.answers = [FeedBatch(at=at("10:00:00"), quotes=(tick(ONE, at("10:00:00"), 12_350, 100),))]
    scripted.loop.step(at("10:00:00"))
    feed.refuses_day = FeedRefused("nothing of that day")
    scripted.loop.step(at("09:16:00", date(2026, 11, 25)))

    state = scripted.reader.state()
    assert state is not None
    assert (state.trading_day, state.failures) == (DAY, 1)
    assert scripted.reader.quote(ONE) is not None


def test_bad_quotes_are_dropped_and_counted(scripted: Room) -> None:
    """One bad among good ones: the good are published, the header counts what was not."""
    feed = script(scripted)
    bad = replace(tick(TWO, at("10:00:00"), 12_350, 100), high_milli=1)
    feed.answers = [
        FeedBatch(
            at=at("10:00:00"), quotes=(tick(ONE, at("10:00:00"), 12_350, 100), bad), dropped=2
        )
    ]
    scripted.loop.step(at("10:00:00"))

    state = scripted.reader.state()
    assert state is not None
    assert state.dropped == 3
    assert scripted.reader.quote(TWO) is None
    assert scripted.reader.quote(ONE) is not None


def test_a_silence_is_a_gap(scripted: Room) -> None:
    """Longer than GAP_SECONDS of wall time between two good batches; the feed's own are added."""
    feed = script(scripted)
    feed.answers = [FeedBatch(at=at("10:00:00"))]
    scripted.loop.step(at("10:00:00"))
    scripted.wall.sleep(3)
    scripted.loop.step(at("10:00:03"))
    scripted.wall.sleep(GAP_SECONDS + 1)
    feed.gaps = 2
    scripted.loop.step(at("10:00:20"))

    state = scripted.reader.state()
    assert state is not None
    assert state.gaps == 3


def test_minutes_are_folded_from_quotes_where_a_feed_has_none(scripted: Room) -> None:
    """Each slot holds what was traded in it; a late start invents no minutes before it."""
    feed = script(scripted)
    for text, price, volume in (
        ("09:31:20", 12_340, 500),
        ("09:31:50", 12_360, 800),
        ("09:32:10", 12_350, 1_000),
        ("09:35:00", 12_330, 1_600),
    ):
        feed.answers = [FeedBatch(at=at(text), quotes=(tick(ONE, at(text), price, volume),))]
        scripted.loop.step(at(text))

    line = [(p.minute, p.price_milli, p.volume_shares) for p in scripted.reader.line(ONE)]
    assert line == [(2, 12_360, 300), (3, 12_350, 200), (6, 12_330, 600)]


def test_folded_minutes_go_on_after_a_restart(scripted: Room) -> None:
    """What stood on the board is counted as traded; the running slot goes on growing."""
    feed = script(scripted)
    for text, volume in (("09:30:10", 500), ("09:31:10", 900)):
        feed.answers = [FeedBatch(at=at(text), quotes=(tick(ONE, at(text), 12_340, volume),))]
        scripted.loop.step(at(text))
    scripted.stop()
    scripted.start()
    for text, volume in (("09:31:40", 1_000), ("09:32:10", 1_300)):
        feed.answers = [FeedBatch(at=at(text), quotes=(tick(ONE, at(text), 12_340, volume),))]
        scripted.loop.step(at(text))

    line = [(p.minute, p.volume_shares) for p in scripted.reader.line(ONE)]
    assert line == [(1, 500), (2, 500), (3, 300)]


def test_a_live_day_is_stored_from_the_board(scripted: Room) -> None:
    """A source whose past cannot be asked leaves its day in the files at the close."""
    feed = script(scripted)
    for text, price, volume in (("09:30:10", 12_340, 500), ("15:01:03", 12_350, 900)):
        feed.answers = [FeedBatch(at=at(text), quotes=(tick(ONE, at(text), price, volume),))]
        scripted.loop.step(at(text))

    (day,) = scripted.files.all(ONE, Period.DAY)
    assert (day.open_milli, day.close_milli, day.volume_shares) == (12_340, 12_350, 900)
    minutes = scripted.files.all(ONE, Period.MINUTE_1)
    assert [(bar.at.strftime("%H:%M"), bar.volume_shares) for bar in minutes] == [
        ("09:31", 500),
        ("15:00", 400),
    ]
    assert scripted.files.all(TWO, Period.DAY) == []


def test_a_live_day_is_stored_again_when_all_is_told(scripted: Room) -> None:
    """A source that corrects its close after 15:01 has the last word at 15:31."""
    feed = script(scripted)
    for text, price, volume in (("15:01:03", 12_350, 900), ("15:31:03", 12_360, 950)):
        feed.answers = [FeedBatch(at=at(text), quotes=(tick(ONE, at(text), price, volume),))]
        scripted.loop.step(at(text))

    (day,) = scripted.files.all(ONE, Period.DAY)
    assert (day.close_milli, day.volume_shares) == (12_360, 950)


def test_a_full_disk_does_not_stop_the_quotes(tmp_path: Path) -> None:
    """What cannot be stored now is stored later; the board goes on meanwhile."""
    room = Room(tmp_path, SimFeed(simulated()), [share(ONE)])
    blocked = tmp_path / "history"
    blocked.write_text("a file where a folder should be")
    room.loop.step(at("15:01:00"))
    assert room.reader.quote(ONE) is not None

    blocked.unlink()
    room.loop.step(at("15:01:03"))
    assert room.files.all(ONE, Period.DAY) == []
    room.wall.sleep(61)
    room.loop.step(at("15:02:04"))
    room.stop()

    assert len(room.files.all(ONE, Period.DAY)) == 1


def test_a_torn_record_is_not_known_rather_than_shown(scripted: Room) -> None:
    """Garbage in the mapped file is no quote; the next batch puts it right."""
    feed = script(scripted)
    for second in (0, 3):
        moment = at("10:00:00") + timedelta(seconds=second)
        feed.answers = [FeedBatch(at=moment, quotes=(tick(ONE, moment, 12_350, 100 + second),))]
        scripted.loop.step(moment)
        quote = scripted.reader.quote(ONE)
        assert quote is not None
        if second == 0:
            _scribble(scripted.folder / "board.bin", scripted.reader)
            assert scripted.reader.quote(ONE) is None


def _scribble(path: Path, reader: BoardReader) -> None:
    """Overwrite the body of the first quote record, its lock left even."""
    with path.open("r+b") as file:
        file.seek(reader._quotes_at + 8)
        file.write(b"\xff" * 100)
