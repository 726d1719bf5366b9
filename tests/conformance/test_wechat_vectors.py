"""Every case of a WeChat vector file, one test per case named by its id, none left out.

The channel is asked through its own faces, the simulator over HTTP as any account's server asks it.
A kind that nothing here knows fails, and so does a platform rule with an unknown condition.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from tests.conformance.wechat_cases import CHECKS, Case, Channel
from tests.simulator.platform_rules import RuleTrial, agrees
from tests.simulator.served import AccountServer, RunningSimulator
from tests.simulator.test_callback import hang
from tests.wechat.fake_platform import FakePlatform

VECTORS_OPTION = "--wechat-vectors"
pytestmark = pytest.mark.shared


def parametrize_cases(metafunc: pytest.Metafunc, path: Path) -> None:
    """Make one test per case of the file; without the file one test that says so."""
    if "case" not in metafunc.fixturenames:
        return
    if not path.is_file():
        metafunc.parametrize("case", [pytest.param({"missing": str(path)}, id="no-vectors")])
        return
    document = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    cases = document["cases"] if isinstance(document, dict) else document
    metafunc.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in cases])


def test_wechat_case(case: Case, request: pytest.FixtureRequest) -> None:
    """The channel, or the simulator where the rule is the platform's, does what is expected."""
    if "missing" in case:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{case['missing']} is not there, and CI=true demands it")
        pytest.skip(f"{case['missing']} is not there")
    if case["kind"] == "platform_rule":
        simulator = request.getfixturevalue("simulator")
        agrees(RuleTrial(simulator, case["input"]).tried(), case["expected"])
        return
    check = CHECKS.get(case["kind"])
    assert check is not None, f"unknown kind {case['kind']!r}"
    check(request.getfixturevalue("channel"), case["input"], case["expected"])


@pytest.fixture(scope="module")
def running_platform() -> Iterator[FakePlatform]:
    """A stand-in platform that keeps the bytes it was sent."""
    platform = FakePlatform()
    stop = platform.start()
    yield platform
    stop()


@pytest.fixture
def channel(
    running_platform: FakePlatform, sqlite_database: Database, wall: FrozenClock, tmp_path: Path
) -> Channel:
    """The channel, its database and the stand-in platform with nothing in its memory."""
    running_platform.reset()
    config = replace(
        Config.from_environ({"H5APP_HOME": str(tmp_path)}),
        wechat_api_base=running_platform.url,
        wechat_oauth_base=running_platform.url,
        wechat_mp_base=running_platform.url,
    )
    return Channel(config, sqlite_database, wall, running_platform)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    """A fresh simulator whose account never answers a callback in time."""
    account = AccountServer()
    account.answers["/wechat/callback"] = hang
    running = RunningSimulator(tmp_path, account)
    yield running
    running.stop()
    account.stop()
