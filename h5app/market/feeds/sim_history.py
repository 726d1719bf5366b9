"""Bars of the simulated market before a demo's first day, so that charts have a past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.market.feeds.sim_index import members_of, sketch_index_bar
from h5app.market.model import Bar, Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from h5app.market.bars_file import BarFiles
    from h5app.market.feeds.sim import SimulatedMarket
    from h5app.market.model import Instrument

HISTORY_DAYS = 300
HISTORY_MINUTE_DAYS = 5


def seed_history(
    market: SimulatedMarket,
    files: BarFiles,
    first_on: date,
    *,
    days: int = HISTORY_DAYS,
    minute_days: int = HISTORY_MINUTE_DAYS,
) -> int:
    """Store the bars of so many trading days before `first_on`; return how many were stored.

    Instruments that have day bars already are passed over: a second time changes nothing. High and
    low of an index are estimated on days whose minutes are not drawn; all else is the day's own.
    """
    trading_days = market.plans.rules.trading_days
    last_on = trading_days.previous_trading_day(first_on)
    span = trading_days.trading_days_between(trading_days.add(first_on, -days), last_on)
    exact_from = max(0, len(span) - minute_days)
    stored = 0
    for symbol, instrument in market.plans.instrument_by_symbol.items():
        if files.last(symbol, Period.DAY, 1):
            continue
        recent = span[exact_from:]
        early = _early(market, instrument, span[:exact_from])
        late = [market.daily_bar(symbol, on) for on in recent]
        minutes = [bar for on in recent for bar in market.minute_bars(symbol, on)]
        stored += files.merge(symbol, Period.DAY, [bar for bar in (*early, *late) if bar])
        stored += files.merge(symbol, Period.MINUTE_1, minutes)
    return stored


def _early(
    market: SimulatedMarket, instrument: Instrument, span: Sequence[date]
) -> list[Bar | None]:
    if not instrument.is_index:
        return [market.daily_bar(instrument.symbol, on) for on in span]
    members = members_of(instrument, market.plans.instrument_by_symbol.values())
    return [sketch_index_bar(instrument, members, market.plans, on) for on in span]
