"""The tester's page, the log, the text messages, and the files the pages need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
)

from h5app.simulator.api.media import file_response
from h5app.simulator.phone.authorize import MODES
from h5app.simulator.phone.impossible import Impossible
from h5app.simulator.tester.turns import EVENTS, Turns

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json

LOG_ROWS_SHOWN = 60
LOG_ROWS_EXPORTED = 5000
PHONE_MAX, TEXT_MAX = 32, 1000


def blueprint(platform: Platform, static: Path) -> Blueprint:
    """Return what is served outside of the phones."""
    pages = Blueprint("tester", __name__)
    views = _Views(platform, static)
    pages.get("/")(views.show_desk)
    pages.get("/simulator/desk")(views.show_state)
    pages.post("/simulator/turns/<name>")(views.turn)
    pages.get("/simulator/market-clock")(views.show_market_clock)
    pages.get("/log.json")(views.export_log)
    pages.post("/reset")(views.reset)
    pages.get("/sms")(views.show_text_messages)
    pages.post("/sms")(views.take_text_message)
    pages.get("/simulator/healthz")(views.show_health)
    pages.get("/simulator/static/<path:name>")(views.show_static)
    pages.get("/simulator/media/<media_id>")(views.show_medium)
    pages.get("/simulator/code")(views.show_code)
    return pages


class _Views:
    """Parses, calls once, renders."""

    def __init__(self, platform: Platform, static: Path) -> None:
        self._platform = platform
        self._static = static
        self._turns = Turns(platform)

    def show_desk(self) -> Response:
        """Show the tester's page with the phones side by side."""
        port = int(request.host.rpartition(":")[2]) if ":" in request.host else 80
        settings = self._platform.settings
        phones = [
            (user, settings.phone_origin(user["user_id"], port))
            for user in self._platform.people.phones()
        ]
        return Response(
            render_template(
                "simulator/desk.html",
                phones=phones,
                settings=settings,
                modes=MODES,
                events=EVENTS,
                paths=self._platform.interfaces.paths(),
                desk=self._desk(),
            )
        )

    def show_state(self) -> Response:
        """Return the parts of the tester's page that change, as HTML."""
        return Response(render_template("simulator/_desk_state.html", desk=self._desk()))

    def turn(self, name: str) -> Response:
        """Do what a button of the tester's page says."""
        return jsonify(self._turns.turn(name, _body()))

    def show_market_clock(self) -> Response:
        """Return where the app's market clock stands."""
        return jsonify(self._platform.market_clock.read())

    def export_log(self) -> Response:
        """Return the log of all calls and deliveries as JSON, newest first."""
        direction = request.args.get("direction", "")
        count = min(request.args.get("count", LOG_ROWS_EXPORTED, type=int), LOG_ROWS_EXPORTED)
        log = {
            "calls": self._platform.log.newest(count, direction),
            "deliveries": self._platform.log.deliveries(count),
        }
        return Response(json.dumps(log, ensure_ascii=False), mimetype="application/json")

    def reset(self) -> Response:
        """Forget everything and begin again."""
        self._platform.reset()
        if request.accept_mimetypes.best == "application/json" or request.is_json:
            return jsonify({"reset": True})
        response = redirect("/", 303)
        assert isinstance(response, Response)
        return response

    def show_text_messages(self) -> Response:
        """Show the text messages, newest first."""
        newest = self._platform.text_messages.newest()
        accepts = request.accept_mimetypes
        if accepts["application/json"] > accepts["text/html"]:
            return jsonify({"simulated": True, "messages": newest})
        return Response(render_template("simulator/sms.html", messages=newest))

    def take_text_message(self) -> Response:
        """Keep a text message that the app sends: {"phone", "text", "purpose"}."""
        body = _body()
        phone, text = body.get("phone"), body.get("text")
        purpose = body.get("purpose") or ""
        if not isinstance(phone, str) or not 0 < len(phone) <= PHONE_MAX:
            raise Impossible("phone 必须是手机号码")
        if not isinstance(text, str) or not 0 < len(text) <= TEXT_MAX:
            raise Impossible("text 必须是短信内容")
        number = self._platform.text_messages.add(phone, text, str(purpose)[:PHONE_MAX])
        return jsonify({"id": number, "simulated": True})

    def show_health(self) -> Response:
        """Say that the simulator serves, and whether deliveries are still on their way."""
        return jsonify({"status": "ok", "is_idle": self._platform.courier.is_idle()})

    def show_static(self, name: str) -> Response:
        """Return a file of the simulator's pages."""
        response = send_from_directory(self._static, name)
        response.headers["Cache-Control"] = "no-cache"
        return response

    def show_medium(self, media_id: str) -> Response:
        """Return a picture, voice or video that stands in a chat."""
        found = self._platform.media.find(media_id)
        if found is None:
            raise Impossible("素材不存在或已过期")
        response = file_response(found)
        response.headers["Content-Disposition"] = "inline"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    def show_code(self) -> Response:
        """Return the picture of one of the account's QR codes."""
        return self._platform.qrcodes.picture(request.args.get("ticket", ""))

    def _desk(self) -> Json:
        platform = self._platform
        return {
            "now": platform.clock.now(),
            "offset_seconds": platform.clock.offset_seconds(),
            "calls": platform.log.newest(LOG_ROWS_SHOWN),
            "deliveries": platform.log.deliveries(20),
            "quotas": platform.quotas.shown(),
            "faults": platform.faults.all(),
            "codes": platform.qrcodes.all(),
            "agents": platform.agents.accounts(),
            "sessions": platform.agents.sessions(),
            "waiting_events": platform.events.waiting(),
            "users": [
                {
                    "row": user,
                    "windows": platform.windows.shown(user["openid"]),
                    "grants": platform.subscriptions.grants(user["openid"]),
                    "tags": platform.people.tag_ids(user["openid"]),
                    "mass": platform.mass.received(user["openid"]),
                }
                for user in platform.people.phones()
            ],
        }


def _body() -> Json:
    found = request.get_json(silent=True)
    if isinstance(found, dict):
        return found
    return request.form.to_dict()
