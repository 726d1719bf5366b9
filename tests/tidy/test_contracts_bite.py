"""Each import contract is broken on purpose once: a contract that cannot fail guards nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREAKS = {
    "Imports only go down": ("h5app/market/words.py", "import h5app.trading.model"),
    "The simulator stands on the other side of the wire": (
        "h5app/simulator/chance.py",
        "import h5app.identity.model",
    ),
    "The channel knows no stock": ("h5app/wechat/reply.py", "import h5app.market.words"),
    "The kernel needs nothing but the standard library": (
        "h5app/kernel/money.py",
        "import sqlalchemy",
    ),
    "Models are pure": ("h5app/wealth/model.py", "import h5app.plumbing.db"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over a copy of the house."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-cache", "setup.cfg"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house and its contracts, to be spoiled."""
    shutil.copytree(ROOT / "h5app", tmp_path / "h5app", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_is_named(copy: Path, contract: str) -> None:
    """One forbidden import, and the check says which contract it breaks."""
    name, line = BREAKS[contract]
    path = copy / name
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")

    done = lint(copy)

    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout
