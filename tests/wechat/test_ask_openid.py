"""What a page that needs a session does: inside WeChat the platform is asked, and it comes back."""

from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from h5app.plumbing.config import Config
from h5app.wechat.oauth import local_address
from h5app.wechat.service import WeChat
from h5app.wechat.sign_in import WeChatSignIn
from tests.wechat.conftest import PHONE, FakeSessions
from tests.wechat.signing_in import come_back


@pytest.fixture
def hook(config: Config, wechat: WeChat, sessions: FakeSessions) -> WeChatSignIn:
    """What app.py asks when a page needs a session."""
    return WeChatSignIn(config, wechat.authorization, sessions)


def asked_for(app: Flask, hook: WeChatSignIn, address: str, **more: Any) -> Response | None:
    """Return the hook's answer to a request."""
    headers = {"User-Agent": more.pop("agent", PHONE), **more.pop("headers", {})}
    with app.test_request_context(address, headers=headers, **more):
        return hook.ask_openid()


def test_a_page_that_needs_a_session_asks_inside_wechat_only(
    app: Flask, hook: WeChatSignIn
) -> None:
    """Pages are sent to the platform; other browsers, forms and JSON are not."""
    assert asked_for(app, hook, "/trade/?side=buy") is not None
    assert asked_for(app, hook, "/trade/", agent="Mozilla/5.0 Chrome/120") is None
    assert asked_for(app, hook, "/trade/orders", method="POST") is None
    assert asked_for(app, hook, "/trade/", headers={"Accept": "application/json"}) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/market/600519.SH?period=day", "/market/600519.SH?period=day"),
        ("/market/search?q=%E8%8C%85%E5%8F%B0&b=%26", "/market/search?q=%E8%8C%85%E5%8F%B0&b=%26"),
        ("/a%3Fb/%E8%8C%85", "/a%3Fb/%E8%8C%85"),
        ("/%2Fevil.example", "/evil.example"),
        ("/%5Cevil.example", "/%5Cevil.example"),
    ],
)
def test_the_page_comes_back_as_it_was_asked(
    phone: FlaskClient, app: Flask, hook: WeChatSignIn, address: str, expected: str
) -> None:
    """Path and query survive the way to the platform and back, byte for byte."""
    asked = asked_for(app, hook, address)
    assert asked is not None

    state = parse_qs(urlsplit(asked.location).query)["state"][0]
    cookie = asked.headers["Set-Cookie"].partition(";")[0].partition("=")
    phone.set_cookie(cookie[0], cookie[2])

    again = "/go/quotes" if expected == "/market/" else expected
    assert f'href="{escape(again)}"' in come_back(phone, state, "").text


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/trade/?side=buy&x=1", "/trade/?side=buy&x=1"),
        ("//evil.example/x", "/market/"),
        ("/\\evil.example", "/market/"),
        ("https://evil.example", "/market/"),
        ("/x\r\nSet-Cookie: a=b", "/market/"),
        ("/" + "a" * 1001, "/market/"),
        ("", "/market/"),
    ],
)
def test_only_addresses_of_our_own_are_returned_to(address: str, expected: str) -> None:
    """A foreign, torn or endless address becomes the start page."""
    assert local_address(address) == expected
