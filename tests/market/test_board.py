"""The board: what is written is read, never torn, never of another layout."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import SHANGHAI, Anchor, SystemClock
from h5app.market import board_layout
from h5app.market.board import BoardInUse, BoardReader, BoardState, BoardWriter
from h5app.market.model import IndexPoints, Level, MinutePoint, Phase, Quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 11, 24, 10, 30, 3, 250000, tzinfo=SHANGHAI)
SYMBOLS = ("600519.SH", "000001.SZ", "000001.SH")


def quote_of(symbol: str = "600519.SH", **changed: object) -> Quote:
    """Return a quote in the middle of the morning."""
    quote = Quote(
        symbol=symbol,
        at=NOON,
        sequence=0,
        phase=Phase.CONTINUOUS,
        previous_close_milli=10_000,
        open_milli=10_010,
        high_milli=10_100,
        low_milli=9_990,
        last_milli=10_050,
        volume_shares=123_400,
        turnover_fen=123_456_700,
        bids=(Level(10_040, 500), Level(10_030, 600)),
        asks=(Level(10_050, 100),),
        limit_up_milli=11_000,
        limit_down_milli=9_000,
        trades=17,
        outer_shares=100,
        inner_shares=200,
    )
    return replace(quote, **changed)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the board of a test lies."""
    return tmp_path / "board.map"


@pytest.fixture
def writer(path: Path) -> Iterator[BoardWriter]:
    """Return an open writer."""
    with BoardWriter(path, SYMBOLS) as opened:
        yield opened


def test_a_quote_comes_back_as_it_was_written(path: Path, writer: BoardWriter) -> None:
    """Every field, empty sides and unknown numbers included, survives the file."""
    points = IndexPoints(previous_close_e4=31_234_567, last_e4=31_300_001)
    written = [
        quote_of(),
        quote_of("000001.SZ", bids=(), open_milli=None, last_milli=None, is_suspended=True),
        quote_of("000001.SH", index_points=points, limit_up_milli=None, depth_label="推算盘口"),
    ]

    sequence = writer.publish(written)

    expected = [replace(quote, sequence=sequence) for quote in written]
    assert expected == BoardReader(path).quotes(SYMBOLS)


def test_nothing_written_is_nothing_read(path: Path, writer: BoardWriter) -> None:
    """An instrument without a quote, and a symbol that is not on the board, give None."""
    reader = BoardReader(path)

    assert reader.quotes(["600519.SH", "999999.SH"]) == [None, None]
    assert reader.line("600519.SH") == ()


def test_no_board_at_all_is_no_error(tmp_path: Path) -> None:
    """Before the feed has ever run a reader knows nothing and says so."""
    reader = BoardReader(tmp_path / "none.map")

    assert reader.state() is None
    assert reader.quote("600519.SH") is None
    assert reader.sequence() == 0


def test_the_header_comes_back(path: Path, writer: BoardWriter) -> None:
    """Anchor of the market clock, day, heartbeat, counts and the label in Chinese."""
    state = BoardState(
        sequence=7,
        anchor=Anchor(NOON, NOON + timedelta(days=3), 60),
        trading_day=date(2026, 11, 24),
        heartbeat_at=NOON,
        dropped=3,
        gaps=1,
        failures=2,
        feed="sim",
        label="模拟行情",
    )

    writer.mark(state)

    assert state == BoardReader(path).state()


def test_a_reader_that_looked_before_sees_every_change_of_the_header(
    path: Path, writer: BoardWriter
) -> None:
    """The header is kept unpacked only until it is written again, or another board is there."""
    reader = BoardReader(path)
    for number in range(1, 4):
        writer.mark(BoardState(sequence=number, feed="sim"))
        assert reader.state() == reader.state() == BoardState(sequence=number, feed="sim")

    writer.relist(("000001.SZ",))
    writer.mark(BoardState(sequence=9, feed="replay"))
    assert reader.state() == BoardState(sequence=9, feed="replay")


