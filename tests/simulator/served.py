"""A simulator and an account's server, both real HTTP on loopback."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, make_server

from h5app.simulator.app import create_simulator, platform_of
from h5app.simulator.settings import Settings
from tests.conftest import free_port

APP_ID, SECRET = Settings.app_id, Settings.app_secret
Answer = Callable[[Request], Response]


def menu(base: str) -> dict[str, Any]:
    """A menu with a page below its first button, and a key as its second."""
    page = {"type": "view", "name": "首页", "url": f"{base}/go/quotes"}
    top = {"name": "行情", "sub_button": [page]}
    return {"button": [top, {"name": "帮助", "type": "click", "key": "help"}]}


class Server:
    """A WSGI application that listens until it is stopped."""

    def __init__(self, application: Any, port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server("127.0.0.1", port, application, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class AccountServer:
    """The account's server: remembers what it was asked, answers as the test says."""

    def __init__(self) -> None:
        self.received: list[tuple[Request, bytes]] = []
        self.answers: dict[str, Answer] = {}
        self._server = Server(self)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        self.received.append((request, request.get_data()))
        answer = self.answers.get(request.path)
        response = answer(request) if answer else Response("")
        return response(environ, start_response)

    @property
    def url(self) -> str:
        """Its address."""
        return self._server.url

    def at(self, path: str) -> list[tuple[Request, bytes]]:
        """Return what was received at a path."""
        return [one for one in self.received if one[0].path == path]

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()


class RunningSimulator:
    """A simulator that serves and sends; `client` speaks to it as a program would."""

    def __init__(self, home: Path, account: AccountServer, **wishes: Any) -> None:
        values: dict[str, Any] = {
            "callback_timeout_seconds": 0.4,
            "event_delay_seconds": 0.0,
            "app_base_url": account.url,
            **wishes,
        }
        self.settings = Settings(home=home, port=free_port(), **values)
        app = create_simulator(self.settings)
        self.platform = platform_of(app)
        self.platform.courier.start()
        self._server = Server(app, self.settings.port)
        self.client = requests.Session()
        self.client.trust_env = False

    @property
    def url(self) -> str:
        """Its address outside of the phones."""
        return self._server.url

    def token(self) -> str:
        """Return a stable token."""
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        return str(
            self.client.post(f"{self.url}/cgi-bin/stable_token", json=body).json()["access_token"]
        )

    def api(self, path: str, body: Any = None, **query: str) -> Any:
        """Call an interface with a token and return its JSON."""
        query = {"access_token": self.token(), **query}
        method = "GET" if body is None else "POST"
        return self.client.request(
            method, f"{self.url}{path}", params=query, data=_encoded(body)
        ).json()

    def phone(self, method: str, path: str, user: str = "u1", **more: Any) -> requests.Response:
        """Ask a phone's own host."""
        headers = {"Host": f"{user}.localhost:{self.settings.port}", **more.pop("headers", {})}
        more.setdefault("allow_redirects", False)
        return self.client.request(method, f"{self.url}{path}", headers=headers, **more)

    def do(self, deed: str, user: str = "u1", /, **values: Any) -> Any:
        """Let a user do something on the phone; return the JSON."""
        return self.phone("POST", f"/phone/{user}/deeds/{deed}", user, json=values).json()

    def turn(self, name: str, /, **values: Any) -> requests.Response:
        """Turn something on the tester's page."""
        return self.client.post(f"{self.url}/simulator/turns/{name}", json=values)

    def openid(self, user: str = "u1") -> str:
        """Return a user's openid."""
        found = self.platform.people.of_phone(user)
        assert found is not None
        return str(found["openid"])

    def chat(self, user: str = "u1") -> list[dict[str, Any]]:
        """Return what stands in a user's chat."""
        return self.platform.chat.after(self.openid(user), 0)

    def settle(self) -> None:
        """Wait until nothing is on its way to the account."""
        wait_until(self.platform.courier.is_idle)

    def stop(self) -> None:
        """Stop serving and sending; the state stays."""
        self._server.stop()
        self.platform.close()


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something to be so, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
