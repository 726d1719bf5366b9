"""Debian's redis-server on a free loopback port, thrown away afterwards."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from h5app.kernel.clock import SystemClock
from tests.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 10.0


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[str]:
    """Run a server that keeps nothing on disk; give its address."""
    port = port or free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str) -> None:
    clock = SystemClock()
    until = clock.monotonic() + START_SECONDS
    with Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except RedisError:
                assert clock.monotonic() < until, "redis-server did not start"
                clock.sleep(0.02)
            else:
                return
