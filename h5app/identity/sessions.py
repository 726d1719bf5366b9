"""The cookies of a session and of a device: what the browser holds of identity."""

import re

import flask
from flask import Response, g, request

from h5app.identity.appearance import Appearance
from h5app.identity.hashes import new_token
from h5app.identity.model import STRANGER, Granted, Look, Origin, Visitor
from h5app.identity.service import Identity
from h5app.plumbing.config import Config
from h5app.plumbing.web import cookie_name

DEVICE_SECONDS = 400 * 24 * 3600
"""Browsers keep no cookie longer."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Sessions:
    """Names the visitor of each request (gate.VisitorSource) and hands out the cookies."""

    def __init__(self, identity: Identity, appearance: Appearance, config: Config) -> None:
        self._identity = identity
        self._appearance = appearance
        self._session_cookie = cookie_name(config, "session")
        self._device_cookie = cookie_name(config, "device")
        self._is_secure = config.is_https

    def visitor_of_request(self) -> Visitor:
        """Return the visitor of the present request; without a cookie nothing is read."""
        token = self._cookie(self._session_cookie)
        return self._identity.visitor(token) if token else STRANGER

    def has_cookie(self) -> bool:
        """Say whether the browser came with a session, whatever became of it."""
        return bool(self._cookie(self._session_cookie))

    def origin(self) -> Origin:
        """Return where the present request comes from; a browser without a device mark gets one."""
        return Origin(
            address=request.remote_addr or "",
            user_agent=request.user_agent.string,
            device_token=self._cookie(self._device_cookie) or self._mark_device(),
            session_token=self._cookie(self._session_cookie),
        )

    def keep(self, granted: Granted) -> None:
        """Put a session that was given into the cookie of the present answer, whatever it is."""
        g.visitor = granted.visitor
        self._write(self._session_cookie, granted.token, int(granted.lasts.total_seconds()))
        if granted.look:
            self._appearance.keep(Look.from_text(granted.look))

    def clear(self) -> None:
        """Take the session's cookie away; the device stays known."""
        g.visitor = STRANGER
        self._write(self._session_cookie, "", 0)

    def _mark_device(self) -> str:
        if "device_token" not in g:
            g.device_token = new_token()
            self._write(self._device_cookie, g.device_token, DEVICE_SECONDS)
        return str(g.device_token)

    def _cookie(self, name: str) -> str:
        value = request.cookies.get(name, "")
        return value if _TOKEN.fullmatch(value) else ""

    def _write(self, name: str, value: str, lasts_seconds: int) -> None:
        def write(response: Response) -> Response:
            response.set_cookie(
                name,
                value,
                max_age=lasts_seconds,
                path="/",
                httponly=True,
                secure=self._is_secure,
                samesite="Lax",
            )
            return response

        flask.after_this_request(write)
