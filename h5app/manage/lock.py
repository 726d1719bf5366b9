"""One instance per state folder: a lock that the operating system frees when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another instance uses this state folder."""


class HomeNotUsable(Exception):
    """The state folder cannot be written to; the text names the setting."""


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs.

    Raises:
        AlreadyRunning: Somebody else holds it.
        HomeNotUsable: The folder cannot be made or written to.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as wrong:
        raise HomeNotUsable(
            f"状态目录 {home} 不能写入 ({wrong.strerror}),请检查权限,或用 H5APP_HOME 指定另一个目录"
        ) from wrong
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
