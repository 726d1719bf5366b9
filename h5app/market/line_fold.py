"""The day's line of a feed that only knows snapshots: minutes folded from its quotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.model import MinutePoint
from h5app.market.slots import slot_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.model import Quote


@dataclass(slots=True)
class _Running:
    """The running slot and what was traded before it; whole shares, fen."""

    slot: int
    volume_before: int
    turnover_before: int
    volume: int
    turnover: int


class LineFold:
    """Makes one slot of each quote; a slot's volume is what was traded since the slot before."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    def start(self, lines: dict[str, Sequence[MinutePoint]]) -> None:
        """Begin a day; lines that are there already (after a restart) are gone on from."""
        self._running = {
            symbol: _Running(
                slot=points[-1].minute,
                volume_before=sum(point.volume_shares for point in points[:-1]),
                turnover_before=sum(point.turnover_fen for point in points[:-1]),
                volume=sum(point.volume_shares for point in points),
                turnover=sum(point.turnover_fen for point in points),
            )
            for symbol, points in lines.items()
            if points
        }

    def point(self, quote: Quote) -> MinutePoint | None:
        """Return the slot that a quote fills; None before the first trade of the day.

        What was traded before this process looked for the first time belongs to no slot, unless it
        is the opening auction's: a line never invents minutes.
        """
        found = slot_at(quote.at)
        if found is None or quote.last_milli is None or quote.is_suspended:
            return None
        slot = found[0]
        running = self._running.get(quote.symbol) or self._begun(quote, slot)
        if slot < running.slot:
            return None
        if slot > running.slot:
            running.slot = slot
            running.volume_before, running.turnover_before = running.volume, running.turnover
        running.volume, running.turnover = quote.volume_shares, quote.turnover_fen
        return MinutePoint(
            slot,
            quote.last_milli,
            _average_milli(quote),
            max(0, running.volume - running.volume_before),
            max(0, running.turnover - running.turnover_before),
        )

    def _begun(self, quote: Quote, slot: int) -> _Running:
        is_start = slot <= 1
        volume = 0 if is_start else quote.volume_shares
        turnover = 0 if is_start else quote.turnover_fen
        running = _Running(slot, volume, turnover, quote.volume_shares, quote.turnover_fen)
        self._running[quote.symbol] = running
        return running


def _average_milli(quote: Quote) -> int:
    assert quote.last_milli is not None, "no price yet"
    if quote.index_points is not None or not quote.volume_shares or not quote.turnover_fen:
        return quote.last_milli
    return round_half_up(quote.turnover_fen * 10, quote.volume_shares)
