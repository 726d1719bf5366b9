"""What a person does with the phone, step by step; each returns when the screen shows it."""

import contextlib
import re

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, FrameLocator, Page, expect

from tests.walks.conftest import RunningHouse, wait_for

NEWCOMER = ("80000001", "135790")
SETTLED = ("80000002", "246802")
CODE = re.compile(r"\d{6}")
View = Page | Frame | FrameLocator
"""A page of the app: in a browser's tab, or in the phone's web view."""


def tap_menu(page: Page, top: str, item: str) -> FrameLocator:
    """Tap an entry of the account's menu; give the web view that opens."""
    page.get_by_test_id("menu-top").filter(has_text=top).tap()
    page.get_by_test_id("menu-item").filter(has_text=item).tap()
    return web_view(page)


def web_view(page: Page) -> FrameLocator:
    """The page inside the phone's web view."""
    return page.frame_locator('[data-testid="web-view-frame"]')


def close_web_view(page: Page) -> None:
    """Back to the chat."""
    page.get_by_test_id("web-view-close").tap()
    expect(page.get_by_test_id("chat")).to_be_visible()


def type_digits(view: View, field: str, digits: str) -> None:
    """Type on the page's own keypad."""
    view.get_by_test_id(field).tap()
    pad = view.get_by_test_id("keypad")
    for digit in digits:
        pad.locator(f'[data-key="{digit}"]').tap()
    pad.locator('[data-key="done"]').tap()


def replace_digits(view: View, field: str, digits: str) -> None:
    """Clear a field with the keypad's own key, then type."""
    view.get_by_test_id(field).tap()
    pad = view.get_by_test_id("keypad")
    for _ in range(len(view.get_by_test_id(field).input_value())):
        pad.locator('[data-key="back"]').tap()
    for digit in digits:
        pad.locator(f'[data-key="{digit}"]').tap()
    pad.locator('[data-key="done"]').tap()


def last_code(house: RunningHouse) -> str:
    """The newest one-time code of the simulator's list of short messages."""

    def look() -> str:
        messages = house.simulator_get("/sms")["messages"]
        found = CODE.search(messages[0]["text"]) if messages else None
        return found.group() if found else ""

    return str(wait_for(look))


def read_notice(view: View) -> None:
    """Read the risk notice to its end and accept it."""
    box, tick = view.get_by_test_id("risk-notice"), view.get_by_test_id("accepted_notice")

    def is_accepted() -> bool:
        # Letters and scripts that come late make the notice longer, or close the tick again:
        # a reader scrolls on and taps once more.
        box.evaluate("box => box.scrollTo(0, box.scrollHeight)")
        if tick.is_enabled() and not tick.is_checked():
            with contextlib.suppress(PlaywrightError):
                tick.check(timeout=1_000)
        return tick.is_enabled() and tick.is_checked()

    wait_for(is_accepted)


def bind(house: RunningHouse, view: View, account: tuple[str, str]) -> None:
    """Bind a fund account: notice, account, password, then the code that was sent."""
    read_notice(view)
    type_digits(view, "fund_account", account[0])
    type_digits(view, "trade_password", account[1])
    view.get_by_test_id("bind").tap()
    expect(view.get_by_test_id("code")).to_be_visible()
    type_digits(view, "trade_password", account[1])
    type_digits(view, "code", last_code(house))
    view.get_by_test_id("bind").tap()
