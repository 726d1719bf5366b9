"""The door of the board: every quote is checked; a bad one is dropped, counted and named.

What a feed says is not believed blindly: prices in their order and inside the day's band, the mean
price of the volume between low and high, a book that is not crossed, time and volume that do not go
back. Limits that the feed gives win over our own and a difference is reported; where it gives none,
ours are filled in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import StrEnum
from operator import gt
from typing import TYPE_CHECKING

from h5app.market.day_limits import DayLimits
from h5app.market.rules import choose_limits
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from h5app.market.model import Instrument, Quote
    from h5app.market.rules import RuleBook

SLACK_FEN = 100
"""What a source may be off by in a turnover: one yuan, and its own rounding of large figures."""
SLACK_SHARE = 1_000_000
"""A turnover in 32-bit floating point or tens of thousands of yuan is exact to this part of it."""
LOGGED_MAX = 20
"""Bad quotes named in the log for each day; beyond it they are only counted."""

log = get_logger(__name__)


class Flaw(StrEnum):
    """What is wrong with a quote."""

    UNKNOWN = "unknown_symbol"
    NO_REFERENCE = "no_previous_close"
    NEGATIVE = "negative"
    RANGE = "price_outside_low_and_high"
    MEAN = "mean_outside_low_and_high"
    CROSSED = "crossed_book"
    BAND = "outside_the_band"
    TIME = "time_goes_back"
    VOLUME = "volume_goes_back"


class Door:
    """Checks the quotes of one day. Times and volumes are compared with the last good quote."""

    def __init__(self, rules: RuleBook) -> None:
        self._instruments: dict[str, Instrument] = {}
        self._last: dict[str, Quote] = {}
        self._limits = DayLimits(rules)
        self.flaws: Counter[Flaw] = Counter()
        self.limit_differences = 0
        """Instruments whose limits the feed gave unlike our rules, each once a day."""
        self._differing: set[str] = set()
        self._logged = 0

    @property
    def dropped(self) -> int:
        """How many quotes were dropped since the start."""
        return self.flaws.total()

    def start(self, instruments: Iterable[Instrument], on: date) -> None:
        """Begin a day: nothing of the day before is compared with."""
        self._instruments = {one.symbol: one for one in instruments}
        self._last.clear()
        self._limits.start(on)
        self._differing.clear()
        self._logged = 0

    def admit(self, quotes: Iterable[Quote]) -> Iterator[Quote]:
        """Yield the good quotes, with limits where the rules give some."""
        for quote in quotes:
            instrument = self._instruments.get(quote.symbol)
            limited = quote if instrument is None else self._limited(quote, instrument)
            flaw = Flaw.UNKNOWN if instrument is None else self._flaw(limited)
            if flaw is None:
                self._last[quote.symbol] = limited
                yield limited
            else:
                self._drop(limited, flaw)

    def _drop(self, quote: Quote, flaw: Flaw) -> None:
        self.flaws[flaw] += 1
        self._logged += 1
        if self._logged <= LOGGED_MAX:
            log.warning("bad_quote", symbol=quote.symbol, flaw=flaw.value, at=quote.at.isoformat())

    def _limited(self, quote: Quote, instrument: Instrument) -> Quote:
        """Return the quote with the limits that count today; most feeds have filled them in."""
        if instrument.is_index:
            return quote
        own = self._limits.of(instrument, quote.previous_close_milli)
        fed = (quote.limit_up_milli, quote.limit_down_milli)
        if fed == own:
            return quote
        choice = choose_limits(own, fed)
        if choice.differs and quote.symbol not in self._differing:
            self._report_limits(quote, own)
        return replace(quote, limit_up_milli=choice.up_milli, limit_down_milli=choice.down_milli)

    def _report_limits(self, quote: Quote, own: tuple[int | None, int | None]) -> None:
        self._differing.add(quote.symbol)
        self.limit_differences += 1
        if len(self._differing) <= LOGGED_MAX:
            fed = (quote.limit_up_milli, quote.limit_down_milli)
            log.warning("limits_differ", symbol=quote.symbol, own_milli=own, fed_milli=fed)

    def _flaw(self, quote: Quote) -> Flaw | None:
        if quote.previous_close_milli <= 0:
            return Flaw.NO_REFERENCE
        return _flaw_of_prices(quote) or _flaw_of_book(quote) or self._flaw_of_time(quote)

    def _flaw_of_time(self, quote: Quote) -> Flaw | None:
        last = self._last.get(quote.symbol)
        if last is None:
            return None
        if quote.at < last.at:
            return Flaw.TIME
        is_less = quote.volume_shares < last.volume_shares
        return Flaw.VOLUME if is_less and quote.at.date() == last.at.date() else None


def _flaw_of_prices(quote: Quote) -> Flaw | None:
    if quote.volume_shares < 0 or quote.turnover_fen < 0:
        return Flaw.NEGATIVE
    high, low = quote.high_milli, quote.low_milli
    known = [
        price for price in (quote.open_milli, high, low, quote.last_milli) if price is not None
    ]
    if not known:
        return None
    least, most = min(known), max(known)
    if least <= 0:
        return Flaw.NEGATIVE
    if high is not None and low is not None and (most > high or least < low):
        return Flaw.RANGE
    if not _is_in_band(quote, least, most):
        return Flaw.BAND
    return None if _is_mean_inside(quote) else Flaw.MEAN


def _is_mean_inside(quote: Quote) -> bool:
    """Say whether low <= turnover / volume <= high; an index's turnover is no such product."""
    high, low = quote.high_milli, quote.low_milli
    is_known = quote.volume_shares and quote.turnover_fen and quote.index_points is None
    if not is_known or high is None or low is None:
        return True
    turnover, volume = quote.turnover_fen * 10, quote.volume_shares
    slack = SLACK_FEN * 10 + turnover // SLACK_SHARE
    return low * volume - slack <= turnover <= high * volume + slack


def _flaw_of_book(quote: Quote) -> Flaw | None:
    bids = [level.price_milli for level in quote.bids]
    asks = [level.price_milli for level in quote.asks]
    prices = bids + asks
    if not prices:
        return None
    least = min(prices)
    if least <= 0 or min([level.quantity_shares for level in quote.bids + quote.asks]) <= 0:
        return Flaw.NEGATIVE
    if _is_crossed(bids, asks, is_call=quote.phase.is_call):
        return Flaw.CROSSED
    return None if _is_in_band(quote, least, max(prices)) else Flaw.BAND


def _is_crossed(bids: list[int], asks: list[int], *, is_call: bool) -> bool:
    """Say whether a side is out of its order, or the best prices are.

    In a call both sides stand at the virtual price; else the best bid is below the best ask.
    """
    if is_call:
        return bool(bids and asks) and bids[0] > asks[0]
    inwards = asks[::-1] + bids
    return not all(map(gt, inwards, inwards[1:]))


def _is_in_band(quote: Quote, low_milli: int, high_milli: int) -> bool:
    up, down = quote.limit_up_milli, quote.limit_down_milli
    return (up is None or high_milli <= up) and (down is None or low_milli >= down)
