"""What every page owes its reader, asked of every page (docs/architecture.md, pages)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.sheets import SHEETS, Sheet
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house")]


def test_nothing_bars_those_who_hear_or_touch_a_page(opened: Opened) -> None:
    """No serious fault by axe: light by every rule, dark and 长辈版 by contrast."""
    opened.resize(390)

    assert opened.violations() == []
    opened.look(theme="dark")
    assert opened.violations("color-contrast") == []
    opened.look(theme="auto", mode="care")
    assert opened.violations("color-contrast") == []
    opened.look(mode="standard")


@pytest.mark.parametrize("width", [390, 320])
def test_a_page_fits_its_phone(opened: Opened, width: int) -> None:
    """At 390 and 320 px nothing is cut or pushed aside, and every target is 44 px or more."""
    opened.resize(width)

    assert opened.ask("wide") == []
    assert opened.ask("cut") == []
    assert opened.ask("overlapping") == []
    assert opened.ask("covered") == []
    assert opened.ask("small", 44) == []


def test_a_page_fits_on_its_side(opened: Opened) -> None:
    """A phone in landscape shows the same, and its bars cover nothing at the end."""
    opened.resize(844, 390)

    assert opened.ask("wide") == []
    assert opened.ask("covered") == []


def test_elders_read_large_letters(opened: Opened) -> None:
    """长辈版: no text below 18 px, main targets of 60 px, nothing cut at 320 px."""
    opened.resize(320)
    opened.look(mode="care")

    assert opened.ask("tiny", 18) == []
    assert opened.ask("small", 60, ".ui-button:not(.is-mini):not(.is-plain)") == []
    assert opened.ask("wide") == []
    assert opened.ask("cut") == []
    assert opened.ask("overlapping") == []
    opened.look(mode="standard")


def test_text_of_twice_the_size_cuts_no_figure(opened: Opened) -> None:
    """WeChat's text size at 200 %: rows fold, no figure is cut and none stands on another."""
    opened.resize(390)
    opened.enlarge_text(200)

    assert opened.ask("wide") == []
    assert opened.ask("cut") == []
    assert opened.ask("overlapping") == []
    assert opened.ask("covered") == []
    opened.enlarge_text(100)


def test_the_browser_has_nothing_to_complain_of(opened: Opened) -> None:
    """No error in the console, and nothing that the content security policy refused."""
    assert opened.complaints == []
    assert opened.page.evaluate("window.violations ?? []") == []


def test_a_page_says_where_one_is(opened: Opened) -> None:
    """The title comes from the server, a heading leads, and the line on top is on every page."""
    title = opened.page.title()

    assert title
    assert len(title) <= 24
    assert opened.page.locator("h1").count() >= 1
    line = opened.page.get_by_test_id("label-line").first
    expect(line).to_contain_text(re.compile(r"^模拟行情 · 演示时间 2026-\d\d-\d\d \d\d:\d\d:\d\d$"))


@pytest.mark.parametrize("who", sorted({sheet.who for sheet in SHEETS}))
def test_pages_are_read_without_script(visitors: Visitors, who: str) -> None:
    """Prices, figures and forms stand in the HTML."""
    context = visitors.context(who, java_script_enabled=False)
    page = context.new_page()

    def text_of(sheet: Sheet) -> str:
        page.goto(sheet.path.format_map(visitors.things))
        return page.locator("main").inner_text()

    missing = {
        sheet.name: text
        for sheet in SHEETS
        if sheet.who == who and not re.search(sheet.reads, text := text_of(sheet))
    }
    context.close()

    assert missing == {}
