"""What sign-in tests share: how the platform answers, and how a browser comes back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.wechat.fake_platform import Asked, FakePlatform

EXCHANGE = "/sns/oauth2/access_token"
OPENID = "oUSER0000000000000000000001"


def grants(platform: FakePlatform, **more: Any) -> None:
    """Let every code be exchanged, once each."""
    used: set[str] = set()

    def exchange(asked: Asked) -> Any:
        code = asked.query["code"]
        if code in used:
            return {"errcode": 40163, "errmsg": "code been used, rid: 6-7-8"}
        used.add(code)
        return {"access_token": "WEB", "expires_in": 7200, "openid": OPENID, **more}

    platform.reply(EXCHANGE, exchange)


def refuses(platform: FakePlatform, errcode: int) -> None:
    """Answer every exchange with an errcode."""
    platform.reply(EXCHANGE, {"errcode": errcode, "errmsg": "invalid code, rid: 1-2-3"})


def asked_query(response: TestResponse) -> dict[str, str]:
    """Return the query of the platform's address that a response leads to."""
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def come_back(phone: FlaskClient, state: str, code: str = "CODE1") -> TestResponse:
    """Open the callback as the platform's redirect does."""
    return phone.get("/wechat/oauth", query_string={"code": code, "state": state})
