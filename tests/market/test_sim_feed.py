"""The simulated market: pure, inside the rules, and looking like a market."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from h5app.market.feeds.sim import SimFeed
from h5app.market.feeds.sim_days import DayKind
from h5app.market.model import Board, Phase
from h5app.market.slots import CLOSE_CALL_SLOT
from tests.market.sample_market import DAY, at, rule_book, sample_instruments, share, simulated

if TYPE_CHECKING:
    from h5app.market.feeds.sim_days import DayPlan

FIRST, LAST = date(2026, 6, 1), date(2026, 12, 31)


def _days(first: date = FIRST, last: date = LAST) -> list[date]:
    return rule_book().trading_days.trading_days_between(first, last)


def _plans(kind: DayKind) -> list[DayPlan]:
    plans = simulated().plans
    found = [
        plans.plan(one.symbol, day)
        for one in sample_instruments()
        if not one.is_index
        for day in _days()
    ]
    return [plan for plan in found if plan is not None and plan.kind is kind]


def test_the_same_seed_gives_the_same_market_in_any_order() -> None:
    """Two processes that ask for different things first see the same quotes."""
    first, second = simulated(), simulated()
    second.quote("600100.SH", at("14:59:57"))
    second.minute_bars("000001.SH", date(2026, 3, 3))

    for text in ("09:16:03", "09:31:00", "11:29:57", "13:00:00", "14:58:00", "15:20:00"):
        assert first.quote("600100.SH", at(text)) == second.quote("600100.SH", at(text))
        assert first.quote("000001.SH", at(text)) == second.quote("000001.SH", at(text))


def test_another_seed_gives_another_market() -> None:
    """The seed is not decoration."""
    one, other = simulated(seed=1), simulated(seed=2)

    assert one.quote("600100.SH", at("10:00:00")) != other.quote("600100.SH", at("10:00:00"))


def test_a_close_is_the_next_days_reference() -> None:
    """Over months, for every instrument, also across months and around suspensions."""
    plans = simulated().plans
    for one in sample_instruments():
        if one.is_index:
            continue
        known = [plan for day in _days() if (plan := plans.plan(one.symbol, day))]
        pairs = itertools.pairwise(known)
        assert all(day.close_milli == after.reference_milli for day, after in pairs), one.symbol


def test_prices_keep_to_the_limits_and_the_tick_of_the_rule_book() -> None:
    """No open, high, low or close of any day lies outside the band or beside the tick."""
    plans = simulated().plans
    for one in sample_instruments():
        for day in [] if one.is_index else _days():
            plan = plans.plan(one.symbol, day)
            if plan is None:
                continue
            prices = (plan.low_milli, plan.open_milli, plan.close_milli, plan.high_milli)
            assert plan.low_milli == min(prices)
            assert plan.high_milli == max(prices)
            assert all(price > 0 and price % one.tick_milli == 0 for price in prices)
            assert plan.limit_down_milli is None or plan.limit_down_milli <= plan.low_milli
            assert plan.limit_up_milli is None or plan.high_milli <= plan.limit_up_milli


def test_the_mean_of_volume_lies_between_low_and_high_all_day() -> None:
    """Low <= turnover/volume <= high at every step, high and low only widen, volume only grows."""
    market = simulated()
    for symbol in ("600100.SH", "600519.SH", "510300.SH", "123001.SZ", "601999.SH"):
        before = market.quote(symbol, at("09:25:00"))
        assert before is not None
        for step in range(0, 5 * 3600 + 1800, 21):
            moment = at("09:30:00") + timedelta(seconds=step)
            quote = market.quote(symbol, moment)
            assert quote is not None
            assert quote.high_milli is not None
            assert quote.low_milli is not None
            scaled = quote.turnover_fen * 10
            assert quote.low_milli * quote.volume_shares <= scaled
            assert scaled <= quote.high_milli * quote.volume_shares
            assert quote.volume_shares >= before.volume_shares
            assert quote.turnover_fen >= before.turnover_fen
            assert quote.high_milli >= (before.high_milli or 0)
            assert quote.low_milli <= (before.low_milli or quote.low_milli)
            before = quote


def test_the_close_of_the_minutes_is_the_day() -> None:
    """Line, minute bars, last quote and day bar tell the same open, high, low, close, volume."""
    market = simulated()
    for symbol in ("600101.SH", "300750.SZ", "000001.SH"):
        bar, minutes = market.daily_bar(symbol, DAY), market.minute_bars(symbol, DAY)
        quote = market.quote(symbol, at("15:31:00"))
        assert bar is not None
        assert quote is not None
        assert (bar.open_milli, bar.high_milli, bar.low_milli, bar.close_milli) == (
            quote.open_milli,
            quote.high_milli,
            quote.low_milli,
            quote.last_milli,
        )
        assert bar.high_milli == max(minute.high_milli for minute in minutes)
        assert bar.low_milli == min(minute.low_milli for minute in minutes)
        assert bar.volume_shares == sum(minute.volume_shares for minute in minutes)
        assert bar.volume_shares == quote.volume_shares
        line = market.line(symbol, at("15:31:00"))
        assert bar.volume_shares == sum(point.volume_shares for point in line)
        assert [minute.close_milli for minute in minutes] == [p.price_milli for p in line[1:]]
        ratio = Decimal(bar.turnover_fen) / Decimal(max(1, quote.turnover_fen))
        assert abs(ratio - 1) < Decimal("0.02")


def test_volume_follows_a_u_with_the_higher_left_arm() -> None:
    """First half hour most, then the last one, lunch the least; the calls near one per cent."""
    market = simulated()
    halves = [0] * 8
    calls = [0, 0]
    for day in _days(date(2026, 9, 1), date(2026, 9, 30)):
        line = market.line("600519.SH", at("15:30:00", day))
        for slot in range(1, 240):
            halves[(slot - 1) // 30] += line[slot].volume_shares
        calls[0] += line[0].volume_shares
        calls[1] += line[240].volume_shares
    whole = sum(halves) + sum(calls)

    assert halves[0] > halves[7] > halves[4]
    assert halves[0] > 3 * halves[3] // 2
    assert Decimal("0.003") < Decimal(calls[0]) / whole < Decimal("0.03")
    assert Decimal("0.007") < Decimal(calls[1]) / whole < Decimal("0.028")


@pytest.mark.parametrize(
    ("text", "phase", "has_price"),
    [
        ("09:14:59", Phase.NONE, True),
        ("09:16:00", Phase.OPEN_CALL, False),
        ("09:21:00", Phase.OPEN_CALL_NOCANCEL, False),
        ("09:26:00", Phase.PRE_CONTINUOUS, True),
        ("10:00:00", Phase.CONTINUOUS, True),
        ("12:00:00", Phase.LUNCH, True),
        ("14:58:00", Phase.CLOSE_CALL, True),
        ("15:01:00", Phase.AFTER_HOURS_ACCEPT, True),
        ("15:06:00", Phase.AFTER_HOURS_FIXED, True),
        ("15:31:00", Phase.CLOSED, True),
    ],
)
def test_every_phase_looks_as_it_does(text: str, phase: Phase, *, has_price: bool) -> None:
    """Before the auction has a price there is none, never 0."""
    quote = simulated().quote("600519.SH", at(text))

    assert quote is not None
    assert quote.phase is phase
    assert (quote.last_milli is not None) is has_price


def test_a_call_shows_the_virtual_price_on_both_sides() -> None:
    """Matched volume on level one of both sides at one price, what is left on level two of one."""
    market = simulated()
    for text in ("09:18:00", "09:23:00", "14:58:30"):
        quote = market.quote("600519.SH", at(text))
        assert quote is not None
        assert quote.bids[0] == quote.asks[0]
        assert len(quote.bids) + len(quote.asks) == 3
    closing = market.quote("600519.SH", at("14:58:30"))
    before = market.quote("600519.SH", at("14:56:59"))
    assert closing is not None
    assert before is not None
    assert closing.last_milli == before.last_milli
    assert closing.volume_shares == before.volume_shares


def test_before_the_auction_yesterday_stands() -> None:
    """Before 09:15 and on a holiday the last trading day's close is shown, with its stamp."""
    market = simulated()
    yesterday = market.quote("600519.SH", at("15:40:00", date(2026, 11, 23)))
    early, sunday = (
        market.quote("600519.SH", at("09:00:00")),
        market.quote("600519.SH", at("12:00:00", date(2026, 11, 22))),
    )

    assert yesterday is not None
    assert early is not None
    assert sunday is not None
    assert early.last_milli == yesterday.last_milli
    assert early.at.date() == date(2026, 11, 23)
    assert sunday.at.date() == date(2026, 11, 20)
    assert sunday.phase is Phase.CLOSED_HOLIDAY


