"""python -m bench [NAME...] [--full]: measures, prints a table; the exit status judges nothing."""

import argparse
import os
import platform
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from bench.burst import burst
from bench.charts import charts
from bench.figure import TITLES, Figure, Size, line
from bench.order import order, order_postgresql
from bench.quotes import bars_json, board_top50, quotes_json, quotes_page
from bench.stage import Stages
from bench.stream import stream
from bench.wealth import wealth_month, wealth_night, wealth_predict
from bench.wechat import callback, notices
from bench.weight import weight

STOPPED = 143
Bench = Callable[[Stages], Iterator[Figure]]
BENCHES: dict[str, Bench] = {
    "quotes_json": quotes_json,
    "quotes_page": quotes_page,
    "bars_json": bars_json,
    "board_top50": board_top50,
    "burst": burst,
    "order": order,
    "order_postgresql": order_postgresql,
    "stream": stream,
    "callback": callback,
    "notices": notices,
    "weight": weight,
    "charts": charts,
    "wealth_predict": wealth_predict,
    "wealth_night": wealth_night,
    "wealth_month": wealth_month,
}


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything at a tenth of its size."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"没有 {'、'.join(unknown)};有 {'、'.join(BENCHES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # What was started is stopped, too.
    size = Size.FULL if options.full else Size.TINY if options.tiny else Size.TENTH
    began = time.monotonic()
    print(_circumstances(size))
    print(line(TITLES), flush=True)
    stages = Stages(size)
    try:
        for name in options.names or BENCHES:
            _show(name, stages)
    finally:
        stages.close()
    print(f"用时 {time.monotonic() - began:.0f} 秒。数值随机器而变,比值才可以比较。")
    return 0


def _show(name: str, stages: Stages) -> None:
    """Print the figures of one bench; one that breaks down leaves the others their turn."""
    try:
        for figure in BENCHES[name](stages):
            print(line(figure.cells()), flush=True)
    except Exception as wrong:  # noqa: BLE001 - a figure that is missing says why
        print(f"{name} 没有测成: {type(wrong).__name__}: {str(wrong)[-1500:]}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./manage bench", description="性能数字与上限对照")
    parser.add_argument("names", nargs="*", metavar="名称", help="、".join(BENCHES))
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--full", action="store_true", help="完整规模;默认是十分之一")
    much.add_argument("--tiny", action="store_true", help="最小规模,只看能不能运行")
    return parser


def _circumstances(size: Size) -> str:
    load = os.getloadavg()[0]
    return (
        f"规模 {size.value};{os.cpu_count()} 核,开始时负载 {load:.1f},"
        f"Python {platform.python_version()},SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
