"""Arithmetic of the ticket: how many, at what price, for how much, and what to warn of. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from h5app.counter.model import FeeLines, Side
from h5app.kernel.money import amount_fen
from h5app.market.model import Instrument, OrderKind, Phase, Quote
from h5app.trading.model import QUANTITY_SHARES_MAX
from h5app.trading.ports import FeeSchedule

PRICE_FAR_PERCENT = 3
"""A price so many percent worse than the last one is warned of."""
FRACTIONS = (1, 2, 3, 4)
"""全仓, 1/2, 1/3, 1/4 of what could be bought or sold."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Quantities that an instrument takes: from a minimum on, by steps, up to a maximum."""

    minimum_shares: int
    step_shares: int
    maximum_shares: int = QUANTITY_SHARES_MAX

    def floor(self, shares: int) -> int:
        """Return the largest regular quantity up to `shares`; 0 when even the minimum is more."""
        bounded = min(shares, self.maximum_shares)
        if bounded < self.minimum_shares:
            return 0
        over = bounded - self.minimum_shares
        return self.minimum_shares + over // self.step_shares * self.step_shares

    def up(self, shares: int) -> int:
        """Return the next regular quantity above."""
        if shares < self.minimum_shares:
            return self.minimum_shares
        return self.floor(shares + self.step_shares) or shares

    def down(self, shares: int) -> int:
        """Return the next regular quantity below; never below the minimum."""
        return max(self.floor(shares - 1), self.minimum_shares)

    def stride(self, lot_shares: int) -> int:
        """Return what one tap on plus adds: a lot of the screen, where the step divides it."""
        return lot_shares if lot_shares % self.step_shares == 0 else self.step_shares


