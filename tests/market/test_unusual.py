"""异动: sealed and opened boards, fast moves, swings and heavy volume, each by its rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from h5app.market.model import Board, Level, MinutePoint
from h5app.market.unusual import UnusualKind, signs_of, unusual
from tests.market.market_world import World
from tests.market.sample_market import at, share
from tests.market.scripted_feed import tick

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import Quote
    from h5app.plumbing.db import Database

ONE = share("600100.SH")
UP, DOWN = 13_570, 11_110


def quote(last_milli: int, **changed: object) -> Quote:
    """A quote at 10:30 of a stock that closed at 12.34 yuan."""
    plain = replace(
        tick(ONE.symbol, at("10:30:00"), last_milli, 1_000_000),
        limit_up_milli=UP,
        limit_down_milli=DOWN,
        bids=(Level(last_milli - 10, 500),),
        asks=(Level(last_milli + 10, 500),),
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def line(*prices: int) -> list[MinutePoint]:
    """A line whose last slots have these prices."""
    first = 61 - len(prices)
    return [MinutePoint(first + n, price, price, 100, 0) for n, price in enumerate(prices)]


def kinds(found: Quote, points: list[MinutePoint], usual: int | None = None) -> list[UnusualKind]:
    """The signs of a quote."""
    return [one.kind for one in signs_of(ONE, found, lambda _: points, lambda _: usual)]


def test_a_sealed_board_and_one_that_opened() -> None:
    """At the limit with one empty side; was there, and is not any more."""
    sealed = quote(UP, asks=(), bids=(Level(UP, 900),))
    (sign,) = signs_of(ONE, sealed, lambda _: [], lambda _: None)
    assert (sign.kind, sign.figure) == (UnusualKind.SEALED_UP, Decimal(900))
    assert kinds(quote(DOWN, bids=(), asks=(Level(DOWN, 1),)), []) == [UnusualKind.SEALED_DOWN]
    assert kinds(quote(13_000, high_milli=UP), []) == [UnusualKind.OPENED_UP]
    assert kinds(quote(12_000, low_milli=DOWN), []) == [UnusualKind.OPENED_DOWN]
    assert kinds(quote(UP), []) == []


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        ((12_340, 12_360, 12_400, 12_500, 12_600, 12_720), [UnusualKind.SURGE]),
        ((13_100, 13_100, 13_000, 12_900, 12_800, 12_720), [UnusualKind.PLUNGE]),
        ((12_360, 12_400, 12_500, 12_600, 12_700, 12_720), []),
        ((12_000, 12_600, 12_600, 12_650, 12_700, 12_700, 12_720), []),
    ],
)
def test_fast_moves(prices: tuple[int, ...], found: list[UnusualKind]) -> None:
    """Three per cent of the previous close within five minutes; what is older does not count."""
    assert kinds(quote(12_720, high_milli=13_100), line(*prices)) == found


def test_swing_and_volume() -> None:
    """A swing of fifteen per cent; five times the usual volume, but not in the first minutes."""
    wide = quote(12_340, high_milli=13_500, low_milli=11_500)
    assert kinds(wide, line(12_340)) == [UnusualKind.SWING]
    assert kinds(wide, line(12_340), usual=600_000) == [UnusualKind.SWING, UnusualKind.HEAVY]
    assert kinds(quote(12_340), [], usual=600_000) == [UnusualKind.HEAVY]
    early = replace(quote(12_340), at=at("09:43:57"))
    assert kinds(early, [], usual=600_000) == []


def test_what_has_no_signs() -> None:
    """Halted, without a trade, or no A share."""
    sealed = quote(UP, asks=())
    assert kinds(replace(sealed, is_suspended=True), []) == []
    assert kinds(replace(sealed, last_milli=None), []) == []
    fund = share("510300.SH", board=Board.ETF)
    assert list(signs_of(fund, sealed, lambda _: [], lambda _: None)) == []


def test_the_largest_change_comes_first() -> None:
    """Rows without a quote are left out, the list has an end."""
    two = share("600101.SH")
    rows = [
        (ONE, quote(13_000, high_milli=UP)),
        (two, replace(quote(DOWN, bids=()), symbol=two.symbol)),
        (share("600102.SH"), None),
    ]
    found = unusual(rows, lambda _: [], lambda _: None, 10)

    assert [one.instrument.symbol for one in found] == [two.symbol, ONE.symbol]
    assert len(unusual(rows, lambda _: [], lambda _: None, 1)) == 1


def test_the_market_knows_its_sealed_boards(tmp_path: Path, sqlite_database: Database) -> None:
    """On the demo's first day one board is sealed up, one down, at the close."""
    world = World(tmp_path, sqlite_database)
    assert world.market.unusual() == []
    world.step("2026-11-24T15:00:03")

    found = {(one.instrument.symbol, one.kind) for one in world.market.unusual()}
    assert ("605499.SH", UnusualKind.SEALED_UP) in found
    assert ("300044.SZ", UnusualKind.SEALED_DOWN) in found
    assert world.market.unusual() == world.market.unusual()
    world.close()
