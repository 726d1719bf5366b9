"""stream: from the tick on the board to the event in the client, against a bare gevent fan-out."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from bench.figure import Figure, Round, quantile
from bench.stage import ROOT, Board, Stage, Stages

ROUNDS = 3
LATENCY_MS_MAX = 250.0
WATCHED = 20
"""Each stream watches a page of quotes, and each tick changes all of them: the worst case."""
TICK_SECONDS = 1.0


def stream(stages: Stages) -> Iterator[Figure]:
    """p99 over all streams and ticks."""
    stage = stages.sqlite
    count = stage.size.of(1000, 100, 10)
    symbols = [one for one in stage.board.symbols if _is_moving(stage.board, one)][:WATCHED]
    rounds, medians = [], []
    for _ in range(stage.size.of(ROUNDS, ROUNDS, 1)):
        ours = _latencies_ms(stage, f"/stream?symbols={','.join(symbols)}", count, symbols)
        bare = _latencies_ms(stage, f"/bare/stream?symbols={','.join(symbols)}", count, symbols)
        medians.append(quantile(ours, 0.5))
        rounds.append(Round(value=quantile(ours, 0.99), ceiling=quantile(bare, 0.99)))
    yield Figure(
        name="stream",
        about=f"行情板到客户端的延迟 p99,一个进程 {count} 条推送,每秒每条 {len(symbols)} 行全变,"
        f"p50 {quantile(medians, 0.5):.0f} 毫秒;对照只转发同样内容的 gevent",
        unit="毫秒",
        rounds=rounds,
        is_less_better=True,
        value_max=LATENCY_MS_MAX,
    )


def _is_moving(board: Board, symbol: str) -> bool:
    quote = board.house.market.quote(symbol)
    return quote is not None and not quote.is_suspended and quote.last_milli is not None


def _latencies_ms(stage: Stage, path: str, count: int, symbols: Sequence[str]) -> list[float]:
    command = [sys.executable, "-m", "bench.listening", str(stage.worker.port), path, str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "open\n", "the client could not open its streams"
        published = _tick(stage.board, symbols, stage.size.of(10, 5, 2))
        client.stdin.close()
        heard = json.loads(client.stdout.read())
    waits = [
        1000 * (one[str(sequence)] - at)
        for one in heard
        for sequence, at in published.items()
        if str(sequence) in one
    ]
    assert len(waits) == count * len(published), "a tick did not reach everybody"
    return waits


def _tick(board: Board, symbols: Sequence[str], ticks: int) -> dict[int, float]:
    """Change every watched quote again and again; return when each sequence was on the board."""
    chance = Random(7)
    published = {}
    for _ in range(ticks):
        time.sleep(TICK_SECONDS + chance.random() / 5)
        found = [quote for quote in board.house.market.quotes(symbols) if quote]
        moved = [replace(one, volume_shares=one.volume_shares + 100) for one in found]
        sequence = board.publish(moved)
        published[sequence] = time.monotonic()
    time.sleep(TICK_SECONDS)
    return published
