"""A simulated day played as a live source would tell it: something outside is rewritten first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from h5app.market.feeds.sim import SimFeed
from h5app.market.sharing import SharedBatch
from tests.market.exchange_files import put
from tests.market.sample_market import DAY, sample_instruments, simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from h5app.kernel.clock import FrozenClock
    from h5app.market.feeds.sim import SimulatedMarket
    from h5app.market.model import Instrument, Quote
    from h5app.market.ports import FeedBatch, FeedHealth, QuoteFeed
    from h5app.market.sharing import RedisShare
    from tests.market.web_quotes import WebQuotes

    Rows = Iterable[tuple[Instrument, Quote]]
    Write = Callable[[Rows, datetime], bytes]


def troupe() -> list[Instrument]:
    """One of every kind and a few ordinary stocks: enough for a source, and quick."""
    left_out = {f"600{number:03}.SH" for number in range(106, 130)}
    return [one for one in sample_instruments() if one.symbol not in left_out]


@cache
def _market() -> SimulatedMarket:
    return simulated()


def rows_at(moment: datetime, suffix: str = "") -> list[tuple[Instrument, Quote]]:
    """What a source knows at a moment: all of the simulated market, or one exchange of it."""
    market = _market()
    found = (
        (one, market.quote(one.symbol, moment)) for one in troupe() if one.symbol.endswith(suffix)
    )
    return [(one, quote) for one, quote in found if quote is not None]


class Staged:
    """A live feed whose source is brought up to the moment before each reading."""

    def __init__(self, feed: QuoteFeed, stage: Callable[[datetime], None]) -> None:
        self._feed = feed
        self._stage = stage
        self.name, self.label = feed.name, feed.label
        self.rhythm_seconds = feed.rhythm_seconds

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """As the feed."""
        self._feed.open(instruments, day)

    def read(self, now: datetime) -> FeedBatch:
        """Let the source speak, then ask the feed."""
        self._stage(now)
        return self._feed.read(now)

    def health(self) -> FeedHealth:
        """As the feed."""
        return self._feed.health()

    def close(self) -> None:
        """As the feed."""
        self._feed.close()


def file_stage(path: Path, write: Write, suffix: str) -> Callable[[datetime], None]:
    """A program of an exchange that rewrites its file."""

    def rewrite(now: datetime) -> None:
        put(path, write(rows_at(now, suffix), now))

    return rewrite


def web_stage(
    web: WebQuotes, clock: FrozenClock, payloads: Callable[[Rows], dict[str, str]]
) -> Callable[[datetime], None]:
    """A website that is up to date each time, and a wall clock on which the rhythm is over."""

    def renew(now: datetime) -> None:
        clock.sleep(60)
        web.payloads = payloads(rows_at(now))

    return renew


def redis_stage(share: RedisShare) -> Callable[[datetime], None]:
    """A feed process on another host that publishes what its simulated market does."""
    source = SimFeed(_market())
    source.open(troupe(), DAY)

    def publish(now: datetime) -> None:
        batch = source.read(now)
        shared = SharedBatch(
            on=DAY, at=now, label=source.label, quotes=batch.quotes, minutes=batch.minutes
        )
        share.publish(shared, lambda symbol: _market().line(symbol, now))

    return publish
