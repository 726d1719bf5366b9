"""What charts ask as JSON: the line of one instrument, of days before, and candles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import request

from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.kernel.clock import SHANGHAI
from h5app.kernel.error import AppError
from h5app.kernel.symbol import parse_symbol
from h5app.market.history import BARS_MAX as BARS_KEPT
from h5app.market.line_days import DAYS_MAX, DayLines
from h5app.market.line_strips import Strips
from h5app.market.model import Adjustment, Period
from h5app.market.shown_charts import (
    BarsReply,
    DayRow,
    LineReply,
    after_rows,
    bar_rows,
    call_rows,
    ex_marks,
    point_rows,
)
from h5app.plumbing.api import operation
from h5app.plumbing.kept_replies import KeptReplies
from h5app.plumbing.web import json_reply

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from h5app.market.model import Bar
    from h5app.market.service import Market

BARS_DEFAULT, BARS_MAX = 300, 1000
STAMP_MAX = 4_102_444_800
"""The year 2100: a stamp beyond is no stamp."""


class NoSuchBars(AppError):
    """The period, the adjustment, the count or the stamp is none of those that exist."""

    code = "market.no_such_bars"
    status = 422
    sentence = "没有这种 K 线,请从页面重新选择周期与复权方式"


class NoSuchLine(AppError):
    """A line is of one day, or of up to five."""

    code = "market.no_such_line"
    status = 422
    sentence = "分时只有当日与五日,请从页面重新选择"


class ChartsJson:
    """The endpoints that the charts' scripts call."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._bars = KeptReplies("application/json")

    def register(self, room: Blueprint) -> None:
        """Give each endpoint its address."""
        room.add_url_rule("/market/<symbol>/line", "line", self.line, methods=["GET"])
        room.add_url_rule("/market/<symbol>/bars", "bars", self.bars, methods=["GET"])

    @operation(
        "The line of one instrument, minute by minute: today's, and of days before",
        reply=LineReply,
        query=(
            ("days", "1 (today, the default) to 5"),
            ("strips", "1: the opening call and the after-hours trading, too"),
        ),
        errors=(404, 422),
    )
    @requires(Tier.VISITOR)
    def line(self, symbol: str) -> Response:
        """Answer with the slots so far.

        Raises:
            NoSuchInstrument: Nothing of this name is listed.
            NoSuchLine: Not one of 1 to DAYS_MAX days.
        """
        days = _days_asked()
        found = self._market.existing(parse_symbol(symbol)).symbol
        quote = self._market.quote(found)
        before = self._market.lines_before(found, days - 1) if days > 1 else DayLines((), None)
        strips = self._market.strips(found) if request.args.get("strips") == "1" else Strips()
        reply = LineReply(
            symbol=found,
            day=self._market.line_day(found),
            sequence=quote.sequence if quote else 0,
            previous_close_milli=quote.previous_close_milli if quote else None,
            points=point_rows(self._market.line(found)),
            earlier=[DayRow(one.on, point_rows(one.points)) for one in before.days],
            earlier_close_milli=before.previous_close_milli,
            calls=call_rows(strips),
            after_hours=after_rows(strips),
        )
        return _asked_again(json_reply(reply))

    @operation(
        "Candles of one instrument, and the ex days among them",
        reply=BarsReply,
        query=(
            ("period", "1m 5m 15m 30m 60m day week month quarter year"),
            ("adjustment", "none forward backward"),
            ("count", "newest bars, at most 1000"),
            ("before", "unix seconds: only bars that end before, to go on into the past"),
        ),
        errors=(404, 422),
    )
    @requires(Tier.VISITOR)
    def bars(self, symbol: str) -> Response:
        """Answer with the newest bars, oldest first; put together once for each tick.

        Raises:
            NoSuchInstrument: Nothing of this name is listed.
            NoSuchBars: No such period or adjustment, or a count or stamp that is none.
        """
        found = parse_symbol(symbol)
        quote = self._market.quote(found)
        # The last bar changes with the quote; what lies behind it is looked up once a second.
        key = found, quote.sequence if quote else 0, request.query_string
        second = self._market.clock.now().replace(microsecond=0)
        return _asked_again(self._bars.reply(second, key, lambda: self._bars_body(found)))

    def _bars_body(self, found: str) -> bytes:
        period, adjustment, count = _bars_asked()
        before = _stamp_asked()
        bars = self._market.bars(found, period, adjustment, BARS_KEPT if before else count)
        if before is not None:
            bars = [bar for bar in bars if bar.at < before][-count:]
        reply = BarsReply(
            symbol=found,
            period=period,
            adjustment=adjustment,
            bars=bar_rows(bars),
            marks=ex_marks(_first_of_each_day(bars), self._market.past_actions(found)),
        )
        return msgspec.json.encode(reply)


def _first_of_each_day(bars: list[Bar]) -> list[Bar]:
    """Return candles of a day or longer as they are; of minutes the first one of each day."""
    return list({bar.on: bar for bar in reversed(bars)}.values())[::-1]


def _days_asked() -> int:
    days = request.args.get("days", "1")
    if days not in {str(number) for number in range(1, DAYS_MAX + 1)}:
        raise NoSuchLine
    return int(days)


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


def _stamp_asked() -> datetime | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < STAMP_MAX:
        raise NoSuchBars
    return datetime.fromtimestamp(int(text), SHANGHAI)


def _asked_again(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
