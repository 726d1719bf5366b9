"""The contract of QuoteFeed, run over every adapter: what the board may rely on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.feeds.file_feed import FileFeed
from h5app.market.feeds.http_feed import HttpFeed
from h5app.market.feeds.redis_feed import RedisFeed
from h5app.market.feeds.replay import ReplayFeed
from h5app.market.feeds.sim import SimFeed
from h5app.market.feeds.sina import SinaLayout
from h5app.market.feeds.sse_files import SseLayout
from h5app.market.feeds.szse_files import SzseLayout
from h5app.market.feeds.tencent import TencentLayout
from h5app.market.ports import FeedRefused, FeedSilent
from h5app.market.quality import Door
from h5app.market.sharing import RedisShare, redis_client
from h5app.plumbing.http import HttpClient
from tests.market.exchange_files import mktdt00, sjshq
from tests.market.live_stage import Staged, file_stage, redis_stage, troupe, web_stage
from tests.market.recorded_day import UNRECORDED, cast, record
from tests.market.redis_server import redis_server
from tests.market.sample_market import DAY, at, rule_book, sample_instruments, share, simulated
from tests.market.web_quotes import WebQuotes, sina, tencent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from h5app.market.model import Instrument, MinutePoint, Quote
    from h5app.market.ports import QuoteFeed

pytestmark = pytest.mark.contract

UNKNOWN = "688999.SH"
NOWHERE_ON = date(2004, 3, 2)
"""A day that no recording of the suite reaches."""


@dataclass(frozen=True)
class Case:
    """One adapter, made anew each time it is asked for, and the instruments it is opened with.

    A source that tells snapshots only draws no line of its own.
    """

    make: Callable[[], QuoteFeed]
    instruments: list[Instrument]
    draws_lines: bool = True

    def opened(self, instruments: Sequence[Instrument] | None = None) -> QuoteFeed:
        """The feed, opened for DAY."""
        feed = self.make()
        feed.open(self.instruments if instruments is None else instruments, DAY)
        return feed


@pytest.fixture(scope="module")
def web() -> Iterator[WebQuotes]:
    """A web server on loopback."""
    with WebQuotes() as server:
        yield server


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server on loopback."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="module")
def cases(
    tmp_path_factory: pytest.TempPathFactory, web: WebQuotes, redis_url: str
) -> dict[str, Case]:
    """Every adapter, none over the network; what they read is only read."""
    market = simulated()
    records = record(tmp_path_factory.mktemp("recorded")).records()
    folder = tmp_path_factory.mktemp("exchanges")
    return {
        "sse_files": Case(lambda: _sse(folder / "mktdt00.txt"), _listed(".SH"), draws_lines=False),
        "szse_files": Case(lambda: _szse(folder / "sjshq.dbf"), _listed(".SZ"), draws_lines=False),
        "tencent": Case(lambda: _tencent(web), troupe(), draws_lines=False),
        "sina": Case(lambda: _sina(web), troupe(), draws_lines=False),
        "redis": Case(lambda: _redis(redis_url), troupe()),
        "sim": Case(lambda: SimFeed(market), sample_instruments()),
        "replay": Case(lambda: ReplayFeed(records, rule_book(), DAY), cast()),
    }


def _listed(suffix: str) -> list[Instrument]:
    return [one for one in troupe() if one.symbol.endswith(suffix)]


def _sse(path: Path) -> QuoteFeed:
    feed = FileFeed(SseLayout(), path, rule_book(), FrozenClock(at("09:00:00")))
    return Staged(feed, file_stage(path, mktdt00, ".SH"))


def _szse(path: Path) -> QuoteFeed:
    feed = FileFeed(SzseLayout(), path, rule_book(), FrozenClock(at("09:00:00")))
    return Staged(feed, file_stage(path, sjshq, ".SZ"))


def _tencent(web: WebQuotes) -> QuoteFeed:
    clock = FrozenClock(at("09:00:00"))
    feed = HttpFeed(TencentLayout(), HttpClient(web.url), rule_book(), clock)
    return Staged(feed, web_stage(web, clock, tencent))


def _sina(web: WebQuotes) -> QuoteFeed:
    clock = FrozenClock(at("09:00:00"))
    feed = HttpFeed(SinaLayout(), HttpClient(web.url), rule_book(), clock)
    return Staged(feed, web_stage(web, clock, sina))


def _redis(url: str) -> QuoteFeed:
    share = RedisShare(redis_client(url), FrozenClock(at("09:00:00")))
    return Staged(RedisFeed(redis_client(url), rule_book()), redis_stage(share))


@pytest.fixture(
    params=["sim", "replay", "sse_files", "szse_files", "tencent", "sina", "redis"],
)
def case(request: pytest.FixtureRequest, cases: dict[str, Case]) -> Case:
    """One adapter after the other."""
    return cases[request.param]


MOMENTS = (
    *("09:15:00", "09:19:30", "09:22:00", "09:25:03", "09:29:30", "09:30:00", "09:30:33"),
    *("09:31:00", "10:00:00", "10:17:21", "11:29:57", "11:30:00", "12:10:00", "13:00:00"),
    *("13:00:03", "14:20:15", "14:56:57", "14:57:00", "14:59:57", "15:00:00", "15:00:03"),
    *("15:10:00", "15:31:00"),
)


def _quotes(feed: QuoteFeed, texts: Sequence[str]) -> dict[str, Quote]:
    """What is known after reading at these moments one after the other."""
    known: dict[str, Quote] = {}
    for text in texts:
        known.update({quote.symbol: quote for quote in feed.read(at(text)).quotes})
    return known


def _line(feed: QuoteFeed, texts: Sequence[str]) -> dict[str, dict[int, MinutePoint]]:
    lines: dict[str, dict[int, MinutePoint]] = {}
    for text in texts:
        for symbol, points in feed.read(at(text)).minutes.items():
            lines.setdefault(symbol, {}).update({point.minute: point for point in points})
    return lines


def test_it_names_itself(case: Case) -> None:
    """Name for settings, label for pages, a rhythm to be asked in."""
    feed = case.make()

    assert feed.name.isidentifier()
    assert feed.label
    assert feed.rhythm_seconds > 0


def test_every_quote_passes_the_door(case: Case) -> None:
    """At every moment: prices in their order, inside the limits, never crossed, never backwards."""
    feed, door = case.opened(), Door(rule_book())
    door.start(case.instruments, DAY)

    for text in MOMENTS:
        list(door.admit(feed.read(at(text)).quotes))

    assert dict(door.flaws) == {}
    assert door.limit_differences == 0


def test_volume_only_grows_from_step_to_step(case: Case) -> None:
    """Every three seconds through two minutes and into the close: nothing goes back."""
    for begin in ("10:00:00", "14:55:57"):
        feed, door = case.opened(), Door(rule_book())
        door.start(case.instruments, DAY)
        for step in range(43):
            moment = at(begin) + timedelta(seconds=3 * step)
            list(door.admit(feed.read(moment).quotes))

        assert dict(door.flaws) == {}


def test_only_what_was_opened_is_told(case: Case) -> None:
    """A feed gives quotes and lines of the instruments it was opened with, and of no others."""
    wanted = case.instruments[:2]
    feed = case.opened(wanted)
    batch = feed.read(at("10:00:00"))

    symbols = {one.symbol for one in wanted}
    assert {quote.symbol for quote in batch.quotes} <= symbols
    assert set(batch.minutes) <= symbols


def test_what_it_does_not_know_is_passed_over(case: Case) -> None:
    """An instrument of the list that the source has nothing of is left out, never invented."""
    stranger = share(UNKNOWN, "没有这只")
    feed = case.opened([*case.instruments, stranger])
    known = _quotes(feed, MOMENTS)

    assert known
    assert UNKNOWN not in known
    if case.make().name == "replay":
        assert UNRECORDED not in known


def test_it_may_jump(case: Case) -> None:
    """Jumping to a moment gives what walking to it gives: quotes and the whole line."""
    walked, jumped = case.opened(), case.opened()
    goal = MOMENTS.index("14:20:15")
    by_walk = _quotes(walked, MOMENTS[: goal + 1])
    by_jump = _quotes(jumped, MOMENTS[goal : goal + 1])
    line_walked, line_jumped = (
        _line(case.opened(), MOMENTS[: goal + 1]),
        _line(case.opened(), MOMENTS[goal : goal + 1]),
    )

    for symbol, quote in by_jump.items():
        assert replace(by_walk[symbol], at=quote.at, phase=quote.phase) == quote
    assert line_walked == line_jumped


def test_asking_twice_changes_nothing(case: Case) -> None:
    """The same moment gives the same quotes; nothing is used up by reading."""
    feed = case.opened()
    first, second = feed.read(at("10:17:21")), feed.read(at("10:17:21"))

    known = {quote.symbol: quote for quote in first.quotes}
    assert all(known[quote.symbol] == quote for quote in second.quotes)


def test_nothing_of_the_day_is_told_before_it_happened(case: Case) -> None:
    """Before the opening auction has its price there is no price; high and low only widen."""
    feed = case.opened()
    calls = _quotes(feed, ["09:15:00", "09:22:00"])
    assert all(quote.last_milli is None for quote in calls.values())
    assert all(quote.volume_shares == 0 for quote in calls.values())

    before = calls
    for text in MOMENTS[3:]:
        now = before | _quotes(feed, [text])
        for symbol, quote in now.items():
            old = before.get(symbol)
            if old is None or old.high_milli is None or old.low_milli is None:
                continue
            assert quote.high_milli is not None
            assert quote.low_milli is not None
            assert quote.high_milli >= old.high_milli
            assert quote.low_milli <= old.low_milli
        before = now


def test_stamps_are_the_source_s_and_never_of_the_future(case: Case) -> None:
    """Neither a batch nor a quote is stamped later than the moment asked for."""
    feed = case.opened()
    for text in MOMENTS:
        batch = feed.read(at(text))
        assert batch.at <= at(text)
        assert all(quote.at <= at(text) for quote in batch.quotes)


def test_the_line_is_the_day(case: Case) -> None:
    """At the close the slots' volumes add up to the quote's; the last slot has the last price."""
    feed = case.opened()
    known = _quotes(feed, ["15:31:00"])
    lines = _line(case.opened(), ["15:31:00"])

    drawn = {symbol: line for symbol, line in lines.items() if line}
    assert bool(drawn) is case.draws_lines
    for symbol, line in drawn.items():
        quote = known[symbol]
        assert sum(point.volume_shares for point in line.values()) == quote.volume_shares
        assert line[max(line)].price_milli == quote.last_milli
        assert max(line) == 240


def test_a_call_and_lunch_draw_no_trades(case: Case) -> None:
    """From 14:57 until the call's one price, and over lunch, volume stands still."""
    feed = case.opened()
    for begin, end in (("14:57:00", "14:59:57"), ("11:30:03", "12:59:57")):
        before, after = _quotes(feed, [begin]), _quotes(feed, [end])
        for symbol, quote in after.items():
            old = before.get(symbol, quote)
            assert (quote.volume_shares, quote.last_milli) == (old.volume_shares, old.last_milli)


def test_a_day_that_is_not_there_is_refused_and_another_may_follow(case: Case) -> None:
    """Opening says no by one of the port's own words, and the feed still opens a day it has."""
    feed = case.make()
    with suppress(FeedRefused, FeedSilent):
        feed.open(case.instruments, NOWHERE_ON)
    feed.open(case.instruments, DAY)

    assert feed.read(at("10:00:00")).quotes


def test_its_health_can_be_asked_at_any_time(case: Case) -> None:
    """Before the first batch there is no age; after it there is."""
    feed = case.make()
    assert feed.health().age_seconds(at("10:00:00")) is None

    feed.open(case.instruments, DAY)
    feed.read(at("10:00:00"))
    assert feed.health().batches == 1
    age = feed.health().age_seconds(at("10:00:00") + timedelta(seconds=5))
    assert age is not None
    assert 0 <= age <= 10


def test_closing_twice_does_no_harm(case: Case) -> None:
    """Letting go may be repeated, also by a feed that was never opened."""
    feed = case.make()
    feed.close()
    feed.close()
