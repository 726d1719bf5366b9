"""The door of the board: what is let in, what is dropped, and that it is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from h5app.market.model import IndexPoints, Level, Phase, Quote
from h5app.market.quality import Door, Flaw
from tests.market.sample_market import DAY, at, rule_book, sample_instruments

GOOD = Quote(
    symbol="600100.SH",
    at=at("10:00:00"),
    sequence=0,
    phase=Phase.CONTINUOUS,
    previous_close_milli=10_000,
    open_milli=10_000,
    high_milli=10_100,
    low_milli=9_900,
    last_milli=10_050,
    volume_shares=1_000,
    turnover_fen=1_000_000,
    bids=(Level(10_040, 100), Level(10_030, 200)),
    asks=(Level(10_050, 100), Level(10_060, 200)),
    limit_up_milli=11_000,
    limit_down_milli=9_000,
)


@pytest.fixture
def door() -> Door:
    """A door that was opened for the day."""
    door = Door(rule_book())
    door.start(sample_instruments(), DAY)
    return door


BAD = {
    Flaw.UNKNOWN: {"symbol": "688999.SH"},
    Flaw.NO_REFERENCE: {"previous_close_milli": 0},
    Flaw.NEGATIVE: {"volume_shares": -1},
    Flaw.RANGE: {"last_milli": 10_200},
    Flaw.MEAN: {"turnover_fen": 1_100_000},
    Flaw.CROSSED: {"bids": (Level(10_050, 100),)},
    Flaw.BAND: {"high_milli": 11_010, "last_milli": 11_010},
}


@pytest.mark.parametrize("flaw", list(BAD))
def test_a_bad_quote_is_dropped_and_counted(door: Door, flaw: Flaw) -> None:
    """Each by its own name; the good one beside it comes through."""
    bad = replace(GOOD, **BAD[flaw])  # type: ignore[arg-type]

    assert list(door.admit([bad, GOOD])) == [GOOD]
    assert dict(door.flaws) == {flaw: 1}
    assert door.dropped == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"bids": (Level(10_040, 100), Level(10_045, 100))},
        {"asks": (Level(10_060, 100), Level(10_050, 100))},
        {"asks": (Level(10_050, 0),)},
        {"asks": (Level(10_050, 10), Level(11_500, 10))},
        {"bids": (Level(10_040, 10), Level(8_000, 10))},
        {"low_milli": 0},
        {"turnover_fen": 980_000},
        {"open_milli": 9_800},
    ],
)
def test_books_and_prices_must_be_in_their_order(door: Door, changed: dict[str, object]) -> None:
    """Levels go outwards, hold something and stay in the band; the mean lies in the range."""
    assert list(door.admit([replace(GOOD, **changed)])) == []  # type: ignore[arg-type]


def test_time_and_volume_do_not_go_back(door: Door) -> None:
    """An older stamp or a smaller volume of the same day is dropped; the same again is not."""
    later = replace(GOOD, at=at("10:00:03"), volume_shares=1_200, turnover_fen=1_200_000)
    less = replace(later, at=at("10:00:06"), volume_shares=1_100, turnover_fen=1_100_000)

    assert list(door.admit([GOOD, later, GOOD, less, later])) == [GOOD, later, later]
    assert dict(door.flaws) == {Flaw.TIME: 1, Flaw.VOLUME: 1}


def test_a_new_day_compares_with_nothing(door: Door) -> None:
    """The first quote of a day may have no volume at all."""
    list(door.admit([GOOD]))
    after = DAY + timedelta(days=1)
    door.start(sample_instruments(), after)
    empty = replace(
        GOOD,
        at=at("09:20:00", after),
        phase=Phase.OPEN_CALL,
        volume_shares=0,
        turnover_fen=0,
    )

    assert list(door.admit([empty])) == [empty]


def test_a_call_shows_both_sides_at_one_price(door: Door) -> None:
    """What would be a crossed book in the session is how a call looks."""
    virtual = Level(10_050, 300)
    call = replace(GOOD, phase=Phase.CLOSE_CALL, bids=(virtual, virtual), asks=(virtual,))

    assert list(door.admit([call])) == [call]
    session = replace(call, phase=Phase.CONTINUOUS, at=at("10:00:03"))
    assert list(door.admit([session])) == []


def test_the_mean_is_as_exact_as_its_source(door: Door) -> None:
    """A turnover rounded to ten thousand yuan or kept in 32 bits is not a mistake."""
    one_price = {"open_milli": 10_050, "high_milli": 10_050, "low_milli": 10_050}
    rounded = replace(GOOD, **one_price, turnover_fen=1_005_000 + 99)  # type: ignore[arg-type]
    unknown = replace(GOOD, at=at("10:00:03"), turnover_fen=0)

    assert len(list(door.admit([rounded, unknown]))) == 2


def test_an_index_has_no_mean_and_no_band(door: Door) -> None:
    """Its turnover is its members' and its points are no price."""
    index = replace(
        GOOD,
        symbol="000001.SH",
        previous_close_milli=3_800_000,
        open_milli=3_800_000,
        high_milli=3_900_000,
        low_milli=3_800_000,
        last_milli=3_900_000,
        turnover_fen=10**12,
        bids=(),
        asks=(),
        limit_up_milli=None,
        limit_down_milli=None,
        index_points=IndexPoints(previous_close_e4=38_000_000, last_e4=39_000_000),
    )

    assert list(door.admit([index])) == [index]


def test_limits_that_are_missing_are_filled_in(door: Door) -> None:
    """By the rule book, from the quote's own previous close."""
    bare = replace(GOOD, limit_up_milli=None, limit_down_milli=None)
    (admitted,) = door.admit([bare])

    assert (admitted.limit_up_milli, admitted.limit_down_milli) == (11_000, 9_000)
    assert door.limit_differences == 0


def test_limits_of_the_feed_win_and_a_difference_is_counted(door: Door) -> None:
    """The exchange knows better; an instrument counts once a day, however often it is told."""
    other = replace(GOOD, limit_up_milli=10_500, limit_down_milli=9_500)
    (admitted,) = door.admit([other])

    assert (admitted.limit_up_milli, admitted.limit_down_milli) == (10_500, 9_500)
    assert door.limit_differences == 1
    assert list(door.admit([other])) == [other]
    assert door.limit_differences == 1
    door.start(sample_instruments(), DAY + timedelta(days=1))
    assert list(door.admit([other])) == [other]
    assert door.limit_differences == 2


def test_a_suspended_one_passes_with_nothing(door: Door) -> None:
    """No price, no volume, no book: that is how it looks, not a mistake."""
    halted = replace(
        GOOD,
        phase=Phase.HALTED,
        is_suspended=True,
        open_milli=None,
        high_milli=None,
        low_milli=None,
        last_milli=None,
        volume_shares=0,
        turnover_fen=0,
        bids=(),
        asks=(),
    )

    assert list(door.admit([halted])) == [halted]
    assert Decimal(door.dropped) == 0
