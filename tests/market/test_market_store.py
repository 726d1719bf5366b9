"""Instruments, corporate actions and old codes in both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from h5app.market.importers.instruments import seed_actions, seed_instruments
from h5app.market.model import CorporateAction
from h5app.market.store import MarketStore
from h5app.plumbing.db import Database
from tests.market.rule_samples import book

FIRST_ON = date(2026, 11, 24)


def test_the_seed_comes_back_as_it_was(database: Database) -> None:
    """Every field of every instrument and action survives storing; twice is once."""
    store, days = MarketStore(database), book().trading_days
    instruments = seed_instruments(FIRST_ON, days, book().on(FIRST_ON))
    actions = seed_actions(FIRST_ON, days)

    for _ in range(2):
        assert store.put_instruments(instruments) == len(instruments)
        assert store.put_actions(actions) == len(actions)

    assert {each.symbol: each for each in store.instruments()} == {
        each.symbol: each for each in instruments
    }
    assert sorted(store.actions(), key=lambda each: (each.ex_on, each.symbol)) == store.actions()
    assert {each.symbol for each in store.actions()} == {each.symbol for each in actions}
    assert store.aliases()["835185"] == "920185.BJ"


def test_actions_are_found_by_instrument_and_day(database: Database) -> None:
    """Exact decimals, in order of the ex day, from a day on."""
    store = MarketStore(database)
    early = CorporateAction(
        symbol="600519.SH", ex_on=date(2025, 6, 26), cash_per_share=Decimal("27.673")
    )
    late = replace(early, ex_on=date(2026, 6, 26), reference_milli=1_400_010)
    other = replace(early, symbol="000001.SZ", cash_per_share=Decimal("1E-7"))
    store.put_actions([late, early, other])

    assert store.actions("600519.SH") == [early, late]
    assert store.actions(since=date(2026, 1, 1)) == [late]
    assert store.actions("000001.SZ")[0].cash_per_share == Decimal("0.0000001")


def test_nothing_to_store_is_no_error(database: Database) -> None:
    """Empty imports leave empty tables."""
    store = MarketStore(database)

    assert store.put_instruments([]) == store.put_actions([]) == store.put_aliases({}) == 0
    assert store.instruments() == []
