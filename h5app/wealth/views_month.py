"""The month on its page: drawn once from the same rows, with the balance and tokens of now."""

import secrets
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import render_template
from flask_babel import get_locale
from markupsafe import Markup

from h5app.identity.gate import visitor
from h5app.plumbing.db import DatabaseBusy, DatabaseUnavailable
from h5app.wealth import views_streams
from h5app.wealth.gathering import Span
from h5app.wealth.kept_months import DrawnMonth
from h5app.wealth.model import Occurrence
from h5app.wealth.month import (
    WEEK_DAYS,
    Month,
    bands,
    is_overdue,
    month_of,
    totals,
    week_of,
    weeks,
)
from h5app.wealth.service import WealthCalendar
from h5app.wealth.shortage import Soon, against, soon
from h5app.wealth.views_said import (
    entry_href,
    is_open,
    ledger,
    step_up_href,
    unpublished_year,
)
from h5app.wealth.views_shell import TOKEN_PLACE

AGENDA_DAYS = 30
WARNINGS_MAX = 256
SOON_PLACE = Markup(f"<!--{secrets.token_hex(8)}-->")  # noqa: S704 - our own
"""Stands where the balance warning goes."""


def met(calendar: WealthCalendar) -> None:
    """Note the visitor and his account; where that fails, he is met next time, and reads on."""
    who = visitor()
    with suppress(DatabaseBusy, DatabaseUnavailable):
        calendar.meet(who.owner, who.account_id)


def occurrences_of(calendar: WealthCalendar, shown: Month) -> list[Occurrence]:
    """Return what falls due on the visitor's page of a month."""
    span = _span(shown, calendar.today())
    return calendar.occurrences(visitor().owner, span.first, span.last, ledger())


def month_body(calendar: WealthCalendar, shown: Month, day: date | None, *, is_week: bool) -> str:
    """Return the visitor's month as HTML, kept from before where nothing changed."""
    who, span = visitor(), _span(shown, calendar.today())
    slot = (
        *(who.owner, who.account_id, ledger(), is_open()),
        *(shown, day, is_week, str(get_locale())),
    )
    drawn = calendar.months.month(
        slot,
        lambda: calendar.months.stamp(who.owner, ledger(), span),
        lambda: _drawn(calendar, shown, day, is_week=is_week),
    )
    return drawn.head + _warning(calendar, drawn.soon) + drawn.tail


def _span(shown: Month, today: date) -> Span:
    """Return the days a month's page needs: its grid, and the next weeks when it is now."""
    first, last = shown.grid_first, shown.grid_last
    if shown == month_of(today):
        last = max(last, today + timedelta(days=AGENDA_DAYS))
    return Span(first, last)


def _drawn(
    calendar: WealthCalendar, shown: Month, day: date | None, *, is_week: bool
) -> DrawnMonth:
    met(calendar)
    found = occurrences_of(calendar, shown)
    is_now = shown == month_of(calendar.today())
    context = _context(calendar, shown, day, found) | _grid(
        calendar, shown, day, found, is_week=is_week
    )
    text = render_template("wealth/_month.html", **context)
    head, tail = text.split(SOON_PLACE)
    return DrawnMonth(head=head, tail=tail, soon=soon(found, calendar.today()) if is_now else None)


def _warning(calendar: WealthCalendar, due: Soon | None) -> str:
    """Return what is to be paid in the next days and what is missing for it, if anything is."""
    if due is None or not due.count:
        return ""
    account_id = visitor().account_id
    available = calendar.balances.available_fen(account_id) if account_id else None
    return _warning_text(against(due, available), is_open(), str(get_locale()))


@lru_cache(maxsize=WARNINGS_MAX)
def _warning_text(due: Soon, is_shown: bool, _language: str) -> str:  # noqa: FBT001 - a cache's key
    """Return the warning of these figures: whoever has the same, reads the same."""
    return render_template("wealth/_soon.html", soon=due, is_open=is_shown)


def _context(
    calendar: WealthCalendar, shown: Month, day: date | None, found: list[Occurrence]
) -> dict[str, Any]:
    """Return what the template draws from; the slot and the stamp name all of it."""
    today = calendar.today()
    is_now = shown == month_of(today)
    of_month = [each for each in found if shown.first <= each.due_on <= shown.last]
    listed = _agenda(found, today) if is_now else of_month
    return {
        "csrf_token": lambda: TOKEN_PLACE,
        "soon_place": SOON_PLACE,
        "shown": shown,
        "today": today,
        "day": day,
        "is_now": is_now,
        "of_day": [each for each in found if each.due_on == day],
        "bands": bands(listed, today),
        "candidates": views_streams.candidates(calendar) if is_now else [],
        "totals": totals(each for each in of_month if each.due_on >= today),
        "has_amounts": any(each.amount_high_fen is not None for each in listed),
        "unpublished": unpublished_year(calendar, shown.grid_last),
        "is_open": is_open(),
        "step_up": step_up_href("/wealth/"),
        "entry_href": entry_href,
        "is_bound": visitor().account_id is not None,
    }


def _grid(
    calendar: WealthCalendar,
    shown: Month,
    day: date | None,
    found: list[Occurrence],
    *,
    is_week: bool,
) -> dict[str, Any]:
    """Return the whole month, or the week of the chosen day."""
    today = calendar.today()
    grid = weeks(shown, found, today, calendar.trading_days)
    chosen = day or (today if shown == month_of(today) else shown.first)
    return {
        "weeks": week_of(chosen, grid) if is_week else grid,
        "is_week": is_week,
        "chosen": chosen,
        "week_before": chosen - timedelta(days=WEEK_DAYS),
        "week_after": chosen + timedelta(days=WEEK_DAYS),
    }


def _agenda(found: list[Occurrence], today: date) -> list[Occurrence]:
    """Return what is ahead, and what is behind and still open."""
    ahead = today + timedelta(days=AGENDA_DAYS)
    return [
        each
        for each in found
        if today <= each.due_on <= ahead or (each.due_on < today and is_overdue(each))
    ]
