"""The chart's own indicators, run by Node over a series, to be held to the cases."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from h5app.market.model import Bar
from tests.conftest import ROOT

SCRIPT = ROOT / "tests" / "ui" / "market_indicators.js"


def node() -> str:
    """Where Node is: the assets are built with it, so it is there."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found, "Node is needed to build the assets, and to test them"
    return found


def scripted_curves(bars: Sequence[Bar]) -> dict[str, list[float | None]]:
    """Every curve of static/market/indicators.js by the name the cases use; prices in yuan."""
    given = {
        "highs": [bar.high_milli / 1000 for bar in bars],
        "lows": [bar.low_milli / 1000 for bar in bars],
        "closes": [bar.close_milli / 1000 for bar in bars],
        "volumes": [bar.volume_shares for bar in bars],
    }
    done = subprocess.run(
        [node(), str(SCRIPT)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[float | None]] = json.loads(done.stdout)
    return found
