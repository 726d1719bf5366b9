"""Server-sent events: the present at once, then each change once, to all who watch it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from h5app.kernel.clock import SystemClock
from h5app.market.seed import SEED_BANK, SEED_MAIN, SEED_SUSPENDED
from h5app.market.shown import QuoteRows, head_of
from h5app.market.stream import HEARTBEAT_SECONDS, NOTHING_NEW, News, QuoteStream, Reader
from tests.market.market_site import Site
from tests.market.market_world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from h5app.plumbing.db import Database

WAIT_SECONDS = 10


class Worker:
    """A worker's streams over a world, with a real clock for its watcher."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_alive = True
        self.rows = QuoteRows(world.reader)
        self.stream = self.stream_of(self.rows)
        self.open: list[Iterator[bytes]] = []

    def stream_of(self, rows: QuoteRows) -> QuoteStream:
        """Return streams over some rows."""
        return QuoteStream(
            rows,
            SystemClock(),
            head=lambda: head_of(self.world.market, self.rows),
            is_alive=lambda: self.is_alive,
        )

    def quick_stream(self) -> QuoteStream:
        """Return streams with a quick heartbeat."""
        return QuoteStream(
            self.rows,
            SystemClock(),
            head=lambda: head_of(self.world.market, self.rows),
            is_alive=lambda: self.is_alive,
            heartbeat_seconds=0.05,
        )

    def watch(self, *symbols: str, since: int = 0) -> Iterator[bytes]:
        """Open a stream."""
        opened = self.stream.events(symbols, since)
        self.open.append(opened)
        return opened

    def close(self) -> None:
        """End everything that is open, and wait for the watcher."""
        self.is_alive = False
        for opened in self.open:
            opened.close()  # type: ignore[attr-defined]
        for thread in threading.enumerate():
            if thread.name == "quotes":
                thread.join(WAIT_SECONDS)


@pytest.fixture
def worker(tmp_path: Path, sqlite_database: Database) -> Iterator[Worker]:
    """A worker at half past ten of the first day."""
    world = World(tmp_path, sqlite_database)
    world.step("2026-11-24T10:30:03")
    worker = Worker(world)
    yield worker
    worker.close()
    world.close()


def events(chunk: bytes) -> list[tuple[str, Any]]:
    """Return kind and data of each event in a piece of a stream."""
    found = []
    for block in chunk.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            found.append((fields.get("event", "row"), json.loads(fields["data"])))
    return found


def rows(chunk: bytes) -> list[str]:
    """Return the symbols of a piece's rows."""
    return [data["symbol"] for kind, data in events(chunk) if kind == "row"]


def next_rows(opened: Iterator[bytes]) -> list[str]:
    """Return the symbols of the next piece that has rows."""
    for chunk in opened:
        if found := rows(chunk):
            return found
    return []


def test_a_fresh_reader_gets_the_present_first(worker: Worker) -> None:
    """State and a row for each instrument, in the encoding of /market/quotes."""
    first = next(worker.watch(SEED_MAIN, SEED_SUSPENDED, "688999.SH"))

    assert first.startswith(b"retry: ")
    kind, state = events(first)[0]
    assert (kind, state["phase"], state["is_stale"]) == ("state", "continuous", False)
    assert rows(first) == [SEED_MAIN, SEED_SUSPENDED]
    assert worker.rows.encoded([SEED_MAIN])[SEED_MAIN] in first


def test_a_page_that_knows_the_present_gets_only_what_changed(worker: Worker) -> None:
    """It names the sequence it was drawn at; that of a board that is no more counts nothing."""
    drawn_at = worker.world.reader.sequence()
    worker.world.step("2026-11-24T10:31:33")
    both = (SEED_MAIN, SEED_SUSPENDED)

    assert rows(next(worker.watch(*both, since=drawn_at))) == [SEED_MAIN]
    assert rows(next(worker.watch(*both, since=drawn_at + 1))) == []
    assert rows(next(worker.watch(*both, since=10**9))) == list(both)


