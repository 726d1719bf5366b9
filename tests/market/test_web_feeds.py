"""Tencent's and Sina's interfaces: golden samples, units, and every kind of bad answer."""

from __future__ import annotations

import logging
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.feeds.http_feed import HttpFeed
from h5app.market.feeds.live import told_unit, whole_shares
from h5app.market.feeds.sina import SINA_REFERER, SinaLayout
from h5app.market.feeds.tencent import TencentLayout
from h5app.market.model import Board, Level, Product
from h5app.market.ports import FeedGarbled, FeedRefused, FeedSilent
from h5app.market.quality import Door, Flaw
from h5app.plumbing.http import HttpClient
from tests.market.live_stage import rows_at, troupe
from tests.market.sample_market import DAY, at, rule_book, share
from tests.market.web_quotes import WebQuotes, sina, tencent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from h5app.market.feeds.http_feed import HttpLayout
    from h5app.market.model import Instrument, Quote

LAYOUTS: dict[str, type[HttpLayout]] = {"tencent": TencentLayout, "sina": SinaLayout}
PAYLOADS = {"tencent": tencent, "sina": sina}
SAMPLE = re.compile(r'(?:v|hq_str)_(\w+)="([^"]*)";')


@pytest.fixture
def web() -> Iterator[WebQuotes]:
    """A server for one test."""
    with WebQuotes() as server:
        yield server


@pytest.fixture
def clock() -> FrozenClock:
    """The wall clock that keeps the rhythm."""
    return FrozenClock("2026-11-24T10:00:00")


def feed_of(name: str, web: WebQuotes, clock: FrozenClock) -> HttpFeed:
    """The feed of a name over the server, opened for everything."""
    client = HttpClient(web.url, 0.5, headers={"Referer": SINA_REFERER})
    feed = HttpFeed(LAYOUTS[name](), client, rule_book(), clock)
    feed.open(troupe(), DAY)
    return feed


def golden(shared_dir: Path, name: str) -> dict[str, str]:
    """The recorded payloads of a sample file."""
    path = shared_dir / "data" / "market" / "feed_samples" / name
    return dict(SAMPLE.findall(path.read_text("utf-8")))


def tencent_cast() -> list[Instrument]:
    """What the recorded answer of Tencent has records of."""
    return [
        share("300750.SZ", "宁德时代", board=Board.CHINEXT),
        share("688981.SH", "中芯国际", board=Board.STAR),
        share("000001.SH", "上证指数", board=Board.INDEX, product=Product.INDEX),
        share("510300.SH", "沪深300ETF", board=Board.ETF, tick_milli=1),
    ]


@pytest.fixture
def recorded(shared_dir: Path, web: WebQuotes, clock: FrozenClock) -> dict[str, Quote]:
    """Tencent's recorded answer after the door."""
    web.payloads = golden(shared_dir, "tencent_qt.txt")
    feed = HttpFeed(TencentLayout(), HttpClient(web.url), rule_book(), clock)
    quotes: dict[str, Quote] = {}
    for day in (date(2026, 9, 18), date(2026, 9, 24)):
        door = Door(rule_book())
        door.start(tencent_cast(), day)
        feed.open(tencent_cast(), day)
        batch = feed.read(datetime.fromisoformat(f"{day}T17:00:00+08:00"))
        quotes |= {quote.symbol: quote for quote in door.admit(batch.quotes)}
        assert dict(door.flaws) == {}
        assert door.limit_differences == 0
    return quotes


def test_tencent_s_units(recorded: dict[str, Quote]) -> None:
    """Volume in lots, but in shares for STAR, whose depth is in lots all the same."""
    chinext, star = recorded["300750.SZ"], recorded["688981.SH"]

    assert chinext.volume_shares == 38_071_300
    assert chinext.turnover_fen == 1_153_766_464_800
    assert chinext.outer_shares == 18_921_200
    assert star.volume_shares == 18_660_976
    assert star.bid_1 == Level(119_980, 50_600)
    assert recorded["510300.SH"].volume_shares == 629_721_100


def test_tencent_s_figures(recorded: dict[str, Quote]) -> None:
    """Every field in its place; limits are the exchange's, an index has none."""
    one, index = recorded["300750.SZ"], recorded["000001.SH"]

    assert (one.previous_close_milli, one.open_milli, one.last_milli) == (304_300, 309_770, 301_950)
    assert (one.high_milli, one.low_milli) == (310_000, 300_270)
    assert (one.limit_up_milli, one.limit_down_milli) == (365_160, 243_440)
    assert (len(one.bids), one.ask_1) == (5, Level(301_960, 500))
    assert one.at == datetime.fromisoformat("2026-09-18T16:14:12+08:00")
    assert index.index_points is not None
    assert index.index_points.last_e4 == 39_118_700
    assert index.volume_shares == 48_571_250_700
    assert (index.limit_up_milli, index.bids) == (None, ())


def test_sina_s_sample(shared_dir: Path, web: WebQuotes, clock: FrozenClock) -> None:
    """Volumes are shares; an empty record is an unknown code and told as nothing.

    The sample's numbers are invented: its mean price lies below its low, and the door says so.
    """
    web.payloads = golden(shared_dir, "sina_hq.txt")
    day = date(2026, 5, 8)
    cast = [share("600519.SH", "贵州茅台"), share("000001.SZ", "平安银行", board=Board.SZSE_MAIN)]
    feed = HttpFeed(SinaLayout(), HttpClient(web.url), rule_book(), clock)
    feed.open(cast, day)
    quotes = feed.read(datetime.fromisoformat("2026-05-08T15:01:00+08:00")).quotes
    door = Door(rule_book())
    door.start(cast, day)

    assert [quote.symbol for quote in quotes] == ["600519.SH"]
    assert quotes[0].volume_shares == 2_823_100
    assert quotes[0].bid_1 == Level(1_789_500, 200)
    assert quotes[0].asks[-1] == Level(1_789_550, 500)
    assert list(door.admit(quotes)) == []
    assert door.flaws == {Flaw.MEAN: 1}


