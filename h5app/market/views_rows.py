"""What lists and heads of pages show of an instrument: the same words on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from h5app.market.model import DEPTH_LEVELS, Phase, Side
from h5app.market.ranking import RankKind
from h5app.market.views_facts import multiple
from h5app.plumbing import format as written

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence
    from datetime import datetime

    from h5app.market.model import Instrument, Level, Quote
    from h5app.market.ranking import Ranked
    from h5app.market.service import Market
    from h5app.market.stream import QuoteStream

DRAWN_MAX = 500
"""Parts kept for one state of the board; then all are drawn anew."""
RUNNING = frozenset(
    {
        Phase.OPEN_CALL,
        Phase.OPEN_CALL_NOCANCEL,
        Phase.PRE_CONTINUOUS,
        Phase.CONTINUOUS,
        Phase.CLOSE_CALL,
        Phase.AFTER_HOURS_ACCEPT,
        Phase.AFTER_HOURS_FIXED,
    }
)
"""Phases in which the market's own clock is shown; in the others the time of the figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """One instrument of a list; prices in milli-yuan, for an index in 1/1000 point.

    A suspended one shows its previous close; `sentence` is what a screen reader says.
    """

    symbol: str
    name: str
    last_milli: int | None
    previous_close_milli: int | None
    decimals: int
    is_suspended: bool
    note: str
    unit: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLevel:
    """One rung of the ladder; `side` is what tapping it leads to: a seller is bought from."""

    key: str
    label: str
    price_milli: int | None
    quantity_shares: int | None
    side: Side


class DrawnParts:
    """Parts of pages as HTML, drawn once for each state of the board, day and language.

    Thousands look at the same lists between two ticks; drawing them is most of a page's work.
    """

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream
        self._stamp: tuple[object, ...] = ()
        self._kept: dict[Hashable, Markup] = {}

    def part(self, key: Hashable, draw: Callable[[], str]) -> Markup:
        """Return what `draw` makes of a template; nothing in it may belong to one customer."""
        sequence = self._stream.rows.board_sequence()
        stamp = (sequence, self._market.today(), str(get_locale()))
        if stamp != self._stamp or len(self._kept) >= DRAWN_MAX:
            self._stamp, self._kept = stamp, {}
        kept = self._kept
        found = kept.get(key)
        if found is None:
            found = kept[key] = Markup(draw())  # noqa: S704 - our own templates, which escape
        return found


def shown_rows(
    market: Market, symbols: Sequence[str], note_by_symbol: dict[str, str] | None = None
) -> list[ShownRow]:
    """Return rows in the order asked; what is no longer listed is left out."""
    notes = note_by_symbol or {}
    return [
        shown_row(market, instrument, quote, notes.get(symbol, ""))
        for symbol, quote in zip(symbols, market.quotes(symbols), strict=True)
        if (instrument := market.instrument(symbol)) is not None
    ]


def shown_row(market: Market, instrument: Instrument, quote: Quote | None, note: str) -> ShownRow:
    """Return one row."""
    is_suspended = quote is not None and quote.is_suspended
    last = price_shown(quote)
    previous = quote.previous_close_milli if quote else None
    return ShownRow(
        symbol=instrument.symbol,
        name=market.display_name(instrument.symbol),
        last_milli=last,
        previous_close_milli=previous,
        decimals=instrument.price_decimals,
        is_suspended=is_suspended,
        note=note,
        unit=_("点") if instrument.is_index else "",
        sentence=sentence(instrument, quote),
    )


def price_shown(quote: Quote | None) -> int | None:
    """Return the price that stands large on the screen: of a suspended one its last close."""
    if quote is None:
        return None
    return quote.previous_close_milli if quote.is_suspended else quote.last_milli


def sentence(instrument: Instrument, quote: Quote | None) -> str:
    """Return a price as it is read out; an index counts in points."""
    if quote is not None and quote.is_suspended:
        return str(_("停牌"))
    last = quote.last_milli if quote else None
    previous = quote.previous_close_milli if quote else None
    said = written.price_sentence(last, previous, instrument.price_decimals)
    if not instrument.is_index or last is None:
        return said
    now = _("最新 %(points)s 点", points=written.price(last, instrument.price_decimals))
    return f"{now} {said.rpartition(_('元'))[2].strip()}"


def ranking_notes(rows: Iterable[Ranked], kind: RankKind) -> dict[str, str]:
    """Return beside each symbol the figure that the board is sorted by, where the row lacks it."""
    texts = {
        RankKind.TURNOVER: lambda row: _(
            "额 %(amount)s", amount=written.yuan_short(int(row.value))
        ),
        RankKind.TURNOVER_RATIO: lambda row: _("换手 %(ratio)s", ratio=written.percent(row.value)),
        RankKind.SWING: lambda row: _("振幅 %(ratio)s", ratio=written.percent(row.value)),
        RankKind.VOLUME_RATIO: lambda row: _("量比 %(times)s", times=multiple(row.value)),
    }
    text = texts.get(kind)
    return {row.instrument.symbol: text(row) for row in rows} if text else {}


def ladder(quote: Quote | None) -> tuple[list[ShownLevel], list[ShownLevel]]:
    """Return asks (卖五 first) and bids (买一 first), five each, empty rungs included."""
    asks = quote.asks if quote else ()
    bids = quote.bids if quote else ()
    sold = [_rung("ask", place, asks) for place in range(DEPTH_LEVELS, 0, -1)]
    bought = [_rung("bid", place, bids) for place in range(1, DEPTH_LEVELS + 1)]
    return sold, bought


def _rung(kind: str, place: int, levels: Sequence[Level]) -> ShownLevel:
    level = levels[place - 1] if len(levels) >= place else None
    number = "一二三四五"[place - 1]
    return ShownLevel(
        key=f"{kind}-{place}",
        label=_("卖%(place)s", place=number) if kind == "ask" else _("买%(place)s", place=number),
        price_milli=level.price_milli if level else None,
        quantity_shares=level.quantity_shares if level else None,
        side=Side.BUY if kind == "ask" else Side.SELL,
    )


def limit_word(quote: Quote | None) -> tuple[str, str]:
    """Return 涨停 or 跌停 with its direction, empty away from the limits."""
    if quote is None or quote.last_milli is None:
        return "", ""
    if quote.last_milli == quote.limit_up_milli:
        return _("涨停"), "up"
    if quote.last_milli == quote.limit_down_milli:
        return _("跌停"), "down"
    return "", ""


def auction_price_milli(quote: Quote | None, phase: Phase) -> int | None:
    """Return the price at which a call would match now; None outside a call."""
    if quote is None or not phase.is_call or not quote.bids or not quote.asks:
        return None
    best = quote.bids[0].price_milli
    return best if best == quote.asks[0].price_milli else None


def time_shown(phase: Phase, now: datetime, quote: Quote | None) -> datetime | None:
    """Return the moment beside the state: the market's clock while it runs, else the figures'."""
    if phase in RUNNING:
        return now
    return quote.at if quote else None
