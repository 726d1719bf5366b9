"""burst: a full market's changed records from both exchanges' files to the board, on one core."""

import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench.burst_files import shares, write_files
from bench.figure import Figure, Round, Size, quantile
from bench.stage import Stages
from h5app.kernel.clock import SHANGHAI, Anchor, FrozenClock
from h5app.market.board import BoardReader, BoardWriter
from h5app.market.board_layout import QUOTE
from h5app.market.feed_loop import BoardTime, FeedLoop
from h5app.market.feeds.file_feed import FileFeed
from h5app.market.feeds.joined import JoinedFeed
from h5app.market.feeds.sse_files import SseLayout
from h5app.market.feeds.szse_files import SzseLayout
from h5app.market.line_strip_file import StripWriter
from h5app.market.line_strip_keeper import StripKeeper
from h5app.market.model import MinutePoint, Quote
from h5app.market.print_file import PrintWriter
from h5app.market.rules import RuleBook
from h5app.plumbing.collector import StepCollector
from h5app.plumbing.day_tables import load_trading_days

INSTRUMENTS = 5_500
WARM_UPS = 2
"""The first steps open the day and touch every page of the files."""
BEGIN = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
RHYTHM = timedelta(seconds=3)
P99_MS_MAX = 150
NUMBERS = 42
ROUNDS = 5


class BadBurst(AssertionError):
    """Not every record came onto the board: the figure would be worth nothing."""


class TimedWriter(BoardWriter):
    """The board's writer, which notes when a batch was on the board."""

    published = (0.0, 0.0)

    def publish(
        self, quotes: Iterable[Quote], minutes: Mapping[str, Iterable[MinutePoint]] | None = None
    ) -> int:
        """Write a batch."""
        sequence = super().publish(quotes, minutes)
        self.published = time.process_time(), time.perf_counter()
        return sequence


@dataclass(frozen=True)
class Step:
    """Milliseconds of a step: until all is on the board, and with the prints behind it."""

    board: float
    board_wall: float
    whole: float


class Market:
    """The files of a market of so many shares, and the product's own feed loop over them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.paths = folder / "mktdt00.txt", folder / "sjshq.dbf"
        self.instruments = shares(count)
        self._clock = FrozenClock(BEGIN)
        self._turn = 0
        self._collector = StepCollector()
        rules = RuleBook.load(load_trading_days())
        feeds = [
            FileFeed(SseLayout(), self.paths[0], rules, self._clock),
            FileFeed(SzseLayout(), self.paths[1], rules, self._clock),
        ]
        self.writer = TimedWriter(folder / "board.bin", [one.symbol for one in self.instruments])
        at = BoardTime(self._clock, lambda: Anchor(BEGIN, BEGIN, 1))
        self.loop = FeedLoop(JoinedFeed(feeds), self.writer, lambda: self.instruments, rules, at)
        self.loop.keep_prints(PrintWriter(folder / "prints.bin"))
        self.loop.keep_strips(StripKeeper(StripWriter(folder / "strips.bin")))

    def step(self) -> Step:
        """Rewrite both files, read them once, and say what it took.

        Raises:
            BadBurst: Something was dropped.
        """
        now = BEGIN + RHYTHM * self._turn
        write_files(self.paths, self.instruments, now, self._turn)
        self._turn += 1
        before = self.writer.state.sequence
        with self._collector.held():  # As the feed process does.
            wall, processor = time.perf_counter(), time.process_time()
            self.loop.step(now)
            whole = time.process_time() - processor
        self._collector.freeze_for(self.loop.day)
        state = self.writer.state
        if state.sequence != before + 1 or state.dropped or state.failures:
            raise BadBurst(f"{state.dropped} dropped, {state.failures} failures")
        spent, passed = self.writer.published
        return Step((spent - processor) * 1000, (passed - wall) * 1000, whole * 1000)

    def quotes(self) -> list[Quote]:
        """Return what is on the board.

        Raises:
            BadBurst: It is not of all instruments, or not all of the last step.
        """
        reader = BoardReader(self.writer.path)
        quotes = reader.all_quotes()
        reader.close()
        sequence = self.writer.state.sequence
        if [one.sequence for one in quotes] != [sequence] * len(self.instruments):
            raise BadBurst("not every record came onto the board")
        return quotes


def burst(stages: Stages) -> Iterator[Figure]:
    """Text to board of every record, and what the board's bytes cost against bare packing."""
    count = stages.size.of(INSTRUMENTS, INSTRUMENTS, 60)
    steps = stages.size.of(120, 24, 2)
    with tempfile.TemporaryDirectory(prefix="h5app-burst-") as folder:
        market = Market(Path(folder), count)
        for _ in range(WARM_UPS):
            market.step()
        packer = BarePacking(count)
        taken = [(market.step(), packer.write()) for _ in range(steps)]
        quotes = market.quotes()
        yield _burst(taken, count)
        yield from _board(market, quotes, packer, stages.size)
        market.loop.close()


