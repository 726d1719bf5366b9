"""The day's bars go into the bar files at its close, once, however often it is asked."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Protocol

from h5app.market.bars import bars_of_points, day_end
from h5app.market.model import Bar, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from h5app.market.bars_file import BarFiles
    from h5app.market.model import MinutePoint, Quote


class BarSource(Protocol):
    """Where finished days come from: the simulated market itself, or what stood on the board."""

    def daily_bar(self, symbol: str, on: date) -> Bar | None:
        """Return the bar of a day; None when nothing traded or nothing is known."""

    def minute_bars(self, symbol: str, on: date) -> Sequence[Bar]:
        """Return the one-minute bars of a day; empty when nothing traded or nothing is known."""


class BoardBars:
    """Bars of the day on the board, for feeds whose past cannot be asked."""

    def __init__(
        self,
        quote_of: Callable[[str], Quote | None],
        line_of: Callable[[str], Sequence[MinutePoint]],
    ) -> None:
        self._quote_of = quote_of
        self._line_of = line_of

    def daily_bar(self, symbol: str, on: date) -> Bar | None:
        """Return the day as the last quote tells it."""
        quote = self._quote_of(symbol)
        if quote is None or quote.at.date() != on or not quote.volume_shares:
            return None
        prices = (quote.open_milli, quote.high_milli, quote.low_milli, quote.last_milli)
        opened, high, low, last = prices
        if opened is None or high is None or low is None or last is None:
            return None
        return Bar(day_end(on), opened, high, low, last, quote.volume_shares, quote.turnover_fen)

    def minute_bars(self, symbol: str, on: date) -> list[Bar]:
        """Return the line as bars; each spans from the price before to its own."""
        quote, points = self._quote_of(symbol), self._line_of(symbol)
        if quote is None or quote.at.date() != on or not points:
            return []
        first = quote.open_milli if quote.open_milli is not None else points[0].price_milli
        return bars_of_points(points, on, open_milli=first)


CLOSED_AT = time(15, 1)
"""When the closing call's price is known everywhere."""
TOLD_AT = time(15, 31)
"""When a live source has told all that it will tell of a day."""


class DayFold:
    """Writes finished days into the bar files."""

    def __init__(
        self, files: BarFiles, source: BarSource, *, times: Sequence[time] = (CLOSED_AT,)
    ) -> None:
        """Take where bars go and come from, and at which times of a day it is to be stored.

        A source that corrects its day after the close is stored again: (CLOSED_AT, TOLD_AT).
        """
        self._files = files
        self._source = source
        self.times = tuple(times)

    def fold(self, symbols: Iterable[str], on: date) -> int:
        """Store the day's bar and its minutes of each instrument; return how many bars were new.

        Doing it again changes nothing.

        Raises:
            OSError: The disk is full or not writable; what was stored stays whole.
        """
        stored = 0
        for symbol in symbols:
            day = self._source.daily_bar(symbol, on)
            if day is not None:
                stored += self._store(symbol, Period.DAY, [day])
                stored += self._store(symbol, Period.MINUTE_1, self._source.minute_bars(symbol, on))
        return stored

    def _store(self, symbol: str, period: Period, bars: Sequence[Bar]) -> int:
        """Store bars unless the very same are the newest there: files of years are not rewritten.

        The turnover is left out of the comparison, for a record keeps only seven digits of it.
        """
        if not bars:
            return 0
        newest = self._files.last(symbol, period, 1)
        is_later = not newest or newest[0].at < bars[0].at
        if not is_later:
            stored = self._files.last(symbol, period, len(bars))
            if [_told(bar) for bar in stored] == [_told(bar) for bar in bars]:
                return 0
        return self._files.merge(symbol, period, bars)


def _told(bar: Bar) -> tuple[object, ...]:
    prices = (bar.open_milli, bar.high_milli, bar.low_milli, bar.close_milli)
    return bar.at, *prices, bar.volume_shares
