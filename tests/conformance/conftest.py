"""Options of the conformance run: which files of cases, and where recorded data lies."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
DEFAULTS = {
    "--market-vectors": SHARED / "vectors" / "market.json",
    "--market-data": SHARED / "data" / "market",
    "--wechat-vectors": SHARED / "vectors" / "wechat.json",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --market-vectors FILE, --market-data DIR and --wechat-vectors FILE."""
    for name, default in DEFAULTS.items():
        parser.addoption(name, metavar="PATH", help=f"default {default.name} beside the checkout")


def chosen(config: pytest.Config, option: str) -> Path:
    """Return the file or folder of an option, as given or by default."""
    given = config.getoption(option, None)
    if given and not Path(given).exists():
        raise pytest.UsageError(f"{option}: {given} is not there")
    return Path(given) if given else DEFAULTS[option]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Offer the files to the case modules, which make one test of each case."""
    make = getattr(metafunc.module, "parametrize_cases", None)
    option = getattr(metafunc.module, "VECTORS_OPTION", None)
    if make and option:
        make(metafunc, chosen(metafunc.config, option))


@pytest.fixture(scope="session")
def market_data(request: pytest.FixtureRequest) -> Path:
    """The folder of recorded market data."""
    folder = chosen(request.config, "--market-data")
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is not there, and CI=true demands it")
        pytest.skip(f"{folder} is not there")
    return folder
