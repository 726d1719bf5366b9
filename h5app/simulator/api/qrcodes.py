"""Parametric QR codes: making, showing, and reading one back from a scan."""

import io
import sqlite3

import segno
from flask import Response

from h5app.simulator.api.endpoint import Call, Endpoint, number_of, post, text_of
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

EXPIRE_SECONDS_MAX = 2_592_000
EXPIRE_SECONDS_DEFAULT = 60
PERMANENT_SCENE_MAX = 100_000
PERMANENT_CODES_MAX = 100_000
TEMPORARY_SCENE_MAX = 0xFFFF_FFFF
SCENE_TEXT_MAX = 64
TICKET_LENGTH = 93
ACTIONS = {
    "QR_SCENE": (False, False),
    "QR_STR_SCENE": (True, False),
    "QR_LIMIT_SCENE": (False, True),
    "QR_LIMIT_STR_SCENE": (True, True),
}
"""Whether the scene is a text, and whether the code is permanent."""


class QrCodes:
    """Codes that bring a scene along when they are scanned."""

    def __init__(self, store: Store, clock: PlatformClock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/qrcode/create", self._create, 100_000),
            Endpoint(
                path="/cgi-bin/showqrcode", method="GET", handle=self._show, needs_token=False
            ),
        )

    def find(self, wanted: str) -> sqlite3.Row | None:
        """Return a live code by its ticket or by the address it shows."""
        return self._store.row(
            "SELECT * FROM qrcode WHERE (ticket = ? OR url = ?) AND (is_permanent = 1 OR"
            " expires_at > ?)",
            wanted,
            wanted,
            self._clock.now(),
        )

    def all(self) -> list[Json]:
        """Return the live codes, newest first."""
        rows = self._store.rows(
            "SELECT * FROM qrcode WHERE is_permanent = 1 OR expires_at > ? ORDER BY rowid"
            " DESC LIMIT 50",
            self._clock.now(),
        )
        return [dict(row) for row in rows]

    def make(self, scene: str, *, is_text: bool, is_permanent: bool, seconds: int) -> Json:
        """Make a code and return what qrcode/create answers."""
        ticket = "gQ" + self._chance.text(TICKET_LENGTH) + "=="
        url = f"http://weixin.qq.com/q/{self._chance.text(22)}"
        self._store.run(
            "INSERT INTO qrcode (ticket, scene, is_text, is_permanent, expires_at, url)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            ticket,
            scene,
            int(is_text),
            int(is_permanent),
            self._clock.now() + seconds,
            url,
        )
        answer: Json = {"ticket": ticket, "url": url}
        if not is_permanent:
            answer["expire_seconds"] = seconds
        return answer

    def _create(self, call: Call) -> Json:
        body = call.json()
        is_text, is_permanent = _action(body)
        info = body.get("action_info")
        scene_part = info.get("scene") if isinstance(info, dict) else None
        if not isinstance(scene_part, dict):
            raise Refused(40053)
        scene = _scene(scene_part, is_text=is_text, is_permanent=is_permanent)
        seconds = 0 if is_permanent else _seconds(body)
        with self._store.write():
            self._refuse_too_many(is_permanent=is_permanent)
            return self.make(scene, is_text=is_text, is_permanent=is_permanent, seconds=seconds)

    def _refuse_too_many(self, *, is_permanent: bool) -> None:
        if not is_permanent:
            return
        if (
            self._store.number("SELECT COUNT(*) FROM qrcode WHERE is_permanent = 1")
            >= PERMANENT_CODES_MAX
        ):
            raise Refused(45029)

    def _show(self, call: Call) -> Response:
        return self.picture(call.query.get("ticket", ""))

    def picture(self, ticket: str) -> Response:
        """Return a code as PNG; 404 for a ticket that is unknown or over."""
        found = self.find(ticket)
        if found is None:
            return Response("", status=404)
        picture = io.BytesIO()
        segno.make(found["url"], error="m").save(picture, kind="png", scale=12, border=3)
        return Response(picture.getvalue(), mimetype="image/png")


def _action(body: Json) -> tuple[bool, bool]:
    name = str(body.get("action_name") or "QR_SCENE")
    if name not in ACTIONS:
        raise Refused(40053)
    return ACTIONS[name]


def _scene(part: Json, *, is_text: bool, is_permanent: bool) -> str:
    if is_text:
        scene = text_of(part, "scene_str", 40053)
        if len(scene) > SCENE_TEXT_MAX:
            raise Refused(40053)
        return scene
    number = number_of(part, "scene_id", 40053)
    most = PERMANENT_SCENE_MAX if is_permanent else TEMPORARY_SCENE_MAX
    if not 1 <= number <= most:
        raise Refused(40053)
    return str(number)


def _seconds(body: Json) -> int:
    if "expire_seconds" not in body:
        return EXPIRE_SECONDS_DEFAULT
    seconds = number_of(body, "expire_seconds", 40097)
    if not 1 <= seconds <= EXPIRE_SECONDS_MAX:
        raise Refused(40097)
    return seconds
