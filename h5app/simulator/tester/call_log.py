"""Every call of both directions, as it was, with its time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from h5app.simulator.clock import PlatformClock
from h5app.simulator.store import Json, Store

TEXT_MAX = 20_000
KEPT_CALLS = 20_000
SWEEP_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class Record:
    """One call: who asked (api: the account, page: a phone's web view) and what came back."""

    direction: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    request: str = ""
    status: int
    response: str = ""
    errcode: int = 0
    rid: str = ""
    at: float
    took_ms: int


class CallLog:
    """The newest calls; older ones are forgotten."""

    def __init__(self, store: Store, clock: PlatformClock) -> None:
        self._store = store
        self._clock = clock

    def add(self, record: Record) -> None:
        """Note a call."""
        number = self._store.run(
            "INSERT INTO call (at, took_ms, direction, method, path, query, request, status,"
            " response, errcode, rid)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            record.at,
            record.took_ms,
            record.direction,
            record.method,
            record.path,
            json.dumps(dict(record.query), ensure_ascii=False),
            record.request[:TEXT_MAX],
            record.status,
            record.response[:TEXT_MAX],
            record.errcode,
            record.rid,
        )
        if number % SWEEP_EVERY == 0:
            self._store.run("DELETE FROM call WHERE id <= ?", number - KEPT_CALLS)

    def newest(self, count: int, direction: str = "") -> list[Json]:
        """Return the newest calls, newest first."""
        rows = self._store.rows(
            "SELECT * FROM call WHERE ? IN ('', direction) ORDER BY id DESC LIMIT ?",
            direction,
            count,
        )
        return [{**dict(row), "query": json.loads(row["query"])} for row in rows]

    def deliveries(self, count: int) -> list[Json]:
        """Return the newest messages and events sent to the account, each with its attempts."""
        rows = self._store.rows("SELECT * FROM delivery ORDER BY id DESC LIMIT ?", count)
        return [
            {
                **dict(row),
                "attempts": [
                    dict(attempt)
                    for attempt in self._store.rows(
                        "SELECT * FROM attempt WHERE delivery_id = ? ORDER BY number", row["id"]
                    )
                ],
            }
            for row in rows
        ]
