"""A small simulated market for tests: one instrument of every kind, real rules and days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.feeds.sim import SimulatedMarket
from h5app.market.feeds.sim_days import DayPlans
from h5app.market.model import Board, Fundamentals, Instrument, ListingStatus, Product
from h5app.market.rules import RuleBook
from h5app.plumbing.day_tables import load_trading_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h5app.market.model import CorporateAction

DAY = date(2026, 11, 24)
SEED = 20261124


def share(symbol: str, name: str = "某某股份", **changed: object) -> Instrument:
    """Return a main-board stock, or what `changed` makes of it."""
    instrument = Instrument(
        symbol=symbol,
        name=name,
        short_name=name,
        pinyin="MMGF",
        board=Board.SSE_MAIN,
        product=Product.A_SHARE,
        lot_shares=100,
        tick_milli=10,
        is_st=False,
        listed_on=date(2001, 8, 27),
        reference_milli=12_340,
        fundamentals=Fundamentals(
            shares_outstanding=500_000_000,
            shares_float=400_000_000,
            eps_milli=510,
            eps_ttm_milli=-20,
            net_assets_per_share_milli=4_000,
        ),
    )
    return replace(instrument, **changed)  # type: ignore[arg-type]


def sample_instruments() -> list[Instrument]:
    """Return one of every kind, and enough ordinary stocks for seals and suspensions."""
    ordinary = [share(f"600{number:03}.SH", f"样本{number}") for number in range(100, 130)]
    etf = {"tick_milli": 1, "board": Board.ETF, "product": Product.ETF_DOMESTIC_STOCK}
    bond = {"tick_milli": 1, "lot_shares": 10, "board": Board.CONVERTIBLE}
    index = {"board": Board.INDEX, "product": Product.INDEX}
    return [
        *ordinary,
        share(
            "600519.SH",
            "贵州茅台",
            pinyin="GZMT",
            reference_milli=1_400_000,
            fundamentals=Fundamentals(shares_outstanding=1_256_197_800, shares_float=1_256_197_800),
        ),
        share("000001.SZ", "平安银行", pinyin="PAYH", board=Board.SZSE_MAIN),
        share("300750.SZ", "宁德时代", pinyin="NDSD", board=Board.CHINEXT),
        share("688001.SH", "华兴源创", pinyin="HXYC", board=Board.STAR, lot_shares=200),
        share("920002.BJ", "万达轴承", board=Board.BSE, old_code="832002"),
        share("600001.SH", "*ST样本", is_st=True),
        share("600002.SH", "停牌股份", status=ListingStatus.SUSPENDED),
        share("601999.SH", "新上市", listed_on=DAY),
        share("510300.SH", "沪深300ETF", reference_milli=4_000, **etf),
        share(
            "123001.SZ", "样本转债", product=Product.CONVERTIBLE, reference_milli=120_000, **bond
        ),
        share("000001.SH", "上证指数", reference_milli=3_800_000, **index),
    ]


@cache
def rule_book() -> RuleBook:
    """Return the product's rules and days."""
    return RuleBook.load(load_trading_days())


def simulated(
    instruments: Sequence[Instrument] | None = None,
    seed: int = SEED,
    actions: Sequence[CorporateAction] = (),
) -> SimulatedMarket:
    """Return the simulated market of these instruments."""
    chosen = sample_instruments() if instruments is None else instruments
    return SimulatedMarket(DayPlans(seed, chosen, rule_book(), actions=actions))


def at(text: str, on: date = DAY) -> datetime:
    """Return a moment of the day, as "10:30:03"."""
    return datetime.combine(on, time.fromisoformat(text), SHANGHAI)
