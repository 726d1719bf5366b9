"""The lines of days gone by, made of their stored minutes: what the five-day view draws. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.model import MinutePoint
from h5app.market.slots import slot_ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from h5app.market.model import Bar

DAYS_MAX = 5


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day's line; prices are comparable with today's (前复权)."""

    on: date
    points: tuple[MinutePoint, ...]


@dataclass(frozen=True, slots=True)
class DayLines:
    """Days gone by, oldest first, and the close before the first of them; None if not known."""

    days: tuple[DayLine, ...]
    previous_close_milli: int | None


def lines_of_bars(
    raw: Sequence[Bar], adjusted: Sequence[Bar], *, is_index: bool
) -> tuple[DayLine, ...]:
    """Fold minute bars into lines; `adjusted` are the same bars, comparable with today's prices.

    The average is turnover over volume of the day so far, adjusted as the price of its minute is;
    an index has none, and its price stands in its place.
    """
    pairs = zip(raw, adjusted, strict=True)
    return tuple(
        DayLine(on, tuple(_points(group, is_index=is_index)))
        for on, group in groupby(pairs, key=lambda pair: pair[0].on)
    )


def _points(pairs: Iterable[tuple[Bar, Bar]], *, is_index: bool) -> Iterable[MinutePoint]:
    volume = turnover = 0
    for bar, same in pairs:
        slot = slot_ending(bar.at.time())
        volume += bar.volume_shares
        turnover += bar.turnover_fen
        if slot is None:
            continue
        average = same.close_milli
        if volume and turnover and not is_index:
            # turnover (fen) x 10 / volume is milli-yuan a share; then as the price was adjusted.
            over = turnover * 10 * same.close_milli
            average = round_half_up(over, volume * bar.close_milli)
        yield MinutePoint(slot, same.close_milli, average, bar.volume_shares, bar.turnover_fen)


def newest(lines: Sequence[DayLine], count: int, before: date | None) -> tuple[DayLine, ...]:
    """Return the last `count` days (0 is none) before a day; all are before None."""
    past = [line for line in lines if before is None or line.on < before]
    return tuple(past[-count:]) if count > 0 else ()
