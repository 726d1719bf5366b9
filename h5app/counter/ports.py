"""What the counter needs of others: prices with their rules, and a venue that executes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from h5app.counter.model import Side
from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.market.model import Instrument, Phase, Quote
from h5app.market.rules import RuleBook


class Prices(Protocol):
    """The part of the market that the counter looks at; market.service.Market is one."""

    @property
    def clock(self) -> Clock:
        """The market clock."""
        ...

    @property
    def rules(self) -> RuleBook:
        """The dated rule book."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """Return the instrument, or None when there is no such symbol."""
        ...

    def quote(self, symbol: str) -> Quote | None:
        """Return the latest quote, or None when there is none."""
        ...

    def quotes(self, symbols: Sequence[str]) -> Sequence[Quote | None]:
        """Return the latest quotes in the order asked."""
        ...

    def phase(self, symbol: str) -> Phase:
        """Return the part of the trading day that the instrument is in."""
        ...


class VenueSilent(AppError):
    """The venue gave no answer; the order or cancel is handed over again later."""

    code = "counter.venue_silent"
    status = 503
    sentence = "交易通道暂时没有应答,系统会自动重试,请勿重复委托"


class ReportKind(StrEnum):
    """What a venue can say about an order."""

    ACKNOWLEDGED = "acknowledged"
    """It stands at the venue; `price_milli` is the limit it works under."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    """The open rest is gone, asked for or not."""
    REJECTED = "rejected"
    """废单: the venue never took it."""
    CANCEL_REFUSED = "cancel_refused"
    BUSTED = "busted"
    """A fill is taken back; `busts` is its execution id."""


class Basis(StrEnum):
    """What a fill was made against."""

    NONE = ""
    DEPTH = "depth"
    OPEN_CALL = "open_call"
    CLOSE_CALL = "close_call"
    AFTER_HOURS = "after_hours"


@dataclass(frozen=True, kw_only=True)
class VenueOrder:
    """An order as the venue sees it: no account, no money."""

    order_id: int
    symbol: str
    side: Side
    kind: str
    price_milli: int
    quantity_shares: int
    open_shares: int
    """What is still to be filled when it is handed over; less than all after a restart."""
    trading_day: date
    reported_at: datetime


@dataclass(frozen=True, kw_only=True)
class VenueReport:
    """One thing that a venue says; `execution_id` is unique per venue for all time."""

    execution_id: str
    order_id: int
    kind: ReportKind
    at: datetime
    price_milli: int = 0
    quantity_shares: int = 0
    reason: str = ""
    busts: str = ""
    basis: Basis = Basis.NONE
    symbol: str = ""
    side: Side | None = None
    shown_shares: int = 0
    """What was displayed, or traded in the call, that the fill was taken from."""

    def as_plain(self) -> dict[str, Any]:
        """Return JSON values that `from_plain` reads."""
        return {
            "execution_id": self.execution_id,
            "order_id": self.order_id,
            "kind": str(self.kind),
            "at": self.at.isoformat(),
            "price_milli": self.price_milli,
            "quantity_shares": self.quantity_shares,
            "reason": self.reason,
            "busts": self.busts,
            "basis": str(self.basis),
            "shown_shares": self.shown_shares,
            "symbol": self.symbol,
            "side": self.side,
        }

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Self:
        """Return the report that `as_plain` described."""
        typed = {
            "kind": ReportKind(values["kind"]),
            "at": datetime.fromisoformat(values["at"]),
            "basis": Basis(values["basis"]),
        }
        return cls(**(values | typed))


class Venue(Protocol):
    """Where orders are executed.

    The contract, run by one suite over every adapter:

    1. `submit` may be called again with the same `order_id`, also after a restart of either side;
       the venue takes the order once. A repeat that finds the order known changes nothing.
    2. `cancel` may be repeated. It is a wish: the answer is a report (CANCELLED, CANCEL_REFUSED, or
       the fill that was faster).
    3. `poll` gives every report at least once, and the same report always bears the same
       `execution_id`. A report that was handed out is the caller's, who journals it before
       anything else.
    4. Fills never exceed the order's quantity, never cross its limit, and together never exceed
       what the market displayed or traded at that price.
    5. `restore` is called once after a start, and on every new day, before any `submit`, with the
       journalled reports of the day and of the trading day before, in their order. What was handed
       out and is not among them died with the caller: it comes again. A venue without memory of
       its own finds in them what it needs.
    6. An order whose trading day is over is dead; the venue says nothing more about it.
    """

    @property
    def name(self) -> str:
        """Short name that stands beside every execution id."""
        ...

    def restore(self, day: date, reports: Iterable[VenueReport]) -> None:
        """Begin a day, or come back into it; what was known of other days is forgotten."""
        ...

    def submit(self, order: VenueOrder) -> None:
        """Take an order.

        Raises:
            VenueSilent: No answer; hand it over again.
        """
        ...

    def cancel(self, order_id: int) -> None:
        """Ask for the open rest of an order back.

        Raises:
            VenueSilent: No answer; ask again.
        """
        ...

    def poll(self, now: datetime) -> Sequence[VenueReport]:
        """Return what happened up to market time `now` and was not handed out yet.

        Raises:
            VenueSilent: No answer; nothing is lost, ask again.
        """
        ...
