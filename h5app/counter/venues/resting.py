"""Orders that rest at the simulated venue, by symbol and side, best price and oldest first."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from h5app.counter.ports import ReportKind, VenueOrder, VenueReport
from h5app.market.model import Level, OrderKind, Side


@dataclass(slots=True)
class Resting:
    """One order with the limit it works under and what is open of it."""

    order_id: int
    symbol: str
    side: Side
    kind: OrderKind
    limit_milli: int
    open_shares: int
    reported_at: datetime
    is_fresh_market: bool
    """A market order that no quote has priced yet."""
    last_fill_milli: int | None = None

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.side is Side.BUY

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is served first: the better price, then the older order."""
        return (-self.limit_milli if self.is_buy else self.limit_milli, self.order_id)

    def crosses(self, price_milli: int) -> bool:
        """Whether its limit lets it trade at a price."""
        return price_milli <= self.limit_milli if self.is_buy else price_milli >= self.limit_milli

    def part(self, there_shares: int, step_shares: int) -> int:
        """Return what it takes of so many shares: all it wants, or whole steps of an order."""
        if there_shares >= self.open_shares:
            return self.open_shares
        return max(0, there_shares // step_shares * step_shares)


class RestingOrders:
    """All resting orders; finding those that a quote may fill touches no others."""

    def __init__(self) -> None:
        self._by_id: dict[int, Resting] = {}
        self._fresh: dict[str, list[Resting]] = {}
        self._sides: dict[tuple[str, Side], list[tuple[tuple[int, int], Resting]]] = {}
        self._limits: dict[int, int] = {}
        self._last_fills: dict[int, int] = {}

    def remember(self, report: VenueReport) -> None:
        """Learn from a report of before what an order's limit has become."""
        if report.kind is ReportKind.ACKNOWLEDGED:
            self._limits[report.order_id] = report.price_milli
        if report.kind is ReportKind.FILLED:
            self._last_fills[report.order_id] = report.price_milli

    def add(self, order: VenueOrder) -> None:
        """Take an order in; one that is known stays as it is."""
        if order.order_id in self._by_id:
            return
        kind = OrderKind(order.kind)
        is_priced = order.order_id in self._limits
        resting = Resting(
            order_id=order.order_id,
            symbol=order.symbol,
            side=Side(order.side),
            kind=kind,
            limit_milli=self._limits.get(order.order_id, order.price_milli),
            open_shares=order.open_shares,
            reported_at=order.reported_at,
            is_fresh_market=kind.is_market and not is_priced,
            last_fill_milli=self._last_fills.get(order.order_id),
        )
        self._by_id[resting.order_id] = resting
        self._put(resting)

    def get(self, order_id: int) -> Resting | None:
        """Return an order that rests here."""
        return self._by_id.get(order_id)

    def symbols(self) -> list[str]:
        """Return the symbols that something rests of."""
        return sorted({symbol for symbol, _ in self._sides} | set(self._fresh))

    def fresh(self, symbol: str) -> list[Resting]:
        """Return the market orders that no quote has priced yet, oldest first."""
        return list(self._fresh.get(symbol, ()))

    def of(self, symbol: str, side: Side) -> list[Resting]:
        """Return all limit orders of one side, in the order they are served."""
        return [resting for _, resting in self._sides.get((symbol, side), ())]

    def reached(self, symbol: str, side: Side, levels: Sequence[Level]) -> list[Resting]:
        """Return the limit orders of one side that the best opposite level may fill."""
        orders = self._sides.get((symbol, side))
        if not orders or not levels:
            return []
        best = levels[0].price_milli
        beyond = (-best if side is Side.BUY else best) + 1
        count = bisect_left(orders, (beyond, -1), key=lambda entry: entry[0])
        return [resting for _, resting in orders[:count]]

    def filled(self, resting: Resting, shares: int, price_milli: int) -> None:
        """Take filled shares off an order; a filled order leaves."""
        assert 0 < shares <= resting.open_shares, (resting.order_id, shares)
        resting.open_shares -= shares
        resting.last_fill_milli = price_milli
        if not resting.open_shares:
            self.remove(resting)

    def reprice(self, resting: Resting, limit_milli: int) -> None:
        """Let an order rest at a limit: a market order that was priced."""
        self._take_out(resting)
        resting.limit_milli = limit_milli
        resting.is_fresh_market = False
        self._put(resting)

    def remove(self, resting: Resting) -> None:
        """Take an order out."""
        self._take_out(resting)
        del self._by_id[resting.order_id]

    def _put(self, resting: Resting) -> None:
        if resting.is_fresh_market:
            self._fresh.setdefault(resting.symbol, []).append(resting)
            return
        orders = self._sides.setdefault((resting.symbol, resting.side), [])
        insort(orders, (resting.rank, resting), key=lambda entry: entry[0])

    def _take_out(self, resting: Resting) -> None:
        if resting.is_fresh_market:
            self._fresh[resting.symbol].remove(resting)
            if not self._fresh[resting.symbol]:
                del self._fresh[resting.symbol]
            return
        key = (resting.symbol, resting.side)
        orders = self._sides[key]
        place = bisect_left(orders, resting.rank, key=lambda entry: entry[0])
        assert orders[place][1] is resting, resting.order_id
        del orders[place]
        if not orders:
            del self._sides[key]
