"""Pages of the market: the quotes page, a stock's page, search, and what the customer watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import flask
import msgspec
from flask import Blueprint, Response, request
from flask_babel import get_locale
from flask_babel import gettext as _

from h5app.identity.appearance import look_of_request
from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.symbol import parse_symbol
from h5app.market.model import Adjustment, Period, Phase
from h5app.market.ranking import RankBoard, RankKind
from h5app.market.rules import LISTING_DAY_SETTLED
from h5app.market.slots import LAST_SLOT, slot_time
from h5app.market.views_facts import facts, terms_of
from h5app.market.views_json import QuotesJson
from h5app.market.views_rows import (
    DrawnParts,
    auction_price_milli,
    ladder,
    limit_word,
    price_shown,
    ranking_notes,
    sentence,
    shown_rows,
    time_shown,
)
from h5app.market.views_search import ViewedViews, note_viewed
from h5app.market.views_signs import SignsViews
from h5app.market.views_watched import WatchedPage
from h5app.market.views_watchlist import WatchlistViews
from h5app.plumbing.kept_pages import KeptPages, token_place
from h5app.plumbing.web import render, render_public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from h5app.market.events import MarketEvent
    from h5app.market.model import Bar, Instrument, MinutePoint, Quote
    from h5app.market.service import Market
    from h5app.market.shown import MarketHead
    from h5app.market.stream import QuoteStream
    from h5app.market.views_facts import Fact
    from h5app.market.views_rows import ShownLevel, ShownRow

INDEX_BAR = ("000001.SH", "399001.SZ", "399006.SZ")
FIRST_LIST = (
    "600519.SH",
    "601318.SH",
    "300750.SZ",
    "600036.SH",
    "688981.SH",
    "002594.SZ",
    "510300.SH",
)
"""What somebody without an own list sees; those that are not listed here are left out."""
RANKING_ROWS = 20
RANKING_ROWS_MAX = 50
TABLE_STEP_SLOTS = 15
BARS_IN_TABLE = 20
EVENTS_MAX = 6
EVENTS_BEFORE, EVENTS_AFTER = timedelta(days=180), timedelta(days=120)
LISTS = ("", "watchlist", "indices")


def blueprint(market: Market, stream: QuoteStream) -> Blueprint:
    """Return every page and endpoint below /market, and /stream."""
    room = Blueprint("market", __name__)
    pages = MarketPages(market, stream)
    room.add_url_rule("/market/", "quotes_page", pages.quotes_page, methods=["GET"])
    room.add_url_rule("/market/<symbol>", "stock_page", pages.stock_page, methods=["GET"])
    QuotesJson(market, stream).register(room)
    SignsViews(market, stream).register(room)
    WatchlistViews(market, stream).register(room)
    ViewedViews(market).register(room)
    return room


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the quotes page was asked to show."""

    part: str
    board: RankBoard
    kind: RankKind
    rows: int

    @classmethod
    def of_request(cls) -> Chosen:
        """Read the address.

        Raises:
            NoSuchRanking: There is no such board or figure.
        """
        part = request.args.get("list", "")
        return cls(
            part=part if part in LISTS else "",
            board=RankBoard.of(request.args.get("board", RankBoard.ALL)),
            kind=RankKind.of(request.args.get("by", RankKind.RISE)),
            rows=RANKING_ROWS_MAX if request.args.get("rows") else RANKING_ROWS,
        )

    def href(self, **changed: str) -> str:
        """Return the address of the page with something else chosen."""
        asked = {"board": self.board.value, "by": self.kind.value} | changed
        return f"/market/?{urlencode(asked)}#ranking"


