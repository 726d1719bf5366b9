"""最近浏览: what a known visitor looked at stands on the search page, and nobody else's does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from h5app.identity.model import STRANGER, Tier, Visitor
from h5app.market.seed import SEED_BSE, SEED_MAIN
from h5app.plumbing.db import Database
from tests.market.market_site import FOLLOWER, Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = Visitor(tier=Tier.FOLLOWER, customer_id="c2", openid="o2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site's files are."""
    return tmp_path_factory.mktemp("viewed")


@pytest.fixture(scope="module")
def shared_site(folder: Path, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market in the afternoon of its first day."""
    with opened_site(folder, sqlite_template, "2026-11-24T14:30:03") as opened:
        yield opened


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """A follower who has looked at nothing yet."""
    shared_site.source.visitor = FOLLOWER
    yield shared_site
    for customer in ("c1", "c2"):
        shared_site.world.market.forget_viewed(customer)


def test_what_was_looked_at_stands_on_the_search_page(site: Site) -> None:
    """The latest first, with prices; what is found takes its place once words are typed."""
    assert "想看哪只证券" in site.page("/market/search")
    site.page(f"/market/{SEED_MAIN}")
    site.world.wall.sleep(1)
    site.page(f"/market/{SEED_BSE}")

    answer = site.client.get("/market/search")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "最近浏览" in answer.text
    viewed = part(answer.text, "viewed")
    assert viewed.index("贝特瑞") < viewed.index("贵州茅台")
    assert "最近浏览" not in site.page("/market/search?q=zgpa")


def test_nobody_sees_what_another_looked_at(site: Site) -> None:
    """Neither another customer nor a stranger, of whom nothing is noted."""
    site.page(f"/market/{SEED_MAIN}")

    for visitor in (OTHER, STRANGER):
        site.source.visitor = visitor
        assert "最近浏览" not in site.page("/market/search")
    site.page(f"/market/{SEED_BSE}")
    assert site.world.market.recently_viewed("c1") == [SEED_MAIN]


def test_what_was_looked_at_can_be_forgotten(site: Site) -> None:
    """One button, without script; doing it twice changes nothing."""
    site.page(f"/market/{SEED_MAIN}")
    assert 'data-testid="viewed-forget"' in site.page("/market/search")

    for _ in range(2):
        assert site.post("/market/viewed/forget") == (303, "/market/search")
    assert "想看哪只证券" in site.page("/market/search")

    site.source.visitor = STRANGER
    assert site.post("/market/viewed/forget")[0] == 401


def test_a_database_that_is_busy_leaves_the_page(site: Site, folder: Path) -> None:
    """A stock's page is shown although it could not be noted that it was."""
    somebody_else = Database(f"sqlite:///{folder / 'h5app.db'}")
    with somebody_else.write():
        page = site.page(f"/market/{SEED_MAIN}")
    somebody_else.engine.dispose()

    assert "贵州茅台" in page
    assert site.world.market.recently_viewed("c1") == []
