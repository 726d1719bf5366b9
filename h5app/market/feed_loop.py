"""The feed process's step: ask the feed, check, publish; open days and fold them; never die."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

from h5app.market.line_fold import LineFold
from h5app.market.ports import FeedGarbled, FeedRefused, FeedSilent
from h5app.market.print_fold import PrintFold
from h5app.market.quality import Door
from h5app.market.sharing import SharedBatch
from h5app.market.slots import shown_day
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from h5app.kernel.clock import Anchor, Clock
    from h5app.market.board import BoardWriter
    from h5app.market.day_fold import DayFold
    from h5app.market.feed_report import FeedReport
    from h5app.market.line_strip_keeper import StripKeeper
    from h5app.market.model import Instrument, MinutePoint, Print, Quote
    from h5app.market.ports import FeedBatch, QuoteFeed
    from h5app.market.print_file import PrintWriter
    from h5app.market.rules import RuleBook
    from h5app.market.sharing import QuoteShare

BACK_OFF_SECONDS_MAX = 60.0
DOUBLINGS_MAX = 10
REFUSED_SECONDS = 10.0
"""After a refusal the source is left alone for at least so long."""
GAP_SECONDS = 15.0
"""A silence this long between two good batches counts as a gap."""
FOLD_AGAIN_SECONDS = 60.0

log = get_logger(__name__)


def _no_anchor() -> Anchor | None:
    return None


@dataclass(frozen=True, slots=True)
class BoardTime:
    """The wall clock, and the anchor of the market clock that the board's header mirrors.

    Without an anchor (production) readers take the market clock to be the wall's.
    """

    wall: Clock
    anchor: Callable[[], Anchor | None] = _no_anchor


class FeedLoop:
    """Keeps one board up to date from one feed. Its process calls `step` again and again."""

    def __init__(
        self,
        feed: QuoteFeed,
        writer: BoardWriter,
        instruments: Callable[[], Sequence[Instrument]],
        rules: RuleBook,
        at: BoardTime,
        *,
        fold: DayFold | None = None,
    ) -> None:
        """Take the parts.

        `instruments` gives the list as it is now; it is asked when a day opens. `fold` stores
        finished days; None where they are recorded already.
        """
        self._feed = feed
        self._writer = writer
        self._instruments = instruments
        self._rules = rules
        self._at = at
        self._fold = fold
        self._share: QuoteShare | None = None
        self._report: FeedReport | None = None
        self._prints: PrintWriter | None = None
        self._strips: StripKeeper | None = None
        self._print_fold = PrintFold()
        self.door = Door(rules)
        self._lines = LineFold()
        self._on: date | None = None
        self._tried_on: date | None = None
        self._folded_until: dict[date, time] = {}
        self._fold_again_at = 0.0
        self._failures = 0
        self._ask_again_at = 0.0
        self._good_at: float | None = None
        self._gaps = 0
        self._unreadable = writer.state.dropped

    def share_with(self, share: QuoteShare) -> None:
        """Pass each good batch on, to other hosts."""
        self._share = share

    def report_to(self, report: FeedReport) -> None:
        """Tell how the sources do, for operators."""
        self._report = report

    def keep_prints(self, prints: PrintWriter) -> None:
        """Keep the newest prints of each instrument; those of snapshots are folded."""
        self._prints = prints

    def keep_strips(self, strips: StripKeeper) -> None:
        """Keep the opening call and the after-hours trading of the day, for charts."""
        self._strips = strips

    @property
    def day(self) -> date | None:
        """The trading day that is open; None before the first."""
        return self._on

    @property
    def rhythm_seconds(self) -> float:
        """How often asking the feed makes sense, market seconds."""
        return self._feed.rhythm_seconds

    def step(self, now: datetime) -> None:
        """Read the feed once at market time `now` and publish what is good.

        A feed that is silent, garbled or refuses leaves the board as it is, so that it grows old
        and is shown so; it is asked again after a growing pause. A new day is opened by itself.
        """
        on = shown_day(self._rules.trading_days, now)
        if self._tried_on == on and self._at.wall.monotonic() < self._ask_again_at:
            self._mark()
            return
        self._tried_on = on
        try:
            if on != self._on:
                self._open(on)
            batch = self._feed.read(now)
        except (FeedSilent, FeedGarbled, FeedRefused) as wrong:
            self._note_failure(wrong)
            return
        except Exception as wrong:  # One of the two loops that must outlive every mistake.
            log.exception("feed_failed", feed=self._feed.name)
            self._note_failure(wrong)
            return
        self._publish(batch)
        self._fold_when_due(now)

    def fold_day(self, on: date) -> int:
        """Store the bars of a finished day; return how many were new. Twice is once."""
        if self._fold is None:
            return 0
        return self._fold.fold(self._writer.symbols, on)

    def close(self) -> None:
        """Let go of feed and board."""
        self._feed.close()
        self._writer.close()
        if self._prints is not None:
            self._prints.close()
        if self._strips is not None:
            self._strips.close()

    # ------------------------------------------------------------ days

    def _open(self, on: date) -> None:
        self._fold_missed(on)
        instruments = list(self._instruments())
        self._feed.open(instruments, on)
        self._writer.relist([one.symbol for one in instruments])
        self._writer.start_lines(on)
        self.door.start(instruments, on)
        self._lines.start({one.symbol: self._writer.line(one.symbol) for one in instruments})
        if self._prints is not None:
            self._prints.start([one.symbol for one in instruments], on)
            self._print_fold.start()
        if self._strips is not None:
            self._strips.start([one.symbol for one in instruments], on)
        self._on = on
        log.info("market_day_opened", day=on.isoformat(), instruments=len(instruments))

    def _fold_missed(self, on: date) -> None:
        """Store the days between the one on the board and the one that opens."""
        last = self._on or self._writer.state.trading_day
        if self._fold is None or last is None or last >= on:
            return
        before = self._rules.trading_days.previous_trading_day(on)
        for day in self._rules.trading_days.trading_days_between(last, before):
            self._fold_once(day, self._fold.times[-1])

    def _fold_when_due(self, now: datetime) -> None:
        """Store today once the close is known; a jump over the moment is made good."""
        if self._fold is None or self._on != now.date():
            return
        due = [mark for mark in self._fold.times if mark <= now.time()]
        if due and self._at.wall.monotonic() >= self._fold_again_at:
            self._fold_once(self._on, due[-1])

    def _fold_once(self, day: date, mark: time) -> None:
        if self._folded_until.get(day, time()) >= mark:
            return
        try:
            stored = self.fold_day(day)
        except OSError as wrong:
            self._fold_again_at = self._at.wall.monotonic() + FOLD_AGAIN_SECONDS
            log.warning("day_not_stored", day=day.isoformat(), error=str(wrong))
            return
        self._folded_until = {day: mark}
        if stored:
            log.info("day_stored", day=day.isoformat(), bars=stored)

    # ------------------------------------------------------------ the board

    def _publish(self, batch: FeedBatch) -> None:
        self._failures = 0
        self._ask_again_at = 0.0
        self._note_gap()
        self._unreadable += batch.dropped
        quotes = list(self.door.admit(batch.quotes))
        minutes = batch.minutes or self._folded_minutes(quotes)
        self._mark(is_good=True)
        self._writer.publish(quotes, minutes)
        if self._prints is not None:
            self._add_prints(self._prints, batch.prints, quotes)
        if self._strips is not None:
            self._strips.take(quotes, batch.at)
        if self._share is not None and self._on is not None:
            shared = SharedBatch(
                on=self._on, at=batch.at, label=self._feed.label, quotes=quotes, minutes=minutes
            )
            self._share.publish(shared, self._writer.line)

    def _folded_minutes(self, quotes: Sequence[Quote]) -> dict[str, tuple[MinutePoint, ...]]:
        points = ((quote.symbol, self._lines.point(quote)) for quote in quotes)
        return {symbol: (point,) for symbol, point in points if point is not None}

    def _add_prints(
        self, kept: PrintWriter, told: Mapping[str, Sequence[Print]], quotes: Sequence[Quote]
    ) -> None:
        for symbol, prints in told.items():
            kept.add(symbol, prints)
        for quote in quotes:
            found = self._print_fold.print_of(quote)
            if found is not None and quote.symbol not in told:
                kept.add(quote.symbol, (found,))

    def _mark(self, *, is_good: bool = False) -> None:
        state = self._writer.state
        health = self._feed.health()
        self._writer.mark(
            replace(
                state,
                anchor=self._at.anchor(),
                trading_day=self._on or state.trading_day,
                heartbeat_at=self._at.wall.now() if is_good else state.heartbeat_at,
                dropped=self._unreadable + self.door.dropped,
                gaps=self._gaps + health.gaps,
                failures=self._failures,
                feed=self._feed.name,
                label=self._feed.label,
            )
        )

        if self._report is not None:
            self._report.write(self._feed, self.door.limit_differences)

    def _note_gap(self) -> None:
        now = self._at.wall.monotonic()
        if self._good_at is not None and now - self._good_at > GAP_SECONDS:
            self._gaps += 1
        self._good_at = now

    def _note_failure(self, wrong: Exception) -> None:
        self._failures += 1
        doublings = min(self._failures - 1, DOUBLINGS_MAX)
        pause = min(BACK_OFF_SECONDS_MAX, self._feed.rhythm_seconds * 2**doublings)
        if isinstance(wrong, FeedRefused):
            pause = max(pause, REFUSED_SECONDS)
        self._ask_again_at = self._at.wall.monotonic() + pause
        log.warning(
            "feed_not_read",
            feed=self._feed.name,
            problem=type(wrong).__name__,
            text=str(wrong),
            failures=self._failures,
            pause_seconds=pause,
        )
        self._mark()