def test_lunch_changes_nothing() -> None:
    """From 11:30 to 13:00 the same quote is told."""
    market = simulated()

    assert market.quote("600519.SH", at("11:30:00")) == market.quote("600519.SH", at("12:59:57"))


def test_sealed_boards_have_one_empty_side_and_a_moving_queue() -> None:
    """At the limit up nobody sells and the queue shrinks and grows; at the limit down likewise."""
    market = simulated()
    for kind in (DayKind.SEALED_UP, DayKind.SEALED_DOWN):
        plan = _plans(kind)[0]
        queues = set()
        for text in ("14:30:00", "14:40:00", "14:56:00"):
            quote = market.quote(plan.symbol, at(text, plan.on))
            assert quote is not None
            full, empty = (quote.bids, quote.asks)
            if kind is DayKind.SEALED_DOWN:
                full, empty = empty, full
            assert empty == ()
            limit = plan.limit_up_milli if kind is DayKind.SEALED_UP else plan.limit_down_milli
            assert full[0].price_milli == limit == quote.last_milli
            queues.add(full[0].quantity_shares)
        assert len(queues) > 1


def test_some_boards_open_again_and_some_are_touched_only() -> None:
    """Among many sealed days some leave the limit for a while after first reaching it."""
    market = simulated()
    reopened = 0
    for plan in _plans(DayKind.SEALED_UP):
        line = [p.price_milli for p in market.line(plan.symbol, at("15:00:00", plan.on))]
        first = line.index(plan.close_milli)
        reopened += any(price < plan.close_milli for price in line[first + 8 :])
    touched = _plans(DayKind.TOUCHED_UP)

    assert reopened > 0
    assert touched
    assert all(plan.close_milli < plan.high_milli == plan.limit_up_milli for plan in touched)


