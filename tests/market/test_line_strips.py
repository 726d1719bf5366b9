"""The opening call and the after-hours trading beside the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from h5app.kernel.clock import SHANGHAI
from h5app.market.line_strip_file import FILE_NAME, StripReader, StripWriter
from h5app.market.line_strip_keeper import StripKeeper
from h5app.market.line_strips import (
    AfterPoint,
    CallPoint,
    Strips,
    after_point,
    call_point,
    own_minutes,
)
from h5app.market.model import Level, Phase, Quote
from h5app.market.seed import SEED_MAIN, SEED_SUSPENDED
from h5app.market.shown_charts import LineReply
from tests.market.market_site import opened_site
from tests.market.market_world import FIRST_ON, seed_market

if TYPE_CHECKING:
    from pathlib import Path

SYMBOLS = (SEED_MAIN, SEED_SUSPENDED)


def moment(text: str) -> datetime:
    """A time of the first day."""
    return datetime.fromisoformat(f"2026-11-24T{text}+08:00").astimezone(SHANGHAI)


def called(at: str) -> Quote:
    """A quote of the simulated market."""
    quote = seed_market().quote(SEED_MAIN, moment(at))
    assert quote is not None
    return quote


def test_a_call_tells_price_matched_and_left_over() -> None:
    """Both best sides at one price; the second level of the larger side is what is left over."""
    quote = replace(
        called("09:18:05"),
        bids=(Level(10_000, 500), Level(10_000, 300)),
        asks=(Level(10_000, 500),),
    )

    assert call_point(quote) == CallPoint(9, 10_000, 500, 300)
    sellers = replace(quote, bids=quote.asks, asks=quote.bids)
    assert call_point(sellers) == CallPoint(9, 10_000, 500, -300)


def test_outside_a_call_or_without_a_match_there_is_no_point() -> None:
    """A crossed side alone, a book in continuous trading, the closing call: none."""
    quote = called("09:18:05")

    assert call_point(replace(quote, asks=())) is None
    assert call_point(replace(quote, asks=(Level(10_010, 100),), bids=(Level(10_000, 1),))) is None
    assert call_point(replace(quote, phase=Phase.CLOSE_CALL)) is None
    assert call_point(called("10:00:00")) is None


def test_after_hours_minutes_are_what_was_traded_in_them() -> None:
    """Sums become minutes; a minute that nobody saw is in the next one."""
    quote = replace(called("15:07:30"), after_hours_volume_shares=300, after_hours_turnover_fen=9)

    assert after_point(quote) == AfterPoint(3, 300, 9)
    assert after_point(replace(quote, after_hours_volume_shares=None)) is None
    sums = [AfterPoint(1, 100, 3), AfterPoint(3, 300, 9)]
    assert own_minutes(sums) == (AfterPoint(1, 100, 3), AfterPoint(3, 200, 6))


def test_the_file_keeps_one_day_and_survives_a_start_anew(tmp_path: Path) -> None:
    """Another process goes on with the same day; another day begins empty."""
    path = tmp_path / FILE_NAME
    reader = StripReader(path)
    assert reader.strips(SEED_MAIN, FIRST_ON) == Strips()
    for at in ("09:18:00", "09:20:00"):
        writer = StripWriter(path)
        writer.start(SYMBOLS, FIRST_ON)
        writer.take([called(at)])
        writer.close()

    found = reader.strips(SEED_MAIN, FIRST_ON)
    assert [point.seconds for point in found.calls] == [180, 300]
    assert reader.strips(SEED_SUSPENDED, FIRST_ON) == Strips()
    assert reader.strips(SEED_MAIN, FIRST_ON.replace(day=25)) == Strips()
    path.write_bytes(b"torn")
    assert StripReader(path).strips(SEED_MAIN, FIRST_ON) == Strips()


def test_what_was_skipped_is_made_good_where_the_source_knows_it(tmp_path: Path) -> None:
    """A demo that starts at 15:31 has the whole call and every minute after hours."""
    keeper = StripKeeper(StripWriter(tmp_path / FILE_NAME), seed_market().quote)
    keeper.start(SYMBOLS, FIRST_ON)
    keeper.take([], moment("15:31:00"))
    keeper.close()

    found = StripReader(tmp_path / FILE_NAME).strips(SEED_MAIN, FIRST_ON)
    assert len(found.calls) > 25
    last = called("15:31:00")
    assert sum(point.volume_shares for point in found.after) == last.after_hours_volume_shares


def test_a_feed_without_a_past_invents_nothing(tmp_path: Path) -> None:
    """What nobody saw stays blank."""
    keeper = StripKeeper(StripWriter(tmp_path / FILE_NAME))
    keeper.start(SYMBOLS, FIRST_ON)
    keeper.take([called("10:00:00")], moment("10:00:00"))
    keeper.close()

    assert StripReader(tmp_path / FILE_NAME).strips(SEED_MAIN, FIRST_ON) == Strips()


def test_strips_come_with_the_line_when_asked_for(tmp_path: Path, sqlite_template: Path) -> None:
    """Not otherwise: most readers never open them."""
    with opened_site(tmp_path, sqlite_template, "2026-11-24T09:14:00") as site:
        keeper = StripKeeper(StripWriter(tmp_path / FILE_NAME))
        keeper.start([one.symbol for one in site.world.instruments], FIRST_ON)
        site.world.loop.keep_strips(keeper)
        site.world.step("2026-11-24T09:20:03")
        address = f"/market/{SEED_MAIN}/line"
        asked = msgspec.json.decode(site.client.get(f"{address}?strips=1").data, type=LineReply)
        plain = msgspec.json.decode(site.client.get(address).data, type=LineReply)

    assert [row[0] for row in asked.calls] == [300]
    assert plain.calls == []
