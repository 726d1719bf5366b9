"""Words of the market: instruments, quotes, bars, phases, corporate actions. Pure, no I/O.

Units: prices `*_milli` (1/1000 of the quoted currency), money `*_fen`, quantities `*_shares` (whole
shares, fund units or 张), index points `*_e4` (1/10000 point), ratios Decimal. Moments are aware,
Asia/Shanghai.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - facts are read back by their types
from decimal import Decimal
from typing import TYPE_CHECKING

from h5app.kernel.event import Event
from h5app.market.words import (
    A_SHARE_BOARDS,
    SHARE_BOARDS,
    Adjustment,
    Board,
    EventState,
    Exchange,
    ListingStatus,
    OrderKind,
    Period,
    Phase,
    Product,
    Side,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

__all__ = [
    "A_SHARE_BOARDS",
    "DEPTH_LEVELS",
    "DERIVED_DEPTH_LABEL",
    "SHARE_BOARDS",
    "SIMULATED_SOURCE_LABEL",
    "Adjustment",
    "AlertFired",
    "Bar",
    "Board",
    "CorporateAction",
    "EventState",
    "Exchange",
    "Fundamentals",
    "IndexPoints",
    "Instrument",
    "Level",
    "ListingStatus",
    "MinutePoint",
    "OrderKind",
    "Period",
    "Phase",
    "Print",
    "Product",
    "Quote",
    "Side",
]

DEPTH_LEVELS = 5
DERIVED_DEPTH_LABEL = "推算盘口"
SIMULATED_SOURCE_LABEL = "模拟行情"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fundamentals:
    """Yearly and quarterly numbers behind the valuation fields; None where not known.

    `eps_milli` is the last full year's (静), `eps_ttm_milli` the last four quarters' (TTM),
    `eps_forward_milli` the newest report stretched to a year (动).
    """

    shares_outstanding: int | None = None
    shares_float: int | None = None
    eps_milli: int | None = None
    eps_ttm_milli: int | None = None
    eps_forward_milli: int | None = None
    net_assets_per_share_milli: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One listed thing that has a price.

    `short_name` is the exchange's abbreviation as it stands (ST and *ST included; N, C, XD, XR, DR
    are prefixes of a day and are added by `rules.display_name`). `pinyin` holds the initials.
    `lot_shares` is one 手 on the screen (100; convertibles 10); the least quantity of an order is a
    rule (`DayRules.lot`). `currency` is CNY, USD (SSE B) or HKD (SZSE B).
    """

    symbol: str
    name: str
    short_name: str
    pinyin: str
    board: Board
    product: Product
    lot_shares: int
    tick_milli: int
    is_st: bool
    listed_on: date | None
    delisted_on: date | None = None
    status: ListingStatus = ListingStatus.LISTED
    is_t0: bool = False
    is_margin: bool = False
    is_connect: bool = False
    tags: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    old_code: str | None = None
    currency: str = "CNY"
    reference_milli: int | None = None
    underlying: str | None = None
    fundamentals: Fundamentals = field(default_factory=Fundamentals)

    @property
    def exchange(self) -> Exchange:
        """Where it is listed."""
        return Exchange.of(self.symbol)

    @property
    def code(self) -> str:
        """Six digits without the exchange."""
        return self.symbol.partition(".")[0]

    @property
    def is_index(self) -> bool:
        """Whether it can be looked at but not traded."""
        return self.board is Board.INDEX

    @property
    def price_decimals(self) -> int:
        """Decimals that the screen prints: 2, or 3 where the tick is finer."""
        return 2 if self.tick_milli % 10 == 0 else 3

    @property
    def shares_outstanding(self) -> int | None:
        """Total shares; None where not known."""
        return self.fundamentals.shares_outstanding

    @property
    def shares_float(self) -> int | None:
        """Tradable shares; None where not known."""
        return self.fundamentals.shares_float

    @property
    def eps_milli(self) -> int | None:
        """Earnings per share of the last full year; None where not known."""
        return self.fundamentals.eps_milli


@dataclass(frozen=True, slots=True)
class Level:
    """One level of depth: a price and what stands there."""

    price_milli: int
    quantity_shares: int


_new_level = object.__new__
_set_price = Level.__dict__["price_milli"].__set__
_set_quantity = Level.__dict__["quantity_shares"].__set__


