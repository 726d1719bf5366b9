"""The main job as one walk, for any day and any stock: from the menu to the message in the chat."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.walks.conftest import RunningHouse
from tests.walks.steps import NEWCOMER, bind, close_web_view, replace_digits, tap_menu

Shot = Callable[[Page, str], None]
SECRETS = re.compile(r"\d+\.\d\d|\d{5,}|元|股")
"""An amount, a code, an account number, a quantity."""


def buy_from_the_menu(
    house: RunningHouse, phone_context: BrowserContext, shot: Shot, symbol: str
) -> None:
    """行情, a stock, 买入, binding, confirmation, 已成, position, 成交通知 without an amount."""
    house.go_into_session()
    page = phone_context.new_page()
    page.goto(house.phone("u1"))
    expect(page.get_by_test_id("menu-top")).to_have_count(3, timeout=30_000)
    shot(page, "01-chat")

    view = tap_menu(page, "行情", "大盘行情")
    row = view.locator(f'[data-symbol="{symbol}"]').first
    expect(row).to_be_visible()
    shot(page, "02-quotes")
    first = row.inner_text()
    expect(row).not_to_have_text(first, timeout=40_000)

    row.tap()
    expect(view.get_by_test_id("intraday")).to_be_visible()
    expect(view.get_by_test_id("depth")).to_contain_text("卖五")
    shot(page, "03-stock")

    view.get_by_test_id("buy").tap()
    expect(view.get_by_test_id("binding-form")).to_be_visible()
    shot(page, "04-binding")
    bind(house, view, NEWCOMER)

    expect(view.get_by_test_id("ticket")).to_be_visible()
    replace_digits(view, "quantity", "100")
    view.locator('[data-level="ask-5"]').tap()
    expect(view.get_by_test_id("estimate")).to_contain_text(re.compile(r"\d\.\d\d"))
    shot(page, "05-ticket")
    view.get_by_test_id("submit-ticket").tap()
    expect(view.get_by_test_id("sentence")).to_contain_text("买入")
    expect(view.get_by_test_id("fees")).to_contain_text(re.compile(r"\d+\.\d\d"))
    shot(page, "06-confirmation")

    view.get_by_test_id("confirm-order").tap()
    expect(view.get_by_test_id("order-label")).to_have_text("已成", timeout=30_000)
    shot(page, "07-filled")

    view.get_by_role("link", name="查看持仓").tap()
    expect(view.get_by_test_id(f"position-{symbol}")).to_contain_text("100")
    shot(page, "08-position")

    close_web_view(page)
    card = page.get_by_test_id("template-card").filter(has_text="成交通知")
    expect(card).to_be_visible(timeout=20_000)
    assert not SECRETS.search(card.inner_text()), card.inner_text()
    shot(page, "09-message")
