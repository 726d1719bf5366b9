"""What a counter would not take of an order, said before it is sent; the counter decides. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from h5app.market.model import Instrument, Phase
from h5app.market.model import Side as MarketSide
from h5app.market.rules import DayRules, QuantityVerdict
from h5app.trading.model import PlaceOrder


class Objection(StrEnum):
    """One reason for which a counter refuses; the sentences are those of the field."""

    OFF_TICK = "off_tick"
    OUTSIDE_LIMITS = "outside_limits"
    BELOW_MINIMUM = "below_minimum"
    NOT_A_LOT_MULTIPLE = "not_a_lot_multiple"
    ABOVE_MAXIMUM = "above_maximum"
    ABOVE_SELLABLE = "above_sellable"
    ABOVE_CASH = "above_cash"
    HALTED = "halted"

    @property
    def sentence(self) -> str:
        """What the confirmation says."""
        return _SENTENCES[self]


_SENTENCES = {
    Objection.OFF_TICK: "价格不符合最小变动单位",
    Objection.OUTSIDE_LIMITS: "委托价格超过涨跌停限制",
    Objection.BELOW_MINIMUM: "委托数量低于最小委托数量",
    Objection.NOT_A_LOT_MULTIPLE: "委托数量不是每手的整数倍，零股须一次性卖出",
    Objection.ABOVE_MAXIMUM: "超过单笔最大委托数量",
    Objection.ABOVE_SELLABLE: "可卖数量不足，当日买入的次日可卖",
    Objection.ABOVE_CASH: "可用资金不足",
    Objection.HALTED: "停牌期间不能成交",
}
_OF_VERDICT = {
    QuantityVerdict.NOT_POSITIVE: Objection.BELOW_MINIMUM,
    QuantityVerdict.BELOW_MINIMUM: Objection.BELOW_MINIMUM,
    QuantityVerdict.NOT_A_LOT_MULTIPLE: Objection.NOT_A_LOT_MULTIPLE,
    QuantityVerdict.ABOVE_MAXIMUM: Objection.ABOVE_MAXIMUM,
    QuantityVerdict.ABOVE_SELLABLE: Objection.ABOVE_SELLABLE,
}


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """An order beside what it is measured by."""

    order: PlaceOrder
    instrument: Instrument
    phase: Phase
    limit_up_milli: int | None
    limit_down_milli: int | None
    sellable_shares: int
    settled_fen: int
    """Cash that a buy takes, fees included."""
    available_fen: int


def objections_of(facts: OrderFacts, rules: DayRules) -> list[Objection]:
    """Return what speaks against an order, the price first; empty when nothing does."""
    order = facts.order
    verdict = rules.check_quantity(
        facts.instrument,
        MarketSide(order.side),
        order.quantity_shares,
        sellable_shares=facts.sellable_shares,
        kind=order.kind,
    )
    found = [
        Objection.HALTED if facts.phase is Phase.HALTED else None,
        Objection.OFF_TICK if _is_off_tick(facts, rules) else None,
        Objection.OUTSIDE_LIMITS if _is_outside(facts) else None,
        _OF_VERDICT.get(verdict),
        Objection.ABOVE_CASH
        if order.side == "buy" and facts.settled_fen > facts.available_fen
        else None,
    ]
    return [each for each in found if each is not None]


def _is_off_tick(facts: OrderFacts, rules: DayRules) -> bool:
    price = facts.order.price_milli
    return price > 0 and not rules.is_on_tick(facts.instrument, price)


def _is_outside(facts: OrderFacts) -> bool:
    price = facts.order.price_milli
    if price == 0:
        return False
    up, down = facts.limit_up_milli, facts.limit_down_milli
    return (up is not None and price > up) or (down is not None and price < down)
