"""One access token for the whole house: fetched early, once, by whoever gets the claim."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from h5app.kernel.clock import FrozenClock, SystemClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.wechat.account import account_of
from h5app.wechat.credentials import Credentials
from h5app.wechat.transport import Gateway, WeChatRefused, WeChatSilent
from tests.wechat.fake_platform import Asked, FakePlatform

TOKEN = "/cgi-bin/stable_token"


def gives_tokens(platform: FakePlatform) -> None:
    """Give the same token until it is forced, as the stable interface does."""
    state = {"number": 1}

    def token(asked: Asked) -> Any:
        if asked.json.get("force_refresh"):
            state["number"] += 1
        return {"access_token": f"T{state['number']}", "expires_in": 7200}

    platform.reply(TOKEN, token)


@pytest.fixture
def credentials(config: Config, sqlite_database: Database, wall: FrozenClock) -> Credentials:
    """The credentials of one process."""
    return Credentials(sqlite_database, wall, account_of(config))


def test_a_token_is_fetched_once_and_before_its_end(
    credentials: Credentials, platform: FakePlatform, wall: FrozenClock
) -> None:
    """Asked for often it is fetched once; four minutes before its end it is fetched again."""
    gives_tokens(platform)

    assert {credentials.access_token.value() for _ in range(5)} == {"T1"}
    assert len(platform.calls(TOKEN)) == 1
    wall.advance(timedelta(seconds=7200 - 239))
    credentials.access_token.value()
    assert len(platform.calls(TOKEN)) == 2


def test_many_threads_of_many_processes_fetch_once(
    config: Config, database: Database, platform: FakePlatform
) -> None:
    """Twenty callers over four processes with an expired token make exactly one refresh."""
    gives_tokens(platform)
    clock = SystemClock()
    others = [Database(database.url.render_as_string(hide_password=False)) for _ in range(4)]
    processes = [Credentials(one, clock, account_of(config)) for one in others]
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda number=number: found.append(processes[number % 4].access_token.value())
        )
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.engine.dispose()

    assert found == ["T1"] * 20
    assert len(platform.calls(TOKEN)) == 1


def test_a_refused_token_is_forced_only_when_it_comes_again(
    credentials: Credentials, platform: FakePlatform
) -> None:
    """The platform's own token is asked for first; force_refresh only when it is the same."""
    gives_tokens(platform)
    refused = credentials.access_token.value()

    assert credentials.access_token.renewed(refused) == "T2"
    forced = [bool(one.json.get("force_refresh")) for one in platform.calls(TOKEN)]
    assert forced == [False, False, True]
    assert credentials.access_token.renewed(refused) == "T2"
    assert len(platform.calls(TOKEN)) == 3


def test_an_old_token_serves_while_the_platform_is_silent(
    credentials: Credentials, platform: FakePlatform, wall: FrozenClock
) -> None:
    """Refreshing early leaves time to be silent in."""
    gives_tokens(platform)
    credentials.access_token.value()
    platform.reply(TOKEN, b"<html>502</html>")
    wall.advance(timedelta(seconds=7200 - 100))

    assert credentials.access_token.value() == "T1"
    wall.advance(timedelta(seconds=100))
    with pytest.raises(WeChatSilent):
        credentials.access_token.value()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 40125, "errmsg": "invalid appsecret"}, WeChatRefused),
        ({"errcode": 0}, WeChatSilent),
        ({"access_token": "", "expires_in": 7200}, WeChatSilent),
        ({"access_token": "T", "expires_in": "soon"}, WeChatSilent),
        ([], WeChatSilent),
    ],
)
def test_only_a_whole_answer_is_believed(
    credentials: Credentials, platform: FakePlatform, answer: Any, error: type[Exception]
) -> None:
    """A refusal is a refusal, and anything torn is silence."""
    platform.reply(TOKEN, answer)

    with pytest.raises(error):
        credentials.access_token.value()


def test_a_call_is_repeated_once_with_another_token(
    config: Config, credentials: Credentials, platform: FakePlatform
) -> None:
    """40001 twice is the caller's to hear, not a reason to go on asking."""
    gives_tokens(platform)
    gateway = Gateway(account_of(config), credentials.access_token)
    platform.reply("/cgi-bin/tags/get", {"errcode": 40001, "errmsg": "invalid credential"})

    with pytest.raises(WeChatRefused):
        gateway.get_json("/cgi-bin/tags/get")

    used = [one.query["access_token"] for one in platform.calls("/cgi-bin/tags/get")]
    assert used == ["T1", "T2"]


def test_no_other_host_is_called(config: Config, credentials: Credentials) -> None:
    """An address outside the platform's hosts is not called at all."""
    gateway = Gateway(account_of(config), credentials.access_token)

    with pytest.raises(WeChatSilent):
        gateway.get("https://evil.example/cgi-bin/tags/get", params={"access_token": "T"})
