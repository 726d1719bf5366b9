"""Sina's hq.sinajs.cn: fields parted by ",", in GB18030; answers only with its own Referer.

Volumes and depth are in shares; an empty record is a code that it does not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.feeds.http_feed import scaled
from h5app.market.feeds.live import (
    Figures,
    index_quote,
    index_volume_in_shares,
    live_quote,
    side_of_book,
    told_unit,
    whole_shares,
)

if TYPE_CHECKING:
    from h5app.market.feeds.http_feed import Scene
    from h5app.market.model import Instrument, Quote

SINA_BASE = "https://hq.sinajs.cn"
SINA_REFERER = "https://finance.sina.com.cn"
FIELDS_MIN = 32
_OPEN, _PREVIOUS, _LAST, _HIGH, _LOW, _VOLUME, _AMOUNT = 1, 2, 3, 4, 5, 8, 9
_BUY_SHARES, _BUY_PRICES = slice(10, 20, 2), slice(11, 20, 2)
_SELL_SHARES, _SELL_PRICES = slice(20, 30, 2), slice(21, 30, 2)
_DATE, _TIME, _STATUS = 30, 31, 32
_SUSPENDED = "03"


class SinaLayout:
    """One record is one instrument."""

    name = "sina"
    label = "新浪行情"
    query = "/list="

    def quote(self, payload: str, instrument: Instrument, scene: Scene) -> Quote | None:
        """Return the quote of a record; None of an empty one and of another day's."""
        fields = payload.split(",")
        if len(fields) == 1:
            return None
        if len(fields) < FIELDS_MIN:
            raise ValueError(instrument.symbol)
        at = datetime.fromisoformat(f"{fields[_DATE]}T{fields[_TIME]}").replace(tzinfo=SHANGHAI)
        if at.date() != scene.day:
            return None
        told, turnover = scaled(fields[_VOLUME], 0), scaled(fields[_AMOUNT], 2)
        if instrument.is_index:
            points = [scaled(fields[place], 4) for place in (_PREVIOUS, _OPEN, _HIGH, _LOW, _LAST)]
            volume = index_volume_in_shares(told, turnover)
            return index_quote(instrument, at, points, (volume, turnover), scene.phases)
        figures = _figures(fields, told, turnover)
        is_still = scene.still.holds(instrument, figures, scene.phases.of(instrument))
        is_marked = len(fields) > _STATUS and fields[_STATUS] == _SUSPENDED
        return live_quote(instrument, at, figures, scene.phases, is_halted=is_still or is_marked)


def _figures(fields: list[str], told: int, turnover: int) -> Figures:
    high, low = scaled(fields[_HIGH], 3), scaled(fields[_LOW], 3)
    unit = told_unit(told, turnover, (low, high), 1)
    bids, asks = (
        side_of_book([scaled(text, 3) for text in prices], [scaled(text, 0) for text in shares])
        for prices, shares in (
            (fields[_BUY_PRICES], fields[_BUY_SHARES]),
            (fields[_SELL_PRICES], fields[_SELL_SHARES]),
        )
    )
    return Figures(
        scaled(fields[_PREVIOUS], 3),
        scaled(fields[_OPEN], 3),
        high,
        low,
        scaled(fields[_LAST], 3),
        whole_shares(told, unit, turnover, (low, high)),
        turnover,
        bids,
        asks,
    )
