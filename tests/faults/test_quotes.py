"""The board torn, garbled, cut off or gone, and a feed that stops: `--` or grey, never 0."""

import os
import random
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from h5app.demo.customers import SETTLED
from h5app.market import board_layout as layout
from tests.faults.browser import Browser
from tests.faults.orders import SYMBOL, sentence_of
from tests.faults.world import World

OTHER = "600519.SH"
STOPPED_SECONDS = 42
_ROW = re.compile(r'<li class="(ui-quote[^"]*)"[^>]*data-symbol="600036\.SH".*?</li>', re.DOTALL)


def quotes(world: World, *symbols: str) -> dict[str, Any]:
    """Return what a page's script is told."""
    answer = Browser(world).get_json(f"/market/quotes?symbols={','.join(symbols)}")
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


def record_at(world: World, symbol: str) -> int:
    """Return where a quote's record lies in the board's file."""
    symbols = world.house.ground.reader.symbols
    return layout.quotes_at(len(symbols)) + symbols.index(symbol) * layout.QUOTE.size


def overwrite(world: World, at: int, content: bytes) -> None:
    """Damage the board behind everybody's back."""
    with world.config.board_path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def assert_shown_as_missing(world: World) -> None:
    """One stock has no figures, on no page; its neighbour is as it was."""
    told = quotes(world, SYMBOL, OTHER)
    assert told["unknown"] == [SYMBOL]
    assert [row["symbol"] for row in told["quotes"]] == [OTHER]
    page = Browser(world).get(f"/market/{SYMBOL}")
    assert page.status_code == 200
    assert "--" in sentence_of(page)
    assert "0.00" not in sentence_of(page)
    assert Browser(world).get("/market/").status_code == 200


def test_a_record_left_half_written(world: World) -> None:
    """A feed killed in the middle of a record: that stock shows `--` until a new feed mends it."""
    overwrite(world, record_at(world, SYMBOL), layout.LOCK.pack(13))

    with closing(world.restarted()) as started:
        assert_shown_as_missing(started)
        started.feed()
        started.wall.advance(3)
        started.feed()
        assert quotes(started, SYMBOL)["unknown"] == []


@pytest.mark.parametrize("seed", range(4))
def test_a_garbled_record(world: World, seed: int) -> None:
    """Bytes of chance in the place of a quote are not shown, whatever they look like."""
    number = random.Random(seed)
    body = bytearray(number.randbytes(layout.BODY.size))
    body[16:20] = bytes((number.randrange(8), layout.IS_PRESENT, 5, 5))  # As if it were a quote.
    body[8:16] = (1_795_000_000_000_000).to_bytes(8, "little")
    overwrite(world, record_at(world, SYMBOL) + layout.LOCK.size, bytes(body))

    with closing(world.restarted()) as started:
        assert_shown_as_missing(started)


def test_a_board_cut_off_under_its_readers(world: World) -> None:
    """A truncated file ends no process: pages say that there are no quotes, a new feed mends it."""
    assert quotes(world, SYMBOL)["unknown"] == []
    os.truncate(world.config.board_path, 5_000)

    told = quotes(world, SYMBOL)
    page = Browser(world).get("/market/")

    assert (told["unknown"], told["is_stale"], told["age_seconds"]) == ([SYMBOL], True, None)
    assert page.status_code == 200
    assert "行情尚未就绪" in sentence_of(page)
    with closing(world.restarted()) as started:
        started.feed()
        assert quotes(started, SYMBOL)["unknown"] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a board", os.urandom(20_000)])
def test_another_file_in_its_place(world: World, content: bytes) -> None:
    """What is no board is passed over by readers and replaced by the next feed."""
    beside = world.home / "other.bin"
    beside.write_bytes(content)
    beside.replace(world.config.board_path)

    told = quotes(world, SYMBOL)
    assert (told["unknown"], told["is_stale"]) == ([SYMBOL], True)
    assert Browser(world).get(f"/market/{SYMBOL}").status_code == 200
    assert Browser(world).get("/readyz").status_code == 503

    with closing(world.restarted()) as started:
        started.feed()
        assert quotes(started, SYMBOL)["unknown"] == []


def test_a_feed_that_stops(world: World) -> None:
    """Prices stay, grey, with the time they are of; JSON says stale; nothing turns into 0."""
    before = quotes(world, SYMBOL)
    world.wall.advance(STOPPED_SECONDS)
    browser = Browser(world)

    told = quotes(world, SYMBOL)
    listed, stock = browser.get("/market/"), browser.get(f"/market/{SYMBOL}")

    assert before["is_stale"] is False
    assert told["is_stale"] is True
    assert told["age_seconds"] >= STOPPED_SECONDS
    assert told["as_of"] == before["as_of"]
    assert told["quotes"] == before["quotes"]
    at = before["as_of"][11:19]
    for page in (listed, stock):
        assert "is-stale" in page.text
        assert re.search(rf"行情延迟，以下数据已有 4\d 秒没有更新，截至 11-24 {at}", page.text)
    price = f"{told['quotes'][0]['last_milli'] / 1000:.2f}"
    assert price in sentence_of(stock)
    assert f'data-part="time">11-24 {at}' in stock.text


def test_a_feed_that_comes_back(world: World) -> None:
    """The grey goes by itself."""
    world.wall.advance(STOPPED_SECONDS)
    assert quotes(world, SYMBOL)["is_stale"] is True

    world.feed()

    assert quotes(world, SYMBOL)["is_stale"] is False
    assert 'data-testid="stale" hidden' in Browser(world).get("/market/").text


def test_positions_say_that_prices_are_old(world: World) -> None:
    """Market value and profit stand, marked as those of the last prices, never as 0."""
    customer = Browser(world)
    customer.sign_in(SETTLED)
    before = customer.get_json("/trade/positions").json
    world.wall.advance(STOPPED_SECONDS)

    after, page = customer.get_json("/trade/positions").json, customer.get("/trade/positions")

    assert after == before
    assert "行情延迟" in page.text


def test_no_board_at_all(world: World, tmp_path: Path) -> None:
    """Positions without a price say `--` and name what is left out of the sums."""
    customer = Browser(world)
    customer.sign_in(SETTLED)
    world.config.board_path.rename(tmp_path / "board.away")

    told, page = customer.get_json("/trade/positions").json, customer.get("/trade/positions")

    assert told is not None
    assert {row["last_price"] for row in told["positions"]} == {None}
    assert set(told["unpriced"]) == {row["symbol"] for row in told["positions"]}
    assert page.status_code == 200
    assert "--" in sentence_of(page)
