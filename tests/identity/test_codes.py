"""The way to a phone: an HTTP gateway that answers, refuses, or falls silent."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from h5app.identity.codes.http_gateway import HttpGateway
from h5app.identity.codes.kept import KeptCodes
from h5app.identity.jobs import jobs
from h5app.identity.ports import CodeRefused, CodeSilent, OneTimeCode
from tests.identity.fakes import House


class GatewayServer(ThreadingHTTPServer):
    """Answers as told and keeps what it was sent."""

    status = 200
    delay = threading.Event()
    is_slow = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GatewayHandler)
        self.bodies: list[dict[str, str]] = []
        self.tokens: list[str | None] = []

    @property
    def url(self) -> str:
        """The address of its one path."""
        return f"http://127.0.0.1:{self.server_port}/sms"


class GatewayHandler(BaseHTTPRequestHandler):
    """One POST."""

    server: GatewayServer

    def do_POST(self) -> None:
        """Keep the message and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(body))
        self.server.tokens.append(self.headers.get("Authorization"))
        if self.server.is_slow:
            self.server.delay.wait(5)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[GatewayServer]:
    """A gateway of this test's own."""
    server = GatewayServer()
    server.delay = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.delay.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_gateway_gets_phone_text_and_token(server: GatewayServer) -> None:
    """One POST of JSON with a bearer token."""
    HttpGateway(server.url, "key-1").send("13800001234", "验证码 123456", "sign_in")

    assert server.bodies == [
        {"phone": "13800001234", "text": "验证码 123456", "purpose": "sign_in"}
    ]
    assert server.tokens == ["Bearer key-1"]


def test_without_a_token_no_token_is_sent(server: GatewayServer) -> None:
    """The demo's list of messages asks for none."""
    HttpGateway(server.url).send("13800001234", "验证码 123456", "sign_in")

    assert server.tokens == [None]


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_an_error_of_the_gateway_is_a_refusal(server: GatewayServer, status: int) -> None:
    """The message will not arrive."""
    server.status = status

    with pytest.raises(CodeRefused):
        HttpGateway(server.url).send("13800001234", "验证码 123456", "sign_in")


def test_a_gateway_that_does_not_answer_is_silent(server: GatewayServer) -> None:
    """The message may arrive: nobody says that it will not."""
    server.is_slow = True

    with pytest.raises(CodeSilent):
        HttpGateway(server.url, timeout_seconds=0.2).send("138", "验证码 123456", "sign_in")


def test_a_gateway_that_is_not_there_is_silent() -> None:
    """A port on which nobody listens."""
    with pytest.raises(CodeSilent):
        HttpGateway("http://127.0.0.1:9/sms").send("138", "验证码 123456", "sign_in")


def test_without_a_gateway_nothing_is_sent() -> None:
    """An installation that forgot the setting refuses, and the log says why."""
    with pytest.raises(CodeRefused):
        HttpGateway("").send("138", "验证码 123456", "sign_in")


@pytest.mark.contract
@pytest.mark.parametrize("kind", ["http", "kept"])
def test_every_way_takes_the_same_message(server: GatewayServer, kind: str) -> None:
    """Both adapters of the port take what identity sends."""
    way: OneTimeCode = HttpGateway(server.url) if kind == "http" else KeptCodes()

    way.send("13800001234", "【演示】验证码 123456", "binding")


def test_the_job_forgets_old_rows(house: House) -> None:
    """Once an hour, and it may run at any time."""
    [job] = jobs(house.identity)

    job.run()
    job.run()

    assert job.name == "identity.forget_old"