def test_lists_are_told_in_brief(worker: Worker) -> None:
    """Without depth and the figures that no list shows; in less than half the bytes."""
    brief = worker.stream.brief()
    opened = brief.events([SEED_MAIN])
    worker.open.append(opened)
    first = next(opened)
    row = next(data for kind, data in events(first) if kind == "row")

    assert {"symbol", "sequence", "at", "phase", "last_milli", "previous_close_milli"} <= set(row)
    assert "bids" not in row
    assert len(first) < len(next(worker.watch(SEED_MAIN))) / 1.5
    assert worker.stream.open_streams == 2
    worker.world.step("2026-11-24T10:31:33")
    assert next_rows(opened) == [SEED_MAIN]


def test_a_change_reaches_every_reader_and_only_what_changed(worker: Worker) -> None:
    """What stood still is not told again; readers of other instruments are not woken for it."""
    one, both = worker.watch(SEED_MAIN), worker.watch(SEED_MAIN, SEED_BANK, SEED_SUSPENDED)
    next(one), next(both)

    worker.world.step("2026-11-24T10:31:33")

    assert next_rows(one) == [SEED_MAIN]
    assert SEED_SUSPENDED not in next_rows(both)


def test_a_slow_reader_gets_the_latest_and_no_queue(worker: Worker) -> None:
    """Three ticks while nobody reads: one row, the newest."""
    slow = worker.watch(SEED_MAIN)
    next(slow)
    witness = worker.watch(SEED_MAIN)
    next(witness)
    for second in (33, 36, 39):
        worker.world.step(f"2026-11-24T10:31:{second}")
        assert next_rows(witness) == [SEED_MAIN]

    piece = next(slow)
    quote = worker.world.market.quote(SEED_MAIN)
    assert quote is not None
    assert [data["sequence"] for kind, data in events(piece) if kind == "row"] == [quote.sequence]


def test_silence_is_broken_by_the_state(worker: Worker) -> None:
    """Nothing changes: the state comes all the same, at least every fifteen seconds."""
    assert HEARTBEAT_SECONDS <= 15
    opened = worker.quick_stream().events([SEED_MAIN])
    worker.open.append(opened)
    next(opened), next(opened)

    assert [kind for kind, _ in events(next(opened))] == ["state"]


def test_a_feed_that_falls_silent_is_told_without_being_asked(worker: Worker) -> None:
    """Fifteen seconds without a batch in the session: every reader hears that figures are old."""
    opened = worker.watch(SEED_MAIN)
    next(opened)
    worker.world.wall.sleep(20)

    states = (data for chunk in opened for kind, data in events(chunk) if kind == "state")
    told = next(state for state in states if state["is_stale"])
    assert told["age_seconds"] == 20


def test_streams_end_when_the_worker_is_told_to_stop(worker: Worker) -> None:
    """At once, not at the next heartbeat; and nothing is left behind."""
    opened = worker.watch(SEED_MAIN)
    next(opened)
    reader = threading.Thread(target=list, args=(opened,))
    reader.start()

    worker.is_alive = False

    reader.join(HEARTBEAT_SECONDS / 2)
    assert not reader.is_alive()
    assert worker.stream.open_streams == 0


def test_a_stream_that_is_closed_or_never_read_leaks_nothing(worker: Worker) -> None:
    """The generator holds nothing before its first step, and lets go when it is closed."""
    worker.watch(SEED_MAIN).close()  # type: ignore[attr-defined]
    assert worker.stream.open_streams == 0

    opened = worker.watch(SEED_MAIN)
    next(opened)
    assert worker.stream.open_streams == 1
    opened.close()  # type: ignore[attr-defined]
    assert worker.stream.open_streams == 0


