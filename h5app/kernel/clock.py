"""Clocks: all code takes one; this is the only module that asks the machine for the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Moments in Asia/Shanghai, a monotonic count of seconds, and a way to wait."""

    def now(self) -> datetime:
        """Return the present moment, aware, in Asia/Shanghai."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only rise; their origin means nothing."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for so many wall seconds."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the machine's time in Asia/Shanghai."""
        return datetime.now(SHANGHAI)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep; under gevent other greenlets run meanwhile."""
        time.sleep(seconds)


class FrozenClock:
    """A clock that stands still until it is told to move; sleeping moves it."""

    def __init__(self, moment: datetime | str) -> None:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        self._moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self._moment.astimezone(SHANGHAI)

    def monotonic(self) -> float:
        """Return the seconds it was advanced so far."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Advance at once instead of waiting."""
        self.advance(timedelta(seconds=seconds))

    def advance(self, span: timedelta) -> None:
        """Move both the moment and the monotonic count on by `span`."""
        self._moment += span
        self._seconds += max(0.0, span.total_seconds())

    def set(self, moment: datetime) -> None:
        """Jump to a moment, also backwards, as a machine's clock may."""
        self._moment = moment


@dataclass(frozen=True)
class Anchor:
    """Where a running market clock was at a wall moment, and how fast it runs."""

    market_at: datetime
    wall_at: datetime
    speed: int
    """Market seconds per wall second; 0 stands still."""

    def at(self, wall_now: datetime) -> datetime:
        """Return the market moment at a wall moment, never before the anchor itself."""
        elapsed = max(timedelta(0), wall_now - self.wall_at)
        return (self.market_at + elapsed * self.speed).astimezone(SHANGHAI)


class AnchoredClock:
    """The demo's market clock: an anchor that somebody else keeps, read at every call."""

    def __init__(self, read_anchor: Callable[[], Anchor | None], wall: Clock) -> None:
        self._read_anchor = read_anchor
        self._wall = wall

    def now(self) -> datetime:
        """Return the market moment; without an anchor, the wall's."""
        anchor = self._read_anchor()
        wall_now = self._wall.now()
        return anchor.at(wall_now) if anchor else wall_now

    def monotonic(self) -> float:
        """Return the wall clock's monotonic seconds."""
        return self._wall.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many wall seconds."""
        self._wall.sleep(seconds)
