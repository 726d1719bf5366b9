"""Web authorization: silent, asked, refused, on a snapshot page; codes good once and briefly."""

import json
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from tests.simulator.served import APP_ID, SECRET, AccountServer, RunningSimulator


def address(account: AccountServer, **changes: str) -> str:
    """The page's address as an account writes it."""
    values = {
        "appid": APP_ID,
        "redirect_uri": f"{account.url}/wechat/oauth?keep=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        **changes,
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    return f"/connect/oauth2/authorize?{query}"


def code_in(reply: requests.Response) -> str:
    """The code in a redirect."""
    assert reply.status_code == 302
    return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


def exchange(simulator: RunningSimulator, code: str) -> Any:
    """Exchange a code as the account's server does."""
    query = {"appid": APP_ID, "secret": SECRET, "code": code}
    return simulator.client.get(
        f"{simulator.url}/sns/oauth2/access_token",
        params={**query, "grant_type": "authorization_code"},
    ).json()


@pytest.mark.parametrize("user", ["u1", "u2", "u3"])
def test_a_silent_authorization_knows_the_phones_user(
    simulator: RunningSimulator, account: AccountServer, user: str
) -> None:
    """snsapi_base leads back at once, on the phone's host, with a code for the phone's openid."""
    reply = simulator.phone("GET", address(account), user)

    location = urlsplit(reply.headers["Location"])
    query = parse_qs(location.query)
    assert location.netloc == f"{user}.localhost:{simulator.settings.port}"
    assert location.path == "/wechat/oauth"
    assert (query["keep"], query["state"]) == (["1"], ["abc123"])
    answer = exchange(simulator, code_in(reply))
    assert answer["openid"] == simulator.openid(user)
    assert answer["scope"] == "snsapi_base"


def test_a_code_is_good_once(simulator: RunningSimulator, account: AccountServer) -> None:
    """The second exchange of a code is 40163."""
    code = code_in(simulator.phone("GET", address(account)))

    first, second = exchange(simulator, code), exchange(simulator, code)

    assert "openid" in first
    assert second["errcode"] == 40163


def test_a_code_is_good_for_five_minutes(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """After five minutes of platform time a code is 40029."""
    code = code_in(simulator.phone("GET", address(account)))
    simulator.turn("advance", seconds=301)

    assert exchange(simulator, code)["errcode"] == 40029


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"appid": "wxother"}, 10013),
        ({"response_type": "token"}, 10012),
        ({"scope": "snsapi_login"}, 10005),
        ({"state": "a-b"}, 10012),
        ({"state": "a" * 129}, 10012),
        ({"redirect_uri": "https://evil.example/x"}, 10003),
        ({"redirect_uri": "http://127.0.0.1:1/x"}, 10003),
        ({"redirect_uri": "javascript:alert(1)"}, 10003),
        ({"redirect_uri": ""}, 10003),
    ],
)
def test_a_wrong_link_is_refused_as_wechat_refuses_it(
    simulator: RunningSimulator, account: AccountServer, changes: dict[str, str], number: int
) -> None:
    """Each wrong parameter ends on a page with WeChat's number, and no code is given."""
    reply = simulator.phone("GET", address(account, **changes))

    assert reply.status_code == 400
    assert f'data-number="{number}"' in reply.text


def test_parameters_out_of_order_are_refused(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """WeChat matches the link as a whole: another order does not open."""
    path, _, query = address(account).partition("?")
    turned = "&".join(reversed(query.split("&")))

    assert simulator.phone("GET", f"{path}?{turned}").status_code == 400
    assert simulator.phone("GET", f"{path}?{query}&simulator_no_fragment=1").status_code == 400


def test_a_redirect_to_the_phones_own_host_is_allowed(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """An account that built its address from the web view's host is led back there."""
    back = f"http://u1.localhost:{simulator.settings.port}/wechat/oauth"

    reply = simulator.phone("GET", address(account, redirect_uri=back))

    assert reply.headers["Location"].startswith(f"{back}?code=")


def test_a_stranger_is_asked_for_the_profile(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """snsapi_userinfo shows a consent page to who does not follow; agreeing opens the profile."""
    link = address(account, scope="snsapi_userinfo")

    page = simulator.phone("GET", link, "u3")
    agreed = simulator.phone("POST", link, "u3", data={"answer": "agree"})

    assert page.status_code == 200
    assert "获取你的昵称、头像" in page.text
    token = exchange(simulator, code_in(agreed))
    query = {"access_token": token["access_token"], "openid": token["openid"]}
    reply = simulator.client.get(f"{simulator.url}/sns/userinfo", params=query)
    profile = json.loads(reply.content)  # text/plain without a charset, as the platform sends it
    assert profile["openid"] == simulator.openid("u3")
    assert profile["nickname"] == "王五"


def test_refusing_brings_no_code(simulator: RunningSimulator, account: AccountServer) -> None:
    """Who refuses stays, with a way back that carries no code."""
    link = address(account, scope="snsapi_userinfo")

    pages = [simulator.phone("POST", link, "u3", data={"answer": "deny"})]
    simulator.turn("user", user="u1", name="oauth_mode", value="deny")
    pages.append(simulator.phone("GET", address(account)))

    for page in pages:
        assert page.status_code == 200
        assert "你已拒绝授权" in page.text
        assert "code=" not in page.text
        assert "state=abc123" in page.text


def test_a_snapshot_page_gives_a_virtual_user(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """On a snapshot page is_snapshotuser is 1 and the openid is nobody's."""
    simulator.turn("user", user="u1", name="oauth_mode", value="snapshot")

    answer = exchange(simulator, code_in(simulator.phone("GET", address(account))))

    assert answer["is_snapshotuser"] == 1
    assert answer["openid"] != simulator.openid()


def test_always_asking_asks_for_the_silent_scope_too(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A tester may see the question even where WeChat is silent."""
    simulator.turn("user", user="u1", name="oauth_mode", value="ask")

    assert "consent-agree" in simulator.phone("GET", address(account)).text


def test_outside_of_a_phone_somebody_must_be_chosen(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The page's address in an ordinary browser offers the phones, and gives no code."""
    reply = simulator.client.get(f"{simulator.url}{address(account)}")

    assert reply.status_code == 200
    assert f"http://u2.localhost:{simulator.settings.port}/connect/oauth2/authorize?" in reply.text


def test_another_site_cannot_agree_for_the_user(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A form on another site does not press 同意."""
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}

    reply = simulator.phone("POST", address(account), data={"answer": "agree"}, headers=headers)

    assert reply.status_code == 403
