"""Recorded days as they are played: prints, minutes, closes, derived depth, previous closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.market.bars_file import BarFiles
from h5app.market.feeds.make import FeedNotAvailable, FeedParts, make_feed
from h5app.market.feeds.replay import ReplayFeed
from h5app.market.feeds.replay_days import ReplayNotReady, Source, replay_ready
from h5app.market.feeds.replay_depth import derived_depth
from h5app.market.feeds.replay_tape import ClosingTape, Happened, MinuteTape, PrintTape
from h5app.market.feeds.sim import SimFeed
from h5app.market.model import (
    DERIVED_DEPTH_LABEL,
    Bar,
    Board,
    CorporateAction,
    EventState,
    Period,
    Phase,
    Print,
    Side,
)
from h5app.market.ports import FeedRefused
from h5app.market.recorded import RecordedDays
from tests.market.recorded_day import (
    BY_CLOSE,
    BY_MINUTES,
    BY_PRINTS,
    INDEX,
    NO_REFERENCE,
    SUSPENDED,
    UNRECORDED,
    YESTERDAY,
    RecordedDay,
    cast,
    prints_of,
    record,
)
from tests.market.sample_market import DAY, at, rule_book, share

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import Quote


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> RecordedDay:
    """A recorded day that is only read."""
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def feed(recorded: RecordedDay) -> ReplayFeed:
    """The day, opened."""
    feed = ReplayFeed(recorded.records(), rule_book(), DAY)
    feed.open(cast(), DAY)
    return feed


def _quote(feed: ReplayFeed, symbol: str, text: str) -> Quote:
    quote = feed.quote(symbol, at(text))
    assert quote is not None
    return quote


def test_pages_say_which_day_is_played(feed: ReplayFeed) -> None:
    """The label names the day."""
    assert feed.label == "历史回放 2026-11-24"


def test_a_print_is_the_price_until_the_next_one(feed: ReplayFeed) -> None:
    """Last, volume, turnover, buyers' and sellers' volume are those of the prints so far."""
    prints = [each for each in prints_of(BY_PRINTS) if each.at <= at("10:00:00")]
    quote = _quote(feed, BY_PRINTS, "10:00:00")

    assert quote.last_milli == prints[-1].price_milli
    assert quote.volume_shares == sum(each.volume_shares for each in prints)
    bought = sum(each.volume_shares for each in prints if each.side is Side.BUY)
    assert quote.outer_shares == bought
    assert quote.high_milli == max(each.price_milli for each in prints)


def test_minutes_are_stamped_with_their_end(recorded: RecordedDay, feed: ReplayFeed) -> None:
    """The bar stamped 10:00 is what happened from 09:59:00 to 10:00:00, nothing of it before."""
    bars = {bar.at: bar for bar in recorded.files.all(BY_MINUTES, Period.MINUTE_1)}
    before, bar = bars[at("09:59:00")], bars[at("10:00:00")]
    begun, done = _quote(feed, BY_MINUTES, "09:59:00"), _quote(feed, BY_MINUTES, "10:00:00")
    until = sum(each.volume_shares for each in bars.values() if each.at <= before.at)

    assert begun.last_milli == bar.open_milli
    assert until <= begun.volume_shares <= until + bar.volume_shares // 20
    inside = _quote(feed, BY_MINUTES, "09:59:57")
    assert inside.last_milli == bar.close_milli
    assert inside.volume_shares == until + bar.volume_shares
    assert done.volume_shares >= inside.volume_shares


def test_a_minute_is_played_inside_its_range() -> None:
    """From the open over both extremes to the close, volume growing by whole lots."""
    bar = Bar(at("09:31:00"), 10_000, 10_090, 9_950, 10_050, 4_000, 4_010_000)
    tape = MinuteTape([bar], tick_milli=10, unit_shares=100, has_close_call=True)
    states = [tape.at(at("09:30:00") + timedelta(seconds=3 * step)) for step in range(21)]
    known = [state for state in states if state is not None]

    prices = [state.last_milli for state in known]
    volumes = [state.volume_shares for state in known]
    assert (prices[0], prices[-1]) == (10_000, 10_050)
    assert (min(prices), max(prices)) == (9_950, 10_090)
    assert all(price % 10 == 0 for price in prices)
    assert volumes == sorted(volumes)
    assert all(volume % 100 == 0 for volume in volumes)
    assert known[-1].volume_shares == 4_000
    assert known[-1].turnover_fen == 4_010_000


def test_a_quiet_minute_changes_nothing() -> None:
    """A minute without trades keeps the price; the depth is still that of the last trade's."""
    bars = [
        Bar(at("09:31:00"), 10_000, 10_000, 10_000, 10_000, 500, 500_000),
        Bar(at("09:32:00"), 10_000, 10_000, 10_000, 10_000, 0, 0),
    ]
    tape = MinuteTape(bars, tick_milli=10, unit_shares=100, has_close_call=True)
    traded, quiet, much_later = (tape.at(at(text)) for text in ("09:31:00", "09:31:57", "10:00:00"))

    assert traded is not None
    assert quiet is not None
    assert much_later is not None
    assert quiet.volume_shares == traded.volume_shares == much_later.volume_shares == 500
    assert quiet.minute_shares == 500


