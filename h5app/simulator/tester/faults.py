"""Faults that the tester orders: an interface answers wrongly so many times, then truly again."""

from dataclasses import dataclass

from h5app.simulator.store import Json, Store

EVERYWHERE = "*"
KINDS = ("errcode", "delay", "silence", "http", "torn")


@dataclass(frozen=True)
class Fault:
    """How an interface misbehaves; `number` is the errcode, the status, or the delay in ms."""

    kind: str
    number: int


class Faults:
    """Faults by path; `*` is every interface."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def order(self, path: str, kind: str, number: int, times: int) -> None:
        """Let the next `times` calls of a path go wrong."""
        assert kind in KINDS, kind
        self._store.run(
            "INSERT INTO fault (path, kind, number, times_left) VALUES (?, ?, ?, ?)",
            path,
            kind,
            number,
            times,
        )

    def take(self, path: str) -> Fault | None:
        """Use up one ordered fault of a path."""
        if not self._store.row("SELECT 1 FROM fault"):
            return None
        with self._store.write():
            found = self._store.row(
                "SELECT * FROM fault WHERE path IN (?, ?) AND times_left > 0 ORDER BY id LIMIT 1",
                path,
                EVERYWHERE,
            )
            if found is None:
                return None
            self._store.run(
                "UPDATE fault SET times_left = times_left - 1 WHERE id = ?", found["id"]
            )
            self._store.run("DELETE FROM fault WHERE times_left <= 0")
        return Fault(found["kind"], found["number"])

    def all(self) -> list[Json]:
        """Return what is still ordered."""
        return [dict(row) for row in self._store.rows("SELECT * FROM fault ORDER BY id")]

    def clear(self) -> None:
        """Order nothing any more."""
        self._store.run("DELETE FROM fault")
