"""Who a request comes from: only our own reverse proxies may speak for somebody else."""

from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from h5app.plumbing.config import Config
from h5app.plumbing.web import create_base, json_reply, open_to_all
from tests.faults.browser import Browser
from tests.faults.conftest import MakeWorld
from tests.faults.world import World

STRANGER = "203.0.113.9"
CLAIMED = "198.51.100.7"


def app_behind(proxy_ips: str) -> FlaskClient:
    """An application that says whom it takes the caller for."""
    config = Config.from_environ({"H5APP_PROXY_IPS": proxy_ips})
    app: Flask = create_base(config)

    @app.get("/who")
    @open_to_all
    def who() -> Response:
        return json_reply({"address": request.remote_addr, "scheme": request.scheme})

    return app.test_client()


def seen(client: FlaskClient, peer: str, **headers: str) -> tuple[str, str]:
    """Return the address and the scheme that the application believes."""
    found = client.get("/who", headers=headers, environ_base={"REMOTE_ADDR": peer}).json
    assert found is not None
    return found["address"], found["scheme"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.2", "::ffff:10.0.0.2", "fd00::2"])
def test_our_proxy_is_believed(peer: str) -> None:
    """A peer of H5APP_PROXY_IPS names the address and the scheme in front of it."""
    client = app_behind("127.0.0.1, 10.0.0.2, fd00:0::2")

    who = seen(client, peer, **{"X-Forwarded-For": CLAIMED, "X-Forwarded-Proto": "https"})

    assert who == (CLAIMED, "https")


@pytest.mark.parametrize("peer", [STRANGER, "10.0.0.3", "::1", ""])
def test_nobody_else_is_believed(peer: str) -> None:
    """Whoever comes directly is who the connection says, whatever headers he sends."""
    client = app_behind("127.0.0.1,10.0.0.2")

    address, scheme = seen(
        client, peer, **{"X-Forwarded-For": CLAIMED, "X-Forwarded-Proto": "https"}
    )

    assert address != CLAIMED
    assert scheme == "http"


def test_only_the_nearest_hop_counts() -> None:
    """What a customer wrote into the header himself stands left of what our proxy added."""
    client = app_behind("127.0.0.1")

    who = seen(client, "127.0.0.1", **{"X-Forwarded-For": f"{CLAIMED}, {STRANGER}"})

    assert who[0] == STRANGER


@pytest.fixture
def limited(make_world: MakeWorld, tmp_path: Path) -> World:
    """A house whose limits are on."""
    return make_world(tmp_path / "limited", H5APP_RATE_LIMITS="on")


def test_invented_addresses_pass_no_lock(limited: World) -> None:
    """Whoever throws his cookies away and invents an address for each try is locked all the same.

    Six tries of one peer, each on another account in a browser of its own.
    """
    statuses = [tried(limited, number) for number in range(6)]

    assert statuses == [401] * 5 + [429]


def tried(world: World, number: int) -> int:
    """Try a wrong password as somebody new; return the status."""
    peer = {"REMOTE_ADDR": STRANGER}
    answer = Browser(world).post_json(
        "/me/sign-in",
        {"fund_account": f"7000{number:04}", "trade_password": "000000"},
        more_headers={"X-Forwarded-For": f"198.51.100.{number}"},
        environ_base=peer,
    )
    return answer.status_code
