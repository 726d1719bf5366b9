"""Two feeds at once: who wins, when he comes back, and feeds that stand side by side."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.feeds.failover import BACK_SECONDS, FailoverFeed
from h5app.market.feeds.joined import JoinedFeed
from h5app.market.ports import FeedBatch, FeedRefused, FeedSilent
from tests.market.sample_market import DAY, at, sample_instruments
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from h5app.market.model import Quote

ONE, TWO = "600100.SH", "600101.SH"


class Named(ScriptedFeed):
    """A scripted feed with a name of its own."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__()
        self.name, self.label = name, label
        self.says()

    def says(self, *quotes: Quote) -> None:
        """From now on it answers with these."""
        self.answers = [FeedBatch(at=at("10:00:00"), quotes=quotes)]

    def fails(self, wrong: Exception | None = None) -> None:
        """From now on it fails."""
        self.answers = [wrong or FeedSilent("gone")]


@pytest.fixture
def clock() -> FrozenClock:
    """The wall clock of the rule."""
    return FrozenClock("2026-11-24T10:00:00")


@pytest.fixture
def first() -> Named:
    """The preferred feed."""
    return Named("first", "甲行情")


@pytest.fixture
def second() -> Named:
    """The standby."""
    return Named("second", "乙行情")


@pytest.fixture
def both(first: Named, second: Named, clock: FrozenClock) -> FailoverFeed:
    """Both at once, opened."""
    feed = FailoverFeed([first, second], clock)
    feed.open(sample_instruments(), DAY)
    return feed


def test_the_first_that_answers_wins(both: FailoverFeed, first: Named, second: Named) -> None:
    """While it is well nobody asks the other one."""
    first.says(tick(ONE, at("10:00:00"), 12_340, 100))

    assert len(both.read(at("10:00:00")).quotes) == 1
    assert (both.name, both.label) == ("first", "甲行情")
    assert second.asked == 0


def test_the_standby_answers_the_same_reading(
    both: FailoverFeed, first: Named, second: Named
) -> None:
    """No hole: the reading in which the first one fails is answered, all of it told anew."""
    second.says(tick(ONE, at("10:00:00"), 12_350, 200))
    first.fails(FeedRefused("403"))
    opened_before = len(second.opened)

    batch = both.read(at("10:00:00"))

    assert [quote.last_milli for quote in batch.quotes] == [12_350]
    assert (both.name, both.label) == ("second", "乙行情(备用,甲行情中断)")
    assert len(second.opened) == opened_before + 1
    assert both.health().parts["first"].last_error == "FeedRefused: 403"
    assert both.health().failures == 0


def test_the_first_comes_back_after_a_while_without_a_failure(
    both: FailoverFeed, first: Named, second: Named, clock: FrozenClock
) -> None:
    """Not at its first good answer: it must hold for fifteen seconds, and then tells all anew."""
    first.fails()
    both.read(at("10:00:00"))
    first.says(tick(ONE, at("10:01:00"), 12_360, 300))
    clock.advance(timedelta(seconds=10))
    both.read(at("10:00:10"))
    assert both.name == "second"

    clock.advance(timedelta(seconds=BACK_SECONDS - 1))
    both.read(at("10:00:24"))
    assert both.name == "second"

    clock.advance(timedelta(seconds=1))
    opened_before = len(first.opened)
    batch = both.read(at("10:00:25"))

    assert both.name == "first"
    assert len(first.opened) == opened_before + 1
    assert [quote.last_milli for quote in batch.quotes] == [12_360]
    assert both.health().parts["first"].gaps == 0


def test_a_source_that_fails_again_starts_its_wait_anew(
    both: FailoverFeed, first: Named, clock: FrozenClock
) -> None:
    """Good, bad, good: fifteen seconds count from the last good beginning."""
    first.fails()
    both.read(at("10:00:00"))
    for is_good in (True, False, True):
        clock.advance(timedelta(seconds=14))
        if is_good:
            first.says()
        else:
            first.fails()
        both.read(at("10:00:00"))

    assert both.name == "second"


def test_what_is_older_than_what_is_on_the_board_is_left_out(
    both: FailoverFeed, first: Named, second: Named
) -> None:
    """A standby some seconds behind: its older quotes are no bad ticks, they are no news."""
    first.says(tick(ONE, at("10:00:03"), 12_340, 500), tick(TWO, at("10:00:00"), 12_340, 100))
    both.read(at("10:00:03"))
    first.fails()
    second.says(tick(ONE, at("10:00:00"), 12_330, 400), tick(TWO, at("10:00:06"), 12_350, 200))

    assert [quote.symbol for quote in both.read(at("10:00:06")).quotes] == [TWO]


def test_a_source_is_left_alone_longer_and_longer(
    both: FailoverFeed, first: Named, clock: FrozenClock
) -> None:
    """Five minutes of failures: asked some ten times, not a hundred; and that was a gap."""
    first.fails()
    for _ in range(100):
        both.read(at("10:00:00"))
        clock.advance(timedelta(seconds=3))
    assert 5 <= first.asked <= 12

    first.says()
    clock.advance(timedelta(seconds=60))
    both.read(at("10:06:00"))

    assert both.health().parts["first"].gaps == 1


def test_when_none_answers_it_is_silence(both: FailoverFeed, first: Named, second: Named) -> None:
    """The error names each of them; whoever answers first fills the board again."""
    first.fails(FeedSilent("down"))
    second.fails(FeedRefused("403"))
    with pytest.raises(FeedSilent, match=r"first: .*down; second: .*403"):
        both.read(at("10:00:00"))
    assert both.health().failures == 1

    second.says(tick(ONE, at("10:00:00"), 12_340, 100))

    assert both.read(at("10:00:03")).quotes
    assert both.name == "second"


def test_one_that_cannot_be_opened_is_no_obstacle(
    first: Named, second: Named, clock: FrozenClock
) -> None:
    """A day that one of them does not have is told by the other."""
    first.refuses_day = FeedRefused("no such day")
    feed = FailoverFeed([first, second], clock)
    feed.open(sample_instruments(), DAY)
    second.says(tick(ONE, at("10:00:00"), 12_340, 100))

    assert feed.read(at("10:00:00")).quotes
    second.refuses_day = FeedRefused("no such day")
    with pytest.raises(FeedSilent):
        feed.open(sample_instruments(), DAY)


def test_parts_stand_side_by_side(first: Named, second: Named) -> None:
    """Both exchanges' quotes in one batch; while one fails the other goes on and the label says."""
    feed = JoinedFeed([first, second])
    feed.open(sample_instruments(), DAY)
    first.says(tick(ONE, at("10:00:00"), 12_340, 100))
    second.says(tick(TWO, at("10:00:00"), 12_340, 100))
    assert [quote.symbol for quote in feed.read(at("10:00:00")).quotes] == [ONE, TWO]
    assert (feed.name, feed.label) == ("first_second", "甲行情、乙行情")

    second.fails()
    assert [quote.symbol for quote in feed.read(at("10:00:00")).quotes] == [ONE]
    assert feed.label == "甲行情、乙行情(中断)"

    first.fails()
    with pytest.raises(FeedSilent, match="first"):
        feed.read(at("10:00:00"))
