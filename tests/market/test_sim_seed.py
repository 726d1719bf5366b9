"""The seed's special instruments, and the past of the simulated market."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING

import pytest

from h5app.market.bars_file import BarFiles
from h5app.market.feeds.sim import SimulatedMarket
from h5app.market.feeds.sim_days import DayKind, DayPlans
from h5app.market.feeds.sim_history import seed_history
from h5app.market.importers.crowd import with_crowd
from h5app.market.importers.instruments import seed_actions, seed_instruments
from h5app.market.model import Board, Period, Product
from h5app.market.rules import display_name
from h5app.market.seed import (
    SEED_BANK,
    SEED_BSE,
    SEED_CHINEXT,
    SEED_CONVERTIBLE,
    SEED_ETF,
    SEED_ETF_T0,
    SEED_EX_IN_SIX_DAYS,
    SEED_INDEX,
    SEED_MAIN,
    SEED_NEW,
    SEED_RECENT,
    SEED_SEALED_DOWN,
    SEED_SEALED_UP,
    SEED_ST,
    SEED_STAR,
    SEED_SUSPENDED,
    SEED_TOUCHED_UP,
    staged_days,
    suspended_since,
)
from tests.market.sample_market import rule_book

if TYPE_CHECKING:
    from pathlib import Path

FIRST_DAYS = [
    date(2026, 11, 24),
    date(2026, 11, 27),
    date(2026, 11, 30),
    date(2026, 12, 31),
    date(2027, 1, 4),
    date(2026, 9, 30),
]
"""Ordinary days, a Friday, last and first trading days of months and years, before a holiday."""


def _market(first_on: date) -> SimulatedMarket:
    days, rules = rule_book().trading_days, rule_book()
    plans = DayPlans(
        7,
        seed_instruments(first_on, days, rules.on(first_on)),
        rules,
        actions=seed_actions(first_on, days),
        suspended_since=suspended_since(first_on, days),
        staged=staged_days(first_on, days),
    )
    return SimulatedMarket(plans)


@pytest.mark.parametrize("first_on", FIRST_DAYS)
def test_the_first_day_shows_what_a_demo_wants(first_on: date) -> None:
    """Sealed up and down, touched, suspended, newly listed: on whatever day the demo begins."""
    plans = _market(first_on).plans
    kinds = {
        symbol: plan.kind
        for symbol in (SEED_SEALED_UP, SEED_SEALED_DOWN, SEED_TOUCHED_UP, SEED_SUSPENDED)
        if (plan := plans.plan(symbol, first_on))
    }

    assert kinds == {
        SEED_SEALED_UP: DayKind.SEALED_UP,
        SEED_SEALED_DOWN: DayKind.SEALED_DOWN,
        SEED_TOUCHED_UP: DayKind.TOUCHED_UP,
        SEED_SUSPENDED: DayKind.SUSPENDED,
    }
    for symbol in (SEED_MAIN, SEED_STAR, SEED_BANK, SEED_ETF, SEED_CHINEXT):
        plan = plans.plan(symbol, first_on)
        assert plan is not None
        assert plan.kind is DayKind.NORMAL


@pytest.mark.parametrize("first_on", FIRST_DAYS)
def test_a_staged_day_leaves_no_jump_behind(first_on: date) -> None:
    """Before and after it every close is the next reference, inside limits and on the tick."""
    plans = _market(first_on).plans
    days = rule_book().trading_days
    span = days.trading_days_between(days.add(first_on, -30), days.add(first_on, 45))
    for symbol in (SEED_SEALED_UP, SEED_SEALED_DOWN, SEED_TOUCHED_UP):
        tick = plans.instrument_by_symbol[symbol].tick_milli
        known = [plan for day in span if (plan := plans.plan(symbol, day))]
        for before, after in itertools.pairwise(known):
            assert before.close_milli == after.reference_milli
            assert after.close_milli % tick == 0
            assert after.limit_up_milli is not None
            assert after.limit_down_milli is not None
            assert after.limit_down_milli <= after.close_milli <= after.limit_up_milli


def test_the_seed_names_what_it_holds() -> None:
    """Each constant is of the board and kind that its name says."""
    first_on = FIRST_DAYS[0]
    days, rules = rule_book().trading_days, rule_book()
    known = {one.symbol: one for one in seed_instruments(first_on, days, rules.on(first_on))}

    assert known[SEED_STAR].board is Board.STAR
    assert known[SEED_CHINEXT].board is Board.CHINEXT
    assert (known[SEED_BSE].board, known[SEED_BSE].old_code) == (Board.BSE, "835185")
    assert known[SEED_CONVERTIBLE].board is Board.CONVERTIBLE
    assert known[SEED_INDEX].is_index
    assert known[SEED_ST].is_st
    assert known[SEED_SEALED_DOWN].is_st
    assert known[SEED_ETF].product is Product.ETF_DOMESTIC_STOCK
    assert known[SEED_ETF_T0].is_t0
    named = {
        symbol: display_name(known[symbol], listing_day=rules.listing_day(known[symbol], first_on))
        for symbol in (SEED_NEW, SEED_RECENT)
    }
    assert named[SEED_NEW].startswith("N")
    assert named[SEED_RECENT].startswith("C")


def test_one_goes_ex_in_six_days() -> None:
    """Announced before the first day, six calendar days ahead or on the next trading day."""
    for first_on in FIRST_DAYS:
        actions = seed_actions(first_on, rule_book().trading_days)
        (action,) = (each for each in actions if each.symbol == SEED_EX_IN_SIX_DAYS)
        assert action.announced_on is not None
        assert action.announced_on < first_on
        assert (action.ex_on - first_on).days >= 6
        assert rule_book().trading_days.is_trading_day(action.ex_on)


def test_the_past_is_the_simulated_market_s_own(tmp_path: Path) -> None:
    """Days and minutes before the first day, of each instrument since it was listed."""
    first_on = FIRST_DAYS[0]
    market, files = _market(first_on), BarFiles(tmp_path)
    stored = seed_history(market, files, first_on, days=30, minute_days=2)

    days = files.all(SEED_MAIN, Period.DAY)
    assert stored > 30 * 100
    assert len(days) == 30
    assert days[-1].on == date(2026, 11, 23)
    assert [bar.close_milli for bar in days] == [
        plan.close_milli for bar in days if (plan := market.plans.plan(SEED_MAIN, bar.on))
    ]
    assert len(files.all(SEED_MAIN, Period.MINUTE_1)) == 480
    assert files.all(SEED_NEW, Period.DAY) == []
    assert files.all(SEED_SUSPENDED, Period.DAY)[-1].on < suspended_since(
        first_on, rule_book().trading_days
    )


def test_an_index_has_a_past_without_a_jump(tmp_path: Path) -> None:
    """Open and close are its members' on every day, drawn or estimated, to a hundredth point."""
    first_on = FIRST_DAYS[0]
    market, files = _market(first_on), BarFiles(tmp_path)
    seed_history(market, files, first_on, days=6, minute_days=2)
    bars = files.all(SEED_INDEX, Period.DAY)

    for bar in bars:
        exact = market.daily_bar(SEED_INDEX, bar.on)
        assert exact is not None
        assert abs(bar.open_milli - exact.open_milli) <= 10
        assert abs(bar.close_milli - exact.close_milli) <= 10
        assert bar.low_milli <= min(bar.open_milli, bar.close_milli)
        assert bar.high_milli >= max(bar.open_milli, bar.close_milli)


def test_a_past_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """A second start stores nothing."""
    first_on = FIRST_DAYS[0]
    market, files = _market(first_on), BarFiles(tmp_path)
    seed_history(market, files, first_on, days=3, minute_days=1)

    assert seed_history(market, files, first_on, days=3, minute_days=1) == 0


def test_a_market_of_any_size_can_be_had() -> None:
    """Invented instruments fill the list up to a count, under codes and names of their own."""
    rules = rule_book().on(FIRST_DAYS[0])
    seed = seed_instruments(FIRST_DAYS[0], rule_book().trading_days, rules)
    crowd = with_crowd(seed, 5_500, rules)

    assert len(crowd) == len({one.symbol for one in crowd}) == 5_500
    assert crowd[: len(seed)] == seed
    assert all(one.short_name.startswith("模拟") for one in crowd[len(seed) :])
    assert {one.board for one in crowd[len(seed) :]} == {
        *(Board.SSE_MAIN, Board.SZSE_MAIN, Board.STAR, Board.CHINEXT, Board.BSE)
    }
    assert with_crowd(seed, 0, rules) == seed