def maximum_to_buy(
    available_fen: int, price_milli: int, steps: Steps, fee_of: Callable[[int], int]
) -> int:
    """Return the most that the cash buys at this price with its fees, in regular quantities.

    `fee_of` gives the fees (fen) of an amount (fen) and never falls when the amount rises.
    """
    if price_milli <= 0 or available_fen <= 0:
        return 0

    def is_covered(shares: int) -> bool:
        amount = amount_fen(price_milli, shares)
        return amount + fee_of(amount) <= available_fen

    bound = steps.floor(available_fen * 10 // price_milli)
    low, high = 0, max(0, (bound - steps.minimum_shares) // steps.step_shares + 1) if bound else 0
    while low < high:
        middle = (low + high + 1) // 2
        if is_covered(steps.minimum_shares + (middle - 1) * steps.step_shares):
            low = middle
        else:
            high = middle - 1
    return steps.minimum_shares + (low - 1) * steps.step_shares if low else 0


def maximum_to_sell(sellable_shares: int, steps: Steps) -> int:
    """Return the most of one order: all with its odd rest, or the order maximum."""
    if sellable_shares <= steps.maximum_shares:
        return sellable_shares
    return steps.floor(sellable_shares)


def fraction_of(maximum_shares: int, parts: int, steps: Steps) -> int:
    """Return 1/`parts` of the maximum in regular quantities; the whole is all of it."""
    assert parts in FRACTIONS
    return maximum_shares if parts == 1 else steps.floor(maximum_shares // parts)


def stepped_price(
    price_milli: int,
    ticks: int,
    *,
    tick_milli: int,
    limit_up_milli: int | None,
    limit_down_milli: int | None,
) -> int:
    """Return the price so many ticks away, on the tick grid, inside the day's limits."""
    on_grid = price_milli // tick_milli * tick_milli
    if ticks < 0 and on_grid != price_milli:
        ticks += 1
    moved = on_grid + ticks * tick_milli
    upper = limit_up_milli if limit_up_milli is not None else moved
    return max(min(moved, upper), limit_down_milli or tick_milli, tick_milli)


def suggested_price_milli(quote: Quote, side: Side) -> int:
    """Return the price a ticket opens with: the other side's best, else last, else previous."""
    opposite = quote.ask_1 if side == "buy" else quote.bid_1
    if opposite is not None and opposite.price_milli > 0:
        return opposite.price_milli
    return quote.last_milli or quote.previous_close_milli


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What an order would come to if it were filled whole at its price."""

    amount_fen: int
    fees: FeeLines
    side: Side

    @property
    def settled_fen(self) -> int:
        """Cash that leaves (buy) or arrives (sell), fees included."""
        if self.side == "buy":
            return self.amount_fen + self.fees.total_fen
        return self.amount_fen - self.fees.total_fen


def estimate(side: Side, price_milli: int, quantity_shares: int, schedule: FeeSchedule) -> Estimate:
    """Return the amount and the fees; for the same fills the books charge the same."""
    amount = amount_fen(price_milli, quantity_shares)
    return Estimate(amount_fen=amount, fees=schedule(amount), side=side)


def break_even_milli(
    cost_fen: int, quantity_shares: int, tick_milli: int, fee_of: Callable[[int], int]
) -> int | None:
    """保本价: the lowest price on the tick grid at which selling all leaves no loss, fees included.

    `cost_fen` is the diluted cost with fees. None without shares or when the cost is won back.
    """
    if quantity_shares <= 0 or cost_fen <= 0:
        return None

    def is_even(ticks: int) -> bool:
        amount = amount_fen(ticks * tick_milli, quantity_shares)
        return amount - fee_of(amount) >= cost_fen

    low, high = 0, 1
    while not is_even(high):
        low, high = high, high * 2
    while low + 1 < high:
        middle = (low + high) // 2
        if is_even(middle):
            high = middle
        else:
            low = middle
    return high * tick_milli


class TicketWarning(StrEnum):
    """Things a customer may want to be told before confirming; each can be switched off."""

    PRICE_FAR = "price_far"
    MARKET_KIND = "market_kind"
    WHOLE_CASH = "whole_cash"
    NOT_NOW = "not_now"
    RISK_STOCK = "risk_stock"

    @property
    def label(self) -> str:
        """The name of the switch."""
        return _WARNING_LABELS[self]

    @property
    def sentence(self) -> str:
        """What the confirmation says."""
        return _WARNING_SENTENCES[self]


_WARNING_LABELS = {
    TicketWarning.PRICE_FAR: "高买低卖提醒",
    TicketWarning.MARKET_KIND: "市价委托提醒",
    TicketWarning.WHOLE_CASH: "全仓买入提醒",
    TicketWarning.NOT_NOW: "非交易时段提醒",
    TicketWarning.RISK_STOCK: "风险警示股票提醒",
}
_WARNING_SENTENCES = {
    TicketWarning.PRICE_FAR: "委托价格与现价相差 3% 以上，对您不利，请再次核对",
    TicketWarning.MARKET_KIND: "市价委托的成交价格可能与现价不同",
    TicketWarning.WHOLE_CASH: "这笔委托将用去几乎全部可用资金",
    TicketWarning.NOT_NOW: "当前不在交易时段，委托将排队待报",
    TicketWarning.RISK_STOCK: "这是风险警示股票，波动和退市风险较大",
}


@dataclass(frozen=True, kw_only=True)
class TicketFacts:
    """What the warnings look at."""

    instrument: Instrument
    phase: Phase
    last_milli: int | None
    side: Side
    kind: OrderKind
    price_milli: int
    settled_fen: int
    available_fen: int


def warnings_of(facts: TicketFacts, switched_off: Iterable[str]) -> list[TicketWarning]:
    """Return the warnings that hold and are not switched off, in the order of their names."""
    off = set(switched_off)
    holds = {
        TicketWarning.PRICE_FAR: _is_far(facts),
        TicketWarning.MARKET_KIND: facts.kind.is_market,
        TicketWarning.WHOLE_CASH: facts.side == "buy"
        and facts.settled_fen * 100 >= facts.available_fen * 95 > 0,
        TicketWarning.NOT_NOW: facts.phase is not Phase.CONTINUOUS and not facts.phase.is_call,
        TicketWarning.RISK_STOCK: facts.side == "buy" and facts.instrument.is_st,
    }
    return [one for one, is_so in holds.items() if is_so and one not in off]


def _is_far(facts: TicketFacts) -> bool:
    if facts.last_milli is None or facts.price_milli == 0:
        return False
    worse = facts.price_milli - facts.last_milli
    if facts.side == "sell":
        worse = -worse
    return worse * 100 >= facts.last_milli * PRICE_FAR_PERCENT
