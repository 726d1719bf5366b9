"""The platform's interfaces over HTTP: errors, tokens, quotas, faults, and the recorded rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.simulator.served import APP_ID, SECRET, AccountServer, RunningSimulator, menu

RULES = SHARED / "vectors" / "wechat.json"


def rules() -> list[Any]:
    """The recorded platform rules; none without the material beside the checkout."""
    if not RULES.exists():
        return []
    cases = json.loads(RULES.read_text("utf-8"))["cases"]
    return [
        pytest.param(case["input"], case["expected"], id=case["id"])
        for case in cases
        if case["kind"] == "platform_rule"
    ]


class Rule:
    """One recorded rule, set up valid but for what it says."""

    def __init__(self, simulator: RunningSimulator, account: AccountServer, given: Any) -> None:
        self.simulator = simulator
        self.account = account
        self.given = given

    def answer(self) -> Any:
        """Return what the platform answers, errmsg without its rid."""
        name = self.given.get("api", "callback").replace("/", "_").replace("-", "_")
        answer = getattr(self, name)()
        if isinstance(answer, dict) and "errmsg" in answer:
            answer["errmsg"] = answer["errmsg"].partition(" rid: ")[0]
        return answer

    def menu_create(self) -> Any:
        """A menu with too many buttons, or with a long name."""
        button = {"type": "click", "name": "n", "key": "k"}
        if "buttons" in self.given:
            buttons = [button] * self.given["buttons"]
        else:
            buttons = [{**button, "name": "n" * self.given["top_level_name_utf8_bytes"]}]
        return self.simulator.api("/cgi-bin/menu/create", {"button": buttons})

    def sns_oauth2_access_token(self) -> Any:
        """A code used twice, or one that is unknown or old."""
        platform = self.simulator.platform
        code = platform.web_tokens.issue_code(
            self.simulator.openid(), "snsapi_base", is_snapshot=False
        )
        if "second" in self.given["code"]:
            self.exchange(code)
            return self.exchange(code)
        assert self.exchange("never-issued")["errcode"] == 40029
        platform.clock.advance(301)
        return self.exchange(code)

    def exchange(self, code: str) -> Any:
        """Exchange a code."""
        query = {"appid": APP_ID, "secret": SECRET, "code": code}
        return self.simulator.client.get(
            f"{self.simulator.url}/sns/oauth2/access_token",
            params={**query, "grant_type": "authorization_code"},
        ).json()

    def message_custom_send(self) -> Any:
        """A service message after the user's last action, some time and some messages ago."""
        openid = self.simulator.openid()
        self.simulator.do("say", text="你好")
        body = {"touser": openid, "msgtype": "text", "text": {"content": "在"}}
        for _ in range(self.given.get("already_sent", 0)):
            assert self.simulator.api("/cgi-bin/message/custom/send", body)["errcode"] == 0
        self.simulator.platform.clock.advance(self.given["age_s"])
        return self.simulator.api("/cgi-bin/message/custom/send", body)

    def message_template_send(self) -> Any:
        """A template message to somebody who does not follow."""
        body = {
            "touser": self.simulator.openid("u3"),
            "template_id": "SIM_NOTICE",
            "data": {name: {"value": "x"} for name in ("thing1", "time3", "thing4")},
        }
        return self.simulator.api("/cgi-bin/message/template/send", body)

    def cgi_bin_token(self) -> Any:
        """A second plain token while the first is good."""
        query = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}

        def ask() -> str:
            return str(
                self.simulator.client.get(
                    f"{self.simulator.url}/cgi-bin/token", params=query
                ).json()["access_token"]
            )

        first, second = ask(), ask()
        clock = self.simulator.platform.clock
        clock.advance(299)
        before = self.works(first)
        clock.advance(2)
        return {
            "new_token": first != second,
            "old_token_still_valid_s": 300 if before and not self.works(first) else 0,
        }

    def cgi_bin_stable_token(self) -> Any:
        """The same token again, until little of its life is left."""
        clock, first = self.simulator.platform.clock, self.simulator.token()
        is_same = first == self.simulator.token()
        clock.advance(7200 - 301)
        is_same = is_same and first == self.simulator.token()
        clock.advance(3)
        is_new = first != self.simulator.token()
        return {"same_token": is_same, "new_token_when_remaining_s_below": 300 if is_new else 0}

    def works(self, token: str) -> bool:
        """Whether a token opens an interface."""
        reply = self.simulator.client.get(
            f"{self.simulator.url}/cgi-bin/getcallbackip", params={"access_token": token}
        )
        return "errcode" not in reply.json()

    def callback(self) -> Any:
        """No answer: three deliveries of one body, then a line in the chat."""
        from tests.simulator.test_callback import hang

        self.account.answers["/wechat/callback"] = hang
        self.simulator.do("say", text="在吗")
        self.simulator.settle()
        bodies = [body for _, body in self.account.at("/wechat/callback")]
        assert len(bodies) == 3
        assert len(set(bodies)) == 1
        assert "该服务号暂时无法提供服务" in self.simulator.chat()[-1]["body"]["content"]
        return {}


@pytest.mark.shared
@pytest.mark.parametrize(("given", "expected"), rules())
def test_a_recorded_rule_of_the_platform_holds(
    simulator: RunningSimulator, account: AccountServer, given: Any, expected: Any
) -> None:
    """Each rule that the reference material records is kept over HTTP."""
    answer = Rule(simulator, account, given).answer()

    for name in ("errcode", "errmsg", "new_token", "old_token_still_valid_s", "same_token"):
        if name in expected:
            assert answer[name] == expected[name]
    if "errmsg_prefix" in expected:
        assert answer["errmsg"].startswith(expected["errmsg_prefix"])
    if "new_token_when_remaining_s_below" in expected:
        assert answer["new_token_when_remaining_s_below"] == 300


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
