"""The phone's page and what its user does: chat, menu, cards, follow and leave."""

import re
from typing import Any

import pytest

from h5app.simulator.phone.wording import segments
from tests.simulator.served import AccountServer, RunningSimulator, menu
from tests.simulator.test_callback import message_of


def publish(simulator: RunningSimulator, account: AccountServer) -> None:
    """Publish the usual menu."""
    assert simulator.api("/cgi-bin/menu/create", menu(account.url))["errcode"] == 0


def state(simulator: RunningSimulator, user: str = "u1", after: int = 0, bar: str = "") -> Any:
    """What the phone's page asks again and again."""
    return simulator.phone("GET", f"/phone/{user}/state?after={after}&bar={bar}", user).json()


def test_a_phone_has_a_host_of_its_own(simulator: RunningSimulator) -> None:
    """Opened elsewhere, a phone's page leads to its own host; there it says what it is."""
    elsewhere = simulator.client.get(f"{simulator.url}/phone/u2", allow_redirects=False)
    page = simulator.phone("GET", "/phone/u2", "u2")

    port = simulator.settings.port
    assert elsewhere.headers["Location"] == f"http://u2.localhost:{port}/phone/u2"
    assert "微信模拟器" in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src=)", page.text)


def test_the_menu_is_what_the_account_published(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The bar below the chat changes when the account publishes, without reloading."""
    before = state(simulator)
    publish(simulator, account)

    after = state(simulator, bar=before["bar_version"])

    assert "menu-item" not in before["bar"]
    assert "首页" in after["bar"]
    assert "帮助" in after["bar"]
    assert "bar" not in state(simulator, bar=after["bar_version"])


def test_a_conditional_menu_shows_to_whom_it_fits(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A menu for Android stands on the Android phone only."""
    publish(simulator, account)
    special = {"button": [{"name": "安卓", "type": "click", "key": "k"}]}
    rule = {"matchrule": {"client_platform_type": "2"}}
    simulator.api("/cgi-bin/menu/addconditional", {**special, **rule})

    assert "安卓" in state(simulator, "u2")["bar"]
    assert "安卓" not in state(simulator, "u1")["bar"]


def test_a_view_button_opens_the_page_on_the_phone(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A view button tells the account its address, and opens it on the phone's own host."""
    publish(simulator, account)

    answer = simulator.do("tap", top=0, sub=0)
    simulator.settle()

    event = message_of(simulator, account)
    assert answer["open"] == f"http://u1.localhost:{simulator.settings.port}/go/quotes"
    assert (event["Event"], event["EventKey"]) == ("VIEW", f"{account.url}/go/quotes")


def test_a_click_button_sends_its_key(simulator: RunningSimulator, account: AccountServer) -> None:
    """A click button sends CLICK and opens a window of three messages for a minute."""
    publish(simulator, account)

    answer = simulator.do("tap", top=1, sub=None)
    simulator.settle()

    event = message_of(simulator, account)
    assert answer == {}
    assert (event["Event"], event["EventKey"]) == ("CLICK", "help")
    window = simulator.platform.windows.shown(simulator.openid())[0]
    assert (window["kind"], window["left"]) == ("click", 3)


def test_every_type_of_button_can_be_tapped(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Scan, picture, place and the rest each send what the platform sends."""
    kinds = ("scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_weixin", "location_select")
    buttons = [{"type": kind, "name": kind[:10], "key": "k"} for kind in kinds]
    program = {
        "type": "miniprogram",
        "name": "m",
        "url": "http://x/",
        "appid": "a",
        "pagepath": "p",
    }
    tops = [{"name": "a", "sub_button": buttons}, {"name": "b", "sub_button": [program]}]
    assert simulator.api("/cgi-bin/menu/create", {"button": tops})["errcode"] == 0

    for place in range(len(kinds)):
        assert simulator.do("tap", top=0, sub=place) == {}
    simulator.do("tap", top=1, sub=0)
    simulator.settle()

    sent = [message_of(simulator, account, place) for place in range(len(account.received))]
    events = [one["Event"] for one in sent if one["MsgType"] == "event"]
    assert sorted(events) == sorted([*kinds, "view_miniprogram"])
    assert sorted(one["MsgType"] for one in sent if one["MsgType"] != "event") == [
        "image",
        "image",
        "location",
    ]


@pytest.mark.parametrize("wish", [{"top": 9}, {"top": "0"}, {"top": 0, "sub": 7}, {}, {"top": -1}])
def test_a_button_that_is_not_there_cannot_be_tapped(
    simulator: RunningSimulator, account: AccountServer, wish: dict[str, Any]
) -> None:
    """Wrong places are refused with a sentence."""
    publish(simulator, account)

    reply = simulator.phone("POST", "/phone/u1/deeds/tap", json=wish)

    assert reply.status_code == 409
    assert "菜单里没有这一项" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("deed", "values", "fields"),
    [
        ("say", {"text": "600519 😀"}, {"MsgType": "text", "Content": "600519 😀"}),
        ("speak", {"recognition": "茅台"}, {"MsgType": "voice", "Recognition": "茅台"}),
        ("place", {"label": "上海"}, {"MsgType": "location", "Label": "上海", "Scale": "16"}),
        ("picture", {}, {"MsgType": "image"}),
        ("link", {"title": "t", "url": "http://x/"}, {"MsgType": "link", "Url": "http://x/"}),
        ("choose", {"id": "7", "words": "是"}, {"MsgType": "text", "bizmsgmenuid": "7"}),
        ("report", {}, {"MsgType": "event", "Event": "LOCATION", "Latitude": "31.230416"}),
    ],
)
def test_what_a_user_sends_reaches_the_account(
    simulator: RunningSimulator,
    account: AccountServer,
    deed: str,
    values: dict[str, str],
    fields: dict[str, str],
) -> None:
    """Each kind of message carries the fields of the protocol."""
    assert simulator.do(deed, **values) == {}
    simulator.settle()

    message = message_of(simulator, account)
    assert {name: message.get(name) for name in fields} == fields


def test_a_phone_without_recognition_sends_none(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The tester may switch voice recognition off."""
    simulator.turn("user", user="u1", name="has_recognition", value="0")
    simulator.do("speak", recognition="茅台")
    simulator.settle()

    assert "Recognition" not in message_of(simulator, account)


def test_a_picture_can_be_fetched_where_its_message_says(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """PicUrl and media/get both give the picture's bytes."""
    simulator.do("picture")
    simulator.settle()

    message = message_of(simulator, account)
    by_url = simulator.client.get(message["PicUrl"]).content
    by_id = simulator.client.get(
        f"{simulator.url}/cgi-bin/media/get",
        params={"access_token": simulator.token(), "media_id": message["MediaId"]},
    ).content
    assert by_url == by_id
    assert by_url.startswith(b"\x89PNG")


def test_following_and_leaving_tell_the_account(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """u3 does not follow at first: it has no menu and cannot write; following changes that."""
    publish(simulator, account)
    before = state(simulator, "u3")["bar"]
    refused = simulator.phone("POST", "/phone/u3/deeds/say", "u3", json={"text": "x"})

    simulator.do("follow", "u3")
    simulator.settle()
    during = state(simulator, "u3")["bar"]
    followed = message_of(simulator, account)
    simulator.do("unfollow", "u3")
    simulator.settle()

    assert "关注服务号" in before
    assert refused.status_code == 409
    assert (followed["Event"], followed["EventKey"]) == ("subscribe", "")
    assert "首页" in during
    assert message_of(simulator, account)["Event"] == "unsubscribe"


def test_a_scan_brings_its_scene(simulator: RunningSimulator, account: AccountServer) -> None:
    """A follower's scan is SCAN; a stranger's is subscribe with qrscene_ and is remembered."""
    code = simulator.turn("code", scene="branch-7").json()

    simulator.do("scan", "u1", code=code["ticket"])
    simulator.settle()
    known = message_of(simulator, account)
    simulator.do("scan", "u3", code=code["url"])
    simulator.settle()
    new = message_of(simulator, account)

    assert (known["Event"], known["EventKey"]) == ("SCAN", "branch-7")
    assert (new["Event"], new["EventKey"]) == ("subscribe", "qrscene_branch-7")
    assert known["Ticket"] == new["Ticket"] == code["ticket"]
    info = simulator.api("/cgi-bin/user/info", openid=simulator.openid("u3"))
    assert info["qr_scene_str"] == "branch-7"
    assert simulator.phone("POST", "/phone/u1/deeds/scan", json={"code": "no"}).status_code == 409


def test_a_template_card_opens_its_page(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A card shows title and fields, and a tap opens its address on the phone."""
    body = {
        "touser": simulator.openid(),
        "template_id": "SIM_ORDER_FILLED",
        "url": f"{account.url}/go/orders?id=1",
        "data": {
            "thing1": {"value": "<b>委托</b>已成交"},
            "phrase2": {"value": "已成"},
            "time3": {"value": "2026-11-24 09:30"},
            "thing4": {"value": "点开查看"},
        },
    }
    sent = simulator.api("/cgi-bin/message/template/send", body)
    shown = state(simulator)["messages"]
    answer = simulator.do("open", url=body["url"])

    assert sent["errcode"] == 0
    assert "成交通知" in shown
    assert "&lt;b&gt;委托&lt;/b&gt;已成交" in shown
    assert answer["open"] == f"http://u1.localhost:{simulator.settings.port}/go/orders?id=1"


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_a_foreign_address_is_not_opened(simulator: RunningSimulator, url: str) -> None:
    """What does not lie on the account's server ends on a page that names it."""
    opened = simulator.do("open", url=url)["open"]

    assert opened.startswith(f"http://u1.localhost:{simulator.settings.port}/simulator/outside?")


def test_only_links_are_markup_in_a_text() -> None:
    """<a href> becomes a link, everything else stays text."""
    text = '看 <a href="http://x/?a=1&amp;b=2">行情</a> <img src=x onerror=alert(1)>'

    assert segments(text) == [
        ("看 ", ""),
        ("行情", "http://x/?a=1&b=2"),
        (" <img src=x onerror=alert(1)>", ""),
    ]


def test_a_hostile_text_stays_text(simulator: RunningSimulator) -> None:
    """Markup that a user or the account sends is shown, never run."""
    simulator.do("say", text='<script>alert(1)</script><a href="javascript:alert(1)">x</a>')

    shown = state(simulator)["messages"]

    assert "<script>" not in shown
    assert 'href="javascript:' not in shown


def test_a_user_with_an_agent_is_not_answered_by_the_account(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Handed to a human, a user's words go to the agent's seat, whose words come to the chat."""
    agent = "kf2001@demo"
    simulator.api("/customservice/kfaccount/add", {"kf_account": agent, "nickname": "小王"})
    simulator.turn("agent", user="u1", step="take", account=agent)
    simulator.settle()
    account.received.clear()

    simulator.do("say", text="人工")
    simulator.turn("agent", user="u1", step="say", text="您好")
    simulator.settle()

    assert account.received == []
    assert simulator.chat()[-1]["body"]["content"] == "您好"


def test_a_subscription_is_good_for_one_message(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A tap on 允许 grants one message; the second is 43101."""
    simulator.do("subscribe", decisions={"SUB_NOTICE": True})
    body = {
        "touser": simulator.openid(),
        "template_id": "SUB_NOTICE",
        "data": {"thing1": {"value": "事"}, "time3": {"value": "10:00"}, "thing4": {"value": "明"}},
    }

    codes = [simulator.api("/cgi-bin/message/subscribe/bizsend", body)["errcode"] for _ in range(2)]

    assert codes == [0, 43101]


def test_the_sdks_signature_is_held_against_the_pages_real_address(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A signature made for the account's public address verifies on the phone's host."""
    import hashlib

    ticket = simulator.api("/cgi-bin/ticket/getticket", type="jsapi")["ticket"]
    text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url={account.url}/market/?a=1"
    config = {
        "appId": simulator.settings.app_id,
        "timestamp": 1,
        "nonceStr": "n",
        "signature": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
    }
    page = f"http://u1.localhost:{simulator.settings.port}/market/?a=1"

    def check(url: str) -> Any:
        body = {**config, "url": url}
        return simulator.phone("POST", "/simulator/jssdk/check", json=body).json()["reason"]

    assert check(f"{page}#part") == ""
    assert check(f"{page}&b=2") == "invalid signature"
    assert check("https://example.com/") == "invalid url domain"
