"""The market as rooms and pages ask it."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from h5app.identity.model import CustomersMerged
from h5app.market.feeds.sim_history import seed_history
from h5app.market.model import Adjustment, ListingStatus, Period, Phase
from h5app.market.ranking import NoSuchRanking, RankBoard, RankKind
from h5app.market.seed import (
    SEED_EX_IN_SIX_DAYS,
    SEED_INDEX,
    SEED_MAIN,
    SEED_NEW,
    SEED_RECENT,
    SEED_SEALED_UP,
    SEED_SUSPENDED,
)
from h5app.market.service import NoSuchInstrument
from h5app.plumbing.db import Database
from tests.market.market_world import FIRST_ON, World, seed_market

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shared_world(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[World]:
    """The seeded market with 120 days of history, one for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("market")
    shutil.copy(sqlite_template, folder / "h5app.db")
    database = Database(f"sqlite:///{folder / 'h5app.db'}")
    world = World(folder, database)
    seed_history(seed_market(), world.files, FIRST_ON, days=120, minute_days=1)
    world.step("2026-11-24T10:30:03")
    yield world
    world.close()
    database.engine.dispose()


@pytest.fixture
def world(shared_world: World) -> World:
    """The market at 10:30:03 of the first day."""
    shared_world.clock.set(datetime.fromisoformat("2026-11-24T10:30:03+08:00"))
    return shared_world


def test_quotes_come_from_the_board_in_the_order_asked(world: World) -> None:
    """One, many, an unknown one among them; the label says what they are."""
    market = world.market
    quotes = market.quotes([SEED_MAIN, "688999.SH", SEED_INDEX])

    assert [quote and quote.symbol for quote in quotes] == [SEED_MAIN, None, SEED_INDEX]
    assert market.quote(SEED_MAIN) == quotes[0]
    assert market.feed_label() == "模拟行情"
    assert market.today() == FIRST_ON


def test_instruments_are_found_or_refused(world: World) -> None:
    """`instrument` says None, `existing` refuses; the list is in order of the symbols."""
    market = world.market
    symbols = [one.symbol for one in market.instruments()]

    assert market.instrument("688999.SH") is None
    assert market.existing(SEED_MAIN).short_name == "贵州茅台"
    with pytest.raises(NoSuchInstrument):
        market.existing("688999.SH")
    assert symbols == sorted(symbols)
    assert 110 <= len(symbols) <= 130


def test_a_changed_list_is_seen_within_seconds(world: World) -> None:
    """What another process imports is there once the catalogue looks again."""
    market = world.market
    before = market.existing(SEED_MAIN)
    world.store.put_instruments([replace(before, short_name="茅台改名")])
    assert market.existing(SEED_MAIN).short_name == "贵州茅台"
    world.wall.sleep(2.5)
    renamed = market.existing(SEED_MAIN).short_name
    world.store.put_instruments([before])
    world.wall.sleep(2.5)

    assert renamed == "茅台改名"
    assert market.existing(SEED_MAIN) == before


def test_the_phase_knows_suspensions_and_holidays(world: World) -> None:
    """By the rule book; halted what is suspended by record or by the day's quote."""
    market = world.market
    assert market.phase(SEED_MAIN) is Phase.CONTINUOUS
    assert market.phase(SEED_SUSPENDED) is Phase.HALTED
    assert market.existing(SEED_SUSPENDED).status is ListingStatus.SUSPENDED

    world.clock.set(world.clock.now().replace(day=29))
    assert market.phase(SEED_SUSPENDED) is Phase.CLOSED_HOLIDAY
    with pytest.raises(NoSuchInstrument):
        market.phase("688999.SH")


def test_the_market_says_what_part_of_the_day_it_is(world: World) -> None:
    """The words that customers know."""
    for moment, label in (
        ("2026-11-24T09:14:00", "盘前"),
        ("2026-11-24T09:16:00", "集合竞价"),
        ("2026-11-24T09:29:30", "集合竞价"),
        ("2026-11-24T10:00:00", "交易中"),
        ("2026-11-24T14:58:00", "集合竞价"),
        ("2026-11-24T12:00:00", "午间休市"),
        ("2026-11-24T15:10:00", "盘后固定价格"),
        ("2026-11-24T15:40:00", "收盘"),
        ("2026-11-28T10:00:00", "休市"),
    ):
        world.clock.set(datetime.fromisoformat(f"{moment}+08:00"))
        state = world.market.state()

        assert state.label == label
        assert state.at == world.clock.now()


