"""How old the board is, and when that is too old."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from h5app.kernel.clock import Anchor
from h5app.market.board import BoardState
from h5app.market.freshness import NOTHING_YET, freshness
from tests.market.sample_market import rule_book


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("heard", "now", "is_stale"),
    [
        ("2026-11-24T10:00:00", "2026-11-24T10:00:14", False),
        ("2026-11-24T10:00:00", "2026-11-24T10:00:16", True),
        ("2026-11-24T09:16:00", "2026-11-24T09:16:20", True),
        ("2026-11-24T11:29:50", "2026-11-24T12:30:00", False),
        ("2026-11-24T11:29:00", "2026-11-24T12:30:00", True),
        ("2026-11-24T11:30:03", "2026-11-24T13:00:00", True),
        ("2026-11-24T09:25:10", "2026-11-24T09:29:00", False),
        ("2026-11-24T15:00:03", "2026-11-25T08:00:00", False),
        ("2026-11-24T14:00:00", "2026-11-25T08:00:00", True),
        ("2026-11-24T15:00:03", "2026-11-28T12:00:00", True),
        ("2026-11-27T15:00:03", "2026-11-28T12:00:00", False),
    ],
)
def test_a_board_is_stale_when_it_missed_something(heard: str, now: str, *, is_stale: bool) -> None:
    """15 seconds while prices move; at lunch and at night only if the session's end was missed."""
    state = BoardState(heartbeat_at=_at(heard), label="模拟行情")

    found = freshness(state, rule_book(), _at(now), _at(now))
    assert found.is_stale is is_stale
    assert found.at == _at(heard)
    assert found.label == "模拟行情"


def test_the_market_clock_of_a_demo_is_asked_through_its_anchor() -> None:
    """Age is wall time; whether something was missed is market time, however fast it runs."""
    wall = _at("2026-11-24T22:00:00")
    anchor = Anchor(_at("2026-11-25T14:59:00"), wall, speed=60)
    state = BoardState(heartbeat_at=wall + timedelta(seconds=2), anchor=anchor)
    later = wall + timedelta(seconds=40)

    found = freshness(state, rule_book(), anchor.at(later), later)
    assert found.age_seconds == 38
    assert found.at == _at("2026-11-25T15:01:00")
    assert anchor.at(later) == _at("2026-11-25T15:39:00")
    assert not found.is_stale


def test_an_operator_sees_what_the_feed_went_through() -> None:
    """Dropped quotes, gaps and failures in a row come with the age."""
    now = _at("2026-11-24T10:00:00")
    state = BoardState(heartbeat_at=now, feed="sim", dropped=3, gaps=2, failures=1)

    found = freshness(state, rule_book(), now, now)
    assert (found.feed, found.dropped, found.gaps, found.failures) == ("sim", 3, 2, 1)


@pytest.mark.parametrize("state", [None, BoardState()])
def test_a_board_that_never_was_is_stale(state: BoardState | None) -> None:
    """No board, or one without a batch: no age, and nothing to believe."""
    now = _at("2026-11-24T10:00:00")

    assert freshness(state, rule_book(), now, now) == NOTHING_YET
