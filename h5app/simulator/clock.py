"""The platform's clock: wall time plus an offset, so that two hours pass at a tap."""

from h5app.kernel.clock import Clock
from h5app.simulator.store import Store

_OFFSET = "clock_offset_seconds"


class PlatformClock:
    """Ages tokens, codes, tickets, QR codes, media and windows; what is sent carries wall time."""

    def __init__(self, store: Store, wall: Clock) -> None:
        self._store = store
        self._wall = wall

    def now(self) -> int:
        """Return platform time (unit: epoch seconds)."""
        return int(self._wall.now().timestamp()) + self.offset_seconds()

    def day(self) -> str:
        """Return the platform's calendar day, YYYY-MM-DD in Asia/Shanghai."""
        return self._text("%Y-%m-%d")

    def month(self) -> str:
        """Return the platform's calendar month, YYYY-MM in Asia/Shanghai."""
        return self._text("%Y-%m")

    def wall_seconds(self) -> float:
        """Return wall time (unit: epoch seconds)."""
        return self._wall.now().timestamp()

    def monotonic(self) -> float:
        """Return seconds for measuring."""
        return self._wall.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many wall seconds."""
        self._wall.sleep(seconds)

    def offset_seconds(self) -> int:
        """Return how far the platform is ahead of the wall (unit: seconds)."""
        return int(self._store.setting(_OFFSET, 0))

    def advance(self, seconds: int) -> None:
        """Move platform time on; it never goes back but by a reset."""
        self._store.put_setting(_OFFSET, self.offset_seconds() + max(0, seconds))

    def _text(self, pattern: str) -> str:
        moment = self._wall.now()
        return type(moment).fromtimestamp(self.now(), moment.tzinfo).strftime(pattern)
