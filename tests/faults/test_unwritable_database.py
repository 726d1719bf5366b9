"""A full disk, a read-only one, a file that is none: said clearly, read on, nothing half done."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from h5app.demo.customers import SETTLED
from h5app.plumbing.db import DatabaseUnavailable
from tests.faults.browser import Browser
from tests.faults.conftest import MakeWorld
from tests.faults.disks import fill, make_read_only, make_writable, small_disk
from tests.faults.orders import buy, journal, sentence_of, taken
from tests.faults.world import World

DISK_MIB = 12
READING = (
    "/market/",
    "/market/600519.SH",
    "/market/quotes?symbols=600519.SH",
    "/trade/positions",
    "/trade/orders",
    "/trade/ticket?symbol=600036.SH&side=buy",
    "/wealth/",
    "/me/",
)


def assert_named(answer: TestResponse) -> None:
    """The refusal is 503, named, and its sentence says that nothing was stored."""
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json is not None
    assert answer.json["error"]["code"] == "plumbing.database_unavailable"
    assert "没有生效" in answer.json["error"]["message"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    with small_disk(tmp_path / "disk", DISK_MIB) as path:
        yield path


@pytest.fixture
def filled(disk: Path, make_world: MakeWorld) -> Iterator[tuple[World, Browser, Path]]:
    """A customer of a house whose disk has just become full, and the file in the way."""
    world = make_world(disk / "home")
    customer = Browser(world)
    customer.sign_in(SETTLED)
    assert customer.post_json("/trade/orders", buy(world, "before")).status_code == 201
    squeeze(world)
    yield world, customer, fill(disk)
    world.close()


def squeeze(world: World) -> None:
    """Leave no room inside the database's own files."""
    connection = sqlite3.connect(world.database_path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_a_full_disk_refuses_orders_and_reads_on(filled: tuple[World, Browser, Path]) -> None:
    """Orders get 503 and leave nothing behind; every page reads; space heals it without a start."""
    world, customer, ballast = filled

    assert_named(customer.post_json("/trade/orders", buy(world, "full")))
    page = customer.post_form("/trade/orders", **buy(world, "full"))
    assert page.status_code == 503
    assert "没有生效" in sentence_of(page)
    assert {path: customer.get(path).status_code for path in READING} == dict.fromkeys(READING, 200)
    assert journal(world) == taken(world) == ["before"]

    ballast.unlink()

    assert customer.post_json("/trade/orders", buy(world, "full")).status_code == 201
    world.venue()
    assert journal(world) == taken(world) == ["before", "full"]
    assert world.problems() == []
    assert world.rows("PRAGMA integrity_check") == [("ok",)]


def test_the_processes_outlive_a_full_disk(filled: tuple[World, Browser, Path]) -> None:
    """The board goes on, the venue's fill waits for space, jobs try again; nothing is lost."""
    world, customer, ballast = filled
    sequence = world.house.ground.reader.sequence()
    with pytest.raises(DatabaseUnavailable):
        world.venue()
    world.jobs()
    world.wall.advance(3)
    world.feed()
    assert world.house.ground.reader.sequence() > sequence

    ballast.unlink()
    world.venue()
    world.jobs()

    assert customer.order("before")["label"] == "已成"
    assert world.problems() == []


def test_a_database_that_became_read_only(world: World) -> None:
    """Writing gets the sentence, reading goes on, and afterwards the same order is one order."""
    customer = Browser(world)
    customer.sign_in(SETTLED)
    engine = world.house.ground.database.engine

    def freeze(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", freeze)
    engine.dispose()

    assert_named(customer.post_json("/trade/orders", buy(world, "frozen")))
    page = customer.post_form("/trade/orders", **buy(world, "frozen"))
    assert page.status_code == 503
    assert "没有生效" in sentence_of(page)
    world.wall.advance(61)  # "Last seen" would be written now.
    world.feed()
    assert {path: customer.get(path).status_code for path in READING} == dict.fromkeys(READING, 200)

    event.remove(engine, "connect", freeze)
    engine.dispose()
    assert customer.post_json("/trade/orders", buy(world, "frozen")).status_code == 201
    assert journal(world) == ["frozen"]


def test_a_start_on_a_read_only_disk(disk: Path, make_world: MakeWorld) -> None:
    """A process that starts there says so in Chinese and by name; writable again, it goes on."""
    world = make_world(disk / "home")
    world.close()
    make_read_only(disk)
    with closing(world.restarted()) as started:
        stranger = Browser(started)
        page, answer = stranger.get("/market/"), stranger.get_json("/market/600519.SH/line")
        order, ready = stranger.get_json("/trade/orders"), stranger.get("/readyz")
        make_writable(disk)
        healed = stranger.get("/market/")

    assert page.status_code == 503
    assert "暂时不能" in sentence_of(page)
    assert_named(answer)
    assert order.status_code == 401  # Nobody is known without a session, whatever the disk is.
    assert ready.status_code == 503
    assert healed.status_code == 200


def test_a_file_that_is_no_database(world: World) -> None:
    """A garbled file is said to be unavailable, on pages and in /readyz, and is left as it is."""
    world.close()
    world.database_path.write_bytes(b"\x7fELF this is something else\n" * 400)
    garbled = world.database_path.read_bytes()
    with closing(world.restarted()) as started:
        stranger = Browser(started)
        page, ready = stranger.get("/market/"), stranger.get("/readyz")

    assert page.status_code == 503
    assert "暂时不能" in sentence_of(page)
    assert ready.status_code == 503
    assert world.database_path.read_bytes() == garbled
