"""The process: serves as ./manage run starts it, stops cleanly, refuses the network."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from h5app.plumbing.config import Config
from h5app.simulator.settings import NotLoopback, Settings, parse_arguments
from tests.conftest import ROOT, free_port
from tests.simulator.served import AccountServer, wait_until

START = """
from gevent import monkey
monkey.patch_all()
import sys
from pathlib import Path
from typing import Any
from h5app.plumbing.config import Config
from h5app.simulator.app import main
config = Config.from_environ({"H5APP_HOME": sys.argv[1], "H5APP_SIMULATOR_PORT": sys.argv[2]})
sys.exit(main(sys.argv[3:], config))
"""


class Process:
    """A simulator in a process of its own."""

    def __init__(self, home: Path, account: AccountServer) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, str(home), str(self.port), "--app-base-url", account.url],
            cwd=ROOT,
        )
        self.client = requests.Session()
        self.client.trust_env = False
        wait_until(self._answers, seconds=20)

    def _answers(self) -> bool:
        try:
            return self.get("/simulator/healthz").ok
        except requests.ConnectionError:
            assert self._process.poll() is None, "it did not start"
            return False

    def get(self, path: str, host: str = "127.0.0.1", **more: Any) -> requests.Response:
        """Ask it."""
        headers = {"Host": f"{host}:{self.port}"}
        return self.client.get(
            f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10, **more
        )

    def stop(self) -> int:
        """Ask it to stop, as the supervisor does, and return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=15)


@pytest.fixture
def process(tmp_path: Path, account: AccountServer) -> Iterator[Process]:
    """A running process, stopped afterwards."""
    started = Process(tmp_path, account)
    yield started
    started.stop()


def test_a_stream_flows_through_and_does_not_hold_up_the_end(
    process: Process, account: AccountServer
) -> None:
    """Under gevent events pass at once; SIGTERM ends the process though a stream is open."""
    from werkzeug import Request, Response

    def stream(_request: Request) -> Response:
        def parts() -> Iterator[bytes]:
            for number in range(100):
                yield f"data: {number}\n\n".encode()
                time.sleep(0.1)

        return Response(parts(), content_type="text/event-stream")

    account.answers["/stream"] = stream
    reply = process.get("/stream", "u1.localhost", stream=True)
    first = next(reply.iter_lines())
    page = process.get("/phone/u1", "u1.localhost")
    started = time.monotonic()
    code = process.stop()

    assert first == b"data: 0"
    assert page.status_code == 200
    assert code == 0
    assert time.monotonic() - started < 10


def test_a_restart_keeps_the_state(tmp_path: Path, account: AccountServer) -> None:
    """What the platform knew it knows again: text messages here, as an example."""
    first = Process(tmp_path, account)
    first.client.post(
        f"http://127.0.0.1:{first.port}/sms", json={"phone": "1", "text": "123456"}, timeout=10
    )
    assert first.stop() == 0

    second = Process(tmp_path, account)
    text = second.get("/sms").text
    second.stop()

    assert "123456" in text


def test_the_network_must_be_meant(tmp_path: Path) -> None:
    """An address other than loopback is refused without --allow-network."""
    base = Settings(home=tmp_path)

    with pytest.raises(NotLoopback, match="--allow-network"):
        parse_arguments(["--host", "192.0.2.7"], base)
    meant = parse_arguments(["--host", "192.0.2.7", "--allow-network"], base)

    assert meant.host == "192.0.2.7"


def test_the_help_explains_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--help says what it is and where its pages are."""
    with pytest.raises(SystemExit):
        parse_arguments(["--help"], Settings(home=tmp_path))

    shown = capsys.readouterr().out
    assert "/log.json" in shown
    assert "--crypto-mode" in shown


def test_the_settings_follow_the_products_own(tmp_path: Path) -> None:
    """Without arguments the simulator plays the account that the product is configured for."""
    config = Config.from_environ(
        {"H5APP_HOME": str(tmp_path), "H5APP_PORT": "18080", "H5APP_SIMULATOR_PORT": "18081"}
    )

    settings = parse_arguments([], Settings.from_config(config))

    assert settings.port == 18081
    assert settings.callback_address == "http://127.0.0.1:18080/wechat/callback"
    assert settings.aes_key == config.wechat_encoding_aes_key
    assert settings.database_path == tmp_path / "simulator.db"
