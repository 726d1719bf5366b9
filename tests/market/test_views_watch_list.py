"""自选 of the quotes page: groups as links, orders as links, a small line in each row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from h5app.market.seed import SEED_BSE, SEED_ETF, SEED_MAIN, SEED_SUSPENDED
from tests.market.market_site import FOLLOWER, Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIST = "/market/?list=watchlist"
OWN = [SEED_SUSPENDED, SEED_ETF, SEED_MAIN, SEED_BSE]
"""The follower's own order."""


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market in the afternoon of its first day; a follower watches four."""
    folder = tmp_path_factory.mktemp("watched")
    with opened_site(folder, sqlite_template, "2026-11-24T14:30:03") as opened:
        opened.source.visitor = FOLLOWER
        for symbol in reversed(OWN):
            opened.world.market.watch("c1", symbol)
        opened.world.market.add_watch_group("c1", "银行")
        yield opened


@pytest.fixture
def site(shared_site: Site) -> Site:
    """The follower's phone."""
    shared_site.source.visitor = FOLLOWER
    return shared_site


def order(page: str) -> list[str]:
    """Return the symbols of the list as they stand on the page."""
    begin = page.index('data-testid="watchlist"')
    return re.findall(r'data-testid="quote-([\d.A-Z]+)"', page[begin:])


def test_the_own_order_is_the_first(site: Site) -> None:
    """An order that is none is the own order."""
    assert order(site.page(LIST)) == OWN
    assert order(site.page(f"{LIST}&sort=weight")) == OWN


def test_a_list_is_sorted_by_links(site: Site) -> None:
    """涨幅 and 现价, from above and, pressed again, from below; a suspended one has no 涨幅."""
    quotes = {one.symbol: one for one in site.world.market.quotes(OWN) if one is not None}
    last = {
        symbol: one.previous_close_milli if one.is_suspended else one.last_milli or 0
        for symbol, one in quotes.items()
    }
    moving = [one for one in OWN if one != SEED_SUSPENDED]
    by_ratio = sorted(moving, key=lambda one: -last[one] / quotes[one].previous_close_milli)
    by_price = sorted(OWN, key=lambda one: -last[one])

    expected = {
        "rise": [*by_ratio, SEED_SUSPENDED],
        "fall": [*by_ratio[::-1], SEED_SUSPENDED],
        "dear": by_price,
        "cheap": by_price[::-1],
    }
    for sort, symbols in expected.items():
        assert order(site.page(f"{LIST}&sort={sort}")) == symbols

    page = site.page(f"{LIST}&sort=rise")
    assert part(page, "watch-sorts") == "自选顺序 涨幅 ↓ 现价"
    assert 'href="/market/?list=watchlist&amp;sort=fall" aria-current="page"' in page
    assert 'href="/market/?list=watchlist&amp;sort=dear"' in page


def test_each_row_has_its_small_line(site: Site) -> None:
    """Drawn without script and without style, in the row's colour; not read out; `--` for none."""
    page = site.page(LIST)
    row = page[page.index(f'data-testid="quote-{SEED_MAIN}"') :].partition("</li>")[0]
    halted = page[page.index(f'data-testid="quote-{SEED_SUSPENDED}"') :].partition("</li>")[0]

    assert re.search(r'<svg class="market-spark is-(up|down|flat)"[^>]* aria-hidden="true"', row)
    assert re.search(r'<polyline class="market-spark__line" points="0,\d+ ', row)
    assert "style=" not in row
    assert "<svg" not in halted
    assert 'market-spark is-missing" aria-hidden="true">--<' in halted
    assert "market-spark" not in site.page("/market/")


def test_groups_are_links_that_keep_the_order(site: Site) -> None:
    """Their names with how much they hold; an empty one says what to do; none is a 404."""
    page = site.page(f"{LIST}&sort=rise")
    banks = f"/market/?list=watchlist&amp;group={quote('银行')}&amp;sort=rise"
    assert part(page, "watch-groups") == "自选 4 银行 0"
    assert f'href="{banks}"' in page
    assert "这个分组还没有证券" in site.page(f"{LIST}&group=银行")
    assert site.client.get(f"{LIST}&group=无").status_code == 404

    site.world.market.watch("c1", SEED_BSE, "银行")
    assert order(site.page(f"{LIST}&group=银行")) == [SEED_BSE]
    site.world.market.unwatch("c1", SEED_BSE, "银行")


def test_who_keeps_all_in_groups_sees_it_on_the_quotes_page(site: Site) -> None:
    """Not the list of examples: that is for those who watch nothing."""
    site.source.visitor = FOLLOWER.__class__(tier=FOLLOWER.tier, customer_id="c2", openid="o2")
    market = site.world.market
    assert "示例自选" in site.page("/market/")
    market.add_watch_group("c2", "银行")
    market.watch("c2", SEED_BSE, "银行")

    assert order(site.page("/market/"))[0] == SEED_BSE
    assert "我的自选" in site.page("/market/")
