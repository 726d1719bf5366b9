"""The channel of a demo account in front of a stand-in platform, and its routes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.identity.model import STRANGER, Tier, Visitor
from h5app.kernel.clock import FrozenClock
from h5app.kernel.event import Event
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Handler, Outbox
from h5app.plumbing.web import create_base
from h5app.wechat.model import (
    AuthorizationRevoked,
    Followed,
    SceneScanned,
    TemplateJobFinished,
    Unfollowed,
)
from h5app.wechat.service import WeChat, build_wechat
from h5app.wechat.sign_in import WeChatSignIn
from h5app.wechat.views import blueprint
from tests.wechat.fake_platform import FakePlatform
from tests.wechat.notices import SEND, STANDING, House
from tests.wechat.outbound import leaks

PHONE = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 "
    "MicroMessenger/8.0.44(0x28002c37) NetType/WIFI Language/zh_CN"
)


@pytest.fixture(scope="session")
def running_platform() -> Iterator[FakePlatform]:
    """One stand-in platform for the whole run."""
    platform = FakePlatform()
    stop = platform.start()
    yield platform
    stop()


@pytest.fixture
def figures_switched_on() -> None:
    """For tests of customers who switched figures on, and of words that are meant to be found."""


@pytest.fixture
def platform(
    running_platform: FakePlatform, request: pytest.FixtureRequest
) -> Iterator[FakePlatform]:
    """The stand-in platform with nothing in its memory.

    After each test everything that was sent to it is read: nothing private may have left.
    """
    running_platform.reset()
    yield running_platform
    if "figures_switched_on" not in request.fixturenames:
        assert leaks(running_platform.asked) == []


@pytest.fixture
def config(platform: FakePlatform, tmp_path: Path) -> Config:
    """The demo's settings with the platform at the stand-in."""
    base = Config.from_environ({"H5APP_HOME": str(tmp_path)})
    return replace(
        base,
        wechat_api_base=platform.url,
        wechat_oauth_base=platform.url,
        wechat_mp_base=platform.url,
        wechat_verify_file="aB3dE5gH7jK9mN1p",
    )


@dataclass
class FakeSessions:
    """Signs in by a cookie that holds the openid itself."""

    signed_in: list[str] = field(default_factory=list)
    snapshots: int = 0

    def sign_in_openid(self, openid: str, response: Response) -> None:
        """Note who came, and let the browser show it."""
        self.signed_in.append(openid)
        response.set_cookie("fake_session", f"{openid}-{len(self.signed_in)}")

    def note_snapshot(self) -> None:
        """Count the virtual users."""
        self.snapshots += 1

    def visitor_of_request(self) -> Visitor:
        """Return whom the cookie names."""
        openid = request.cookies.get("fake_session", "").partition("-")[0]
        if not openid:
            return STRANGER
        return Visitor(tier=Tier.FOLLOWER, openid=openid, customer_id=f"c-{openid}")


@dataclass
class Facts:
    """Takes what the channel publishes."""

    outbox: Outbox
    told: list[Event] = field(default_factory=list)

    def deliver(self) -> list[Event]:
        """Hand out what waits; return everything so far."""
        kinds = (Followed, Unfollowed, SceneScanned, TemplateJobFinished, AuthorizationRevoked)
        handlers: dict[type[Event], list[Handler]] = {kind: [self.told.append] for kind in kinds}
        while self.outbox.deliver_due(handlers):
            pass
        return self.told


@pytest.fixture
def outbox(sqlite_database: Database, wall: FrozenClock) -> Outbox:
    """The outbox of the channel's database."""
    return Outbox(sqlite_database, wall)


@pytest.fixture
def facts(outbox: Outbox) -> Facts:
    """What the channel told the house."""
    return Facts(outbox)


@pytest.fixture
def wechat(config: Config, sqlite_database: Database, wall: FrozenClock, outbox: Outbox) -> WeChat:
    """The channel without a desk."""
    return build_wechat(config, sqlite_database, wall, outbox)


@pytest.fixture
def sessions() -> FakeSessions:
    """Who signed in."""
    return FakeSessions()


def routes(config: Config, wechat: WeChat, sessions: FakeSessions) -> Flask:
    """Return an application with the routes of the room behind the gate."""
    app = create_base(config)
    gate.install(app, sessions)
    sign_in = WeChatSignIn(config, wechat.authorization, sessions)
    app.register_blueprint(blueprint(wechat, sign_in))
    return app


@pytest.fixture
def app(config: Config, wechat: WeChat, sessions: FakeSessions) -> Flask:
    """The routes of the room behind the gate."""
    return routes(config, wechat, sessions)


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """A browser inside WeChat."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = PHONE
    return client


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The platform's server, or a browser outside WeChat."""
    return app.test_client()


@pytest.fixture
def house(
    wechat: WeChat, sqlite_database: Database, platform: FakePlatform, wall: FrozenClock
) -> House:
    """A channel whose account has the ready-made templates."""
    numbers = iter(range(1, 10_000))
    platform.reply(
        "/cgi-bin/template/get_all_private_template", lambda _asked: {"template_list": STANDING}
    )
    platform.reply(SEND, lambda _asked: {"errcode": 0, "errmsg": "ok", "msgid": next(numbers)})
    assert wechat.book.ensure() == []
    return House(wechat, sqlite_database, wall, platform)
