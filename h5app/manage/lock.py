"""One instance per state folder: a lock that the operating system frees when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another instance uses this state folder."""


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs.

    Raises:
        AlreadyRunning: Somebody else holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(
                f"{home} 已经有一个实例在运行,请先停止它,或用 H5APP_HOME 指定另一个目录"
            ) from None
        yield
    finally:
        os.close(handle)
