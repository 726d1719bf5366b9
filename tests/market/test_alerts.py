"""Alerts: fire once when their condition is met, and may be armed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from h5app.identity.model import CustomersMerged
from h5app.market.alerting import (
    ALERTS_MAX,
    AlertAlreadyMet,
    Alerting,
    BadAlert,
    NoSuchAlert,
    TooManyAlerts,
)
from h5app.market.alerts import AlertKind, condition_text, is_usable, met_value
from h5app.market.model import AlertFired, CorporateAction, Phase
from h5app.market.ports import FeedBatch
from h5app.market.service import NoSuchInstrument
from h5app.plumbing.outbox import Outbox
from tests.market.market_world import World
from tests.market.sample_market import at
from tests.market.scripted_feed import ScriptedFeed, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from h5app.plumbing.db import Database

LIN, MO = "lin", "mo"
SYMBOL = "600000.SH"


@pytest.mark.parametrize(
    ("kind", "threshold", "last_milli", "is_met"),
    [
        (AlertKind.PRICE_RISES_TO, 12_500, 12_490, False),
        (AlertKind.PRICE_RISES_TO, 12_500, 12_500, True),
        (AlertKind.PRICE_FALLS_TO, 12_000, 12_010, False),
        (AlertKind.PRICE_FALLS_TO, 12_000, 11_990, True),
        (AlertKind.CHANGE_RISES_TO, 500, 12_956, False),
        (AlertKind.CHANGE_RISES_TO, 500, 12_957, True),
        (AlertKind.CHANGE_FALLS_TO, -500, 11_724, False),
        (AlertKind.CHANGE_FALLS_TO, -500, 11_723, True),
        (AlertKind.ANNOUNCEMENT, 0, 12_340, False),
    ],
)
def test_when_a_condition_is_met(
    kind: AlertKind, threshold: int, last_milli: int, *, is_met: bool
) -> None:
    """At the threshold itself; five per cent of 12.34 is exactly 0.617."""
    quote = tick(SYMBOL, at("10:00:00"), last_milli, 100)

    assert met_value(kind, threshold, quote) == (last_milli if is_met else None)


def test_nothing_is_met_without_a_price_of_today() -> None:
    """No quote, no trade, a halt, the opening call."""
    quote = tick(SYMBOL, at("10:00:00"), 12_340, 100)
    without = [
        None,
        replace(quote, last_milli=None),
        replace(quote, is_suspended=True),
        replace(quote, phase=Phase.OPEN_CALL),
    ]

    assert [met_value(AlertKind.PRICE_RISES_TO, 1, each) for each in without] == [None] * 4


def test_conditions_in_words() -> None:
    """As the screen and the notice say them."""
    assert condition_text(AlertKind.PRICE_RISES_TO, 1_800_000) == "价格涨到 1800.00 元"
    assert condition_text(AlertKind.PRICE_FALLS_TO, 4_582) == "价格跌到 4.582 元"
    assert condition_text(AlertKind.CHANGE_FALLS_TO, -505) == "跌幅达到 5.05%"
    assert condition_text(AlertKind.ANNOUNCEMENT, 0) == "新公告"
    assert not is_usable(AlertKind.CHANGE_FALLS_TO, 500)
    assert not is_usable(AlertKind.PRICE_RISES_TO, 0)


class Stage:
    """A market of which a test sets the price, and the alerts over it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        self.feed = ScriptedFeed()
        self.world = World(folder, database, self.feed)
        self.outbox = Outbox(database, self.world.wall)
        self.alerting = Alerting(database, self.outbox, self.world.market, self.world.wall)
        self.second = 0
        self.price(12_340)

    def price(self, last_milli: int) -> int:
        """Let the price be so, and look after the alerts; return how many fired."""
        self.second += 3
        moment = f"10:{self.second // 60:02}:{self.second % 60:02}"
        quote = replace(
            tick(SYMBOL, at(moment), last_milli, 100 * self.second),
            high_milli=13_500,
            low_milli=11_200,
            turnover_fen=123_400 * self.second,
        )
        self.feed.answers = [FeedBatch(at=at(moment), quotes=(quote,))]
        self.world.step(f"2026-11-24T{moment}")
        return self.alerting.check()

    def told(self) -> list[AlertFired]:
        """The facts that were published."""
        facts: list[AlertFired] = []
        self.outbox.deliver_due({AlertFired: [facts.append]})  # type: ignore[list-item]
        return facts


@pytest.fixture
def stage(tmp_path: Path, database: Database) -> Iterator[Stage]:
    """A stage on each kind of database."""
    made = Stage(tmp_path, database)
    yield made
    made.world.close()


