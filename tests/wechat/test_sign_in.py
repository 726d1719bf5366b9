"""Silent sign-in: from a menu entry to the platform, back once, and on to a clean address."""

import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from h5app.kernel.clock import FrozenClock, SystemClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.conftest import PHONE, FakeSessions, routes
from tests.wechat.fake_platform import Asked, FakePlatform
from tests.wechat.signing_in import (
    EXCHANGE,
    OPENID,
    asked_query,
    come_back,
    grants,
    refuses,
)


def test_an_entry_asks_the_platform_who_it_is(phone: FlaskClient, config: Config) -> None:
    """Without a session the entry leads to the silent authorization of the configured account."""
    response = phone.get("/go/positions")

    address = urlsplit(response.location)
    assert response.location.startswith(
        f"{config.wechat_oauth_base}/connect/oauth2/authorize?appid="
    )
    assert address.fragment == "wechat_redirect"
    query = asked_query(response)
    assert list(query) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert query["redirect_uri"] == f"{config.base_url}/wechat/oauth"
    assert (query["response_type"], query["scope"]) == ("code", "snsapi_base")
    assert query["state"].isalnum()
    assert len(query["state"]) <= 128
    assert response.headers["Cache-Control"] == "no-store"


def test_the_redirect_address_never_comes_from_the_request(
    phone: FlaskClient, config: Config
) -> None:
    """Another Host or a proxy's header changes nothing of where the platform sends people back."""
    response = phone.get(
        "/go/quotes",
        headers={"Host": "u1.localhost:8001", "X-Forwarded-Host": "evil.example"},
    )

    assert asked_query(response)["redirect_uri"] == f"{config.base_url}/wechat/oauth"


