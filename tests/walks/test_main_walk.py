"""The main job on a phone of 390 by 844 inside WeChat, today and on a recorded day."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.walks.conftest import RunningHouse, start_house
from tests.walks.main_job import Shot, buy_from_the_menu

pytestmark = [pytest.mark.walk, pytest.mark.browser, pytest.mark.xdist_group("house")]


def test_from_the_menu_to_the_message(
    house: RunningHouse, phone_context: BrowserContext, shot: Shot
) -> None:
    """Six taps and a binding lead from the menu to a filled order and its message."""
    buy_from_the_menu(house, phone_context, shot, "600036.SH")

    assert house.audit()["problems"] == []


@pytest.fixture
def recorded_house(shared_dir: Path, tmp_path: Path) -> Iterator[RunningHouse]:
    """The product on a day of 2019, under its rules, with its recorded prints."""
    yield from start_house(
        tmp_path / "replay",
        H5APP_MARKET="replay",
        H5APP_REPLAY_DAY="2019-02-01",
        H5APP_REPLAY_DIR=str(shared_dir / "data" / "market"),
        H5APP_NOW="2019-02-01T09:30:30",
        H5APP_RATE_LIMITS="off",
    )


@pytest.mark.shared
def test_the_same_on_a_recorded_day(
    recorded_house: RunningHouse, phone_context: BrowserContext, shot: Shot
) -> None:
    """The venue fills only against the depth derived from recorded prints; the rest is the same."""
    buy_from_the_menu(recorded_house, phone_context, shot, "600000.SH")

    assert recorded_house.audit()["problems"] == []
