"""What pages do by themselves: keypad, offline line, veil, coming back, dialogs, looks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.visitors import SETTLED, Visitors, sent

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house")]
TICKET = "/trade/ticket?symbol=600036.SH&side=buy"
OpenPage = Callable[..., Page]
HIDE = """(isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
COME_BACK = "() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


@pytest.fixture
def open_page(visitors: Visitors) -> Iterator[OpenPage]:
    """Open an address in somebody's hand; more words go to the phone."""
    contexts: list[BrowserContext] = []

    def opened(who: str, path: str, **more: Any) -> Page:
        context = visitors.context(who, **more)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def keys(page: Page) -> list[str]:
    """Return what stands on the keypad's keys."""
    return page.get_by_test_id("keypad").locator("[data-key]").all_inner_texts()


def tap_keys(page: Page, names: str) -> None:
    """Tap keys one after the other."""
    for name in names:
        page.get_by_test_id("keypad").locator(f'[data-key="{name}"]').tap()


def test_the_keypad_of_a_password_has_digits_only(open_page: OpenPage) -> None:
    """Six digits, never shown, no 00 beside the 0, and the system's keyboard stays down."""
    page = open_page("stranger", "/me/sign-in")
    field = page.get_by_test_id("trade_password")
    field.tap()

    assert sorted(keys(page)) == sorted([*"0123456789", "⌫", "完成"])
    tap_keys(page, "1234567")
    expect(field).to_have_value("123456")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("inputmode", "none")
    expect(field).to_have_attribute("autocomplete", "off")
    page.get_by_test_id("keypad").locator('[data-key="done"]').tap()
    expect(page.get_by_test_id("keypad")).to_have_count(0)


def test_the_keypad_of_a_price_takes_its_decimals_and_no_more(open_page: OpenPage) -> None:
    """A point for a price, 00 for a quantity; a third decimal of a share's price does nothing."""
    page = open_page("customer", TICKET)
    page.get_by_test_id("price").tap()
    assert "." in keys(page)
    assert "00" not in keys(page)
    for _ in range(6):
        page.get_by_test_id("keypad").locator('[data-key="back"]').tap()
    tap_keys(page, "44.105")
    expect(page.get_by_test_id("price")).to_have_value("44.10")

    page.get_by_test_id("quantity").tap()
    assert "00" in keys(page)
    assert "." not in keys(page)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (844, 390)])
@pytest.mark.parametrize("mode", ["standard", "care"])
def test_the_keypad_never_covers_its_field(
    open_page: OpenPage, mode: str, width: int, height: int
) -> None:
    """On the smallest phone, on its side and with large keys the field stands above the keypad."""
    page = open_page("customer", TICKET)
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("(mode) => { document.body.dataset.weuiMode = mode }", mode)
    field = page.get_by_test_id("quantity")
    field.evaluate("field => field.focus()")

    pad, box = page.get_by_test_id("keypad").bounding_box(), field.bounding_box()
    assert pad
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= pad["y"]
    assert pad["y"] + pad["height"] <= height + 1


def test_a_page_says_that_there_is_no_network(open_page: OpenPage) -> None:
    """The line appears with the loss and goes with the return."""
    page = open_page("stranger", "/market/")
    expect(page.get_by_test_id("offline")).to_be_hidden()

    page.context.set_offline(offline=True)
    expect(page.get_by_test_id("offline")).to_be_visible()
    expect(page.get_by_test_id("offline")).to_contain_text("网络已断开")
    page.context.set_offline(offline=False)
    expect(page.get_by_test_id("offline")).to_be_hidden()


def test_five_minutes_away_lock_the_trade_session(open_page: OpenPage) -> None:
    """Not four; after five the server is locked, and the password leads back to the page."""
    page = open_page("customer", "/me/about")
    _sign_in_anew(page)
    page.goto("/trade/funds")
    page.clock.install()
    page.evaluate(HIDE, True)
    page.clock.fast_forward("04:00")
    page.evaluate(HIDE, False)
    expect(page.get_by_test_id("veil")).to_have_count(0)

    page.evaluate(HIDE, True)
    page.clock.fast_forward("05:01")
    page.evaluate(HIDE, False)

    expect(page.get_by_test_id("veil")).to_have_count(1)
    assert page.locator("main").get_attribute("inert") is not None
    with page.expect_navigation():
        page.get_by_role("button", name="点按继续").tap()
    expect(page.get_by_test_id("veil")).to_have_count(0)
    expect(page.get_by_test_id("funds")).to_have_count(0)
    page.get_by_role("link", name="验证后查看").tap()
    page.get_by_test_id("trade_password").tap()
    tap_keys(page, SETTLED[1])
    page.get_by_test_id("keypad").locator('[data-key="done"]').tap()
    with page.expect_navigation():
        page.get_by_test_id("step-up").tap()
    expect(page.get_by_test_id("funds")).to_contain_text(re.compile(r"\d\.\d\d"))


def _sign_in_anew(page: Page) -> None:
    # A session of this test's own: what it locks is not what others look at.
    page.context.clear_cookies(name=re.compile("session"))
    page.reload()
    sent(page, "/me/sign-in", fund_account=SETTLED[0], trade_password=SETTLED[1], next="/me/")


