"""quotes_json and quotes_page: what one worker answers, against a bare view of the same bytes."""

from collections.abc import Iterator

from bench import load
from bench.figure import Figure, Round
from bench.stage import Stage, Stages

INSTRUMENTS = 300
ROUNDS = 5


def quotes_json(stages: Stages) -> Iterator[Figure]:
    """The quotes of 300 instruments as JSON; the market moves meanwhile."""
    stage = stages.sqlite
    symbols = stage.board.symbols[:INSTRUMENTS]
    path = "/market/quotes?symbols=" + ",".join(symbols)
    yield Figure(
        name="quotes_json",
        about=f"{len(symbols)} 只证券的行情 JSON,对照返回相同字节的 Flask 视图 "
        f"({load.generator()})",
        unit="次/秒",
        rounds=_rounds(stage, path, "application/json"),
        ratio_min=0.55,
    )


def quotes_page(stages: Stages) -> Iterator[Figure]:
    """The quotes page as a stranger sees it: index bar, list, and a board of 20 rows."""
    yield Figure(
        name="quotes_page",
        about="行情页 (榜单 20 行),对照返回相同字节的 Flask 视图",
        unit="次/秒",
        rounds=_rounds(stages.sqlite, "/market/", "text/html; charset=utf-8"),
        ratio_min=0.2,
    )


def _rounds(stage: Stage, path: str, kind: str) -> list[Round]:
    worker, seconds = stage.worker, stage.size.of(4, 1, 1)
    count = stage.size.of(ROUNDS, ROUNDS, 1)
    rounds = []
    with stage.board.moving():
        for _ in range(count):
            bare = worker.keep("same", worker.get(path), kind)
            value = load.requests_per_second(worker.url + path, seconds)
            ceiling = load.requests_per_second(worker.url + bare, seconds)
            rounds.append(Round(value=value, ceiling=ceiling))
    return rounds
