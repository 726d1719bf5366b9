"""Pages of what happens on the board: an instrument's prints (逐笔/分笔), and 异动."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.symbol import parse_symbol
from h5app.market.model import Side
from h5app.market.shown_signs import PrintRow, PrintsReply, UnusualReply, UnusualRow
from h5app.market.unusual import UNUSUAL_MAX, UnusualKind
from h5app.market.views_rows import shown_rows
from h5app.plumbing import format as written
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, render_public, wants_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Response

    from h5app.market.model import Print
    from h5app.market.service import Market
    from h5app.market.stream import QuoteStream
    from h5app.market.unusual import Unusual

PRINTS_SHOWN = 100
PERCENT = 100
_IS_PERCENT = frozenset({UnusualKind.SURGE, UnusualKind.PLUNGE, UnusualKind.SWING})


class SignsViews:
    """The two pages and their JSON."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream

    def register(self, room: Blueprint) -> None:
        """Give each its address."""
        room.add_url_rule("/market/<symbol>/prints", "prints", self.prints, methods=["GET"])
        room.add_url_rule("/market/unusual", "unusual", self.unusual, methods=["GET"])

    @operation("The newest prints of one instrument", reply=PrintsReply, errors=(404, 422))
    @requires(Tier.VISITOR)
    def prints(self, symbol: str) -> Response:
        """Show the newest prints of the day on the board.

        Raises:
            NotASymbol: Not six digits and an exchange.
            NoSuchInstrument: Nothing of this name is listed.
        """
        instrument = self._market.existing(parse_symbol(symbol))
        found = self._market.prints(instrument.symbol, PRINTS_SHOWN)
        quote = self._market.quote(instrument.symbol)
        previous = quote.previous_close_milli if quote else None
        if wants_json():
            return json_reply(PrintsReply(instrument.symbol, previous, list(map(_row, found))))
        return _draw()(
            "market/prints.html",
            head=self._stream.head(),
            instrument=instrument,
            name=self._market.display_name(instrument.symbol),
            previous_close_milli=previous,
            prints=[(each, *_way(each)) for each in found],
        )

    @operation("What stands out among the A shares now", reply=UnusualReply)
    @requires(Tier.VISITOR)
    def unusual(self) -> Response:
        """Show the list of 异动."""
        found = self._market.unusual(UNUSUAL_MAX)
        if wants_json():
            return json_reply(UnusualReply([self._sign(each) for each in found]))
        notes = {each.instrument.symbol: _note(each) for each in reversed(found)}
        symbols = list(dict.fromkeys(each.instrument.symbol for each in found))
        rows = shown_rows(self._market, symbols, notes)
        return _draw()("market/unusual.html", head=self._stream.head(), rows=rows)

    def _sign(self, one: Unusual) -> UnusualRow:
        symbol = one.instrument.symbol
        name = self._market.display_name(symbol)
        return UnusualRow(symbol, name, one.kind.value, _(one.kind.label), _figure(one))


def _draw() -> Callable[..., Response]:
    """Return how a page is drawn: one that shows a known customer's look is kept by nobody."""
    return render if visitor().tier >= Tier.FOLLOWER else render_public


def _row(one: Print) -> PrintRow:
    side = one.side.value if one.side else None
    return PrintRow(one.at, one.price_milli, one.volume_shares, side, one.trades)


def _way(one: Print) -> tuple[str, str]:
    """Return what the side is called and its direction: a buyer's print is drawn as a rise."""
    if one.side is None:
        return _("竞价"), "flat"
    return (_("买"), "up") if one.side is Side.BUY else (_("卖"), "down")


def _note(one: Unusual) -> str:
    return f"{_(one.kind.label)} {_figure(one)}".rstrip()


def _figure(one: Unusual) -> str:
    """Return the figure behind a sign in words; nothing where it has none."""
    if one.figure is None:
        return ""
    if one.kind in _IS_PERCENT:
        is_signed = one.kind is not UnusualKind.SWING
        return f"{one.figure * PERCENT:{'+' if is_signed else ''}.2f}%"
    if one.kind is UnusualKind.HEAVY:
        return str(_("%(count)s 倍", count=f"{one.figure:.1f}"))
    return str(_("封单 %(size)s", size=written.lots(int(one.figure), one.instrument.lot_shares)))