def levels_of(prices_milli: Sequence[int], quantities_shares: Sequence[int]) -> tuple[Level, ...]:
    """Return a level for each price, best first.

    The same as calling `Level`, several times as fast: a full market has 55,000 of them every three
    seconds, and a frozen dataclass goes through `object.__setattr__` by name.
    """
    assert len(prices_milli) == len(quantities_shares), "a price without its quantity"
    made = tuple(map(_new_level, (Level,) * len(prices_milli)))
    any(map(_set_price, made, prices_milli))  # Nothing but a loop: what is set returns None.
    any(map(_set_quantity, made, quantities_shares))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPoints:
    """Exact points of an index, unit 1/10000 point; None where there is no value yet."""

    previous_close_e4: int
    open_e4: int | None = None
    high_e4: int | None = None
    low_e4: int | None = None
    last_e4: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What is known of one symbol at one moment.

    `None` means "no value" and is never shown as 0. `bids` and `asks` go from the best level
    outwards and hold at most five levels; an empty side is a sealed board or a halted instrument.
    An index also carries `index_points`; its milli prices are those points rounded to three places.
    `outer_shares` are buyer-initiated (外盘), `inner_shares` seller-initiated (内盘).
    """

    symbol: str
    at: datetime
    sequence: int
    phase: Phase
    previous_close_milli: int
    open_milli: int | None = None
    high_milli: int | None = None
    low_milli: int | None = None
    last_milli: int | None = None
    volume_shares: int = 0
    turnover_fen: int = 0
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    limit_up_milli: int | None = None
    limit_down_milli: int | None = None
    is_suspended: bool = False
    depth_label: str = ""
    source: str = ""
    trades: int | None = None
    outer_shares: int | None = None
    inner_shares: int | None = None
    after_hours_volume_shares: int | None = None
    after_hours_turnover_fen: int | None = None
    iopv_milli: int | None = None
    index_points: IndexPoints | None = None

    @property
    def bid_1(self) -> Level | None:
        """Best buyer, or None."""
        return self.bids[0] if self.bids else None

    @property
    def ask_1(self) -> Level | None:
        """Best seller, or None."""
        return self.asks[0] if self.asks else None


@dataclass(frozen=True, slots=True)
class MinutePoint:
    """One slot of today's line.

    Slot 0 is 09:30 (it also holds the opening auction), 120 is 11:30 and shares its place on the
    axis with 13:00, 240 is 15:00 (the closing auction). Volume and turnover are this slot's own.
    """

    minute: int
    price_milli: int
    average_milli: int
    volume_shares: int
    turnover_fen: int


@dataclass(frozen=True, slots=True)
class Print:
    """One trade or one three-second bundle as a source tells it; side None is an auction."""

    at: datetime
    price_milli: int
    volume_shares: int
    side: Side | None
    trades: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One candle. `at` is the END of the period: 15:00 of its last day, or its last minute."""

    at: datetime
    open_milli: int
    high_milli: int
    low_milli: int
    close_milli: int
    volume_shares: int
    turnover_fen: int

    @property
    def on(self) -> date:
        """The (last) trading day of the bar."""
        return self.at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateAction:
    """A distribution or rights issue; terms per share, as decimals.

    `bonus_per_share` is 送股 and 转增 together. `reference_milli` is the exchange's own ex-right
    reference when it is known: it wins over the formula (rights are subscribed only in part,
    bought-back shares take no dividend). `source` says who told it and `fetched_at` when (wall
    time); a cancelled one moves no price.
    """

    symbol: str
    ex_on: date
    cash_per_share: Decimal = Decimal(0)
    bonus_per_share: Decimal = Decimal(0)
    rights_per_share: Decimal = Decimal(0)
    rights_price: Decimal = Decimal(0)
    record_on: date | None = None
    pay_on: date | None = None
    announced_on: date | None = None
    title: str = ""
    reference_milli: int | None = None
    source: str = ""
    fetched_at: datetime | None = field(default=None, compare=False)
    state: EventState = EventState.CONFIRMED

    @property
    def prefix(self) -> str:
        """Prefix of the name on the ex day: XD cash, XR shares, DR both."""
        gives_shares = self.bonus_per_share > 0 or self.rights_per_share > 0
        if gives_shares and self.cash_per_share > 0:
            return "DR"
        if gives_shares:
            return "XR"
        return "XD" if self.cash_per_share > 0 else ""


@dataclass(frozen=True, kw_only=True)
class AlertFired(Event):
    """What a customer waited for is so; `firing` counts how often this alert has fired.

    `condition` is in the words of the screen; `value_milli` is the last price, None for an
    announcement, whose `title` is given instead. `at` is market time.
    """

    customer_id: str
    alert_id: str
    firing: int
    symbol: str
    condition: str
    value_milli: int | None
    title: str
    at: datetime
