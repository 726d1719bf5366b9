"""Leads the demo through time: plays what a jump skips, leaves out lunch and the night."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta

from h5app.demo.clock import DemoClock
from h5app.kernel.clock import SHANGHAI, Anchor, Clock
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.log import get_logger

LUNCH_FROM, LUNCH_UNTIL = time(11, 31), time(12, 59, 30)
EVENING_FROM, MORNING = time(15, 31), time(9, 14)
REMINDERS_AT = time(9, 0, 30)
KEEP_SECONDS = 2.0
SESSIONS = ((time(9, 15), time(11, 30)), (time(13), time(15, 30)))
LANDMARKS = (
    *(time(9, 0, 30), time(9, 14), time(9, 15), time(9, 25), time(9, 30, 3), time(11, 29)),
    *(time(13, 0, 3), time(14, 56), time(15, 0, 3), time(15, 6), time(15, 31)),
)
"""Moments of a skipped trading day at which everything that is due is done."""
GAP_MAX = timedelta(minutes=10)
"""Market time that passed without a tick, after a crash: it is played like a jump."""
_MINUTE = timedelta(minutes=1)

Step = Callable[[datetime], object]
"""Does what is due at a market moment; doing it twice does no harm."""
Turn = Callable[[], AbstractContextManager[Sequence[Step]]]
"""Gives the steps of one jump and holds what must stand still meanwhile, as the venue's process."""

log = get_logger(__name__)


class Conductor:
    """Owns the market clock of a running demo. One per demo, in the feed process.

    At every moment a jump stops at the feed comes first, so that the board shows the moment, then
    the steps of `turn` in their order: opening and close, the venue, the calendar.
    """

    def __init__(
        self,
        clock: DemoClock,
        wall: Clock,
        trading_days: TradingDays,
        *,
        feed: Step,
        turn: Turn,
        stays_on: date | None = None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._days = trading_days
        self._feed = feed
        self._turn = turn
        self._stays_on = stays_on
        state = clock.state()
        self._anchor = state.anchor
        self._lived_until = state.reached_at
        self._kept_at = wall.monotonic()

    def anchor(self) -> Anchor:
        """Return the anchor that the board's header shows."""
        return self._anchor

    def now(self) -> datetime:
        """Return the market moment."""
        return self._anchor.at(self._wall.now())

    def tick(self) -> None:
        """Carry out what was wished, leave out what nobody waits for, and publish the moment."""
        state = self._clock.state()
        if self.now() - self._lived_until > GAP_MAX:
            self._jump(self.now(), self._anchor.speed)
        if state.target_at is not None:
            self._jump(state.target_at, state.anchor.speed)
            self._clock.fulfilled(state.target_at)
        elif state.anchor.speed != self._anchor.speed:
            self._anchor = state.anchor
        pause_ends_at = self._end_of_pause(self.now())
        if pause_ends_at is not None:
            self._jump(pause_ends_at, self._anchor.speed)
        now = self.now()
        self._feed(now)
        self._lived_until = now
        self._keep_now_and_then(now)

    def _end_of_pause(self, now: datetime) -> datetime | None:
        """Return where a pause that nobody wants to sit through ends; None outside of one."""
        if self._anchor.speed == 0 or now.date() == self._stays_on:
            return None
        is_trading = self._days.is_trading_day(now.date())
        if is_trading and LUNCH_FROM <= now.time() < LUNCH_UNTIL:
            return datetime.combine(now.date(), LUNCH_UNTIL, SHANGHAI)
        if is_trading and now.time() < MORNING:
            return datetime.combine(now.date(), MORNING, SHANGHAI)
        if is_trading and now.time() < EVENING_FROM:
            return None
        return datetime.combine(self._days.next_trading_day(now.date()), MORNING, SHANGHAI)

    def _jump(self, target_at: datetime, speed: int) -> None:
        began_at = self._lived_until
        with self._turn() as steps:
            for moment in moments_between(began_at, target_at, self._days):
                self._stand_at(moment, steps)
        self._anchor = Anchor(target_at, self._wall.now(), speed)
        self._lived_until = target_at
        self._clock.keep(self._anchor, target_at)
        log.info("demo_clock_jumped", began=began_at.isoformat(), reached=target_at.isoformat())

    def _stand_at(self, moment: datetime, steps: Sequence[Step]) -> None:
        day_before = self._anchor.market_at.date()
        self._anchor = Anchor(moment, self._wall.now(), 0)
        if moment.date() != day_before:
            self._clock.keep(self._anchor, moment)
        self._feed(moment)
        for step in steps:
            step(moment)

    def _keep_now_and_then(self, now: datetime) -> None:
        if self._wall.monotonic() - self._kept_at >= KEEP_SECONDS:
            self._kept_at = self._wall.monotonic()
            self._clock.keep(self._anchor, now)


def moments_between(
    began_at: datetime, target_at: datetime, days: TradingDays
) -> Iterator[datetime]:
    """Yield where a jump stops, `target_at` last.

    On its first and last day every minute of the session, on trading days between the landmarks,
    on all other days the hour of reminders.
    """
    on = began_at.date()
    while on <= target_at.date():
        for moment in _moments_of(on, began_at, target_at, days):
            if began_at < moment < target_at:
                yield moment
        on += timedelta(days=1)
    yield target_at


def _moments_of(
    on: date, began_at: datetime, target_at: datetime, days: TradingDays
) -> list[datetime]:
    if not days.is_trading_day(on):
        return [datetime.combine(on, REMINDERS_AT, SHANGHAI)]
    moments = {datetime.combine(on, mark, SHANGHAI) for mark in LANDMARKS}
    if on in {began_at.date(), target_at.date()}:
        for first, last in SESSIONS:
            moment, end = (datetime.combine(on, edge, SHANGHAI) for edge in (first, last))
            while moment <= end:
                moments.add(moment)
                moment += _MINUTE
    return sorted(moments)
