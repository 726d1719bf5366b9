"""Alerts of customers: when a condition is met. Pure.

A threshold is milli for prices and 1/10000 (signed) for changes; an announcement has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from h5app.kernel.money import milli_text
from h5app.market.model import Phase

if TYPE_CHECKING:
    from datetime import datetime

    from h5app.market.model import Quote

RATIO_UNIT = 10_000
RATIO_MAX = 3 * RATIO_UNIT
PRICE_MILLI_MAX = 10_000_000_000
_NOT_TRADING = {Phase.NONE, Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL, Phase.CLOSED_HOLIDAY}


class AlertKind(StrEnum):
    """What is waited for."""

    PRICE_RISES_TO = "price_rises_to"
    PRICE_FALLS_TO = "price_falls_to"
    CHANGE_RISES_TO = "change_rises_to"
    CHANGE_FALLS_TO = "change_falls_to"
    ANNOUNCEMENT = "announcement"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return _LABELS[self]

    @property
    def is_price(self) -> bool:
        """Whether its threshold is a price."""
        return self in {AlertKind.PRICE_RISES_TO, AlertKind.PRICE_FALLS_TO}

    @property
    def is_ratio(self) -> bool:
        """Whether its threshold is a change since the previous close."""
        return self in {AlertKind.CHANGE_RISES_TO, AlertKind.CHANGE_FALLS_TO}


_LABELS = {
    AlertKind.PRICE_RISES_TO: "价格涨到",
    AlertKind.PRICE_FALLS_TO: "价格跌到",
    AlertKind.CHANGE_RISES_TO: "涨幅达到",
    AlertKind.CHANGE_FALLS_TO: "跌幅达到",
    AlertKind.ANNOUNCEMENT: "新公告",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing a customer wants to be told once.

    `known` names what was announced when it was armed. `firings` counts how often it fired:
    armed again, it may fire again. `fired_at` is market time, `armed_at` wall time.
    """

    alert_id: str
    customer_id: str
    symbol: str
    kind: AlertKind
    threshold: int
    is_armed: bool
    armed_at: datetime
    fired_at: datetime | None = None
    fired_value: int | None = None
    firings: int = 0
    known: frozenset[str] = frozenset()


def condition_text(kind: AlertKind, threshold: int, unit: str = "元") -> str:
    """Return a condition in the words of the screen; `unit` is what prices are counted in."""
    if kind.is_price:
        return f"{kind.label} {milli_text(threshold, 3 if threshold % 10 else 2)} {unit}"
    if kind.is_ratio:
        return f"{kind.label} {abs(threshold) // 100}.{abs(threshold) % 100:02}%"
    return kind.label


def is_usable(kind: AlertKind, threshold: int) -> bool:
    """Say whether a threshold can be waited for: a price, a rise above 0, a fall below 0."""
    if kind.is_price:
        return 0 < threshold <= PRICE_MILLI_MAX
    if kind is AlertKind.CHANGE_RISES_TO:
        return 0 < threshold <= RATIO_MAX
    if kind is AlertKind.CHANGE_FALLS_TO:
        return -RATIO_UNIT <= threshold < 0
    return threshold == 0


def met_value(kind: AlertKind, threshold: int, quote: Quote | None) -> int | None:
    """Return the last price (milli) that meets a condition; None when it is not met.

    Without a trade today there is no price to compare with, nor while an instrument is halted.
    """
    if quote is None or quote.last_milli is None or quote.is_suspended:
        return None
    if quote.phase in _NOT_TRADING or quote.previous_close_milli <= 0:
        return None
    last, previous = quote.last_milli, quote.previous_close_milli
    change, needed = (last - previous) * RATIO_UNIT, threshold * previous
    is_met = {
        AlertKind.PRICE_RISES_TO: last >= threshold,
        AlertKind.PRICE_FALLS_TO: last <= threshold,
        AlertKind.CHANGE_RISES_TO: change >= needed,
        AlertKind.CHANGE_FALLS_TO: change <= needed,
        AlertKind.ANNOUNCEMENT: False,
    }[kind]
    return last if is_met else None
