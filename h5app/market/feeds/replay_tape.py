"""Recorded days on tape: what has happened by a moment, from prints, from minutes, from a close.

Each tape answers the same question, `at(moment)`, and never tells what comes later: a minute's bar
is played inside its minute, the closing call shows nothing until 15:00, a closing snapshot is
one state from the close on.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from h5app.kernel.money import amount_fen, round_half_up
from h5app.market.bars import day_end
from h5app.market.model import Side
from h5app.market.slots import CLOSE_CALL_SLOT, LAST_SLOT, NOON_SLOT, slot_at, slot_ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.model import Bar, Print
    from h5app.market.recorded import ClosingRow

STEPS = 20
STEP_SECONDS = 3
_FIRST_TURN, _SECOND_TURN = 5, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What has happened on a day by a moment. Prices milli, whole shares, fen.

    `minute_shares` is what was traded in the minute of the last trade; `side` who took the last
    price, None where it is not known. Outer and inner are None where the tape has no sides.
    """

    at: datetime
    open_milli: int
    high_milli: int
    low_milli: int
    last_milli: int
    volume_shares: int
    turnover_fen: int
    minute_shares: int = 0
    side: Side | None = None
    outer_shares: int | None = None
    inner_shares: int | None = None


class Tape(Protocol):
    """One instrument's recorded day."""

    draws_line: bool

    def at(self, moment: datetime) -> Happened | None:
        """Return what has happened by a moment; None before the first trade that is known."""


class PrintTape:
    """A day of prints: every state is that of the last print."""

    draws_line = True

    def __init__(self, prints: Sequence[Print]) -> None:
        """Take the day's prints in order of time; at least one."""
        self._times = [each.at for each in prints]
        self._states = _states_of(prints)

    def at(self, moment: datetime) -> Happened | None:
        """Return the state after the last print up to the moment."""
        place = bisect_right(self._times, moment)
        return self._states[place - 1] if place else None


def _states_of(prints: Sequence[Print]) -> list[Happened]:
    states: list[Happened] = []
    minute_shares = _shares_by_slot(prints)
    high = low = prints[0].price_milli
    volume = turnover = outer = inner = 0
    for each in prints:
        high, low = max(high, each.price_milli), min(low, each.price_milli)
        volume += each.volume_shares
        turnover += amount_fen(each.price_milli, each.volume_shares)
        outer += each.volume_shares if each.side is Side.BUY else 0
        inner += each.volume_shares if each.side is Side.SELL else 0
        states.append(
            Happened(
                at=each.at,
                open_milli=prints[0].price_milli,
                high_milli=high,
                low_milli=low,
                last_milli=each.price_milli,
                volume_shares=volume,
                turnover_fen=turnover,
                minute_shares=minute_shares[_slot_of(each.at)],
                side=each.side,
                outer_shares=outer,
                inner_shares=inner,
            )
        )
    return states


def _shares_by_slot(prints: Sequence[Print]) -> dict[int, int]:
    shares: dict[int, int] = {}
    for each in prints:
        slot = _slot_of(each.at)
        shares[slot] = shares.get(slot, 0) + each.volume_shares
    return shares


def _slot_of(at: datetime) -> int:
    found = slot_at(at)
    return found[0] if found else 0


class MinuteTape:
    """A day of one-minute bars, stamped with the END of their minute.

    Inside its minute a bar goes from its open over its two extremes to its close, in steps of
    three seconds; volume and turnover grow with it.
    """

    draws_line = True

    def __init__(
        self, bars: Sequence[Bar], *, tick_milli: int, unit_shares: int, has_close_call: bool
    ) -> None:
        """Take the day's bars in order of time; at least one."""
        self._tick_milli = tick_milli
        self._unit_shares = unit_shares
        self._has_close_call = has_close_call
        self._bars = {slot: bar for bar in bars if (slot := slot_ending(bar.at.time())) is not None}
        self._done = _completed(self._bars)

    def at(self, moment: datetime) -> Happened | None:
        """Return the state at a step of the running minute."""
        place = _place(moment, has_close_call=self._has_close_call)
        if place is None:
            return None
        slot, step = place
        bar = self._bars.get(slot)
        if bar is None or step >= STEPS - 1:
            return self._done[slot]
        before = self._done[slot - 1] if slot else None
        return self._inside(bar, before, moment, step)

    def _inside(
        self, bar: Bar, before: Happened | None, moment: datetime, step: int
    ) -> Happened | None:
        """Return the state a part of the way through a bar."""
        visited = _visited(bar, step, self._tick_milli)
        high, low = max(visited), min(visited)
        traded = bar.volume_shares * (step + 1) // STEPS // self._unit_shares * self._unit_shares
        if traded == 0:
            return before
        mean = min(high, max(low, _mean_milli(bar)))
        return Happened(
            at=moment.replace(second=step * STEP_SECONDS, microsecond=0),
            open_milli=before.open_milli if before else bar.open_milli,
            high_milli=max(before.high_milli, high) if before else high,
            low_milli=min(before.low_milli, low) if before else low,
            last_milli=visited[-1],
            volume_shares=(before.volume_shares if before else 0) + traded,
            turnover_fen=(before.turnover_fen if before else 0) + amount_fen(mean, traded),
            minute_shares=bar.volume_shares,
        )


