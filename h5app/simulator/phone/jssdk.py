"""The JS-SDK's other half: holds a page's signature against the platform's own tickets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, jsonify, request, send_from_directory

if TYPE_CHECKING:
    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json

STATIC = Path(__file__).resolve().parents[3] / "static" / "simulator"


def blueprint(platform: Platform) -> Blueprint:
    """Return the script's address and what the script asks."""
    pages = Blueprint("jssdk", __name__)
    checks = _Checks(platform)
    pages.get("/open/js/<name>")(checks.script)
    pages.post("/simulator/jssdk/check")(checks.check)
    pages.get("/simulator/jssdk/phone")(checks.phone)
    pages.get("/simulator/jssdk/templates")(checks.templates)
    return pages


class _Checks:
    """Answers the script that stands in for jweixin."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def script(self, name: str) -> Response:
        """Return the stand-in for jweixin, whichever version is asked for."""
        assert name
        return send_from_directory(STATIC, "jweixin.js", mimetype="text/javascript")

    def check(self) -> Response:
        """Verify wx.config for the page's real address (reference: JS-SDK, signature algorithm)."""
        body = request.get_json(silent=True)
        return jsonify({"reason": self._reason(body if isinstance(body, dict) else {})})

    def phone(self) -> Response:
        """Return where the phone is and what it would scan."""
        user = g.phone
        if user is None:
            return jsonify({})
        names = ("user_id", "latitude", "longitude", "scan_result", "platform")
        return jsonify({name: user[name] for name in names})

    def templates(self) -> Response:
        """Return the titles of subscription templates by id, for the popup that asks for them."""
        rows = self._platform.templates.of_family("subscription")
        return jsonify({row["id"]: row["title"] for row in rows})

    def _reason(self, body: Json) -> str:
        if body.get("appId") != self._platform.settings.app_id:
            return "invalid appid"
        address = self._platform.addresses.at_account(str(body.get("url", "")).partition("#")[0])
        addresses = self._platform.addresses
        if not addresses.is_of_account(address):
            return "invalid url domain"
        given = str(body.get("signature", ""))
        for ticket in self._platform.credentials.valid_tickets():
            text = (
                f"jsapi_ticket={ticket}&noncestr={body.get('nonceStr', '')}"
                f"&timestamp={body.get('timestamp', '')}&url={address}"
            )
            if hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() == given:
                return ""
        return "invalid signature"
