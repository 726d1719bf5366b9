"""The platform's interfaces over HTTP: errors, tokens, quotas, faults, and the recorded rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.platform_rules import RuleTrial, agrees
from tests.simulator.served import APP_ID, SECRET, AccountServer, RunningSimulator, menu

LISTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"api": "menu/create", "buttons": 3}, {"errcode": 0}),
    ({"api": "menu/create", "top_level_name_utf8_bytes": 16}, {"errcode": 0}),
    ({"api": "menu/create", "sub_button": {"name_utf8_bytes": 60}}, {"errcode": 0}),
    ({"api": "menu/create", "sub_button": {"name_utf8_bytes": 61}}, {"errcode": 40025}),
    ({"api": "menu/create", "sub_button": {"key_utf8_bytes": 129}}, {"errcode": 40026}),
    ({"api": "menu/create", "sub_button": {"type": "wish"}}, {"errcode": 40024}),
    ({"api": "menu/create", "sub_button": {"type": "view", "url": "x://y"}}, {"errcode": 40054}),
    ({"api": "menu/create", "sub_button": {"count": 6}}, {"errcode": 40023}),
    ({"api": "menu/addconditional", "matchrule": {"sex": "1"}}, {"errcode": 65320}),
    ({"api": "menu/addconditional", "matchrule": {}}, {"errcode": 65304}),
    ({"api": "message/template/send", "data": {"thing1": "长" * 21}}, {"errcode": 47003}),
    ({"api": "message/template/send", "data": {"thing1": "长" * 20}}, {"errcode": 0}),
    ({"api": "message/template/send", "data": {"phrase1": "六个汉字长了"}}, {"errcode": 47003}),
    ({"api": "message/template/send", "data": {"amount1": "12345678901"}}, {"errcode": 47003}),
    (
        {"api": "message/template/send", "data": {"character_string1": "x" * 33}},
        {"errcode": 47003, "errmsg_contains": "data.character_string1.value"},
    ),
    (
        {"api": "message/subscribe/bizsend", "one_time_subscription_already_used": True},
        {"errcode": 43101},
    ),
    (
        {"api": "message/template/send", "same_openid_and_client_msg_id_within_s": 600},
        {"errcode": 0, "sent": 1},
    ),
    ({"api": "tags/members/batchtagging", "count": 51}, {"errcode": 40032}),
    ({"api": "tags/members/batchtagging", "count": 50}, {"errcode": 0}),
    ({"api": "user/info/batchget", "count": 101}, {"errcode": 40032}),
    ({"api": "message/mass/send", "count": 1}, {"errcode": 40130}),
    (
        {
            "api": "message/custom/send",
            "last_user_action": "CLICK menu",
            "age_s": 1,
            "already_sent": 3,
        },
        {"errcode": 45047},
    ),
    (
        {"api": "message/custom/send", "last_user_action": "CLICK menu", "age_s": 61},
        {"errcode": 45015},
    ),
    ({"api": "message/custom/send", "last_user_action": "VIEW menu only"}, {"errcode": 45015}),
    ({"api": "cgi-bin/stable_token", "force_refresh": True, "twice_within_s": 30}, {}),
    ({"api": "cgi-bin/token then cgi-bin/stable_token"}, {"both_valid": True, "isolated": True}),
]
"""Every condition that a file of rules may hold, also those that the recorded file does not."""


@pytest.mark.parametrize(("given", "expected"), LISTED)
def test_a_listed_condition_is_kept(
    simulator: RunningSimulator, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The limits on both sides: the last that is allowed, the first that is not."""
    seen = RuleTrial(simulator, given).tried()

    if expected:
        agrees(seen, expected)


def test_an_unlisted_condition_fails(simulator: RunningSimulator) -> None:
    """A rule that says something unknown is not silently green."""
    for given in ({"colour": "red"}, {"buttons": 3, "colour": "red"}):
        with pytest.raises(AssertionError, match="not listed"):
            RuleTrial(simulator, {"api": "menu/create", **given}).tried()


def test_a_refusal_is_http_200_with_errcode_and_rid(simulator: RunningSimulator) -> None:
    """The platform's no travels as HTTP 200; its rid finds the call again."""
    reply = simulator.client.get(f"{simulator.url}/cgi-bin/user/info")

    body = reply.json()
    assert (reply.status_code, body["errcode"]) == (200, 41001)
    rid = body["errmsg"].partition(" rid: ")[2]
    found = simulator.api("/cgi-bin/openapi/rid/get", {"rid": rid})
    assert json.loads(found["request"]["request_url"])["path"] == "/cgi-bin/user/info"


@pytest.mark.parametrize(
    ("method", "path", "body", "errcode"),
    [
        ("GET", "/cgi-bin/menu/create", b"", 43002),
        ("POST", "/cgi-bin/menu/get", b"{}", 43001),
        ("POST", "/cgi-bin/menu/create", b"", 44002),
        ("POST", "/cgi-bin/menu/create", b"[1]", 47001),
        ("POST", "/cgi-bin/menu/create", b"[" * 100_000, 47001),
        ("POST", "/cgi-bin/message/custom/send", b'{"msgtype": "wish"}', 40008),
        (
            "POST",
            "/cgi-bin/qrcode/create",
            b'{"action_info": [1], "action_name": "QR_SCENE"}',
            47001,
        ),
        ("GET", "/cgi-bin/no/such", b"", 40066),
    ],
)
def test_a_hostile_call_is_refused_not_crashed(
    simulator: RunningSimulator, method: str, path: str, body: bytes, errcode: int
) -> None:
    """Wrong methods, bodies and paths each have their errcode; nothing is a server error."""
    reply = simulator.client.request(
        method, f"{simulator.url}{path}", params={"access_token": simulator.token()}, data=body
    )

    assert reply.status_code == 200
    assert reply.json()["errcode"] in (errcode, 40053)


