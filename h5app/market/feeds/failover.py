"""Two or more feeds of the same instruments at once; one of them fills the board.

The rule: the first in order that answers wins. When it fails, the same reading is answered by the
next one that does. It comes back when it has answered without a failure for BACK_SECONDS. Whoever
takes over tells everything anew; what would be older than what the other told is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from h5app.market.ports import FeedBatch, FeedGarbled, FeedHealth, FeedRefused, FeedSilent
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from h5app.kernel.clock import Clock
    from h5app.market.model import Instrument, Quote
    from h5app.market.ports import QuoteFeed

BACK_SECONDS = 15.0
GAP_SECONDS = 15.0
"""A source that was silent for so long had a gap."""
PAUSE_SECONDS_MAX = 60.0
_DOUBLINGS_MAX = 5
STANDBY_MARK = "备用"
FAILURES = (FeedSilent, FeedGarbled, FeedRefused)

log = get_logger(__name__)


@dataclass(slots=True)
class _Source:
    """One feed and how it did; moments are monotonic seconds."""

    feed: QuoteFeed
    failures: int = 0
    gaps: int = 0
    last_error: str = ""
    ask_at: float = 0.0
    failed_since: float | None = None
    good_since: float | None = None
    is_open: bool = False


class FailoverFeed:
    """The feeds in order of preference behind the one port."""

    def __init__(self, feeds: Sequence[QuoteFeed], clock: Clock) -> None:
        """Take the feeds, the preferred one first, and the wall clock."""
        assert feeds, "no feed to choose from"
        self._sources = [_Source(feed) for feed in feeds]
        self._clock = clock
        self._active = self._sources[0]
        self._opened: tuple[Sequence[Instrument], date] | None = None
        self._told: dict[str, tuple[_Source, datetime, int]] = {}
        self._health = FeedHealth(last_at=None)

    @property
    def name(self) -> str:
        """The name of the feed that fills the board now."""
        return self._active.feed.name

    @property
    def label(self) -> str:
        """Its label; a standby says that it is one, and for whom."""
        label = self._active.feed.label
        if self._active is self._sources[0]:
            return label
        return f"{label}({STANDBY_MARK},{self._sources[0].feed.label}中断)"

    @property
    def rhythm_seconds(self) -> float:
        """The rhythm of the feed that fills the board."""
        return self._active.feed.rhythm_seconds

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Open all of them for a day; one is enough.

        Raises:
            FeedSilent: None could be opened.
        """
        self._opened = instruments, day
        self._told = {}
        for source in self._sources:
            source.is_open = False
            self._opens(source)
        if not any(source.is_open for source in self._sources):
            raise FeedSilent(self._errors())

    def read(self, now: datetime) -> FeedBatch:
        """Give what the winner says; nothing of the others.

        Raises:
            FeedSilent: None of them answers.
        """
        assert self._opened is not None, "open it first"
        self._try_better(now)
        for source in self._by_preference():
            source.is_open = source.is_open and source is self._active
            batch = self._answer(source, now)
            if batch is not None:
                return self._accepted(source, batch)
        self._health = replace(
            self._health, failures=self._health.failures + 1, last_error=self._errors()
        )
        raise FeedSilent(self._errors())

    def health(self) -> FeedHealth:
        """How the board is filled, and how each source does."""
        parts = {
            source.feed.name: replace(_health_of(source), is_active=source is self._active)
            for source in self._sources
        }
        return replace(self._health, parts=parts)

    def close(self) -> None:
        """Let go of all of them."""
        for source in self._sources:
            source.feed.close()

    # ------------------------------------------------------------

    def _by_preference(self) -> Iterable[_Source]:
        """Return the active source, then the others in order; those on a pause come last."""
        now = self._clock.monotonic()
        others = [source for source in self._sources if source is not self._active]
        return sorted([self._active, *others], key=lambda source: source.ask_at > now)

    def _try_better(self, now: datetime) -> None:
        """Ask those that are preferred over the active one; the first that is well comes back."""
        for source in self._sources[: self._sources.index(self._active)]:
            if self._clock.monotonic() < source.ask_at or self._answer(source, now) is None:
                continue
            since = source.good_since
            if since is not None and self._clock.monotonic() - since >= BACK_SECONDS:
                self._switch(source)
                return

    def _accepted(self, source: _Source, batch: FeedBatch) -> FeedBatch:
        if source is not self._active:
            self._switch(source)
            source.is_open = True
        self._health = replace(
            self._health,
            last_at=batch.at,
            batches=self._health.batches + 1,
            dropped=self._health.dropped + batch.dropped,
            failures=0,
            last_error="",
        )
        return replace(batch, quotes=tuple(self._news(source, batch.quotes)))

    def _news(self, source: _Source, quotes: Iterable[Quote]) -> Iterable[Quote]:
        """Yield the quotes but those that are older than what another source told."""
        for quote in quotes:
            teller, at, volume = self._told.get(quote.symbol, (source, quote.at, 0))
            is_same_day = at.date() == quote.at.date()
            is_behind = quote.at < at or (is_same_day and quote.volume_shares < volume)
            if teller is not source and is_behind:
                continue
            self._told[quote.symbol] = source, quote.at, quote.volume_shares
            yield quote

    def _switch(self, source: _Source) -> None:
        """Let another source fill the board; it tells all of the day anew."""
        log.warning("feed_switched", was=self._active.feed.name, now=source.feed.name)
        self._active = source
        source.is_open = False

    def _answer(self, source: _Source, now: datetime) -> FeedBatch | None:
        """Return what a source says; None when it fails."""
        if not source.is_open and not self._opens(source):
            return None
        try:
            batch = source.feed.read(now)
        except FAILURES as wrong:
            self._note_failure(source, wrong)
            return None
        self._note_success(source)
        return batch

    def _opens(self, source: _Source) -> bool:
        assert self._opened is not None, "open it first"
        try:
            source.feed.open(*self._opened)
        except FAILURES as wrong:
            self._note_failure(source, wrong)
            return False
        source.is_open = True
        return True

    def _note_failure(self, source: _Source, wrong: Exception) -> None:
        now = self._clock.monotonic()
        source.failures += 1
        source.last_error = f"{type(wrong).__name__}: {wrong}"
        source.failed_since = now if source.failed_since is None else source.failed_since
        source.good_since = None
        doublings = min(source.failures - 1, _DOUBLINGS_MAX)
        source.ask_at = now + min(PAUSE_SECONDS_MAX, source.feed.rhythm_seconds * 2**doublings)

    def _note_success(self, source: _Source) -> None:
        now = self._clock.monotonic()
        if source.failed_since is not None and now - source.failed_since > GAP_SECONDS:
            source.gaps += 1
        source.failures, source.last_error = 0, ""
        source.ask_at, source.failed_since = 0.0, None
        source.good_since = now if source.good_since is None else source.good_since

    def _errors(self) -> str:
        return "; ".join(f"{one.feed.name}: {one.last_error}" for one in self._sources)


def _health_of(source: _Source) -> FeedHealth:
    return replace(
        source.feed.health(),
        failures=source.failures,
        last_error=source.last_error,
        gaps=source.gaps,
    )