def test_the_way_back_signs_in_and_ends_at_a_clean_address(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """After one exchange the customer is at the very page, query included, code and state gone."""
    grants(platform)
    state = asked_query(phone.get("/go/buy?from=menu"))["state"]

    response = come_back(phone, state)

    assert response.status_code == 302
    assert response.location == "/trade/securities?side=buy&from=menu"
    assert sessions.signed_in == [OPENID]
    asked = platform.calls(EXCHANGE)
    assert [one.query["code"] for one in asked] == ["CODE1"]
    assert asked[0].query["grant_type"] == "authorization_code"


def test_who_has_a_session_goes_straight_on(phone: FlaskClient, sessions: FakeSessions) -> None:
    """An entry with a session leads to the page at once."""
    phone.set_cookie("fake_session", "oME-1")

    assert phone.get("/go/calendar").location == "/wealth/"
    assert sessions.signed_in == []


def test_outside_wechat_the_entry_leads_to_the_page(client: FlaskClient) -> None:
    """An ordinary browser is not sent to a page that only works inside WeChat."""
    assert client.get("/go/quotes").location == "/market/"


def test_an_unknown_entry_is_not_found(phone: FlaskClient) -> None:
    """Only names of the table are entries."""
    assert phone.get("/go/nowhere").status_code == 404


def test_a_state_of_another_browser_is_refused(
    app: Flask, phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """A state without the cookie it was given with signs nobody in and costs no exchange."""
    grants(platform)
    state = asked_query(phone.get("/go/quotes"))["state"]
    other = app.test_client()
    other.environ_base["HTTP_USER_AGENT"] = PHONE
    other.get("/go/quotes")

    response = come_back(other, state)

    assert response.status_code == 403
    assert "从公众号菜单重新进入" in response.text
    assert sessions.signed_in == []
    assert platform.calls(EXCHANGE) == []


@pytest.mark.parametrize("state", ["", "unknown", "x" * 5000, "%00", "一"])
def test_a_state_that_we_never_gave_is_refused(phone: FlaskClient, state: str) -> None:
    """Whatever stands in the state, the answer is a clear page."""
    phone.get("/go/quotes")

    assert come_back(phone, state).status_code == 403


def test_back_after_signing_in_goes_on(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions, wall: FrozenClock
) -> None:
    """Opening the used address again with a session ignores the code and goes on to the page."""
    grants(platform)
    state = asked_query(phone.get("/go/positions"))["state"]
    come_back(phone, state)
    wall.advance(timedelta(minutes=2))

    response = come_back(phone, state)

    assert response.location == "/trade/positions"
    assert sessions.signed_in == [OPENID]
    assert len(platform.calls(EXCHANGE)) == 1


def test_two_openings_share_one_exchange(
    config: Config, sqlite_database: Database, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """WeChat opens the way back twice at once: one exchange, and both browsers' answers work."""
    clock = SystemClock()  # The second opening waits for the first one, in real time.
    wechat = build_wechat(config, sqlite_database, clock, Outbox(sqlite_database, clock))
    app = routes(config, wechat, sessions)
    release, entered = threading.Event(), threading.Event()

    def exchange(_asked: Asked) -> Any:
        entered.set()
        release.wait(5)
        return {"access_token": "WEB", "openid": OPENID}

    platform.reply(EXCHANGE, exchange)
    began = app.test_client().get("/go/positions", headers={"User-Agent": PHONE})
    state = asked_query(began)["state"]
    cookie = began.headers["Set-Cookie"].partition(";")[0]
    answers: list[Any] = []

    def open_it() -> None:
        twin = app.test_client(use_cookies=False)
        headers = {"Cookie": cookie, "User-Agent": PHONE}
        answers.append(twin.get(f"/wechat/oauth?code=CODE1&state={state}", headers=headers))

    first = threading.Thread(target=open_it)
    first.start()
    assert entered.wait(5)
    second = threading.Thread(target=open_it)
    second.start()
    release.set()
    first.join()
    second.join()

    assert [one.location for one in answers] == ["/trade/positions"] * 2
    assert all("fake_session" in one.headers["Set-Cookie"] for one in answers)
    assert sessions.signed_in == [OPENID, OPENID]
    assert len(platform.calls(EXCHANGE)) == 1


@pytest.mark.parametrize("errcode", [40029, 40163, 42003])
def test_a_used_code_begins_again_once(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions, errcode: int
) -> None:
    """Without a session a used code asks the platform once more; a second one is told clearly."""
    refuses(platform, errcode)
    state = asked_query(phone.get("/go/orders?day=2026-11-24"))["state"]

    again = come_back(phone, state, "OLD1")
    second = asked_query(again)["state"]
    ended = come_back(phone, second, "OLD2")

    assert second != state
    assert ended.status_code == 400
    assert "已经用过或过期" in ended.text
    assert 'href="/trade/orders?day=2026-11-24"' in ended.text
    assert sessions.signed_in == []


def test_the_second_beginning_may_succeed(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """After the one new beginning a good code signs in and leads to the same page."""
    refuses(platform, 40163)
    state = asked_query(phone.get("/go/orders"))["state"]
    second = asked_query(come_back(phone, state, "OLD1"))["state"]
    grants(platform)

    assert come_back(phone, second, "NEW1").location == "/trade/orders"
    assert sessions.signed_in == [OPENID]


def test_a_state_is_over_after_ten_minutes(
    phone: FlaskClient, platform: FakePlatform, wall: FrozenClock, sessions: FakeSessions
) -> None:
    """A code that comes with an old state is not exchanged; the platform is asked anew."""
    grants(platform)
    state = asked_query(phone.get("/go/orders"))["state"]
    wall.advance(timedelta(minutes=10))

    response = come_back(phone, state)

    assert asked_query(response)["state"] != state
    assert platform.calls(EXCHANGE) == []
    assert sessions.signed_in == []


def test_the_same_state_with_another_code_is_not_taken(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """A state is good once: a second code on it is never exchanged."""
    grants(platform)
    state = asked_query(phone.get("/go/orders"))["state"]
    come_back(phone, state)
    phone.delete_cookie("fake_session")

    response = come_back(phone, state, "CODE2")

    assert asked_query(response)["state"] != state
    assert len(platform.calls(EXCHANGE)) == 1
    assert sessions.signed_in == [OPENID]


def test_a_snapshot_page_signs_nobody_in(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions
) -> None:
    """WeChat's virtual user is turned away, noted, and told which button to press."""
    grants(platform, is_snapshotuser=1)
    state = asked_query(phone.get("/go/orders"))["state"]

    response = come_back(phone, state)

    assert response.status_code == 403
    assert "请点击右下角“使用完整服务”" in response.text
    assert sessions.signed_in == []
    assert sessions.snapshots == 1


@pytest.mark.parametrize("code", ["", "authdeny"])
def test_a_refusal_is_told_and_offers_the_quotes(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions, code: str
) -> None:
    """Who does not agree sees what still works without signing in."""
    state = asked_query(phone.get("/go/orders"))["state"]

    response = come_back(phone, state, code)

    assert response.status_code == 403
    assert "您没有同意微信登录" in response.text
    assert 'href="/market/"' in response.text
    assert platform.calls(EXCHANGE) == []
    assert sessions.signed_in == []


@pytest.mark.parametrize("answer", [b"<html>502</html>", b"[]", b"{}", b'{"openid": 5}'])
def test_an_unreadable_answer_is_silence(
    phone: FlaskClient, platform: FakePlatform, sessions: FakeSessions, answer: bytes
) -> None:
    """What cannot be read signs nobody in and says that WeChat did not answer."""
    platform.reply(EXCHANGE, answer)
    state = asked_query(phone.get("/go/orders"))["state"]

    response = come_back(phone, state)

    assert response.status_code == 503
    assert sessions.signed_in == []


def test_a_wrong_secret_is_a_clear_page_not_a_loop(
    phone: FlaskClient, platform: FakePlatform
) -> None:
    """An errcode that a new code cannot heal is told at once."""
    refuses(platform, 40125)
    state = asked_query(phone.get("/go/orders"))["state"]

    assert come_back(phone, state).status_code == 400


def test_two_entries_opened_together_both_come_back(
    phone: FlaskClient, platform: FakePlatform
) -> None:
    """The cookie serves every authorization that a browser has begun."""
    grants(platform)
    one = asked_query(phone.get("/go/orders"))["state"]
    other = asked_query(phone.get("/go/calendar"))["state"]

    assert come_back(phone, one, "CODE1").location == "/trade/orders"
    assert come_back(phone, other, "CODE2").location == "/wealth/"


def test_states_stand_as_hashes_and_are_forgotten(
    phone: FlaskClient, wechat: WeChat, wall: FrozenClock
) -> None:
    """Old states are deleted a day after their end."""
    phone.get("/go/orders")
    assert wechat.authorization.forget_expired() == 0
    wall.advance(timedelta(days=2))

    assert wechat.authorization.forget_expired() == 1
