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
from h5app.market.views_groups import GroupViews, OwnAsked, own_address, own_page
from h5app.market.watching import FIRST_GROUP
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, parsed_json, see_other, wants_json

if TYPE_CHECKING:
    from h5app.market.service import Market
    from h5app.market.stream import QuoteStream


class NoSuchChange(AppError):
    """Neither add nor remove, up, down, top or move."""

    code = "market.no_such_change"
    status = 422
    sentence = "无法识别这个操作,请从自选页面重新操作"


Action = Literal["add", "remove", "up", "down", "top", "move"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "up", "down", "top", "move")


class WatchlistChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of a group; `to` is the group that `move` leads into.

    Without a group it is the first one, but `remove` takes the symbol out of all.
    """

    action: Action
    symbol: str
    group: str = ""
    to: str = ""


class WatchlistViews:
    """The page that puts the list in order, and the one address that changes it."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream

    def register(self, room: Blueprint) -> None:
        """Give the page, its changes and those of the groups their address."""
        address = "/market/watchlist"
        room.add_url_rule(address, "watchlist_page", self.page, methods=["GET"])
        room.add_url_rule(address, "watchlist_change", self.change, methods=["POST"])
        GroupViews(self._market, self._stream).register(room)

    @requires(Tier.FOLLOWER)
    def page(self) -> Response:
        """Show the list with what can be done to each row."""
        return own_page(self._market, self._stream.head(), OwnAsked.of_request())

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
            NoSuchGroup: The customer has no such group.
        """
        asked = _asked()
        symbol = parse_symbol(asked.symbol)
        self._carry_out(asked, symbol)
        if wants_json():
            left = self._market.watchlist(visitor().owner, asked.group or FIRST_GROUP)
            return json_reply(WatchlistReply(symbols=left))
        is_from_stock = request.form.get("back") == "stock"
        return see_other(f"/market/{symbol}" if is_from_stock else own_address(asked.group))

    def _carry_out(self, asked: WatchlistChange, symbol: str) -> None:
        owner, group = visitor().owner, asked.group or FIRST_GROUP
        if asked.action == "add":
            self._market.watch(owner, symbol, group)
        elif asked.action == "move":
            self._market.move_watched(owner, symbol, group, asked.to)
        elif asked.action != "remove":
            order = moved(self._market.watchlist(owner, group), symbol, asked.action)
            self._market.reorder(owner, order, group)
        elif asked.group:
            self._market.unwatch(owner, symbol, group)
        else:
            self._market.unwatch_everywhere(owner, symbol)


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
    return WatchlistChange(
        action=found,
        symbol=request.form.get("symbol", ""),
        group=request.form.get("group", ""),
        to=request.form.get("to", ""),
    )
