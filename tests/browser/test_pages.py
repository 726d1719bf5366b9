"""What every page owes its reader, asked of every page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened, Sight
from tests.browser.sheets import SHEETS, Sheet
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house")]


TOP_LINE = re.compile(r"^模拟行情 · 演示时间 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
Probe = tuple[object, ...]
TARGETS: Probe = ("small", 44)
MAIN_TARGETS: Probe = ("small", 60, ".ui-button:not(.is-mini):not(.is-plain)")
WHOLE: list[Probe] = [("wide",), ("cut",), ("overlapping",)]
SIGHTS: dict[str, tuple[Sight, list[Probe]]] = {
    "390 px": (Sight(), [*WHOLE, ("covered",), TARGETS]),
    "text of 200 %": (Sight(text_percent=200), [*WHOLE, ("covered",)]),
    "320 px": (Sight(320), [*WHOLE, ("covered",), TARGETS]),
    "320 px, care": (Sight(320, mode="care"), [*WHOLE, ("tiny", 18), MAIN_TARGETS]),
    "on its side": (Sight(844, 390), [("wide",), ("covered",)]),
}


def test_nothing_bars_those_who_hear_or_touch_a_page(opened: Opened) -> None:
    """No serious fault by axe: light by every rule, dark and 长辈版 by contrast."""
    opened.hold(Sight())

    assert opened.violations() == []
    opened.look(theme="dark")
    assert opened.violations("color-contrast") == []
    opened.look(theme="auto", mode="care")
    assert opened.violations("color-contrast") == []


def test_a_page_fits_every_phone(opened: Opened) -> None:
    """However it is held, nothing is cut, covered or pushed aside, and a thumb finds its target.

    390 and 320 px with targets of 44 px; 长辈版 with no text below 18 px and main targets of 60 px;
    WeChat's text size at 200 %, where rows fold; a phone on its side.
    """
    faults = {}
    for name, (sight, probes) in SIGHTS.items():
        opened.hold(sight)
        faults[name] = opened.ask(*probes)

    assert {name: found for name, found in faults.items() if found} == {}


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
    expect(line).to_have_text(TOP_LINE)


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
