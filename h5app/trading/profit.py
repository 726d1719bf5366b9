"""Profit of positions: rows whose sums are the head's figures to the fen. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from h5app.counter.model import Balances, Position
from h5app.kernel.money import amount_fen
from h5app.market.model import Instrument, Quote


class CostMethod(StrEnum):
    """How the cost of a position is counted; the screen always says which."""

    DILUTED = "diluted"
    AVERAGE = "average"

    @property
    def label(self) -> str:
        """The name on Chinese screens."""
        return {"diluted": "摊薄成本", "average": "平均成本"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One row of 持仓: what is held, its worth, its profit. Cash in fen, prices in milli-yuan.

    The diluted cost holds all fees and all sales since the position was last empty, so that
    today's profit is exactly what the total profit grew by since yesterday's close. The average
    cost is that of the buys alone, without fees.
    """

    position: Position
    instrument: Instrument | None
    price_milli: int | None
    """Last price, or the previous close where nothing was traded today; None without a quote."""
    previous_close_milli: int | None
    is_suspended: bool = False
    break_even_milli: int | None = None

    @property
    def symbol(self) -> str:
        """Which security."""
        return self.position.symbol

    @property
    def is_closed(self) -> bool:
        """Whether all was sold today."""
        return self.position.quantity_shares == 0

    @property
    def market_value_fen(self) -> int | None:
        """市值 at the price; None without a price while something is held."""
        if self.is_closed:
            return 0
        if self.price_milli is None:
            return None
        return amount_fen(self.price_milli, self.position.quantity_shares)

    def cost_fen(self, method: CostMethod) -> int:
        """Cost of what is held; the diluted one may be negative."""
        if method is CostMethod.DILUTED:
            return self.position.cost_fen
        return self.position.average_cost_fen

    def cost_milli(self, method: CostMethod) -> int | None:
        """成本价 per share; None where nothing is held."""
        if self.is_closed:
            return None
        if method is CostMethod.DILUTED:
            return self.position.diluted_cost_milli
        return self.position.average_cost_milli

    def profit_fen(self, method: CostMethod) -> int | None:
        """持仓盈亏; under the diluted method with what was realised since it was opened."""
        value = self.market_value_fen
        return None if value is None else value - self.cost_fen(method)

    def profit_ratio(self, method: CostMethod) -> Decimal | None:
        """持仓盈亏 of the cost; None where the cost is not positive."""
        profit, cost = self.profit_fen(method), self.cost_fen(method)
        return None if profit is None or cost <= 0 else Decimal(profit) / cost

    @property
    def today_fen(self) -> int | None:
        """当日盈亏: value now less that of the last close, plus sold, less bought and fees."""
        value = self.market_value_fen
        if value is None or (self.previous_close_milli is None and self.position.opening_shares):
            return None
        opening = amount_fen(self.previous_close_milli or 0, self.position.opening_shares)
        traded = self.position.sold_today_fen - self.position.bought_today_fen
        return value - opening + traded - self.position.fees_today_fen


def holding(
    position: Position,
    instrument: Instrument | None,
    quote: Quote | None,
    break_even_milli: int | None = None,
) -> Holding:
    """Return the row of one position at the newest quote."""
    return Holding(
        position=position,
        instrument=instrument,
        price_milli=(quote.last_milli or quote.previous_close_milli) if quote else None,
        previous_close_milli=quote.previous_close_milli if quote else None,
        is_suspended=quote.is_suspended if quote else False,
        break_even_milli=break_even_milli,
    )


@dataclass(frozen=True, kw_only=True)
class Assets:
    """The head of 持仓: sums of the rows, never another arithmetic. Unit fen."""

    balances: Balances
    holdings: tuple[Holding, ...]

    @property
    def unpriced(self) -> tuple[Holding, ...]:
        """Rows without a price; they are left out of every sum, and the page says so."""
        return tuple(row for row in self.holdings if row.market_value_fen is None)

    @property
    def market_value_fen(self) -> int:
        """总市值."""
        return sum(row.market_value_fen or 0 for row in self.holdings)

    @property
    def total_fen(self) -> int:
        """总资产: cash (available and frozen) and market value."""
        return self.balances.total_fen + self.market_value_fen

    @property
    def today_fen(self) -> int:
        """当日盈亏 of all rows."""
        return sum(row.today_fen or 0 for row in self.holdings)

    def profit_fen(self, method: CostMethod) -> int:
        """持仓盈亏 of all rows."""
        return sum(row.profit_fen(method) or 0 for row in self.holdings)

    @property
    def invested_ratio(self) -> Decimal | None:
        """仓位: market value of total assets; None without assets."""
        return Decimal(self.market_value_fen) / self.total_fen if self.total_fen > 0 else None

    @property
    def today_ratio(self) -> Decimal | None:
        """当日盈亏 of the account's worth at the last close; None where that was nothing."""
        before = self.total_fen - self.today_fen
        return Decimal(self.today_fen) / before if before > 0 else None


def assets(balances: Balances, holdings: Iterable[Holding]) -> Assets:
    """Return the head over its rows."""
    return Assets(balances=balances, holdings=tuple(holdings))
