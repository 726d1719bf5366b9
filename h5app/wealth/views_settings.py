"""Pages of preferences and of the private calendar link, and the calendar behind the link."""

from flask import Blueprint, Response, current_app, flash, get_flashed_messages, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.money import fen_text
from h5app.plumbing.web import render, see_other
from h5app.wealth import forms
from h5app.wealth.model import LEAD_DAYS_MAX, EntryClass, Sensitivity
from h5app.wealth.refusal import BadEntry
from h5app.wealth.service import WealthCalendar
from h5app.wealth.views_said import is_open, said

SHOWN_ONCE = "wealth-feed"
CLASSES_TOLD = tuple(kind for kind in EntryClass if kind is not EntryClass.CLOSURE)
CLASSES_SENT = tuple(EntryClass)


def add_pages(room: Blueprint, calendar: WealthCalendar) -> None:
    """Add the pages of preferences and of the link to the room."""
    _add_preferences(room, calendar)
    _add_link(room, calendar)
    _add_feed(room, calendar)


def _add_preferences(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/preferences")
    @requires(Tier.FOLLOWER)
    def preferences() -> Response:
        return _preferences_page(calendar)

    @room.post("/preferences")
    @requires(Tier.FOLLOWER)
    def prefer() -> Response:
        try:
            calendar.wish(visitor().owner, forms.read_wishes(request.form))
        except BadEntry as refused:
            return _preferences_page(calendar, error=_(refused.message), status=refused.status)
        return see_other("/wealth/preferences?said=wished")


def _preferences_page(calendar: WealthCalendar, error: str = "", status: int = 200) -> Response:
    wishes = calendar.wishes(visitor().owner)
    leads = [(kind, _lead_text(wishes.lead_of(kind))) for kind in CLASSES_TOLD]
    return render(
        "wealth/preferences.html",
        status,
        leads=leads,
        choices=_lead_choices(),
        hour=wishes.hour,
        wishes=wishes,
        least=fen_text(wishes.least_fen) if wishes.least_fen else "",
        sensitivities=[(each.value, _(each.label)) for each in Sensitivity],
        hours=[(hour, _("%(hour)d点", hour=hour)) for hour in range(24)],
        said=said(),
        error=error,
        is_private=True,
    )


def _lead_text(days: int | None) -> str:
    return forms.OFF if days is None else str(days)


def _lead_choices() -> list[tuple[str, str]]:
    numbered = [(str(days), _("提前%(days)d天", days=days)) for days in range(1, LEAD_DAYS_MAX + 1)]
    return [(forms.OFF, _("不提醒")), ("0", _("当天")), *numbered]


def _add_link(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/feed")
    @requires(Tier.FOLLOWER)
    def link() -> Response:
        return render(
            "wealth/feed.html",
            feed=calendar.feeds.of(visitor().owner),
            address=_address_shown_once(),
            classes=CLASSES_SENT,
            is_open=is_open(),
            said=said(),
            is_private=True,
        )

    @room.post("/feed")
    @requires(Tier.FOLLOWER)
    def make() -> Response:
        shows = is_open() and request.form.get("amounts") == "yes"
        flash(calendar.feeds.make(visitor().owner, shows_amounts=shows), SHOWN_ONCE)
        return see_other("/wealth/feed")

    @room.post("/feed/revocation")
    @requires(Tier.FOLLOWER)
    def revoke() -> Response:
        calendar.feeds.revoke(visitor().owner)
        return see_other("/wealth/feed?said=revoked")

    @room.post("/feed/classes")
    @requires(Tier.FOLLOWER)
    def choose() -> Response:
        wanted = set(request.form.getlist("kind"))
        off = [kind for kind in CLASSES_SENT if kind.value not in wanted]
        calendar.feeds.choose(visitor().owner, off)
        return see_other("/wealth/feed?said=wished")


def _address_shown_once() -> str:
    """Return the link that was made a moment ago; afterwards nobody can know it again."""
    made = get_flashed_messages(category_filter=[SHOWN_ONCE])
    base_url = current_app.config["H5APP"].base_url
    return f"{base_url}/wealth/{made[-1]}.ics" if made else ""


def _add_feed(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/<token>.ics")
    @requires(Tier.VISITOR)
    def feed(token: str) -> Response:
        # Whoever knows the address may read: a phone's calendar has no cookie.
        response = Response(calendar.feeds.text(token), mimetype="text/calendar")
        response.headers["Cache-Control"] = "private, max-age=900"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Content-Disposition"] = 'inline; filename="wealth.ics"'
        response.add_etag()
        response.make_conditional(request)
        return response
