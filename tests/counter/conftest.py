"""Worlds for the counter's tests."""

import pytest

from h5app.plumbing.db import Database
from tests.counter.world import World


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """A counter on SQLite, two accounts with 100,000.00 yuan each, in the continuous phase."""
    world = World(sqlite_database)
    world.open_accounts()
    return world


@pytest.fixture
def both(database: Database) -> World:
    """The same, once on each kind of database."""
    world = World(database)
    world.open_accounts()
    return world
