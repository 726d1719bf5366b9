"""How often an interface was called today and this minute, and how often it may be."""

import threading

from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

MINUTE_MAX = {
    "/cgi-bin/stable_token": 10_000,
    "/cgi-bin/message/mass/sendall": 60,
    "/cgi-bin/message/mass/send": 60,
    "/sns/oauth2/access_token": 50_000,
}
"""Calls a minute where the documents name a limit; the tester may set others."""
MINUTE_LIMITS = "minute_limits"


class Quotas:
    """A count by interface and platform day; the tester may set another limit."""

    def __init__(self, store: Store, clock: PlatformClock) -> None:
        self._store = store
        self._clock = clock
        self._daily_max: dict[str, int] = {}
        self._lock = threading.Lock()
        self._minute = 0
        self._used_by_path: dict[str, int] = {}

    def declare(self, path: str, daily_max: int) -> None:
        """Note an interface's ordinary limit."""
        self._daily_max[path] = daily_max

    def take(self, path: str) -> None:
        """Count one call.

        Raises:
            Refused: 45009 when today's calls are used up, 45011 when this minute's are.
        """
        self._take_of_minute(path)
        day = self._clock.day()
        with self._store.write():
            used, most = self.standing(path)
            if most and used >= most:
                raise Refused(45009)
            self._store.run(
                "INSERT INTO quota (path, day, used) VALUES (?, ?, 1)"
                " ON CONFLICT (path, day) DO UPDATE SET used = used + 1",
                path,
                day,
            )

    def _take_of_minute(self, path: str) -> None:
        most = self.minute_limit(path)
        if not most:
            return
        minute = self._clock.now() // 60
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._used_by_path = {}
            used = self._used_by_path.get(path, 0)
            if used >= most:
                raise Refused(45011)
            self._used_by_path[path] = used + 1

    def minute_limit(self, path: str) -> int:
        """Return how often an interface may be called a minute; 0 is without a limit."""
        limits = self._store.setting(MINUTE_LIMITS, {})
        return int(limits.get(path, MINUTE_MAX.get(path, 0)))

    def set_minute_limit(self, path: str, minute_max: int) -> None:
        """Let an interface be called so often a minute from now on."""
        limits = self._store.setting(MINUTE_LIMITS, {})
        self._store.put_setting(MINUTE_LIMITS, {**limits, path: minute_max})

    def standing(self, path: str) -> tuple[int, int]:
        """Return today's calls and the limit; limit 0 is none.

        Raises:
            Refused: 76003 for an interface that does not exist.
        """
        if path not in self._daily_max:
            raise Refused(76003)
        used = self._store.number(
            "SELECT used FROM quota WHERE path = ? AND day = ?", path, self._clock.day()
        )
        changed = self._store.row("SELECT daily_max FROM quota_limit WHERE path = ?", path)
        return used, changed["daily_max"] if changed else self._daily_max[path]

    def set_limit(self, path: str, daily_max: int) -> None:
        """Let an interface be called so often a day from now on.

        Raises:
            Refused: 76003 for an interface that does not exist.
        """
        self.standing(path)
        self._store.run(
            "INSERT OR REPLACE INTO quota_limit (path, daily_max) VALUES (?, ?)", path, daily_max
        )

    def exhaust(self, path: str) -> None:
        """Use up what is left of today's calls.

        Raises:
            Refused: 76003 for an interface that does not exist.
        """
        _, most = self.standing(path)
        self._store.run(
            "INSERT OR REPLACE INTO quota (path, day, used) VALUES (?, ?, ?)",
            path,
            self._clock.day(),
            max(most, 1),
        )
        if not most:
            self.set_limit(path, 1)

    def clear(self, path: str = "") -> None:
        """Start counting anew, for one interface or for all."""
        with self._lock:
            self._used_by_path = {}
        if path:
            self._store.run("DELETE FROM quota WHERE path = ?", path)
        else:
            self._store.run("DELETE FROM quota")

    def shown(self) -> list[Json]:
        """Return today's count of every interface that was called."""
        rows = self._store.rows(
            "SELECT path, used FROM quota WHERE day = ? ORDER BY path", self._clock.day()
        )
        return [
            {"path": row["path"], "used": row["used"], "daily_max": self.standing(row["path"])[1]}
            for row in rows
            if row["path"] in self._daily_max
        ]
