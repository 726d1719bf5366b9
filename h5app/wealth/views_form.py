"""Pages of own entries: the form, new and changed, and taking an entry off the calendar."""

import secrets
from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.kernel.money import fen_text
from h5app.plumbing.web import json_reply, render, see_other, wants_json
from h5app.wealth import forms
from h5app.wealth.model import LEAD_DAYS_MAX, EntryDraft, HolidayRule, Repeat
from h5app.wealth.month import month_of
from h5app.wealth.refusal import BadEntry, EntryNotFound, TooManyEntries
from h5app.wealth.service import WealthCalendar
from h5app.wealth.stream_model import repeat_of, unpack
from h5app.wealth.views_said import is_open, ledger

ENTRIES_PATH = "/wealth/entries"


def add_pages(room: Blueprint, calendar: WealthCalendar) -> None:
    """Add the pages of own entries to the room."""
    _add_new(room, calendar)
    _add_change(room, calendar)
    _add_deletion(room, calendar)


def _add_new(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/entries/new")
    @requires(Tier.FOLLOWER)
    def new() -> Response:
        on = request.args.get("on", "") or calendar.today().isoformat()
        instead = request.args.get("instead_of", "")
        fields = _fields_of_stream(calendar, int(instead)) if instead.isdecimal() else {}
        return _form_page({"first_on": on, **fields}, ENTRIES_PATH)

    @room.post("/entries")
    @requires(Tier.FOLLOWER)
    def add() -> Response:
        try:
            draft = forms.read_draft(request.form)
            entry = calendar.add_entry(visitor().owner, draft, forms.read_once_key(request.form))
            _dismiss_instead(calendar, request.form.get("instead_of", ""))
        except (BadEntry, TooManyEntries) as refused:
            return _form_again(refused, ENTRIES_PATH)
        if wants_json():
            return json_reply({"ref": entry.ref}, 201)
        return see_other(f"/wealth/?month={month_of(entry.draft.first_on).text}&said=added")


def _add_change(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/entries/own-<int:entry_id>/form")
    @requires(Tier.FOLLOWER)
    def edit(entry_id: int) -> Response:
        entry = calendar.entry(visitor().owner, entry_id)
        fields = forms.form_of(entry.draft, _amount_text(entry.draft))
        return _form_page(fields, f"/wealth/entries/{entry.ref}", is_new=False)

    @room.post("/entries/own-<int:entry_id>")
    @requires(Tier.FOLLOWER)
    def change(entry_id: int) -> Response:
        try:
            draft = _keeping_amount(calendar, entry_id, forms.read_draft(request.form))
            entry = calendar.change_entry(visitor().owner, entry_id, draft)
        except (BadEntry, TooManyEntries) as refused:
            return _form_again(refused, f"/wealth/entries/own-{entry_id}")
        return see_other(f"/wealth/entries/{entry.ref}?on={entry.draft.first_on}&said=changed")


def _add_deletion(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.post("/entries/own-<int:entry_id>/deletion")
    @requires(Tier.FOLLOWER)
    def delete(entry_id: int) -> Response:
        entry = calendar.delete_entry(visitor().owner, entry_id)
        return see_other(f"/wealth/?said=deleted&undo={entry.ref}")

    @room.post("/entries/own-<int:entry_id>/restoration")
    @requires(Tier.FOLLOWER)
    def restore(entry_id: int) -> Response:
        entry = calendar.restore_entry(visitor().owner, entry_id)
        return see_other(f"/wealth/?month={month_of(entry.draft.first_on).text}&said=restored")


def _fields_of_stream(calendar: WealthCalendar, stream_id: int) -> dict[str, str]:
    """Return a learned stream as the entry it would be, for its date or rhythm to be changed."""
    view = calendar.streams.view(ledger(), stream_id)
    following = view.following[0] if view.following else None
    repeat = repeat_of(unpack(view.stream.facts.cadence))
    fields = {
        "title": view.stream.title,
        "kind": view.stream.kind.value,
        "repeat": repeat.value,
        "instead_of": str(stream_id),
    }
    if following is not None:
        fields["first_on"] = following.due_on.isoformat()
        fields["amount"] = fen_text(following.high_fen) if is_open() else ""
    return fields


def _dismiss_instead(calendar: WealthCalendar, stream_id: str) -> None:
    """Dismiss the learned stream in whose place the customer wrote his own entry."""
    if stream_id.isdecimal():
        with suppress(EntryNotFound):
            calendar.dismiss_stream(visitor().owner, ledger(), int(stream_id))


def _keeping_amount(calendar: WealthCalendar, entry_id: int, draft: EntryDraft) -> EntryDraft:
    """Keep the amount that a masked form could not show, where the customer gave no other."""
    if is_open() or draft.amount_fen is not None:
        return draft
    kept = calendar.entry(visitor().owner, entry_id).draft.amount_fen
    return replace(draft, amount_fen=kept)


def _amount_text(draft: EntryDraft) -> str:
    return fen_text(draft.amount_fen) if is_open() and draft.amount_fen is not None else ""


def _form_page(
    fields: dict[str, str],
    action: str,
    *,
    is_new: bool = True,
    error: str = "",
    status: int = 200,
) -> Response:
    return render(
        "wealth/form.html",
        status,
        fields=fields,
        action=action,
        is_new=is_new,
        error=error,
        is_open=is_open(),
        once_key=fields.get("once_key") or secrets.token_hex(8),
        kinds=forms.own_classes(),
        repeats=[(each.value, each.label) for each in Repeat],
        rules=[(each.value, each.label) for each in HolidayRule],
        leads=lead_choices(),
        is_private=True,
    )


def _form_again(refused: AppError, action: str) -> Response:
    """Show the form with what was typed and what is wrong with it."""
    if wants_json():
        raise refused
    is_new = action == ENTRIES_PATH
    fields = request.form.to_dict()
    return _form_page(
        fields, action, is_new=is_new, error=_(refused.message), status=refused.status
    )


def lead_choices() -> list[tuple[str, str]]:
    """Return the leads of an entry: that of its class, the day itself, or days before."""
    numbered = [(str(days), _("提前%(days)d天", days=days)) for days in range(1, LEAD_DAYS_MAX + 1)]
    return [(forms.INHERIT, _("按类别设置")), ("0", _("当天")), *numbered]
