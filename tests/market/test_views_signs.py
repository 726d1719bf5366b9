"""The pages of prints and of what stands out: what an investor reads there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.market.seed import SEED_MAIN, SEED_SEALED_UP
from tests.market.market_site import Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market in the afternoon."""
    folder = tmp_path_factory.mktemp("signs")
    with opened_site(folder, sqlite_template, "2026-11-24T14:30:03") as site:
        for _ in range(5):
            site.world.clock.advance(timedelta(seconds=3))
            site.world.loop.step(site.world.clock.now())
        yield site


def test_prints_stand_newest_first_with_price_size_and_side(shared_site: Site) -> None:
    """成交明细: time, price, 手, and who pushed."""
    answer = shared_site.client.get(f"/market/{SEED_MAIN}/prints", headers=JSON).get_json()
    rows = part(shared_site.page(f"/market/{SEED_MAIN}/prints"), "prints")

    times = [each["at"] for each in answer["prints"]]
    assert times == sorted(times, reverse=True)
    assert times
    assert all(each["volume_shares"] > 0 for each in answer["prints"])
    assert {each["side"] for each in answer["prints"]} <= {"buy", "sell", None}
    assert f"{answer['prints'][0]['price_milli'] / 1000:.2f}" in rows
    assert times[0][11:19] in rows


def test_before_the_first_trade_the_page_says_so(tmp_path: Path, sqlite_template: Path) -> None:
    """An empty list says when something will stand there."""
    with opened_site(tmp_path, sqlite_template, "2026-11-24T08:30:00") as site:
        assert "还没有成交" in site.page(f"/market/{SEED_MAIN}/prints")


def test_prints_of_nothing_known_say_what_to_do(shared_site: Site) -> None:
    """An unknown symbol is a page of its own."""
    assert "没有找到" in shared_site.page("/market/999999.SH/prints", status=404)


def test_what_stands_out_is_told_with_its_figure(shared_site: Site) -> None:
    """异动: each sign has a word and a figure, and leads to the stock."""
    rows = shared_site.client.get("/market/unusual", headers=JSON).get_json()["rows"]
    page = shared_site.page("/market/unusual")

    sealed = [each for each in rows if each["kind"] == "sealed_up"]
    assert SEED_SEALED_UP in {each["symbol"] for each in sealed}
    assert sealed[0]["label"] == "封涨停板"
    assert sealed[0]["text"].startswith("封单 ")
    assert f'href="/market/{SEED_SEALED_UP}"' in page
    assert "封涨停板" in part(page, "unusual")
