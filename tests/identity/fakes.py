"""A counter that knows three accounts, and an application with a few guarded routes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import flask
import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from h5app.identity import gate, views
from h5app.identity.appearance import Appearance
from h5app.identity.codes.kept import KeptCodes
from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.identity.policy import Policy, Settings
from h5app.identity.ports import Holder
from h5app.identity.refusal_pages import install_refusal_pages
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.kernel.clock import FrozenClock
from h5app.kernel.error import AppError
from h5app.plumbing.config import Config, with_defaults
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.plumbing.web import create_base, json_reply, render_public

ON_BOTH = pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
"""The test runs over each kind of database."""

ACCOUNT = "1000000101"
OTHER = "1000000202"
UNKNOWN = "1999999999"
PASSWORD = "246810"
WRONG = "111111"


class FakeAccounts:
    """Knows two accounts with one password, and counts how often it was asked."""

    def __init__(self) -> None:
        self.holders = {
            ACCOUNT: Holder(masked_name="张*", phone="13800001234"),
            OTHER: Holder(masked_name="李*", phone="13900005678"),
        }
        self.checks: list[str] = []
        self.falls_silent: AppError | None = None
        self.while_checking: Callable[[], object] = lambda: None

    def verify_password(self, account_id: str, password: str) -> bool:
        """Compare, after doing what a test wants to happen meanwhile."""
        self.checks.append(account_id)
        if self.falls_silent is not None:
            raise self.falls_silent
        self.while_checking()
        return account_id in self.holders and password == PASSWORD

    def holder(self, account_id: str) -> Holder | None:
        """Return the holder."""
        return self.holders.get(account_id)


@dataclass
class House:
    """Identity with everything it needs, as tests look at it."""

    database: Database
    wall: FrozenClock
    accounts: FakeAccounts
    codes: KeptCodes
    outbox: Outbox
    identity: Identity
    config: Config


def build(database: Database, wall: FrozenClock, policy: Policy | None = None) -> House:
    """Put a house together."""
    accounts, codes, outbox = FakeAccounts(), KeptCodes(), Outbox(database, wall)
    config = with_defaults(Config())
    identity = Identity(
        database,
        wall=wall,
        accounts=accounts,
        codes=codes,
        outbox=outbox,
        settings=Settings.of(config, policy),
    )
    return House(database, wall, accounts, codes, outbox, identity, config)


def build_app(
    house: House, ask_openid: Callable[[], Response | None] = lambda: None, unread_count: int = 3
) -> Flask:
    """Return an application with identity's pages and a few guarded ones of other rooms."""
    app = create_base(house.config)
    appearance = Appearance(house.config)
    sessions = Sessions(house.identity, appearance, house.config)
    gate.install(app, sessions)
    appearance.install(app)
    install_refusal_pages(app, ask_openid)
    app.register_blueprint(
        views.blueprint(
            house.identity,
            sessions,
            appearance,
            house.config,
            lambda _customer: unread_count,
            advisor_of=lambda openid: "浦东营业部 李明" if openid == "o-by-code" else "",
        )
    )
    _add_rooms(app, house, sessions)
    return app


def _add_rooms(app: Flask, house: House, sessions: Sessions) -> None:
    @app.get("/market/")
    @requires(Tier.VISITOR)
    def market() -> Response:
        return render_public("errors/error.html", error=AppError("行情"))

    @app.get("/wealth/")
    @requires(Tier.FOLLOWER)
    def wealth() -> str:
        return gate.visitor().owner

    @app.get("/trade/")
    @requires(Tier.BOUND)
    def trade() -> str:
        return gate.visitor().account

    @app.get("/trade/positions")
    @requires(Tier.STEPPED_UP)
    def positions() -> str:
        return "100 股"

    @app.post("/trade/orders")
    @requires(Tier.STEPPED_UP)
    def orders() -> Response:
        return json_reply({"fields": dict(flask.request.form)})

    @app.get("/from-wechat/<openid>")
    @requires(Tier.VISITOR)
    def from_wechat(openid: str) -> Response:
        sessions.keep(house.identity.sign_in_openid(openid, sessions.origin()))
        return json_reply({"customer": gate.visitor().customer_id})


class Browser:
    """A browser with its own cookies, which finds the CSRF token as a person's does."""

    def __init__(self, app: Flask, user_agent: str = "Mozilla/5.0 (iPhone) Safari") -> None:
        self.client = app.test_client()
        self.headers = {"User-Agent": user_agent}

    def get(self, path: str, **more: str) -> TestResponse:
        """Open a page; `more` are headers with underscores."""
        return self.client.get(path, headers=self._with(more))

    def json(self, path: str) -> TestResponse:
        """Ask for JSON."""
        return self.get(path, Accept="application/json")

    def post(self, path: str, fields: dict[str, str] | None = None, **more: str) -> TestResponse:
        """Send a form from a page."""
        body = {"csrf_token": self.csrf(), **(fields or {})}
        return self.client.post(path, data=body, headers=self._with(more))

    def post_json(self, path: str, body: dict[str, str] | None = None) -> TestResponse:
        """Send JSON, as a script of ours does."""
        headers = {"Accept": "application/json", "X-CSRFToken": self.csrf()}
        return self.client.post(path, json=body or {}, headers=self._with(headers))

    def csrf(self) -> str:
        """Return the token that stands in every page."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/market/").text)
        assert found
        return found.group(1)

    def cookie(self, house: House, purpose: str) -> str | None:
        """Return the value of one of our cookies."""
        found = self.client.get_cookie(f"h5app_{purpose}_{house.config.instance}")
        return found.value if found else None

    def sign_in(self, house: House, account: str = ACCOUNT) -> None:
        """Come in directly, with the code where one is asked for."""
        fields = {"fund_account": account, "trade_password": PASSWORD}
        if self.post("/me/sign-in", fields).status_code == 401:
            fields["code"] = house.codes.last_code
            assert self.post("/me/sign-in", fields).status_code == 303

    def bind(self, house: House, openid: str, account: str = ACCOUNT) -> None:
        """Come from WeChat and bind."""
        self.get(f"/from-wechat/{openid}")
        fields = {
            "fund_account": account,
            "trade_password": PASSWORD,
            "accepted_notice": "2026-11",
        }
        if self.post("/me/binding", fields).status_code == 401:
            fields["code"] = house.codes.last_code
            assert self.post("/me/binding", fields).status_code == 303

    def _with(self, more: dict[str, str]) -> dict[str, str]:
        return self.headers | {name.replace("_", "-"): value for name, value in more.items()}
