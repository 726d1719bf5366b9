"""Trading's answers in JSON. Money and prices are decimal text in yuan, quantities whole shares."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec

from h5app.counter.model import Balances, FillReport
from h5app.kernel.money import fen_text
from h5app.plumbing.format import price
from h5app.trading.model import CustomerOrder, OrderWord, Placed, price_text
from h5app.trading.ports import Prices
from h5app.trading.profit import Assets, CostMethod, Holding

RATIO_PLACES = Decimal("0.000001")


class OrderBody(msgspec.Struct):
    """One order: `price` is a decimal text, or empty for a market kind without a protection price.

    `client_order_id` makes it one wish: the same id with the same content is the same order.
    """

    client_order_id: str
    symbol: str
    side: str
    quantity: int | str
    kind: str = "limit"
    price: str = ""


class OrderReply(msgspec.Struct, frozen=True):
    """One order as its owner sees it.

    `word` is trading's own state (submitting, accepted, refused, unknown), `state` the counter's
    code (0 to 9) and null while the counter has not taken it, `label` the one to show.
    """

    client_order_id: str
    order_id: int | None
    word: str
    state: str | None
    label: str
    symbol: str
    name: str
    side: str
    kind: str
    price: str
    quantity: int
    filled: int
    average_price: str | None
    filled_amount: str
    fees: str | None
    reason_code: str
    reason: str
    is_moving: bool
    may_cancel: bool
    placed_at: datetime
    trading_day: date


class OrderEnvelope(msgspec.Struct, frozen=True):
    """One order."""

    order: OrderReply


class OrdersReply(msgspec.Struct, frozen=True):
    """The orders of one day, newest first."""

    on: date
    orders: list[OrderReply]


class RefusedCancel(msgspec.Struct, frozen=True):
    """An order that could not be taken back, and why."""

    client_order_id: str
    reason: str


class CancellationsReply(msgspec.Struct, frozen=True):
    """How many open orders were asked to end, and which ones were refused."""

    asked: int
    refused: list[RefusedCancel]


class FillReply(msgspec.Struct, frozen=True):
    """One fill; a busted one was taken back by the exchange and counts for nothing."""

    fill_id: int
    order_id: int
    symbol: str
    name: str
    side: str
    price: str
    quantity: int
    amount: str
    fees: str
    at: datetime
    is_busted: bool


class FillsReply(msgspec.Struct, frozen=True):
    """The fills of one trading day, newest first."""

    on: date
    fills: list[FillReply]


class FundsReply(msgspec.Struct, frozen=True):
    """Cash: total = available + frozen, withdrawable <= available."""

    total: str
    available: str
    frozen: str
    withdrawable: str


class PositionReply(msgspec.Struct, frozen=True):
    """One position; what cannot be said without a price is null, never 0."""

    symbol: str
    name: str
    quantity: int
    sellable: int
    frozen: int
    settling: int
    last_price: str | None
    market_value: str | None
    cost_price: str | None
    break_even_price: str | None
    profit: str | None
    profit_ratio: Decimal | None
    today_profit: str | None


class PositionsReply(msgspec.Struct, frozen=True):
    """What the account has: every sum is that of the rows, to the fen.

    `unpriced` are symbols without a price; they are left out of the sums.
    """

    cost_method: str
    total_assets: str
    market_value: str
    today_profit: str
    today_ratio: Decimal | None
    profit: str
    invested_ratio: Decimal | None
    funds: FundsReply
    positions: list[PositionReply]
    unpriced: list[str]


class Named:
    """Names of securities while one answer is written."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def name(self, symbol: str) -> str:
        """Return the short name; the symbol itself where nothing is known."""
        found = self._prices.instrument(symbol)
        return found.short_name if found else symbol

    def decimals(self, symbol: str) -> int:
        """Return how many decimals its prices have."""
        found = self._prices.instrument(symbol)
        return found.price_decimals if found else 3

    def price(self, symbol: str, price_milli: int | None) -> str:
        """Return a price as it is shown: a place more where one off the tick would be rounded."""
        decimals = self.decimals(symbol)
        is_finer = price_milli is not None and price_milli % 10 ** (3 - decimals) != 0
        return price(price_milli, 3 if is_finer else decimals)

    def unit(self, symbol: str) -> str:
        """Return what one of it is called: 股, 份 or 张."""
        found = self._prices.instrument(symbol)
        return unit_of(found.board) if found else "股"