def test_the_sequence_rises_even_when_the_writer_starts_again(path: Path) -> None:
    """A feed that is killed and started goes on counting where it was."""
    with BoardWriter(path, SYMBOLS) as first:
        first.publish([quote_of()])
        first.publish([quote_of(last_milli=10_060)])
    with BoardWriter(path, SYMBOLS) as second:
        sequence = second.publish([quote_of(last_milli=10_070)])

    assert sequence == 3
    assert BoardReader(path).sequence() == 3


def test_a_quote_that_only_grew_older_wakes_nobody(path: Path, writer: BoardWriter) -> None:
    """Its moment moves on, its sequence of change does not."""
    reader = BoardReader(path)
    writer.publish([quote_of()])
    writer.publish([quote_of(at=NOON + timedelta(seconds=3))])

    assert reader.change_sequences(["600519.SH"]) == {"600519.SH": 1}
    assert reader.quotes(["600519.SH"])[0] == quote_of(at=NOON + timedelta(seconds=3), sequence=1)
    writer.publish([quote_of(volume_shares=123_500)])
    assert reader.change_sequences(["600519.SH"]) == {"600519.SH": 3}


def test_a_line_grows_slot_by_slot_and_starts_empty_each_day(
    path: Path, writer: BoardWriter
) -> None:
    """The running slot is overwritten, holes stay holes, another day empties it."""
    reader = BoardReader(path)
    writer.start_lines(date(2026, 11, 24))
    writer.publish([quote_of()], {"600519.SH": [MinutePoint(0, 10_010, 10_010, 100, 100_100)]})
    writer.publish([], {"600519.SH": [MinutePoint(2, 10_020, 10_015, 50, 50_100)]})
    writer.publish([], {"600519.SH": [MinutePoint(2, 10_030, 10_016, 60, 60_100)]})

    expected = (
        MinutePoint(0, 10_010, 10_010, 100, 100_100),
        MinutePoint(2, 10_030, 10_016, 60, 60_100),
    )
    assert expected == reader.line("600519.SH")
    assert date(2026, 11, 24) == reader.line_day("600519.SH")
    writer.start_lines(date(2026, 11, 24))
    assert expected == writer.line("600519.SH")
    writer.start_lines(date(2026, 11, 25))
    assert reader.line("600519.SH") == ()


def test_another_instrument_list_builds_another_board(path: Path) -> None:
    """Old records are never read as those of other instruments; an open reader finds out."""
    with BoardWriter(path, SYMBOLS) as first:
        first.publish([quote_of()])
        reader = BoardReader(path)
        assert reader.quote("600519.SH") is not None

    with BoardWriter(path, ("000001.SZ", "600519.SH")) as second:
        assert reader.quote("600519.SH") is None
        second.publish([quote_of("000001.SZ")])
        assert reader.symbols == ("000001.SZ", "600519.SH")
        assert reader.quote("000001.SZ") is not None


@pytest.mark.parametrize("spoil", ["magic", "version", "list", "short", "empty"])
def test_a_file_of_another_layout_is_rebuilt_never_reinterpreted(path: Path, spoil: str) -> None:
    """Foreign bytes are no board for a reader; the writer makes a new one."""
    with BoardWriter(path, SYMBOLS) as first:
        first.publish([quote_of()])
    content = bytearray(path.read_bytes())
    if spoil == "magic":
        content[0:4] = b"XXXX"
    if spoil == "version":
        content[8] += 1
    if spoil == "list":
        content[board_layout.TABLE_AT] ^= 1
    if spoil == "short":
        content = content[:-4096]
    path.write_bytes(b"" if spoil == "empty" else bytes(content))

    assert BoardReader(path).quote("600519.SH") is None
    with BoardWriter(path, SYMBOLS):
        assert BoardReader(path).state() == BoardState()
        assert BoardReader(path).symbols == SYMBOLS


