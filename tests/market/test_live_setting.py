"""H5APP_MARKET: names side by side and in order, what each needs, and what operators are told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.day_fold import CLOSED_AT, TOLD_AT
from h5app.market.feed_report import FeedReport, sources_of
from h5app.market.feeds.failover import FailoverFeed
from h5app.market.feeds.joined import JoinedFeed
from h5app.market.feeds.make import FeedNotAvailable, FeedParts, check_feed_name, make_feed
from h5app.market.feeds.make_live import LiveParts
from h5app.market.ports import FeedBatch, FeedSilent
from h5app.plumbing.config import BadSetting, Config
from h5app.plumbing.health import Figure, Metrics
from tests.market.exchange_files import mktdt00, put, sjshq
from tests.market.feed_room import ONE, Room
from tests.market.live_stage import rows_at, troupe
from tests.market.recorded_day import record
from tests.market.sample_market import DAY, at, rule_book, sample_instruments, share, simulated
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def parts(tmp_path: Path) -> FeedParts:
    """What feeds are made of, with both exchanges' files in a folder."""
    day = record(tmp_path / "recorded")
    live = LiveParts(
        rules=rule_book(),
        wall=FrozenClock(at("10:00:00")),
        sse_file=str(tmp_path / "mktdt00.txt"),
        szse_file=str(tmp_path / "sjshq.dbf"),
    )
    return FeedParts(
        instruments=sample_instruments(),
        actions=(),
        rules=rule_book(),
        files=day.files,
        recorded=day.recorded,
        first_on=DAY,
        live=live,
        board=simulated(),
    )


def test_names_side_by_side_and_in_order(parts: FeedParts) -> None:
    """A comma joins both exchanges, a plus names what is asked while they do not answer."""
    joined = make_feed("sse_files,szse_files", parts)
    either = make_feed("sse_files,szse_files+tencent+sina", parts)

    assert isinstance(joined.feed, JoinedFeed)
    assert isinstance(either.feed, FailoverFeed)
    assert [one.name for one in sources_of(either.feed)] == [
        "sse_files",
        "szse_files",
        "tencent",
        "sina",
    ]
    assert joined.fold is not None
    assert joined.fold.times == (CLOSED_AT, TOLD_AT)


@pytest.mark.parametrize("name", ["bloomberg", "tencent+", "tencent+tencent", "sim+tencent", ""])
def test_what_is_no_setting_is_refused(name: str) -> None:
    """Unknown, empty and repeated names; the simulated market stands alone."""
    with pytest.raises(FeedNotAvailable, match="tencent"):
        check_feed_name(name)


def test_a_feed_says_what_it_needs(parts: FeedParts) -> None:
    """The setting that is missing is the one named, by the maker and at every start."""
    assert parts.live is not None
    bare = replace(parts, live=replace(parts.live, sse_file=""))
    with pytest.raises(FeedNotAvailable, match="H5APP_SSE_FILE"):
        make_feed("sse_files", bare)
    with pytest.raises(FeedNotAvailable, match="H5APP_REDIS_URL"):
        make_feed("redis", bare)


def test_live_feeds_need_a_real_clock() -> None:
    """The demo's market clock is its own: a live feed would be silent there for ever."""
    with pytest.raises(BadSetting, match="H5APP_MARKET=tencent"):
        Config.from_environ({"H5APP_MARKET": "tencent"})


def test_the_board_of_two_exchanges_falls_over_and_says_so(
    parts: FeedParts, tmp_path: Path
) -> None:
    """While one file is missing its exchange is said to be; operators see each source."""
    put(tmp_path / "mktdt00.txt", mktdt00(rows_at(at("10:00:00"), ".SH"), at("10:00:00")))
    folder = tmp_path / "room"
    folder.mkdir()
    room = Room(folder, make_feed("sse_files,szse_files", parts).feed, troupe())
    report = FeedReport(tmp_path / "feed.json", room.wall)
    room.loop.report_to(report)
    assert report.read().sources == ()

    room.loop.step(at("10:00:00"))

    state = room.reader.state()
    assert state is not None
    assert state.label == "上交所行情文件、深交所行情文件(中断)"
    sse, szse = report.read().sources
    assert (sse.name, sse.is_active, sse.failures) == ("sse_files", True, 0)
    assert sse.age_seconds(at("10:00:02")) == 2.0
    assert (szse.name, szse.is_active, szse.failures) == ("szse_files", False, 1)
    assert "sjshq.dbf" in szse.last_error
    assert szse.age_seconds(at("10:00:02")) is None

    put(tmp_path / "sjshq.dbf", sjshq(rows_at(at("10:00:03"), ".SZ"), at("10:00:03")))
    room.loop.step(at("10:00:03"))

    assert [one.is_active for one in report.read().sources] == [True, True]
    assert room.reader.quote("000001.SZ") is not None
    assert room.reader.quote("600100.SH") is not None
    room.stop()


def test_limits_that_are_not_ours_are_reported(tmp_path: Path) -> None:
    """The feed's win; operators hear at once how many instruments differ from our rules."""
    folder = tmp_path / "room"
    folder.mkdir()
    feed = ScriptedFeed()
    plain = tick(ONE, at("10:00:00"), 12_350, 100)
    other = replace(plain, limit_up_milli=12_960, limit_down_milli=11_720)
    later = replace(other, at=at("10:00:03"))
    feed.answers = [FeedBatch(at=quote.at, quotes=(quote,)) for quote in (plain, later, later)]
    room = Room(folder, feed, [share(ONE)])
    report = FeedReport(tmp_path / "feed.json", room.wall)
    room.loop.report_to(report)
    room.loop.step(at("10:00:00"))
    assert report.read().limit_differences == 0

    for _ in range(2):
        room.loop.step(at("10:00:03"))

    shown = room.reader.quote(ONE)
    assert shown is not None
    assert (shown.limit_up_milli, shown.limit_down_milli) == (12_960, 11_720)
    assert report.read().limit_differences == 1
    room.stop()


def test_a_report_that_cannot_be_written_does_not_end_the_quotes(tmp_path: Path) -> None:
    """A folder that is not there is a full disk in small."""
    folder = tmp_path / "room"
    folder.mkdir()
    feed = ScriptedFeed()
    feed.answers = [FeedSilent("gone")]
    room = Room(folder, feed, troupe())
    room.loop.report_to(FeedReport(tmp_path / "nowhere" / "feed.json", room.wall))

    room.loop.step(at("10:00:00"))

    state = room.reader.state()
    assert state is not None
    assert state.failures == 1
    room.stop()


def test_figures_of_one_name_are_told_apart_by_their_labels() -> None:
    """One gauge, a value for each source."""
    about = "Silences of a source"
    metrics = Metrics(
        [
            Figure("h5app_feed_source_gaps", about, lambda: 1, {"source": "tencent"}),
            Figure("h5app_feed_source_gaps", about, lambda: 2, {"source": "sina"}),
        ]
    )

    text = metrics.text().decode()

    assert 'h5app_feed_source_gaps{source="tencent"} 1.0' in text
    assert 'h5app_feed_source_gaps{source="sina"} 2.0' in text
