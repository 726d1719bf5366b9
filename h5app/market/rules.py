"""The dated rule book: `RuleBook.on(day)` gives the rules of one day. Pure but for `load`.

Every answer comes from the dated table in data/rules.toml, whose rows name their document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from h5app.market.model import Board, Exchange, ListingStatus, Phase, Product, Side
from h5app.market.rules_day import LISTING_DAY_SETTLED, DayRules, Lot, QuantityVerdict
from h5app.market.rules_table import LimitRate, RuleFileUnreadable, RuleTable, load_rule_table

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from h5app.kernel.trading_day import TradingDays
    from h5app.market.model import CorporateAction, Instrument

__all__ = [
    "LISTING_DAY_SETTLED",
    "DayRules",
    "LimitChoice",
    "LimitRate",
    "Lot",
    "QuantityVerdict",
    "RuleBook",
    "RuleFileUnreadable",
    "board_of",
    "cage_reference",
    "choose_limits",
    "display_name",
    "product_of",
]

LISTED_LONG_AGO = timedelta(days=60)
"""No market was ever closed so long that fewer than six trading days lie in it."""
OPERATOR_RULES_FILE = "market_rules.toml"


@dataclass(frozen=True, slots=True)
class LimitChoice:
    """The limits that count today; the feed's own win, and a difference is reported."""

    up_milli: int | None
    down_milli: int | None
    differs: bool


class RuleBook:
    """The dated table, the calendar, and the rules of any day."""

    def __init__(self, table: RuleTable, trading_days: TradingDays) -> None:
        self.table = table
        self.trading_days = trading_days
        self._by_day: dict[date, DayRules] = {}

    @classmethod
    def load(cls, trading_days: TradingDays, override: Path | None = None) -> RuleBook:
        """Read the product's rule file and, after it, the operator's.

        Raises:
            RuleFileUnreadable: The operator's file cannot be used.
        """
        return cls(load_rule_table(override), trading_days)

    @classmethod
    def of_home(cls, trading_days: TradingDays, home: Path) -> RuleBook:
        """Read the product's rule file and, where there is one, the operator's below `home`.

        Raises:
            RuleFileUnreadable: `home/market_rules.toml` is there but cannot be used.
        """
        own = home / OPERATOR_RULES_FILE
        return cls.load(trading_days, own if own.exists() else None)

    def on(self, day: date) -> DayRules:
        """The rules of a calendar day."""
        rules = self._by_day.get(day)
        if rules is None:
            rules = self._by_day[day] = DayRules(self.table, day)
        return rules

    def phase(self, exchange: Exchange, product: Board | Product | str, moment: datetime) -> Phase:
        """Phase of an exchange's product at a moment (Asia/Shanghai)."""
        day = moment.date()
        if not self.trading_days.is_trading_day(day):
            return Phase.CLOSED_HOLIDAY
        return self.on(day).phase_at(exchange, board_of(exchange, product), moment.time())

    def phase_of(self, instrument: Instrument, moment: datetime) -> Phase:
        """Phase of an instrument at a moment; a suspended one is halted all day."""
        phase = self.phase(instrument.exchange, instrument.board, moment)
        is_day = phase is not Phase.CLOSED_HOLIDAY
        return Phase.HALTED if is_day and instrument.status is ListingStatus.SUSPENDED else phase

    def listing_day(self, instrument: Instrument, on: date) -> int:
        """Which trading day since listing this is: 1 = first, 6 = the sixth or later."""
        listed_on = instrument.listed_on
        if listed_on is None or on - listed_on > LISTED_LONG_AGO:
            return LISTING_DAY_SETTLED
        if listed_on > on:
            return 1
        day, count = on, 1
        while count < LISTING_DAY_SETTLED:
            day = self.trading_days.previous_trading_day(day)
            if day < listed_on:
                break
            count += 1
        return count


_MAIN_BOARD = {
    Exchange.SSE: Board.SSE_MAIN,
    Exchange.SZSE: Board.SZSE_MAIN,
    Exchange.BSE: Board.BSE,
}
_B_BOARD = {Exchange.SSE: Board.SSE_B, Exchange.SZSE: Board.SZSE_B, Exchange.BSE: Board.BSE}


def board_of(exchange: Exchange, word: Board | Product | str) -> Board:
    """Board whose rules a product of an exchange follows; MAIN and A_SHARE mean its main board.

    Raises:
        ValueError: Neither a board nor a product.
    """
    text = str(word)
    if text in Board.__members__:
        return Board(text)
    if text in {"MAIN", "A_SHARE", "A_SHARE_MAIN"}:
        return _MAIN_BOARD[exchange]
    if text == Product.B_SHARE:
        return _B_BOARD[exchange]
    if text == Product.LOF or text.startswith("ETF_"):
        return Board.ETF
    return Board(text)


def product_of(board: Board) -> Product:
    """Product that an instrument of a board is unless its own record says more."""
    if board in {Board.SSE_B, Board.SZSE_B}:
        return Product.B_SHARE
    if board in {Board.ETF, Board.ETF_20PCT}:
        return Product.ETF_DOMESTIC_STOCK
    if board.is_share:
        return Product.A_SHARE
    return Product(board.value)


def cage_reference(
    side: Side,
    *,
    best_bid_milli: int | None,
    best_ask_milli: int | None,
    last_milli: int | None,
    previous_close_milli: int,
) -> int:
    """Reference of the price cage: opposite best, own best, last, previous close."""
    opposite, own = (
        (best_ask_milli, best_bid_milli) if side is Side.BUY else (best_bid_milli, best_ask_milli)
    )
    known = (price for price in (opposite, own, last_milli) if price is not None)
    return next(known, previous_close_milli)


def choose_limits(
    own: tuple[int | None, int | None], fed: tuple[int | None, int | None]
) -> LimitChoice:
    """Limits of the feed where it has them, else our own; `differs` when both say unlike things."""
    if fed == (None, None):
        return LimitChoice(own[0], own[1], differs=False)
    return LimitChoice(fed[0], fed[1], differs=fed != own)


def display_name(
    instrument: Instrument, *, listing_day: int, action: CorporateAction | None = None
) -> str:
    """Short name with the prefix of the day: N first day, C second to fifth, XD, XR, DR."""
    if instrument.board.is_share and listing_day == 1:
        return f"N{instrument.short_name}"
    if instrument.board.is_share and listing_day < LISTING_DAY_SETTLED:
        return f"C{instrument.short_name}"
    return f"{action.prefix}{instrument.short_name}" if action else instrument.short_name