class MarketPages:
    """The two pages that everybody sees."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream
        self._parts = DrawnParts(market, stream)
        self._pages = KeptPages()
        self._watched = WatchedPage(market, self._parts, INDEX_BAR)

    @requires(Tier.VISITOR)
    def quotes_page(self) -> Response:
        """Show the index bar, the watchlist and a board of the market."""
        chosen = Chosen.of_request()
        head = self._stream.head()
        if visitor().tier < Tier.FOLLOWER:
            return self._strangers_page(chosen, head)
        if chosen.part == "watchlist":
            return self._watched.page(head)
        owner = visitor().owner
        own = self._market.watchlist(owner) or self._market.watched(owner)
        lists = self._lists(chosen, own or FIRST_LIST, is_own_list=bool(own), is_known=True)
        return render("market/quotes.html", head=head, lists=lists)

    def _strangers_page(self, chosen: Chosen, head: MarketHead) -> Response:
        """Answer with a page that is the same for all strangers who chose alike."""

        def draw() -> str:
            lists = self._lists(chosen, FIRST_LIST, is_own_list=False, is_known=False)
            return flask.render_template(
                "market/quotes.html", head=head, lists=lists, csrf_token=token_place
            )

        look = look_of_request()
        return self._pages.page((head, str(get_locale())), (chosen, look), draw)

    def _lists(self, chosen: Chosen, watched: Sequence[str], **known: bool) -> Markup:
        return self._parts.part(
            (chosen, *known.values(), *watched),
            lambda: self._draw_lists(chosen, watched, **known),
        )

    def _draw_lists(self, chosen: Chosen, watched: Sequence[str], **known: bool) -> str:
        is_whole = not chosen.part
        has_watched = chosen.part != "indices"
        return flask.render_template(
            "market/_lists.html",
            chosen=chosen,
            indices=shown_rows(self._market, self._indices(chosen)),
            watched=shown_rows(self._market, watched) if has_watched else [],
            ranking=self._ranking(chosen) if is_whole else [],
            boards=[(one.value, one.label, chosen.href(board=one.value)) for one in RankBoard],
            kinds=[(one.value, one.label, chosen.href(by=one.value)) for one in RankKind],
            more_href="" if chosen.rows == RANKING_ROWS_MAX else chosen.href(rows="50"),
            **known,
        )

    def _indices(self, chosen: Chosen) -> Sequence[str]:
        if chosen.part != "indices":
            return INDEX_BAR
        return [one.symbol for one in self._market.instruments() if one.is_index]

    def _ranking(self, chosen: Chosen) -> list[ShownRow]:
        ranked = self._market.ranking(chosen.board, chosen.kind, chosen.rows)
        symbols = [row.instrument.symbol for row in ranked]
        return shown_rows(self._market, symbols, ranking_notes(ranked, chosen.kind))

    @requires(Tier.VISITOR)
    def stock_page(self, symbol: str) -> Response:
        """Show one instrument: price, line, depth, figures, what is to happen.

        Raises:
            NotASymbol: Not six digits and an exchange.
            NoSuchInstrument: Nothing of this name is listed.
        """
        instrument = self._market.existing(parse_symbol(symbol))
        is_known = visitor().tier >= Tier.FOLLOWER
        draw = render if is_known else render_public
        page = StockPage(self._market, instrument, self._stream.head())
        note_viewed(self._market, instrument.symbol)
        is_watched = is_known and instrument.symbol in self._market.watched(visitor().owner)
        return draw("market/stock.html", page=page, head=page.head, is_watched=is_watched)


class StockPage:
    """What the template of a stock's page draws, worked out when it is asked for."""

    def __init__(self, market: Market, instrument: Instrument, head: MarketHead) -> None:
        self._market = market
        self.instrument = instrument
        self.symbol = instrument.symbol
        self.decimals = instrument.price_decimals
        self.head = head
        self.name = market.display_name(instrument.symbol)
        self.quote: Quote | None = market.quote(instrument.symbol)
        self.phase: Phase = market.phase(instrument.symbol)
        self.is_suspended = self.quote is not None and self.quote.is_suspended
        self.last_milli = price_shown(self.quote)
        self.previous_close_milli = self.quote.previous_close_milli if self.quote else None
        self.limit_word, self.limit_way = limit_word(self.quote)
        self.auction_milli = auction_price_milli(self.quote, self.phase)
        usual = market.usual_day_shares(instrument.symbol)
        self.terms = msgspec.json.encode(terms_of(instrument, usual)).decode()
        self._usual_day_shares = usual
        self.chart = "bars" if request.args.get("chart") == "bars" else "line"

    @property
    def sentence(self) -> str:
        """The price as it is read out."""
        return sentence(self.instrument, self.quote)

    @property
    def phase_label(self) -> str:
        """What part of the day the instrument is in; suspended is 停牌 at any hour."""
        return Phase.HALTED.label if self.is_suspended else self.phase.label

    @property
    def phases(self) -> str:
        """What each part of the day is called, as JSON for the page's script."""
        return msgspec.json.encode({phase.value: phase.label for phase in Phase}).decode()

    @property
    def time_text(self) -> str:
        """The moment beside the state, as 11-24 14:35:03; the figures' own when they are old."""
        head = self.head
        now = head.as_of if head.is_stale and head.as_of else head.at
        moment = time_shown(self.phase, now, self.quote)
        return f"{moment:%m-%d %H:%M:%S}" if moment else "--"

    @property
    def is_of_another_day(self) -> bool:
        """Whether the figures are those of an earlier day: before the opening call they are."""
        return self.quote is not None and self.quote.at.date() != self._market.today()

    @property
    def is_tradable(self) -> bool:
        """Whether the customer can buy and sell it here."""
        return not self.instrument.is_index and self.quote is not None

    @property
    def tags(self) -> list[tuple[str, str]]:
        """Words beside the name: board, margin, connect, risk warning."""
        one = self.instrument
        words = [(one.board.label, "")]
        words += [(_("风险警示"), "attention")] if one.is_st else []
        words += [(_("融"), "")] if one.is_margin else []
        words += [(_("通"), "")] if one.is_connect else []
        words += [("T+0", "")] if one.is_t0 else []
        return words + [(tag, "") for tag in one.tags]

    @property
    def notes(self) -> list[str]:
        """What is special today: no limits, first days, ex-right, suspension."""
        return [
            note for note in (self._halt(), self._listing(), self._free_day(), self._ex()) if note
        ]

    def _halt(self) -> str:
        text: str = _("停牌中，显示的是最近收盘价，复牌后自动更新")
        return text if self.is_suspended else ""

    def _listing(self) -> str:
        day = self._listing_day()
        if day >= LISTING_DAY_SETTLED or not self.instrument.board.is_share:
            return ""
        return str(_("上市第 %(day)s 个交易日", day=day))

    def _listing_day(self) -> int:
        return self._market.rules.listing_day(self.instrument, self._market.today())

    def _free_day(self) -> str:
        if self.instrument.is_index or self.quote is None or self.is_suspended:
            return ""
        rules = self._market.rules.on(self.quote.at.date())
        is_free = rules.is_free_day(self.instrument, self._listing_day())
        text: str = _("今日不设涨跌幅限制")
        return text if is_free and self.quote.limit_up_milli is None else ""

    def _ex(self) -> str:
        today = self._market.today()
        found = [each for each in self._market.actions(self.symbol) if each.ex_on == today]
        return str(_("今日除权除息: %(title)s", title=found[0].title)) if found else ""

    @property
    def facts(self) -> list[Fact]:
        """The fields; the first six stand beside the price."""
        return facts(self.instrument, self.quote, self._usual_day_shares) if self.quote else []

    @property
    def rungs(self) -> tuple[list[ShownLevel], list[ShownLevel]]:
        """Asks and bids, five each."""
        return ladder(self.quote)

    @property
    def table(self) -> list[tuple[str, MinutePoint]]:
        """Every fifteenth minute of the line and the last one, for those who read it."""
        points = self._market.line(self.symbol)
        last = points[-1].minute if points else LAST_SLOT
        return [
            (f"{slot_time(point.minute):%H:%M}", point)
            for point in points
            if point.minute % TABLE_STEP_SLOTS == 0 or point.minute == last
        ]

    @property
    def bars(self) -> list[Bar]:
        """The newest days, the latest first, where the candles were asked for."""
        if self.chart != "bars":
            return []
        forward = Adjustment.FORWARD
        found = self._market.bars(self.symbol, Period.DAY, forward, BARS_IN_TABLE)
        return found[::-1]

    @property
    def events(self) -> list[MarketEvent]:
        """What happens to it: what is to come first, then what was last."""
        today = self._market.today()
        found = self._market.events([self.symbol], today - EVENTS_BEFORE, today + EVENTS_AFTER)
        coming = [event for event in found if event.on >= today]
        past = [event for event in found if event.on < today]
        return (coming + past[::-1])[:EVENTS_MAX]
