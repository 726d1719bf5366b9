"""An exchange's file that is rewritten every few seconds, behind the port QuoteFeed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from h5app.market.day_limits import DayLimits
from h5app.market.feeds.live import Phases, Pulse
from h5app.market.feeds.whole_file import WholeFile
from h5app.market.ports import FeedBatch, FeedGarbled, FeedSilent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from h5app.kernel.clock import Clock
    from h5app.market.model import Exchange, Instrument, Quote
    from h5app.market.ports import FeedHealth
    from h5app.market.rules import RuleBook

SILENT_SECONDS = 15.0
"""A file that was not rewritten for so long while prices move is no news any more."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """One whole file: when it was made, and its records by code."""

    at: datetime
    records: Sequence[tuple[bytes, bytes]]


class FileLayout(Protocol):
    """How an exchange writes its file."""

    name: str
    label: str
    exchange: Exchange

    def start(self) -> None:
        """Begin a day: nothing of the one before counts."""

    def parse(self, content: bytes) -> FileContent:
        """Return what a file holds.

        Raises:
            FeedGarbled: It is torn.
        """

    def quote(
        self, record: bytes, instrument: Instrument, at: datetime, phases: Phases
    ) -> Quote | None:
        """Return the quote of a record; None of one that is not this instrument's.

        Raises:
            ValueError: It cannot be read.
        """


class FileFeed:
    """The figures of a file as it stands; records that did not change are not told again."""

    rhythm_seconds = 3.0

    def __init__(self, layout: FileLayout, path: Path, rules: RuleBook, clock: Clock) -> None:
        """Take the file's layout and path; `clock` waits between two readings of a torn one."""
        self.name, self.label = layout.name, layout.label
        self._layout = layout
        self._file = WholeFile(path, clock)
        self._rules = rules
        self._pulse = Pulse(rules, SILENT_SECONDS)
        self._roster: dict[bytes, Instrument] = {}
        self._day: date | None = None
        self._stamp: datetime | None = None
        self._limits = DayLimits(rules)
        self._told: dict[str, tuple[bytes, object]] = {}

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Look out for these instruments' records of a day."""
        exchange = self._layout.exchange
        self._roster = {one.code.encode(): one for one in instruments if one.exchange is exchange}
        self._day, self._stamp = day, None
        self._told = {}
        self._limits.start(day)
        self._layout.start()
        self._file.forget()

    def read(self, now: datetime) -> FeedBatch:
        """Give what changed since the last reading.

        Raises:
            FeedSilent: The file is missing, of another day, or was not rewritten for too long.
            FeedGarbled: It stayed torn.
        """
        assert self._day is not None, "open it first"
        try:
            content = self._file.read(self._layout.parse)
        except (FeedSilent, FeedGarbled) as wrong:
            raise self._pulse.failed(wrong) from None
        if content is not None:
            self._stamp = content.at
        assert self._stamp is not None, "a file that was never read cannot be unchanged"
        if self._stamp.date() != self._day:
            raise self._pulse.failed(FeedSilent(f"the file is of {self._stamp.date()}"))
        quotes, dropped = self._changed(content, min(self._stamp, now)) if content else ([], 0)
        at = self._pulse.heard(self._stamp, now, dropped)
        return FeedBatch(at=at, quotes=tuple(quotes), dropped=dropped)

    def health(self) -> FeedHealth:
        """How the file is doing."""
        return self._pulse.health

    def close(self) -> None:
        """Nothing is held open."""

    def _changed(self, content: FileContent, at: datetime) -> tuple[list[Quote], int]:
        phases = Phases(self._rules, at, self._limits)
        quotes: list[Quote] = []
        dropped = 0
        for code, record in content.records:
            instrument = self._roster.get(code)
            if instrument is None:
                continue
            state = (record, phases.of(instrument))
            if self._told.get(instrument.symbol) == state:
                continue
            try:
                quote = self._layout.quote(record, instrument, at, phases)
            except ValueError:
                dropped += 1
                continue
            if quote is not None:
                self._told[instrument.symbol] = state
                quotes.append(quote)
        return quotes, dropped
