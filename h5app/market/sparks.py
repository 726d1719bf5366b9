"""The small line of a row: a day's prices thinned out and laid into a box of whole units. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.market.slots import LAST_SLOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.model import MinutePoint

WIDTH, HEIGHT = 120, 48
"""The box in its own units; it is drawn at half of that, so that half a pixel is a whole number."""
EDGE = 2
STEP_SLOTS = 6
"""Every sixth minute and the last one: forty points are what sixty pixels can show."""


@dataclass(frozen=True, slots=True)
class Spark:
    """One small line: `points` as an SVG polyline takes them, `base` is the previous close's y."""

    points: str
    base: int


def spark_of(points: Sequence[MinutePoint], previous_close_milli: int | None) -> Spark | None:
    """Return the small line of a day, the whole day wide; None where there is no line to draw.

    The previous close lies in the box always: a line above it is a day above it.
    """
    if not points or previous_close_milli is None:
        return None
    drawn = [one for one in points[:-1] if one.minute % STEP_SLOTS == 0] + [points[-1]]
    prices = [one.price_milli for one in drawn] + [previous_close_milli]
    top, span = max(prices), max(prices) - min(prices)

    def height(price_milli: int) -> int:
        return EDGE + (top - price_milli) * (HEIGHT - 2 * EDGE) // span if span else HEIGHT // 2

    placed = (f"{one.minute * WIDTH // LAST_SLOT},{height(one.price_milli)}" for one in drawn)
    return Spark(points=" ".join(placed), base=height(previous_close_milli))
