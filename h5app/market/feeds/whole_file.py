"""Reading a file that another program rewrites every few seconds: whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from h5app.market.ports import FeedGarbled, FeedSilent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from h5app.kernel.clock import Clock

Content = TypeVar("Content")

READINGS_MAX = 6
PAUSE_SECONDS = 0.03
"""A writer is done with a full market's file in less than all pauses together."""


class WholeFile:
    """One file; what it held when it was last read whole is known by size and time of change."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read_state: tuple[int, int, int] | None = None

    def read(self, parse: Callable[[bytes], Content]) -> Content | None:
        """Return what `parse` makes of the file; None when it has not changed since.

        A torn file is read again a few times. `parse` raises FeedGarbled for a torn one.

        Raises:
            FeedSilent: The file is not there or cannot be read.
            FeedGarbled: It stayed torn.
        """
        wrong = FeedGarbled("torn")
        for turn in range(READINGS_MAX):
            if turn:
                self._clock.sleep(PAUSE_SECONDS)
            state = self._state()
            if state == self._read_state:
                return None
            content = self._bytes()
            if self._bytes() != content or self._state() != state:
                continue  # Some tables have no checksum: two readings alike stand for one.
            try:
                parsed = parse(content)
            except FeedGarbled as torn:
                wrong = torn
                continue
            self._read_state = state
            return parsed
        raise wrong

    def forget(self) -> None:
        """Read the file anew next time, changed or not."""
        self._read_state = None

    def _state(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError as wrong:
            raise FeedSilent(f"{self._path.name}: {wrong.strerror}") from wrong
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as wrong:
            raise FeedSilent(f"{self._path.name}: {wrong.strerror}") from wrong
