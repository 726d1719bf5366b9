"""What stands in a user's chat, and how many customer-service messages it still admits."""

import json
from typing import Any

from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

HOURS_48 = 48 * 3600
SHOWN_MAX = 200
WINDOWS: dict[str, tuple[int, int]] = {
    "message": (5, HOURS_48),
    "click": (3, 60),
    "follow": (3, 60),
    "scan": (3, 60),
}
"""Messages allowed and seconds open, by the user's last action of a kind."""
USER, ACCOUNT, NOTICE = "user", "account", "notice"


class Chat:
    """Messages of both sides, and the platform's own grey lines."""

    def __init__(self, store: Store, clock: PlatformClock) -> None:
        self._store = store
        self._clock = clock

    def add(self, openid: str, side: str, kind: str, body: Json) -> int:
        """Append a message and return its id."""
        return self._store.run(
            "INSERT INTO chat (openid, side, kind, body, at) VALUES (?, ?, ?, ?, ?)",
            openid,
            side,
            kind,
            json.dumps(body, ensure_ascii=False),
            int(self._clock.wall_seconds()),
        )

    def after(self, openid: str, last_id: int) -> list[Json]:
        """Return the messages behind an id, oldest first."""
        rows = self._store.rows(
            "SELECT * FROM chat WHERE openid = ? AND id > ? ORDER BY id LIMIT 500", openid, last_id
        )
        return [{**dict(row), "body": json.loads(row["body"])} for row in rows]

    def newest(self, openid: str) -> list[Json]:
        """Return the newest messages, oldest first."""
        first = self._store.number(
            "SELECT id FROM chat WHERE openid = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
            openid,
            SHOWN_MAX,
        )
        return self.after(openid, first)

    def last_id(self, openid: str) -> int:
        """Return the id of the newest message; 0 when there is none."""
        return self._store.number("SELECT MAX(id) FROM chat WHERE openid = ?", openid)


class ReplyWindows:
    """How many messages may still go to a user, and until when."""

    def __init__(self, store: Store, clock: PlatformClock) -> None:
        self._store = store
        self._clock = clock

    def open(self, openid: str, kind: str) -> None:
        """Open, or open anew, the window that an action of the user gives."""
        allowed, seconds = WINDOWS[kind]
        now = self._clock.now()
        self._store.run(
            "INSERT OR REPLACE INTO reply_window (openid, kind, opened_at, closes_at,"
            " allowed, sent)"
            " VALUES (?, ?, ?, ?, ?, 0)",
            openid,
            kind,
            now,
            now + seconds,
            allowed,
        )

    def take(self, openid: str) -> None:
        """Use one message up, from the window that closes first.

        Raises:
            Refused: 45015 when no window is open, 45047 when all open ones are used up.
        """
        with self._store.write():
            now = self._clock.now()
            rows = self._store.rows(
                "SELECT * FROM reply_window WHERE openid = ? AND closes_at >= ? ORDER BY closes_at",
                openid,
                now,
            )
            if not rows:
                raise Refused(45015)
            free = next((row for row in rows if row["sent"] < row["allowed"]), None)
            if free is None:
                raise Refused(45047)
            self._store.run(
                "UPDATE reply_window SET sent = sent + 1 WHERE openid = ? AND kind = ?",
                openid,
                free["kind"],
            )

    def spoke_within(self, openid: str, seconds: int) -> bool:
        """Return whether the user sent a message so recently."""
        since = self._clock.now() - seconds
        return bool(
            self._store.row(
                "SELECT 1 FROM reply_window WHERE openid = ? AND kind = 'message' AND"
                " opened_at >= ?",
                openid,
                since,
            )
        )

    def shown(self, openid: str) -> list[dict[str, Any]]:
        """Return the open windows with what is left of each (unit: messages, seconds)."""
        now = self._clock.now()
        rows = self._store.rows(
            "SELECT * FROM reply_window WHERE openid = ? AND closes_at >= ? ORDER BY closes_at",
            openid,
            now,
        )
        return [
            {
                "kind": row["kind"],
                "left": row["allowed"] - row["sent"],
                "seconds_left": row["closes_at"] - now,
            }
            for row in rows
        ]
