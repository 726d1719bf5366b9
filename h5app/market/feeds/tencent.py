"""Tencent's qt.gtimg.cn: fields parted by "~", in GBK.

Units: the volume is in lots but for STAR, where it is in shares; depth is in lots for every board.
Limit prices come along and are the exchange's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.feeds.http_feed import scaled
from h5app.market.feeds.live import (
    Figures,
    index_quote,
    index_volume_in_shares,
    live_quote,
    lot_shares,
    side_of_book,
    told_unit,
    whole_shares,
)
from h5app.market.model import Board

if TYPE_CHECKING:
    from h5app.market.feeds.http_feed import Scene
    from h5app.market.model import Instrument, Level, Quote

TENCENT_BASE = "https://qt.gtimg.cn"
FIELDS_MIN = 38
_CODE, _LAST, _PREVIOUS, _OPEN, _VOLUME, _OUTER, _INNER = 2, 3, 4, 5, 6, 7, 8
_BUY_PRICES, _BUY_LOTS = slice(9, 19, 2), slice(10, 19, 2)
_SELL_PRICES, _SELL_LOTS = slice(19, 29, 2), slice(20, 29, 2)
_STAMP, _HIGH, _LOW, _DEAL, _STATUS, _UP, _DOWN, _AMOUNT_10K = 30, 33, 34, 35, 40, 47, 48, 57
_SUSPENDED = "S"
_DAY_BEGIN = time(9, 15)


class TencentLayout:
    """One record is one instrument; a suspended one keeps an old stamp."""

    name = "tencent"
    label = "腾讯行情"
    query = "/q="

    def quote(self, payload: str, instrument: Instrument, scene: Scene) -> Quote | None:
        """Return the quote of a record; None of an empty one and of another day's."""
        fields = payload.split("~")
        if len(fields) == 1:
            return None
        if len(fields) < FIELDS_MIN or fields[_CODE] != instrument.code:
            raise ValueError(instrument.symbol)
        is_marked = len(fields) > _STATUS and fields[_STATUS] == _SUSPENDED
        day, moment = fields[_STAMP][:8], fields[_STAMP][8:]
        at = datetime.fromisoformat(f"{day}T{moment}").replace(tzinfo=SHANGHAI)
        if at.date() != scene.day:
            if not is_marked:
                return None
            at = datetime.combine(scene.day, _DAY_BEGIN, SHANGHAI)
        if instrument.is_index:
            return _index_quote(fields, instrument, at, scene)
        figures, unit = _figures(fields, instrument)
        phase = scene.phases.of(instrument)
        is_halted = scene.still.holds(instrument, figures, phase) or is_marked
        quote = live_quote(instrument, at, figures, scene.phases, is_halted=is_halted)
        up, down = (scaled(text, 3) for text in (_field(fields, _UP), _field(fields, _DOWN)))
        return replace(
            quote,
            limit_up_milli=up if up > 0 else None,
            limit_down_milli=down if down > 0 else None,
            outer_shares=scaled(fields[_OUTER], 0) * unit,
            inner_shares=scaled(fields[_INNER], 0) * unit,
        )


def _figures(fields: list[str], instrument: Instrument) -> tuple[Figures, int]:
    """Return a record's figures, and the unit its volumes are in."""
    lot = lot_shares(instrument)
    turnover, told = _turnover_fen(fields), scaled(fields[_VOLUME], 0)
    high, low = scaled(fields[_HIGH], 3), scaled(fields[_LOW], 3)
    usual = 1 if instrument.board is Board.STAR else lot
    unit = told_unit(told, turnover, (low, high), usual)
    figures = Figures(
        scaled(fields[_PREVIOUS], 3),
        scaled(fields[_OPEN], 3),
        high,
        low,
        scaled(fields[_LAST], 3),
        whole_shares(told, unit, turnover, (low, high)),
        turnover,
        _side(fields[_BUY_PRICES], fields[_BUY_LOTS], lot),
        _side(fields[_SELL_PRICES], fields[_SELL_LOTS], lot),
    )
    return figures, unit


def _index_quote(fields: list[str], instrument: Instrument, at: datetime, scene: Scene) -> Quote:
    turnover = _turnover_fen(fields)
    volume = index_volume_in_shares(scaled(fields[_VOLUME], 0), turnover)
    points = [scaled(fields[place], 4) for place in (_PREVIOUS, _OPEN, _HIGH, _LOW, _LAST)]
    return index_quote(instrument, at, points, (volume, turnover), scene.phases)


def _turnover_fen(fields: list[str]) -> int:
    """Return the amount: the third part of field 35 is yuan, field 57 ten thousands of it."""
    parts = fields[_DEAL].split("/")
    if len(parts) == 3:  # noqa: PLR2004 - price, volume, amount
        return scaled(parts[2], 2)
    return scaled(_field(fields, _AMOUNT_10K), 6)


def _side(prices: list[str], lots: list[str], lot: int) -> tuple[Level, ...]:
    return side_of_book(
        [scaled(text, 3) for text in prices], [scaled(text, 0) * lot for text in lots]
    )


def _field(fields: list[str], place: int) -> str:
    return fields[place] if place < len(fields) else ""
