"""Access tokens of both kinds, and the jsapi ticket."""

from h5app.simulator.api.endpoint import Call, Endpoint, get
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.settings import Settings
from h5app.simulator.store import Json, Store

LIFETIME_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_PER_DAY_MAX = 20
FORCED_APART_SECONDS = 30
TOKEN_LENGTH = 136
SHORTEST_TOKEN = 32
PLAIN, STABLE, TICKET = "plain", "stable", "ticket"


class Credentials:
    """What proves that a call comes from the account."""

    def __init__(
        self, store: Store, clock: PlatformClock, chance: Chance, settings: Settings
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._settings = settings

    @property
    def app_id(self) -> str:
        """The AppID of the account."""
        return self._settings.app_id

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            Endpoint(
                path="/cgi-bin/token",
                method="GET",
                handle=self._plain_token,
                daily_max=2000,
                needs_token=False,
            ),
            Endpoint(
                path="/cgi-bin/stable_token",
                method="POST",
                handle=self._stable_token,
                daily_max=500_000,
                needs_token=False,
            ),
            get("/cgi-bin/ticket/getticket", self._ticket, 1_000_000),
        )

    def check(self, value: str) -> None:
        """Refuse a token that does not open anything (any more).

        Raises:
            Refused: 41001 missing, 40014 malformed, 42001 expired, 40001 unknown or replaced.
        """
        if not value:
            raise Refused(41001)
        if len(value) < SHORTEST_TOKEN or not value.replace("-", "").replace("_", "").isalnum():
            raise Refused(40014)
        found = self._store.row(
            "SELECT * FROM token WHERE value = ? AND kind IN (?, ?)", value, PLAIN, STABLE
        )
        now = self._clock.now()
        if found is not None and now >= found["expires_at"]:
            raise Refused(42001)
        if found is None or now >= found["good_until"]:
            raise Refused(40001)

    def valid_tickets(self) -> list[str]:
        """Return every jsapi ticket that still verifies."""
        rows = self._store.rows(
            "SELECT value FROM token WHERE kind = ? AND good_until > ?", TICKET, self._clock.now()
        )
        return [row["value"] for row in rows]

    def expire_all(self) -> None:
        """End every token and ticket at once, as a change of the secret would."""
        now = self._clock.now()
        self._store.run(
            "UPDATE token SET good_until = MIN(good_until, ?), expires_at = MIN(expires_at, ?)",
            now,
            now,
        )

    def check_secret(self, app_id: str, secret: str) -> None:
        """Refuse a wrong pair of AppID and AppSecret.

        Raises:
            Refused: 41002, 40013, 41004 or 40125.
        """
        if not app_id:
            raise Refused(41002)
        if app_id != self._settings.app_id:
            raise Refused(40013)
        if not secret:
            raise Refused(41004)
        if secret != self._settings.app_secret:
            raise Refused(40125)

    def _plain_token(self, call: Call) -> Json:
        if call.query.get("grant_type") != "client_credential":
            raise Refused(40002)
        self.check_secret(call.query.get("appid", ""), call.query.get("secret", ""))
        with self._store.write():
            self._shorten(PLAIN, OVERLAP_SECONDS)
            return self._issue(PLAIN)

    def _stable_token(self, call: Call) -> Json:
        body = call.json()
        if body.get("grant_type") != "client_credential":
            raise Refused(40002)
        self.check_secret(str(body.get("appid", "")), str(body.get("secret", "")))
        with self._store.write():
            current = self._current(STABLE)
            if body.get("force_refresh") is True:
                return self._forced(current)
            if current is not None and current["expires_in"] >= OVERLAP_SECONDS:
                return current
            return self._issue(STABLE)

    def _forced(self, current: Json | None) -> Json:
        now, key = self._clock.now(), f"forced:{self._clock.day()}"
        last = int(self._store.setting("forced_at", 0))
        if current is not None and now - last < FORCED_APART_SECONDS:
            return current
        used = int(self._store.setting(key, 0))
        if used >= FORCED_PER_DAY_MAX:
            raise Refused(45009)
        self._store.put_setting("forced_at", now)
        self._store.put_setting(key, used + 1)
        self._shorten(STABLE, 0)
        return self._issue(STABLE)

    def _ticket(self, call: Call) -> Json:
        if call.query.get("type") not in ("jsapi", "wx_card"):
            raise Refused(40097)
        with self._store.write():
            current = self._current(TICKET)
            if current is None or current["expires_in"] < OVERLAP_SECONDS:
                current = self._issue(TICKET)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "ticket": current["access_token"],
            "expires_in": current["expires_in"],
        }

    def _current(self, kind: str) -> Json | None:
        now = self._clock.now()
        found = self._store.row(
            "SELECT * FROM token WHERE kind = ? AND good_until > ? ORDER BY issued_at DESC,"
            " rowid DESC",
            kind,
            now,
        )
        return (
            {"access_token": found["value"], "expires_in": found["good_until"] - now}
            if found
            else None
        )

    def _shorten(self, kind: str, seconds: int) -> None:
        until = self._clock.now() + seconds
        self._store.run(
            "UPDATE token SET good_until = MIN(good_until, ?) WHERE kind = ?", until, kind
        )

    def _issue(self, kind: str) -> Json:
        now = self._clock.now()
        value = f"{self._chance.number(90) + 10}_{self._chance.text(TOKEN_LENGTH - 3)}"
        self._store.run("DELETE FROM token WHERE expires_at < ?", now - LIFETIME_SECONDS * 12)
        self._store.run(
            "INSERT INTO token (value, kind, issued_at, expires_at, good_until) VALUES (?, ?,"
            " ?, ?, ?)",
            value,
            kind,
            now,
            now + LIFETIME_SECONDS,
            now + LIFETIME_SECONDS,
        )
        return {"access_token": value, "expires_in": LIFETIME_SECONDS}
