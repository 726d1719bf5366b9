"""What the feed process tells the web of its sources: one small file beside the board.

The board's header holds what every page needs; this is for /readyz, /metrics and the operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - read from the file by its type
from typing import TYPE_CHECKING

import msgspec

from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from h5app.kernel.clock import Clock
    from h5app.market.ports import FeedHealth, QuoteFeed

log = get_logger(__name__)

FILE_NAME = "feed.json"
WRITE_SECONDS = 2.0
"""News of the same state is written no more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source: its newest stamp (market time), and how it did.

    `gaps` counts silences, `failures` those in a row, `dropped` records that could not be read.
    `is_active` says whether it fills the board.
    """

    name: str
    is_active: bool
    last_at: datetime | None = None
    batches: int = 0
    dropped: int = 0
    gaps: int = 0
    failures: int = 0
    last_error: str = ""

    def age_seconds(self, market_now: datetime) -> float | None:
        """Market seconds since its newest stamp; None before the first."""
        return None if self.last_at is None else (market_now - self.last_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNews:
    """What the feed process tells: how its sources do, and what the board's door found.

    `limit_differences` counts instruments whose limits a source gave unlike our rules, each once a
    day, since the process started.
    """

    sources: tuple[SourceState, ...] = ()
    limit_differences: int = 0


class FeedReport:
    """Written by the feed process, read by everybody; a reader sees the old or the new file."""

    def __init__(self, path: Path, wall: Clock) -> None:
        self._path = path
        self._wall = wall
        self._written: tuple[int, tuple[tuple[str, bool, bool], ...]] | None = None
        self._write_at = 0.0

    def write(self, feed: QuoteFeed, limit_differences: int) -> None:
        """Note how a feed's sources do.

        At once when one fails, another takes over, or limits differ that did not before.
        """
        sources = tuple(sources_of(feed))
        ways = tuple((one.name, one.is_active, one.failures > 0) for one in sources)
        state = (limit_differences, ways)
        now = self._wall.monotonic()
        if state == self._written and now < self._write_at:
            return
        self._written, self._write_at = state, now + WRITE_SECONDS
        news = FeedNews(sources=sources, limit_differences=limit_differences)
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_bytes(msgspec.json.encode(news))
            fresh.replace(self._path)
        except OSError as wrong:  # The board goes on: a full disk must not end the quotes.
            log.warning("feed_report_not_written", error=str(wrong))

    def read(self) -> FeedNews:
        """Return how the sources do; no source before the first reading."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=FeedNews)
        except (OSError, msgspec.DecodeError):
            return FeedNews()


def sources_of(feed: QuoteFeed) -> list[SourceState]:
    """Return the state of a feed, or of each feed that it is made of."""
    return list(_states(feed.name, feed.health(), is_active=True))


def _states(name: str, health: FeedHealth, *, is_active: bool) -> Iterator[SourceState]:
    is_active = is_active and health.is_active
    if health.parts:
        for part_name, part in health.parts.items():
            yield from _states(part_name, part, is_active=is_active)
        return
    yield SourceState(
        name=name,
        is_active=is_active and not health.failures,
        last_at=health.last_at,
        batches=health.batches,
        dropped=health.dropped,
        gaps=health.gaps,
        failures=health.failures,
        last_error=health.last_error,
    )