def test_a_garbled_record_is_not_known(path: Path, writer: BoardWriter) -> None:
    """Bytes that cannot be a quote give None and spare the others."""
    writer.publish([quote_of(), quote_of("000001.SZ")])
    at = board_layout.quotes_at(len(SYMBOLS)) + board_layout.LOCK.size
    with path.open("r+b") as file:
        file.seek(at + 8)
        file.write(b"\xff" * 20)
    reader = BoardReader(path)

    assert reader.quote("600519.SH") is None
    assert reader.quote("000001.SZ") is not None


def test_a_record_left_half_written_is_blanked_by_the_next_writer(path: Path) -> None:
    """A feed killed in the middle of a record leaves nothing that looks like a price."""
    with BoardWriter(path, SYMBOLS) as first:
        first.publish([quote_of(), quote_of("000001.SZ")])
    at = board_layout.quotes_at(len(SYMBOLS))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(board_layout.LOCK.pack(13))
    reader = BoardReader(path, _HastyClock())

    assert reader.quote("600519.SH") is None
    with BoardWriter(path, SYMBOLS) as second:
        assert reader.quote("600519.SH") is None
        second.publish([quote_of()])
        assert reader.quote("600519.SH") is not None


def test_two_writers_are_refused(path: Path, writer: BoardWriter) -> None:
    """The second feed on one home is told, not let in."""
    with pytest.raises(BoardInUse):
        BoardWriter(path, SYMBOLS)


def test_a_full_disk_is_told_when_the_board_is_built(tmp_path: Path) -> None:
    """Space is taken at once: a board larger than the disk is an error, not a dead process."""
    full = tmp_path / "full"
    full.mkdir()
    if os.system(f"mount -t tmpfs -o size=64k tmpfs {full} 2>/dev/null") != 0:  # noqa: S605 - test
        pytest.skip("needs the right to mount a small disk")
    try:
        with pytest.raises(OSError, match="No space left"):
            BoardWriter(full / "board.map", [f"{code:06}.SH" for code in range(600000, 600100)])
        assert not (full / "board.map").exists()
    finally:
        assert os.system(f"umount {full}") == 0  # noqa: S605 - and no file is left open there


def _write_for_ever(path: Path, started: object) -> None:
    writer = BoardWriter(path, SYMBOLS)
    writer.start_lines(date(2026, 11, 24))
    price = 10_000
    while True:
        price = 10_000 + (price + 1) % 5000
        quote = quote_of(
            open_milli=price,
            last_milli=price,
            bids=(Level(price, price),) * 5,
            asks=(Level(price, price),) * 5,
        )
        slots = [MinutePoint(slot, price, price, price, price) for slot in (0, 120, 240)]
        writer.publish([quote], {"600519.SH": slots})
        started.set()  # type: ignore[attr-defined]


def test_a_reader_never_sees_half_a_quote(path: Path) -> None:
    """While another process writes as fast as it can, all numbers of a record belong together."""
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=_write_for_ever, args=(path, started), daemon=True)
    process.start()
    try:
        assert started.wait(60)
        reader = BoardReader(path)
        seen: set[int] = set()
        reads = 0
        while reads < 20_000 or (len(seen) < 20 and reads < 2_000_000):
            reads += 1
            quote = reader.quote("600519.SH")
            assert quote is not None
            prices = {quote.open_milli, quote.last_milli}
            prices |= {level.price_milli for level in quote.bids + quote.asks}
            prices |= {level.quantity_shares for level in quote.bids + quote.asks}
            assert len(prices) == 1, prices
            if reads % 50 == 0:
                line = {point.price_milli for point in reader.line("600519.SH")}
                assert len(line) == 1, line
            seen |= prices  # type: ignore[arg-type]
    finally:
        process.kill()
        process.join()


class _HastyClock(SystemClock):
    """Waits without waiting."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""
