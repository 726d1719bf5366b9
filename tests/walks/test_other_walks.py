"""The calendar inside WeChat, and the same pages in an ordinary mobile browser."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.walks.conftest import RunningHouse
from tests.walks.steps import SETTLED, close_web_view, last_code, tap_menu, type_digits

Shot = Callable[[Page, str], None]
pytestmark = [pytest.mark.walk, pytest.mark.browser, pytest.mark.xdist_group("house")]


def test_an_ordinary_browser_signs_in_with_a_code_on_a_new_device(
    house: RunningHouse, mobile_context: BrowserContext, shot: Shot
) -> None:
    """Account, password, the code from the list of messages; then back where it began."""
    page = mobile_context.new_page()
    page.goto(f"{house.url}/trade/positions")
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()
    type_digits(page, "fund_account", SETTLED[0])
    type_digits(page, "trade_password", SETTLED[1])
    page.get_by_test_id("sign-in").tap()
    expect(page.get_by_test_id("code")).to_be_visible()
    shot(page, "01-code")

    type_digits(page, "trade_password", SETTLED[1])
    type_digits(page, "code", last_code(house))
    page.get_by_test_id("sign-in").tap()

    expect(page).to_have_url(f"{house.url}/trade/positions")
    expect(page.get_by_test_id("total-assets")).to_contain_text(re.compile(r"\d,\d{3}\.\d\d"))
    for symbol in ("600519.SH", "600036.SH", "688981.SH", "600585.SH", "600900.SH", "510300.SH"):
        expect(page.get_by_test_id(f"position-{symbol}")).to_be_visible()
    shot(page, "02-positions")


def test_an_own_entry_reminds_five_days_ahead_once(
    house: RunningHouse, phone_context: BrowserContext, shot: Shot
) -> None:
    """An entry six days ahead; the clock moved a day on; one reminder in the chat, never two."""
    page = phone_context.new_page()
    page.goto(house.phone("u2"))
    view = tap_menu(page, "服务", "理财日历")
    expect(view.get_by_test_id("month-title")).to_be_visible()
    shot(page, "01-month")

    today = datetime.fromisoformat(house.get("/demo/clock")["market_at"]).date()
    due = today + timedelta(days=6)
    view.get_by_test_id("add-entry").first.tap()
    view.get_by_test_id("title").fill("房贷还款")
    view.get_by_test_id("first_on").fill(due.isoformat())
    shot(page, "02-form")
    view.get_by_test_id("save").tap()
    expect(view.get_by_text("房贷还款").first).to_be_visible()
    shot(page, "03-added")

    close_web_view(page)
    house.move_clock(days=1)
    card = page.get_by_test_id("template-card").filter(has_text="房贷还款")
    expect(card).to_be_visible(timeout=30_000)
    shot(page, "04-reminder")

    house.move_clock(days=1)
    page.wait_for_timeout(3_000)
    expect(card).to_have_count(1)
