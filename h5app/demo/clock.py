"""The demo's market clock: an anchor in the database and wishes to move it, always forward."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from h5app.demo import store
from h5app.kernel.clock import SHANGHAI, Anchor, Clock
from h5app.kernel.error import AppError
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database

OPENS_AT = time(9, 29, 30)
"""Every demo begins half a minute before the continuous auction, whatever the hour."""
JUMP_MAX = timedelta(days=400)
SPEED_MAX = 600
PHASE_STARTS = (
    time(9, 15),
    time(9, 25),
    time(9, 30),
    time(11, 30),
    time(13),
    time(14, 57),
    time(15),
    time(15, 5),
    time(15, 30),
)
"""Where the parts of a day begin, for "on to the next phase" (exchange rules, since 2026-07-06)."""


class ClockBackwards(AppError):
    """The market clock only goes forward."""

    code = "demo.clock_backwards"
    status = 422
    sentence = "演示时钟只能向前;要从头开始请运行 ./manage reset"


class ClockTooFar(AppError):
    """A jump beyond what is played through in reasonable time."""

    code = "demo.clock_too_far"
    status = 422
    sentence = "一次最多向前 400 天,速度最多 600 倍,请改小后再试"


class ClockNotStarted(AppError):
    """The demo has not begun yet."""

    code = "demo.clock_not_started"
    status = 503
    sentence = "演示还没有开始,请稍后再试"


class DemoData(AppError):
    """Production was to run on a database in which a demo had begun."""

    code = "demo.data_in_production"
    status = 503
    sentence = (
        "这个数据库里有演示客户,他们的密码是公开的;"
        "生产环境请用 H5APP_HOME 或 H5APP_DATABASE_URL 指定另一个数据库"
    )


def refuse_demo_data(database: Database) -> None:
    """Let production begin on a database without the demo's customers only.

    Raises:
        DemoData: A demo has begun on this one.
    """
    with database.read() as connection:
        if store.read(connection) is not None:
            raise DemoData


@dataclass(frozen=True, kw_only=True)
class ClockState:
    """The market clock as somebody who moves it sees it."""

    first_on: date
    anchor: Anchor
    reached_at: datetime
    target_at: datetime | None


class DemoClock:
    """Keeps the anchor and takes wishes; the feed process carries them out."""

    def __init__(self, database: Database, wall: Clock, trading_days: TradingDays) -> None:
        self._database = database
        self._wall = wall
        self._days = trading_days

    def begin(self, now: datetime | None, speed: int) -> ClockState:
        """Start the clock, or go on where it stopped: what it stood still for did not happen.

        `now` freezes the first start; without it the demo opens on today or the next trading day.
        """
        wall_now = self._wall.now()
        with self._database.write() as connection:
            row = store.read(connection)
            market_at = row.reached_at if row else now or self._first_moment(wall_now)
            if row is None:
                store.begin(
                    connection,
                    market_at.date(),
                    market_at=market_at,
                    wall_at=wall_now,
                    speed=speed,
                    reached_at=market_at,
                )
            else:
                store.change(connection, market_at=market_at, wall_at=wall_now, speed=speed)
        return self.state()

    def state(self) -> ClockState:
        """Return where the clock stands.

        Raises:
            ClockNotStarted: No demo has begun on this database.
        """
        with self._database.read() as connection:
            row = store.read(connection)
        if row is None:
            raise ClockNotStarted
        return ClockState(
            first_on=row.first_on,
            anchor=Anchor(row.market_at, row.wall_at, row.speed),
            reached_at=row.reached_at,
            target_at=row.target_at,
        )

    def anchor(self) -> Anchor | None:
        """Return the anchor; None before the first start."""
        try:
            return self.state().anchor
        except ClockNotStarted:
            return None

    def move_to(self, target_at: datetime) -> None:
        """Ask for a jump to a market moment.

        Raises:
            ClockBackwards: It lies before what was lived through.
            ClockTooFar: It lies more than JUMP_MAX ahead.
        """
        state = self.state()
        now = max(state.reached_at, state.anchor.at(self._wall.now()))
        if target_at < now:
            raise ClockBackwards
        if target_at - now > JUMP_MAX:
            raise ClockTooFar
        with self._database.write() as connection:
            store.change(connection, target_at=target_at)

    def move_days(self, days: int) -> None:
        """Ask for a jump to the same time so many calendar days on."""
        if not 0 < days <= JUMP_MAX.days:
            raise ClockTooFar
        self.move_to(self._now() + timedelta(days=days))

    def move_to_next_phase(self) -> None:
        """Ask for a jump to the beginning of the next part of a trading day."""
        self.move_to(next_phase(self._now(), self._days))

    def run_at(self, speed: int) -> None:
        """Run so many times as fast from now on; 0 stands still."""
        if not 0 <= speed <= SPEED_MAX:
            raise ClockTooFar
        now, wall_now = self._now(), self._wall.now()
        with self._database.write() as connection:
            store.change(connection, market_at=now, wall_at=wall_now, speed=speed)

    def keep(self, anchor: Anchor, reached_at: datetime) -> None:
        """Write down where the clock is, so that a start after a crash goes on from there."""
        with self._database.write() as connection:
            store.change(
                connection,
                market_at=anchor.market_at,
                wall_at=anchor.wall_at,
                speed=anchor.speed,
                reached_at=reached_at,
            )

    def fulfilled(self, target_at: datetime) -> None:
        """Take a wish off the list, unless a later one stands there."""
        with self._database.write() as connection:
            row = store.read(connection)
            if row is not None and row.target_at == target_at:
                store.change(connection, target_at=None)

    def is_seeded(self) -> bool:
        """Return whether the demo's customers were made."""
        with self._database.read() as connection:
            row = store.read(connection)
        return bool(row and row.is_seeded)

    def note_seeded(self) -> None:
        """Note that the demo's customers were made."""
        with self._database.write() as connection:
            store.change(connection, is_seeded=True)

    def _now(self) -> datetime:
        state = self.state()
        return max(state.reached_at, state.anchor.at(self._wall.now()))

    def _first_moment(self, wall_now: datetime) -> datetime:
        first_on = self._days.trading_day_on_or_after(wall_now.date())
        return datetime.combine(first_on, OPENS_AT, SHANGHAI)


def next_phase(now: datetime, days: TradingDays) -> datetime:
    """Return when the next part of a trading day begins."""
    if days.is_trading_day(now.date()):
        for start in PHASE_STARTS:
            if start > now.time():
                return datetime.combine(now.date(), start, SHANGHAI)
    following = days.next_trading_day(now.date())
    return datetime.combine(following, PHASE_STARTS[0], SHANGHAI)
