"""Days of the simulated market: the frame (open, high, low, close, volume) of any day, at once.

A month's last close is given by `walk_ppm`, so no day needs the years before it; inside a month the
days go from the last month's close to this month's with noise, events and the limits of the rule
book. The close of a day is the reference of the next (or its ex-right reference).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from h5app.market.ex_right import ex_reference_milli
from h5app.market.feeds.sim_chance import MILLION, bell, dice, share_of, walk_ppm
from h5app.market.model import Board, EventState, ListingStatus, Product

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from h5app.market.model import CorporateAction, Instrument
    from h5app.market.rules import RuleBook

MONTHS_CACHED = 16384
EVENT_ROOM_DAYS = 6
"""No sealed board in the last days of a month: the way to the month's close needs room."""
CALM_FLOAT_SHARES = 800_000_000
"""Stocks with more tradable shares than this are never sealed or suspended by chance."""
FIRST_DAY_GAIN_PERCENT = (60, 180)

_SWING = {
    Board.STAR: 150,
    Board.CHINEXT: 140,
    Board.BSE: 160,
    Board.ETF: 60,
    Board.ETF_20PCT: 90,
    Board.REIT: 30,
    Board.CONVERTIBLE: 50,
    Board.SSE_B: 60,
    Board.SZSE_B: 60,
}
"""How much a board moves, percent of a main-board stock."""
_QUIET_PRODUCTS = {Product.ETF_MONEY: 1, Product.ETF_BOND: 5, Product.ETF_GOLD: 60}
_TURNOVER_PPM = {Board.ETF: 30_000, Board.ETF_20PCT: 40_000, Board.CONVERTIBLE: 60_000}
_UNKNOWN_FLOAT = {Board.CONVERTIBLE: 8_000_000}
_UNKNOWN_FLOAT_SHARES = 300_000_000


class DayKind(StrEnum):
    """What sort of day an instrument has."""

    NORMAL = "normal"
    SEALED_UP = "sealed_up"
    SEALED_DOWN = "sealed_down"
    TOUCHED_UP = "touched_up"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """The frame of one day; the minutes are drawn into it. Prices milli, whole shares."""

    symbol: str
    on: date
    kind: DayKind
    reference_milli: int
    open_milli: int
    high_milli: int
    low_milli: int
    close_milli: int
    volume_shares: int
    limit_up_milli: int | None
    limit_down_milli: int | None
    listing_day: int

    @property
    def is_suspended(self) -> bool:
        """Whether nothing trades all day."""
        return self.kind is DayKind.SUSPENDED

    @property
    def is_sealed(self) -> bool:
        """Whether the day closes with one side of the book empty."""
        return self.kind in _SEALED


