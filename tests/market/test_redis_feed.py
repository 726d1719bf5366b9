"""Quotes of a feed process on another host: what it publishes is what the local board shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.board import BoardReader, BoardWriter
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.feeds.redis_feed import UNNAMED_LABEL, RedisFeed
from h5app.market.feeds.sim import SimFeed
from h5app.market.ports import FeedGarbled, FeedSilent
from h5app.market.sharing import QUOTES_KEY, STATE_KEY, RedisShare, redis_client
from tests.conftest import free_port
from tests.market.live_stage import troupe
from tests.market.redis_server import redis_server
from tests.market.sample_market import DAY, at, rule_book, simulated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from redis import Redis

    from h5app.market.ports import QuoteFeed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the tests of this file."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[Redis]:
    """A connection to an empty server."""
    with redis_client(server) as connection:
        connection.flushall()
        yield connection


class Host:
    """One host: a feed process with its board."""

    def __init__(
        self, folder: Path, feed: QuoteFeed, share: RedisShare | None, wall: FrozenClock
    ) -> None:
        folder.mkdir()
        symbols = [one.symbol for one in troupe()]
        writer = BoardWriter(folder / "board.bin", symbols)
        self.reader = BoardReader(folder / "board.bin")
        self.loop = FeedLoop(feed, writer, troupe, rule_book(), BoardTime(wall))
        if share is not None:
            self.loop.share_with(share)

    def close(self) -> None:
        """Let go of the board."""
        self.reader.close()
        self.loop.close()


@pytest.fixture
def wall() -> FrozenClock:
    """The wall clock of both hosts."""
    return FrozenClock(at("10:00:00"))


@pytest.fixture
def hosts(tmp_path: Path, server: str, client: Redis, wall: FrozenClock) -> Iterator[list[Host]]:
    """A host with a source, and one that has only Redis."""
    assert client.ping()
    share = RedisShare(redis_client(server), wall)
    one = Host(tmp_path / "one", SimFeed(simulated(troupe())), share, wall)
    two = Host(tmp_path / "two", RedisFeed(redis_client(server), rule_book()), None, wall)
    yield [one, two]
    one.close()
    two.close()


def test_both_boards_show_the_same(hosts: list[Host]) -> None:
    """Quotes, the whole line so far, and the words beside the prices."""
    one, two = hosts
    for text in ("09:22:00", "09:31:00", "09:31:03", "10:00:00"):
        one.loop.step(at(text))
    two.loop.step(at("10:00:00"))
    two.loop.step(at("10:00:03"))
    one.loop.step(at("10:00:06"))
    two.loop.step(at("10:00:06"))

    for instrument in troupe():
        mine, theirs = (host.reader.quote(instrument.symbol) for host in hosts)
        assert mine is not None
        assert theirs is not None
        assert (theirs.last_milli, theirs.bids) == (mine.last_milli, mine.bids)
        assert theirs.volume_shares == mine.volume_shares
        line = one.reader.line(instrument.symbol)
        assert two.reader.line(instrument.symbol) == line
    state = two.reader.state()
    assert state is not None
    assert (state.feed, state.label) == ("redis", "模拟行情")


def test_a_redis_that_lost_everything_is_filled_again(hosts: list[Host], client: Redis) -> None:
    """After a start anew the next batch brings all, not only what changed."""
    one, two = hosts
    one.loop.step(at("10:00:00"))
    client.flushall()
    one.loop.step(at("12:00:00"))
    two.loop.step(at("12:00:00"))

    assert len(two.reader.all_quotes()) == len(troupe())
    assert two.reader.line("600100.SH") == one.reader.line("600100.SH") != ()


def test_nobody_publishes(client: Redis) -> None:
    """Silence: an empty Redis, yesterday's figures, a publisher that stopped."""
    feed = RedisFeed(client, rule_book())
    feed.open(troupe(), DAY)
    assert feed.label == UNNAMED_LABEL
    with pytest.raises(FeedSilent, match="nobody"):
        feed.read(at("10:00:00"))

    client.hset(STATE_KEY, mapping={"day": "2026-11-23", "at": at("10:00:00").isoformat()})
    with pytest.raises(FeedSilent, match="2026-11-24"):
        feed.read(at("10:00:00"))

    client.hset(STATE_KEY, mapping={"day": "2026-11-24", "sequence": "1", "label": "甲"})
    assert feed.read(at("10:00:10")).quotes == ()
    assert feed.label == "甲"
    with pytest.raises(FeedSilent):
        feed.read(at("10:00:16"))


def test_what_is_no_board_is_garbled_and_counted(client: Redis) -> None:
    """A state without a moment, a record of another length: dropped, and nothing else."""
    feed = RedisFeed(client, rule_book())
    feed.open(troupe(), DAY)
    client.hset(STATE_KEY, "day", "2026-11-24")
    with pytest.raises(FeedGarbled):
        feed.read(at("10:00:00"))

    client.hset(STATE_KEY, mapping={"at": at("10:00:00").isoformat(), "sequence": "1"})
    client.hset(QUOTES_KEY, "600100.SH", "nonsense")

    assert feed.read(at("10:00:00")).dropped == 1


def test_without_redis_the_board_goes_on(tmp_path: Path, wall: FrozenClock) -> None:
    """Publishing fails quietly, is tried again after a pause, and then brings everything."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    one = Host(
        tmp_path / "one",
        SimFeed(simulated(troupe())),
        RedisShare(redis_client(url), wall),
        wall,
    )
    one.loop.step(at("10:00:00"))
    assert len(one.reader.all_quotes()) == len(troupe())
    feed = RedisFeed(redis_client(url), rule_book())
    feed.open(troupe(), DAY)
    with pytest.raises(FeedSilent):
        feed.read(at("10:00:00"))

    with redis_server(tmp_path, port):
        one.loop.step(at("10:00:03"))
        wall.advance(timedelta(seconds=6))
        one.loop.step(at("10:00:06"))
        batch = feed.read(at("10:00:06"))

    assert len(batch.quotes) == len(troupe())
    assert len(batch.minutes["600100.SH"]) == 32
    feed.close()
    one.close()
