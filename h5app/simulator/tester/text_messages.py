"""模拟短信: what the app would have sent to a mobile phone."""

from h5app.simulator.clock import PlatformClock
from h5app.simulator.store import Json, Store

SHOWN_MAX = 100


class TextMessages:
    """Newest first; nothing leaves this machine."""

    def __init__(self, store: Store, clock: PlatformClock) -> None:
        self._store = store
        self._clock = clock

    def add(self, phone: str, text: str, purpose: str) -> int:
        """Keep a message and return its id."""
        return self._store.run(
            "INSERT INTO sms (phone, text, purpose, at) VALUES (?, ?, ?, ?)",
            phone,
            text,
            purpose,
            self._clock.wall_seconds(),
        )

    def newest(self) -> list[Json]:
        """Return the newest messages, newest first."""
        rows = self._store.rows("SELECT * FROM sms ORDER BY id DESC LIMIT ?", SHOWN_MAX)
        return [dict(row) for row in rows]