def test_a_volume_in_lots_gets_its_odd_shares_back() -> None:
    """A one-price day of 12,345 shares told as 123 lots: the amount says how many there were."""
    assert whole_shares(123, 100, 12_345 * 1_641, (16_410, 16_410)) == 12_345
    assert whole_shares(123, 100, 12_345 * 1_641, (16_000, 17_000)) == 12_300


@pytest.mark.parametrize(("told", "unit"), [(380_713, 100), (3_807_130, 10), (38_071_300, 1)])
def test_the_unit_shows_in_the_mean_price(told: int, unit: int) -> None:
    """Whatever unit is usual, the one that puts the mean between low and high counts."""
    figures = (told, 1_153_766_464_800, (300_270, 310_000))

    assert {told_unit(*figures, usual) for usual in (1, 10, 100)} == {unit}


@pytest.mark.parametrize("name", ["tencent", "sina"])
def test_it_is_asked_in_its_rhythm(name: str, web: WebQuotes, clock: FrozenClock) -> None:
    """Asked ten times a second it asks once in three seconds, with all codes in one request."""
    web.payloads = PAYLOADS[name](rows_at(at("10:00:00")))
    feed = feed_of(name, web, clock)
    assert feed.read(at("10:00:00")).quotes
    for _ in range(10):
        assert feed.read(at("10:00:01")).quotes == ()
    assert len(web.asked) == 1
    assert web.asked[0][1] == SINA_REFERER

    clock.sleep(3)
    feed.read(at("10:00:03"))

    assert len(web.asked) == 2


@pytest.mark.parametrize("name", ["tencent", "sina"])
def test_a_part_of_an_answer_is_used(name: str, web: WebQuotes, clock: FrozenClock) -> None:
    """What was cut off is counted; what is whole is told."""
    rows = rows_at(at("10:00:00"))
    web.payloads = PAYLOADS[name](rows)
    feed = feed_of(name, web, clock)
    path = feed._layout.query + ",".join(web.payloads)
    web.cut_at = len(web.body(path)) * 2 // 3

    batch = feed.read(at("10:00:00"))

    assert 0 < len(batch.quotes) < len(rows)
    assert batch.dropped == 1


@pytest.mark.parametrize("name", ["tencent", "sina"])
@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ((200, b""), FeedGarbled),
        ((200, b"<html>\xb5\xc7\xc2\xbc</html>"), FeedGarbled),
        ((200, b'v_pv_none_match="1";'), FeedGarbled),
        ((403, b"Forbidden"), FeedRefused),
        ((456, b""), FeedRefused),
        ((502, b""), FeedSilent),
    ],
)
def test_bad_answers_have_names(
    name: str,
    answer: tuple[int, bytes],
    wrong: type[Exception],
    web: WebQuotes,
    clock: FrozenClock,
) -> None:
    """Empty, a page instead of figures, refused, broken: nothing is told; then it recovers."""
    feed = feed_of(name, web, clock)
    web.answer = answer
    with pytest.raises(wrong):
        feed.read(at("10:00:00"))
    assert feed.health().failures == 1

    web.answer, web.payloads = None, PAYLOADS[name](rows_at(at("10:00:00")))

    assert feed.read(at("10:00:00")).quotes
    assert feed.health().failures == 0


@pytest.mark.parametrize("name", ["tencent", "sina"])
def test_missing_fields_are_no_zeros(name: str, web: WebQuotes, clock: FrozenClock) -> None:
    """A short record is dropped and counted; an empty field is no value."""
    payloads = PAYLOADS[name](rows_at(at("10:00:00")))
    payloads["sh600100"] = payloads["sh600100"][:60]
    fields = payloads["sh600101"].split("~" if name == "tencent" else ",")
    fields[33 if name == "tencent" else 4] = ""
    payloads["sh600101"] = ("~" if name == "tencent" else ",").join(fields)
    web.payloads = payloads

    batch = feed_of(name, web, clock).read(at("10:00:00"))

    quotes = {quote.symbol: quote for quote in batch.quotes}
    assert batch.dropped == 1
    assert "600100.SH" not in quotes
    assert quotes["600101.SH"].high_milli is None


@pytest.mark.parametrize("name", ["tencent", "sina"])
def test_nobody_there_is_silence(name: str, clock: FrozenClock) -> None:
    """A server that is gone, figures of an hour ago, and figures of another day."""
    with WebQuotes() as web:
        web.payloads = PAYLOADS[name](rows_at(at("10:00:00")))
        feed = feed_of(name, web, clock)
        with pytest.raises(FeedSilent):
            feed.read(at("11:00:00"))
        feed.open(troupe(), DAY + timedelta(days=1))
        with pytest.raises(FeedSilent):
            feed.read(at("09:20:00", DAY + timedelta(days=1)))
    with pytest.raises(FeedSilent):
        feed.read(at("10:00:00"))


def test_the_terms_of_use_stand_in_the_log(
    web: WebQuotes, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Once at the start: no licence, for learning and testing only."""
    with caplog.at_level(logging.WARNING):
        feed = feed_of("tencent", web, clock)
        feed.open(troupe(), DAY)

    notices = [each for each in caplog.records if each.getMessage() == "feed_terms_of_use"]
    assert len(notices) == 1
    assert "行情授权" in str(notices[0].__dict__["values"])
