"""JS-SDK signatures: for pages of ours only, without the fragment, with one ticket for all."""

import pytest
from flask.testing import FlaskClient

from h5app.plumbing.config import Config
from h5app.wechat.jssdk import Salt, js_signature
from tests.wechat.fake_platform import FakePlatform

TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture(autouse=True)
def ticket(platform: FakePlatform) -> None:
    """The platform gives a ticket."""
    platform.reply(TICKET, {"errcode": 0, "errmsg": "ok", "ticket": "TICKET", "expires_in": 7200})


def test_a_page_of_ours_is_signed(
    client: FlaskClient, config: Config, platform: FakePlatform
) -> None:
    """What wx.config takes comes back, and its signature is that of the page without #."""
    page = f"{config.base_url}/market/600519.SH?from=singlemessage"

    answer = client.get("/wechat/js-config", query_string={"url": f"{page}#top"})

    found = answer.get_json()
    salt = Salt(noncestr=found["nonceStr"], timestamp=found["timestamp"])
    assert found["signature"] == js_signature("TICKET", salt, page)
    assert found["appId"] == config.wechat_app_id
    assert found["scriptUrl"] == config.wechat_js_url
    assert "getLocation" in found["jsApiList"]
    client.get("/wechat/js-config", query_string={"url": page})
    assert len(platform.calls(TICKET)) == 1


@pytest.mark.parametrize("host", ["u1.localhost:8001", "localhost:8001", "127.0.0.1:8000"])
def test_in_the_demo_a_phones_own_host_is_ours(
    client: FlaskClient, config: Config, host: str
) -> None:
    """A phone's web view has a host of its own; WeChat knows the page by its public address."""
    answer = client.get("/wechat/js-config", query_string={"url": f"http://{host}/market/?a=1"})

    found = answer.get_json()
    salt = Salt(noncestr=found["nonceStr"], timestamp=found["timestamp"])
    assert found["signature"] == js_signature("TICKET", salt, f"{config.base_url}/market/?a=1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/",
        "https://evil.example/?127.0.0.1",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://evil.example@127.0.0.1:8000/",
        "//127.0.0.1/",
        "javascript:alert(1)//127.0.0.1",
        "ftp://127.0.0.1/",
        "http://[::1",
        "http://127.0.0.1/" + "a" * 3000,
    ],
)
def test_no_other_address_is_signed(client: FlaskClient, url: str) -> None:
    """The endpoint is no oracle for foreign pages."""
    answer = client.get(
        "/wechat/js-config", query_string={"url": url}, headers={"Accept": "application/json"}
    )

    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "wechat.page_not_ours"


def test_without_a_ticket_the_page_is_told(client: FlaskClient, platform: FakePlatform) -> None:
    """A platform that does not answer is 503, not an error of ours."""
    platform.reply(TICKET, b"<html>")

    answer = client.get("/wechat/js-config", query_string={"url": "http://127.0.0.1:8000/market/"})

    assert answer.status_code == 503