def test_without_an_answer_the_veil_stays(open_page: OpenPage) -> None:
    """A page that the server did not lock is not asked for again: it would come back open."""
    page = open_page("customer", "/trade/funds")
    page.clock.install()
    page.context.set_offline(offline=True)
    page.evaluate(HIDE, True)
    page.clock.fast_forward("05:01")
    page.evaluate(HIDE, False)

    page.get_by_role("button", name="点按继续").tap()

    expect(page.get_by_test_id("veil")).to_contain_text("网络没有回应")
    assert page.locator("main").get_attribute("inert") is not None


def test_public_pages_have_no_veil(open_page: OpenPage) -> None:
    """Who left the quotes open finds them as they were."""
    page = open_page("stranger", "/market/600036.SH")
    page.clock.install()
    page.evaluate(HIDE, True)
    page.clock.fast_forward("30:00")
    page.evaluate(HIDE, False)

    expect(page.get_by_test_id("veil")).to_have_count(0)


def test_a_private_page_that_comes_back_is_asked_for_again(open_page: OpenPage) -> None:
    """From the back-forward cache nothing private is shown without the server."""
    page = open_page("customer", "/trade/funds")

    with page.expect_navigation():
        page.evaluate(COME_BACK)

    expect(page.get_by_test_id("funds")).to_be_visible()


def test_a_list_is_fresh_when_the_page_is_seen_again(open_page: OpenPage) -> None:
    """What was added meanwhile stands in the month, without loading the page as a whole."""
    page = open_page("follower", "/wealth/entries/new")
    once_key = page.locator('[name="once_key"]').input_value()
    first_on = page.locator('[name="first_on"]').input_value()
    page.goto("/wealth/")
    page.evaluate("() => { window.isSamePage = true }")
    page.evaluate(HIDE, True)
    sent(
        page,
        "/wealth/entries",
        once_key=once_key,
        title="别处添加的缴费",
        kind="repayment",
        first_on=first_on,
        repeat="never",
        calendar="solar",
        holiday_rule="keep",
    )

    page.evaluate(HIDE, False)

    expect(page.get_by_text("别处添加的缴费").first).to_be_visible()
    assert page.evaluate("window.isSamePage")


def test_a_dialog_keeps_the_focus_and_gives_it_back(open_page: OpenPage) -> None:
    """Tab stays inside, Escape shuts it, and the focus returns to what opened it."""
    page = open_page("stranger", "/ops/ui")
    opener = page.locator("[data-behaviour~=open-sheet]").first
    sheet = page.locator(f"#{opener.get_attribute('data-sheet')}")
    expect(sheet).to_be_hidden()
    opener.tap()
    expect(sheet).to_be_visible()

    for _ in range(6):
        page.keyboard.press("Tab")
        assert sheet.evaluate("sheet => sheet.contains(document.activeElement)")
    page.keyboard.press("Escape")

    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_look_is_kept_from_page_to_page(open_page: OpenPage) -> None:
    """Dark, 长辈版 and 绿涨红跌 are chosen once, by anybody, and hold on every page."""
    page = open_page("stranger", "/me/appearance")
    for name, value in (("theme", "dark"), ("mode", "care"), ("colours", "green-up")):
        page.locator(f'[name="{name}"][value="{value}"]').check()
    with page.expect_navigation():
        page.get_by_test_id("save-look").tap()

    page.goto("/market/")

    body = page.locator("body")
    expect(body).to_have_attribute("data-weui-theme", "dark")
    expect(body).to_have_attribute("data-weui-mode", "care")
    expect(body).to_have_attribute("data-market-colours", "green-up")
    assert body.evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(17, 17, 17)"
    page.goto("/me/")
    expect(page.get_by_test_id("care-entries")).to_contain_text("看行情")


def test_a_page_follows_the_phone_into_the_dark(open_page: OpenPage) -> None:
    """Who has not chosen sees what the phone is set to."""
    dark = open_page("stranger", "/market/", color_scheme="dark")
    light = open_page("stranger", "/market/", color_scheme="light")

    grounds = [
        page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        for page in (dark, light)
    ]

    assert grounds == ["rgb(17, 17, 17)", "rgb(237, 237, 237)"]


@pytest.mark.parametrize(("percent", "folds"), [(100, "no"), (120, "no"), (160, "yes")])
def test_a_page_follows_the_text_size_of_wechat(
    visitors: Visitors, percent: int, folds: str
) -> None:
    """The size chosen in WeChat is taken, never refused; from 135 % on rows fold."""
    context = visitors.context("stranger")
    environment = f"{{ getEnv: () => JSON.stringify({{ fontScale: {percent} }}) }}"
    context.add_init_script(f"window.__wxWebEnv = {environment}")
    page = context.new_page()
    page.goto("/market/")

    body = page.locator("body")
    size = body.evaluate("body => body.style.getPropertyValue('-webkit-text-size-adjust')")
    classes = body.get_attribute("class") or ""
    context.close()

    assert size == f"{percent}%"
    assert ("has-large-text" in classes) is (folds == "yes")