@pytest.mark.parametrize(("has_close_call", "moves"), [(True, False), (False, True)])
def test_the_closing_call_is_a_rule_of_the_day(*, has_close_call: bool, moves: bool) -> None:
    """Before 2018-08-20 Shanghai traded on until 15:00; with a call nothing shows before 15:00."""
    bars = [
        Bar(at("14:57:00"), 10_000, 10_000, 10_000, 10_000, 500, 500_000),
        Bar(at("14:59:00"), 10_020, 10_020, 10_020, 10_020, 300, 300_600),
        Bar(at("15:00:00"), 10_050, 10_050, 10_050, 10_050, 900, 904_500),
    ]
    tape = MinuteTape(bars, tick_milli=10, unit_shares=100, has_close_call=has_close_call)
    during, after = tape.at(at("14:59:30")), tape.at(at("15:00:00"))

    assert during is not None
    assert after is not None
    assert (during.volume_shares > 500) is moves
    assert (after.last_milli, after.volume_shares) == (10_050, 1_700)


def test_a_closing_snapshot_is_one_state_and_no_line(feed: ReplayFeed) -> None:
    """Nothing but the previous close until 15:00, then the day; no slot, no depth, told once."""
    before, after = _quote(feed, BY_CLOSE, "14:59:57"), _quote(feed, BY_CLOSE, "15:00:00")

    assert before.last_milli is None
    assert before.previous_close_milli == after.previous_close_milli
    assert after.last_milli is not None
    assert (after.bids, after.asks, after.depth_label) == ((), (), "")
    assert feed.line(BY_CLOSE, at("15:30:00")) == ()
    first, second = feed.read(at("15:31:00")), feed.read(at("15:31:03"))
    assert BY_CLOSE in {quote.symbol for quote in first.quotes}
    assert BY_CLOSE not in {quote.symbol for quote in second.quotes}


def test_what_was_not_traded_all_day_is_suspended(feed: ReplayFeed) -> None:
    """A snapshot without volume: halted from the start, with its previous close."""
    quote = _quote(feed, SUSPENDED, "10:00:00")

    assert quote.is_suspended
    assert quote.phase is Phase.HALTED
    assert (quote.last_milli, quote.previous_close_milli) == (None, 8_000)


def test_an_index_keeps_its_points_and_has_no_depth(feed: ReplayFeed) -> None:
    """Four decimals in a field of their own; no limits, no book."""
    quote = _quote(feed, INDEX, "10:00:00")

    assert quote.index_points is not None
    assert quote.last_milli is not None
    assert quote.index_points.last_e4 == quote.last_milli * 10
    assert (quote.bids, quote.asks, quote.limit_up_milli) == ((), (), None)


def test_derived_depth_is_labelled_and_only_where_there_is_a_session(feed: ReplayFeed) -> None:
    """Five levels in the session under their label; none in a call, where trades tell nothing."""
    for symbol in (BY_PRINTS, BY_MINUTES):
        session = _quote(feed, symbol, "10:00:03")
        call = _quote(feed, symbol, "14:58:00")
        assert session.depth_label == DERIVED_DEPTH_LABEL
        assert len(session.bids) == len(session.asks) == 5
        assert (call.bids, call.asks, call.depth_label) == ((), (), "")


PRICES = st.integers(900, 1_100).map(lambda ticks: ticks * 10)


