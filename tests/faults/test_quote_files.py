"""The exchange's own file torn, garbled, gone or old: the last good prices stay, and turn grey."""

from collections.abc import Callable
from pathlib import Path

import pytest

from h5app.market.feeds.file_feed import FileFeed
from h5app.market.feeds.sse_files import SseLayout
from h5app.market.model import Exchange
from tests.faults.browser import Browser
from tests.faults.orders import SYMBOL
from tests.faults.test_quotes import quotes
from tests.faults.world import World
from tests.market.exchange_files import mktdt00, put

STOPPED_SECONDS = 20


def written(world: World) -> bytes:
    """Return the file that Shanghai would write at this moment, with the board's own prices."""
    market = world.house.market
    rows = []
    for instrument in market.instruments():
        quote = market.quote(instrument.symbol)
        if quote is not None and instrument.exchange is Exchange.SSE and not instrument.is_index:
            rows.append((instrument, quote))
    return mktdt00(rows, world.market_now())


@pytest.fixture
def file(tmp_path: Path, world: World) -> Path:
    """A whole file."""
    path = tmp_path / "mktdt00.txt"
    put(path, written(world))
    return path


@pytest.fixture
def fed(world: World, file: Path) -> World:
    """The house, its board led by that file."""
    world.lead_by(FileFeed(SseLayout(), file, world.house.market.rules, world.wall))
    world.feed()
    return world


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "torn": lambda whole: whole[: len(whole) // 2],
    "empty": lambda _whole: b"",
    "other bytes": lambda whole: bytes(byte ^ 0x5A for byte in whole),
    "one digit changed": lambda whole: whole.replace(b"|  ", b"|9 ", 1),
    "html": lambda _whole: b"<html><body>502 Bad Gateway</body></html>",
    "zeros": lambda whole: bytes(len(whole)),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file(fed: World, file: Path, name: str) -> None:
    """Nothing of it is shown; prices stay, greyed with their time; the next whole file heals."""
    before = quotes(fed, SYMBOL)
    assert before["is_stale"] is False
    put(file, DAMAGE[name](file.read_bytes()))
    for _ in range(3):
        fed.wall.advance(STOPPED_SECONDS / 3)
        fed.feed()

    told, page = quotes(fed, SYMBOL), Browser(fed).get(f"/market/{SYMBOL}")

    assert told["is_stale"] is True
    assert told["as_of"] == before["as_of"]
    assert told["quotes"] == before["quotes"]
    assert f"截至 11-24 {before['as_of'][11:19]}" in page.text

    fed.wall.advance(STOPPED_SECONDS)
    put(file, written(fed))
    fed.feed()
    assert quotes(fed, SYMBOL)["is_stale"] is False


def test_a_file_that_is_gone(fed: World, file: Path) -> None:
    """As one that stopped."""
    before = quotes(fed, SYMBOL)
    file.unlink()
    fed.wall.advance(STOPPED_SECONDS)
    fed.feed()

    told = quotes(fed, SYMBOL)

    assert (told["is_stale"], told["quotes"]) == (True, before["quotes"])
