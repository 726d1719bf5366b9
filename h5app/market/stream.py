"""Server-sent events: every change on the board reaches its watchers once, in one encoding.

One watcher thread (a greenlet under gevent) of each worker looks at the board's sequence. It starts
with the first reader and ends with the last. A reader that is slower than the market gets the
latest row of each instrument, never a queue of old ones.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from h5app.kernel.error import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from h5app.kernel.clock import Clock
    from h5app.market.model import Phase
    from h5app.market.shown import MarketHead, QuoteRows

STREAM_SYMBOLS_MAX = 50
POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 10.0
"""Longest silence on a stream; a reader that went away is found out when it is written to."""
HEAD_POLLS = 20
"""Looks at the board between two looks at the head: the age of the figures is told each second."""
_RETRY = b"retry: 3000\n\n"


class TooManyInStream(AppError):
    """A stream carries at most STREAM_SYMBOLS_MAX instruments."""

    code = "market.too_many_in_stream"
    status = 422
    sentence = f"一次最多实时跟踪 {STREAM_SYMBOLS_MAX} 只证券,请减少后重试"


class News:
    """Frames of instruments; those who watch the same share one, and its text is joined once."""

    def __init__(self, frames: dict[str, bytes]) -> None:
        self._frames = frames

    @cached_property
    def text(self) -> bytes:
        """All frames, as they go to a reader."""
        return b"".join(self._frames.values())

    def followed_by(self, later: News) -> News:
        """Return the latest frame of each instrument of both."""
        if not later._frames or not self._frames:
            return later if later._frames else self
        return News(self._frames | later._frames)


NOTHING_NEW = News({})


class Reader:
    """One open stream: what it watches and what it has not been told yet."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self.symbols = tuple(symbols)
        self.is_closed = False
        self._news = NOTHING_NEW
        self._lock = threading.Lock()
        self._woken = threading.Event()

    def offer(self, news: News) -> None:
        """Keep the latest frame of each instrument, and wake the reader."""
        with self._lock:
            self._news = self._news.followed_by(news)
        self._woken.set()

    def close(self) -> None:
        """End the stream as soon as its reader looks."""
        self.is_closed = True
        self._woken.set()

    def take(self, seconds_max: float) -> bytes:
        """Wait for frames and return them; nothing after `seconds_max` without any."""
        self._woken.wait(seconds_max)
        with self._lock:
            self._woken.clear()
            news, self._news = self._news, NOTHING_NEW
        return news.text


