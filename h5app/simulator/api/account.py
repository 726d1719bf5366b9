"""The account's own affairs: addresses, quotas, callback check, request ids."""

import json

from h5app.simulator.api.credentials import Credentials
from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, post, text_of
from h5app.simulator.api.quotas import Quotas
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

CLEARS_PER_MONTH_MAX = 10


class Account:
    """What an account asks about itself."""

    def __init__(
        self, store: Store, clock: PlatformClock, credentials: Credentials, quotas: Quotas
    ) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials
        self._quotas = quotas

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            get("/cgi-bin/getcallbackip", self._addresses),
            get("/cgi-bin/get_api_domain_ip", self._addresses),
            post("/cgi-bin/callback/check", self._check_callback),
            post("/cgi-bin/clear_quota", self._clear),
            Endpoint(
                path="/cgi-bin/clear_quota/v2",
                method="POST",
                handle=self._clear_by_secret,
                needs_token=False,
            ),
            post("/cgi-bin/openapi/quota/get", self._quota),
            post("/cgi-bin/openapi/quota/clear", self._clear_one),
            post("/cgi-bin/openapi/rid/get", self._request),
        )

    def _addresses(self, _call: Call) -> Json:
        return {"ip_list": ["127.0.0.1", "127.0.0.0/8"]}

    def _check_callback(self, call: Call) -> Json:
        action = text_of(call.json(), "action", 40035)
        answer: Json = {}
        if action in ("dns", "all"):
            answer["dns"] = [{"ip": "127.0.0.1", "real_operator": "UNICOM"}]
        if action in ("ping", "all"):
            ping = {
                "ip": "127.0.0.1",
                "from_operator": "UNICOM",
                "package_loss": "0%",
                "time": "1.000ms",
            }
            answer["ping"] = [ping]
        if not answer:
            raise Refused(40035)
        return answer

    def _clear(self, call: Call) -> Json:
        if call.json().get("appid") != self._credentials.app_id:
            raise Refused(40013)
        return self._count_clear("")

    def _clear_by_secret(self, call: Call) -> Json:
        source = call.json() if call.body.lstrip().startswith(b"{") else {**call.query, **call.form}
        self._credentials.check_secret(
            str(source.get("appid", "")), str(source.get("appsecret", ""))
        )
        return self._count_clear("")

    def _clear_one(self, call: Call) -> Json:
        return self._count_clear(_path_of(call))

    def _count_clear(self, path: str) -> Json:
        with self._store.write():
            key = f"clears:{self._clock.month()}"
            used = int(self._store.setting(key, 0))
            if used >= CLEARS_PER_MONTH_MAX:
                raise Refused(48006)
            self._store.put_setting(key, used + 1)
            self._quotas.clear(path)
        return DONE

    def _quota(self, call: Call) -> Json:
        used, most = self._quotas.standing(_path_of(call))
        return {**DONE, "quota": {"daily_limit": most, "used": used, "remain": max(0, most - used)}}

    def _request(self, call: Call) -> Json:
        rid = text_of(call.json(), "rid", 76022)
        found = self._store.row("SELECT * FROM call WHERE rid = ?", rid)
        if found is None:
            raise Refused(76022)
        return {
            **DONE,
            "request": {
                "invoke_time": int(found["at"]),
                "cost_in_ms": found["took_ms"],
                "request_url": json.dumps({"path": found["path"], "query": found["query"]}),
                "request_body": found["request"],
                "response_body": found["response"],
                "client_ip": "127.0.0.1",
            },
        }


def _path_of(call: Call) -> str:
    path = call.json().get("cgi_path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise Refused(76003)
    return path