@given(
    price=PRICES,
    opened=PRICES,
    side=st.sampled_from([Side.BUY, Side.SELL, None]),
    minute_shares=st.integers(1, 10_000_000),
)
def test_derived_depth_is_never_crossed_nor_beyond_the_limits(
    price: int, opened: int, side: Side | None, minute_shares: int
) -> None:
    """For every price of the band, whoever took it, whatever was traded in its minute."""
    happened = replace(HAPPENED, last_milli=price, open_milli=opened, side=side)
    happened = replace(happened, minute_shares=minute_shares)
    bids, asks = derived_depth(happened, (11_000, 9_000), tick_milli=10, unit_shares=100)
    prices = [level.price_milli for level in (*bids[::-1], *asks)]

    assert prices == sorted(set(prices))
    assert all(9_000 <= each <= 11_000 for each in prices)
    assert price in prices
    assert all(level.quantity_shares % 100 == 0 for level in (*bids, *asks))
    assert all(level.quantity_shares > 0 for level in (*bids, *asks))


HAPPENED = Happened(
    at=at("10:00:00"),
    open_milli=10_000,
    high_milli=11_000,
    low_milli=9_000,
    last_milli=10_000,
    volume_shares=100_000,
    turnover_fen=100_000_000,
    minute_shares=10_000,
)


@pytest.mark.parametrize(
    ("price", "side", "has_bids", "has_asks"),
    [
        (11_000, None, True, False),
        (11_000, Side.SELL, True, False),
        (11_000, Side.BUY, True, True),
        (9_000, None, False, True),
        (9_000, Side.BUY, False, True),
        (9_000, Side.SELL, True, True),
    ],
)
def test_a_sealed_board_has_one_side(
    price: int, side: Side | None, *, has_bids: bool, has_asks: bool
) -> None:
    """At a limit the other side is empty unless the trade itself was against it."""
    happened = replace(HAPPENED, last_milli=price, side=side)
    bids, asks = derived_depth(happened, (11_000, 9_000), tick_milli=10, unit_shares=100)

    assert (bool(bids), bool(asks)) == (has_bids, has_asks)


def test_each_side_holds_about_the_minute_s_volume() -> None:
    """Nobody can fill more against a recorded minute than was traded in it."""
    bids, asks = derived_depth(HAPPENED, (11_000, 9_000), tick_milli=10, unit_shares=100)

    for levels in (bids, asks):
        whole = sum(level.quantity_shares for level in levels)
        assert 8_000 <= whole <= 10_000


def test_a_plan_says_what_is_played_and_what_is_not(recorded: RecordedDay) -> None:
    """By symbol and source; what lacks a record or a previous close is named with the reason."""
    plan = replay_ready(recorded.records(), cast(), DAY)

    assert plan.of(Source.PRINTS) == [BY_PRINTS]
    assert plan.of(Source.MINUTES) == [INDEX, BY_MINUTES]
    assert plan.of(Source.CLOSE) == [BY_CLOSE, SUSPENDED]
    assert plan.refused == {UNRECORDED: "没有当日记录", NO_REFERENCE: "没有前收盘价"}


def test_a_day_without_records_is_refused_with_those_that_have_some(
    recorded: RecordedDay, tmp_path: Path
) -> None:
    """The sentence names the days that can be played, or says what to import."""
    with pytest.raises(ReplayNotReady, match="已有记录的日期: 2026-11-24"):
        replay_ready(recorded.records(), cast(), date(2026, 11, 20))
    empty = RecordedDay(BarFiles(tmp_path / "history"), RecordedDays(tmp_path / "recorded"))
    with pytest.raises(ReplayNotReady, match="H5APP_REPLAY_DIR"):
        replay_ready(empty.records(), cast(), DAY)
    with pytest.raises(FeedRefused):
        ReplayFeed(recorded.records(), rule_book(), DAY).open(cast(), date(2026, 11, 20))


def test_the_previous_close_is_recorded_or_the_ex_right_reference(recorded: RecordedDay) -> None:
    """Yesterday's bar; less the distribution on an ex day; the exchange's own figure wins."""
    instrument = share(BY_PRINTS)
    (yesterday,) = recorded.files.all(BY_PRINTS, Period.DAY)
    cash = CorporateAction(symbol=BY_PRINTS, ex_on=DAY, cash_per_share=Decimal("0.5"))
    printed = replace(cash, reference_milli=12_000)
    cancelled = replace(printed, state=EventState.CANCELLED)

    def close(*actions: CorporateAction) -> int | None:
        return recorded.records(actions).previous_close_milli(instrument, DAY)

    assert close() == yesterday.close_milli
    assert close(cash) == yesterday.close_milli - 500
    assert close(printed) == 12_000
    assert close(cancelled) == yesterday.close_milli


