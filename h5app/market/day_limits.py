"""The price limits of a day by our own rules, worked out once for each instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from h5app.market.model import Instrument
    from h5app.market.rules import RuleBook


class DayLimits:
    """Limit up and limit down of a day; known again until a previous close changes."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._on: date | None = None
        self._known: dict[str, tuple[int, tuple[int | None, int | None]]] = {}

    def start(self, on: date) -> None:
        """Begin a day: nothing of the one before counts."""
        self._on = on
        self._known.clear()

    def of(self, instrument: Instrument, reference_milli: int) -> tuple[int | None, int | None]:
        """Return limit up and limit down (milli), None and None where there are none."""
        known = self._known.get(instrument.symbol)
        if known is None or known[0] != reference_milli:
            assert self._on is not None, "the day was not started"
            listing_day = self._rules.listing_day(instrument, self._on)
            limits = self._rules.on(self._on).limit_prices(instrument, reference_milli, listing_day)
            known = self._known[instrument.symbol] = (reference_milli, limits)
        return known[1]
