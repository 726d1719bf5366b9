"""A feed that does what a test tells it: gives a batch, or raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.market.model import Phase, Quote
from h5app.market.ports import FeedBatch, FeedHealth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from h5app.market.model import Instrument


class ScriptedFeed:
    """Takes its answers from a list, the last one again and again."""

    name = "scripted"
    label = "测试行情"
    rhythm_seconds = 3.0

    def __init__(self) -> None:
        self.answers: list[FeedBatch | Exception] = []
        self.opened: list[date] = []
        self.refuses_day: Exception | None = None
        self.asked = 0
        self.gaps = 0

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Note the day, or refuse it."""
        del instruments
        if self.refuses_day is not None:
            raise self.refuses_day
        self.opened.append(day)

    def read(self, now: datetime) -> FeedBatch:
        """Give the next answer."""
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def health(self) -> FeedHealth:
        """As told."""
        return FeedHealth(last_at=None, gaps=self.gaps)

    def close(self) -> None:
        """Nothing to let go of."""


def tick(symbol: str, at: datetime, last_milli: int, volume_shares: int) -> Quote:
    """A plain quote of a stock that began the day at 12.34 yuan; one price for all its volume."""
    return Quote(
        symbol=symbol,
        at=at,
        sequence=0,
        phase=Phase.CONTINUOUS,
        previous_close_milli=12_340,
        open_milli=12_340,
        high_milli=max(12_340, last_milli),
        low_milli=min(12_340, last_milli),
        last_milli=last_milli,
        volume_shares=volume_shares,
        turnover_fen=volume_shares * 1_234,
    )
