"""What is recorded of which day, from what it is played, and from where its previous closes are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market.ex_right import ex_reference_milli
from h5app.market.feeds.replay_tape import ClosingTape, MinuteTape, PrintTape, Tape
from h5app.market.model import Bar, EventState, Instrument, Period, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from h5app.market.bars_file import BarFiles
    from h5app.market.model import CorporateAction
    from h5app.market.recorded import ClosingRow, RecordedDays
    from h5app.market.rules import RuleBook

DAYS_NAMED_MAX = 12
_DAYS_CACHED = 8


class ReplayNotReady(AppError):
    """The day is not recorded, or nothing of it can be played; the sentence says what is there."""

    code = "market.replay_not_ready"
    status = 422
    sentence = "这一天没有可回放的记录,请先导入当日数据"


class Source(StrEnum):
    """What an instrument's day is played from, the richest first."""

    PRINTS = "prints"
    MINUTES = "minutes"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPlan:
    """What of a day can be played, by symbol, and what cannot and why."""

    on: date
    sources: Mapping[str, Source]
    refused: Mapping[str, str]

    def of(self, source: Source) -> list[str]:
        """Return the symbols played from a source."""
        return sorted(symbol for symbol, each in self.sources.items() if each is source)


class Records:
    """Prints, minutes, snapshots and day bars that were imported."""

    def __init__(
        self,
        files: BarFiles,
        recorded: RecordedDays,
        rules: RuleBook,
        actions: Iterable[CorporateAction] = (),
    ) -> None:
        self._files = files
        self._recorded = recorded
        self._rules = rules
        self._actions = {
            (each.symbol, each.ex_on): each
            for each in actions
            if each.state is not EventState.CANCELLED
        }
        self._snapshot = lru_cache(maxsize=_DAYS_CACHED)(self._read_snapshot)

    def days(self) -> list[date]:
        """Return every day of which prints, minutes or a snapshot are recorded."""
        found = {*self._recorded.print_days(), *self._recorded.snapshot_days()}
        for symbol in self._files.symbols(Period.MINUTE_1):
            found.update(bar.on for bar in self._files.all(symbol, Period.MINUTE_1))
        return sorted(found)

    def symbols(self, on: date) -> list[str]:
        """Return the symbols of which anything of a day may be recorded."""
        stored = {*self._files.symbols(Period.MINUTE_1), *self._files.symbols(Period.DAY)}
        return sorted(stored.union(self._recorded.print_symbols(on), self._snapshot(on)))

    def snapshot_name(self, symbol: str, on: date) -> str:
        """Return what a closing snapshot of the day calls an instrument; empty without one."""
        row = self._snapshot(on).get(symbol)
        return row.name if row else ""

    def tape(self, instrument: Instrument, on: date) -> tuple[Source, Tape] | None:
        """Return the day of an instrument from its richest source; None where none is there."""
        prints = self._recorded.prints(instrument.symbol, on)
        if prints:
            return Source.PRINTS, PrintTape(prints)
        minutes = self._minutes(instrument.symbol, on)
        if any(bar.volume_shares for bar in minutes):
            return Source.MINUTES, self._minute_tape(instrument, minutes, on)
        row = self._snapshot(on).get(instrument.symbol)
        if row is not None:
            return Source.CLOSE, ClosingTape.of_snapshot(row)
        bar = next((each for each in self._days(instrument.symbol) if each.on == on), None)
        return (Source.CLOSE, ClosingTape.of_bar(bar)) if bar else None

    def previous_close_milli(self, instrument: Instrument, on: date) -> int | None:
        """Return what the exchange measured the day from; None where it is not recorded.

        A snapshot says it. Else it is the close of the day before, or the ex-right reference upon
        it; an older close counts only where the day bars go on to this day without a gap.
        """
        row = self._snapshot(on).get(instrument.symbol)
        if row is not None:
            return row.previous_close_milli
        action = self._actions.get((instrument.symbol, on))
        if action is not None and action.reference_milli is not None:
            return action.reference_milli
        close = self._close_before(instrument.symbol, on)
        if close is None or action is None:
            return close
        return ex_reference_milli(close, action, instrument.tick_milli)

    def is_suspended(self, symbol: str, on: date) -> bool:
        """Return whether a snapshot says that nothing was traded all day."""
        row = self._snapshot(on).get(symbol)
        return row is not None and not row.volume_shares

    def _close_before(self, symbol: str, on: date) -> int | None:
        yesterday = self._rules.trading_days.previous_trading_day(on)
        days = self._days(symbol)
        before = [bar for bar in days if bar.on < on]
        is_unbroken = any(bar.on == on for bar in days)
        if before and (is_unbroken or before[-1].on == yesterday):
            return before[-1].close_milli
        minutes = self._minutes(symbol, yesterday)
        return minutes[-1].close_milli if minutes else None

    def _minute_tape(self, instrument: Instrument, minutes: Sequence[Bar], on: date) -> MinuteTape:
        phases = self._rules.on(on).phases(instrument.exchange, instrument.board)
        return MinuteTape(
            minutes,
            tick_milli=1 if instrument.is_index else instrument.tick_milli,
            unit_shares=unit_shares(instrument),
            has_close_call=any(phase is Phase.CLOSE_CALL for _, phase in phases),
        )

    def _minutes(self, symbol: str, on: date) -> list[Bar]:
        return [bar for bar in self._files.all(symbol, Period.MINUTE_1) if bar.on == on]

    def _days(self, symbol: str) -> list[Bar]:
        return self._files.all(symbol, Period.DAY)

    def _read_snapshot(self, on: date) -> dict[str, ClosingRow]:
        return {row.symbol: row for row in self._recorded.snapshot(on)}


def unit_shares(instrument: Instrument) -> int:
    """Return the steps that volumes and depth are counted in."""
    return min(100, instrument.lot_shares)


def replay_ready(records: Records, instruments: Iterable[Instrument], on: date) -> ReplayPlan:
    """Return what of a day can be played, and what cannot and why.

    Raises:
        ReplayNotReady: Nothing of the day can be played; the sentence names days that can.
    """
    sources: dict[str, Source] = {}
    refused: dict[str, str] = {}
    for instrument in instruments:
        found = records.tape(instrument, on)
        if found is None:
            refused[instrument.symbol] = "没有当日记录"
        elif records.previous_close_milli(instrument, on) is None:
            refused[instrument.symbol] = "没有前收盘价"
        else:
            sources[instrument.symbol] = found[0]
    if not sources:
        raise ReplayNotReady(_refusal(records, on), day=on.isoformat())
    return ReplayPlan(on=on, sources=sources, refused=refused)


def _refusal(records: Records, on: date) -> str:
    days = [day.isoformat() for day in records.days()]
    if not days:
        return (
            f"{on.isoformat()} 没有可回放的记录;请用 H5APP_REPLAY_DIR 指定记录文件的目录,"
            "或先用 python -m h5app import 导入逐笔、分钟线或收盘快照"
        )
    named = "、".join(days[-DAYS_NAMED_MAX:])
    more = f"等 {len(days)} 天" if len(days) > DAYS_NAMED_MAX else ""
    return f"{on.isoformat()} 没有可回放的记录;已有记录的日期: {named}{more}"
