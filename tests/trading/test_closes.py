"""收益日历: rows at each close that add up to what the account grew by, on the counter's books."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from h5app.counter.model import CashEntry
from h5app.plumbing.db import Database
from h5app.trading import store_closes
from h5app.trading.closes import BATCH_ROWS, Closes
from h5app.trading.worth import worth_of
from tests.counter.world import ACCOUNT, DAY, MAIN, OTHER, Stage, World
from tests.trading.fakes import FakeCounter, FakePrices, position

DAYS = ("2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01")
CLOSES_MILLI = (10_130, 9_870, 10_010, 10_550, 10_540, 11_070)


class Market(Stage):
    """A stage that knows whether its quotes are of the present."""

    is_stale = False

    def search(self, words: str) -> list[object]:
        """Nobody searches here."""
        return []


class Trader:
    """A counter with customers who trade day by day, and the closes over it."""

    def __init__(self, database: Database) -> None:
        self.market = Market("2026-11-24T09:35:00")
        self.world = World(database, self.market)
        self.world.open_accounts()
        self.closes = Closes(database, self.world.counter, self.market)  # type: ignore[arg-type]
        self.previous_milli = 10_000

    def trade(self, day: str, shares: int) -> None:
        """Open a day, buy, sell what is sellable of it, in the middle of the market's depth."""
        self.market.go_to(f"{day}T09:35:00")
        self.world.counter.run_due(self.market.clock.now())
        self.market.show(MAIN, previous_close_milli=self.previous_milli)
        self.world.place("buy", shares, 10_020)
        held = self.world.counter.positions(ACCOUNT)
        if held and held[0].sellable_shares >= 100:
            self.world.place("sell", 100, 9_990)
        self.world.step()

    def end(self, day: str, close_milli: int) -> None:
        """Let a day end at a price, the books closed."""
        self.market.show(MAIN, previous_close_milli=self.previous_milli, last_milli=close_milli)
        self.market.go_to(f"{day}T15:31:10")
        self.world.counter.run_due(self.market.clock.now())
        self.previous_milli = close_milli

    def total_fen(self) -> int:
        """What the account is worth now."""
        return worth_of(self.world.counter, self.market, ACCOUNT).total_fen  # type: ignore[arg-type]


@pytest.fixture
def trader(database: Database) -> Trader:
    """On both databases."""
    return Trader(database)


def test_days_months_and_the_year_add_up_to_the_growth(trader: Trader) -> None:
    """To the fen: profits of all days, plus what was paid in, is what the account grew by."""
    counter = trader.world.counter
    for number, (day, close) in enumerate(zip(DAYS, CLOSES_MILLI, strict=True)):
        trader.trade(day, 300 + 100 * number)
        if number == 2:
            counter.deposit(ACCOUNT, 5_000_001, on=date.fromisoformat(day), key="more")
        if number == 4:
            counter.withdraw(ACCOUNT, 777, on=date.fromisoformat(day), key="less")
        trader.end(day, close)
        assert trader.closes.run_due() == 2

    year = trader.closes.year(ACCOUNT, 2026)
    months = year.by_month()

    assert [close.day.isoformat() for close in year.closes] == list(DAYS)
    assert [close.net_in_fen for close in year.closes] == [10_000_000, 0, 5_000_001, 0, -777, 0]
    assert year.profit_fen == trader.total_fen() - 10_000_000 - 5_000_001 + 777
    assert year.profit_fen == sum(found.profit_fen or 0 for _, found in months)
    assert [month.month for month, _ in months] == [11, 12]
    november = year.of_month(date(2026, 11, 9))
    assert november.profit_fen == sum(close.profit_fen for close in november.closes)
    assert trader.closes.year(OTHER, 2026).profit_fen == 0


def test_a_days_profit_is_the_todays_profit_that_the_page_showed(trader: Trader) -> None:
    """当日盈亏 at the close is what the calendar keeps of the day."""
    for day, close in zip(DAYS, CLOSES_MILLI, strict=True):
        trader.trade(day, 400)
        live = trader.closes.year(ACCOUNT, int(day[:4])).of_day(date.fromisoformat(day))
        assert live is not None
        trader.end(day, close)
        shown = worth_of(trader.world.counter, trader.market, ACCOUNT).today_fen  # type: ignore[arg-type]
        trader.closes.run_due()

        kept = trader.closes.year(ACCOUNT, int(day[:4])).of_day(date.fromisoformat(day))

        assert kept is not None
        assert kept.profit_fen == shown


