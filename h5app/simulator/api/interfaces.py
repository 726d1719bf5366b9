"""The platform's front desk: which interface a request means, whether it may, and the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response

from h5app.simulator.refusal import BUSY, Refused
from h5app.simulator.tester.call_log import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from h5app.simulator.api.endpoint import Answer, Call, Endpoint
    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json
    from h5app.simulator.tester.faults import Fault

PREFIXES = ("/cgi-bin/", "/sns/", "/wxaapi/", "/customservice/")
"""Where the platform's interfaces live."""
SILENCE_SECONDS = 30
TOKEN_PATHS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token"})


class Interfaces:
    """All interfaces by path."""

    def __init__(self, platform: Platform, endpoints: Iterable[Endpoint]) -> None:
        self._platform = platform
        self._by_path = {endpoint.path: endpoint for endpoint in endpoints}
        for endpoint in self._by_path.values():
            platform.quotas.declare(endpoint.path, endpoint.daily_max)

    def paths(self) -> list[str]:
        """Return the paths of all interfaces."""
        return sorted(self._by_path)

    def answer(self, call: Call, remote_address: str) -> Response:
        """Return what the platform answers, and note the call in the log."""
        clock = self._platform.clock
        started_at, started = clock.wall_seconds(), clock.monotonic()
        rid = self._platform.chance.rid()
        fault = self._platform.faults.take(call.path)
        endpoint = self._by_path.get(call.path)
        answer = self._disturbed(fault) or self._handled(endpoint, call, remote_address, rid)
        response = _response(answer, is_text=bool(endpoint and endpoint.as_text))
        self._platform.log.add(
            Record(
                direction="api",
                method=call.method,
                path=call.path,
                query=dict(call.query),
                request=_shown_request(call),
                status=response.status_code,
                response=_shown_response(response),
                errcode=answer.get("errcode", 0) if isinstance(answer, dict) else 0,
                rid=rid,
                at=started_at,
                took_ms=int((clock.monotonic() - started) * 1000),
            )
        )
        return response

    def _disturbed(self, fault: Fault | None) -> Answer | None:
        """Return the answer that a fault gives instead of the true one, after its delay."""
        if fault is None:
            return None
        if fault.kind == "delay":
            self._platform.clock.sleep(fault.number / 1000)
            return None
        if fault.kind == "silence":
            self._platform.clock.sleep(SILENCE_SECONDS)
            return Response("", status=504)
        if fault.kind == "http":
            return Response("<html>Bad Gateway</html>", status=fault.number, mimetype="text/html")
        if fault.kind == "torn":
            return Response('{"errcode":0,"errm', mimetype="application/json")
        return _refusal(Refused(fault.number), self._platform.chance.rid())

    def _handled(
        self, endpoint: Endpoint | None, call: Call, remote_address: str, rid: str
    ) -> Answer:
        try:
            return self._admitted(endpoint, call, remote_address).handle(call)
        except Refused as refused:
            return _refusal(refused, rid)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError):
            # A body of the right outer form with the wrong kinds of values inside.
            return _refusal(Refused(47001), rid)

    def _admitted(self, endpoint: Endpoint | None, call: Call, remote_address: str) -> Endpoint:
        if endpoint is None:
            raise Refused(40066)
        if endpoint.method == "GET" and call.method != "GET":
            raise Refused(43001)
        if endpoint.method == "POST" and call.method != "POST":
            raise Refused(43002)
        allowed = self._platform.store.setting("allowed_ips", [])
        if call.path in TOKEN_PATHS and allowed and remote_address not in allowed:
            raise Refused(40164, remote_address)
        if endpoint.needs_token:
            self._platform.credentials.check(call.query.get("access_token", ""))
        self._platform.quotas.take(endpoint.path)
        return endpoint


def _refusal(refused: Refused, rid: str) -> Json:
    errmsg = refused.errmsg if refused.errcode == BUSY else f"{refused.errmsg} rid: {rid}"
    return {"errcode": refused.errcode, "errmsg": errmsg, **refused.more}


def _response(answer: Answer, *, is_text: bool) -> Response:
    if isinstance(answer, Response):
        return answer
    kind = "text/plain" if is_text else "application/json; encoding=utf-8"
    return Response(json.dumps(answer, ensure_ascii=False), content_type=kind)


def _shown_request(call: Call) -> str:
    if call.files:
        return f"multipart: {', '.join(part.filename or '' for part in call.files.values())}"
    return call.body.decode("utf-8", "replace")


def _shown_response(response: Response) -> str:
    kind = response.mimetype or ""
    if kind.startswith(("text/", "application/json")):
        return response.get_data(as_text=True)
    return f"{kind}, {response.content_length or 0} bytes"
