"""A small demo's state, made once: the real seeds, without the bars of earlier years."""

from pathlib import Path

from h5app.demo.seed import DemoSeed
from h5app.house import House, build_house
from h5app.market.importers.instruments import seed_actions, seed_instruments
from h5app.market.store import MarketStore
from h5app.plumbing import migrate
from h5app.plumbing.config import Config

STARTS_AT = "2026-11-24T10:00:00"
"""A Tuesday, half an hour into continuous trading."""


def seed_demo(home: Path) -> None:
    """Migrate and seed a state folder as `python -m h5app prepare` does."""
    config = Config.from_environ({"H5APP_HOME": str(home), "H5APP_NOW": STARTS_AT})
    house = build_house(config)
    ground = house.ground
    migrate.upgrade(ground.database, home)
    assert ground.demo_clock is not None
    state = ground.demo_clock.begin(config.now, config.speed)
    _seed_market(house)
    seed = DemoSeed(house.counter, house.identity.directory, house.market, ground.trading_days)
    seed.run(state.first_on)
    ground.demo_clock.note_seeded()
    ground.database.engine.dispose()


def _seed_market(house: House) -> None:
    ground = house.ground
    store, days = MarketStore(ground.database), ground.trading_days
    assert ground.demo_clock is not None
    first_on = ground.demo_clock.state().first_on
    rules = house.market.rules
    store.put_instruments(seed_instruments(first_on, days, rules.on(first_on)))
    store.put_actions(seed_actions(first_on, days))
