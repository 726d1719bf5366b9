"""Positions and funds: what the account has, at the newest prices."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, wants_json
from h5app.trading.ports import Prices
from h5app.trading.profit import CostMethod, Holding
from h5app.trading.replies import FundsReply, Named, PositionsReply, funds_reply, positions_reply
from h5app.trading.service import Trading

COST_METHOD = "cost_method"
"""The customer's choice of how costs are counted."""


class Order(StrEnum):
    """What the rows are sorted by, the largest first."""

    VALUE = "value"
    PROFIT = "profit"
    TODAY = "today"

    @property
    def label(self) -> str:
        """The name on Chinese screens."""
        return {"value": "市值", "profit": "盈亏", "today": "当日盈亏"}[self.value]


def add_routes(room: Blueprint, trading: Trading, prices: Prices) -> None:
    """Add the addresses of positions and funds."""

    @room.get("/positions")
    @operation(
        "持仓: 合计等于各行之和",
        reply=PositionsReply,
        query=(("cost", "diluted 摊薄成本(含费用)或 average 平均成本"),),
        errors=(401, 403),
    )
    @requires(Tier.STEPPED_UP)
    def positions() -> Response:
        account = visitor().account
        method = _method(trading, account)
        found = trading.assets(account)
        if wants_json():
            return json_reply(positions_reply(found, method, Named(prices)))
        sorting = _sorting()
        return render(
            "trading/positions.html",
            assets=found,
            rows=_sorted(found.holdings, sorting, method),
            closed=[row for row in found.holdings if row.is_closed],
            method=method,
            methods=list(CostMethod),
            sorting=sorting,
            sortings=list(Order),
            named=Named(prices),
            is_stale=prices.is_stale,
            is_private=True,
        )

    @room.get("/funds")
    @operation("资金", reply=FundsReply, errors=(401, 403))
    @requires(Tier.STEPPED_UP)
    def funds() -> Response:
        account = visitor().account
        if wants_json():
            return json_reply(funds_reply(trading.balances(account)))
        return render("trading/funds.html", assets=trading.assets(account), is_private=True)


def method_of(choices: dict[str, str]) -> CostMethod:
    """Return how the customer wants costs counted; diluted where nothing was chosen."""
    chosen = choices.get(COST_METHOD, "")
    return CostMethod(chosen) if chosen in list(CostMethod) else CostMethod.DILUTED


def _method(trading: Trading, account: str) -> CostMethod:
    asked = request.args.get("cost", "")
    return CostMethod(asked) if asked in list(CostMethod) else method_of(trading.choices(account))


def _sorting() -> Order:
    asked = request.args.get("sort", "")
    return Order(asked) if asked in list(Order) else Order.VALUE


def _sorted(rows: Iterable[Holding], sorting: Order, method: CostMethod) -> list[Holding]:
    figures: dict[Order, Callable[[Holding], int | None]] = {
        Order.VALUE: lambda row: row.market_value_fen,
        Order.PROFIT: lambda row: row.profit_fen(method),
        Order.TODAY: lambda row: row.today_fen,
    }
    held = [row for row in rows if not row.is_closed]

    def place(row: Holding) -> tuple[bool, int, str]:
        figure = figures[sorting](row)
        return figure is None, -(figure or 0), row.symbol

    return sorted(held, key=place)
