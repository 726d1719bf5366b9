"""The channel on the simulator's phone: the ways in, questions, notices, and the way out."""

import json
import re
import subprocess
import sys
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.conftest import ROOT
from tests.walks.conftest import RunningHouse, wait_for
from tests.walks.steps import bind, close_web_view, tap_menu, web_view

pytestmark = [pytest.mark.walk, pytest.mark.browser, pytest.mark.xdist_group("house")]
ACCOUNT = ("80000002", "246802")
SCENE = "branch-7"
SEND = "/cgi-bin/message/template/send"


def turn(house: RunningHouse, name: str, /, **values: object) -> Any:
    """Turn something on the tester's page."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{house.simulator}/simulator/turns/{name}",
        data=json.dumps(values).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback
        return json.load(reply)


def stranger(house: RunningHouse, context: BrowserContext) -> tuple[str, Page]:
    """Take a phone that nobody used before; it does not follow."""
    user = str(turn(house, "add-phone", platform="ios")["user"])
    page = context.new_page()
    page.goto(house.phone(user))
    expect(page.get_by_test_id("follow")).to_be_visible()
    return user, page


def new_phone(house: RunningHouse, context: BrowserContext) -> tuple[str, Page]:
    """Take such a phone and follow, so that the account's menu is on it."""
    user, page = stranger(house, context)
    page.get_by_test_id("follow").click()
    expect(page.get_by_test_id("menu-top")).to_have_count(3, timeout=30_000)
    return user, page


def open_address(page: Page, address: str) -> FrameLocator:
    """Open an address from the account's sheet; give the web view."""
    page.get_by_test_id("account-more").click()
    page.get_by_test_id("open-url").fill(address)
    page.get_by_test_id("open-go").click()
    return web_view(page)


def ask(page: Page, words: str) -> None:
    """Type a question into the chat."""
    if not page.get_by_test_id("chat-input").is_visible():
        page.get_by_test_id("menu-toggle").click()
    page.get_by_test_id("chat-input").fill(words)
    page.get_by_test_id("chat-send").click()


def answers(page: Page, words: str | re.Pattern[str]) -> Any:
    """What the account said with these words."""
    return page.locator('[data-testid="message"][data-side="account"]').filter(has_text=words)


def test_following_by_a_code_is_greeted_and_attributed(
    house: RunningHouse, phone_context: BrowserContext
) -> None:
    """扫码关注: the advisor's greeting; counted for the code; 取消关注 ends it."""
    scenes = house.config.home / "scenes.toml"
    scenes.write_text(f'[scenes.{SCENE}]\nbranch = "浦东营业部"\nadvisor = "李明"\n', "utf-8")
    turn(house, "code", scene=SCENE)
    _user, page = stranger(house, phone_context)

    page.get_by_test_id("account-more").click()
    page.get_by_test_id("scan").click()
    page.get_by_test_id("scan-code").filter(has_text=SCENE).first.click()
    expect(page.get_by_test_id("menu")).to_be_visible()
    expect(answers(page, "我是浦东营业部客户经理李明")).to_be_visible()
    assert counted(house) == 1

    page.get_by_test_id("account-more").click()
    page.get_by_test_id("unfollow").click()
    expect(page.get_by_test_id("follow")).to_be_visible()
    wait_for(lambda: counted(house) == 0)


