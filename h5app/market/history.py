"""Candles of an instrument: stored days and minutes, adjusted, folded, the last one alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.bars import bars_of_points, day_end, fold, with_live
from h5app.market.ex_right import action_factors, adjust
from h5app.market.line_days import DAYS_MAX, DayLines, lines_of_bars, newest
from h5app.market.model import Adjustment, Bar, Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from h5app.market.bars_file import BarFiles
    from h5app.market.line_days import DayLine
    from h5app.market.model import CorporateAction, Instrument, MinutePoint, Quote

BARS_MAX = 5000
USUAL_DAYS = 5
_DAYS_IN = {
    Period.DAY: 1,
    Period.WEEK: 5,
    Period.MONTH: 23,
    Period.QUARTER: 66,
    Period.YEAR: 250,
}
_MINUTES_A_DAY = 241


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the board knows of an instrument: the day shown, its line, its quote.

    Stored bars that end after `now` (a recorded day is being played) are not there yet.
    """

    now: datetime
    on: date | None
    points: Sequence[MinutePoint]
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which candles are wanted."""

    period: Period
    adjustment: Adjustment
    count: int


class History:
    """Reads the bar files and joins the running day to them."""

    def __init__(self, files: BarFiles) -> None:
        self._files = files
        self._usual: dict[tuple[str, date], int | None] = {}

    def bars(
        self,
        instrument: Instrument,
        wish: Wish,
        today: Today,
        actions: Iterable[CorporateAction],
    ) -> list[Bar]:
        """Return the newest `count` bars, oldest first; `actions` are those known up to today."""
        count = min(max(wish.count, 1), BARS_MAX)
        is_plain = wish.adjustment is Adjustment.NONE
        if wish.period.minutes is None:
            needed = (count + 1) * _DAYS_IN[wish.period] if is_plain else None
            bars = self._days(instrument.symbol, today, needed)
        else:
            bars = self._minutes(instrument.symbol, wish.period, today, count)
        if not is_plain:
            days = bars if wish.period.minutes is None else self._days(instrument.symbol, today)
            factors = action_factors(actions, days, instrument.tick_milli)
            bars = adjust(bars, factors, wish.adjustment)
        return fold(bars, wish.period)[-count:]

    def lines_before(
        self,
        instrument: Instrument,
        today: Today,
        actions: Sequence[CorporateAction],
        count: int,
    ) -> DayLines:
        """Return the lines of the `count` days before the one on the board, oldest first.

        They come from stored one-minute bars, else from five-minute ones; days without are absent.
        """
        days: tuple[DayLine, ...] = ()
        for period in (Period.MINUTE_1, Period.MINUTE_5):
            bars = (DAYS_MAX + 1) * _MINUTES_A_DAY // (period.minutes or 1)
            raw, adjusted = (
                self.bars(instrument, Wish(period, adjustment, bars), today, actions)
                for adjustment in (Adjustment.NONE, Adjustment.FORWARD)
            )
            lines = lines_of_bars(raw, adjusted, is_index=instrument.is_index)
            days = newest(lines, count, today.on)
            if days:
                break
        before = self._close_before(instrument, today, actions, days)
        return DayLines(days, before)

    def _close_before(
        self,
        instrument: Instrument,
        today: Today,
        actions: Sequence[CorporateAction],
        days: Sequence[DayLine],
    ) -> int | None:
        if not days:
            return None
        wish = Wish(Period.DAY, Adjustment.FORWARD, BARS_MAX)
        bars = self.bars(instrument, wish, today, actions)
        closes = [bar.close_milli for bar in bars if bar.on < days[0].on]
        return closes[-1] if closes else None

    def usual_day_shares(self, symbol: str, on: date) -> int | None:
        """Return the mean volume of the five days before a day; None where there are none."""
        key = (symbol, on)
        if key not in self._usual:
            if self._usual and next(iter(self._usual))[1] != on:
                self._usual.clear()
            begin = datetime.combine(on, time(), SHANGHAI)
            stored = self._stored(symbol, Period.DAY, begin, USUAL_DAYS)
            before = [bar.volume_shares for bar in stored]
            self._usual[key] = sum(before) // len(before) if before else None
        return self._usual[key]

    def _days(self, symbol: str, today: Today, needed: int | None = None) -> list[Bar]:
        stored = self._stored(symbol, Period.DAY, today.now, needed)
        live = live_day(today)
        if live is not None and stored and stored[-1].on > live.on:
            live = None
        return with_live(stored, live, Period.DAY)

    def _minutes(self, symbol: str, period: Period, today: Today, count: int) -> list[Bar]:
        """Return one-minute bars, or five-minute ones where only these are stored and enough.

        The day on the board is drawn from its line until the whole of it is stored.
        """
        minutes = period.minutes
        assert minutes is not None, "a period of days"
        needed = count * minutes + _MINUTES_A_DAY
        stored = self._stored(symbol, Period.MINUTE_1, today.now, needed)
        if not stored and minutes % 5 == 0:
            stored = self._stored(symbol, Period.MINUTE_5, today.now, needed // 5 + 1)
        on = today.on
        if on is None or not today.points or (stored and stored[-1].at >= day_end(on)):
            return stored
        opened = today.quote.open_milli if today.quote else None
        first = today.points[0].price_milli if opened is None else opened
        before = [bar for bar in stored if bar.on < on]
        return [*before, *bars_of_points(today.points, on, open_milli=first)]

    def _stored(self, symbol: str, period: Period, now: datetime, needed: int | None) -> list[Bar]:
        """Return the newest stored bars that have ended by `now`; all of them for None."""
        if needed is None:
            bars = self._files.all(symbol, period)
        else:
            bars = self._files.last(symbol, period, needed)
        if bars and bars[-1].at > now:
            bars = [bar for bar in self._files.all(symbol, period) if bar.at <= now]
        return bars if needed is None else bars[-needed:]


def live_day(today: Today) -> Bar | None:
    """Return the running day as a bar; None before its first trade."""
    quote = today.quote
    if quote is None or not quote.volume_shares:
        return None
    prices = (quote.open_milli, quote.high_milli, quote.low_milli, quote.last_milli)
    opened, high, low, last = prices
    if opened is None or high is None or low is None or last is None:
        return None
    at = day_end(quote.at.date())
    return Bar(at, opened, high, low, last, quote.volume_shares, quote.turnover_fen)
