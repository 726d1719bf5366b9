"""The phone in a browser at 390 by 844: menu, web view, chat, cards, and the tester's page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect
from werkzeug import Request, Response

from tests.simulator.served import AccountServer, RunningSimulator, menu
from tests.simulator.test_authorize import address, exchange
from tests.simulator.test_callback import sealed_reply

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page whose console must stay silent."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda wrong: complaints.append(str(wrong)))
    opened.on("console", lambda line: _note(complaints, line))
    yield opened
    context.close()
    assert complaints == []


def _note(complaints: list[str], line: Any) -> None:
    if line.type == "error" and "favicon" not in line.text:
        complaints.append(line.text)


@pytest.fixture
def site(simulator: RunningSimulator, account: AccountServer) -> RunningSimulator:
    """An account with a menu, a page behind silent authorization, and an answering callback."""

    def go(request: Request) -> Response:
        if request.cookies.get("who"):
            text = f"<!doctype html><title>行情首页</title><h1>{request.cookies['who']}</h1>"
            return Response(text, mimetype="text/html")
        location = f"{simulator.url}{address(account)}#wechat_redirect"
        return Response("", status=302, headers={"Location": location})

    def back(request: Request) -> Response:
        known = exchange(simulator, request.args["code"])
        headers = {"Location": f"{account.url}/go/quotes"}
        response = Response("", status=302, headers=headers)
        response.set_cookie("who", known["openid"], httponly=True, samesite="Lax")
        return response

    account.answers["/go/quotes"] = go
    account.answers["/wechat/oauth"] = back
    account.answers["/wechat/callback"] = lambda _request: Response(
        sealed_reply(simulator, MsgType="text", Content="请看行情")
    )
    simulator.api("/cgi-bin/menu/create", menu(account.url))
    return simulator


def open_quotes(phone: Any, openid: str) -> None:
    """Tap 行情, then 首页, and see the page of this phone's user."""
    phone.get_by_test_id("menu-top").filter(has_text="行情").click()
    phone.get_by_test_id("menu-item").filter(has_text="首页").click()
    inside = phone.frame_locator("[data-testid=web-view-frame]")
    expect(inside.locator("h1")).to_have_text(openid)


def test_a_menu_tap_opens_the_page_of_the_phones_user(
    site: RunningSimulator, phone_page: Page
) -> None:
    """Menu, silent authorization, page in the web view with its title; ✕ leads back to the chat."""
    phone_page.goto(f"http://u1.localhost:{site.settings.port}/phone/u1")

    open_quotes(phone_page, site.openid("u1"))
    expect(phone_page.get_by_test_id("web-view-title")).to_have_text("行情首页")
    frame = phone_page.get_by_test_id("web-view-frame").bounding_box()
    phone_page.get_by_test_id("web-view-close").click()

    assert frame is not None
    assert (frame["width"], frame["height"] > 780) == (390, True)
    expect(phone_page.get_by_test_id("web-view")).to_be_hidden()
    expect(phone_page.get_by_test_id("menu")).to_be_visible()


def test_words_are_answered_in_the_chat(site: RunningSimulator, phone_page: Page) -> None:
    """What is typed stands on the right, the account's answer on the left."""
    phone_page.goto(f"http://u1.localhost:{site.settings.port}/phone/u1")
    phone_page.get_by_test_id("menu-toggle").click()
    phone_page.get_by_test_id("chat-input").fill("茅台")
    phone_page.get_by_test_id("chat-send").click()

    messages = phone_page.get_by_test_id("message")
    expect(messages.nth(0)).to_have_attribute("data-side", "user")
    expect(messages.nth(1)).to_contain_text("请看行情")


def test_another_menu_keeps_what_is_being_typed(site: RunningSimulator, phone_page: Page) -> None:
    """The account publishes a menu while somebody types: words, focus and keyboard stay."""
    phone_page.goto(f"http://u1.localhost:{site.settings.port}/phone/u1")
    phone_page.get_by_test_id("menu-toggle").click()
    words = phone_page.get_by_test_id("chat-input")
    words.fill("贵州茅")

    site.api("/cgi-bin/menu/create", {"button": [{"type": "click", "name": "新的", "key": "new"}]})
    expect(phone_page.get_by_test_id("menu-top").filter(has_text="新的")).to_have_count(1)

    expect(words).to_be_visible()
    expect(words).to_have_value("贵州茅")
    expect(words).to_be_focused()
    phone_page.keyboard.type("台")
    phone_page.get_by_test_id("chat-send").click()
    expect(phone_page.get_by_test_id("message").first).to_contain_text("贵州茅台")


def test_a_late_answer_shows_nothing_twice(site: RunningSimulator, phone_page: Page) -> None:
    """What the phone asked before a message was sent, and hears after it, changes nothing."""
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            at = route.request.url.replace("u1.localhost", "127.0.0.1")
            held.append((route, route.fetch(url=at)))

    phone_page.route("**/phone/u1/state?*", hold)
    with phone_page.expect_request("**/phone/u1/state?*"):
        phone_page.goto(f"http://u1.localhost:{site.settings.port}/phone/u1")
    phone_page.get_by_test_id("menu-toggle").click()
    phone_page.get_by_test_id("chat-input").fill("茅台")
    phone_page.get_by_test_id("chat-send").click()
    messages = phone_page.get_by_test_id("message")
    expect(messages.first).to_contain_text("茅台")
    phone_page.evaluate("window.isSamePage = true")

    route, answer = held[0]
    route.fulfill(response=answer)

    expect(messages.nth(1)).to_contain_text("请看行情")
    expect(messages).to_have_count(2)
    assert phone_page.evaluate("window.isSamePage")


def test_a_stranger_follows_and_gets_the_menu(site: RunningSimulator, phone_page: Page) -> None:
    """u3 sees the follow button; after it the menu."""
    phone_page.goto(f"http://u3.localhost:{site.settings.port}/phone/u3")
    expect(phone_page.get_by_test_id("simulated")).to_contain_text("微信模拟器")

    phone_page.get_by_test_id("follow").click()

    expect(phone_page.get_by_test_id("menu")).to_be_visible()
    assert phone_page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_phones_side_by_side_keep_their_own_users(site: RunningSimulator, phone_page: Page) -> None:
    """Framed on the tester's page, each phone has its own cookies, and they are kept."""
    phone_page.set_viewport_size({"width": 1280, "height": 900})
    phone_page.goto(site.url)

    for user in ("u1", "u2"):
        phone = phone_page.frame_locator(f"iframe[data-user={user}]")
        open_quotes(phone, site.openid(user))

    phone_page.get_by_test_id("turn-advance").first.click()
    expect(phone_page.get_by_test_id("platform-offset")).to_have_text("+301 s")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_readable_in_both_themes(
    site: RunningSimulator, browser: Browser, scheme: str
) -> None:
    """Contrast of the grey line is at least 4.5 to 1 on its ground."""
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"http://u1.localhost:{site.settings.port}/phone/u1")

    ratio = page.evaluate(
        """() => {
          const luminance = (text) => text.match(/\\d+/g).slice(0, 3).map(Number)
            .map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
          const line = document.querySelector(".simulated");
          const style = getComputedStyle(line);
          const [ink, ground] = [style.color, style.backgroundColor]
            .map(luminance).sort((a, b) => b - a);
          return (ink + 0.05) / (ground + 0.05);
        }"""
    )
    context.close()

    assert ratio >= 4.5
