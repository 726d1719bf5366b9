"""The fields of a stock page as the screen writes them: 换手, 委比, 市盈 and the rest.

static/market/facts.js says the same in the browser while the price moves;
tests/ui/market_facts_cases.json holds both to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import msgspec
from flask_babel import gettext as _

from h5app.market import figures
from h5app.plumbing import format as written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from h5app.market.model import Instrument, Level, Quote

LEVEL_RATIO = Decimal(1)
"""量比 above it is busier than usual, below it quieter."""


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the figures need of an instrument; a page hands it to its script as JSON.

    `usual_day_shares` is the mean daily volume of the last five trading days.
    """

    decimals: int
    lot_shares: int
    is_index: bool = False
    is_share: bool = False
    shares_outstanding: int | None = None
    shares_float: int | None = None
    eps_milli: int | None = None
    eps_ttm_milli: int | None = None
    eps_forward_milli: int | None = None
    net_assets_per_share_milli: int | None = None
    usual_day_shares: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One field as the screen shows it; `way` is up, down or flat, empty where it has no colour."""

    key: str
    label: str
    text: str
    way: str = ""


def terms_of(instrument: Instrument, usual_day_shares: int | None = None) -> Terms:
    """Return the terms of an instrument."""
    known = instrument.fundamentals
    return Terms(
        decimals=instrument.price_decimals,
        lot_shares=instrument.lot_shares,
        is_index=instrument.is_index,
        is_share=instrument.board.is_share,
        shares_outstanding=known.shares_outstanding,
        shares_float=known.shares_float,
        eps_milli=known.eps_milli,
        eps_ttm_milli=known.eps_ttm_milli,
        eps_forward_milli=known.eps_forward_milli,
        net_assets_per_share_milli=known.net_assets_per_share_milli,
        usual_day_shares=usual_day_shares,
    )


def facts(instrument: Instrument, quote: Quote, usual_day_shares: int | None = None) -> list[Fact]:
    """Return every field that this kind of instrument has, the most asked for first."""
    basics = [*_prices(instrument, quote), *_amounts(instrument, quote)]
    if instrument.is_index:
        return [*basics, _swing(quote)]
    return [
        *basics,
        *_activity(instrument, quote, usual_day_shares),
        *_limits(instrument, quote),
        *_sides(instrument, quote),
        *_values(instrument, quote),
        *_after_hours(instrument, quote),
    ]


def _prices(instrument: Instrument, quote: Quote) -> list[Fact]:
    shown = (
        ("open", _("今开"), quote.open_milli),
        ("high", _("最高"), quote.high_milli),
        ("low", _("最低"), quote.low_milli),
    )
    previous = written.price(quote.previous_close_milli, instrument.price_decimals)
    rows = [_price(instrument, quote, Fact(key, label, ""), value) for key, label, value in shown]
    return [*rows, Fact("previous-close", _("昨收"), previous)]


def _price(instrument: Instrument, quote: Quote, empty: Fact, price_milli: int | None) -> Fact:
    text = written.price(price_milli, instrument.price_decimals)
    way = written.direction(price_milli, quote.previous_close_milli)
    return Fact(empty.key, empty.label, text, way)


def _amounts(instrument: Instrument, quote: Quote) -> list[Fact]:
    has_traded = quote.last_milli is not None
    volume = quote.volume_shares if has_traded else None
    turnover = quote.turnover_fen if has_traded else None
    return [
        Fact("volume", _("成交量"), written.lots(volume, instrument.lot_shares)),
        Fact("turnover", _("成交额"), written.yuan_short(turnover)),
    ]


def _activity(instrument: Instrument, quote: Quote, usual_day_shares: int | None) -> list[Fact]:
    changed_hands = figures.turnover_ratio(quote, instrument)
    if quote.last_milli is None:
        changed_hands = None
    busy = figures.volume_ratio(quote, usual_day_shares)
    average = Fact("average", _("均价"), "")
    return [
        Fact("turnover-ratio", _("换手率"), written.percent(changed_hands)),
        _swing(quote),
        Fact("volume-ratio", _("量比"), multiple(busy), written.direction(busy, LEVEL_RATIO)),
        _price(instrument, quote, average, figures.average_milli(quote)),
    ]


def _swing(quote: Quote) -> Fact:
    return Fact("amplitude", _("振幅"), written.percent(figures.swing_ratio(quote)))


def _limits(instrument: Instrument, quote: Quote) -> list[Fact]:
    up, down = quote.limit_up_milli, quote.limit_down_milli
    decimals = instrument.price_decimals
    return [
        Fact("limit-up", _("涨停"), written.price(up, decimals), _way_if(up, "up")),
        Fact("limit-down", _("跌停"), written.price(down, decimals), _way_if(down, "down")),
    ]


def _way_if(price_milli: int | None, way: str) -> str:
    return "flat" if price_milli is None else way


def _sides(instrument: Instrument, quote: Quote) -> list[Fact]:
    has_book = bool(quote.bids or quote.asks)
    difference = _standing(quote.bids) - _standing(quote.asks) if has_book else None
    way = written.direction(difference)
    lot = instrument.lot_shares
    return [
        Fact("order-ratio", _("委比"), written.ratio(figures.order_imbalance(quote)), way),
        Fact("order-difference", _("委差"), written.lots(difference, lot), way),
        Fact("outer", _("外盘"), written.lots(quote.outer_shares, lot), "up"),
        Fact("inner", _("内盘"), written.lots(quote.inner_shares, lot), "down"),
    ]


def _standing(levels: Iterable[Level]) -> int:
    return sum(level.quantity_shares for level in levels)


def _values(instrument: Instrument, quote: Quote) -> list[Fact]:
    if not instrument.board.is_share:
        return []
    known = instrument.fundamentals
    earned = (
        ("pe-forward", _("市盈(动)"), known.eps_forward_milli),
        ("pe-ttm", _("市盈(TTM)"), known.eps_ttm_milli),
        ("pe-static", _("市盈(静)"), known.eps_milli),
    )
    total = written.yuan_short(figures.market_value_fen(quote, instrument))
    floating = written.yuan_short(figures.float_value_fen(quote, instrument))
    return [
        *[Fact(key, label, _earnings_multiple(quote, eps)) for key, label, eps in earned],
        Fact("pb", _("市净率"), multiple(figures.price_book(quote, instrument))),
        Fact("total-value", _("总市值"), total),
        Fact("float-value", _("流通市值"), floating),
    ]


def _earnings_multiple(quote: Quote, eps_milli: int | None) -> str:
    """Return 市盈率; a company that lost money has no such figure, and the screen says so."""
    if eps_milli is not None and eps_milli < 0:
        return str(_("亏损"))
    return multiple(figures.price_earnings(quote, eps_milli))


def _after_hours(instrument: Instrument, quote: Quote) -> Sequence[Fact]:
    rows = []
    if quote.after_hours_volume_shares is not None:
        volume = written.lots(quote.after_hours_volume_shares, instrument.lot_shares)
        turnover = written.yuan_short(quote.after_hours_turnover_fen)
        rows += [
            Fact("after-volume", _("盘后成交量"), volume),
            Fact("after-turnover", _("盘后成交额"), turnover),
        ]
    if quote.iopv_milli is not None:
        rows.append(Fact("iopv", _("参考净值"), written.price(quote.iopv_milli, 3)))
    return rows


def multiple(value: Decimal | None) -> str:
    """Return a plain number (量比, 市盈率) with two decimals, half away from zero."""
    if value is None:
        return written.MISSING
    hundredths = int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return written.fixed(hundredths, 2)
