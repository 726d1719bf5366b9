"""Houses over either database, and one application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.db import Database
from tests.conftest import postgres_copy, sqlite_copy
from tests.identity.fakes import Browser, House, build, build_app


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, wall: FrozenClock) -> Iterator[House]:
    """Identity over SQLite; tests marked ON_BOTH run over PostgreSQL, too."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield from _built(sqlite_copy(request, tmp_path), wall)
        return
    for url in postgres_copy(request):
        yield from _built(url, wall)


def _built(url: str, wall: FrozenClock) -> Iterator[House]:
    database = Database(url)
    yield build(database, wall)
    database.engine.dispose()


@pytest.fixture
def app(house: House) -> Flask:
    """An application with identity's pages."""
    return build_app(house)


@pytest.fixture
def person(app: Flask) -> Browser:
    """Somebody with a browser that was never here."""
    return Browser(app)
