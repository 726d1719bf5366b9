"""A simulator with three phones, and the account's server it plays to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.served import AccountServer, RunningSimulator


@pytest.fixture
def account() -> Iterator[AccountServer]:
    """The account's server, that answers nothing until told to."""
    server = AccountServer()
    yield server
    server.stop()


@pytest.fixture
def simulator(tmp_path: Path, account: AccountServer) -> Iterator[RunningSimulator]:
    """A fresh simulator in safe mode."""
    running = RunningSimulator(tmp_path, account)
    yield running
    running.stop()
