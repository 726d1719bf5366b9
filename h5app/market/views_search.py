"""The search page, and what was looked at last (最近浏览): noted by a stock's page, shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.market.shown import WatchlistReply
from h5app.market.views_rows import shown_rows
from h5app.plumbing.api import operation
from h5app.plumbing.db import DatabaseBusy, DatabaseUnavailable
from h5app.plumbing.web import json_reply, render, render_public, see_other, wants_json

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from h5app.market.model import Instrument
    from h5app.market.service import Market
    from h5app.market.shown import MarketHead


def note_viewed(market: Market, symbol: str) -> None:
    """Note that a known visitor opened the page of an instrument.

    A database that takes nothing just now must not take away the page: then it is not noted.
    """
    if visitor().tier < Tier.FOLLOWER:
        return
    try:
        market.note_viewed(visitor().owner, symbol)
    except (DatabaseBusy, DatabaseUnavailable):
        return


def search_page(market: Market, head: MarketHead, words: str, found: list[Instrument]) -> Response:
    """Show what was found; before anything is typed, what a known visitor looked at last."""
    rows = shown_rows(market, [one.symbol for one in found])
    if words or visitor().tier < Tier.FOLLOWER:
        return render_public("market/search.html", head=head, words=words, rows=rows)
    viewed = shown_rows(market, market.recently_viewed(visitor().owner))
    return render("market/search.html", head=head, words=words, rows=rows, viewed=viewed)


class ViewedViews:
    """The one address that forgets what was looked at."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def register(self, room: Blueprint) -> None:
        """Give it its address."""
        address = "/market/viewed/forget"
        room.add_url_rule(address, "viewed_forget", self.forget, methods=["POST"])

    @operation("Forget what the customer looked at", reply=WatchlistReply, errors=(400, 401))
    @requires(Tier.FOLLOWER)
    def forget(self) -> Response:
        """Forget it and lead back to the search page, or answer with what is left: nothing."""
        self._market.forget_viewed(visitor().owner)
        if wants_json():
            return json_reply(WatchlistReply(symbols=[]))
        return see_other("/market/search")