def test_an_index_is_what_its_members_are() -> None:
    """At a minute's end its points are the mean of the members' prices over their bases."""
    market = simulated()
    index = market.quote("000001.SH", at("13:30:00"))
    members = [
        one
        for one in sample_instruments()
        if one.board.is_share and one.symbol.endswith(".SH") and one.symbol != "601999.SH"
    ]
    quotes = [(one, market.quote(one.symbol, at("13:29:57"))) for one in members]
    whole = sum(
        Decimal((quote.last_milli or quote.previous_close_milli) if quote else 0)
        / Decimal(one.reference_milli or 1)
        for one, quote in quotes
    )
    ipo = market.quote("601999.SH", at("13:29:57"))
    assert ipo is not None
    whole += Decimal(ipo.last_milli or 0) / 12_340
    assert index is not None
    assert index.index_points is not None
    expected = 38_000_000 * whole / (len(members) + 1)
    assert abs(Decimal(index.index_points.last_e4 or 0) - expected) < 2
    day_before = market.quote("000001.SH", at("15:00:00", date(2026, 11, 23)))
    assert day_before is not None
    assert day_before.index_points is not None
    assert day_before.index_points.last_e4 == index.index_points.previous_close_e4


def test_the_feed_tells_slots_once_and_the_running_one_again() -> None:
    """The first reading brings the whole line, the next only what is new."""
    feed = SimFeed(simulated())
    feed.open(sample_instruments(), DAY)
    first = feed.read(at("10:00:30"))
    second = feed.read(at("10:02:03"))
    next_day = feed.read(at("09:31:00", date(2026, 11, 25)))

    assert [point.minute for point in first.minutes["600519.SH"]] == list(range(32))
    assert [point.minute for point in second.minutes["600519.SH"]] == [31, 32, 33]
    assert [point.minute for point in next_day.minutes["600519.SH"]] == [0, 1, 2]
    assert feed.health().batches == 3


def test_the_closing_call_draws_no_trades() -> None:
    """Between 14:57 and 15:00 the line stands still; the call's volume comes at 15:00."""
    market = simulated()

    during = market.line("600519.SH", at("14:59:00"))
    after = market.line("600519.SH", at("15:00:00"))
    assert during[-1].minute == CLOSE_CALL_SLOT
    assert [point.volume_shares for point in after[238:240]] == [0, 0]
    assert after[240].volume_shares > 0


def test_large_stocks_stay_calm() -> None:
    """A stock with a large float is never sealed or suspended by chance: a demo can trade it."""
    big = share("601398.SH", reference_milli=7_000)
    fundamentals = big.fundamentals
    assert fundamentals.shares_float == 400_000_000
    plans = simulated().plans

    kinds = {plan.kind for day in _days() if (plan := plans.plan("600519.SH", day))}
    assert kinds == {DayKind.NORMAL}


def test_boards_swing_as_boards_do() -> None:
    """STAR and ChiNext move more than ETFs over the same days."""
    plans = simulated().plans

    def mean_move(symbol: str) -> Decimal:
        known = [plan for day in _days() if (plan := plans.plan(symbol, day))]
        moves = [
            abs(Decimal(plan.close_milli) / plan.reference_milli - 1)
            for plan in known
            if plan.kind is DayKind.NORMAL
        ]
        return sum(moves, Decimal(0)) / len(moves)

    assert mean_move("688001.SH") > mean_move("510300.SH")
    assert {one.board for one in sample_instruments()} >= {Board.STAR, Board.ETF, Board.BSE}
