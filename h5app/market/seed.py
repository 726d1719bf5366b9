"""What the product's own list of instruments holds for a demo: the special ones, by their symbol.

All codes, names and boards are real, all prices and events are simulated. Days count from the
demo's first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.market.feeds.sim_days import DayKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from h5app.kernel.trading_day import TradingDays

SEED_MAIN = "600519.SH"
"""A main-board stock that is never sealed or suspended: walks trade it."""
SEED_BANK = "600000.SH"
"""A cheap and calm main-board stock."""
SEED_STAR = "688981.SH"
"""科创板, calm: at least 200 shares an order, single shares beyond."""
SEED_CHINEXT = "300750.SZ"
SEED_BSE = "920185.BJ"
"""北交所, also found under its old code 835185."""
SEED_ETF = "510300.SH"
SEED_ETF_T0 = "513100.SH"
"""May be sold on the day it was bought."""
SEED_CONVERTIBLE = "113052.SH"
SEED_INDEX = "000001.SH"
SEED_SUSPENDED = "600585.SH"
"""Suspended since SUSPENDED_TRADING_DAYS before the first day, and for as long as the demo runs."""
SEED_EX_IN_SIX_DAYS = "600900.SH"
"""Goes ex (每10股派7.33元) six calendar days after the first day, or on the next trading day."""
SEED_ST = "600491.SH"
SEED_NEW = "301575.SZ"
"""Listed on the first day: name with N, no limit for five days."""
SEED_RECENT = "301563.SZ"
"""Listed two trading days before the first: name with C, no limit."""
SEED_SEALED_UP = "605499.SH"
"""Closes sealed at the limit up on the first day."""
SEED_SEALED_DOWN = "300044.SZ"
"""Closes sealed at the limit down on the first day (*ST)."""
SEED_TOUCHED_UP = "301236.SZ"
"""Touches the limit up on the first day and opens again."""

SUSPENDED_TRADING_DAYS = 8


def suspended_since(first_on: date, days: TradingDays) -> date:
    """Return the first day without trading of what is suspended."""
    return days.add(days.trading_day_on_or_after(first_on), -SUSPENDED_TRADING_DAYS)


def staged_days(first_on: date, days: TradingDays) -> Mapping[str, tuple[date, DayKind]]:
    """Return what the first day shows whatever chance says."""
    opening = days.trading_day_on_or_after(first_on)
    return {
        SEED_SEALED_UP: (opening, DayKind.SEALED_UP),
        SEED_SEALED_DOWN: (opening, DayKind.SEALED_DOWN),
        SEED_TOUCHED_UP: (opening, DayKind.TOUCHED_UP),
    }
