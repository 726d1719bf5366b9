"""The page of one occurrence: why it is here, when it is told, what the customer says of it."""

from datetime import date, timedelta

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.plumbing.web import render, see_other
from h5app.wealth import forms
from h5app.wealth.lunar_text import long_name
from h5app.wealth.model import Occurrence
from h5app.wealth.refusal import BadMark, EntryNotFound
from h5app.wealth.service import WealthCalendar
from h5app.wealth.views_form import lead_choices
from h5app.wealth.views_said import (
    entry_href,
    is_open,
    ledger,
    said,
    step_up_href,
    unpublished_year,
)
from h5app.wealth.views_streams import stream_of


def add_pages(room: Blueprint, calendar: WealthCalendar) -> None:
    """Add the pages of single occurrences to the room."""
    _add_entry(room, calendar)
    _add_marks(room, calendar)


def _add_entry(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/entries/<ref>")
    @requires(Tier.FOLLOWER)
    def entry(ref: str) -> Response:
        who = visitor()
        upcoming = calendar.upcoming(who.owner, ref, ledger())
        occurrence = _asked_occurrence(calendar, ref, upcoming)
        today = calendar.today()
        return render(
            "wealth/entry.html",
            occurrence=occurrence,
            upcoming=upcoming,
            today=today,
            days_left=occurrence.days_left(today),
            reminders=calendar.tellings(who.owner, occurrence),
            lunar=long_name(occurrence.nominal_on, calendar.trading_days.lunar),
            snoozes=_snoozes(occurrence, today),
            stream=stream_of(calendar, occurrence),
            kinds=forms.own_classes(),
            leads=lead_choices(),
            unpublished=unpublished_year(calendar, occurrence.due_on),
            is_open=is_open(),
            step_up=step_up_href(entry_href(occurrence)),
            said=said(),
            entry_href=entry_href,
            is_private=True,
        )


def _asked_occurrence(calendar: WealthCalendar, ref: str, upcoming: list[Occurrence]) -> Occurrence:
    """Return the occurrence of the address: that of the day, else the next one."""
    text = request.args.get("on", "")
    if text:
        who = visitor()
        try:
            return calendar.occurrence(who.owner, ref, forms.read_day(text), ledger())
        except EntryNotFound:
            if not upcoming:
                raise
    if not upcoming:
        raise EntryNotFound
    return upcoming[0]


def _snoozes(occurrence: Occurrence, today: date) -> list[tuple[str, str]]:
    """Return the days on which it may be told again: tomorrow, in three days, on the day."""
    wanted = (
        (today + timedelta(days=1), _("明天提醒")),
        (today + timedelta(days=3), _("3天后提醒")),
        (occurrence.due_on, _("到期当天提醒")),
    )
    fitting = {day.isoformat(): text for day, text in wanted if today < day <= occurrence.due_on}
    return list(fitting.items())


def _add_marks(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.post("/entries/<ref>/mark")
    @requires(Tier.FOLLOWER)
    def mark(ref: str) -> Response:
        who = visitor()
        on = forms.read_day(request.form.get("on", ""))
        occurrence = calendar.occurrence(who.owner, ref, on, ledger())
        word = _carry_out(calendar, occurrence, request.form.get("word", ""))
        return see_other(f"{entry_href(occurrence)}&said={word}")


def _carry_out(calendar: WealthCalendar, occurrence: Occurrence, word: str) -> str:
    """Do what a button of the occurrence's page says; return what is said of it.

    Raises:
        BadMark: There is no such word.
    """
    owner, key = visitor().owner, occurrence.key
    if word == "snooze":
        calendar.snooze(owner, *key, forms.read_day(request.form.get("until", "")))
        return "snoozed"
    verbs = {
        "done": (calendar.mark_done, "done"),
        "skip": (calendar.skip, "skipped"),
        "undo": (calendar.unmark, "unmarked"),
    }
    if word not in verbs:
        raise BadMark
    verb, answer = verbs[word]
    verb(owner, *key)
    return answer
