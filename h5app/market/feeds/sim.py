"""The simulated market: a pure function of seed, symbol and moment, and the feed that reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import round_half_up
from h5app.market.feeds.sim_chance import MILLION, share_of
from h5app.market.feeds.sim_days import DayPlan, DayPlans, trade_unit
from h5app.market.feeds.sim_depth import (
    Book,
    Grain,
    auction_book,
    continuous_book,
    step_noise,
)
from h5app.market.feeds.sim_index import IndexDay, draw_index_day, members_of, trades_of
from h5app.market.feeds.sim_path import STEP_SECONDS, STEPS, DayPath, Instant, draw_path
from h5app.market.model import (
    SIMULATED_SOURCE_LABEL,
    Bar,
    IndexPoints,
    MinutePoint,
    Phase,
    Quote,
)
from h5app.market.ports import FeedBatch, FeedHealth
from h5app.market.slots import CLOSE_CALL_SLOT, LAST_SLOT, shown_day, slot_at, slot_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.model import Instrument

_CALL_BEGIN, _CALL_END = time(9, 15), time(9, 25)
_CLOSE_CALL, _CLOSE = time(14, 57), time(15)
_FIXED_BEGIN, _FIXED_END = time(15, 5), time(15, 30)
_STILL = ((time(9, 25), time(9, 30)), (time(11, 30), time(13)), (_CLOSE, _FIXED_BEGIN))
"""Between these times nothing changes, so that nothing is told anew."""
_CALL_SECONDS, _CLOSE_CALL_SECONDS, _FIXED_SECONDS = 600, 180, 1500
_LAST_STEP = STEPS - 1


class SimulatedMarket:
    """Everything about any moment, worked out when asked and never stored."""

    def __init__(self, plans: DayPlans) -> None:
        self.plans = plans
        self._instruments = plans.instrument_by_symbol
        room = max(512, 2 * len(self._instruments))
        self._path = lru_cache(maxsize=room)(self._draw_path)
        self._index_day = lru_cache(maxsize=64)(self._draw_index_day)
        self._members = {
            symbol: members_of(one, self._instruments.values())
            for symbol, one in self._instruments.items()
            if one.is_index
        }

    def day_at(self, moment: datetime) -> date:
        """Return the trading day whose data a screen shows: before 09:15 the one before."""
        return shown_day(self.plans.rules.trading_days, moment)

    def quote(self, symbol: str, moment: datetime) -> Quote | None:
        """Return the quote of a moment; None when the instrument is not listed then."""
        instrument = self._instruments[symbol]
        on = self.day_at(moment)
        phase = self.plans.rules.phase(instrument.exchange, instrument.board, moment)
        if instrument.is_index:
            return self._index_quote(instrument, on, moment, phase)
        plan = self.plans.plan(symbol, on)
        if plan is None:
            return None
        blank = _blank_quote(plan, moment, phase)
        if plan.is_suspended:
            halted = phase if phase is Phase.CLOSED_HOLIDAY else Phase.HALTED
            return replace(blank, is_suspended=True, phase=halted)
        place = _place(on, moment)
        if place is None:
            return self._in_opening_call(blank, plan, moment)
        return self._traded(blank, plan, place, moment)

    def line(self, symbol: str, moment: datetime, first_slot: int = 0) -> tuple[MinutePoint, ...]:
        """Return the slots from `first_slot` up to a moment; empty before 09:25."""
        on = self.day_at(moment)
        place = _place(on, moment)
        if place is None:
            return ()
        day = self._day(symbol, on)
        if day is None:
            return ()
        last, step = place
        is_index = isinstance(day, IndexDay)
        return tuple(
            _point(day, slot, step if slot == last else _LAST_STEP, is_index=is_index)
            for slot in range(first_slot, last + 1)
        )

    def daily_bar(self, symbol: str, on: date) -> Bar | None:
        """Return the bar of a day; None when nothing traded.

        Open, high, low, close and volume are exactly the day's; the turnover of a stock is taken
        at its typical price, so that years of bars need no minutes.
        """
        if self._instruments[symbol].is_index:
            return self._index_bar(symbol, on)
        plan = self.plans.plan(symbol, on)
        if plan is None or plan.is_suspended:
            return None
        typical = (plan.open_milli + plan.high_milli + plan.low_milli + 2 * plan.close_milli) // 5
        return Bar(
            slot_moment(on, LAST_SLOT),
            plan.open_milli,
            plan.high_milli,
            plan.low_milli,
            plan.close_milli,
            plan.volume_shares,
            round_half_up(typical * plan.volume_shares, 10),
        )

    def minute_bars(self, symbol: str, on: date) -> tuple[Bar, ...]:
        """Return the 240 one-minute bars of a day; the opening auction is in the first."""
        day = self._day(symbol, on)
        if day is None:
            return ()
        is_index = isinstance(day, IndexDay)
        return tuple(_minute_bar(day, on, slot, is_index=is_index) for slot in range(1, 241))

    def _day(self, symbol: str, on: date) -> DayPath | IndexDay | None:
        if self._instruments[symbol].is_index:
            return self._index_day(symbol, on)
        return self._path(symbol, on)

    def _draw_path(self, symbol: str, on: date) -> DayPath | None:
        plan = self.plans.plan(symbol, on)
        if plan is None or plan.is_suspended:
            return None
        instrument = self._instruments[symbol]
        return draw_path(self.plans.seed, plan, instrument.tick_milli, trade_unit(instrument))

    def _draw_index_day(self, symbol: str, on: date) -> IndexDay:
        index = self._instruments[symbol]
        return draw_index_day(index, self._members[symbol], self.plans, self._path, on)

    def _in_opening_call(self, blank: Quote, plan: DayPlan, moment: datetime) -> Quote:
        path = self._path(plan.symbol, plan.on)
        assert path is not None, "a suspended day has no call"
        done = min(_CALL_SECONDS, _seconds_since(_CALL_BEGIN, moment))
        way = (plan.open_milli - plan.reference_milli) * done
        price = plan.reference_milli + round_half_up(way, _CALL_SECONDS * path.tick_milli) * (
            path.tick_milli
        )
        matched = path.volumes[0] * done // _CALL_SECONDS // path.lot_shares * path.lot_shares
        noise = step_noise(self.plans.seed, plan.symbol, _stamp(blank.at))
        book = auction_book(plan, price, matched, noise, _grain(path))
        return replace(blank, bids=book.bids, asks=book.asks)

    def _traded(
        self, blank: Quote, plan: DayPlan, place: tuple[int, int], moment: datetime
    ) -> Quote:
        path = self._path(plan.symbol, plan.on)
        assert path is not None, "a suspended day has no trades"
        now = path.at(*place)
        book = self._book(blank, plan, path, now)
        outer = now.volume_shares * (470 + share_of(plan.symbol, plan.on) * 60 // MILLION) // 1000
        after_volume, after_turnover = self._after_hours(plan, path, moment)
        return replace(
            blank,
            open_milli=plan.open_milli,
            high_milli=now.high_milli,
            low_milli=now.low_milli,
            last_milli=now.price_milli,
            volume_shares=now.volume_shares,
            turnover_fen=now.turnover_fen,
            bids=book.bids,
            asks=book.asks,
            trades=trades_of(self.plans.seed, plan.symbol, now.volume_shares),
            outer_shares=outer,
            inner_shares=now.volume_shares - outer,
            after_hours_volume_shares=after_volume,
            after_hours_turnover_fen=after_turnover,
        )

    def _book(self, blank: Quote, plan: DayPlan, path: DayPath, now: Instant) -> Book:
        at = min(blank.at, slot_moment(plan.on, LAST_SLOT))
        noise = step_noise(self.plans.seed, plan.symbol, _stamp(at))
        if blank.phase is not Phase.CLOSE_CALL:
            return continuous_book(plan, now.price_milli, noise, _grain(path))
        done = min(_CLOSE_CALL_SECONDS, _seconds_since(_CLOSE_CALL, blank.at))
        traded = path.volumes[LAST_SLOT] - path.volumes[LAST_SLOT - 1]
        matched = traded * done // _CLOSE_CALL_SECONDS // path.lot_shares * path.lot_shares
        return auction_book(plan, plan.close_milli, matched, noise, _grain(path))

    def _after_hours(
        self, plan: DayPlan, path: DayPath, moment: datetime
    ) -> tuple[int | None, int | None]:
        """Return volume and turnover at the fixed price; None where the board has no such hour."""
        instrument = self._instruments[plan.symbol]
        phases = self.plans.rules.on(plan.on).phases(instrument.exchange, instrument.board)
        if all(phase is not Phase.AFTER_HOURS_FIXED for _, phase in phases):
            return None, None
        done = _FIXED_SECONDS
        if moment.date() == plan.on:
            done = min(_FIXED_SECONDS, max(0, _seconds_since(_FIXED_BEGIN, moment)))
        share = 1_000 + share_of(plan.symbol, plan.on, "fixed") * 3 // 1000
        whole = plan.volume_shares * share // MILLION
        volume = whole * done // _FIXED_SECONDS // path.lot_shares * path.lot_shares
        return volume, round_half_up(volume * plan.close_milli, 10)

    def _index_quote(
        self, instrument: Instrument, on: date, moment: datetime, phase: Phase
    ) -> Quote:
        day = self._index_day(instrument.symbol, on)
        place = _place(on, moment)
        now = day.at(*place) if place else None
        points = IndexPoints(
            previous_close_e4=day.previous_close_e4,
            open_e4=day.points[0] if now else None,
            high_e4=now.high_milli if now else None,
            low_e4=now.low_milli if now else None,
            last_e4=now.price_milli if now else None,
        )
        return Quote(
            symbol=instrument.symbol,
            at=_data_moment(on, moment),
            sequence=0,
            phase=phase,
            previous_close_milli=_milli(points.previous_close_e4),
            open_milli=_milli_or_none(points.open_e4),
            high_milli=_milli_or_none(points.high_e4),
            low_milli=_milli_or_none(points.low_e4),
            last_milli=_milli_or_none(points.last_e4),
            volume_shares=now.volume_shares if now else 0,
            turnover_fen=now.turnover_fen if now else 0,
            index_points=points,
        )

    def _index_bar(self, symbol: str, on: date) -> Bar:
        day = self._index_day(symbol, on)
        return Bar(
            slot_moment(on, LAST_SLOT),
            _milli(day.points[0]),
            _milli(day.highs[LAST_SLOT]),
            _milli(day.lows[LAST_SLOT]),
            _milli(day.points[LAST_SLOT]),
            day.volumes[LAST_SLOT],
            day.turnovers[LAST_SLOT],
        )


class SimFeed:
    """The simulated market behind the port QuoteFeed."""

    name = "sim"
    label = SIMULATED_SOURCE_LABEL
    rhythm_seconds = float(STEP_SECONDS)

    def __init__(self, market: SimulatedMarket) -> None:
        self.market = market
        self._symbols: tuple[str, ...] = ()
        self._next_slot: dict[str, int] = {}
        self._day: date | None = None
        self._health = FeedHealth(last_at=None)

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Take the instruments; any day is there at once."""
        del day
        known = self.market.plans.instrument_by_symbol
        self._symbols = tuple(one.symbol for one in instruments if one.symbol in known)
        self._next_slot = {}

    def read(self, now: datetime) -> FeedBatch:
        """Return the state at `now` and the slots since the last reading."""
        on = self.market.day_at(now)
        if on != self._day:
            self._day, self._next_slot = on, {}
        quotes = [self.market.quote(symbol, now) for symbol in self._symbols]
        minutes = {symbol: self._new_slots(symbol, now) for symbol in self._symbols}
        self._health = replace(self._health, last_at=now, batches=self._health.batches + 1)
        return FeedBatch(at=now, quotes=tuple(quote for quote in quotes if quote), minutes=minutes)

    def health(self) -> FeedHealth:
        """Return how it is doing: always well."""
        return self._health

    def close(self) -> None:
        """Nothing is held open."""

    def _new_slots(self, symbol: str, now: datetime) -> tuple[MinutePoint, ...]:
        points = self.market.line(symbol, now, self._next_slot.get(symbol, 0))
        if points:
            self._next_slot[symbol] = points[-1].minute
        return points


