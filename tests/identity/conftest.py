"""Houses over each database, and one application."""

import pytest
from flask import Flask

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.db import Database
from tests.identity.fakes import Browser, House, build, build_app


@pytest.fixture
def house(database: Database, wall: FrozenClock) -> House:
    """Identity over SQLite and over PostgreSQL."""
    return build(database, wall)


@pytest.fixture
def small_house(sqlite_database: Database, wall: FrozenClock) -> House:
    """Identity where the kind of database does not matter."""
    return build(sqlite_database, wall)


@pytest.fixture
def app(small_house: House) -> Flask:
    """An application with identity's pages."""
    return build_app(small_house)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that was never here."""
    return Browser(app)
