"""Keeps the strips of the day: from quotes as they come, and from a source that knows the past."""

from __future__ import annotations

import itertools
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.line_strips import AFTER_POINTS, CALL_POINTS, CALL_STEP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from h5app.market.line_strip_file import StripWriter
    from h5app.market.model import Quote

PAST_QUOTES_A_STEP = 1_500
"""So many quotes of the past are asked for in one step of the feed: about a tenth of a second."""


class StripKeeper:
    """Fills the strips; `past` gives the quote of any moment, None where a feed cannot."""

    def __init__(
        self, writer: StripWriter, past: Callable[[str, datetime], Quote | None] | None = None
    ) -> None:
        self._writer = writer
        self._past = past
        self._symbols: tuple[str, ...] = ()
        self._moments: tuple[datetime, ...] = ()
        self._before: datetime | None = None
        self._skipped: Iterator[tuple[datetime, str]] = iter(())

    def start(self, symbols: Sequence[str], on: date) -> None:
        """Begin a day, or go on with it after a start anew.

        Raises:
            OSError: The disk is full.
        """
        self._writer.start(symbols, on)
        self._symbols = tuple(symbols)
        self._moments = tuple(moments(on))
        self._before = None
        self._skipped = iter(())

    def take(self, quotes: Iterable[Quote], now: datetime) -> None:
        """Keep what quotes tell, and some of what was skipped before `now` (market time)."""
        if self._past is not None:
            self._note_skipped(now)
            asked = itertools.islice(self._skipped, PAST_QUOTES_A_STEP)
            known = (self._past(symbol, moment) for moment, symbol in asked)
            self._writer.take(quote for quote in known if quote is not None)
        self._writer.take(quotes)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()

    def _note_skipped(self, now: datetime) -> None:
        """Put the steps between the last reading and this one behind what is still to be asked."""
        before, self._before = self._before, now
        step = timedelta(seconds=CALL_STEP_SECONDS)
        fresh = [
            moment
            for moment in self._moments
            if moment + step <= now and (before is None or before < moment)
        ]
        if fresh:
            self._skipped = itertools.chain(self._skipped, itertools.product(fresh, self._symbols))


def moments(on: date) -> Iterator[datetime]:
    """Yield the middle of each step of the opening call and the end of each minute after hours.

    A source stamps its state a few seconds back: at the begin of a step it tells of the one before.
    """
    begin = datetime.combine(on, time(9, 15), SHANGHAI)
    for place in range(CALL_POINTS):
        yield begin + timedelta(seconds=place * CALL_STEP_SECONDS + CALL_STEP_SECONDS // 2)
    begin = datetime.combine(on, time(15, 5), SHANGHAI)
    for place in range(1, AFTER_POINTS):
        yield begin + timedelta(minutes=place)
