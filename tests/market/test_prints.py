"""Prints of today: folded from snapshots where a feed has none, kept in a ring, read elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.market.feeds.sim import SimFeed
from h5app.market.model import Level, Phase, Print, Side
from h5app.market.ports import FeedBatch
from h5app.market.print_file import KEPT, PrintReader, PrintWriter
from h5app.market.print_fold import PrintFold
from h5app.market.service import NoSuchInstrument
from tests.market.feed_room import ONE, TWO, Room, script
from tests.market.live_stage import troupe
from tests.market.market_world import World
from tests.market.sample_market import DAY, at, share, simulated
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import Quote
    from h5app.plumbing.db import Database


def quote(text: str, last_milli: int, volume_shares: int, **changed: object) -> Quote:
    """A quote with a book of one tick around 12.34 yuan."""
    plain = tick(ONE, at(text), last_milli, volume_shares)
    book = {"bids": (Level(12_330, 100),), "asks": (Level(12_350, 100),)}
    return replace(plain, **(book | changed))  # type: ignore[arg-type]


def test_who_came_to_whom() -> None:
    """At the ask of before: bought; at the bid: sold; between them the movement says."""
    fold = PrintFold()
    assert fold.print_of(quote("10:00:00", 12_340, 1_000)) is None

    bought = fold.print_of(quote("10:00:03", 12_350, 1_500))
    sold = fold.print_of(quote("10:00:06", 12_330, 1_800))
    risen = fold.print_of(quote("10:00:09", 12_340, 1_900))
    still = fold.print_of(quote("10:00:12", 12_340, 2_000))

    assert bought == Print(at("10:00:03"), 12_350, 500, Side.BUY)
    assert sold == Print(at("10:00:06"), 12_330, 300, Side.SELL)
    assert risen is not None
    assert risen.side is Side.BUY
    assert still is not None
    assert still.side is Side.BUY


def test_auctions_have_no_side_and_silence_is_no_print() -> None:
    """The opening auction is a print without side, also when it is the first thing seen."""
    fold = PrintFold()
    opened = fold.print_of(quote("09:25:03", 12_340, 5_000))
    assert opened == Print(at("09:25:03"), 12_340, 5_000, None)
    assert fold.print_of(quote("09:30:00", 12_340, 5_000)) is None

    fold.print_of(quote("14:59:57", 12_340, 6_000, phase=Phase.CLOSE_CALL))
    closed = fold.print_of(quote("15:00:00", 12_350, 9_000, phase=Phase.CLOSED))

    assert closed == Print(at("15:00:00"), 12_350, 3_000, None)


def test_what_was_before_the_process_is_not_invented() -> None:
    """Seen first at ten o'clock: a morning's volume is no single trade."""
    assert PrintFold().print_of(quote("10:00:00", 12_340, 900_000)) is None


def rows(count: int, first: int = 0) -> list[Print]:
    """Some prints, a second apart."""
    return [
        Print(at("10:00:00") + timedelta(seconds=n), 10_000 + n, 100, Side.SELL, 3)
        for n in range(first, first + count)
    ]


def test_the_newest_are_kept(tmp_path: Path) -> None:
    """A ring: the oldest fall out, the latest comes first, another day begins empty."""
    writer, reader = PrintWriter(tmp_path / "p.bin"), PrintReader(tmp_path / "p.bin")
    assert reader.prints(ONE, DAY) == []
    writer.start([ONE, TWO], DAY)
    writer.add(ONE, rows(100))
    writer.add(ONE, rows(100, first=100))
    writer.add("999999.SH", rows(1))

    assert reader.prints(ONE, DAY) == rows(KEPT, first=200 - KEPT)[::-1]
    assert reader.prints(ONE, DAY, 2) == [rows(1, first=199)[0], rows(1, first=198)[0]]
    assert reader.prints(TWO, DAY) == []

    writer.start([ONE, TWO], DAY)
    assert len(reader.prints(ONE, DAY)) == KEPT
    writer.start([ONE, TWO], DAY + timedelta(days=1))
    writer.add(ONE, rows(1))
    assert reader.prints(ONE, DAY) == []
    assert len(reader.prints(ONE, DAY + timedelta(days=1))) == 1
    writer.close()
    reader.close()


def test_another_list_is_another_file(tmp_path: Path) -> None:
    """A reader follows; what is no such file is nothing."""
    path = tmp_path / "p.bin"
    writer, reader = PrintWriter(path), PrintReader(path)
    path.write_bytes(b"not prints")
    assert reader.prints(ONE, DAY) == []
    writer.start([ONE], DAY)
    writer.add(ONE, rows(1))
    assert len(reader.prints(ONE, DAY)) == 1
    writer.start([ONE, TWO], DAY)
    writer.add(TWO, rows(2))

    assert len(reader.prints(TWO, DAY)) == 2
    assert reader.prints(ONE, DAY) == []
    writer.close()
    reader.close()


def test_the_feed_process_keeps_them(tmp_path: Path) -> None:
    """Simulated snapshots become prints whose volumes add up to the quote's."""
    room = Room(tmp_path, SimFeed(simulated(troupe())), troupe())
    room.loop.keep_prints(PrintWriter(tmp_path / "p.bin"))
    reader = PrintReader(tmp_path / "p.bin")
    for text in ("09:25:03", "09:30:00", "09:30:03", "09:30:06", "09:30:30"):
        room.loop.step(at(text))

    found = reader.prints("600100.SH", DAY)
    now = room.reader.quote("600100.SH")
    assert now is not None
    assert sum(one.volume_shares for one in found) == now.volume_shares
    assert found[0].price_milli == now.last_milli
    assert found[-1].side is None
    assert reader.prints("000001.SH", DAY) == []
    room.stop()


def test_a_feed_s_own_prints_win(tmp_path: Path) -> None:
    """What the source tells is not folded once more."""
    room = Room(tmp_path, ScriptedFeed(), [share(ONE), share(TWO)])
    room.loop.keep_prints(PrintWriter(tmp_path / "p.bin"))
    own = rows(2)
    script(room).answers = [
        FeedBatch(
            at=at("10:00:03"),
            quotes=(tick(ONE, at("10:00:03"), 12_340, 100),),
            prints={ONE: tuple(own)},
        )
    ]
    room.loop.step(at("10:00:03"))

    assert PrintReader(tmp_path / "p.bin").prints(ONE, DAY) == own[::-1]
    room.stop()


def test_the_market_gives_the_day_s_prints(tmp_path: Path, sqlite_database: Database) -> None:
    """Of an instrument that is listed, the latest first; over night still those of the day."""
    world = World(tmp_path, sqlite_database)
    for moment in ("2026-11-24T09:31:00", "2026-11-24T09:31:03", "2026-11-24T15:01:00"):
        world.step(moment)

    latest, *older = world.market.prints("600519.SH", 2)
    assert latest.at > older[0].at
    world.clock.set(at("08:00:00", DAY + timedelta(days=1)))
    assert world.market.prints("600519.SH", 1) == [latest]
    with pytest.raises(NoSuchInstrument):
        world.market.prints("999999.SH")
    world.close()
