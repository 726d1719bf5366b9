"""The page of the month, and the room's blueprint."""

import re
from datetime import date

from flask import Blueprint, Response, request

from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, wants_json
from h5app.wealth import forms, views_bills, views_entry, views_form, views_settings, views_streams
from h5app.wealth.month import Month, month_of, parse_month
from h5app.wealth.replies import CalendarReply, calendar_reply
from h5app.wealth.service import WealthCalendar
from h5app.wealth.views_month import met, month_body, occurrences_of
from h5app.wealth.views_said import is_open, said
from h5app.wealth.views_shell import Shells, page_that_says

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
    shells = Shells()

    @room.get("/")
    @operation(
        "理财日历: 一个月的日程",
        reply=CalendarReply,
        query=(("month", "YYYY-MM,默认本月"), ("day", "YYYY-MM-DD,选中的一天")),
        errors=(401, 422),
    )
    @requires(Tier.FOLLOWER)
    def month() -> Response:
        calendar.day_watch.refresh()
        shown, day = _shown(calendar.today())
        if wants_json():
            return _json(calendar, shown)
        body = month_body(calendar, shown, day, is_week=request.args.get("view") == "week")
        undo = undo_path(request.args.get("undo", ""))
        if said() or undo:
            return page_that_says(body, day, said(), undo)
        return shells.page(body, day)


def _json(calendar: WealthCalendar, shown: Month) -> Response:
    met(calendar)
    found = occurrences_of(calendar, shown)
    return json_reply(calendar_reply(shown, calendar.today(), found, is_open=is_open()))


def _shown(today: date) -> tuple[Month, date | None]:
    """Return the month and the chosen day of the address."""
    day_text = request.args.get("day", "")
    day = forms.read_day(day_text) if day_text else None
    month_text = request.args.get("month", "")
    shown = parse_month(month_text) if month_text else month_of(day or today)
    return shown, day


def undo_path(ref: str) -> str:
    """Return where the last deletion or dismissal is taken back; empty when there was none."""
    found = _UNDO.fullmatch(ref)
    if found is None:
        return ""
    if found["kind"] == "own":
        return f"/wealth/entries/{ref}/restoration"
    return f"/wealth/streams/{found['number']}/restoration"
