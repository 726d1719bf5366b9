"""The follower list at night: page by page, going on where it stopped, leavers found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.plumbing.db import Database
from h5app.wechat.jobs import jobs
from h5app.wechat.service import WeChat
from h5app.wechat.transport import WeChatSilent
from tests.wechat.fake_platform import Asked, FakePlatform

GET = "/cgi-bin/user/get"
PAGE = 3


def lists(platform: FakePlatform, openids: list[str]) -> None:
    """Let the platform list these followers, three a page, as the real one pages."""

    def page(asked: Asked) -> Any:
        after = asked.query.get("next_openid", "")
        start = openids.index(after) + 1 if after else 0
        found = openids[start : start + PAGE]
        answer: dict[str, Any] = {"total": len(openids), "count": len(found), "next_openid": ""}
        if found:
            answer |= {"data": {"openid": found}, "next_openid": found[-1]}
        return answer

    platform.reply(GET, page)


@pytest.fixture
def night(wall: FrozenClock) -> FrozenClock:
    """Ten past three."""
    wall.set(datetime(2026, 11, 25, 3, 10, tzinfo=SHANGHAI))
    return wall


def run(wechat: WeChat) -> int:
    """Step until nothing is left to do; return how many pages were read."""
    pages = 0
    while read := wechat.follower_sync.step():
        pages += read
    return pages


def test_by_day_nothing_is_read(wechat: WeChat, platform: FakePlatform) -> None:
    """A run begins at night only."""
    assert wechat.follower_sync.step() == 0
    assert platform.asked == []


def test_all_pages_are_read_once_a_night(
    wechat: WeChat, platform: FakePlatform, night: FrozenClock
) -> None:
    """Every follower is known afterwards; the same night begins no second run."""
    lists(platform, [f"o{number:02}" for number in range(20)])

    run(wechat)
    assert wechat.followers.count() == 20
    asked = len(platform.calls(GET))
    night.advance(timedelta(minutes=10))
    assert wechat.follower_sync.step() == 0
    assert len(platform.calls(GET)) == asked
    night.advance(timedelta(days=1))
    assert wechat.follower_sync.step() > 0


def test_who_stands_on_no_page_has_left(
    wechat: WeChat, platform: FakePlatform, night: FrozenClock
) -> None:
    """An unfollow whose event was lost is found; who came meanwhile stays."""
    lists(platform, ["o1", "o2", "o3", "o4"])
    run(wechat)
    night.advance(timedelta(days=1))
    lists(platform, ["o1", "o3"])

    run(wechat)

    assert [wechat.followers.is_following(f"o{number}") for number in (1, 2, 3, 4)] == [
        True,
        False,
        True,
        False,
    ]


def test_who_comes_while_the_list_is_read_stays(
    wechat: WeChat, platform: FakePlatform, night: FrozenClock, sqlite_database: Database
) -> None:
    """A new follower is on no page that was read before; the run does not call them gone."""
    lists(platform, [f"o{number:02}" for number in range(20)])
    wechat.follower_sync.step()
    night.advance(timedelta(minutes=1))
    with sqlite_database.write() as connection:
        wechat.followers.followed(connection, "oNEW", night.now())
    night.advance(timedelta(minutes=1))

    run(wechat)

    assert wechat.followers.is_following("oNEW") is True


def test_a_stopped_run_goes_on(wechat: WeChat, platform: FakePlatform, night: FrozenClock) -> None:
    """After a silence, even by day, the next step asks for the page that is missing."""
    lists(platform, [f"o{number:02}" for number in range(20)])
    assert wechat.follower_sync.step() == 3
    whole = platform.answers[GET]
    platform.reply(GET, b"<html>502</html>")
    with pytest.raises(WeChatSilent):
        wechat.follower_sync.step()
    platform.reply(GET, whole)
    night.advance(timedelta(hours=5))

    run(wechat)

    asked = [one.query.get("next_openid", "") for one in platform.calls(GET)]
    assert asked[:5] == ["", "o02", "o05", "o08", "o08"]
    assert wechat.followers.count() == 20


def test_an_account_without_followers_is_no_mistake(
    wechat: WeChat, platform: FakePlatform, night: FrozenClock
) -> None:
    """An empty list ends the run."""
    lists(platform, [])

    assert wechat.follower_sync.step() == 1
    assert wechat.follower_sync.step() == 0


def test_the_jobs_of_the_room_have_names_of_their_own(wechat: WeChat) -> None:
    """Each job is named for the room, so that the log says whose it is."""
    names = [job.name for job in jobs(wechat)]

    assert len(set(names)) == len(names)
    assert all(name.startswith("wechat.") for name in names)


def test_what_is_old_is_forgotten_together(wechat: WeChat) -> None:
    """The job of forgetting works on an empty house."""
    forget = next(job for job in jobs(wechat) if job.name == "wechat.forget")

    assert forget.run() == 0
