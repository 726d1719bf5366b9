"""How old the board is, and whether that is too old for the part of the day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from h5app.kernel.clock import SHANGHAI
from h5app.market.model import Board, Exchange, Phase

if TYPE_CHECKING:
    from h5app.market.board import BoardState
    from h5app.market.rules import RuleBook

STALE_SECONDS = 15.0
"""A board that was not renewed for so long is shown as old."""
_CALM = {Phase.NONE, Phase.PRE_CONTINUOUS, Phase.LUNCH, Phase.CLOSED, Phase.CLOSED_HOLIDAY}
_STATE_LABELS = {Phase.PRE_CONTINUOUS: "集合竞价", Phase.CLOSE_CALL: "集合竞价"}
"""What the market as a whole is said to be in where a stock's own page is more exact."""
_SESSION_ENDS = (time(9, 25), time(11, 30), time(15))
"""Ends of the parts of the day in which prices move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the figures on the board are.

    `at` is the market moment of the last good batch, None before the first; `age_seconds` are wall
    seconds since then. `label` is what pages print beside prices. For operators: quotes `dropped`
    at the door, `gaps` of the feed and its `failures` in a row.
    """

    at: datetime | None
    age_seconds: float | None
    is_stale: bool
    label: str
    feed: str = ""
    dropped: int = 0
    gaps: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class MarketState:
    """What part of the day the main market is in, at which market moment."""

    phase: Phase
    label: str
    at: datetime


def market_state(rules: RuleBook, now: datetime) -> MarketState:
    """Return what part of the day the main market is in, in the words that customers know."""
    phase = main_phase(rules, now)
    return MarketState(phase, _STATE_LABELS.get(phase, phase.label), now)


NOTHING_YET = Freshness(at=None, age_seconds=None, is_stale=True, label="")


def freshness(
    state: BoardState | None, rules: RuleBook, market_now: datetime, wall_now: datetime
) -> Freshness:
    """Return how old the board is.

    While prices move, a board is stale STALE_SECONDS after its last batch. While they stand still
    (night, lunch, holiday) it is stale only when it missed the end of the session before.
    """
    if state is None or state.heartbeat_at is None:
        return NOTHING_YET
    age = max(0.0, (wall_now - state.heartbeat_at).total_seconds())
    at = state.anchor.at(state.heartbeat_at) if state.anchor else state.heartbeat_at
    is_stale = age > STALE_SECONDS and missed_something(rules, at, market_now)
    return Freshness(
        at=at,
        age_seconds=age,
        is_stale=is_stale,
        label=state.label,
        feed=state.feed,
        dropped=state.dropped,
        gaps=state.gaps,
        failures=state.failures,
    )


def main_phase(rules: RuleBook, moment: datetime) -> Phase:
    """Return the part of the day of the Shanghai main board, which stands for the market."""
    return rules.phase(Exchange.SSE, Board.SSE_MAIN, moment)


def missed_something(rules: RuleBook, at: datetime, market_now: datetime) -> bool:
    """Say whether prices may have moved between `at` and now: something newer is to be expected."""
    if main_phase(rules, market_now) not in _CALM:
        return True
    return at < _last_session_end(rules, market_now) - timedelta(seconds=STALE_SECONDS)


def _last_session_end(rules: RuleBook, now: datetime) -> datetime:
    days = rules.trading_days
    ends = [end for end in _SESSION_ENDS if end <= now.time()]
    if days.is_trading_day(now.date()) and ends:
        return datetime.combine(now.date(), ends[-1], SHANGHAI)
    before = days.previous_trading_day(now.date())
    return datetime.combine(before, _SESSION_ENDS[-1], SHANGHAI)
