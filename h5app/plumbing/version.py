"""What is running: the version of setup.cfg and, in a checkout, its commit."""

import configparser
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "h5app"


@cache
def version() -> dict[str, str]:
    """Return name, version and commit; the commit is empty outside of a checkout."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", "utf-8")
    return {"name": NAME, "version": parser["metadata"]["version"], "commit": _commit()}


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - git of the path
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
