"""What trading's pages share: whether figures are open, the way to open them, days of addresses."""

from datetime import date
from urllib.parse import quote

from flask import Response, request

from h5app.counter.model import DaySpan
from h5app.identity.gate import visitor
from h5app.identity.model import StepUpRequired, Tier
from h5app.plumbing.web import render
from h5app.trading.past import SPAN_MAX
from h5app.trading.ports import Prices
from h5app.trading.refusal import BadDay, BadMonth, BadSpan

SAID = {
    "cancelled": "撤单已送出，结果会自动更新",
    "nothing": "没有可以撤的委托",
    "saved": "设置已保存",
}
"""What a page says after it was sent somewhere; the address carries the key only."""
EARLIEST = date(1990, 12, 19)
"""The first day of the Shanghai exchange: nothing was traded before."""


def said() -> str:
    """Return the sentence about what was just done; empty when nothing was."""
    return SAID.get(request.args.get("said", ""), "")


def is_open() -> bool:
    """Whether private figures are shown: the trade password was given a short while ago."""
    return visitor().tier >= Tier.STEPPED_UP


def step_up_href(path: str) -> str:
    """Return where the trade password is asked for, and the way back."""
    return f"/me/step-up?next={quote(path, safe='/')}"


def path_of_request() -> str:
    """Return the present address as a local path with its query."""
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query else request.path


def locked_page(active: str) -> Response:
    """Draw a private page without anything private, and the way to open it."""
    return render(
        "trading/locked.html",
        StepUpRequired.status,
        active=active,
        step_up=step_up_href(path_of_request()),
    )


def day_of_request(prices: Prices) -> date:
    """Return the day that `?on=` asks for; today where it asks for none.

    Raises:
        BadDay: Not a day, or one that is not over or running yet.
    """
    text, today = request.args.get("on", ""), prices.today()
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadDay from None
    if not EARLIEST <= day <= today:
        raise BadDay
    return day


def days_around(prices: Prices, on: date) -> dict[str, date | None]:
    """Return the trading days before and after a day, as links lead to them."""
    days, today = prices.rules.trading_days, prices.today()
    after = days.next_trading_day(on)
    return {
        "earlier": days.previous_trading_day(on) if on > EARLIEST else None,
        "later": after if after <= today else None,
    }


def span_of_request(prices: Prices) -> DaySpan | None:
    """Return the days that `?first=&last=` ask for; None where they ask for none.

    A missing end is the other one, or today.

    Raises:
        BadSpan: Not days, the wrong way round, or more than a year of them.
    """
    given, today = request.args, prices.today()
    if not given.get("first") and not given.get("last"):
        return None
    try:
        last = date.fromisoformat(given["last"]) if given.get("last") else today
        first = date.fromisoformat(given["first"]) if given.get("first") else last
    except ValueError:
        raise BadSpan from None
    if not EARLIEST <= first <= last <= today or last - first > SPAN_MAX:
        raise BadSpan
    return DaySpan(first=first, last=last)


def month_of_request(prices: Prices) -> date:
    """Return the first day of the month that `?month=` asks for; the present one without.

    Raises:
        BadMonth: Not a month, or one that lies ahead.
    """
    this_month = prices.today().replace(day=1)
    text = request.args.get("month", "")
    if not text:
        return this_month
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadMonth from None
    if not EARLIEST <= month <= this_month:
        raise BadMonth
    return month
