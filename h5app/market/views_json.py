"""What pages ask as JSON: quotes, search; and the stream of quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.market.shown import (
    FoundRow,
    QuotesReply,
    SearchReply,
)
from h5app.market.stream import STREAM_SYMBOLS_MAX, TooManyInStream
from h5app.market.views_charts import ChartsJson
from h5app.market.views_search import search_page
from h5app.plumbing.api import operation
from h5app.plumbing.kept_replies import KeptReplies
from h5app.plumbing.web import json_reply, wants_json

if TYPE_CHECKING:
    from h5app.market.service import Market
    from h5app.market.shown import MarketHead
    from h5app.market.stream import QuoteStream

QUOTES_MAX = 300
UNKNOWN_TEXT_MAX = 12
WORDS_MAX = 40


class TooManySymbols(AppError):
    """One question takes at most QUOTES_MAX symbols."""

    code = "market.too_many_symbols"
    status = 422
    sentence = f"一次最多查询 {QUOTES_MAX} 只证券,请分批查询"


class QuotesJson:
    """The endpoints that the pages' scripts call."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream
        self._brief_stream = stream.brief()
        self._encoder = msgspec.json.Encoder()
        self._lists = KeptReplies("application/json")
        self._charts = ChartsJson(market)

    def register(self, room: Blueprint) -> None:
        """Give each endpoint its address."""
        room.add_url_rule("/market/quotes", "quotes", self.quotes, methods=["GET"])
        self._charts.register(room)
        room.add_url_rule("/market/search", "search", self.search, methods=["GET"])
        room.add_url_rule("/stream", "stream", self.stream, methods=["GET"])

    @operation(
        "Latest quotes of up to 300 symbols",
        reply=QuotesReply,
        query=(
            ("symbols", "comma-separated, as 600519.SH,000001.SZ"),
            ("detail", "brief: rows as lists show them, without depth"),
        ),
        errors=(422,),
    )
    @requires(Tier.VISITOR)
    def quotes(self) -> Response:
        """Answer with rows that are encoded once for each change of an instrument.

        The head changes every second and with every batch; until then a list is the same for all.

        Raises:
            TooManySymbols: More than QUOTES_MAX.
        """
        head = self._stream.head()
        return self._lists.reply(head, request.query_string, lambda: self._list(head))

    def _list(self, head: MarketHead) -> bytes:
        asked = _symbols_asked()
        if len(asked) > QUOTES_MAX:
            raise TooManySymbols
        rows = self._asked_stream().rows.encoded(asked)
        unknown = [symbol[:UNKNOWN_TEXT_MAX] for symbol in asked if symbol not in rows]
        parts = (
            self._encoder.encode(head)[:-1],
            b',"unknown":',
            self._encoder.encode(unknown),
            b',"quotes":[',
            b",".join(rows.values()),
            b"]}",
        )
        return b"".join(parts)

    @operation(
        "Instruments by code, name, pinyin initials or old code",
        reply=SearchReply,
        query=(("q", "the words"),),
    )
    @requires(Tier.VISITOR)
    def search(self) -> Response:
        """Answer with what was found, as a page or as JSON."""
        words = request.args.get("q", "").strip()[:WORDS_MAX]
        found = self._market.search(words) if words else []
        if not wants_json():
            return search_page(self._market, self._stream.head(), words, found)
        reply = SearchReply(
            words=words,
            found=[
                FoundRow(one.symbol, one.short_name, one.board.label, one.old_code) for one in found
            ],
        )
        return json_reply(reply)

    @operation(
        "Server-sent events: the state of the market, and a row for each changed instrument",
        query=(
            ("symbols", "comma-separated, at most 50"),
            ("detail", "brief: rows as lists show them, without depth"),
            ("since", "the board's sequence that the caller has seen: only what changed since"),
        ),
        errors=(422,),
    )
    @requires(Tier.VISITOR)
    def stream(self) -> Response:
        """Answer with the present rows at once, then with every change.

        Raises:
            TooManyInStream: More than STREAM_SYMBOLS_MAX.
        """
        asked = _symbols_asked()
        if len(asked) > STREAM_SYMBOLS_MAX:
            raise TooManyInStream
        since = request.args.get("since", 0, type=int)
        events = self._asked_stream().events(asked, since)
        response = Response(events, mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Accel-Buffering"] = "no"
        return response

    def _asked_stream(self) -> QuoteStream:
        is_brief = request.args.get("detail") == "brief"
        return self._brief_stream if is_brief else self._stream


def _symbols_asked() -> list[str]:
    """Return the symbols of the address, each once; what is no symbol is not on the board."""
    words = request.args.get("symbols", "").upper().split(",")
    return [word for one in dict.fromkeys(words) if (word := one.strip())]