UNITS = {"ETF": "份", "ETF_20PCT": "份", "REIT": "份", "CONVERTIBLE": "张"}


def unit_of(board: str) -> str:
    """Return what one of a board's securities is called."""
    return UNITS.get(board, "股")


def order_reply(order: CustomerOrder, named: Named) -> OrderReply:
    """Return one order."""
    entry, wish, report = order.entry, order.entry.order, order.report
    return OrderReply(
        client_order_id=wish.client_order_id,
        order_id=report.order_id if report else entry.order_id,
        word=str(entry.word),
        state=str(report.state) if report else None,
        label=order.label,
        symbol=wish.symbol,
        name=named.name(wish.symbol),
        side=wish.side,
        kind=str(wish.kind),
        price=price_text(wish.price_milli) or "",
        quantity=wish.quantity_shares,
        filled=order.filled_shares,
        average_price=price_text(order.filled_price_milli),
        filled_amount=fen_text(report.filled_amount_fen if report else 0),
        fees=fen_text(report.fees_fen) if report else None,
        reason_code=entry.reason_code,
        reason=order.reason,
        is_moving=order.is_moving,
        may_cancel=order.may_cancel,
        placed_at=entry.placed_at,
        trading_day=report.trading_day if report else entry.placed_on,
    )


def placed_status(placed: Placed) -> int:
    """Return the HTTP status of an answer to a wish: new, repeated, in doubt, refused."""
    word = placed.order.entry.word
    if word.is_open_question:
        return 202
    if word is OrderWord.REFUSED:
        return 422
    return 200 if placed.is_repeat else 201


def fill_reply(fill: FillReport, named: Named) -> FillReply:
    """Return one fill."""
    return FillReply(
        fill_id=fill.fill_id,
        order_id=fill.order_id,
        symbol=fill.symbol,
        name=named.name(fill.symbol),
        side=fill.side,
        price=price_text(fill.price_milli) or "",
        quantity=fill.quantity_shares,
        amount=fen_text(fill.amount_fen),
        fees=fen_text(fill.fee_fen),
        at=fill.at,
        is_busted=fill.is_busted,
    )


def funds_reply(balances: Balances) -> FundsReply:
    """Return the cash."""
    return FundsReply(
        total=fen_text(balances.total_fen),
        available=fen_text(balances.available_fen),
        frozen=fen_text(balances.frozen_fen),
        withdrawable=fen_text(balances.withdrawable_fen),
    )


def positions_reply(found: Assets, method: CostMethod, named: Named) -> PositionsReply:
    """Return the positions under one cost method."""
    return PositionsReply(
        cost_method=str(method),
        total_assets=fen_text(found.total_fen),
        market_value=fen_text(found.market_value_fen),
        today_profit=fen_text(found.today_fen),
        today_ratio=_ratio(found.today_ratio),
        profit=fen_text(found.profit_fen(method)),
        invested_ratio=_ratio(found.invested_ratio),
        funds=funds_reply(found.balances),
        positions=list(_positions(found.holdings, method, named)),
        unpriced=[row.symbol for row in found.unpriced],
    )


def _positions(
    rows: Iterable[Holding], method: CostMethod, named: Named
) -> Iterable[PositionReply]:
    for row in rows:
        held = row.position
        yield PositionReply(
            symbol=row.symbol,
            name=named.name(row.symbol),
            quantity=held.quantity_shares,
            sellable=held.sellable_shares,
            frozen=held.frozen_shares,
            settling=held.settling_shares,
            last_price=price_text(row.price_milli),
            market_value=_yuan(row.market_value_fen),
            cost_price=price_text(row.cost_milli(method)),
            break_even_price=price_text(row.break_even_milli),
            profit=_yuan(row.profit_fen(method)),
            profit_ratio=_ratio(row.profit_ratio(method)),
            today_profit=_yuan(row.today_fen),
        )


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else fen_text(fen)


def _ratio(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(RATIO_PLACES)
