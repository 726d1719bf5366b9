"""The page of the month, and the room's blueprint."""

import re
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.plumbing.api import operation
from h5app.plumbing.db import DatabaseBusy, DatabaseUnavailable
from h5app.plumbing.web import json_reply, render, wants_json
from h5app.wealth import forms, views_bills, views_entry, views_form, views_settings, views_streams
from h5app.wealth.model import Occurrence
from h5app.wealth.month import (
    WEEK_DAYS,
    Month,
    bands,
    is_overdue,
    month_of,
    parse_month,
    totals,
    week_of,
    weeks,
)
from h5app.wealth.replies import CalendarReply, calendar_reply
from h5app.wealth.service import WealthCalendar
from h5app.wealth.shortage import Soon, soon
from h5app.wealth.views_said import (
    entry_href,
    is_open,
    ledger,
    said,
    step_up_href,
    unpublished_year,
)

AGENDA_DAYS = 30
_UNDO = re.compile(r"(?P<kind>own|stream)-(?P<number>[0-9]{1,18})")


def blueprint(calendar: WealthCalendar) -> Blueprint:
    """Return the pages of the calendar."""
    room = Blueprint("wealth", __name__, url_prefix="/wealth")
    _add_month(room, calendar)
    views_form.add_pages(room, calendar)
    views_entry.add_pages(room, calendar)
    views_streams.add_pages(room, calendar)
    views_settings.add_pages(room, calendar)
    views_bills.add_pages(room, calendar)
    return room


def _add_month(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/")
    @operation(
        "理财日历: 一个月的日程",
        reply=CalendarReply,
        query=(("month", "YYYY-MM,默认本月"), ("day", "YYYY-MM-DD,选中的一天")),
        errors=(401, 422),
    )
    @requires(Tier.FOLLOWER)
    def month() -> Response:
        who = visitor()
        calendar.day_watch.refresh()
        with suppress(DatabaseBusy, DatabaseUnavailable):  # Met next time; reading goes on.
            calendar.meet(who.owner, who.account_id)
        shown, day = _shown(calendar.today())
        found = calendar.occurrences(who.owner, *_reach(shown, calendar.today()), ledger())
        if wants_json():
            return json_reply(calendar_reply(shown, calendar.today(), found, is_open=is_open()))
        return render("wealth/month.html", **_month_page(calendar, shown, day, found))


def _shown(today: date) -> tuple[Month, date | None]:
    """Return the month and the chosen day of the address."""
    day_text = request.args.get("day", "")
    day = forms.read_day(day_text) if day_text else None
    month_text = request.args.get("month", "")
    shown = parse_month(month_text) if month_text else month_of(day or today)
    return shown, day


def _reach(shown: Month, today: date) -> tuple[date, date]:
    """Return the days a month's page needs: its grid, and the next weeks when it is now."""
    first, last = shown.grid_first, shown.grid_last
    if shown == month_of(today):
        last = max(last, today + timedelta(days=AGENDA_DAYS))
    return first, last


def _month_page(
    calendar: WealthCalendar, shown: Month, day: date | None, found: list[Occurrence]
) -> dict[str, Any]:
    today = calendar.today()
    is_now = shown == month_of(today)
    of_month = [each for each in found if shown.first <= each.due_on <= shown.last]
    listed = _agenda(found, today) if is_now else of_month
    return {
        **_grid(calendar, shown, day, found),
        "soon": _soon(calendar, found) if is_now else None,
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
        "said": said(),
        "undo": undo_path(request.args.get("undo", "")),
        "entry_href": entry_href,
        "is_bound": visitor().account_id is not None,
        "is_private": True,
    }


def _grid(
    calendar: WealthCalendar, shown: Month, day: date | None, found: list[Occurrence]
) -> dict[str, Any]:
    """Return the whole month, or with ?view=week the week of the chosen day."""
    today = calendar.today()
    grid = weeks(shown, found, today, calendar.trading_days)
    is_week = request.args.get("view") == "week"
    chosen = day or (today if shown == month_of(today) else shown.first)
    return {
        "weeks": week_of(chosen, grid) if is_week else grid,
        "is_week": is_week,
        "chosen": chosen,
        "week_before": chosen - timedelta(days=WEEK_DAYS),
        "week_after": chosen + timedelta(days=WEEK_DAYS),
    }


def _soon(calendar: WealthCalendar, found: list[Occurrence]) -> Soon | None:
    """Return what is to be paid in the next days; None where there is nothing."""
    account_id = visitor().account_id
    available = calendar.balances.available_fen(account_id) if account_id else None
    due = soon(found, calendar.today(), available)
    return due if due.count else None


def _agenda(found: list[Occurrence], today: date) -> list[Occurrence]:
    """Return what is ahead, and what is behind and still open."""
    ahead = today + timedelta(days=AGENDA_DAYS)
    return [
        each
        for each in found
        if today <= each.due_on <= ahead or (each.due_on < today and is_overdue(each))
    ]


def undo_path(ref: str) -> str:
    """Return where the last deletion or dismissal is taken back; empty when there was none."""
    found = _UNDO.fullmatch(ref)
    if found is None:
        return ""
    if found["kind"] == "own":
        return f"/wealth/entries/{ref}/restoration"
    return f"/wealth/streams/{found['number']}/restoration"
