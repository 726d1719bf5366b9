"""The small line of a row: thinned out, in its box, the previous close always in it."""

from __future__ import annotations

from h5app.market.model import MinutePoint
from h5app.market.sparks import EDGE, HEIGHT, WIDTH, spark_of


def point(minute: int, price_milli: int) -> MinutePoint:
    """A slot of a line of which only the price counts here."""
    return MinutePoint(minute, price_milli, price_milli, 0, 0)


def test_the_day_is_as_wide_as_the_box() -> None:
    """Slot 0 at the left edge, the close at the right; half a day is half of it."""
    whole = spark_of([point(0, 100), point(120, 110), point(240, 120)], 100)
    half = spark_of([point(0, 100), point(120, 110)], 100)

    assert whole is not None
    assert half is not None
    assert whole.points == f"0,{HEIGHT - EDGE} {WIDTH // 2},{HEIGHT // 2} {WIDTH},{EDGE}"
    assert half.points.split()[-1] == f"{WIDTH // 2},{EDGE}"


def test_the_previous_close_lies_in_the_box() -> None:
    """A day wholly above it stands above it."""
    spark = spark_of([point(0, 150), point(1, 200)], 100)

    assert spark is not None
    assert spark.base == HEIGHT - EDGE
    assert [one.split(",")[1] for one in spark.points.split()] == [str(HEIGHT // 2), str(EDGE)]


def test_a_long_day_is_thinned_out_but_ends_where_it_ends() -> None:
    """241 slots are some forty points; the last price is always among them."""
    spark = spark_of([point(minute, 100 + minute) for minute in range(240)], 100)

    assert spark is not None
    assert len(spark.points.split()) == 41
    assert spark.points.endswith(f",{EDGE}")


def test_a_price_that_never_moves_is_a_line_in_the_middle() -> None:
    """Nothing is divided by nothing."""
    spark = spark_of([point(0, 100), point(60, 100)], 100)

    assert spark is not None
    assert {one.split(",")[1] for one in spark.points.split()} == {str(HEIGHT // 2)}


def test_without_a_line_there_is_none() -> None:
    """Before the opening, and where the previous close is not known."""
    assert spark_of([], 100) is None
    assert spark_of([point(0, 100)], None) is None
