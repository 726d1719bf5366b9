"""What pages ask as JSON: quotes, today's line, bars, search; and the stream of quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.kernel.symbol import parse_symbol
from h5app.market.model import Adjustment, Period
from h5app.market.shown import (
    BarsReply,
    FoundRow,
    LineReply,
    QuotesReply,
    SearchReply,
)
from h5app.market.stream import STREAM_SYMBOLS_MAX, TooManyInStream
from h5app.market.views_rows import shown_rows
from h5app.plumbing.api import operation
from h5app.plumbing.kept_replies import KeptReplies
from h5app.plumbing.web import json_reply, render_public, wants_json

if TYPE_CHECKING:
    from h5app.market.service import Market
    from h5app.market.shown import MarketHead
    from h5app.market.stream import QuoteStream

QUOTES_MAX = 300
BARS_DEFAULT, BARS_MAX = 300, 1000
UNKNOWN_TEXT_MAX = 12
WORDS_MAX = 40


class TooManySymbols(AppError):
    """One question takes at most QUOTES_MAX symbols."""

    code = "market.too_many_symbols"
    status = 422
    sentence = f"一次最多查询 {QUOTES_MAX} 只证券,请分批查询"


class NoSuchBars(AppError):
    """The period, the adjustment or the count is none of those that exist."""

    code = "market.no_such_bars"
    status = 422
    sentence = "没有这种 K 线,请从页面重新选择周期与复权方式"


class QuotesJson:
    """The endpoints that the pages' scripts call."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream
        self._brief_stream = stream.brief()
        self._encoder = msgspec.json.Encoder()
        self._lists = KeptReplies("application/json")

    def register(self, room: Blueprint) -> None:
        """Give each endpoint its address."""
        room.add_url_rule("/market/quotes", "quotes", self.quotes, methods=["GET"])
        room.add_url_rule("/market/<symbol>/line", "line", self.line, methods=["GET"])
        room.add_url_rule("/market/<symbol>/bars", "bars", self.bars, methods=["GET"])
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

    @operation("Today's line of one instrument, minute by minute", reply=LineReply, errors=(404,))
    @requires(Tier.VISITOR)
    def line(self, symbol: str) -> Response:
        """Answer with the slots so far.

        Raises:
            NoSuchInstrument: Nothing of this name is listed.
        """
        found = self._market.existing(parse_symbol(symbol)).symbol
        quote = self._market.quote(found)
        points = self._market.line(found)
        reply = LineReply(
            symbol=found,
            day=self._market.line_day(found),
            sequence=quote.sequence if quote else 0,
            previous_close_milli=quote.previous_close_milli if quote else None,
            points=[
                (
                    one.minute,
                    one.price_milli,
                    one.average_milli,
                    one.volume_shares,
                    one.turnover_fen,
                )
                for one in points
            ],
        )
        return _asked_again(json_reply(reply))

    @operation(
        "Candles of one instrument",
        reply=BarsReply,
        query=(
            ("period", "1m 5m 15m 30m 60m day week month quarter year"),
            ("adjustment", "none forward backward"),
            ("count", "newest bars, at most 1000"),
        ),
        errors=(404, 422),
    )
    @requires(Tier.VISITOR)
    def bars(self, symbol: str) -> Response:
        """Answer with the newest bars, oldest first.

        Raises:
            NoSuchInstrument: Nothing of this name is listed.
            NoSuchBars: No such period or adjustment, or a count that is none.
        """
        period, adjustment, count = _bars_asked()
        found = parse_symbol(symbol)
        bars = self._market.bars(found, period, adjustment, count)
        reply = BarsReply(
            symbol=found,
            period=period,
            adjustment=adjustment,
            bars=[
                (
                    int(bar.at.timestamp()),
                    bar.open_milli,
                    bar.high_milli,
                    bar.low_milli,
                    bar.close_milli,
                    bar.volume_shares,
                    bar.turnover_fen,
                )
                for bar in bars
            ],
        )
        return _asked_again(json_reply(reply))

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
            rows = shown_rows(self._market, [one.symbol for one in found])
            head = self._stream.head()
            return render_public("market/search.html", head=head, words=words, rows=rows)
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


def _bars_asked() -> tuple[Period, Adjustment, int]:
    asked = request.args
    try:
        period = Period(asked.get("period", Period.DAY))
        adjustment = Adjustment(asked.get("adjustment", Adjustment.NONE))
        count = int(asked.get("count", BARS_DEFAULT))
    except ValueError:
        raise NoSuchBars from None
    if not 0 < count <= BARS_MAX:
        raise NoSuchBars
    return period, adjustment, count


def _asked_again(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