def _burst(taken: Sequence[tuple[Step, float]], count: int) -> Figure:
    spent = [step.board for step, _ in taken]
    wall = quantile([step.board_wall for step, _ in taken], 0.99)
    whole = quantile([step.whole for step, _ in taken], 0.99)
    return Figure(
        name="burst",
        about=f"{count} 条全变的记录从两所文件到行情板,{len(spent)} 步的处理器时间 p99 (中位 "
        f"{statistics.median(spent):.0f} ms;墙上时间 p99 {wall:.0f} ms;连同其后的分笔 p99 "
        f"{whole:.0f} ms);对照只打包同样多的记录",
        unit="ms",
        rounds=[
            Round(value=quantile(spent, 0.99), ceiling=statistics.median(one for _, one in taken))
        ],
        is_less_better=True,
        value_max=P99_MS_MAX,
    )


def _board(
    market: Market, quotes: Sequence[Quote], packer: "BarePacking", size: Size
) -> Iterator[Figure]:
    """Yield what writing and reading the whole board costs beside bare struct packing."""
    count = size.of(3 * ROUNDS, ROUNDS, 1)
    reader = BoardReader(market.writer.path)
    writes, reads = [], []
    for _ in range(count):
        spent = _milliseconds(lambda: market.writer.publish(quotes))
        writes.append(Round(value=spent, ceiling=packer.write()))
        spent = _milliseconds(reader.all_quotes)
        reads.append(Round(value=spent, ceiling=packer.read()))
    reader.close()
    for name, verb, rounds in (("write", "写", writes), ("read", "读", reads)):
        yield Figure(
            name=f"burst_{name}",
            about=f"{verb} {len(quotes)} 条行情的行情板,对照 struct 直接{verb}同样大小的记录",
            unit="ms",
            rounds=rounds,
            is_less_better=True,
        )


class BarePacking:
    """Records of the board's size packed from ready numbers: the least that a board can cost."""

    def __init__(self, count: int) -> None:
        self._numbers = [(1,) * NUMBERS] * count
        self._buffer = bytearray(QUOTE.size * count)

    def write(self) -> float:
        """Pack them all; return processor milliseconds."""
        return _milliseconds(self._pack)

    def read(self) -> float:
        """Unpack them all; return processor milliseconds."""
        return _milliseconds(self._unpack)

    def _pack(self) -> None:
        pack_into: Callable[..., None] = struct.Struct(QUOTE.format).pack_into
        for place, numbers in enumerate(self._numbers):
            pack_into(self._buffer, place * QUOTE.size, 1, 1, 1, 1, 1, 1, 1, 0, *numbers)

    def _unpack(self) -> list[tuple[int, ...]]:
        size = QUOTE.size
        return [QUOTE.unpack_from(self._buffer, at) for at in range(0, len(self._buffer), size)]


def _milliseconds(work: Callable[[], object]) -> float:
    """Return the processor milliseconds of some work."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000
