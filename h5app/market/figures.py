"""Figures derived from a quote: ratios, averages, values, valuations. Pure and exact.

Ratios are Decimal (0.0123 is 1.23 %); None where a part of the figure is not known.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from h5app.kernel.money import amount_fen, round_half_up
from h5app.market.slots import LAST_SLOT, slot_at

if TYPE_CHECKING:
    from h5app.market.model import Instrument, Quote


def change_ratio(quote: Quote) -> Decimal | None:
    """涨跌幅: how far the last price lies from the previous close."""
    if quote.last_milli is None or quote.previous_close_milli <= 0:
        return None
    return Decimal(quote.last_milli - quote.previous_close_milli) / quote.previous_close_milli


def swing_ratio(quote: Quote) -> Decimal | None:
    """振幅: high less low over the previous close."""
    if quote.high_milli is None or quote.low_milli is None or quote.previous_close_milli <= 0:
        return None
    return Decimal(quote.high_milli - quote.low_milli) / quote.previous_close_milli


def turnover_ratio(quote: Quote, instrument: Instrument) -> Decimal | None:
    """换手率: volume over the tradable shares."""
    if not instrument.shares_float:
        return None
    return Decimal(quote.volume_shares) / instrument.shares_float


def volume_ratio(quote: Quote, usual_day_shares: int | None) -> Decimal | None:
    """量比: volume a minute so far over that of the last five days; None before the first trade."""
    found = slot_at(quote.at)
    if not usual_day_shares or not quote.volume_shares or found is None:
        return None
    minutes = max(1, found[0])
    return Decimal(quote.volume_shares * LAST_SLOT) / (minutes * usual_day_shares)


def average_milli(quote: Quote) -> int | None:
    """均价: turnover over volume, unit milli; None for an index and before the first trade."""
    if quote.index_points is not None or not quote.volume_shares or not quote.turnover_fen:
        return None
    return round_half_up(quote.turnover_fen * 10, quote.volume_shares)


def market_value_fen(quote: Quote, instrument: Instrument) -> int | None:
    """总市值: all shares at the price, unit fen."""
    return _value_fen(quote, instrument.shares_outstanding)


def float_value_fen(quote: Quote, instrument: Instrument) -> int | None:
    """流通市值: tradable shares at the price, unit fen."""
    return _value_fen(quote, instrument.shares_float)


def price_earnings(quote: Quote, eps_milli: int | None) -> Decimal | None:
    """市盈率: price over earnings a share; None without earnings or at a loss."""
    price = _price_milli(quote)
    if price is None or eps_milli is None or eps_milli <= 0:
        return None
    return Decimal(price) / eps_milli


def price_book(quote: Quote, instrument: Instrument) -> Decimal | None:
    """市净率: price over net assets a share."""
    return price_earnings(quote, instrument.fundamentals.net_assets_per_share_milli)


def order_imbalance(quote: Quote) -> Decimal | None:
    """委比: bids less asks over both, of the five levels; None with an empty book."""
    bids = sum(level.quantity_shares for level in quote.bids)
    asks = sum(level.quantity_shares for level in quote.asks)
    return Decimal(bids - asks) / (bids + asks) if bids + asks else None


def _value_fen(quote: Quote, shares: int | None) -> int | None:
    price = _price_milli(quote)
    return None if price is None or not shares else amount_fen(price, shares)


def _price_milli(quote: Quote) -> int | None:
    """Return the last price; of an instrument without trades today the previous close."""
    if quote.last_milli is not None:
        return quote.last_milli
    return quote.previous_close_milli or None