class QuoteStream:
    """All streams of one worker."""

    def __init__(
        self,
        rows: QuoteRows,
        clock: Clock,
        *,
        head: Callable[[], MarketHead],
        is_alive: Callable[[], bool],
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        """Take the encoded rows of the board, the wall clock and what tells the worker's life.

        `head` gives what holds for all quotes now, `is_alive` says whether this worker still
        serves: every stream ends when it says no.
        """
        self.rows = rows
        self._clock = clock
        self.head = head
        self._is_alive = is_alive
        self._heartbeat_seconds = heartbeat_seconds
        self._lock = threading.Lock()
        self._readers: dict[tuple[str, ...], set[Reader]] = {}
        """By what they watch: most look at one of few pages."""
        self._watched_by_symbol: dict[str, set[tuple[str, ...]]] = {}
        self._told: dict[str, int] = {}
        self._sequence = 0
        self._standing: tuple[Phase, bool] | None = None
        self._state = b""
        self._watcher: threading.Thread | None = None
        self._siblings: list[QuoteStream] = []

    @property
    def open_streams(self) -> int:
        """How many streams are open in this worker."""
        return len(self._all_readers()) + sum(one.open_streams for one in self._siblings)

    def brief(self) -> QuoteStream:
        """Return streams of the same board that carry what lists show and no more."""
        other = QuoteStream(
            self.rows.brief(),
            self._clock,
            head=self.head,
            is_alive=self._is_alive,
            heartbeat_seconds=self._heartbeat_seconds,
        )
        self._siblings.append(other)
        return other

    def events(self, symbols: Sequence[str], since: int = 0) -> Iterator[bytes]:
        """Yield the present rows at once, then every change, until the reader or the worker goes.

        A page that was drawn at the board's sequence `since` gets only what has changed since.
        The generator holds nothing before its first step, so that one that is never read leaks
        nothing.
        """
        reader = Reader(symbols)
        self._join(reader)
        try:
            yield _RETRY + _state_frame(self.head()) + self._snapshot(symbols, since)
            while True:
                frames = reader.take(self._heartbeat_seconds)
                if reader.is_closed or not self._is_alive():
                    return
                self._keep_watching()
                yield self._state + frames
        finally:
            self._leave(reader)

    def _snapshot(self, symbols: Sequence[str], since: int) -> bytes:
        if since > self.rows.board_sequence():
            since = 0  # The board was built anew and counts from the start.
        changes = self.rows.changes(symbols)
        fresh = [one for one in symbols if changes.get(one, 0) > since]
        return b"".join(self._frames(fresh).values())

    def _frames(self, symbols: Iterable[str]) -> dict[str, bytes]:
        rows = self.rows.encoded(symbols)
        return {symbol: b"data: " + row + b"\n\n" for symbol, row in rows.items()}

    def _join(self, reader: Reader) -> None:
        changes = self.rows.changes(reader.symbols)
        with self._lock:
            self._readers.setdefault(reader.symbols, set()).add(reader)
            for symbol in reader.symbols:
                self._watched_by_symbol.setdefault(symbol, set()).add(reader.symbols)
                self._told.setdefault(symbol, changes.get(symbol, 0))
        self._keep_watching()

    def _leave(self, reader: Reader) -> None:
        with self._lock:
            alike = self._readers.get(reader.symbols, set())
            alike.discard(reader)
            if not alike and self._readers.pop(reader.symbols, None) is not None:
                self._forget(reader.symbols)

    def _forget(self, watched: tuple[str, ...]) -> None:
        for symbol in watched:
            still = self._watched_by_symbol.get(symbol, set())
            still.discard(watched)
            if not still:
                self._watched_by_symbol.pop(symbol, None)
                self._told.pop(symbol, None)

    def _all_readers(self) -> list[Reader]:
        return [reader for alike in self._readers.values() for reader in alike]

    def _keep_watching(self) -> None:
        """Start the watcher, also when a mistake has ended it: readers must not fall silent."""
        with self._lock:
            if self._readers and (self._watcher is None or not self._watcher.is_alive()):
                self._state = _state_frame(self.head())
                self._watcher = threading.Thread(target=self._watch, name="quotes", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        polls = 0
        while self._goes_on():
            self._tell_changes()
            if polls % HEAD_POLLS == 0:
                self._tell_standing()
            polls += 1
            self._clock.sleep(POLL_SECONDS)

    def _goes_on(self) -> bool:
        with self._lock:
            if self._is_alive() and self._readers:
                return True
            for reader in self._all_readers():
                reader.close()
            self._watcher = None
        return False

    def _tell_changes(self) -> None:
        sequence = self.rows.board_sequence()
        if sequence == self._sequence:
            return
        self._sequence = sequence
        self._state = _state_frame(self.head())
        frames = self._frames(self._changed())
        with self._lock:
            news = [
                (News(own), list(self._readers[watched]))
                for watched, own in self._news_by_watched(frames).items()
            ]
        for own_news, readers in news:
            for reader in readers:
                reader.offer(own_news)

    def _changed(self) -> list[str]:
        with self._lock:
            watched = list(self._told)
        changes = self.rows.changes(watched)
        with self._lock:
            changed = [one for one in watched if changes.get(one, 0) != self._told.get(one)]
            self._told.update((one, changes.get(one, 0)) for one in changed if one in self._told)
        return changed

    def _news_by_watched(self, frames: dict[str, bytes]) -> dict[tuple[str, ...], dict[str, bytes]]:
        news: dict[tuple[str, ...], dict[str, bytes]] = {}
        for symbol, frame in frames.items():
            for watched in self._watched_by_symbol.get(symbol, ()):
                news.setdefault(watched, {})[symbol] = frame
        return news

    def _tell_standing(self) -> None:
        """Wake everybody when the figures became old or fresh, or the market changed its phase."""
        head = self.head()
        self._state = _state_frame(head)
        standing = (head.phase, head.is_stale)
        if standing == self._standing:
            return
        self._standing = standing
        with self._lock:
            readers = self._all_readers()
        for reader in readers:
            reader.offer(NOTHING_NEW)


def _state_frame(head: MarketHead) -> bytes:
    return b"event: state\ndata: " + msgspec.json.encode(head) + b"\n\n"
