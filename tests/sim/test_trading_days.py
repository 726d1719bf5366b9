"""Seeded trading days: whatever the seed brings, the books are what an independent auditor says."""

import shutil
from pathlib import Path

import pytest

from tests.sim.trading_days import TradingDays

SEEDS = 20
SEEDS_LONG = 2_000

pytestmark = pytest.mark.sim


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """20 seeds in every run, 2,000 with --long."""
    if "seed" in metafunc.fixturenames:
        is_long = metafunc.config.getoption("--long")
        metafunc.parametrize("seed", range(SEEDS_LONG if is_long else SEEDS))


def test_a_trading_day_keeps_the_books(seed: int, sqlite_template: Path, tmp_path: Path) -> None:
    """Odd seeds have a venue that is late, repeats, reorders and busts; processes die in all."""
    path = tmp_path / "sim.db"
    shutil.copy(sqlite_template, path)
    days = TradingDays(seed, f"sqlite:///{path}")

    days.run()

    assert days.auditor.wishes, f"seed {seed} had no order"
