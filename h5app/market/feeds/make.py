"""Picks the feed that the settings name, with what it needs; the composition root calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market.day_fold import CLOSED_AT, TOLD_AT, DayFold
from h5app.market.feeds.make_live import LIVE_MAKERS, LiveSettingMissing, are_live, make_live
from h5app.market.feeds.replay import ReplayFeed
from h5app.market.feeds.replay_days import Records, replay_ready
from h5app.market.feeds.sim import SimFeed, SimulatedMarket
from h5app.market.feeds.sim_days import DayPlans
from h5app.market.seed import staged_days, suspended_since

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from h5app.market.bars_file import BarFiles
    from h5app.market.day_fold import BarSource
    from h5app.market.feeds.make_live import LiveParts
    from h5app.market.model import CorporateAction, Instrument
    from h5app.market.ports import QuoteFeed
    from h5app.market.recorded import RecordedDays
    from h5app.market.rules import RuleBook


class FeedNotAvailable(AppError):
    """The settings name a feed that is not there, or leave out what it needs."""

    code = "market.feed_not_available"
    status = 500
    sentence = "行情源设置有误,请检查 H5APP_MARKET"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedParts:
    """What feeds are made of.

    `first_on` is the demo's first day, `seed` the simulated market's; `replay_day` is the text of
    the setting, YYYY-MM-DD. `live` is for live feeds, whose days are stored from `board`.
    """

    instruments: Sequence[Instrument]
    actions: Sequence[CorporateAction]
    rules: RuleBook
    files: BarFiles
    recorded: RecordedDays
    first_on: date
    seed: int = 0
    replay_day: str = ""
    live: LiveParts | None = None
    board: BarSource | None = None


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """A feed, and what stores its finished days; None where they are recorded already."""

    feed: QuoteFeed
    fold: DayFold | None


def make_feed(name: str, parts: FeedParts) -> MadeFeed:
    """Return the feed of a name: "sim", "replay", or live ones (make_live.py).

    Raises:
        FeedNotAvailable: No such feed, or a setting of it is missing or wrong.
        ReplayNotReady: Nothing of the day to be replayed is recorded.
    """
    check_feed_name(name)
    return _MAKERS[name](parts) if name in _MAKERS else _make_live(name, parts)


def check_feed_name(name: str) -> None:
    """Say at the start, not in a process that then dies of it, that there is no such feed.

    Raises:
        FeedNotAvailable: There is none.
    """
    if name not in _MAKERS and not are_live(name):
        known = "、".join([*_MAKERS, *LIVE_MAKERS])
        raise FeedNotAvailable(f"H5APP_MARKET={name}: 没有这个行情源,可用的有 {known}")


def make_simulated_market(parts: FeedParts) -> SimulatedMarket:
    """Return the simulated market; it is the same in every process with the same parts."""
    days = parts.rules.trading_days
    plans = DayPlans(
        parts.seed,
        parts.instruments,
        parts.rules,
        actions=parts.actions,
        suspended_since=suspended_since(parts.first_on, days),
        staged=staged_days(parts.first_on, days),
    )
    return SimulatedMarket(plans)


def replay_day_of(text: str) -> date:
    """Return the day that the setting names.

    Raises:
        FeedNotAvailable: It is missing or no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FeedNotAvailable("回放需要 H5APP_REPLAY_DAY=YYYY-MM-DD") from None


def _make_sim(parts: FeedParts) -> MadeFeed:
    market = make_simulated_market(parts)
    return MadeFeed(SimFeed(market), DayFold(parts.files, market))


def _make_replay(parts: FeedParts) -> MadeFeed:
    day = replay_day_of(parts.replay_day)
    records = Records(parts.files, parts.recorded, parts.rules, parts.actions)
    replay_ready(records, parts.instruments, day)
    return MadeFeed(ReplayFeed(records, parts.rules, day), None)


def _make_live(name: str, parts: FeedParts) -> MadeFeed:
    assert parts.live is not None, "live feeds need their parts"
    assert parts.board is not None, "their days are stored from the board"
    try:
        feed = make_live(name, parts.live)
    except LiveSettingMissing as missing:
        raise FeedNotAvailable(f"行情源 {name} 需要设置 {missing}") from None
    return MadeFeed(feed, DayFold(parts.files, parts.board, times=(CLOSED_AT, TOLD_AT)))


_MAKERS: dict[str, Callable[[FeedParts], MadeFeed]] = {"sim": _make_sim, "replay": _make_replay}