def test_a_day_slept_through_is_part_of_the_next_one(trader: Trader) -> None:
    """Nothing is lost: the next row says since when it counts."""
    for number, (day, close) in enumerate(zip(DAYS[:4], CLOSES_MILLI, strict=False)):
        trader.trade(day, 300)
        trader.end(day, close)
        if number != 1:
            trader.closes.run_due()

    year = trader.closes.year(ACCOUNT, 2026)

    assert [close.day.isoformat() for close in year.closes] == [DAYS[0], DAYS[2], DAYS[3]]
    assert year.closes[1].since == DAY
    assert year.profit_fen == trader.total_fen() - 10_000_000


def test_a_weekend_keeps_the_friday(trader: Trader) -> None:
    """The closing prices still stand; on the next trading day they do not."""
    trader.trade(DAYS[3], 300)
    trader.end(DAYS[3], 10_200)
    trader.market.go_to("2026-11-29T12:00:00")

    assert trader.closes.run_due() == 2
    assert trader.closes.run_due() == 0
    trader.market.go_to("2026-11-30T09:00:00")
    assert trader.closes.run_due() == 0


def test_nothing_is_kept_while_a_day_runs_or_prices_are_old(trader: Trader) -> None:
    """Not before the close, and not at prices of another hour."""
    trader.trade(DAYS[0], 300)
    trader.market.go_to("2026-11-24T15:30:59")
    assert trader.closes.run_due() == 0
    trader.end(DAYS[0], 10_200)
    trader.market.is_stale = True
    assert trader.closes.run_due() == 0

    trader.market.is_stale = False

    assert trader.closes.run_due() == 2


def test_two_at_once_and_again_change_nothing(trader: Trader) -> None:
    """Idempotent: a row that stands is never changed."""
    trader.trade(DAYS[0], 300)
    trader.end(DAYS[0], 10_200)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: trader.closes.run_due(), range(4)))
    kept = trader.closes.year(ACCOUNT, 2026).closes
    trader.market.show(MAIN, last_milli=12_000)

    assert trader.closes.run_due() == 0
    assert trader.closes.year(ACCOUNT, 2026).closes == kept
    assert len(kept) == 1


def test_many_accounts_are_taken_in_batches_and_a_killed_batch_is_taken_again(
    sqlite_database: Database,
) -> None:
    """Each account once, however often the work was broken off."""
    prices = FakePrices("2026-11-24T15:40:00")
    counter = FakeCounter(prices.clock)
    counter.account_ids = [f"a-{number:04}" for number in range(2 * BATCH_ROWS + 5)]
    closes = Closes(sqlite_database, counter, prices)

    def broken(after: str, rows: int) -> Sequence[str]:
        raise KeyboardInterrupt

    assert closes.run_due() == BATCH_ROWS
    whole, counter.accounts = counter.accounts, broken  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        closes.run_due()
    counter.accounts = whole  # type: ignore[method-assign]

    assert [closes.run_due() for _ in range(3)] == [BATCH_ROWS, 5, 0]
    with sqlite_database.read() as connection:
        assert store_closes.reached(connection, DAY)[1]
        rows = connection.exec_driver_sql("SELECT COUNT(*) FROM trading_close").scalar_one()
    assert rows == 2 * BATCH_ROWS + 5


def test_an_account_without_a_price_waits_for_the_next_day(sqlite_database: Database) -> None:
    """Missing is not zero: the day's figure is part of the next row."""
    prices = FakePrices("2026-11-24T15:40:00")
    counter = FakeCounter(prices.clock)
    counter.held = [position("600001.SH")]
    closes = Closes(sqlite_database, counter, prices)

    closes.run_due()

    assert closes.year("a-1", 2026).profit_fen is None
    assert closes.year("a-2", 2026).profit_fen == 0


def test_a_plans_purchase_is_no_loss(sqlite_database: Database) -> None:
    """Money that left for a plan is paid out, not lost; a fee is."""
    prices = FakePrices("2026-11-24T15:40:00")
    counter = FakeCounter(prices.clock)
    closes = Closes(sqlite_database, counter, prices)
    closes.run_due()
    prices.clock.advance(prices.clock.now().replace(day=25) - prices.clock.now())
    kept = CashEntry(
        entry_id=1, on=date(2026, 11, 25), amount_fen=-50_000, kind="purchase", counterparty="",
        memo="",
    )  # fmt: skip
    counter.entries = [kept, replace(kept, entry_id=2, amount_fen=-300, kind="fee")]
    counter.cash_fen -= 50_300

    closes.run_due()

    (_, second) = closes.year("a-1", 2026).closes
    assert (second.profit_fen, second.net_in_fen) == (-300, -50_000)
