"""The phone's own page: chat, menu, and what the user does there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, render_template, request

from h5app.simulator.phone.deed_table import DeedTable
from h5app.simulator.phone.wording import segments, shown_time

if TYPE_CHECKING:
    import sqlite3

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json


def blueprint(platform: Platform) -> Blueprint:
    """Return the pages and calls of the phones."""
    pages = Blueprint("phone", __name__)
    pages.add_app_template_filter(segments)
    pages.add_app_template_filter(shown_time)
    views = _Views(platform)
    pages.get("/phone/<user_id>")(views.show_phone)
    pages.get("/phone/<user_id>/state")(views.show_state)
    pages.post("/phone/<user_id>/deeds/<deed>")(views.do)
    pages.get("/simulator/outside")(views.show_outside)
    return pages


class _Views:
    """Parses, calls once, renders."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._deeds = DeedTable(platform)

    def show_phone(self, user_id: str) -> Response:
        """Show a phone; elsewhere than on its own host, lead there."""
        user = self._platform.deeds.user_of(user_id)
        if g.phone is None or g.phone["user_id"] != user_id:
            origin = self._platform.addresses.phone_origin(user_id, request.host)
            return Response("", status=302, headers={"Location": f"{origin}/phone/{user_id}"})
        openid = user["openid"]
        page = render_template(
            "simulator/phone.html",
            user=user,
            bar=self._bar(user),
            messages=self._platform.chat.newest(openid),
            last_id=self._platform.chat.last_id(openid),
            codes=self._platform.qrcodes.all(),
        )
        return Response(page)

    def show_state(self, user_id: str) -> Response:
        """Return what is new in the chat, and the bar when it changed."""
        user = self._platform.deeds.user_of(user_id)
        openid, bar = user["openid"], self._bar(user)
        messages = self._platform.chat.after(openid, request.args.get("after", 0, type=int))
        answer: Json = {
            "messages": render_template("simulator/_messages.html", messages=messages),
            "last_id": self._platform.chat.last_id(openid),
            "is_typing": self._platform.service_messages.is_typing(openid),
        }
        if request.args.get("bar") != bar["version"]:
            answer["bar"] = render_template("simulator/_bar.html", user=user, bar=bar)
            answer["bar_version"] = bar["version"]
        return jsonify(answer)

    def do(self, user_id: str, deed: str) -> Response:
        """Do what the user does; answer with what opens, if anything."""
        body = request.get_json(silent=True)
        opens = self._deeds.do(deed, user_id, body if isinstance(body, dict) else {})
        if not opens:
            return jsonify({})
        return jsonify({"open": self._in_web_view(user_id, opens)})

    def show_outside(self) -> Response:
        """Tell that an address lies outside of what is simulated."""
        address = request.args.get("address", "")
        return Response(render_template("simulator/outside.html", address=address))

    def _in_web_view(self, user_id: str, address: str) -> str:
        origin = self._platform.addresses.phone_origin(user_id, request.host)
        inside = self._platform.addresses.in_phone(address, origin)
        if inside.startswith((f"{origin}/", "/")) and not inside.startswith("//"):
            return inside
        return f"{origin}/simulator/outside?{urlencode({'address': address})}"

    def _bar(self, user: sqlite3.Row) -> Json:
        buttons = self._platform.menus.buttons_of(user["openid"]) if user["is_following"] else []
        version = hashlib.sha256(repr((buttons, user["is_following"])).encode()).hexdigest()[:12]
        return {"buttons": buttons, "version": version}
