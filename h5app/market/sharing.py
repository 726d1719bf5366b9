"""The board of one host for others: the feed process puts each good batch into Redis.

A hash of all quotes, a hash of each slot of the day's lines, and a state that is written last.
Records are the board's own; another layout has other keys, so that versions never mix.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from h5app.market.board_layout import LAYOUT_VERSION, pack_point, pack_quote
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from h5app.kernel.clock import Clock
    from h5app.market.model import MinutePoint, Quote

KEYS = f"h5app:market:{LAYOUT_VERSION}"
STATE_KEY, QUOTES_KEY = f"{KEYS}:state", f"{KEYS}:quotes"
SEQUENCE, DAY, AT, LABEL = "sequence", "day", "at", "label"
TIMEOUT_SECONDS = 2.0
TRY_AGAIN_SECONDS = 5.0
SLOTS = range(241)
_FIELDS_MAX = 2_000
"""Written in one command: other clients of the server must not wait."""

log = get_logger(__name__)


def line_key(slot: int) -> str:
    """Return the key of one slot of all lines."""
    return f"{KEYS}:line:{slot}"


def redis_client(url: str) -> Redis:
    """Return a client that waits for nothing longer than TIMEOUT_SECONDS."""
    return Redis.from_url(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBatch:
    """What a step put on the board of a day, and what its feed calls itself."""

    on: date
    at: datetime
    label: str
    quotes: Sequence[Quote] = ()
    minutes: Mapping[str, Iterable[MinutePoint]] = field(default_factory=dict)


class QuoteShare(Protocol):
    """Whoever else wants each good batch."""

    def publish(self, batch: SharedBatch, line: Callable[[str], Iterable[MinutePoint]]) -> None:
        """Pass a batch on; never fails. `line` gives a symbol's whole line where it is needed."""


class RedisShare:
    """Publishes into Redis. While that does not answer the board goes on without it."""

    def __init__(self, client: Redis, wall: Clock) -> None:
        self._client = client
        self._wall = wall
        self._on: date | None = None
        self._is_whole = False
        self._quotes: dict[str, Quote] = {}
        self._try_at = 0.0

    def publish(self, batch: SharedBatch, line: Callable[[str], Iterable[MinutePoint]]) -> None:
        """Put what changed into Redis, or everything when a day begins or Redis lost it."""
        if batch.on != self._on:
            self._on, self._is_whole = batch.on, False
            self._quotes.clear()
        self._quotes.update({quote.symbol: quote for quote in batch.quotes})
        if self._wall.monotonic() < self._try_at:
            return
        try:
            self._put(batch, line)
        except RedisError as wrong:
            self._is_whole = False
            self._try_at = self._wall.monotonic() + TRY_AGAIN_SECONDS
            log.warning("quotes_not_shared", error=type(wrong).__name__, text=str(wrong))

    def _put(self, batch: SharedBatch, line: Callable[[str], Iterable[MinutePoint]]) -> None:
        if self._is_whole and not self._client.exists(STATE_KEY):
            self._is_whole = False  # Redis was started anew.
        quotes = batch.quotes if self._is_whole else list(self._quotes.values())
        lines = batch.minutes if self._is_whole else {one: line(one) for one in self._quotes}
        pipeline = self._client.pipeline(transaction=True)
        if not self._is_whole:
            pipeline.delete(STATE_KEY, QUOTES_KEY, *map(line_key, SLOTS))
        for chunk in _chunks({one.symbol: pack_quote(one, 0) for one in quotes}):
            pipeline.hset(QUOTES_KEY, mapping=chunk)
        for slot, points in _by_slot(lines).items():
            for chunk in _chunks(points):
                pipeline.hset(line_key(slot), mapping=chunk)
        state: dict[Any, Any] = {
            DAY: batch.on.isoformat(),
            AT: batch.at.isoformat(),
            LABEL: batch.label,
        }
        pipeline.hset(STATE_KEY, mapping=state)
        pipeline.hincrby(STATE_KEY, SEQUENCE, 1)
        pipeline.execute()
        self._is_whole = True


def _by_slot(lines: Mapping[str, Iterable[MinutePoint]]) -> dict[int, dict[Any, Any]]:
    slots: dict[int, dict[Any, Any]] = {}
    for symbol, points in lines.items():
        for point in points:
            slots.setdefault(point.minute, {})[symbol] = pack_point(point)
    return slots


def _chunks(values: dict[Any, Any]) -> Iterable[dict[Any, Any]]:
    """Yield names and records in parts; the client's own types are wider than ours."""
    names = list(values)
    for begin in range(0, len(names), _FIELDS_MAX):
        yield {name: values[name] for name in names[begin : begin + _FIELDS_MAX]}
