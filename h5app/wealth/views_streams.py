"""Pages of learned streams: what is asked, what was dismissed, why a payment is expected."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.plumbing.web import render, see_other
from h5app.wealth import forms
from h5app.wealth.learner import SURE_COUNT_MIN
from h5app.wealth.learning.payment import Cadence
from h5app.wealth.model import Occurrence
from h5app.wealth.service import WealthCalendar
from h5app.wealth.stream_model import (
    KeptStream,
    StreamFacts,
    cadence_text,
    day_text,
    rhythm,
    unpack,
)
from h5app.wealth.streams import StreamView
from h5app.wealth.views_said import ledger

PAYMENTS_SHOWN_MAX = 12


@dataclass(frozen=True, kw_only=True)
class ShownStream:
    """A learned stream in the words of a page."""

    stream_id: int
    ref: str
    title: str
    payee: str
    kind: str
    kind_label: str
    lead_days: int | None
    question: str
    reason: str
    next_on: date | None
    payments: tuple[tuple[date, int], ...]
    """Newest first: day and amount, unit fen."""
    count: int
    is_confirmed: bool


def add_pages(room: Blueprint, calendar: WealthCalendar) -> None:
    """Add the pages of learned streams to the room."""
    _add_words(room, calendar)
    _add_dismissed(room, calendar)


def _add_words(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.post("/streams/<int:stream_id>/confirmation")
    @requires(Tier.FOLLOWER)
    def confirm_stream(stream_id: int) -> Response:
        who = visitor()
        calendar.confirm_stream(who.owner, ledger(), stream_id)
        return see_other("/wealth/?said=confirmed")

    @room.post("/streams/<int:stream_id>/dismissal")
    @requires(Tier.FOLLOWER)
    def dismiss_stream(stream_id: int) -> Response:
        who = visitor()
        said = calendar.dismiss_stream(who.owner, ledger(), stream_id)
        return see_other(f"/wealth/?said=dismissed&undo={said.ref}")

    @room.post("/streams/<int:stream_id>")
    @requires(Tier.FOLLOWER)
    def change_stream(stream_id: int) -> Response:
        who, own = visitor(), forms.read_words(request.form)
        changed = calendar.change_stream(who.owner, ledger(), stream_id, own)
        return see_other(f"/wealth/entries/{changed.ref}?said=relearned")

    @room.post("/streams/<int:stream_id>/restoration")
    @requires(Tier.FOLLOWER)
    def restore_stream(stream_id: int) -> Response:
        who = visitor()
        calendar.unsay_stream(who.owner, ledger(), stream_id)
        return see_other("/wealth/?said=restored")


def _add_dismissed(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/dismissed")
    @requires(Tier.FOLLOWER)
    def dismissed() -> Response:
        found = [_kept(each) for each in calendar.streams.dismissed(ledger())]
        return render("wealth/dismissed.html", streams=found, is_private=True)


def candidates(calendar: WealthCalendar) -> list[ShownStream]:
    """Return what the visitor is asked about."""
    return [shown(view) for view in calendar.streams.candidates(ledger())]


def stream_of(calendar: WealthCalendar, occurrence: Occurrence) -> ShownStream | None:
    """Return the learned stream behind an occurrence; None where there is none.

    Raises:
        EntryNotFound: The visitor's account has no such stream.
    """
    if not occurrence.is_learned:
        return None
    return shown(calendar.streams.view(ledger(), int(occurrence.ref.removeprefix("stream-"))))


def shown(view: StreamView) -> ShownStream:
    """Return a stream in the words of a page."""
    facts, kind = view.stream.facts, view.stream.kind.label
    cadence = unpack(facts.cadence)
    newest = tuple(reversed(view.payments))[:PAYMENTS_SHOWN_MAX]
    return ShownStream(
        stream_id=view.stream.stream_id,
        ref=view.stream.ref,
        title=view.stream.title,
        payee=facts.title,
        kind=view.stream.kind.value,
        kind_label=kind,
        lead_days=view.stream.own.lead_days,
        question=_question(facts, cadence),
        reason=_reason(facts, cadence),
        next_on=view.following[0].due_on if view.following else None,
        payments=tuple((each.on, each.amount_fen) for each in newest),
        count=len(view.payments),
        is_confirmed=view.stream.word.value == "confirmed",
    )


def _kept(stream: KeptStream) -> ShownStream:
    return shown(StreamView(stream=stream, payments=(), following=()))


def _question(facts: StreamFacts, cadence: Cadence | None) -> str:
    kind = facts.kind.label
    if facts.count == 1:
        return str(_("疑似固定%(kind)s,是否提醒?", kind=kind))
    return str(_("疑似%(rhythm)s%(kind)s,是否提醒?", rhythm=rhythm(cadence), kind=kind))


def _reason(facts: StreamFacts, cadence: Cadence | None) -> str:
    """Say what was seen, and of one or two payments no more than they can tell."""
    if facts.is_ordered:
        return str(_("由银行的约定得知,已发现%(count)d次付款", count=facts.count))
    if facts.count == 1:
        return str(_("只发现1次,先按每月估计"))
    words = cadence_text(cadence) if facts.count >= SURE_COUNT_MIN else day_text(cadence)
    return str(_("共发现%(count)d次,%(cadence)s", count=facts.count, cadence=words))