def _completed(bars: dict[int, Bar]) -> list[Happened | None]:
    """Return the state at the end of every slot."""
    states: list[Happened | None] = []
    state: Happened | None = None
    for slot in range(LAST_SLOT + 1):
        bar = bars.get(slot)
        if bar is not None and (state is not None or bar.volume_shares):
            turnover = _turnover_fen(bar)
            state = Happened(
                at=bar.at,
                open_milli=state.open_milli if state else bar.open_milli,
                high_milli=max(state.high_milli, bar.high_milli) if state else bar.high_milli,
                low_milli=min(state.low_milli, bar.low_milli) if state else bar.low_milli,
                last_milli=bar.close_milli,
                volume_shares=(state.volume_shares if state else 0) + bar.volume_shares,
                turnover_fen=(state.turnover_fen if state else 0) + turnover,
                minute_shares=bar.volume_shares or (state.minute_shares if state else 0),
            )
        states.append(state)
    return states


def _turnover_fen(bar: Bar) -> int:
    """Return a bar's turnover; the mean price's where the source has none that can be."""
    scaled, volume = bar.turnover_fen * 10, bar.volume_shares
    if bar.low_milli * volume <= scaled <= bar.high_milli * volume:
        return bar.turnover_fen
    return amount_fen(_mean_milli(bar), volume)


def _mean_milli(bar: Bar) -> int:
    """Return the price at which a bar's volume was traded, inside its range.

    Where the source has no turnover it is the mean of the four prices.
    """
    if not bar.volume_shares or not bar.turnover_fen:
        four = bar.open_milli + bar.high_milli + bar.low_milli + bar.close_milli
        return round_half_up(four, 4)
    mean = round_half_up(bar.turnover_fen * 10, bar.volume_shares)
    return min(bar.high_milli, max(bar.low_milli, mean))


def _visited(bar: Bar, step: int, tick_milli: int) -> list[int]:
    """Return the prices a bar has been at by a step, the present one last."""
    rises = bar.close_milli >= bar.open_milli
    first, second = (bar.low_milli, bar.high_milli) if rises else (bar.high_milli, bar.low_milli)
    if step <= _FIRST_TURN:
        begin, end, done, length = bar.open_milli, first, step, _FIRST_TURN
        passed = [bar.open_milli]
    elif step <= _SECOND_TURN:
        begin, end, done, length = first, second, step - _FIRST_TURN, _SECOND_TURN - _FIRST_TURN
        passed = [bar.open_milli, first]
    else:
        begin, end, done = second, bar.close_milli, step - _SECOND_TURN
        length = STEPS - 1 - _SECOND_TURN
        passed = [bar.open_milli, first, second]
    moved = round_half_up((end - begin) * done, length * tick_milli) * tick_milli
    return [*passed, min(bar.high_milli, max(bar.low_milli, begin + moved))]


def _place(moment: datetime, *, has_close_call: bool) -> tuple[int, int] | None:
    """Return slot and step; the closing call stands still until its one price at 15:00."""
    found = slot_at(moment)
    if found is None or found[0] == 0:
        return None
    slot, seconds = found
    step = min(STEPS - 1, seconds // STEP_SECONDS)
    if has_close_call and slot > CLOSE_CALL_SLOT and seconds < 60:  # noqa: PLR2004 - not complete
        return CLOSE_CALL_SLOT, STEPS - 1
    return slot, step


class ClosingTape:
    """A closing snapshot, or a day bar: one state from the close on; it draws no line."""

    draws_line = False

    def __init__(self, happened: Happened | None) -> None:
        """Take the day; None where nothing was traded."""
        self._happened = happened

    @classmethod
    def of_snapshot(cls, row: ClosingRow) -> ClosingTape:
        """Return the tape of one row of a closing snapshot."""
        prices = (row.open_milli, row.high_milli, row.low_milli, row.close_milli)
        opened, high, low, close = prices
        if not (opened and high and low and close and row.volume_shares):
            return cls(None)
        return cls(
            Happened(
                at=day_end(row.at.date()),
                open_milli=opened,
                high_milli=high,
                low_milli=low,
                last_milli=close,
                volume_shares=row.volume_shares,
                turnover_fen=0,
            ),
        )

    @classmethod
    def of_bar(cls, bar: Bar) -> ClosingTape:
        """Return the tape of a day of which only the bar is known."""
        return cls(
            Happened(
                at=bar.at,
                open_milli=bar.open_milli,
                high_milli=bar.high_milli,
                low_milli=bar.low_milli,
                last_milli=bar.close_milli,
                volume_shares=bar.volume_shares,
                turnover_fen=bar.turnover_fen,
            ),
        )

    def at(self, moment: datetime) -> Happened | None:
        """Return the close once it is known: at 15:00."""
        is_known = self._happened is not None and moment >= self._happened.at
        return self._happened if is_known else None


def end_of_slot(moment: datetime) -> datetime:
    """Return the last instant that belongs to the slot whose stamp this is.

    A print stamped 10:00:00 belongs to 10:01; one just behind 11:30 or 15:00 to the session's end.
    """
    slot = slot_ending(moment.time())
    is_session_end = slot in {NOON_SLOT, LAST_SLOT}
    return moment + (timedelta(seconds=59) if is_session_end else timedelta(microseconds=-1))
