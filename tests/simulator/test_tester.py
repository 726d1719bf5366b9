"""The tester's page: text messages, turns, reset, and who may press its buttons."""

import json
import re
from typing import Any

import pytest
from werkzeug import Request, Response

from tests.simulator.served import AccountServer, RunningSimulator, menu


def test_a_text_message_is_listed_newest_first(simulator: RunningSimulator) -> None:
    """POST /sms keeps a message; the list shows it as simulated, as a page and as JSON."""
    for code in ("111111", "222222"):
        body = {"phone": "13800000001", "text": f"验证码 {code}", "purpose": "sign_in"}
        headers = {"Authorization": "Bearer anything"}
        assert simulator.client.post(f"{simulator.url}/sms", json=body, headers=headers).ok

    page = simulator.client.get(f"{simulator.url}/sms", headers={"Accept": "text/html"}).text
    listed = simulator.client.get(
        f"{simulator.url}/sms", headers={"Accept": "application/json"}
    ).json()

    assert "模拟短信" in page
    assert "微信模拟器" in page
    assert page.index("222222") < page.index("111111")
    assert [one["text"] for one in listed["messages"]] == ["验证码 222222", "验证码 111111"]
    assert listed["messages"][0]["phone"] == "13800000001"
    assert listed["messages"][0]["purpose"] == "sign_in"


def test_the_list_is_empty_at_first(simulator: RunningSimulator) -> None:
    """With no message the page says where they come from."""
    assert "还没有短信" in simulator.client.get(f"{simulator.url}/sms").text


@pytest.mark.parametrize(
    "body", [{}, {"phone": "1"}, {"phone": 1, "text": "x"}, {"phone": "1", "text": "x" * 2000}]
)
def test_what_is_no_text_message_is_refused(
    simulator: RunningSimulator, body: dict[str, Any]
) -> None:
    """A message without phone or text, or a huge one, is refused with a sentence."""
    reply = simulator.client.post(f"{simulator.url}/sms", json=body)

    assert reply.status_code == 409
    assert reply.json()["error"]["code"] == "simulator.impossible"


def test_the_tester_sees_all_phones_and_turns(simulator: RunningSimulator) -> None:
    """The page frames each phone on its own host, and holds no inline script or style."""
    page = simulator.client.get(f"{simulator.url}/")

    port = simulator.settings.port
    for user in ("u1", "u2", "u3"):
        assert f'src="http://{user}.localhost:{port}/phone/{user}"' in page.text
    assert "微信模拟器" in page.text
    assert f"http://*.localhost:{port}" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("advance", {"seconds": -1}),
        ("advance", {"seconds": "x"}),
        ("exhaust", {"path": "/no"}),
        ("fault", {"path": "*", "kind": "flood", "number": 1, "times": 1}),
        ("fault", {"path": "*", "kind": "errcode", "number": 1, "times": 0}),
        ("user", {"user": "u1", "name": "openid", "value": "x"}),
        ("user", {"user": "u9", "name": "platform", "value": "ios"}),
        ("user", {"user": "u1", "name": "platform", "value": "x"}),
        ("again", {"delivery": 99}),
        ("raw", {"xml": ""}),
        ("agent", {"user": "u1", "step": "take", "account": "none"}),
        ("nothing", {}),
    ],
)
def test_a_turn_that_makes_no_sense_is_refused(
    simulator: RunningSimulator, name: str, values: dict[str, Any]
) -> None:
    """Wrong values change nothing and are answered with a sentence."""
    reply = simulator.turn(name, **values)

    assert reply.status_code == 409
    assert reply.json()["error"]["message"]


def test_only_our_own_pages_turn_anything(simulator: RunningSimulator) -> None:
    """A page of another site cannot reset the simulator through the tester's browser."""
    simulator.client.post(f"{simulator.url}/sms", json={"phone": "1", "text": "x"})
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}

    replies = [
        simulator.client.post(f"{simulator.url}{path}", json={}, headers=foreign)
        for path in ("/reset", "/simulator/turns/expire-tokens", "/sms")
    ]

    assert [reply.status_code for reply in replies] == [403] * 3
    assert simulator.platform.text_messages.newest()


