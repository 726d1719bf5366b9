"""自选: the customer's own list, changed by forms and by script alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.kernel.symbol import parse_symbol
from h5app.market.shown import WatchlistReply
from h5app.market.views_rows import shown_rows
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, parsed_json, render, see_other, wants_json

if TYPE_CHECKING:
    from h5app.market.service import Market
    from h5app.market.stream import QuoteStream


class NoSuchChange(AppError):
    """Neither add nor remove, up, down or top."""

    code = "market.no_such_change"
    status = 422
    sentence = "无法识别这个操作,请从自选页面重新操作"


Action = Literal["add", "remove", "up", "down", "top"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "up", "down", "top")


class WatchlistChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of the list."""

    action: Action
    symbol: str


class WatchlistViews:
    """The page that puts the list in order, and the one address that changes it."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream

    def register(self, room: Blueprint) -> None:
        """Give both their address."""
        address = "/market/watchlist"
        room.add_url_rule(address, "watchlist_page", self.page, methods=["GET"])
        room.add_url_rule(address, "watchlist_change", self.change, methods=["POST"])

    @requires(Tier.FOLLOWER)
    def page(self) -> Response:
        """Show the list with what can be done to each row."""
        rows = shown_rows(self._market, self._market.watchlist(visitor().owner))
        return render("market/watchlist.html", head=self._stream.head(), rows=rows)

    @operation(
        "Add, remove or move one instrument of the customer's own list",
        request=WatchlistChange,
        reply=WatchlistReply,
        errors=(400, 401, 404, 422),
    )
    @requires(Tier.FOLLOWER)
    def change(self) -> Response:
        """Change the list and lead back, or answer with it.

        Raises:
            NoSuchChange: No such action.
            NoSuchInstrument: Nothing of this name is listed.
            WatchlistFull: There is no room.
        """
        asked = _asked()
        symbol = parse_symbol(asked.symbol)
        symbols = self._changed(asked.action, symbol)
        if wants_json():
            return json_reply(WatchlistReply(symbols=symbols))
        is_from_stock = request.form.get("back") == "stock"
        return see_other(f"/market/{symbol}" if is_from_stock else "/market/watchlist")

    def _changed(self, action: Action, symbol: str) -> list[str]:
        owner = visitor().owner
        if action == "add":
            return self._market.watch(owner, symbol)
        if action == "remove":
            return self._market.unwatch(owner, symbol)
        order = moved(self._market.watchlist(owner), symbol, action)
        return self._market.reorder(owner, order)


def moved(symbols: list[str], symbol: str, action: Action) -> list[str]:
    """Return the order with one symbol moved; a symbol that is not in it moves nothing."""
    if symbol not in symbols:
        return symbols
    place = symbols.index(symbol)
    rest = [one for one in symbols if one != symbol]
    target = {"up": max(0, place - 1), "down": place + 1, "top": 0}[action]
    return [*rest[:target], symbol, *rest[target:]]


def _asked() -> WatchlistChange:
    if request.mimetype == "application/json":
        asked: WatchlistChange = parsed_json(WatchlistChange)
        return asked
    action = request.form.get("action", "")
    found = next((one for one in ACTIONS if one == action), None)
    if found is None:
        raise NoSuchChange
    return WatchlistChange(action=found, symbol=request.form.get("symbol", ""))
