"""The authorization page's routes: on with a code, a question, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request

from h5app.simulator.phone.authorize import PATH
from h5app.simulator.phone.impossible import Impossible

if TYPE_CHECKING:
    import sqlite3

    from h5app.simulator.official_platform import Platform


def blueprint(platform: Platform) -> Blueprint:
    """Return the page's routes."""
    pages = Blueprint("authorize", __name__)
    views = _Views(platform)
    pages.get(PATH)(views.show)
    pages.post(PATH)(views.decide)
    return pages


class _Views:
    """Who asks is known by the host; outside of a phone somebody must choose one first."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def show(self) -> Response:
        """Answer the page's address."""
        wish = self._platform.authorization.wish(request.args)
        if g.phone is None:
            return self._choices()
        if g.phone["oauth_mode"] == "deny":
            return self._denied(g.phone)
        if self._platform.authorization.asks(g.phone, wish):
            page = render_template("simulator/consent.html", user=g.phone, wish=wish)
            return Response(page)
        return self._agreed(g.phone)

    def decide(self) -> Response:
        """Take the user's answer on the consent page."""
        if g.phone is None:
            raise Impossible("授权页只在手机里打开")
        if request.form.get("answer") == "agree":
            return self._agreed(g.phone)
        return self._denied(g.phone)

    def _choices(self) -> Response:
        address = self._platform.addresses.phone_origin
        query = request.query_string.decode("latin-1")
        choices = [
            (user, f"{address(user['user_id'], request.host)}{PATH}?{query}")
            for user in self._platform.people.phones()
        ]
        return Response(render_template("simulator/which_phone.html", choices=choices))

    def _agreed(self, user: sqlite3.Row) -> Response:
        wish = self._platform.authorization.wish(request.args)
        target = self._platform.authorization.agreed(user, wish)
        location = self._platform.addresses.in_phone(target, f"http://{request.host}")
        return Response("", status=302, headers={"Location": location})

    def _denied(self, user: sqlite3.Row) -> Response:
        wish = self._platform.authorization.wish(request.args)
        joint = "&" if "?" in wish.redirect_uri else "?"
        back = f"{wish.redirect_uri}{joint}{urlencode({'state': wish.state})}"
        back = self._platform.addresses.in_phone(back, f"http://{request.host}")
        return Response(render_template("simulator/denied.html", user=user, back=back))
