"""What happens to instruments on which day, for calendars and for the page of a stock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from h5app.market.model import EventState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from h5app.market.model import CorporateAction, Instrument


class EventKind(StrEnum):
    """What sort of thing happens."""

    RECORD = "record"
    EX_RIGHT = "ex_right"
    DIVIDEND = "dividend"
    LISTING = "listing"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return _LABELS[self]


_LABELS = {
    EventKind.RECORD: "股权登记",
    EventKind.EX_RIGHT: "除权除息",
    EventKind.DIVIDEND: "红利到账",
    EventKind.LISTING: "新股上市",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketEvent:
    """One thing that happens to one instrument on one day.

    `event_id` names it for ever, also when its day is moved by a later announcement. `source` says
    who told it, `fetched_at` when (wall time, None where it was not noted).
    """

    event_id: str
    symbol: str
    short_name: str
    kind: EventKind
    on: date
    title: str
    source: str = ""
    fetched_at: datetime | None = None
    state: EventState = EventState.CONFIRMED


def events_of_actions(
    instrument: Instrument, actions: Iterable[CorporateAction]
) -> Iterator[MarketEvent]:
    """Yield record day, ex day and pay day of each action."""
    for action in actions:
        days = {EventKind.RECORD: action.record_on, EventKind.EX_RIGHT: action.ex_on}
        if action.cash_per_share > 0:
            days[EventKind.DIVIDEND] = action.pay_on
        for kind, on in days.items():
            if on is not None:
                yield _event(instrument, action, kind, on)


def listing_of(instrument: Instrument, source: str = "") -> MarketEvent | None:
    """Return the first day of an instrument's trading; None where it is not known."""
    if instrument.listed_on is None or not instrument.board.is_share:
        return None
    return MarketEvent(
        event_id=f"{instrument.symbol}.{EventKind.LISTING}",
        symbol=instrument.symbol,
        short_name=instrument.short_name,
        kind=EventKind.LISTING,
        on=instrument.listed_on,
        title=f"{instrument.board.label}上市",
        source=source,
    )


def _event(
    instrument: Instrument, action: CorporateAction, kind: EventKind, on: date
) -> MarketEvent:
    told_on = action.announced_on or action.ex_on
    return MarketEvent(
        event_id=f"{action.symbol}.{kind}.{told_on.isoformat()}",
        symbol=action.symbol,
        short_name=instrument.short_name,
        kind=kind,
        on=on,
        title=action.title,
        source=action.source,
        fetched_at=action.fetched_at,
        state=action.state,
    )
