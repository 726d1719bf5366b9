"""The page around a month: the same for everybody who chose alike, so it is drawn once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import flask
from flask import Response
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from h5app.plumbing.web import asset, render

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

SHELLS_MAX = 64
"""Shells kept in one process; then all are drawn anew."""
TOKEN_PLACE = secrets.token_hex(16)
"""Stands where the form token of the request goes; nobody can have written it."""
_LABEL_PLACE, _BODY_PLACE = (
    Markup(f"<!--{secrets.token_hex(8)}-->")  # noqa: S704 - our own
    for _place in range(2)
)
_ASSETS = ("app.css", "app.js", "wealth.css", "wealth.js")
_OF_REQUEST = frozenset({"request", "session", "g", "feed_label", "market_at"})
"""What pages know besides their look: of it, the shell shows nothing but the label line."""


class Shells:
    """The shells of this process; nothing in one belongs to a customer."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[str, ...]] = {}

    def page(self, body: str, day: date | None) -> Response:
        """Answer the present request with this body, which holds TOKEN_PLACE in its forms."""
        around: dict[str, object] = {}
        flask.current_app.update_template_context(around)
        before, between, after = self._shell(around, day)
        label = flask.get_template_attribute("_ui/label.html", "label_line")(
            around.get("feed_label"), around.get("market_at")
        )
        text = f"{before}{label}{between}{body}{after}".replace(TOKEN_PLACE, generate_csrf())
        return Response(text, mimetype="text/html", headers={"Cache-Control": "no-store"})

    def _shell(self, around: dict[str, object], day: date | None) -> tuple[str, ...]:
        look = frozenset(item for item in around.items() if item[0] not in _OF_REQUEST)
        key = (look, day, str(get_locale()), *(asset(name) for name in _ASSETS))
        shell = self._kept.get(key)
        if shell is None:
            if len(self._kept) >= SHELLS_MAX:
                self._kept = {}
            shell = self._kept[key] = _draw(day)
        return shell


def _draw(day: date | None) -> tuple[str, ...]:
    text = flask.render_template(
        "wealth/month.html",
        csrf_token=lambda: TOKEN_PLACE,
        label_place=_LABEL_PLACE,
        body=_BODY_PLACE,
        day=day,
        is_private=True,
    )
    before, rest = text.split(_LABEL_PLACE)
    return (before, *rest.split(_BODY_PLACE))


def page_that_says(body: str, day: date | None, said: str, undo: str) -> Response:
    """Answer with the page that tells what was just done; it is seen once and not kept."""
    own = Markup(body.replace(TOKEN_PLACE, generate_csrf()))  # noqa: S704 - our own templates
    return render("wealth/month.html", body=own, day=day, said=said, undo=undo, is_private=True)
