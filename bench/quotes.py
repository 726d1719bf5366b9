"""quotes_json and quotes_page: what one worker answers, against a bare view of the same bytes."""

from collections.abc import Iterator
from statistics import median

from bench import load
from bench.figure import Figure, Round
from bench.stage import Stage, Stages
from bench.worker import Worker

INSTRUMENTS = 300
ROUNDS = 5
STOCK, BARS = "600519.SH", 300


def quotes_json(stages: Stages) -> Iterator[Figure]:
    """The quotes of 300 instruments as JSON; the market moves meanwhile."""
    stage = stages.sqlite
    symbols = stage.board.symbols[:INSTRUMENTS]
    path = "/market/quotes?symbols=" + ",".join(symbols)
    rounds, processor = _rounds(stage, path, "application/json")
    yield Figure(
        name="quotes_json",
        about=f"{len(symbols)} 只证券的行情 JSON,对照返回相同字节的 Flask 视图 "
        f"({load.generator()};处理器时间之比 {processor:.2f})",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.55,
    )


def quotes_page(stages: Stages) -> Iterator[Figure]:
    """The quotes page as a stranger sees it: index bar, list, and a board of 20 rows."""
    rounds, processor = _rounds(stages.sqlite, "/market/", "text/html; charset=utf-8")
    yield Figure(
        name="quotes_page",
        about=f"行情页 (榜单 20 行),对照返回相同字节的 Flask 视图 (处理器时间之比 {processor:.2f})",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.2,
    )


def bars_json(stages: Stages) -> Iterator[Figure]:
    """The newest 300 candles of one instrument as JSON; its quote changes meanwhile."""
    path = f"/market/{STOCK}/bars?count={BARS}"
    rounds, processor = _rounds(stages.sqlite, path, "application/json")
    yield Figure(
        name="bars_json",
        about=f"一只证券的 {BARS} 根 K 线 JSON,对照返回相同字节的 Flask 视图 "
        f"(处理器时间之比 {processor:.2f})",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.5,
    )


def board_top50(stages: Stages) -> Iterator[Figure]:
    """The first 50 rows of the board of all shares, as the page that its script fetches."""
    stage = stages.crowd
    rounds, processor = _rounds(stage, "/market/?rows=50&by=rise", "text/html; charset=utf-8")
    yield Figure(
        name="board_top50",
        about=f"{len(stage.board.symbols)} 只里涨幅前 50 的榜单页,对照返回相同字节的 Flask 视图 "
        f"(处理器时间之比 {processor:.2f})",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.5,
    )


def _rounds(stage: Stage, path: str, kind: str) -> tuple[list[Round], float]:
    """Return the rounds, and the bare view's processor time for an answer over the product's."""
    worker, seconds = stage.worker, stage.size.of(4, 1, 1)
    count = stage.size.of(ROUNDS, ROUNDS, 1)
    rounds, processor = [], []
    with stage.board.moving():
        for _ in range(count):
            bare = worker.keep("same", worker.get(path), kind)
            value, spent = _measured(worker, path, seconds)
            ceiling, spent_bare = _measured(worker, bare, seconds)
            rounds.append(Round(value=value, ceiling=ceiling))
            processor.append(spent_bare / spent)
    return rounds, median(processor)


def _measured(worker: Worker, path: str, seconds: int) -> tuple[float, float]:
    """Return answers in a second, and processor seconds for each of them."""
    before = worker.cpu_seconds()
    rate = load.requests_per_second(worker.url + path, seconds)
    return rate, (worker.cpu_seconds() - before) / (rate * seconds)
