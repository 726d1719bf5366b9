"""The rules of one day: limits, phases, lots, cages, order kinds. Pure; made by rules.RuleBook.

Prices are milli, quantities whole shares; all arithmetic is integer or Decimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from h5app.kernel.money import round_half_up
from h5app.market.model import ListingStatus, OrderKind, Phase, Side
from h5app.market.rules_table import (
    AcceptanceRow,
    CageRow,
    CeilingRow,
    DayMaximumRow,
    HaltRow,
    LimitRate,
    LimitRow,
    LotRow,
    MaximumRow,
    OrderKindsRow,
    RuleTable,
    SessionRow,
    TickRow,
    TurnaroundRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time
    from decimal import Decimal

    from h5app.market.model import Board, Exchange, Instrument, Product

LISTING_DAY_SETTLED = 6
"""Listing days are counted up to here: from the sixth on no rule asks any more."""


class QuantityVerdict(StrEnum):
    """What is wrong with the quantity of an order, if anything."""

    ACCEPTED = "accepted"
    NOT_POSITIVE = "not_positive"
    BELOW_MINIMUM = "below_minimum"
    NOT_A_LOT_MULTIPLE = "not_a_lot_multiple"
    ABOVE_MAXIMUM = "above_maximum"
    ABOVE_SELLABLE = "above_sellable"
    NOT_TRADABLE = "not_tradable"


@dataclass(frozen=True, slots=True)
class Lot:
    """Smallest quantity and step of an order, whole shares."""

    minimum_shares: int
    step_shares: int


class DayRules:
    """The rules of one calendar day; made once per day by RuleBook."""

    def __init__(self, table: RuleTable, on: date) -> None:
        self.date = on
        self._limits = {
            (board, row.status): row for row in table.of(LimitRow, on) for board in row.boards
        }
        self._sessions = {
            (row.exchange, board): row for row in table.of(SessionRow, on) for board in row.boards
        }
        self._acceptance = _acceptance(table.of(AcceptanceRow, on))
        self._lots = {board: row for row in table.of(LotRow, on) for board in row.boards}
        self._maxima = {
            (board, kind): row.shares
            for row in table.of(MaximumRow, on)
            for board in row.boards
            for kind in row.kinds
        }
        self._day_maxima = {
            board: row.shares for row in table.of(DayMaximumRow, on) for board in row.boards
        }
        self._ticks = {board: row.price for row in table.of(TickRow, on) for board in row.boards}
        self._ceilings = {
            exchange: row.below for row in table.of(CeilingRow, on) for exchange in row.exchanges
        }
        self._cages = {board: row for row in table.of(CageRow, on) for board in row.boards}
        self._kinds = {
            (row.exchange, board): row
            for row in table.of(OrderKindsRow, on)
            for board in row.boards
        }
        self._kinds_offered = {
            place: row.kinds + ((OrderKind.AFTER_HOURS_FIXED,) if self._has_fixed(place) else ())
            for place, row in self._kinds.items()
        }
        self._halts = {board: row for row in table.of(HaltRow, on) for board in row.boards}
        self._turnaround = {
            product: row.days for row in table.of(TurnaroundRow, on) for product in row.products
        }

    # ------------------------------------------------------------ limits

    def limit_rate(
        self, instrument: Instrument, listing_day: int = LISTING_DAY_SETTLED
    ) -> LimitRate | None:
        """Rates of the day's limit, None where there is none.

        `listing_day` counts trading days from listing (1 = first), for a stock in its delisting
        period from the start of that period.
        """
        row = self._limits.get((instrument.board, _standing(instrument)))
        normal = self._limits.get((instrument.board, "normal"))
        first = row if _standing(instrument) == "delisting" else normal
        if first is not None and listing_day <= first.first_days:
            return first.first
        row = row or normal
        return None if row is None else LimitRate(row.rate, row.rate)

    def limit_prices(
        self,
        instrument: Instrument,
        reference_milli: int,
        listing_day: int = LISTING_DAY_SETTLED,
    ) -> tuple[int | None, int | None]:
        """Limit up and limit down (milli), None and None on a day without a limit.

        Half up to the tick; a limit equal to the reference moves one tick away; never below one
        tick (SSE and SZSE trading rules 3.4; half up confirmed by 679 sealed closes of 2026-08).
        """
        rate = self.limit_rate(instrument, listing_day)
        if rate is None:
            return None, None
        tick = instrument.tick_milli
        up = _scaled_price(reference_milli, 1 + rate.up, tick)
        down = _scaled_price(reference_milli, 1 - rate.down, tick)
        if up <= reference_milli:
            up = reference_milli + tick
        if down >= reference_milli:
            down = reference_milli - tick
        return max(up, tick), max(down, tick)

    def is_free_day(self, instrument: Instrument, listing_day: int) -> bool:
        """Whether the instrument has no daily limit today (an order band is not a limit)."""
        rate = self.limit_rate(instrument, listing_day)
        return rate is None or rate.is_order_band

    def halt_thresholds(self, instrument: Instrument) -> tuple[Decimal, ...]:
        """Moves from the open (ratios) at which a stock without a limit is halted."""
        row = self._halts.get(instrument.board)
        return row.thresholds if row else ()

    def halt_minutes(self, instrument: Instrument) -> int:
        """How long such a halt lasts; 0 where there are none."""
        row = self._halts.get(instrument.board)
        return row.minutes if row else 0

    # ------------------------------------------------------------ phases

    def phases(self, exchange: Exchange, board: Board) -> tuple[tuple[time, Phase], ...]:
        """Starts and phases of a trading day, in order; empty where the board did not exist."""
        row = self._sessions.get((exchange, board))
        return row.phases if row else ()

    def phase_at(self, exchange: Exchange, board: Board, at: time) -> Phase:
        """Phase at a time of a trading day; start included, end excluded."""
        found = Phase.NONE
        for start, phase in self.phases(exchange, board):
            if at < start:
                break
            found = phase
        return found

    def may_place(
        self, instrument: Instrument, phase: Phase, kind: OrderKind = OrderKind.LIMIT
    ) -> bool:
        """Whether the exchange takes a new order of this kind in this phase."""
        if kind not in self.order_kinds(instrument):
            return False
        if kind.is_market:
            return phase is Phase.CONTINUOUS
        key = "fixed" if kind is OrderKind.AFTER_HOURS_FIXED else "orders"
        return self._accepts(instrument.exchange, phase, key)

    def may_cancel(self, instrument: Instrument, phase: Phase) -> bool:
        """Whether the exchange takes a cancellation in this phase."""
        return self._accepts(instrument.exchange, phase, "cancels")

    def _accepts(self, exchange: Exchange, phase: Phase, what: str) -> bool:
        return self._acceptance.get((exchange, phase, what), False)

    # ------------------------------------------------------------ orders

    def order_kinds(self, instrument: Instrument) -> tuple[OrderKind, ...]:
        """Kinds that exist for this instrument today; none for an index."""
        return self._kinds_offered.get((instrument.exchange, instrument.board), ())

    def order_kinds_now(
        self, instrument: Instrument, phase: Phase, listing_day: int = LISTING_DAY_SETTLED
    ) -> tuple[OrderKind, ...]:
        """Kinds that may be placed in this phase, free days considered."""
        row = self._kinds.get((instrument.exchange, instrument.board))
        is_barred = bool(row and row.not_on_free_days) and self.is_free_day(instrument, listing_day)
        return tuple(
            kind
            for kind in self.order_kinds(instrument)
            if self.may_place(instrument, phase, kind) and not (is_barred and kind.is_market)
        )

    def needs_protection_price(self, instrument: Instrument, kind: OrderKind) -> bool:
        """Whether a market order must carry a protection price (保护限价)."""
        row = self._kinds.get((instrument.exchange, instrument.board))
        return kind.is_market and row is not None and row.protected

    def _has_fixed(self, place: tuple[Exchange, Board]) -> bool:
        return any(phase is Phase.AFTER_HOURS_FIXED for _, phase in self.phases(*place))

    def lot(self, instrument: Instrument) -> Lot | None:
        """Smallest quantity and step; None for what cannot be traded."""
        return self.lot_of(instrument.board)

    def lot_of(self, board: Board) -> Lot | None:
        """Smallest quantity and step of a board; None for an index."""
        row = self._lots.get(board)
        return Lot(row.minimum, row.step) if row else None

    def maximum_shares(
        self, instrument: Instrument, kind: OrderKind = OrderKind.LIMIT
    ) -> int | None:
        """Largest quantity of one order; None where no rule says."""
        word = "market" if kind.is_market else str(kind)
        return self._maxima.get((instrument.board, word))

    def day_buy_maximum_shares(self, instrument: Instrument) -> int | None:
        """Shares one investor may buy today of a stock under a risk warning; None = no such cap."""
        return self._day_maxima.get(instrument.board) if instrument.is_st else None

    def check_quantity(
        self,
        instrument: Instrument,
        side: Side,
        quantity_shares: int,
        *,
        sellable_shares: int = 0,
        kind: OrderKind = OrderKind.LIMIT,
    ) -> QuantityVerdict:
        """Say whether an order of this size may be placed, money not considered.

        Odd remainders are sold at once: with whole lots they may ride on the lots, on boards that
        step by one share they are a balance below the minimum.
        """
        lot = self.lot(instrument)
        if lot is None:
            return QuantityVerdict.NOT_TRADABLE
        if quantity_shares <= 0:
            return QuantityVerdict.NOT_POSITIVE
        maximum = self.maximum_shares(instrument, kind)
        if maximum is not None and quantity_shares > maximum:
            return QuantityVerdict.ABOVE_MAXIMUM
        if side is Side.SELL and quantity_shares > sellable_shares:
            return QuantityVerdict.ABOVE_SELLABLE
        if side is Side.SELL and _clears_remainder(lot, quantity_shares, sellable_shares):
            return QuantityVerdict.ACCEPTED
        return _whole_lots(lot, quantity_shares)

    def tick_milli(self, board: Board) -> int | None:
        """Price step of a board (milli); None for an index."""
        return self._ticks.get(board)

    def is_on_tick(self, instrument: Instrument, price_milli: int) -> bool:
        """Whether a price is a positive multiple of the price step."""
        return price_milli > 0 and price_milli % instrument.tick_milli == 0

    def price_ceiling_milli(self, instrument: Instrument) -> int | None:
        """An order's price must be below this; None where no rule says."""
        return self._ceilings.get(instrument.exchange)

    def cage(
        self, instrument: Instrument, side: Side, phase: Phase, reference_milli: int
    ) -> int | None:
        """Highest price of a buy or lowest of a sell in the continuous phase; None = no cage.

        Half up to the tick, and on most boards at least ten ticks from the reference.
        """
        row = self._cages.get(instrument.board)
        if row is None or phase is not Phase.CONTINUOUS:
            return None
        tick = instrument.tick_milli
        if side is Side.BUY:
            bound = _scaled_price(reference_milli, 1 + row.rate, tick)
            return max(bound, reference_milli + row.ticks * tick) if row.ticks else bound
        bound = _scaled_price(reference_milli, 1 - row.rate, tick)
        lower = min(bound, reference_milli - row.ticks * tick) if row.ticks else bound
        return max(lower, tick)

    def cage_holds_back(self, instrument: Instrument) -> bool:
        """Whether an order beyond the cage was kept by the exchange instead of refused."""
        row = self._cages.get(instrument.board)
        return row is not None and row.beyond == "held"

    def turnaround_days(self, product: Product) -> int:
        """Trading days after a purchase from which it may be sold; unknown products: 1."""
        return self._turnaround.get(product, 1)

    def is_t0(self, product: Product) -> bool:
        """Whether what was bought today may be sold today."""
        return self.turnaround_days(product) == 0


