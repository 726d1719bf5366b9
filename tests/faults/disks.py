"""Small disks of their own, mounted for one test: full ones and read-only ones."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHUNK = b"\0" * 65_536


@contextmanager
def small_disk(path: Path, mebibytes: int) -> Iterator[Path]:
    """Mount a disk of so many MiB at a folder, unmounted when the block ends."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount the small disk that this test fills")
    path.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=700", "tmpfs", str(path))
    try:
        yield path
    finally:
        _run("umount", "--lazy", str(path))


def make_read_only(path: Path) -> None:
    """Remount a small disk so that nothing on it can be written any more."""
    _run("mount", "-o", "remount,ro", str(path))


def make_writable(path: Path) -> None:
    """Take that back."""
    _run("mount", "-o", "remount,rw", str(path))


def fill(disk: Path) -> Path:
    """Write until the disk is full; return the file to delete."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for chunk in (CHUNK, CHUNK[:512], CHUNK[:1]):
            try:
                while True:
                    file.write(chunk)
            except OSError:
                continue
    return ballast


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