def test_it_fires_once_and_may_be_armed_again(stage: Stage) -> None:
    """Above the price for three looks it is told once; armed again it is told once more."""
    alert = stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    fired = [stage.price(each) for each in (12_490, 12_500, 12_600, 12_490)]
    assert fired == [0, 1, 0, 0]

    (kept,) = stage.alerting.alerts(LIN)
    assert (kept.is_armed, kept.firings, kept.fired_value) == (False, 1, 12_500)
    assert kept.fired_at is not None
    stage.alerting.arm(LIN, alert.alert_id)
    assert stage.price(12_700) == 1

    first, second = stage.told()
    assert (first.customer_id, first.symbol, first.firing) == (LIN, SYMBOL, 1)
    assert (first.condition, first.value_milli) == ("价格涨到 12.50 元", 12_500)
    assert (second.firing, second.value_milli) == (2, 12_700)
    assert AlertFired.from_plain(first.as_plain()) == first


def test_changes_of_the_day(stage: Stage) -> None:
    """Up and down since the previous close."""
    stage.alerting.add(LIN, SYMBOL, "change_rises_to", 500)
    stage.alerting.add(MO, SYMBOL, "change_falls_to", -500)

    assert stage.price(12_960) == 1
    assert stage.price(11_720) == 1
    assert [fact.customer_id for fact in stage.told()] == [LIN, MO]


def test_what_is_so_already_is_refused(stage: Stage) -> None:
    """Neither a new alert nor one that fired may wait for what is there."""
    with pytest.raises(AlertAlreadyMet):
        stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_000)
    alert = stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    stage.price(12_600)
    with pytest.raises(AlertAlreadyMet):
        stage.alerting.arm(LIN, alert.alert_id)


def test_an_announcement_fires_once(stage: Stage) -> None:
    """What was known when it was armed is no news; a new one, and a change of it, is."""
    alert = stage.alerting.add(LIN, SYMBOL, AlertKind.ANNOUNCEMENT)
    assert stage.alerting.check() == 0
    action = CorporateAction(
        symbol=SYMBOL,
        ex_on=date(2026, 12, 10),
        cash_per_share=Decimal("0.3"),
        announced_on=date(2026, 11, 24),
        title="2026年中期分红 10派3元",
    )
    stage.world.store.put_actions([action])
    stage.world.wall.sleep(3)

    assert stage.price(12_340) == 1
    assert stage.price(12_340) == 0
    stage.alerting.arm(LIN, alert.alert_id)
    assert stage.price(12_340) == 0
    assert stage.told()[0].title == "2026年中期分红 10派3元"


def test_old_figures_fire_nothing(stage: Stage) -> None:
    """While the board is stale an alert waits."""
    stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    stage.world.wall.sleep(60)
    assert stage.world.market.is_stale

    assert stage.alerting.check() == 0
    assert stage.price(12_500) == 1


def test_two_processes_tell_once(stage: Stage) -> None:
    """Whoever comes second finds it fired."""
    stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    (waiting,) = stage.alerting.alerts(LIN)
    stage.price(12_500)

    assert stage.alerting._fire(waiting, 12_500, "") is False
    assert len(stage.told()) == 1


def test_the_same_wish_twice_is_one_alert(stage: Stage) -> None:
    """It is armed again if it fired; another customer's is his own."""
    first = stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    assert stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500) == first
    stage.price(12_500)
    stage.price(12_400)
    again = stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)

    assert (again.alert_id, again.is_armed) == (first.alert_id, True)
    stage.alerting.remove(MO, first.alert_id)
    assert len(stage.alerting.alerts(LIN)) == 1
    stage.alerting.remove(LIN, first.alert_id)
    stage.alerting.remove(LIN, first.alert_id)
    assert stage.alerting.alerts(LIN) == []


def test_what_cannot_be_waited_for_is_refused(stage: Stage) -> None:
    """Unknown instruments, kinds and ids, impossible figures, too many."""
    with pytest.raises(NoSuchInstrument):
        stage.alerting.add(LIN, "999999.SH", AlertKind.PRICE_RISES_TO, 12_500)
    for kind, threshold in (("nonsense", 1), ("price_rises_to", -1), ("change_falls_to", 100)):
        with pytest.raises(BadAlert):
            stage.alerting.add(LIN, SYMBOL, kind, threshold)
    with pytest.raises(NoSuchAlert):
        stage.alerting.arm(LIN, "nonsense")
    for number in range(ALERTS_MAX):
        stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 13_000 + 10 * number)
    with pytest.raises(TooManyAlerts):
        stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 14_000)


def test_two_customers_become_one(stage: Stage) -> None:
    """The remaining one waits for what both waited for; the same wish once; twice is once."""
    stage.alerting.add(LIN, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    stage.alerting.add(MO, SYMBOL, AlertKind.PRICE_RISES_TO, 12_500)
    stage.alerting.add(MO, SYMBOL, AlertKind.PRICE_FALLS_TO, 12_000)
    fact = CustomersMerged(from_customer_id=MO, to_customer_id=LIN)

    stage.alerting.on_customers_merged(fact)
    stage.alerting.on_customers_merged(fact)

    assert {one.threshold for one in stage.alerting.alerts(LIN)} == {12_500, 12_000}
    with stage.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM market_alert")).scalar_one() == 2