def _standing(instrument: Instrument) -> str:
    if instrument.status is ListingStatus.DELISTING:
        return "delisting"
    return "st" if instrument.is_st else "normal"


def _scaled_price(reference_milli: int, factor: Decimal, tick_milli: int) -> int:
    numerator, denominator = factor.as_integer_ratio()
    return tick_milli * round_half_up(reference_milli * numerator, denominator * tick_milli)


def _clears_remainder(lot: Lot, quantity_shares: int, sellable_shares: int) -> bool:
    if lot.step_shares > 1:
        return quantity_shares % lot.step_shares == sellable_shares % lot.step_shares
    return quantity_shares == sellable_shares < lot.minimum_shares


def _whole_lots(lot: Lot, quantity_shares: int) -> QuantityVerdict:
    if quantity_shares % lot.step_shares:
        return QuantityVerdict.NOT_A_LOT_MULTIPLE
    if quantity_shares < lot.minimum_shares:
        return QuantityVerdict.BELOW_MINIMUM
    return QuantityVerdict.ACCEPTED


def _acceptance(rows: list[AcceptanceRow]) -> Mapping[tuple[Exchange, Phase, str], bool]:
    told: dict[tuple[Exchange, Phase, str], bool] = {}
    for row in rows:
        said = {"orders": row.orders, "cancels": row.cancels, "fixed": row.fixed}
        for exchange in row.exchanges:
            for phase in row.phases:
                told.update(
                    {(exchange, phase, what): yes for what, yes in said.items() if yes is not None}
                )
    return told
