"""Recorded days behind the port QuoteFeed: prints, minutes, closes, at any moment of the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.money import round_half_up
from h5app.market.feeds.replay_days import unit_shares
from h5app.market.feeds.replay_depth import derived_depth
from h5app.market.feeds.replay_tape import STEP_SECONDS, end_of_slot
from h5app.market.model import DERIVED_DEPTH_LABEL, IndexPoints, MinutePoint, Phase, Quote
from h5app.market.ports import FeedBatch, FeedHealth, FeedRefused
from h5app.market.slots import shown_day, slot_at, slot_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from h5app.market.feeds.replay_days import Records
    from h5app.market.feeds.replay_tape import Happened, Tape
    from h5app.market.model import Instrument, Level
    from h5app.market.rules import RuleBook

LABEL = "历史回放"
_DAY_BEGIN, _DAY_END = time(9, 15), time(15)
_LUNCH, _AFTERNOON = time(11, 30), time(13)
_WITHOUT_DEPTH = {Phase.CLOSE_CALL, Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL}
"""What stands in a call's book cannot be derived from trades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    """One instrument on the stage of a day."""

    instrument: Instrument
    tape: Tape
    previous_close_milli: int
    limits: tuple[int | None, int | None]
    is_suspended: bool


class ReplayFeed:
    """A recorded day; any moment of it can be asked for, in any order."""

    name = "replay"
    rhythm_seconds = float(STEP_SECONDS)

    def __init__(self, records: Records, rules: RuleBook, day: date) -> None:
        """Take the records and the day that the label names until another one is opened."""
        self._records = records
        self._rules = rules
        self._day = day
        self._cast: dict[str, _Cast] = {}
        self._told: dict[str, tuple[Phase, bool]] = {}
        self._next_slot: dict[str, int] = {}
        self._health = FeedHealth(last_at=None)

    @property
    def label(self) -> str:
        """What pages print beside the prices."""
        return f"{LABEL} {self._day.isoformat()}"

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Read the records of a day.

        Raises:
            FeedRefused: Nothing of that day is recorded, or no previous close is.
        """
        cast = {one.symbol: each for one in instruments if (each := self._cast_of(one, day))}
        if not cast:
            raise FeedRefused(f"nothing of {day.isoformat()} can be played")
        self._day, self._cast = day, cast
        self._told, self._next_slot = {}, {}

    def read(self, now: datetime) -> FeedBatch:
        """Return the state at `now` and the slots since the last reading."""
        if shown_day(self._rules.trading_days, now) < self._day:
            return FeedBatch(at=now)
        quotes = [quote for one in self._cast.values() if (quote := self._news_of(one, now))]
        minutes = {symbol: self._new_slots(one, now) for symbol, one in self._cast.items()}
        self._health = replace(self._health, last_at=now, batches=self._health.batches + 1)
        return FeedBatch(at=now, quotes=tuple(quotes), minutes=minutes)

    def health(self) -> FeedHealth:
        """Return how it is doing: always well."""
        return self._health

    def close(self) -> None:
        """Nothing is held open."""

    def quote(self, symbol: str, moment: datetime) -> Quote | None:
        """Return the quote of a moment of the day; None of what is not recorded."""
        one = self._cast.get(symbol)
        return self._quote(one, moment) if one else None

    def line(self, symbol: str, moment: datetime, first_slot: int = 0) -> tuple[MinutePoint, ...]:
        """Return the slots from `first_slot` up to a moment; none of a closing snapshot."""
        one = self._cast.get(symbol)
        found = self._place(moment)
        if one is None or found is None or not one.tape.draws_line:
            return ()
        points = (self._point(one, slot, moment) for slot in range(first_slot, found + 1))
        return tuple(point for point in points if point is not None)

    # ------------------------------------------------------------

    def _cast_of(self, instrument: Instrument, day: date) -> _Cast | None:
        found = self._records.tape(instrument, day)
        previous = self._records.previous_close_milli(instrument, day)
        if found is None or previous is None:
            return None
        listing_day = self._rules.listing_day(instrument, day)
        limits: tuple[int | None, int | None] = (None, None)
        if not instrument.is_index:
            limits = self._rules.on(day).limit_prices(instrument, previous, listing_day)
        return _Cast(
            instrument=instrument,
            tape=found[1],
            previous_close_milli=previous,
            limits=limits,
            is_suspended=self._records.is_suspended(instrument.symbol, day),
        )

    def _news_of(self, one: _Cast, now: datetime) -> Quote | None:
        """Return the quote; of a closing snapshot only when its one state or the phase is new."""
        if not one.tape.draws_line:
            symbol = one.instrument.symbol
            has_closed = one.tape.at(self._tape_moment(now)) is not None
            state = (self._phase(one, now), has_closed)
            if self._told.get(symbol) == state:
                return None
            self._told[symbol] = state
        return self._quote(one, now)

    def _phase(self, one: _Cast, moment: datetime) -> Phase:
        instrument = one.instrument
        phase = self._rules.phase(instrument.exchange, instrument.board, moment)
        is_halted = one.is_suspended and phase is not Phase.CLOSED_HOLIDAY
        return Phase.HALTED if is_halted else phase

    def _quote(self, one: _Cast, moment: datetime) -> Quote:
        instrument = one.instrument
        blank = Quote(
            symbol=instrument.symbol,
            at=self._stamp(moment),
            sequence=0,
            phase=self._phase(one, moment),
            previous_close_milli=one.previous_close_milli,
            limit_up_milli=one.limits[0],
            limit_down_milli=one.limits[1],
            is_suspended=one.is_suspended,
        )
        happened = None if one.is_suspended else one.tape.at(self._tape_moment(moment))
        if happened is not None:
            blank = replace(blank, at=max(blank.at, min(happened.at, moment)))
        if instrument.is_index:
            return _with_points(blank, happened)
        return blank if happened is None else self._traded(one, blank, happened)

    def _traded(self, one: _Cast, blank: Quote, happened: Happened) -> Quote:
        bids: tuple[Level, ...] = ()
        asks: tuple[Level, ...] = ()
        if happened.minute_shares and blank.phase not in _WITHOUT_DEPTH:
            bids, asks = derived_depth(
                happened,
                one.limits,
                tick_milli=one.instrument.tick_milli,
                unit_shares=unit_shares(one.instrument),
            )
        return replace(
            blank,
            open_milli=happened.open_milli,
            high_milli=happened.high_milli,
            low_milli=happened.low_milli,
            last_milli=happened.last_milli,
            volume_shares=happened.volume_shares,
            turnover_fen=happened.turnover_fen,
            bids=bids,
            asks=asks,
            depth_label=DERIVED_DEPTH_LABEL if bids or asks else "",
            outer_shares=happened.outer_shares,
            inner_shares=happened.inner_shares,
        )

    def _new_slots(self, one: _Cast, now: datetime) -> tuple[MinutePoint, ...]:
        symbol = one.instrument.symbol
        points = self.line(symbol, now, self._next_slot.get(symbol, 0))
        if points:
            self._next_slot[symbol] = points[-1].minute
        return points

    def _point(self, one: _Cast, slot: int, moment: datetime) -> MinutePoint | None:
        end = end_of_slot(slot_moment(self._day, slot))
        now = one.tape.at(min(end, self._tape_moment(moment)))
        if now is None:
            return None
        before = one.tape.at(end_of_slot(slot_moment(self._day, slot - 1))) if slot else None
        is_index = one.instrument.is_index
        volume = now.volume_shares - (before.volume_shares if before else 0)
        turnover = now.turnover_fen - (before.turnover_fen if before else 0)
        average = now.last_milli
        if not is_index and now.volume_shares:
            average = round_half_up(now.turnover_fen * 10, now.volume_shares)
        return MinutePoint(slot, now.last_milli, average, volume, 0 if is_index else turnover)

    def _place(self, moment: datetime) -> int | None:
        found = slot_at(self._tape_moment(moment))
        return found[0] if found else None

    def _tape_moment(self, moment: datetime) -> datetime:
        """Return where the tape stands: a later day sees the end of it."""
        if moment.date() > self._day:
            return datetime.combine(self._day, time(23, 59), SHANGHAI)
        return moment

    def _stamp(self, moment: datetime) -> datetime:
        """Return the source's stamp of a moment; over lunch and after the close it stands."""
        on = self._day
        begin, end = (datetime.combine(on, edge, SHANGHAI) for edge in (_DAY_BEGIN, _DAY_END))
        stamp = moment.replace(second=moment.second // STEP_SECONDS * STEP_SECONDS, microsecond=0)
        if _LUNCH <= stamp.time() < _AFTERNOON:
            stamp = datetime.combine(on, _LUNCH, SHANGHAI)
        return min(max(stamp, begin), end)


def _with_points(blank: Quote, happened: Happened | None) -> Quote:
    """Return the quote of an index; its turnover is not recorded."""

    def e4(milli: int | None) -> int | None:
        return None if milli is None else milli * 10

    points = IndexPoints(previous_close_e4=blank.previous_close_milli * 10)
    if happened is None:
        return replace(blank, index_points=points)
    return replace(
        blank,
        open_milli=happened.open_milli,
        high_milli=happened.high_milli,
        low_milli=happened.low_milli,
        last_milli=happened.last_milli,
        volume_shares=happened.volume_shares,
        index_points=replace(
            points,
            open_e4=e4(happened.open_milli),
            high_e4=e4(happened.high_milli),
            low_e4=e4(happened.low_milli),
            last_e4=e4(happened.last_milli),
        ),
    )
