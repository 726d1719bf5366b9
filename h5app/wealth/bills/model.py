"""Words of bill files: where a row comes from, what it does to the customer's money. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Origin(StrEnum):
    """Whose export it is."""

    WECHAT = "wechat"
    ALIPAY = "alipay"

    @property
    def label(self) -> str:
        """The name on Chinese screens."""
        return {"wechat": "微信支付", "alipay": "支付宝"}[self.value]


class Effect(StrEnum):
    """What a row does to the customer's money."""

    OUT = "out"
    IN = "in"
    REPAY = "repay"
    """Cash leaves and pays a debt: card, 花呗, loan."""
    INVEST = "invest"
    REFUND = "refund"
    """Takes back a payment; never income."""
    MOVE = "move"
    """Between the customer's own pockets."""
    NOTHING = "nothing"
    """Never paid, failed, a deposit held, or somebody else's money."""
    REVIEW = "review"
    """Not understood: kept, counted, and never learned from."""

    @property
    def label(self) -> str:
        """The words on Chinese screens."""
        return _LABELS[self.value]

    @property
    def is_flow(self) -> bool:
        """Whether money came from or went to somebody else, as the port of cash flows wants it."""
        return self.value in {"out", "in", "repay", "invest"}


_LABELS = {
    "out": "支出",
    "in": "收入",
    "repay": "还款",
    "invest": "买入理财",
    "refund": "退款",
    "move": "自己账户间转移",
    "nothing": "未发生",
    "review": "未识别",
}


@dataclass(frozen=True, kw_only=True)
class BillRow:
    """One row of a bill."""

    key: str
    """Names the row in every export that holds it: order number, direction, refund or not."""
    at: datetime
    amount_fen: int
    """As printed: unsigned, refunds not taken off."""
    effect: Effect
    counterparty: str = ""
    item: str = ""
    method: str = ""
    status: str = ""
    order_id: str = ""
    refunded_fen: int = 0
    """What the row's own status says was given back."""

    @property
    def on(self) -> date:
        """Its day in China."""
        return self.at.date()


@dataclass(frozen=True, kw_only=True)
class BillFile:
    """What was read of one file."""

    origin: Origin
    layout: str
    rows: tuple[BillRow, ...]
    """By time."""
    known_until: date
    """The last whole day the file speaks of."""
    unreadable: tuple[int, ...] = ()
    """Numbers of rows that could not be read, counted from the header; they are not imported."""
    notes: tuple[str, ...] = ()
    """What does not add up, in sentences."""

    @property
    def first_on(self) -> date:
        """The day of the oldest row."""
        return self.rows[0].on

    @property
    def last_on(self) -> date:
        """The day of the newest row."""
        return self.rows[-1].on


def sum_of(rows: Iterable[BillRow], *effects: Effect) -> int:
    """Return the sum of rows with these effects, unit fen."""
    return sum(row.amount_fen for row in rows if row.effect in effects)