def _place(on: date, moment: datetime) -> tuple[int, int] | None:
    """Return slot and step of a moment on the day shown; None in the opening call.

    The closing call stands at 14:57 until its one price at 15:00.
    """
    if moment.date() != on:
        return LAST_SLOT, _LAST_STEP
    found = slot_at(moment)
    if found is None:
        return None
    slot, seconds = found
    if slot > CLOSE_CALL_SLOT and seconds < 60:  # noqa: PLR2004 - the slot is not complete
        return CLOSE_CALL_SLOT, _LAST_STEP
    return slot, min(_LAST_STEP, seconds // STEP_SECONDS)


def _data_moment(on: date, moment: datetime) -> datetime:
    """Return the stamp of what is shown: the step, or the close of the day shown."""
    if moment.date() != on:
        return datetime.combine(on, _CLOSE, SHANGHAI)
    step = moment.second // STEP_SECONDS * STEP_SECONDS
    stamp = moment.replace(second=step, microsecond=0)
    for begin, end in _STILL:
        if begin <= stamp.time() < end:
            return datetime.combine(on, begin, SHANGHAI)
    return min(stamp, datetime.combine(on, _FIXED_END, SHANGHAI))


def _blank_quote(plan: DayPlan, moment: datetime, phase: Phase) -> Quote:
    return Quote(
        symbol=plan.symbol,
        at=_data_moment(plan.on, moment),
        sequence=0,
        phase=phase,
        previous_close_milli=plan.reference_milli,
        limit_up_milli=plan.limit_up_milli,
        limit_down_milli=plan.limit_down_milli,
    )


def _point(day: DayPath | IndexDay, slot: int, step: int, *, is_index: bool) -> MinutePoint:
    now = day.at(slot, step)
    before_volume = day.volumes[slot - 1] if slot else 0
    before_turnover = day.turnovers[slot - 1] if slot else 0
    price = _milli(now.price_milli) if is_index else now.price_milli
    average = price
    if not is_index and now.volume_shares:
        average = round_half_up(now.turnover_fen * 10, now.volume_shares)
    return MinutePoint(
        slot,
        price,
        average,
        now.volume_shares - before_volume,
        now.turnover_fen - before_turnover,
    )


def _minute_bar(day: DayPath | IndexDay, on: date, slot: int, *, is_index: bool) -> Bar:
    first = 0 if slot == 1 else slot
    if isinstance(day, IndexDay):
        inside = [day.points[slot - 1], day.points[slot]]
    else:
        turns = [day.first_turns[slot], day.second_turns[slot]]
        inside = [day.prices[slot - 1], *turns, day.prices[slot]]
    if is_index:
        inside = [_milli(points) for points in inside]
    before = first - 1
    return Bar(
        slot_moment(on, slot),
        inside[0],
        max(inside),
        min(inside),
        inside[-1],
        day.volumes[slot] - (day.volumes[before] if before >= 0 else 0),
        day.turnovers[slot] - (day.turnovers[before] if before >= 0 else 0),
    )


def _grain(path: DayPath) -> Grain:
    return Grain(path.tick_milli, path.lot_shares)


def _seconds_since(begin: time, moment: datetime) -> int:
    since = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
    begun = timedelta(hours=begin.hour, minutes=begin.minute, seconds=begin.second)
    return int((since - begun).total_seconds())


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S")


def _milli(points_e4: int) -> int:
    return round_half_up(points_e4, 10)


def _milli_or_none(points_e4: int | None) -> int | None:
    return None if points_e4 is None else _milli(points_e4)
