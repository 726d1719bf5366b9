"""An auditor that knows only what customers and the venue said, and reckons the books by itself."""

from collections import defaultdict
from dataclasses import dataclass, field

from h5app.counter import store_orders
from h5app.counter.model import OrderReport, OrderState
from h5app.counter.ports import Basis, ReportKind, VenueReport
from h5app.market.model import Level, Quote
from tests.counter.world import ETF, World


def half_up(value: int, parts: int) -> int:
    """The rounding of a statement."""
    return (2 * value + parts) // (2 * parts)


def fees(symbol: str, side: str, amount: int) -> int:
    """万2.5, five yuan at least; of shares 过户费 十万分之一, of sales 印花税 万分之五."""
    if amount == 0:
        return 0
    commission = max(500, half_up(amount * 25, 100_000))
    if symbol == ETF:
        return commission
    stamp = half_up(amount * 5, 10_000) if side == "sell" else 0
    return commission + half_up(amount, 100_000) + stamp


@dataclass
class Wish:
    """An order as its customer knows it, and what the venue said of it."""

    account_id: str
    symbol: str
    side: str
    quantity: int
    price_milli: int
    order_id: int
    fills: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Shares and amount by execution id; a busted fill is gone."""

    @property
    def filled(self) -> int:
        """Shares filled."""
        return sum(shares for shares, _ in self.fills.values())

    @property
    def fees(self) -> int:
        """All fees, fen."""
        return fees(self.symbol, self.side, self.amount)

    @property
    def amount(self) -> int:
        """Amount filled, fen."""
        return sum(amount for _, amount in self.fills.values())


class Auditor:
    """Predicts cash, positions and fills, and watches the board."""

    def __init__(self) -> None:
        self.cash: dict[str, int] = defaultdict(int)
        self.shares: dict[tuple[str, str], int] = defaultdict(int)
        self.wishes: dict[int, Wish] = {}
        self._known: set[str] = set()
        self._shown: dict[tuple[str, str, int], tuple[int, int]] = {}
        self.fills = 0
        self.busts = 0

    # ------------------------------------------------------------ what happens

    def moved_cash(self, account_id: str, fen: int) -> None:
        """Money came in (+) or left (-)."""
        self.cash[account_id] += fen

    def moved_shares(self, account_id: str, symbol: str, shares: int) -> None:
        """Shares came in."""
        self.shares[account_id, symbol] += shares

    def acknowledged(self, report: OrderReport) -> None:
        """A customer was told that an order is taken."""
        self.wishes.setdefault(
            report.order_id,
            Wish(
                report.account_id,
                report.symbol,
                report.side,
                report.quantity_shares,
                report.price_milli,
                report.order_id,
            ),
        )

    def new_day(self) -> None:
        """A new day shows everything anew."""
        self._shown.clear()

    def sees(self, quote: Quote) -> None:
        """The board shows something; a level that changed is a new one."""
        for side, levels in (("buy", quote.asks), ("sell", quote.bids)):
            prices = {level.price_milli: level for level in levels}
            for key in [key for key in self._shown if key[:2] == (quote.symbol, side)]:
                level: Level | None = prices.get(key[2])
                if level is not None and level.quantity_shares != self._shown[key][0]:
                    del self._shown[key]
            for level in levels:
                key = (quote.symbol, side, level.price_milli)
                self._shown.setdefault(key, (level.quantity_shares, level.quantity_shares))

    def made(self, report: VenueReport) -> None:
        """The venue executed: inside the limit, out of what was displayed."""
        if report.kind is not ReportKind.FILLED:
            return
        wish = self.wishes[report.order_id]
        is_inside = (
            report.price_milli <= wish.price_milli
            if wish.side == "buy"
            else report.price_milli >= wish.price_milli
        )
        assert is_inside, report
        if report.basis is not Basis.DEPTH:
            return
        key = (wish.symbol, wish.side, report.price_milli)
        shown, left = self._shown[key]
        assert report.quantity_shares <= left, f"more taken than displayed: {report}"
        self._shown[key] = (shown, left - report.quantity_shares)

    def told(self, report: VenueReport) -> None:
        """The books were told of a report, perhaps again."""
        if report.execution_id in self._known:
            return
        self._known.add(report.execution_id)
        wish = self.wishes[report.order_id]
        if report.kind is ReportKind.FILLED:
            self.fills += 1
            amount = half_up(report.price_milli * report.quantity_shares, 10)
            wish.fills[report.execution_id] = (report.quantity_shares, amount)
        if report.kind is ReportKind.BUSTED and report.busts in wish.fills:
            del wish.fills[report.busts]
            self.busts += 1

    def never_happened(self, report: VenueReport) -> None:
        """A venue without memory died with its caller before the report was journalled."""
        self._known.discard(report.execution_id)
        if report.kind is not ReportKind.FILLED:
            return
        wish = self.wishes[report.order_id]
        wish.fills.pop(report.execution_id, None)
        key = (wish.symbol, wish.side, report.price_milli)
        if report.basis is Basis.DEPTH and key in self._shown:
            shown, left = self._shown[key]
            if shown == report.shown_shares:
                self._shown[key] = (shown, left + report.quantity_shares)

    # ------------------------------------------------------------ what must be

    def check(self, world: World, account_ids: tuple[str, ...]) -> None:
        """Hold the counter's own answers against what was reckoned here."""
        for wish in self.wishes.values():
            self._check_order(world, wish)
        for account_id in account_ids:
            self._check_account(world, account_id)
        world.assert_right()

    def _check_order(self, world: World, wish: Wish) -> None:
        with world.database.read() as connection:
            stored = store_orders.by_id(connection, wish.order_id)
        assert stored is not None, f"an acknowledged order is lost: {wish.order_id}"
        assert stored.filled_shares == wish.filled, wish
        assert stored.filled_amount_fen == wish.amount, wish
        assert stored.fees_fen == wish.fees, wish
        if stored.state is OrderState.FILLED:
            assert wish.filled == wish.quantity

    def _check_account(self, world: World, account_id: str) -> None:
        mine = [one for one in self.wishes.values() if one.account_id == account_id]
        cash, shares = self.cash[account_id], dict(self.shares)
        for wish in mine:
            sign = 1 if wish.side == "buy" else -1
            cash -= sign * wish.amount + wish.fees
            key = (account_id, wish.symbol)
            shares[key] = shares.get(key, 0) + sign * wish.filled
        advanced = advances(world, account_id)
        assert world.counter.balances(account_id).total_fen == cash + advanced.pop("CNY", 0)
        held = {one.symbol: one.quantity_shares for one in world.counter.positions(account_id)}
        for (of, symbol), expected in shares.items():
            if of == account_id:
                assert held.get(symbol, 0) == expected + advanced.pop(symbol, 0), symbol
        assert not any(advanced.values())


def advances(world: World, account_id: str) -> dict[str, int]:
    """What the broker laid out for an account, by unit."""
    with world.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT unit, -amount FROM counter_balances"
            f" WHERE account_id = '{account_id}' AND pot = 'house:advance'"
        ).all()
    return {row[0]: row[1] for row in rows}
