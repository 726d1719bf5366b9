"""A browser before the app: cookies, the CSRF token of a page, WeChat's user agent when wished."""

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from h5app.demo.customers import DemoCustomer
from h5app.identity.model import RISK_NOTICE_VERSION
from h5app.plumbing.web import cookie_name
from tests.faults.world import World

if TYPE_CHECKING:
    from flask.testing import FlaskClient

WECHAT_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MicroMessenger/8.0.60(0x18003c2f) NetType/WIFI Language/zh_CN"
)
JSON = {"Accept": "application/json"}
HOST = "127.0.0.1"
HOPS_MAX = 8
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_CODE = re.compile(r"\d{6}")


class Browser:
    """One browser; with a `user` it is the web view of that user's phone in WeChat."""

    def __init__(self, world: World, user: str = "") -> None:
        self._world = world
        self._user = user
        self.client: FlaskClient = world.app.test_client()
        if user:
            self.client.environ_base["HTTP_USER_AGENT"] = WECHAT_AGENT
        self._csrf = ""

    def beside(self) -> "Browser":
        """Return another window of the same browser: the same cookies, its own requests."""
        other = Browser(self._world, self._user)
        other._csrf = self.csrf
        for purpose in ("form", "session", "device"):
            name = cookie_name(self._world.config, purpose)
            cookie = self.client.get_cookie(name, domain=HOST)
            if cookie is not None:
                other.client.set_cookie(name, cookie.value, domain=HOST)
        return other

    # ------------------------------------------------------------ single requests

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask for an address; follow nothing."""
        return self.client.get(path, base_url=self._world.config.base_url, **more)

    def get_json(self, path: str, **more: Any) -> TestResponse:
        """Ask for an address as a script does."""
        return self.get(path, headers=JSON, **more)

    def order(self, reference: str) -> dict[str, Any]:
        """Return one order of this customer."""
        found = self.get_json(f"/trade/orders/{reference}").json
        assert found is not None
        return dict(found["order"])

    def post_json(
        self, path: str, body: Any, more_headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """Send JSON as a page's script does; `bytes` go as they are."""
        return self.client.post(
            path,
            base_url=self._world.config.base_url,
            content_type="application/json",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={**JSON, "X-CSRFToken": self.csrf, **(more_headers or {})},
            **more,
        )

    def post_form(self, path: str, **fields: str) -> TestResponse:
        """Send a form as a page does."""
        return self.client.post(
            path,
            base_url=self._world.config.base_url,
            data={"csrf_token": self.csrf, **fields},
        )

    @property
    def csrf(self) -> str:
        """The token of a page of this browser."""
        if not self._csrf:
            found = _TOKEN.search(self.get("/me/about").text)
            assert found is not None
            self._csrf = found[1]
        return self._csrf

    # ------------------------------------------------------------ ways through several pages

    def authorize(self, location: str) -> str:
        """Let the platform answer an authorization address; return the local address it names."""
        parts = urlsplit(location)
        answer = self._world.simulator.phone("GET", f"{parts.path}?{parts.query}", self._user)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def open(self, path: str) -> TestResponse:
        """Ask for an address and follow where it leads, by way of the platform when it must."""
        for _ in range(HOPS_MAX):
            page = self.get(path)
            if page.status_code not in {302, 303}:
                return page
            location = page.headers["Location"]
            is_platform = "/connect/oauth2/" in location
            path = self.authorize(location) if is_platform else location
        raise AssertionError("the way has no end")

    def sign_in(self, who: DemoCustomer) -> None:
        """Sign in with account, password and, on a new device, the code: STEPPED_UP."""
        answer = self.signed_in(who)
        assert answer.status_code == 200, answer.text

    def signed_in(self, who: DemoCustomer) -> TestResponse:
        """Return the answer that signs in."""
        asked = {"fund_account": who.fund_account, "trade_password": who.password}
        answer = self.post_json("/me/sign-in", asked)
        if answer.status_code == 401:
            answer = self.post_json("/me/sign-in", {**asked, "code": self._last_code(who)})
        return answer

    def bind(self, who: DemoCustomer) -> None:
        """Bind the account to the phone's user: STEPPED_UP."""
        asked = {
            "fund_account": who.fund_account,
            "trade_password": who.password,
            "accepted_notice": RISK_NOTICE_VERSION,
        }
        assert self.post_json("/me/binding", asked).status_code == 401
        done = self.post_json("/me/binding", {**asked, "code": self._last_code(who)})
        assert done.status_code == 200, done.text

    def _last_code(self, who: DemoCustomer) -> str:
        simulator = self._world.simulator
        messages = simulator.client.get(f"{simulator.url}/sms", headers=JSON).json()["messages"]
        mine = next(one for one in messages if one["phone"] == who.phone)
        found = _CODE.search(mine["text"])
        assert found is not None
        return found[0]