def test_an_old_close_is_no_previous_close(tmp_path: Path) -> None:
    """A bar of last month says nothing unless the day bars go on to the day itself."""
    day = RecordedDay(BarFiles(tmp_path / "history"), RecordedDays(tmp_path / "recorded"))
    old = Bar(at("15:00:00", date(2026, 10, 20)), 9_000, 9_000, 9_000, 9_000, 100, 90_000)
    today = replace(old, at=at("15:00:00"))
    day.files.merge(BY_PRINTS, Period.DAY, [old])
    assert day.records().previous_close_milli(share(BY_PRINTS), DAY) is None

    day.files.merge(BY_PRINTS, Period.DAY, [today])
    assert day.records().previous_close_milli(share(BY_PRINTS), DAY) == 9_000


def test_yesterday_s_last_minute_is_a_close_too(tmp_path: Path) -> None:
    """Where only minutes are recorded, the day before them gives the reference."""
    day = RecordedDay(BarFiles(tmp_path / "history"), RecordedDays(tmp_path / "recorded"))
    last = Bar(at("15:00:00", YESTERDAY), 9_100, 9_100, 9_100, 9_100, 100, 91_000)
    day.files.merge(BY_MINUTES, Period.MINUTE_1, [last])
    instrument = share(BY_MINUTES, board=Board.SZSE_MAIN)

    assert day.records().previous_close_milli(instrument, DAY) == 9_100


def test_prints_of_one_second_are_one_state() -> None:
    """Of prints with the same stamp the last is the price, and all of them are traded."""
    moment = at("10:00:03")
    tape = PrintTape([Print(moment, 10_000, 100, None), Print(moment, 10_010, 200, Side.BUY)])
    state = tape.at(moment)

    assert state is not None
    assert (state.last_milli, state.volume_shares) == (10_010, 300)
    assert tape.at(moment - timedelta(seconds=1)) is None


def test_a_close_is_not_known_before_the_close() -> None:
    """A day bar, too, is one state from 15:00 on."""
    bar = Bar(at("15:00:00"), 10_000, 10_100, 9_900, 10_050, 1_000, 1_000_000)
    tape = ClosingTape.of_bar(bar)

    assert tape.at(at("14:59:59")) is None
    state = tape.at(at("15:00:00"))
    assert state is not None
    assert state.last_milli == 10_050


def _parts(day: RecordedDay, replay_day: str = "") -> FeedParts:
    return FeedParts(
        instruments=cast(),
        actions=(),
        rules=rule_book(),
        files=day.files,
        recorded=day.recorded,
        first_on=DAY,
        seed=1,
        replay_day=replay_day,
    )


def test_the_settings_pick_the_feed(recorded: RecordedDay) -> None:
    """The simulated one stores its days, a replay has them; anything else is refused in words."""
    made = make_feed("sim", _parts(recorded))
    played = make_feed("replay", _parts(recorded, DAY.isoformat()))

    assert isinstance(made.feed, SimFeed)
    assert made.fold is not None
    assert isinstance(played.feed, ReplayFeed)
    assert played.fold is None
    with pytest.raises(FeedNotAvailable, match="sim、replay"):
        make_feed("bloomberg", _parts(recorded))
    with pytest.raises(FeedNotAvailable, match="H5APP_REPLAY_DAY"):
        make_feed("replay", _parts(recorded, "yesterday"))
    with pytest.raises(ReplayNotReady):
        make_feed("replay", _parts(recorded, "2026-11-20"))


def test_a_tape_plays_on_after_midnight(feed: ReplayFeed) -> None:
    """Whoever looks on the next morning sees the end of the day."""
    end = feed.quote(BY_PRINTS, datetime.fromisoformat("2026-11-25T08:00:00+08:00"))

    assert end is not None
    assert end.last_milli == prints_of(BY_PRINTS)[-1].price_milli
    assert end.at.date() == DAY
