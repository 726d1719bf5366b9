"""One day of the product's own simulated market, from the opening call to after hours."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from h5app.counter.model import OrderState
from h5app.market.model import OrderKind, Phase, Quote
from h5app.plumbing.db import Database
from tests.counter.world import ACCOUNT, DAY, Stage, World
from tests.market.sample_market import at, sample_instruments, simulated

BANK = "000001.SZ"


class SimulatedStage(Stage):
    """Prices of the simulated market at the market clock's moment."""

    def __init__(self) -> None:
        self.market = simulated()
        super().__init__("2026-11-24T09:16:00")
        self.instruments = {one.symbol: one for one in sample_instruments()}

    def quote(self, symbol: str) -> Quote | None:
        """The quote of this moment."""
        if symbol not in self.market.plans.instrument_by_symbol:
            return None
        return self.market.quote(symbol, self.clock.now())

    def quotes(self, symbols: Sequence[str]) -> list[Quote | None]:
        """The quotes of this moment."""
        return [self.quote(symbol) for symbol in symbols]

    def of(self, symbol: str = BANK) -> Quote:
        """A quote that is there."""
        found = self.quote(symbol)
        assert found is not None
        return found


@pytest.fixture
def stage() -> SimulatedStage:
    """At 09:16."""
    return SimulatedStage()


@pytest.fixture
def day(sqlite_database: Database, stage: SimulatedStage) -> World:
    """Two accounts on the simulated market."""
    world = World(sqlite_database, stage)
    world.open_accounts()
    return world


def test_the_opening_call_fills_at_the_open(day: World, stage: SimulatedStage) -> None:
    """An order at 涨停价 buys at 今开."""
    up = stage.of().limit_up_milli
    assert up is not None
    order = day.place("buy", 100, up, BANK)
    day.step()
    assert day.order(order.client_order_id).state is OrderState.REPORTED
    stage.clock.set(at("09:25:01"))
    day.step()

    (fill,) = day.counter.fills(ACCOUNT, DAY)
    assert fill.price_milli == stage.of().open_milli
    day.assert_right()


def test_a_buy_at_the_offer_is_filled_at_once(day: World, stage: SimulatedStage) -> None:
    """已报 to 已成 within one step, at the displayed price."""
    stage.clock.set(at("10:00:00"))
    offer = stage.of().asks[0]
    order = day.place("buy", 100, offer.price_milli, BANK)
    day.step()

    (fill,) = day.counter.fills(ACCOUNT, DAY)
    assert fill.price_milli == offer.price_milli
    assert day.order(order.client_order_id).state is OrderState.FILLED


def test_the_day_gives_no_more_than_it_shows(day: World, stage: SimulatedStage) -> None:
    """A large order eats level after level, each only once."""
    stage.clock.set(at("10:00:00"))
    day.counter.deposit(ACCOUNT, 10**11, on=DAY, key="rich")
    offers = stage.of().asks
    order = day.place("buy", 900_000, offers[-1].price_milli, BANK)
    day.step()
    day.step()

    shown = sum(level.quantity_shares // 100 * 100 for level in offers)
    assert day.order(order.client_order_id).filled_shares == min(900_000, shown)


def test_after_hours_orders_trade_at_the_close(day: World, stage: SimulatedStage) -> None:
    """盘后固定价格: placed in the afternoon, filled after 15:05 out of what is traded then."""
    stage.clock.set(at("14:50:00"))
    close = close_of(stage)
    fixed = day.place("buy", 100, close + 50, BANK, kind=OrderKind.AFTER_HOURS_FIXED)
    moment = at("14:56:59")
    while moment < at("15:29:00"):
        stage.clock.set(moment)
        day.counter.run_due(moment)
        day.step()
        moment += timedelta(seconds=31)

    assert stage.of().phase is Phase.AFTER_HOURS_FIXED
    assert (stage.of().after_hours_volume_shares or 0) >= 100
    assert day.order(fixed.client_order_id).filled_amount_fen == close * 10
    day.assert_right()


def close_of(stage: SimulatedStage) -> int:
    """The closing price that the day will have."""
    quote = stage.market.quote(BANK, at("15:01:00"))
    assert quote is not None
    assert quote.last_milli is not None
    return quote.last_milli


def test_a_resting_buy_is_filled_in_the_closing_call(day: World, stage: SimulatedStage) -> None:
    """At 收盘价, though its limit was better than that and never reached before."""
    stage.clock.set(at("14:57:10"))
    up = stage.of().limit_up_milli
    assert up is not None
    order = day.place("buy", 100, up, BANK)
    for text in ("14:57:10", "14:59:00", "15:00:04"):
        stage.clock.set(at(text))
        day.step()

    assert day.order(order.client_order_id).filled_amount_fen == close_of(stage) * 10
