"""Feeds of different instruments side by side, such as the files of both exchanges, as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from h5app.market.ports import FeedBatch, FeedGarbled, FeedHealth, FeedRefused, FeedSilent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from h5app.market.model import Instrument
    from h5app.market.ports import QuoteFeed

FAILURES = (FeedSilent, FeedGarbled, FeedRefused)


class JoinedFeed:
    """Every part tells its own; while one fails the others go on, and the label names it."""

    def __init__(self, feeds: Sequence[QuoteFeed]) -> None:
        """Take the parts; no instrument is told by two of them."""
        assert feeds, "nothing to join"
        self._feeds = list(feeds)
        self._closed: set[str] = set()
        self._errors: dict[str, str] = {}
        self._opened: tuple[Sequence[Instrument], date] | None = None
        self._health = FeedHealth(last_at=None)

    @property
    def name(self) -> str:
        """The names of the parts as one word."""
        return "_".join(feed.name for feed in self._feeds)

    @property
    def label(self) -> str:
        """The labels of the parts; one that fails is said to."""
        return "、".join(
            f"{feed.label}(中断)" if feed.name in self._errors else feed.label
            for feed in self._feeds
        )

    @property
    def rhythm_seconds(self) -> float:
        """The quickest part's rhythm."""
        return min(feed.rhythm_seconds for feed in self._feeds)

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Open the parts; one that cannot be opened is tried again at each reading."""
        self._opened = instruments, day
        self._closed = {feed.name for feed in self._feeds}
        self._errors = {}

    def read(self, now: datetime) -> FeedBatch:
        """Give what all parts say.

        Raises:
            FeedSilent: No part answers.
        """
        batches = [batch for feed in self._feeds if (batch := self._answer(feed, now))]
        if not batches:
            text = "; ".join(f"{name}: {error}" for name, error in self._errors.items())
            failures = self._health.failures + 1
            self._health = replace(self._health, failures=failures, last_error=text)
            raise FeedSilent(text)
        batch = FeedBatch(
            at=max(batch.at for batch in batches),
            quotes=tuple(quote for batch in batches for quote in batch.quotes),
            minutes={symbol: line for batch in batches for symbol, line in batch.minutes.items()},
            prints={symbol: rows for batch in batches for symbol, rows in batch.prints.items()},
            dropped=sum(batch.dropped for batch in batches),
        )
        self._health = replace(
            self._health,
            last_at=batch.at,
            batches=self._health.batches + 1,
            dropped=self._health.dropped + batch.dropped,
            failures=0,
            last_error="",
        )
        return batch

    def health(self) -> FeedHealth:
        """How the whole is doing, and each part."""
        parts = {feed.name: feed.health() for feed in self._feeds}
        return replace(self._health, parts=parts)

    def close(self) -> None:
        """Let go of all parts."""
        for feed in self._feeds:
            feed.close()

    def _answer(self, feed: QuoteFeed, now: datetime) -> FeedBatch | None:
        assert self._opened is not None, "open it first"
        try:
            if feed.name in self._closed:
                feed.open(*self._opened)
                self._closed.discard(feed.name)
            batch = feed.read(now)
        except FAILURES as wrong:
            self._errors[feed.name] = f"{type(wrong).__name__}: {wrong}"
            return None
        self._errors.pop(feed.name, None)
        return batch
