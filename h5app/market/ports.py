"""What market needs from outside: a feed of quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from h5app.market.model import Instrument, MinutePoint, Print, Quote


class FeedSilent(Exception):
    """The source gave no answer in time; what it would have said is unknown. Ask again."""


class FeedGarbled(Exception):
    """The source answered with something that is torn or not readable. Nothing of it is used."""


class FeedRefused(Exception):
    """The source said no (not allowed, not found); asking again at once is pointless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBatch:
    """What a feed learned since it was last asked.

    `at` is the newest stamp of the source itself (market time). `minutes` and `prints` are what is
    new per symbol; a feed that only knows snapshots leaves them empty and the board folds minutes
    from the quotes. `dropped` counts records of the source that could not be read.
    """

    at: datetime
    quotes: tuple[Quote, ...] = ()
    minutes: Mapping[str, tuple[MinutePoint, ...]] = field(default_factory=dict)
    prints: Mapping[str, tuple[Print, ...]] = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How a feed is doing; shown in /readyz, /metrics and on the page.

    `last_at` is the newest source stamp (market time), None before the first batch. `gaps` counts
    the times the source fell silent for longer than its own rhythm, `failures` the refused,
    silent and garbled answers in a row. A feed made of several tells of each in `parts` by name;
    `is_active` says whether a part fills the board.
    """

    last_at: datetime | None
    batches: int = 0
    dropped: int = 0
    gaps: int = 0
    failures: int = 0
    last_error: str = ""
    is_active: bool = True
    parts: Mapping[str, FeedHealth] = field(default_factory=dict)

    def age_seconds(self, now: datetime) -> float | None:
        """Seconds of market time since the newest stamp; None before the first batch."""
        return None if self.last_at is None else (now - self.last_at).total_seconds()


class QuoteFeed(Protocol):
    """A source of quotes: simulated, recorded, exchange files, HTTP or another host.

    A feed is asked; it never calls back and never looks at a clock of its own. The feed process
    asks every `rhythm_seconds` with the market clock's moment and may jump: a feed that can play
    skipped time (simulated, recorded) gives the state at `now`; one that cannot (live) gives what
    its source says. Quotes carry the source's stamps; prices are in the units of model.py.
    """

    @property
    def name(self) -> str:
        """Short name in settings and metrics: "sim", "replay", "sse_files"..."""

    @property
    def label(self) -> str:
        """What pages print beside the prices: "模拟行情", "历史回放 2019-02-01"..."""

    @property
    def rhythm_seconds(self) -> float:
        """How often asking makes sense."""

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Prepare for a trading day and these instruments; may be called again for another day.

        Raises:
            FeedSilent: The source gave no answer.
            FeedRefused: The source said no, or has nothing for that day.
        """

    def read(self, now: datetime) -> FeedBatch:
        """Give what is new up to market time `now`; an empty batch when nothing is.

        Raises:
            FeedSilent: No answer in time; what is on the board grows old and is shown so.
            FeedGarbled: The answer was torn or unreadable; the board keeps what it has.
            FeedRefused: The source said no.
        """

    def health(self) -> FeedHealth:
        """How the source is doing; never fails and never asks the source."""

    def close(self) -> None:
        """Let go of files and connections; may be called twice."""