def counted(house: RunningHouse) -> int:
    """How many the command counts for the code."""
    done = subprocess.run(
        [sys.executable, "-m", "h5app", "wechat", "scenes"],
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = re.search(rf"{SCENE}  关注 (\d+)", done.stdout)
    return int(found[1]) if found else -1


def test_a_menu_tap_signs_in_silently_and_back_stays_signed_in(
    house: RunningHouse, phone_context: BrowserContext
) -> None:
    """菜单 -> 静默授权 -> 页面; back, and the used address of the way back opened once more."""
    _user, page = new_phone(house, phone_context)
    view = tap_menu(page, "服务", "消息中心")
    expect(view.get_by_role("heading", name="消息中心")).to_be_visible()
    view.get_by_test_id("preferences").click()
    expect(view.get_by_test_id("preferences-form")).to_be_visible()
    page.get_by_test_id("web-view-back").click()
    expect(view.get_by_role("heading", name="消息中心")).to_be_visible()

    log = house.simulator_get("/log.json?direction=page&count=200")["calls"]
    used = next(one for one in log if one["path"] == "/wechat/oauth")
    query = "&".join(f"{name}={value}" for name, value in used["query"].items())
    close_web_view(page)
    view = open_address(page, f"/wechat/oauth?{query}")

    expect(view.get_by_role("heading", name="消息中心")).to_be_visible()


@pytest.mark.parametrize(
    ("mode", "words"),
    [("deny", "您没有同意微信登录"), ("snapshot", "使用完整服务")],
)
def test_who_is_not_known_is_told_and_sees_the_quotes(
    house: RunningHouse, phone_context: BrowserContext, mode: str, words: str
) -> None:
    """拒绝授权 and 快照页: a page that says so, and the way to the quotes."""
    user, page = new_phone(house, phone_context)
    turn(house, "user", user=user, name="oauth_mode", value=mode)

    view = tap_menu(page, "服务", "消息中心")
    if mode == "deny":
        view.get_by_test_id("denied-back").click()

    expect(view.get_by_test_id("sign-in-ended")).to_contain_text(words)
    view.get_by_role("link", name="先看看行情").click()
    expect(view.locator("[data-symbol]").first).to_be_visible()


def test_questions_are_answered_in_the_chat(
    house: RunningHouse, phone_context: BrowserContext
) -> None:
    """Text and voice give a quote; 持仓 a link and no figure; a place is answered honestly."""
    user, page = new_phone(house, phone_context)

    ask(page, "600036")
    expect(answers(page, "招商银行")).to_be_visible()
    ask(page, "持仓")
    expect(answers(page, "查看我的持仓")).to_be_visible()

    page.get_by_test_id("plus").click()
    page.get_by_test_id("speak-text").fill("贵州茅台。")
    page.get_by_test_id("speak-send").click()
    expect(answers(page, "贵州茅台")).to_be_visible()
    turn(house, "user", user=user, name="has_recognition", value="0")
    page.get_by_test_id("plus").click()
    page.get_by_test_id("speak-text").fill("听不见")
    page.get_by_test_id("speak-send").click()
    expect(answers(page, "没听清")).to_be_visible()

    page.get_by_test_id("plus").click()
    page.get_by_test_id("plus-place").click()
    expect(answers(page, "收到您的位置")).to_be_visible()


def test_a_grant_is_used_up_and_a_notice_is_opened(
    house: RunningHouse, phone_context: BrowserContext
) -> None:
    """可提醒 1 次, used where the template message fails; the next notice is a template again."""
    _user, page = new_phone(house, phone_context)
    view = open_address(page, "/go/me")
    expect(view.locator("main")).to_be_visible()
    close_web_view(page)
    view = open_address(page, "/wechat/subscriptions")
    left = view.get_by_test_id("left-security")
    expect(left).to_contain_text("可提醒 0 次")
    view.get_by_test_id("ask-security").get_by_role("button").click()
    view.get_by_test_id("subscribe-allow").click()
    expect(left).to_contain_text("可提醒 1 次")
    close_web_view(page)

    turn(house, "fault", path=SEND, kind="errcode", number=47003, times=1)
    bind(house, tap_menu(page, "交易", "绑定账户"), ACCOUNT)
    close_web_view(page)
    expect(page.get_by_test_id("subscription-card")).to_contain_text("资金账号", timeout=20_000)
    view = open_address(page, "/wechat/subscriptions")
    expect(view.get_by_test_id("left-security")).to_contain_text("可提醒 0 次")

    _other, second = new_phone(house, phone_context)
    bind(house, tap_menu(second, "交易", "绑定账户"), ACCOUNT)
    close_web_view(second)
    card = second.get_by_test_id("template-card").filter(has_text="账户安全")
    expect(card).to_be_visible(timeout=20_000)
    card.click()
    expect(web_view(second).locator("main")).to_be_visible()
    expect(second.get_by_test_id("web-view-title")).not_to_have_text("")
