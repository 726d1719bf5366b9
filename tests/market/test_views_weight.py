"""What a phone must fetch before it sees a page, compressed as it goes over the wire."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from h5app.market.seed import SEED_MAIN
from h5app.plumbing.web import ASSETS
from tests.market.market_site import Site, opened_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROTLI = {"Accept-Encoding": "br"}
QUOTES_BYTES_MAX, STOCK_BYTES_MAX = 60_000, 80_000
SCRIPT_BYTES_MAX = 30_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The market after the close of the first day: the line is at its longest."""
    folder = tmp_path_factory.mktemp("weight")
    with opened_site(folder, sqlite_template, "2026-11-24T15:00:03", days=30) as opened:
        yield opened


def assets_of(html: str) -> set[str]:
    """Return the files that a page fetches, with what its scripts import at once."""
    pending: list[str] = re.findall(r'(?:src|href)="/static/([^"#]+)', html)
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith(".js"):
            text = (ASSETS / name).read_text("utf-8")
            pending += re.findall(r'(?:from|import)"\./([^"]+)"', text)
    return found


def weights(site: Site, address: str) -> dict[str, int]:
    """Return the bytes of everything that a first visit fetches."""
    page = site.client.get(address, headers=BROTLI)
    assert page.headers["Content-Encoding"] == "br"
    html = site.client.get(address).text
    files = assets_of(html)
    found = {name: (ASSETS / f"{name}.br").stat().st_size for name in files}
    return found | {address: len(page.data), "stream": first_piece(site, html)}


def first_piece(site: Site, html: str) -> int:
    """Return the bytes that the page's stream begins with."""
    sequence = re.search(r'data-sequence="(\d+)"', html)
    assert sequence is not None
    symbols = list(dict.fromkeys(re.findall(r'data-(?:symbol|first)="([^"]+)"', html)))
    answer = site.client.get(f"/stream?symbols={','.join(symbols)}&since={sequence[1]}")
    piece = next(answer.iter_encoded())
    site.is_alive = False
    answer.close()
    site.is_alive = True
    return len(piece)


def test_the_quotes_page_weighs_little(site: Site) -> None:
    """First view at most 60 KB over the wire, its script at most 30 KB."""
    found = weights(site, "/market/")

    assert sum(found.values()) <= QUOTES_BYTES_MAX, found
    assert sum(size for name, size in found.items() if name.endswith(".js")) <= SCRIPT_BYTES_MAX


def test_a_stock_page_with_its_whole_line_weighs_little(site: Site) -> None:
    """First view with the 241 minutes at most 80 KB; the candles' library is not in it."""
    found = weights(site, f"/market/{SEED_MAIN}")
    line = site.client.get(f"/market/{SEED_MAIN}/line", headers=BROTLI)

    assert sum(found.values()) + len(line.data) <= STOCK_BYTES_MAX, found
    assert not [name for name in found if "bars-view" in name]


def test_the_candles_library_is_fetched_when_they_are_opened(site: Site) -> None:
    """Some script of the page names it, but as something to import later."""
    texts = [
        (ASSETS / name).read_text("utf-8")
        for name in assets_of(site.page(f"/market/{SEED_MAIN}"))
        if name.endswith(".js")
    ]

    assert any(re.search(r'import\("\./chunk-bars-view', text) for text in texts)
