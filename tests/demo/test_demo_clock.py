"""The demo's market clock and its conductor."""

from contextlib import nullcontext
from datetime import date, datetime, time, timedelta

import pytest

from h5app.demo.clock import ClockBackwards, ClockTooFar, DemoClock
from h5app.demo.conductor import Conductor, moments_between
from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database

FRIDAY = date(2026, 11, 27)


def at(on: date, text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.combine(on, time.fromisoformat(text), SHANGHAI)


class Seen:
    """Notes the moments at which it was stepped."""

    def __init__(self) -> None:
        self.moments: list[datetime] = []

    def __call__(self, now: datetime) -> None:
        """Note the moment."""
        self.moments.append(now)


@pytest.fixture
def demo_clock(
    sqlite_database: Database, wall: FrozenClock, trading_days: TradingDays
) -> DemoClock:
    """A clock on an empty database."""
    return DemoClock(sqlite_database, wall, trading_days)


def conductor(
    clock: DemoClock, wall: FrozenClock, days: TradingDays, stays_on: date | None = None
) -> tuple[Conductor, Seen, Seen]:
    """A conductor with what its feed and its one step saw."""
    feed, step = Seen(), Seen()
    led = Conductor(
        clock, wall, days, feed=feed, turn=lambda: nullcontext([step]), stays_on=stays_on
    )
    return led, feed, step


def test_a_demo_opens_half_a_minute_before_the_session_whatever_the_hour(
    sqlite_database: Database, trading_days: TradingDays
) -> None:
    """On a Saturday night the demo opens on Monday at 09:29:30."""
    wall = FrozenClock("2026-11-28T23:10:00")

    state = DemoClock(sqlite_database, wall, trading_days).begin(None, 1)

    assert state.anchor.at(wall.now()) == at(date(2026, 11, 30), "09:29:30")
    assert state.first_on == date(2026, 11, 30)


def test_a_second_start_goes_on_where_the_clock_stopped(
    demo_clock: DemoClock, wall: FrozenClock
) -> None:
    """Hours in which nothing ran did not pass on the market clock."""
    state = demo_clock.begin(None, 1)
    demo_clock.keep(state.anchor, at(FRIDAY, "10:15:00"))
    wall.advance(timedelta(hours=9))

    again = demo_clock.begin(None, 1)

    assert again.anchor.at(wall.now()) == at(FRIDAY, "10:15:00")


def test_the_clock_never_goes_back(demo_clock: DemoClock) -> None:
    """A wish for a moment that has passed is refused and leaves no wish behind."""
    demo_clock.begin(at(FRIDAY, "10:00:00"), 1)

    with pytest.raises(ClockBackwards):
        demo_clock.move_to(at(FRIDAY, "09:59:59"))
    with pytest.raises(ClockTooFar):
        demo_clock.move_days(401)

    assert demo_clock.state().target_at is None


def test_a_jump_inside_a_day_plays_every_minute(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """Resting orders meet every minute that a jump skips, and lines have no hole."""
    demo_clock.begin(at(FRIDAY, "09:30:00"), 1)
    led, feed, step = conductor(demo_clock, wall, trading_days)
    demo_clock.move_to(at(FRIDAY, "10:00:30"))

    led.tick()

    minutes = [moment for moment in step.moments if moment.second == 0]
    assert minutes == [at(FRIDAY, "09:30:00") + timedelta(minutes=n) for n in range(1, 31)]
    assert step.moments[-1] == at(FRIDAY, "10:00:30")
    assert feed.moments[:-1] == step.moments
    assert led.now() == at(FRIDAY, "10:00:30")
    assert demo_clock.state().target_at is None


def test_a_jump_over_a_weekend_gives_each_day_its_close_and_its_reminders(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """Friday closes, Saturday and Sunday have their hour of reminders, Monday opens."""
    demo_clock.begin(at(FRIDAY, "14:00:00"), 1)
    led, _feed, step = conductor(demo_clock, wall, trading_days)
    demo_clock.move_to(at(date(2026, 11, 30), "09:40:00"))

    led.tick()

    for moment in (
        at(FRIDAY, "15:31:00"),
        at(date(2026, 11, 28), "09:00:30"),
        at(date(2026, 11, 29), "09:00:30"),
        at(date(2026, 11, 30), "09:14:00"),
    ):
        assert moment in step.moments
    assert step.moments == sorted(step.moments)


def test_lunch_and_the_night_are_left_out(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """Nobody waits for 13:00, nor from the evening to the next morning."""
    demo_clock.begin(at(FRIDAY, "11:30:30"), 1)
    led, _feed, _step = conductor(demo_clock, wall, trading_days)

    wall.advance(timedelta(seconds=60))
    led.tick()
    assert led.now() == at(FRIDAY, "12:59:30")

    demo_clock.move_to(at(FRIDAY, "15:31:00"))
    led.tick()
    assert led.now() == at(date(2026, 11, 30), "09:14:00")


def test_a_replayed_day_is_not_left(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """There is no recorded next morning to go to."""
    demo_clock.begin(at(FRIDAY, "15:40:00"), 1)
    led, _feed, _step = conductor(demo_clock, wall, trading_days, stays_on=FRIDAY)

    led.tick()

    assert led.now() == at(FRIDAY, "15:40:00")


def test_a_crash_is_played_like_a_jump(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """A feed that was away for an hour plays what it missed before it goes on."""
    demo_clock.begin(at(FRIDAY, "09:30:00"), 1)
    wall.advance(timedelta(minutes=60))
    led, _feed, step = conductor(demo_clock, wall, trading_days)

    led.tick()

    assert at(FRIDAY, "10:00:00") in step.moments
    assert led.now() == at(FRIDAY, "10:30:00")


def test_another_speed_goes_on_from_the_same_moment(
    demo_clock: DemoClock, wall: FrozenClock, trading_days: TradingDays
) -> None:
    """Sixty times as fast from now on, not from the start."""
    demo_clock.begin(at(FRIDAY, "09:30:00"), 1)
    led, _feed, _step = conductor(demo_clock, wall, trading_days)
    wall.advance(timedelta(seconds=10))
    demo_clock.run_at(60)

    led.tick()
    wall.advance(timedelta(seconds=2))

    assert led.now() == at(FRIDAY, "09:32:10")


def test_moments_end_with_the_target(trading_days: TradingDays) -> None:
    """A jump of a second has one stop: where it goes."""
    target = at(FRIDAY, "10:00:01")

    assert list(moments_between(at(FRIDAY, "10:00:00"), target, trading_days)) == [target]