class DayPlans:
    """Frames of all days of all instruments, the same for the same seed for ever."""

    def __init__(
        self,
        seed: int,
        instruments: Iterable[Instrument],
        rules: RuleBook,
        *,
        actions: Iterable[CorporateAction] = (),
        suspended_since: date | None = None,
        staged: Mapping[str, tuple[date, DayKind]] | None = None,
    ) -> None:
        """Take what the days depend on.

        `suspended_since` is the first day without trading of instruments whose record says
        SUSPENDED; without it they never trade. `staged` makes a day of an instrument of a kind
        that chance need not give, so that a demo has something to show.
        """
        self.seed = seed
        self.rules = rules
        self.instrument_by_symbol = {one.symbol: one for one in instruments}
        self._suspended_since = suspended_since or date.min
        self._staged = dict(staged or {})
        self._actions: dict[str, list[CorporateAction]] = {}
        for action in actions:
            if action.state is EventState.CANCELLED:
                continue
            self._actions.setdefault(action.symbol, []).append(action)
        self._month = lru_cache(maxsize=MONTHS_CACHED)(self._make_month)

    def plan(self, symbol: str, on: date) -> DayPlan | None:
        """Return the frame of a trading day; None when the instrument is not listed then."""
        return self._month(symbol, on.year, on.month).get(on)

    def base_milli(self, instrument: Instrument) -> int:
        """Return the price an instrument moves around."""
        if instrument.reference_milli:
            return instrument.reference_milli
        drawn = share_of(self.seed, "base", instrument.symbol)
        if instrument.board is Board.CONVERTIBLE:
            return 105_000 + drawn * 40_000 // MILLION
        if not instrument.board.is_share:
            return 800 + drawn * 3_000 // MILLION
        if instrument.eps_milli and instrument.eps_milli > 0:
            return max(2_000, instrument.eps_milli * (12 + drawn * 25 // MILLION))
        return 3_000 + drawn * 25_000 // MILLION

    def share_factor(self, symbol: str, on: date) -> Fraction:
        """Return what one share before all bonus issues has become by a day."""
        factor = Fraction(1)
        for action in self._actions.get(symbol, ()):
            if action.ex_on <= on:
                factor *= 1 + Fraction(action.bonus_per_share) + Fraction(action.rights_per_share)
        return factor

    def action_on(self, symbol: str, on: date) -> CorporateAction | None:
        """Return the corporate action whose ex day this is."""
        return next((each for each in self._actions.get(symbol, ()) if each.ex_on == on), None)

    def month_close_milli(self, instrument: Instrument, year: int, month: int) -> int:
        """Return the close of a month's last trading day."""
        swing = _swing(instrument)
        number = year * 12 + month - 1
        own = walk_ppm(self.seed, instrument.symbol, number) * 6
        together = walk_ppm(self.seed, "market", number) * 4
        last_on = date(year, month, calendar.monthrange(year, month)[1])
        base = self.base_milli(instrument) / self.share_factor(instrument.symbol, last_on)
        moved = base * (MILLION + (own + together) * swing // 1000) / MILLION
        return _to_tick(int(moved), instrument.tick_milli)

    def _make_month(self, symbol: str, year: int, month: int) -> Mapping[date, DayPlan]:
        instrument = self.instrument_by_symbol[symbol]
        days = [day for day in self._trading_days(year, month) if _is_listed(instrument, day)]
        close = self._close_before(instrument, year, month)
        target = self.month_close_milli(instrument, year, month)
        if days and instrument.listed_on and days[0].replace(day=1) == _month_of(instrument):
            close = self._issue_price(instrument, target)
        staged_on, _ = self._staged.get(symbol, (None, None))
        numbers = dice(self.seed, "month", symbol, year, month)
        together = dice(self.seed, "market-days", year, month)
        plans: dict[date, DayPlan] = {}
        for place, day in enumerate(days):
            draw = _Draw(numbers, bell(together), len(days) - 1 - place, target)
            plan = self._make_day(instrument, day, close, draw)
            plans[day] = plan
            close = plan.close_milli
            if day == staged_on:
                target = close  # There may be no room left to go back to the month's close.
        return plans

    def _close_before(self, instrument: Instrument, year: int, month: int) -> int:
        """Return the close that a month begins from."""
        since = self._suspended_since
        if instrument.status is ListingStatus.SUSPENDED and since < date(year, month, 1):
            if since == date.min:
                return self.base_milli(instrument)
            frozen = self._month(instrument.symbol, since.year, since.month)
            return list(frozen.values())[-1].close_milli
        before_year, before_month = (year - 1, 12) if month == 1 else (year, month - 1)
        staged_on, _ = self._staged.get(instrument.symbol, (None, None))
        if staged_on and (staged_on.year, staged_on.month) == (before_year, before_month):
            before = self._month(instrument.symbol, before_year, before_month)
            return list(before.values())[-1].close_milli
        return self.month_close_milli(instrument, before_year, before_month)

    def _trading_days(self, year: int, month: int) -> list[date]:
        last = calendar.monthrange(year, month)[1]
        calendar_days = self.rules.trading_days
        return calendar_days.trading_days_between(date(year, month, 1), date(year, month, last))

    def _issue_price(self, instrument: Instrument, target_milli: int) -> int:
        low, high = FIRST_DAY_GAIN_PERCENT
        gain = low + share_of(self.seed, "issue", instrument.symbol) * (high - low) // MILLION
        if not instrument.board.is_share:
            gain = 0
        return _to_tick(target_milli * 100 // (100 + gain), instrument.tick_milli)

    def _make_day(
        self, instrument: Instrument, on: date, before_milli: int, draw: _Draw
    ) -> DayPlan:
        action = self.action_on(instrument.symbol, on)
        tick = instrument.tick_milli
        reference = ex_reference_milli(before_milli, action, tick) if action else before_milli
        listing_day = self.rules.listing_day(instrument, on)
        up, down = self.rules.on(on).limit_prices(instrument, reference, listing_day)
        kind = self._kind(instrument, on, draw, up)
        frame = _frame(instrument, kind, reference, (down or tick, up or reference * 4), draw)
        return DayPlan(
            symbol=instrument.symbol,
            on=on,
            kind=kind,
            reference_milli=reference,
            open_milli=frame[0],
            high_milli=frame[1],
            low_milli=frame[2],
            close_milli=frame[3],
            volume_shares=self._volume(instrument, kind, frame[3], reference, draw),
            limit_up_milli=up,
            limit_down_milli=down,
            listing_day=listing_day,
        )

    def _kind(self, instrument: Instrument, on: date, draw: _Draw, up: int | None) -> DayKind:
        chance = draw.numbers.getrandbits(20) * MILLION >> 20
        if instrument.status is ListingStatus.SUSPENDED and on >= self._suspended_since:
            return DayKind.SUSPENDED
        staged_on, staged = self._staged.get(instrument.symbol, (None, None))
        if on == staged_on and staged is not None and up is not None:
            return staged
        is_calm = (instrument.shares_float or 0) > CALM_FLOAT_SHARES or up is None
        if is_calm or instrument.product is not Product.A_SHARE or draw.days_left < EVENT_ROOM_DAYS:
            return DayKind.NORMAL
        return next((kind for bound, kind in _EVENTS if chance < bound), DayKind.NORMAL)

    def _volume(
        self, instrument: Instrument, kind: DayKind, close: int, reference: int, draw: _Draw
    ) -> int:
        chance = draw.numbers.getrandbits(20) * MILLION >> 20
        if kind is DayKind.SUSPENDED:
            return 0
        shares = instrument.shares_float or instrument.shares_outstanding
        shares = shares or _UNKNOWN_FLOAT.get(instrument.board, _UNKNOWN_FLOAT_SHARES)
        drawn = share_of(self.seed, "turnover", instrument.symbol)
        usual = _TURNOVER_PPM.get(instrument.board, 3_000 + drawn * 22_000 // MILLION)
        moved = abs(close - reference) * MILLION // reference
        ppm = usual * (600_000 + chance + moved * 8) // MILLION
        unit = trade_unit(instrument)
        return max(shares * ppm // MILLION // unit, 400) * unit


@dataclass(frozen=True, slots=True)
class _Draw:
    """What a day is made of besides its instrument: chance, the market, the way to go."""

    numbers: Random
    together: int
    days_left: int
    target_milli: int


_SEALED = {DayKind.SEALED_UP, DayKind.SEALED_DOWN}
_EVENTS = (
    (3_000, DayKind.SUSPENDED),
    (19_000, DayKind.SEALED_UP),
    (25_000, DayKind.SEALED_DOWN),
    (33_000, DayKind.TOUCHED_UP),
)
"""Upper bounds of the day's chance, parts per million (calibrated on August 2026)."""


def _frame(
    instrument: Instrument, kind: DayKind, reference: int, band: tuple[int, int], draw: _Draw
) -> tuple[int, int, int, int]:
    """Return open, high, low, close inside the band."""
    low_limit, high_limit = band
    numbers = draw.numbers
    gap, wick_up, wick_down, noise = (bell(numbers) for _ in range(4))
    if kind is DayKind.SUSPENDED:
        return reference, reference, reference, reference
    swing = _swing(instrument)

    def price(value: int) -> int:
        return min(high_limit, max(low_limit, _to_tick(value, instrument.tick_milli)))

    close = price(_close(reference, draw, (noise * 6 + draw.together * 4) * swing // 1000))
    if kind is DayKind.SEALED_UP:
        close = high_limit
    if kind is DayKind.SEALED_DOWN:
        close = low_limit
    is_one_price = close in band and kind in _SEALED and abs(wick_up) < MILLION // 12
    opened = price(reference + (close - reference) * (250_000 + gap // 5) // MILLION)
    opened = close if is_one_price else price(opened + reference * (gap // 400) * swing // 10**8)
    reach = reference * swing // 100
    high = price(max(opened, close) + reach * abs(wick_up) // MILLION // 60)
    low = price(min(opened, close) - reach * abs(wick_down) // MILLION // 60)
    if kind is DayKind.TOUCHED_UP:
        high = high_limit
    if is_one_price:
        high = low = close
    return opened, high, low, close


def _close(reference: int, draw: _Draw, noise: int) -> int:
    """Return a close on the way to the month's, the last day of the month exactly there."""
    if draw.days_left == 0:
        return draw.target_milli
    drift = (draw.target_milli - reference) // (draw.days_left + 1)
    damped = noise * min(4, draw.days_left) // 4
    return reference + drift + reference * damped * 2 // 100 // MILLION


def trade_unit(instrument: Instrument) -> int:
    """Return the steps that volumes and depth are counted in: a lot, of STAR a hundred shares."""
    return min(100, instrument.lot_shares)


def _swing(instrument: Instrument) -> int:
    quiet = _QUIET_PRODUCTS.get(instrument.product)
    return quiet if quiet is not None else _SWING.get(instrument.board, 100)


def _to_tick(price_milli: int, tick_milli: int) -> int:
    return max(tick_milli, (price_milli + tick_milli // 2) // tick_milli * tick_milli)


def _is_listed(instrument: Instrument, on: date) -> bool:
    if instrument.listed_on and on < instrument.listed_on:
        return False
    return not (instrument.delisted_on and on >= instrument.delisted_on)


def _month_of(instrument: Instrument) -> date | None:
    return instrument.listed_on.replace(day=1) if instrument.listed_on else None
