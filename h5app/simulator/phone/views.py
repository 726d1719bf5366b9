"""The phone: chat, menu, web view and authorization page, each on the phone's own host."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request

from h5app.simulator.phone.impossible import Impossible
from h5app.simulator.phone.wording import segments, shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

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
    pages.get("/connect/oauth2/authorize")(views.authorize)
    pages.post("/connect/oauth2/authorize")(views.decide)
    pages.get("/simulator/outside")(views.show_outside)
    return pages


class _Views:
    """Parses, calls once, renders."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._deeds: dict[str, Callable[[str, Json], Json | None]] = _table(platform)

    def show_phone(self, user_id: str) -> Response:
        """Show a phone; elsewhere than on its own host, lead there."""
        user = self._platform.deeds.user_of(user_id)
        if g.phone is None or g.phone["user_id"] != user_id:
            port = urlsplit(f"//{request.host}").port
            origin = self._platform.settings.phone_origin(user_id, port)
            return _moved(f"{origin}/phone/{user_id}")
        bar = self._bar(user)
        messages = self._platform.chat.after(user["openid"], 0)
        return Response(
            render_template(
                "simulator/phone.html",
                user=user,
                bar=bar,
                messages=messages,
                last_id=messages[-1]["id"] if messages else 0,
                codes=self._platform.qrcodes.all(),
            )
        )

    def show_state(self, user_id: str) -> Response:
        """Return what is new in the chat, and the bar when it changed."""
        user = self._platform.deeds.user_of(user_id)
        after = request.args.get("after", 0, type=int)
        messages = self._platform.chat.after(user["openid"], after)
        bar = self._bar(user)
        openid = user["openid"]
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
        done = self._deeds.get(deed)
        if done is None:
            raise Impossible("手机不会这样的操作")
        body = request.get_json(silent=True)
        answer = done(user_id, body if isinstance(body, dict) else {}) or {}
        if answer.get("open"):
            answer = {"open": self._opened(user_id, str(answer["open"]))}
        return jsonify(answer)

    def authorize(self) -> Response:
        """Answer the authorization page's address: on with a code, a question, or a refusal."""
        wish = self._platform.authorization.wish(request.args)
        user = g.phone
        if user is None:
            phones = self._platform.people.phones()
            port = urlsplit(f"//{request.host}").port
            query = request.query_string.decode()
            choices = [
                (
                    one,
                    f"{self._platform.settings.phone_origin(one['user_id'], port)}{request.path}?{query}",
                )
                for one in phones
            ]
            return Response(render_template("simulator/which_phone.html", choices=choices))
        if user["oauth_mode"] == "deny":
            return self._denied(user)
        if self._platform.authorization.asks(user, wish):
            return Response(
                render_template("simulator/consent.html", user=user, wish=wish, args=request.args)
            )
        return self._agreed(user)

    def decide(self) -> Response:
        """Take the user's answer on the consent page."""
        if g.phone is None:
            raise Impossible("授权页只在手机里打开")
        if request.form.get("answer") == "agree":
            return self._agreed(g.phone)
        return self._denied(g.phone)

    def show_outside(self) -> Response:
        """Tell that an address lies outside of what is simulated."""
        return Response(
            render_template("simulator/outside.html", address=request.args.get("address", ""))
        )

    def _agreed(self, user: sqlite3.Row) -> Response:
        wish = self._platform.authorization.wish(request.args)
        target = self._platform.authorization.agreed(user, wish)
        return _moved(self._platform.addresses.in_phone(target, f"http://{request.host}"))

    def _denied(self, user: sqlite3.Row) -> Response:
        wish = self._platform.authorization.wish(request.args)
        joint = "&" if "?" in wish.redirect_uri else "?"
        back = f"{wish.redirect_uri}{joint}{urlencode({'state': wish.state})}"
        back = self._platform.addresses.in_phone(back, f"http://{request.host}")
        return Response(render_template("simulator/denied.html", user=user, back=back))

    def _opened(self, user_id: str, address: str) -> str:
        port = urlsplit(f"//{request.host}").port
        origin = self._platform.settings.phone_origin(user_id, port)
        inside = self._platform.addresses.in_phone(address, origin)
        if inside.startswith((f"{origin}/", "/")):
            return inside
        return f"{origin}/simulator/outside?{urlencode({'address': address})}"

    def _bar(self, user: sqlite3.Row) -> Json:
        buttons = self._platform.menus.buttons_of(user["openid"]) if user["is_following"] else []
        version = hashlib.sha256(repr((buttons, user["is_following"])).encode()).hexdigest()[:12]
        return {"buttons": buttons, "version": version}


def _moved(location: str) -> Response:
    response = redirect(location, 302)
    assert isinstance(response, Response)
    return response


def _text(body: Json, name: str) -> str:
    return str(body.get(name) or "")


def _table(platform: Platform) -> dict[str, Callable[[str, Json], Json | None]]:
    """Return the deeds by the names the phone's script knows."""
    deeds = platform.deeds
    return {
        "say": lambda user_id, body: deeds.say(user_id, _text(body, "text")),
        "speak": lambda user_id, body: deeds.speak(user_id, _text(body, "recognition")),
        "picture": lambda user_id, body: deeds.show_picture(user_id, _picture(body)),
        "place": lambda user_id, body: deeds.share_place(user_id, _text(body, "label")),
        "link": lambda user_id, body: deeds.share_link(
            user_id, _text(body, "title"), _text(body, "url")
        ),
        "report": lambda user_id, _body: deeds.report_place(user_id),
        "follow": lambda user_id, _body: deeds.follow(user_id),
        "unfollow": lambda user_id, _body: deeds.unfollow(user_id),
        "scan": lambda user_id, body: deeds.scan(user_id, _text(body, "code")),
        "choose": lambda user_id, body: deeds.choose(
            user_id, _text(body, "id"), _text(body, "words")
        ),
        "tap": lambda user_id, body: deeds.buttons.tap(
            user_id, _number(body.get("top")), _place(body.get("sub"))
        ),
        "open": lambda _user_id, body: {"open": _text(body, "url")},
        "subscribe": lambda user_id, body: _subscribe(platform, user_id, body),
    }


def _subscribe(platform: Platform, user_id: str, body: Json) -> None:
    decisions = body.get("decisions")
    if not isinstance(decisions, dict):
        raise Impossible("没有选择任何模板")
    chosen = {str(name): bool(value) for name, value in decisions.items()}
    platform.subscriptions.decide(platform.deeds.user_of(user_id)["openid"], chosen)


def _number(value: Any) -> int:  # noqa: ANN401 - whatever the JSON held
    if isinstance(value, bool) or not isinstance(value, int):
        raise Impossible("菜单里没有这一项,请刷新手机")
    return value


def _place(value: Any) -> int | None:  # noqa: ANN401 - whatever the JSON held
    return None if value is None else _number(value)


def _picture(body: Json) -> bytes:
    from h5app.simulator.phone.deeds import PIXEL

    text = _text(body, "content")
    if not text:
        return PIXEL
    try:
        return base64.b64decode(text.partition(",")[2] or text, validate=True)
    except ValueError:
        raise Impossible("图片无法读取") from None
