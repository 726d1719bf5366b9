"""Events that the platform owes the account a little later, such as the result of a send."""

import json

from h5app.simulator.clock import PlatformClock
from h5app.simulator.store import Json, Store


class DueEvents:
    """Result events wait here until their moment; the courier takes them."""

    def __init__(self, store: Store, clock: PlatformClock, delay_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._delay_seconds = delay_seconds

    def add(self, openid: str, fields: Json) -> None:
        """Promise an event about a user."""
        self._store.run(
            "INSERT INTO due_event (due_at, openid, fields) VALUES (?, ?, ?)",
            self._clock.wall_seconds() + self._delay_seconds,
            openid,
            json.dumps(fields, ensure_ascii=False),
        )

    def take(self) -> list[tuple[str, Json]]:
        """Return what is due now and forget it."""
        with self._store.write():
            rows = self._store.rows(
                "SELECT * FROM due_event WHERE due_at <= ? ORDER BY id LIMIT 200",
                self._clock.wall_seconds(),
            )
            for row in rows:
                self._store.run("DELETE FROM due_event WHERE id = ?", row["id"])
        return [(row["openid"], json.loads(row["fields"])) for row in rows]

    def waiting(self) -> int:
        """Return how many events are still owed."""
        return self._store.number("SELECT COUNT(*) FROM due_event")