def test_sns_answers_are_plain_text(simulator: RunningSimulator) -> None:
    """The web authorization interfaces send JSON as text/plain, as the platform does."""
    reply = simulator.client.get(f"{simulator.url}/sns/auth", params={"access_token": "x"})

    assert reply.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("errcode", [-1, 40001, 43004, 45009, 45047])
def test_an_ordered_errcode_comes_once(simulator: RunningSimulator, errcode: int) -> None:
    """A fault goes as often as it was ordered, then the interface is true again."""
    path = "/cgi-bin/getcallbackip"
    assert simulator.turn("fault", path=path, kind="errcode", number=errcode, times=1).ok

    first, second = simulator.api(path), simulator.api(path)

    assert (first["errcode"], "ip_list" in second) == (errcode, True)


def test_torn_and_gone_answers_can_be_ordered(simulator: RunningSimulator) -> None:
    """Half a JSON text and a bad gateway are what a client must survive."""
    token, path = simulator.token(), "/cgi-bin/getcallbackip"
    simulator.turn("fault", path=path, kind="torn", number=0, times=1)
    simulator.turn("fault", path=path, kind="http", number=502, times=1)

    replies = [
        simulator.client.get(f"{simulator.url}{path}", params={"access_token": token})
        for _ in range(2)
    ]

    with pytest.raises(ValueError, match="line 1"):
        replies[0].json()
    assert replies[1].status_code == 502


def test_an_exhausted_quota_refuses_until_cleared(simulator: RunningSimulator) -> None:
    """45009 comes when today's calls are used up, and ends with clear_quota."""
    path = "/cgi-bin/getcallbackip"
    simulator.turn("exhaust", path=path)

    refused = simulator.api(path)
    simulator.api("/cgi-bin/clear_quota", {"appid": APP_ID})

    assert refused["errcode"] == 45009
    assert "ip_list" in simulator.api(path)


def test_an_address_outside_the_list_gets_no_token(simulator: RunningSimulator) -> None:
    """40164 answers a caller whose address is not on the account's list."""
    simulator.turn("allowed-ips", value="10.1.2.3")
    query = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}

    answer = simulator.client.get(f"{simulator.url}/cgi-bin/token", params=query).json()

    assert answer["errcode"] == 40164


def test_expired_tokens_are_refused_everywhere(simulator: RunningSimulator) -> None:
    """The tester ends all tokens at once; the next stable token is another one."""
    token = simulator.token()
    simulator.turn("expire-tokens")

    answer = simulator.client.get(
        f"{simulator.url}/cgi-bin/menu/get", params={"access_token": token}
    ).json()

    assert answer["errcode"] == 42001
    assert simulator.token() != token


def test_the_log_holds_every_call(simulator: RunningSimulator) -> None:
    """/log.json shows path, query, body, answer, errcode and time of each call."""
    wanted = menu("http://127.0.0.1:8000")
    simulator.api("/cgi-bin/menu/create", wanted)

    calls = simulator.client.get(f"{simulator.url}/log.json").json()["calls"]

    newest = calls[0]
    assert (newest["path"], newest["errcode"]) == ("/cgi-bin/menu/create", 0)
    assert json.loads(newest["request"]) == wanted
    assert newest["took_ms"] >= 0


def test_a_medium_goes_up_and_down(simulator: RunningSimulator) -> None:
    """What was uploaded comes back byte for byte, for three days."""
    picture = b"\x89PNG\r\n" + bytes(100)
    query = {"access_token": simulator.token(), "type": "image"}
    up = simulator.client.post(
        f"{simulator.url}/cgi-bin/media/upload",
        params=query,
        files={"media": ("a.png", picture)},
    ).json()

    down = simulator.client.get(
        f"{simulator.url}/cgi-bin/media/get", params={**query, "media_id": up["media_id"]}
    )
    simulator.platform.clock.advance(3 * 24 * 3600 + 1)

    assert down.content == picture
    assert simulator.api("/cgi-bin/media/get", media_id=up["media_id"])["errcode"] == 40007


def test_the_same_seed_gives_the_same_openids(tmp_path: Path, account: AccountServer) -> None:
    """Two simulators of one seed have the same users; another seed has others."""
    homes = [("a", 1), ("b", 1), ("c", 2)]
    openids = []
    for name, seed in homes:
        running = RunningSimulator(tmp_path / name, account, seed=seed)
        openids.append([running.openid(user) for user in ("u1", "u2", "u3")])
        running.stop()

    assert openids[0] == openids[1]
    assert set(openids[0]).isdisjoint(openids[2])
    assert all(len(openid) == 28 for openid in openids[0])