def test_a_reset_begins_again_with_the_same_users(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Everything is forgotten; the seed gives the same openids; u3 does not follow."""
    openid = simulator.openid()
    simulator.api("/cgi-bin/menu/create", menu(account.url))
    simulator.do("follow", "u3")
    simulator.settle()

    reply = simulator.client.post(f"{simulator.url}/reset", json={})

    assert reply.json() == {"reset": True}
    assert simulator.openid() == openid
    assert simulator.api("/cgi-bin/menu/get")["errcode"] == 46003
    assert simulator.api("/cgi-bin/user/get")["total"] == 2
    assert simulator.chat() == []


def test_the_market_clock_is_moved_through_this_server(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A turn of the market clock reaches the app's /demo/clock; its answer comes back."""
    state = {"market_at": "2026-11-24T09:30:00+08:00", "speed": 1, "moving": False}

    def clock(request: Request) -> Response:
        if request.method == "POST" and request.get_json().get("days") == 0:
            refusal = {"error": {"code": "demo.clock_backwards", "message": "只能向前"}}
            return Response(json.dumps(refusal), status=422, mimetype="application/json")
        return Response(json.dumps(state), mimetype="application/json")

    account.answers["/demo/clock"] = clock
    read = simulator.client.get(f"{simulator.url}/simulator/market-clock").json()
    moved = simulator.turn("market", next_phase=True).json()
    refused = simulator.turn("market", days=0).json()

    assert read == moved == state
    assert account.at("/demo/clock")[1][0].get_json() == {"next_phase": True}
    assert refused == {"error": "只能向前"}


def test_an_app_that_is_away_leaves_the_page_usable(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Without the app the market clock shows a sentence, and the page stays up."""
    account.stop()

    answer = simulator.client.get(f"{simulator.url}/simulator/market-clock").json()

    assert "没有应答" in answer["error"]
    assert simulator.client.get(f"{simulator.url}/").status_code == 200


def test_a_crowd_fills_more_than_a_page(simulator: RunningSimulator) -> None:
    """10,001 more followers make the list of followers go over two pages."""
    simulator.turn("add-crowd", count=10_001)

    first = simulator.api("/cgi-bin/user/get")
    second = simulator.api("/cgi-bin/user/get", next_openid=first["next_openid"])
    third = simulator.api("/cgi-bin/user/get", next_openid=second["next_openid"])

    assert (first["total"], first["count"]) == (10_003, 10_000)
    assert (second["count"], third["count"], "data" in third) == (3, 0, False)


def test_a_new_phone_has_an_openid_of_its_own(simulator: RunningSimulator) -> None:
    """A phone added by the tester works like the others."""
    added = simulator.turn("add-phone", platform="android").json()["user"]

    assert added == "u4"
    assert simulator.phone("GET", "/phone/u4", "u4").status_code == 200
    assert simulator.openid("u4") not in {simulator.openid(f"u{number}") for number in (1, 2, 3)}


def test_what_changed_is_shown_to_the_tester(simulator: RunningSimulator) -> None:
    """The lower part of the page shows calls, deliveries with their attempts, and windows."""
    simulator.do("say", text="你好")
    simulator.settle()

    shown = simulator.client.get(f"{simulator.url}/simulator/desk").text

    assert "你好" in shown
    assert "empty 200" in shown
    assert "message 5/" in shown


def test_no_path_leaves_the_folder_of_files(simulator: RunningSimulator) -> None:
    """Static files come from their own folder only."""
    for path in ("../../setup.cfg", "..%2f..%2fsetup.cfg", "%2e%2e/%2e%2e/setup.cfg"):
        reply = simulator.client.get(f"{simulator.url}/simulator/static/{path}")
        assert reply.status_code == 404


def test_calls_of_a_minute_are_limited(simulator: RunningSimulator) -> None:
    """45011 beyond the minute's limit; the next minute opens again."""
    simulator.token()
    simulator.turn("minute-limit", path="/cgi-bin/menu/get", minute_max=2)

    answers = [simulator.api("/cgi-bin/menu/get")["errcode"] for _ in range(3)]
    simulator.platform.clock.advance(61)

    assert answers == [46003, 46003, 45011]
    assert simulator.api("/cgi-bin/menu/get")["errcode"] == 46003
    assert simulator.turn("minute-limit", path="/no", minute_max=1).status_code == 409


def test_a_later_message_may_come_first(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Out of order: every other delivery is overtaken by the next; the last one comes anyway."""
    simulator.turn("disorder", value=True)

    for text in ("甲", "乙", "丙"):
        simulator.do("say", text=text)
    simulator.settle()

    arrived = sorted(
        simulator.platform.log.deliveries(3), key=lambda one: one["attempts"][0]["started_at"]
    )
    said = ["甲乙丙".index(re.findall("[甲乙丙]", one["xml"])[0]) for one in arrived]
    assert len(account.at("/wechat/callback")) == 3
    assert said.index(1) < said.index(0)


def test_articles_are_drafted_and_published(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A draft becomes an article; the account is told; what is unknown is refused."""
    draft = {"articles": [{"title": "投资者教育", "content": "<p>正文</p>", "author": "演示证券"}]}
    media_id = simulator.api("/cgi-bin/draft/add", draft)["media_id"]
    change = {"media_id": media_id, "index": 0, "articles": {"title": "新题", "content": "文"}}
    assert simulator.api("/cgi-bin/draft/update", change)["errcode"] == 0
    assert simulator.api("/cgi-bin/draft/count")["total_count"] == 1

    submitted = simulator.api("/cgi-bin/freepublish/submit", {"media_id": media_id})

    status = simulator.api("/cgi-bin/freepublish/get", {"publish_id": submitted["publish_id"]})
    article = {"article_id": status["article_id"]}
    assert simulator.api("/cgi-bin/freepublish/getarticle", article)["news_item"][0]["title"] == (
        "新题"
    )
    page = {"offset": 0, "count": 20}
    assert simulator.api("/cgi-bin/freepublish/batchget", page)["total_count"] == 1
    assert simulator.api("/cgi-bin/draft/batchget", page)["total_count"] == 0
    simulator.settle()
    assert "PUBLISHJOBFINISH" in simulator.platform.log.deliveries(1)[0]["xml"]
    assert account.at("/wechat/callback")
    assert simulator.api("/cgi-bin/freepublish/delete", article)["errcode"] == 0
    assert simulator.api("/cgi-bin/freepublish/getarticle", article)["errcode"] == 53600
    assert simulator.api("/cgi-bin/draft/get", {"media_id": "x"})["errcode"] == 40007
