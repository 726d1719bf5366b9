"""Days that end: their bars and minutes go into the files, once, whoever brought them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from h5app.market.feeds.sim import SimFeed
from h5app.market.model import Period
from h5app.market.ports import FeedBatch
from tests.market.feed_room import ONE, TWO, Room, script
from tests.market.sample_market import DAY, at, share, simulated
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
