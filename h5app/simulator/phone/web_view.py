"""A phone's web view: forwards to the account's server as WeChat's browser would, as it streams."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from flask import Response, request

from h5app.simulator.phone.addresses import OWN_PREFIXES
from h5app.simulator.phone.authorize import FRAGMENT, NO_FRAGMENT
from h5app.simulator.phone.authorize import PATH as AUTHORIZE_PATH
from h5app.simulator.phone.cookies import widened
from h5app.simulator.phone.passage import Asked, Passage
from h5app.simulator.tester.call_log import Record

if TYPE_CHECKING:
    import sqlite3

    from h5app.simulator.official_platform import Platform

BODY_BYTES_MAX = 10 * 1024 * 1024
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_SENT = frozenset({"host", "user-agent", "content-length", "expect", "forwarded"})
_NOT_SENT_PREFIXES = ("x-forwarded-", "x-real-")
_SELF_MADE = frozenset({"date", "server"})
"""Headers that the server that carries the simulator writes itself."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_PATH_SAFE = "/~!$&'()*+,;=:@-._"
USER_AGENTS = {
    "ios": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Mobile/15E148 MicroMessenger/8.0.54(0x18003632) NetType/WIFI Language/zh_CN"
    ),
    "android": (
        "Mozilla/5.0 (Linux; Android 14; 23127PN0CC Build/UKQ1.230804.001; wv) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.103 Mobile Safari/537.36 XWEB/1300333 "
        "MMWEBSDK/20241103 MMWEBID/1234 MicroMessenger/8.0.54.2760(0x28003636) WeChat/arm64 "
        "Weixin NetType/WIFI Language/zh_CN ABI/arm64"
    ),
}


class TooLarge(Exception):
    """The request's body is larger than a web view sends here."""


class WebView:
    """Forwards what a phone's host does not serve itself."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def forward(self, user: sqlite3.Row) -> Response:
        """Return the account's answer to the present request.

        Raises:
            NoAnswer: The account's server is not there, or silent.
            TooLarge: The body is over the limit.
        """
        clock = self._platform.clock
        started_at, started = clock.wall_seconds(), clock.monotonic()
        passage = Passage(self._asked(user))
        response = self._response(passage)
        if passage.reply.headers.get_content_type() == "text/html":
            self._platform.log.add(
                Record(
                    direction="page",
                    method=request.method,
                    path=request.path,
                    query=request.args.to_dict(),
                    request=user["user_id"],
                    status=response.status_code,
                    response=response.headers.get("Location", ""),
                    at=started_at,
                    took_ms=int((clock.monotonic() - started) * 1000),
                )
            )
        return response

    def _asked(self, user: sqlite3.Row) -> Asked:
        if (request.content_length or 0) > BODY_BYTES_MAX:
            raise TooLarge
        body = request.get_data(cache=False)
        base_url = self._platform.settings.app_base_url
        headers = [
            ("Host", urlsplit(base_url).netloc),
            ("User-Agent", USER_AGENTS[user["platform"]]),
            *self._passed_on(),
        ]
        if body or request.method in _WITH_BODY:
            headers.append(("Content-Length", str(len(body))))
        target = urlsplit(base_url).path.rstrip("/") + _target()
        return Asked(
            base_url=base_url, method=request.method, target=target, headers=headers, body=body
        )

    def _passed_on(self) -> list[tuple[str, str]]:
        """Return the request's own headers that go on; origin and referrer are the account's."""
        left_out = HOP_BY_HOP | _NOT_SENT | _named_in(request.headers.get("Connection"))
        if urlsplit(request.headers.get("Referer", "")).path.startswith(OWN_PREFIXES):
            left_out |= {"referer"}  # WeChat does not say which chat a page was opened from.
        addresses = self._platform.addresses
        return [
            (name, addresses.at_account(value) if name in ("Origin", "Referer") else value)
            for name, value in request.headers.items()
            if name.lower() not in left_out and not name.lower().startswith(_NOT_SENT_PREFIXES)
        ]

    def _response(self, passage: Passage) -> Response:
        response = Response(passage.parts(), status=passage.reply.status, direct_passthrough=True)
        response.headers.clear()
        left_out = HOP_BY_HOP | _SELF_MADE | _named_in(passage.reply.getheader("Connection"))
        for name, value in passage.reply.getheaders():
            if name.lower() not in left_out:
                response.headers.add(name, self._passed_back(name.lower(), value))
        response.call_on_close(passage.close)
        return response

    def _passed_back(self, name: str, value: str) -> str:
        if name == "location":
            return self._platform.addresses.in_phone(_held(value), f"http://{request.host}")
        if name == "set-cookie" and request.headers.get("Sec-Fetch-Dest"):
            return widened(value)
        return value


def _held(location: str) -> str:
    """Return an address; one of the authorization page is marked when its fragment is missing.

    The fragment itself ends here, or the browser would carry it on to the account's page.
    """
    parts = urlsplit(location)
    if parts.path != AUTHORIZE_PATH:
        return location
    query = parts.query if parts.fragment == FRAGMENT else f"{parts.query}&{NO_FRAGMENT}=1"
    return urlunsplit(parts._replace(query=query, fragment=""))


def _target() -> str:
    """Return the request's path and query as they came, or as near as WSGI lets one know."""
    raw = str(request.environ.get("REQUEST_URI") or "")
    if raw.startswith("/"):
        return raw
    path = quote(request.environ.get("PATH_INFO", "/").encode("latin-1"), safe=_PATH_SAFE)
    query = str(request.environ.get("QUERY_STRING", ""))
    return f"{path}?{query}" if query else path


def _named_in(connection_header: str | None) -> set[str]:
    return {name.strip().lower() for name in (connection_header or "").split(",")}
