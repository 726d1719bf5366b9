"""Debian's packages: as root they are installed, otherwise the exact command is printed."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

APT_SECONDS_MAX = 900


class SetupFailed(Exception):
    """Something could not be made ready; the text says what to do."""


@dataclass(frozen=True)
class Need:
    """Something outside of Python that a command needs."""

    what: str
    packages: tuple[str, ...]
    is_there: Callable[[], bool]


def browser_path() -> str | None:
    """Return the Chromium that the browser tests drive, or None."""
    given = os.environ.get("CHROMIUM", "")
    return given or shutil.which("chromium") or shutil.which("chromium-browser")


def postgres_folder() -> Path | None:
    """Return the folder of initdb and postgres, the newest version, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _has_cjk_font() -> bool:
    fonts = Path("/usr/share/fonts")
    return any(fonts.rglob("NotoSansCJK*")) or any(fonts.rglob("wqy*"))


TEST_NEEDS = (
    Need("浏览器 Chromium", ("chromium",), lambda: browser_path() is not None),
    Need("中文字体", ("fonts-noto-cjk",), _has_cjk_font),
    Need("PostgreSQL", ("postgresql",), lambda: postgres_folder() is not None),
    Need("Redis", ("redis-server",), lambda: shutil.which("redis-server") is not None),
)
BENCH_NEEDS = (
    *TEST_NEEDS,
    Need("压测工具 wrk", ("wrk",), lambda: shutil.which("wrk") is not None),
)


def install(needs: Sequence[Need]) -> None:
    """Install what is missing with apt.

    Raises:
        SetupFailed: Not root, or apt failed; the text holds the command to type.
    """
    missing = [need for need in needs if not need.is_there()]
    if not missing:
        return
    packages = [package for need in missing for package in need.packages]
    names = "、".join(need.what for need in missing)
    command = f"apt-get update && apt-get install -y {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupFailed(f"缺少{names},请先运行:\n  sudo sh -c '{command}'")
    print(f"缺少{names},正在用 apt 安装 {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        done = subprocess.run(
            step, env=environment, check=False, capture_output=True, timeout=APT_SECONDS_MAX
        )
        if done.returncode:
            raise SetupFailed(f"{' '.join(step)} 失败:\n{done.stderr.decode()[-2000:]}")
