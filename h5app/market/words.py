"""Closed word lists of the market: exchanges, boards, products, phases, order kinds, periods.

Import them from `h5app.market.model`, which re-exports all of them.
"""

from __future__ import annotations

from enum import StrEnum


class Exchange(StrEnum):
    """An exchange; the suffix of its symbols is SH, SZ or BJ."""

    SSE = "SSE"
    SZSE = "SZSE"
    BSE = "BSE"

    @property
    def suffix(self) -> str:
        """Suffix of this exchange's symbols."""
        return {"SSE": "SH", "SZSE": "SZ", "BSE": "BJ"}[self.value]

    @classmethod
    def of(cls, symbol: str) -> Exchange:
        """Exchange of a symbol such as 600519.SH."""
        return _EXCHANGE_BY_SUFFIX[symbol.rpartition(".")[2]]


_EXCHANGE_BY_SUFFIX = {exchange.suffix: exchange for exchange in Exchange}


class Board(StrEnum):
    """The set of rules that an instrument trades under."""

    SSE_MAIN = "SSE_MAIN"
    SZSE_MAIN = "SZSE_MAIN"
    STAR = "STAR"
    CHINEXT = "CHINEXT"
    BSE = "BSE"
    SSE_B = "SSE_B"
    SZSE_B = "SZSE_B"
    ETF = "ETF"
    ETF_20PCT = "ETF_20PCT"
    REIT = "REIT"
    CONVERTIBLE = "CONVERTIBLE"
    INDEX = "INDEX"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return BOARD_LABELS[self]

    @property
    def is_share(self) -> bool:
        """Whether its instruments are A or B shares."""
        return self in SHARE_BOARDS


BOARD_LABELS: dict[Board, str] = {
    Board.SSE_MAIN: "沪市主板",
    Board.SZSE_MAIN: "深市主板",
    Board.STAR: "科创板",
    Board.CHINEXT: "创业板",
    Board.BSE: "北交所",
    Board.SSE_B: "沪市B股",
    Board.SZSE_B: "深市B股",
    Board.ETF: "ETF",
    Board.ETF_20PCT: "ETF",
    Board.REIT: "REITs",
    Board.CONVERTIBLE: "可转债",
    Board.INDEX: "指数",
}
A_SHARE_BOARDS = frozenset({Board.SSE_MAIN, Board.SZSE_MAIN, Board.STAR, Board.CHINEXT, Board.BSE})
SHARE_BOARDS = A_SHARE_BOARDS | {Board.SSE_B, Board.SZSE_B}


class Product(StrEnum):
    """What an instrument is; decides turnaround (T+0 or T+1), stamp duty and session."""

    A_SHARE = "A_SHARE"
    B_SHARE = "B_SHARE"
    ETF_DOMESTIC_STOCK = "ETF_DOMESTIC_STOCK"
    ETF_BOND = "ETF_BOND"
    ETF_GOLD = "ETF_GOLD"
    ETF_MONEY = "ETF_MONEY"
    ETF_CROSS_BORDER = "ETF_CROSS_BORDER"
    LOF = "LOF"
    REIT = "REIT"
    CONVERTIBLE = "CONVERTIBLE"
    INDEX = "INDEX"


class ListingStatus(StrEnum):
    """Whether an instrument is listed, and how."""

    LISTED = "LISTED"
    SUSPENDED = "SUSPENDED"
    DELISTING = "DELISTING"
    DELISTED = "DELISTED"


class Phase(StrEnum):
    """Part of the trading day of one instrument; the values are the words of the rule book."""

    NONE = "none"
    OPEN_CALL = "open_call"
    OPEN_CALL_NOCANCEL = "open_call_nocancel"
    PRE_CONTINUOUS = "pre_continuous"
    CONTINUOUS = "continuous"
    LUNCH = "lunch"
    CLOSE_CALL = "close_call"
    AFTER_HOURS_ACCEPT = "after_hours_accept"
    AFTER_HOURS_FIXED = "after_hours_fixed"
    CLOSED = "closed"
    CLOSED_HOLIDAY = "closed_holiday"
    HALTED = "halted"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return PHASE_LABELS[self]

    @property
    def is_call(self) -> bool:
        """Whether orders are gathered for one price."""
        return self in {Phase.OPEN_CALL, Phase.OPEN_CALL_NOCANCEL, Phase.CLOSE_CALL}


PHASE_LABELS: dict[Phase, str] = {
    Phase.NONE: "盘前",
    Phase.OPEN_CALL: "集合竞价",
    Phase.OPEN_CALL_NOCANCEL: "集合竞价",
    Phase.PRE_CONTINUOUS: "竞价结束",
    Phase.CONTINUOUS: "交易中",
    Phase.LUNCH: "午间休市",
    Phase.CLOSE_CALL: "收盘集合竞价",
    Phase.AFTER_HOURS_ACCEPT: "盘后固定价格",
    Phase.AFTER_HOURS_FIXED: "盘后固定价格",
    Phase.CLOSED: "收盘",
    Phase.CLOSED_HOLIDAY: "休市",
    Phase.HALTED: "停牌",
}


class EventState(StrEnum):
    """How sure the source is of something that is to happen to an instrument."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return {"provisional": "预案", "confirmed": "已确认", "cancelled": "已取消"}[self.value]


class Side(StrEnum):
    """Direction of an order or of a print."""

    BUY = "buy"
    SELL = "sell"


class OrderKind(StrEnum):
    """How an order is priced; which ones exist differs by exchange and date."""

    LIMIT = "limit"
    BEST_FIVE_CANCEL = "best_five_cancel"
    BEST_FIVE_LIMIT = "best_five_limit"
    OWN_BEST = "own_best"
    OPPOSITE_BEST = "opposite_best"
    IMMEDIATE_CANCEL = "immediate_cancel"
    FILL_OR_KILL = "fill_or_kill"
    AFTER_HOURS_FIXED = "after_hours_fixed"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return ORDER_KIND_LABELS[self]

    @property
    def is_market(self) -> bool:
        """Whether the exchange, not the customer, finds the price."""
        return self not in {OrderKind.LIMIT, OrderKind.AFTER_HOURS_FIXED}


ORDER_KIND_LABELS: dict[OrderKind, str] = {
    OrderKind.LIMIT: "限价委托",
    OrderKind.BEST_FIVE_CANCEL: "最优五档即时成交剩余撤销",
    OrderKind.BEST_FIVE_LIMIT: "最优五档即时成交剩余转限价",
    OrderKind.OWN_BEST: "本方最优价格",
    OrderKind.OPPOSITE_BEST: "对手方最优价格",
    OrderKind.IMMEDIATE_CANCEL: "即时成交剩余撤销",
    OrderKind.FILL_OR_KILL: "全额成交或撤销",
    OrderKind.AFTER_HOURS_FIXED: "盘后固定价格",
}


class Period(StrEnum):
    """Length of a bar."""

    MINUTE_1 = "1m"
    MINUTE_5 = "5m"
    MINUTE_15 = "15m"
    MINUTE_30 = "30m"
    MINUTE_60 = "60m"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def minutes(self) -> int | None:
        """Trading minutes in one bar; None from a day on."""
        return PERIOD_MINUTES.get(self)


PERIOD_MINUTES: dict[Period, int] = {
    Period.MINUTE_1: 1,
    Period.MINUTE_5: 5,
    Period.MINUTE_15: 15,
    Period.MINUTE_30: 30,
    Period.MINUTE_60: 60,
}


class Adjustment(StrEnum):
    """Whether old prices are made comparable with new ones (复权)."""

    NONE = "none"
    FORWARD = "forward"
    BACKWARD = "backward"