def test_names_carry_the_prefix_of_the_day(world: World) -> None:
    """N on the first day, C until the fifth, XD on the ex day."""
    market = world.market
    assert market.display_name(SEED_NEW).startswith("N")
    assert market.display_name(SEED_RECENT).startswith("C")
    assert market.display_name(SEED_EX_IN_SIX_DAYS) == "长江电力"

    world.clock.set(world.clock.now().replace(day=30))
    assert market.display_name(SEED_EX_IN_SIX_DAYS) == "XD长江电力"


def test_the_line_is_today_s(world: World) -> None:
    """Slots 0 to 61 at 10:30:03, of the day the board says."""
    line = world.market.line(SEED_MAIN)

    assert [point.minute for point in line] == list(range(62))
    assert world.market.line_day(SEED_MAIN) == FIRST_ON
    assert world.market.line(SEED_SUSPENDED) == ()


def test_day_bars_end_in_the_living_day(world: World) -> None:
    """Stored days and, as the last one, the day on the board; weeks and months fold them."""
    market, quote = world.market, world.market.quote(SEED_MAIN)
    assert quote is not None
    days = market.bars(SEED_MAIN, Period.DAY, count=5)
    weeks = market.bars(SEED_MAIN, Period.WEEK, count=3)

    assert [bar.on.day for bar in days] == [18, 19, 20, 23, 24]
    assert days[-1].close_milli == quote.last_milli
    assert days[-1].volume_shares == quote.volume_shares
    assert weeks[-1].on == FIRST_ON
    assert weeks[-1].volume_shares == days[-1].volume_shares + days[-2].volume_shares
    assert len(market.bars(SEED_MAIN, Period.DAY, count=1000)) == 121


def test_minute_bars_go_on_into_the_running_minute(world: World) -> None:
    """Yesterday's stored minutes, then the line on the board; five minutes fold them."""
    ones = world.market.bars(SEED_MAIN, Period.MINUTE_1, count=100)
    fives = world.market.bars(SEED_MAIN, Period.MINUTE_5, count=13)

    assert len(ones) == 100
    assert [bar.at.strftime("%d %H:%M") for bar in (ones[38], ones[39], ones[-1])] == [
        "23 15:00",
        "24 09:31",
        "24 10:31",
    ]
    assert fives[-1].at.strftime("%H:%M") == "10:35"
    assert fives[-1].close_milli == ones[-1].close_milli


def test_bars_are_made_comparable_across_an_ex_day(world: World) -> None:
    """Forward adjusted, bars before the ex day fall by the distribution and later ones stay."""
    symbol = "600030.SH"  # Went ex 61 days before the first day.
    plain = world.market.bars(symbol, Period.DAY, count=100)
    forward = world.market.bars(symbol, Period.DAY, Adjustment.FORWARD, 100)
    backward = world.market.bars(symbol, Period.DAY, Adjustment.BACKWARD, 100)

    assert forward[-1] == plain[-1]
    assert forward[0].close_milli < plain[0].close_milli
    assert backward[0] == plain[0]
    assert backward[-1].close_milli > plain[-1].close_milli


def test_an_action_that_is_to_come_moves_no_bar(world: World) -> None:
    """The ex day in six days is known already and adjusts nothing yet."""
    plain = world.market.bars(SEED_EX_IN_SIX_DAYS, Period.DAY)

    assert world.market.bars(SEED_EX_IN_SIX_DAYS, Period.DAY, Adjustment.FORWARD) == plain


def test_bars_that_have_not_ended_are_not_there(world: World) -> None:
    """A stored bar of later (a recorded day is being played) is neither shown nor counted."""
    market, symbol = seed_market(), "600028.SH"
    later = [market.daily_bar(symbol, date(2026, 11, day)) for day in (24, 25, 26)]
    whole_days = [bar for bar in later if bar]
    world.files.merge(symbol, Period.DAY, whole_days)
    world.files.merge(symbol, Period.MINUTE_1, market.minute_bars(symbol, FIRST_ON))

    days = world.market.bars(symbol, Period.DAY, count=6)
    minutes = world.market.bars(symbol, Period.MINUTE_1)
    assert [bar.on.day for bar in days] == [17, 18, 19, 20, 23, 24]
    assert days[-1].volume_shares < whole_days[0].volume_shares
    assert minutes[-1].at.strftime("%H:%M") == "10:31"
    usual = sum(bar.volume_shares for bar in days[:5]) // 5
    assert world.market.usual_day_shares(symbol) == usual