def test_a_watcher_that_broke_down_is_started_again(worker: Worker) -> None:
    """A reader's heartbeat notices; the stream does not fall silent for ever."""

    class BrokenOnce(QuoteRows):
        """Rows whose board the watcher cannot read the first time."""

        is_broken = True

        def board_sequence(self) -> int:
            """Fail once, in the watcher."""
            if self.is_broken and threading.current_thread().name == "quotes":
                self.is_broken = False
                raise OSError
            return super().board_sequence()

    stream = worker.stream_of(BrokenOnce(worker.world.reader))
    seen: list[object] = []
    hook, threading.excepthook = threading.excepthook, seen.append
    try:
        opened = stream.events([SEED_MAIN])
        worker.open.append(opened)
        next(opened)
        for thread in threading.enumerate():
            if thread.name == "quotes":
                thread.join(WAIT_SECONDS)
    finally:
        threading.excepthook = hook
    assert len(seen) == 1

    for reader in stream._all_readers():
        reader.offer(NOTHING_NEW)
    next(opened)
    worker.world.step("2026-11-24T10:31:33")
    assert next_rows(opened) == [SEED_MAIN]


def test_a_reader_keeps_one_frame_for_each_instrument() -> None:
    """Its room is bounded by what it watches."""
    reader = Reader([SEED_MAIN])
    for number in range(1000):
        reader.offer(News({SEED_MAIN: b"%d" % number}))

    assert reader.take(0) == b"999"
    assert reader.take(0) == b""


def test_what_one_reader_missed_does_not_reach_another() -> None:
    """Readers share the news of a tick; a slow one has the older news of other instruments, too."""
    slow, quick = Reader([SEED_MAIN, SEED_BANK]), Reader([SEED_MAIN, SEED_BANK])
    first, second = News({SEED_MAIN: b"m1", SEED_BANK: b"i1"}), News({SEED_MAIN: b"m2"})
    for reader in (slow, quick):
        reader.offer(first)
    assert quick.take(0) == b"m1i1"
    for reader in (slow, quick):
        reader.offer(second)

    assert slow.take(0) == b"m2i1"
    assert quick.take(0) == b"m2"
    assert first.text == b"m1i1"


def test_a_board_that_was_built_anew_is_told_from_its_start(worker: Worker) -> None:
    """The new board counts from the start: nothing of the old one is shown for new."""
    opened = worker.watch(SEED_MAIN)
    next(opened)
    for second in (33, 36, 39):
        worker.world.step(f"2026-11-24T10:31:{second}")
    next_rows(opened)
    old = worker.rows.encoded([SEED_MAIN])[SEED_MAIN]
    worker.world.loop.close()
    worker.world.path.unlink()
    fresh = World.__new__(World)
    fresh.__dict__ = dict(worker.world.__dict__)
    rebuild(fresh)

    assert next_rows(opened) == [SEED_MAIN]
    assert worker.rows.encoded([SEED_MAIN])[SEED_MAIN] != old
    worker.world.loop = fresh.loop


def rebuild(world: World) -> None:
    """Open a board of the same name anew and publish one tick."""
    from h5app.market.board import BoardWriter
    from h5app.market.feed_loop import BoardTime, FeedLoop
    from tests.market.sample_market import rule_book

    world.writer = BoardWriter(world.path, [one.symbol for one in world.instruments])
    world.loop = FeedLoop(
        world.feed, world.writer, world.store.instruments, rule_book(), BoardTime(world.wall)
    )
    world.step("2026-11-24T10:40:03")


def test_the_route_streams_and_limits(worker: Worker, tmp_path: Path) -> None:
    """text/event-stream that no proxy keeps; fifty instruments are the most."""
    site = Site(worker.world, tmp_path)
    answer = site.client.get(f"/stream?symbols={SEED_MAIN}")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert SEED_MAIN.encode() in next(answer.iter_encoded())
    site.is_alive = False
    answer.close()

    many = ",".join(f"{number:06}.SZ" for number in range(51))
    refused = site.client.get(f"/stream?symbols={many}", headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["code"] == "market.too_many_in_stream"
