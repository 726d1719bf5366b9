"""收益日历: a month of trading days with what each brought, and the year in months."""

from datetime import date

import msgspec
from flask import Blueprint, Response

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.money import fen_text
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, wants_json
from h5app.trading.calendar import DayClose, Profits, month_after, month_before, weeks_of
from h5app.trading.ports import Prices
from h5app.trading.service import Trading
from h5app.trading.views_page import EARLIEST, month_of_request


class DayProfitReply(msgspec.Struct, frozen=True):
    """One day; amounts are decimal text in yuan.

    `since` is the day of the figure before: the profit is what the account grew by since then,
    less what was paid in. It is null for the first day that was kept.
    """

    day: date
    profit: str
    net_in: str
    total_assets: str
    since: date | None


class MonthProfitReply(msgspec.Struct, frozen=True):
    """One month of the year; null where no day is known."""

    month: str
    profit: str | None


class ProfitReply(msgspec.Struct, frozen=True):
    """A month is the sum of its days, the year that of its months, to the fen."""

    month: str
    profit: str | None
    net_in: str
    days: list[DayProfitReply]
    year: int
    year_profit: str | None
    months: list[MonthProfitReply]


def add_routes(room: Blueprint, trading: Trading, prices: Prices) -> None:
    """Add the calendar's address."""

    @room.get("/profit")
    @operation(
        "收益日历: 月合计等于各日之和,年合计等于各月之和",
        reply=ProfitReply,
        query=(("month", "YYYY-MM,默认本月"),),
        errors=(401, 403, 422),
    )
    @requires(Tier.STEPPED_UP)
    def profit() -> Response:
        month = month_of_request(prices)
        of_year = trading.closes.year(visitor().account, month.year)
        if wants_json():
            return json_reply(_reply(month, of_year))
        today, days = prices.today(), prices.rules.trading_days
        of_month = of_year.of_month(month)
        after, before = month_after(month), month_before(month)
        return render(
            "trading/profit.html",
            month=month,
            of_month=of_month,
            of_year=of_year,
            weeks=weeks_of(month),
            gaps={
                close.day
                for close in of_month.closes
                if close.since and close.since < days.previous_trading_day(close.day)
            },
            is_trading_day=days.is_trading_day,
            today=today,
            before=before if before >= EARLIEST else None,
            after=after if after <= today else None,
            is_stale=prices.is_stale,
            is_private=True,
        )


def _reply(month: date, of_year: Profits) -> ProfitReply:
    of_month = of_year.of_month(month)
    return ProfitReply(
        month=f"{month:%Y-%m}",
        profit=_yuan(of_month.profit_fen),
        net_in=fen_text(of_month.net_in_fen),
        days=[_day(close) for close in of_month.closes],
        year=month.year,
        year_profit=_yuan(of_year.profit_fen),
        months=[
            MonthProfitReply(f"{first:%Y-%m}", _yuan(found.profit_fen))
            for first, found in of_year.by_month()
        ],
    )


def _day(close: DayClose) -> DayProfitReply:
    return DayProfitReply(
        day=close.day,
        profit=fen_text(close.profit_fen),
        net_in=fen_text(close.net_in_fen),
        total_assets=fen_text(close.total_fen),
        since=close.since,
    )


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else fen_text(fen)
