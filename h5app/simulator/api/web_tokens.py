"""Web authorization behind the page: codes, web tokens, and what they open."""

import sqlite3

from h5app.simulator.api.credentials import Credentials
from h5app.simulator.api.endpoint import DONE, Call, Endpoint
from h5app.simulator.api.people import People
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
REFRESH_SECONDS = 30 * 24 * 3600
USER_INFO = "snsapi_userinfo"


class WebTokens:
    """A code is good once and for five minutes."""

    def __init__(
        self,
        store: Store,
        clock: PlatformClock,
        chance: Chance,
        people: People,
        credentials: Credentials,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._people = people
        self._credentials = credentials

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return tuple(
            Endpoint(path=path, method="GET", handle=handle, needs_token=False, as_text=True)
            for path, handle in (
                ("/sns/oauth2/access_token", self._exchange),
                ("/sns/oauth2/refresh_token", self._refresh),
                ("/sns/userinfo", self._user_info),
                ("/sns/auth", self._auth),
            )
        )

    def issue_code(self, openid: str, scope: str, *, is_snapshot: bool) -> str:
        """Return a new code for a user."""
        code = self._chance.text(32)
        self._store.run(
            "INSERT INTO oauth_code (code, openid, scope, is_snapshot, issued_at) VALUES (?,"
            " ?, ?, ?, ?)",
            code,
            self._snapshot_openid(openid) if is_snapshot else openid,
            scope,
            int(is_snapshot),
            self._clock.now(),
        )
        return code

    def _exchange(self, call: Call) -> Json:
        self._credentials.check_secret(call.query.get("appid", ""), call.query.get("secret", ""))
        if call.query.get("grant_type") != "authorization_code":
            raise Refused(40002)
        code = call.query.get("code", "")
        if not code:
            raise Refused(41008)
        with self._store.write():
            found = self._store.row("SELECT * FROM oauth_code WHERE code = ?", code)
            now = self._clock.now()
            if found is None or now - found["issued_at"] > CODE_SECONDS:
                raise Refused(40029)
            if found["used_at"] is not None:
                raise Refused(40163)
            self._store.run("UPDATE oauth_code SET used_at = ? WHERE code = ?", now, code)
            return self._grant(found)

    def _grant(self, code: sqlite3.Row) -> Json:
        now = self._clock.now()
        value, refresh = self._chance.text(110), self._chance.text(110)
        self._store.run(
            "INSERT INTO web_token (value, refresh, openid, scope, is_snapshot, expires_at,"
            " refresh_expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            value,
            refresh,
            code["openid"],
            code["scope"],
            code["is_snapshot"],
            now + TOKEN_SECONDS,
            now + REFRESH_SECONDS,
        )
        answer: Json = {
            "access_token": value,
            "expires_in": TOKEN_SECONDS,
            "refresh_token": refresh,
            "openid": code["openid"],
            "scope": code["scope"],
        }
        if code["is_snapshot"]:
            answer["is_snapshotuser"] = 1
        elif code["scope"] == USER_INFO:
            answer["unionid"] = self._people.require(code["openid"])["unionid"]
        return answer

    def _refresh(self, call: Call) -> Json:
        if call.query.get("appid") != self._credentials.app_id:
            raise Refused(40013)
        found = self._store.row(
            "SELECT * FROM web_token WHERE refresh = ?", call.query.get("refresh_token", "")
        )
        if found is None:
            raise Refused(40030)
        if found["refresh_expires_at"] <= self._clock.now():
            raise Refused(42002)
        until = self._clock.now() + TOKEN_SECONDS
        self._store.run(
            "UPDATE web_token SET expires_at = ? WHERE value = ?", until, found["value"]
        )
        return {
            "access_token": found["value"],
            "expires_in": TOKEN_SECONDS,
            "refresh_token": found["refresh"],
            "openid": found["openid"],
            "scope": found["scope"],
        }

    def _user_info(self, call: Call) -> Json:
        token = self._require(call)
        if token["scope"] != USER_INFO:
            raise Refused(48001)
        user = self._people.find(token["openid"])
        return {
            "openid": token["openid"],
            "nickname": user["nickname"] if user else "微信用户",
            "sex": 0,
            "language": "",
            "city": "",
            "province": "",
            "country": "",
            "headimgurl": f"{call.base_url}/simulator/static/face.svg",
            "privilege": [],
            **({"unionid": user["unionid"]} if user else {}),
        }

    def _auth(self, call: Call) -> Json:
        self._require(call)
        return DONE

    def _require(self, call: Call) -> sqlite3.Row:
        found = self._store.row(
            "SELECT * FROM web_token WHERE value = ?", call.query.get("access_token", "")
        )
        if found is None:
            raise Refused(40001)
        if found["expires_at"] <= self._clock.now():
            raise Refused(42001)
        if found["openid"] != call.query.get("openid"):
            raise Refused(40003)
        return found

    def _snapshot_openid(self, openid: str) -> str:
        return "oSNAPSHOT" + self._chance.fixed(f"snapshot/{openid}", 19)
