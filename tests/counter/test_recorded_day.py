"""A recorded day (2019-02-01, prints of 600000.SH): the venue fills against derived depth only."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from h5app.counter.model import NewAccount, OrderState
from h5app.counter.refusal import CounterRefusal
from h5app.market.feeds.replay import ReplayFeed
from h5app.market.model import DERIVED_DEPTH_LABEL, OrderKind, Quote
from h5app.plumbing.db import Database
from tests.counter.world import ACCOUNT, PASSWORD, Stage, World
from tests.market.sample_market import at
from tests.market.test_replay_import import TICK_DAY, Folder

PUFA = "600000.SH"


class RecordedStage(Stage):
    """Prices of the recorded day at the market clock's moment."""

    def __init__(self, feed: ReplayFeed, folder: Folder) -> None:
        self.feed = feed
        super().__init__("2019-02-01T09:16:00")
        instruments = folder.desk(TICK_DAY).store.instruments()
        self.instruments = {one.symbol: one for one in instruments}

    def quote(self, symbol: str) -> Quote | None:
        """The quote of this moment."""
        return self.feed.quote(symbol, self.clock.now())

    def quotes(self, symbols: Sequence[str]) -> list[Quote | None]:
        """The quotes of this moment."""
        return [self.quote(symbol) for symbol in symbols]

    def of(self) -> Quote:
        """The quote that is there."""
        found = self.quote(PUFA)
        assert found is not None
        return found


@pytest.fixture
def day(shared_dir: Path, tmp_path: Path, sqlite_database: Database) -> World:
    """A customer with 100,000.00 yuan and 1,000 shares on the morning of that day."""
    folder = Folder(shared_dir, tmp_path, sqlite_database)
    folder.take("ticks_20190201_20190211.csv", "2019-02-01")
    folder.take("intraday_line_201812_201901.csv", "2019-01-31")
    folder.take("instruments.csv", "600000,")
    folder.bring_in(TICK_DAY)
    world = World(sqlite_database, RecordedStage(folder.feed(TICK_DAY), folder))
    before = date(2019, 1, 31)
    world.counter.open_account(
        NewAccount(
            fund_account=ACCOUNT,
            holder_name="张三",
            phone="13800000000",
            password=PASSWORD,
            opened_on=before,
        )
    )
    world.counter.deposit(ACCOUNT, 10_000_000, on=before, key="first")
    world.counter.transfer_in(ACCOUNT, PUFA, 1_000, 10_000, on=before, key="first")
    world.counter.run_due(world.stage.clock.now())
    return world


def stage_of(day: World) -> RecordedStage:
    """The stage, by its type."""
    assert isinstance(day.stage, RecordedStage)
    return day.stage


@pytest.mark.shared
def test_orders_are_filled_against_derived_depth(day: World) -> None:
    """Bought at a level around a print of that minute, with the fees of 2019."""
    day.stage.clock.set(at("10:00:30", TICK_DAY))
    quote = stage_of(day).of()
    assert quote.depth_label == DERIVED_DEPTH_LABEL
    offer = quote.asks[0]
    order = day.place("buy", 100, offer.price_milli, PUFA)
    day.step()

    (fill,) = day.counter.fills(ACCOUNT, TICK_DAY)
    assert fill.price_milli == offer.price_milli
    amount = offer.price_milli * 10
    assert fill.fee_fen == 500 + (2 * amount * 2 + 100_000) // 200_000
    assert day.order(order.client_order_id).state is OrderState.FILLED
    day.assert_right()


@pytest.mark.shared
def test_the_opening_call_of_that_day(day: World) -> None:
    """Whoever was ready to pay more bought at the recorded opening price."""
    order = day.place("buy", 100, 11_500, PUFA)
    for text in ("09:16:10", "09:25:30", "09:30:05"):
        day.stage.clock.set(at(text, TICK_DAY))
        day.step()

    (fill,) = day.counter.fills(ACCOUNT, TICK_DAY)
    assert fill.price_milli == stage_of(day).of().open_milli
    assert day.order(order.client_order_id).state is OrderState.FILLED


@pytest.mark.shared
def test_the_rules_are_those_of_that_day(day: World) -> None:
    """In 2019 the main board had no price cage and no after-hours session."""
    day.stage.clock.set(at("10:00:30", TICK_DAY))
    last = stage_of(day).of().last_milli
    assert last is not None
    assert day.place("buy", 100, last + 500, PUFA).state is OrderState.WAITING
    with pytest.raises(CounterRefusal) as caught:
        day.place("buy", 100, last, PUFA, kind=OrderKind.AFTER_HOURS_FIXED)
    assert caught.value.code == "counter.kind_not_offered"


@pytest.mark.shared
def test_the_closing_call_of_that_day(day: World) -> None:
    """What rests above the market's price is sold to it at the close at the latest."""
    day.stage.clock.set(at("14:57:10", TICK_DAY))
    down = stage_of(day).of().limit_down_milli
    assert down is not None
    order = day.place("sell", 1_000, down, PUFA)
    for text in ("14:57:20", "14:59:50", "15:00:10", "15:01:00"):
        day.stage.clock.set(at(text, TICK_DAY))
        day.step()

    done = day.order(order.client_order_id)
    close = stage_of(day).of().last_milli
    assert close is not None
    assert (done.state, done.filled_amount_fen) == (OrderState.FILLED, close * 100)
    day.assert_right()
