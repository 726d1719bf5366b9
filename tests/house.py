"""The whole product on free ports, as ./manage run starts it, and phones that look at it.

A plugin of tests/conftest.py, so that one house serves the walks and the pages of a run.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from h5app.manage.run import prepare_data, programs, wait_until_ready
from h5app.manage.supervisor import Supervisor
from h5app.plumbing.config import Config
from h5app.wechat.account import account_of
from tests.conftest import ROOT, free_port
from tests.wechat.outbound import leaks_in_log

WECHAT_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MicroMessenger/8.0.60(0x18003c2f) NetType/WIFI Language/zh_CN"
)
PHONE = {"width": 390, "height": 844}
RESULTS = ROOT / "test-results"
DEMO_START = "2026-11-24T09:29:30"


@dataclass
class RunningHouse:
    """A started product: where it listens and, when this run started it, its processes."""

    url: str
    simulator: str
    config: Config
    environment: dict[str, str]
    supervisor: Supervisor | None = None
    """None for a product that somebody else started (--base-url)."""

    def phone(self, user: str) -> str:
        """A phone's own page."""
        return f"http://{user}.localhost:{urlsplit(self.simulator).port}/phone/{user}"

    def add_phone(self) -> str:
        """Give the simulator one more phone; return its user's name."""
        wish = {"platform": "ios"}
        return str(_json_of(f"{self.simulator}/simulator/turns/add-phone", wish)["user"])

    def get(self, path: str) -> Any:
        """Return a JSON answer of the app."""
        return _json_of(self.url + path)

    def simulator_get(self, path: str) -> Any:
        """Return a JSON answer of the simulator."""
        return _json_of(self.simulator + path)

    def audit(self) -> Any:
        """Return what the independent audit says of the books; of our own house only."""
        if self.supervisor is None:
            return {"problems": [], "orders": {}}
        done = subprocess.run(
            [sys.executable, "-m", "h5app", "audit", "--json"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return json.loads(done.stdout)

    def go_into_session(self) -> None:
        """Move the clock on to continuous trading, if it is not there."""
        for _ in range(12):
            now = datetime.fromisoformat(self.get("/demo/clock")["market_at"])
            minutes = now.hour * 60 + now.minute
            if 9 * 60 + 30 <= minutes < 11 * 60 + 15 or 13 * 60 <= minutes < 14 * 60 + 45:
                return
            self.move_clock(next_phase=True)
        pytest.fail("the market clock did not come to a session")

    def move_clock(self, **wish: object) -> dict[str, Any]:
        """Move the demo's clock and wait until it is there."""
        _json_of(f"{self.url}/demo/clock", wish)
        return dict(wait_for(self._arrived, seconds=90))

    def _arrived(self) -> dict[str, Any] | None:
        state: dict[str, Any] = self.get("/demo/clock")
        return None if state["moving"] else state


def _json_of(address: str, body: object = None) -> Any:
    """Get, or with a body post, JSON."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        address,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Accept": "application/json", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback
        return json.load(reply)


def wait_for(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Look until something is found; fail with what was seen last."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s")
        time.sleep(0.1)


def start_house(home: Path, **settings: str) -> Iterator[RunningHouse]:
    """Start every process on a state folder of its own; stop them afterwards."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("H5APP_")
    }
    environment.update(
        H5APP_HOME=str(home),
        H5APP_PORT=str(free_port()),
        H5APP_SIMULATOR_PORT=str(free_port()),
        PYTHONUNBUFFERED="1",
        **settings,
    )
    config = Config.from_environ(environment)
    prepare_data(environment)
    supervisor = Supervisor(programs(config), environment, home / "logs")
    supervisor.start()
    try:
        wait_until_ready(config, supervisor)
        url, simulator = (
            f"http://127.0.0.1:{port}" for port in (config.port, config.simulator_port)
        )
        house = RunningHouse(url, simulator, config, environment, supervisor)
        yield house
        log = house.simulator_get("/log.json")
        assert leaks_in_log(log, account_of(config)) == [], "private words left for WeChat"
    finally:
        supervisor.stop()


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHouse]:
    """The product at the opening of a Tuesday, shared by all who look at it in this run.

    With --base-url it is the demo at that address, with --simulator-url beside it.
    """
    given = request.config.getoption("--base-url")
    if given:
        simulator = request.config.getoption("--simulator-url")
        yield RunningHouse(given.rstrip("/"), simulator.rstrip("/"), Config.from_environ({}), {})
        return
    home = tmp_path_factory.mktemp("house")
    yield from start_house(home, H5APP_NOW=DEMO_START, H5APP_RATE_LIMITS="off")


@pytest.fixture
def phone_context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of 390 by 844 with WeChat's user agent and no cookies."""
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        user_agent=WECHAT_AGENT,
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def mobile_context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's ordinary browser."""
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a screenshot of a step under test-results/."""
    folder = RESULTS / request.node.name
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=str(folder / f"{name}.png"))

    return take
