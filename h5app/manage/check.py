"""./manage check: format, lint, types, import contracts, templates, scripts, in that order."""

import subprocess
import sys
import time
from collections.abc import Sequence

from h5app.manage.setup import ROOT, VENV, node_environment

BIN = VENV / "bin"
NODE_BIN = ROOT / "node_modules" / ".bin"
PYTHON_FOLDERS = ("h5app", "tests", "bench", "wsgi.py")
SCRIPT_FOLDERS = ("static", "tests/browser", "tests/trading", "tests/ui")


def steps() -> list[tuple[str, list[str]]]:
    """Return the checks by name with their commands."""
    folders = [folder for folder in PYTHON_FOLDERS if (ROOT / folder).exists()]
    return [
        ("格式", [str(BIN / "ruff"), "format", "--check", *folders]),
        ("规范", [str(BIN / "ruff"), "check", *folders]),
        ("类型", [str(BIN / "mypy"), *folders]),
        ("依赖方向", [str(BIN / "lint-imports"), "--no-cache", "setup.cfg"]),
        ("模板", [str(BIN / "djlint"), "templates", "--lint", "--quiet"]),
        *_script_steps(),
    ]


def _script_steps() -> list[tuple[str, list[str]]]:
    """Return the checks of scripts and stylesheets, where npm's packages are set up."""
    biome, tsc = NODE_BIN / "biome", NODE_BIN / "tsc"
    if not biome.exists():
        return []
    return [
        ("脚本", [str(biome), "check", "--config-path=.biome.json", *SCRIPT_FOLDERS]),
        ("脚本类型", [str(tsc), "--project", "static/tsconfig.json"]),
    ]


def main(arguments: Sequence[str]) -> int:
    """Run every check, or those named; say which failed."""
    failed = []
    for name, command in steps():
        if arguments and name not in arguments:
            continue
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            env=node_environment(),
        )
        verdict = "通过" if done.returncode == 0 else "不通过"
        print(f"{name}: {verdict} ({time.monotonic() - began:.1f} 秒)", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr)[-6000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