def test_search_takes_code_name_initials_and_old_codes(world: World) -> None:
    """The best match first, stocks before indices of the same code, wide letters like narrow."""
    for words, first in (
        ("600519", "600519.SH"),
        ("600519.sh", "600519.SH"),
        ("茅台", "600519.SH"),
        ("gzmt", "600519.SH"),
        ("GZ", "600519.SH"),
        ("835185", "920185.BJ"),
        ("000001", "000001.SZ"),
        ("上证指数", "000001.SH"),
        ("沪深300 etf", "159919.SZ"),
        ("３００７５０", "300750.SZ"),
    ):
        found = world.market.search(words)
        assert found, words
        assert found[0].symbol == first


def test_search_of_nothing_finds_nothing(world: World) -> None:
    """No words, or words that fit nothing; never more than asked for."""
    assert world.market.search("") == []
    assert world.market.search("   ") == []
    assert world.market.search("不存在的股票") == []
    assert len(world.market.search("6", limit=7)) == 7


def test_boards_are_sorted_by_their_figure(world: World) -> None:
    """Largest first, smallest for 跌幅, of that board alone, without what has no price."""
    for board, kind in itertools.product(RankBoard, RankKind):
        rows = world.market.ranking(board, kind, limit=10)
        values = [row.value for row in rows]
        symbols = {row.instrument.symbol for row in rows}

        assert rows, (board, kind)
        assert values == sorted(values, reverse=kind is not RankKind.FALL)
        assert all(row.instrument.board in board.boards for row in rows)
        assert SEED_SUSPENDED not in symbols
        if (board, kind) == (RankBoard.SSE, RankKind.RISE):
            assert SEED_SEALED_UP in symbols


def test_a_board_nobody_knows_is_refused(world: World) -> None:
    """Words come from addresses: an unknown one is a refusal, not a crash."""
    with pytest.raises(NoSuchRanking):
        world.market.ranking("nasdaq", "rise")
    with pytest.raises(NoSuchRanking):
        world.market.ranking("all", "beauty")
    assert world.market.ranking("all", "rise", limit=3)


def test_events_tell_record_ex_and_pay_day(world: World) -> None:
    """Of the instruments asked for, inside the span, with who said so and how sure it is."""
    events = world.market.events([SEED_EX_IN_SIX_DAYS, SEED_NEW], FIRST_ON, date(2026, 12, 31))
    told = [(event.symbol, event.kind.value, event.on.isoformat()) for event in events]

    assert told == [
        (SEED_NEW, "listing", "2026-11-24"),
        (SEED_EX_IN_SIX_DAYS, "record", "2026-11-27"),
        (SEED_EX_IN_SIX_DAYS, "dividend", "2026-11-30"),
        (SEED_EX_IN_SIX_DAYS, "ex_right", "2026-11-30"),
    ]
    assert events[1].source == "模拟行情"
    assert events[1].state.value == "confirmed"
    assert events[1].title.startswith("每10股派7.33元")
    assert len({event.event_id for event in events}) == len(events)
    assert world.market.events(["688999.SH"], FIRST_ON, date(2027, 1, 1)) == []


def test_what_one_customer_watches_moves_to_the_other(world: World) -> None:
    """When two customers become one, nothing watched is lost; told twice it is the same."""
    market = world.market
    market.watch("c-1", SEED_MAIN)
    market.watch("c-2", SEED_INDEX)
    merged = CustomersMerged(from_customer_id="c-1", to_customer_id="c-2")

    for _ in range(2):
        market.on_customers_merged(merged)

    assert market.watchlist("c-1") == []
    assert market.watchlist("c-2") == [SEED_INDEX, SEED_MAIN]


def test_only_what_is_listed_can_be_watched_or_viewed(world: World) -> None:
    """A symbol from an address is checked before it is kept."""
    with pytest.raises(NoSuchInstrument):
        world.market.watch("c-1", "688999.SH")
    with pytest.raises(NoSuchInstrument):
        world.market.note_viewed("c-1", "688999.SH")
    assert world.market.watchlist("c-1") == []
