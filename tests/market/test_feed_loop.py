"""The feed process's step: days open and are stored, bad sources outlived, nothing made up."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import Anchor
from h5app.market.feed_loop import BACK_OFF_SECONDS_MAX, GAP_SECONDS
from h5app.market.feeds.sim import SimFeed
from h5app.market.ports import FeedBatch, FeedGarbled, FeedRefused, FeedSilent
from tests.market.feed_room import ONE, TWO, Room, script
from tests.market.sample_market import DAY, at, share, simulated
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from h5app.market.board import BoardReader


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
