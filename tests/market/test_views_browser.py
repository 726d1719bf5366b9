"""The market's pages under a real thumb: Chromium at the size of a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Request, Route, expect

from h5app.market.seed import SEED_MAIN, SEED_SEALED_UP
from tests.market.market_site import Site, opened_site, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import APIResponse, Browser

pytestmark = pytest.mark.browser
POLL_MS_MAX = 12_000
READ_TIME = "[data-testid=reading] [data-read=time]"
READ_PRICE = "[data-testid=reading] [data-read=price]"
PRICE = "[data-testid=price] [data-field=last]"


class Phone:
    """A page at the size of a phone, and the market it looks at."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.asked: list[str] = []
        self.mistakes: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda wrong: self.mistakes.append(str(wrong)))

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def count(self, part: str) -> int:
        """How often an address with this in it was asked for."""
        return sum(part in url for url in self.asked)

    def tick(self, seconds: int) -> None:
        """Let the market go on; it never goes back, so every test starts where one before ended."""
        later = self.site.world.clock.now() + timedelta(seconds=seconds)
        self.site.world.step(f"{later:%Y-%m-%dT%H:%M:%S}")

    def minute(self, back: int = 0) -> str:
        """The stamp of the running minute, or of one so many before it."""
        end = self.site.world.clock.now() + timedelta(minutes=1 - back)
        return f"{end:%H:%M}"

    def price(self, symbol: str = SEED_MAIN) -> str:
        """The price as the board has it."""
        quote = self.site.world.market.quote(symbol)
        assert quote is not None
        assert quote.last_milli is not None
        return f"{quote.last_milli / 1000:.2f}"


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Site, str]]:
    """The market at 10:30:03 of the first day, with thirty days of history, and its address."""
    folder = tmp_path_factory.mktemp("browser")
    moment = "2026-11-24T10:30:03"
    with opened_site(folder, sqlite_template, moment, days=30) as site, serving(site) as address:
        yield site, address


@pytest.fixture
def phone(browser: Browser, served: tuple[Site, str]) -> Iterator[Phone]:
    """A visitor's phone; the market has just been heard of."""
    site, address = served
    site.world.loop.step(site.world.clock.now())
    context = browser.new_context(
        base_url=address,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
    )
    context.set_default_timeout(10_000)
    phone = Phone(context.new_page(), site)
    yield phone
    context.close()
    assert phone.mistakes == []


def test_rows_and_fields_move_without_a_reload(phone: Phone) -> None:
    """A tick on the board changes text and class in list and stock page, and the line's end."""
    phone.page.goto("/market/")
    row = phone.page.locator(f"[data-testid=watchlist] [data-symbol='{SEED_MAIN}']")
    expect(row.locator("[data-field=last]")).to_have_text(phone.price())
    phone.tick(30)
    expect(row.locator("[data-field=last]")).to_have_text(phone.price())
    expect(row.locator("a")).to_have_attribute("aria-label", re.compile(phone.price()))

    row.locator("a").tap()
    phone.tick(60)
    expect(phone.page.locator(PRICE)).to_have_text(phone.price())
    expect(phone.page.locator("[data-part=time]")).to_have_text(
        f"{phone.site.world.clock.now():%m-%d %H:%M:%S}"
    )
    expect(phone.page.locator(READ_TIME)).to_have_text(phone.minute())
    expect(phone.page.locator(READ_PRICE)).to_have_text(phone.price())
    rung = phone.page.locator("[data-level=ask-1] a")
    shown = rung.locator("[data-part=price]").inner_text()
    expect(rung).to_have_attribute("href", re.compile(f"side=buy&price={shown}$"))


def test_without_a_stream_the_page_polls(phone: Phone) -> None:
    """Something between phone and server swallows event streams: the price moves all the same."""

    def refuse(route: Route) -> None:
        route.fulfill(status=204)

    phone.page.route("**/stream*", refuse)
    phone.page.goto(f"/market/{SEED_MAIN}")
    expect(phone.page.locator(PRICE)).to_have_text(phone.price())
    phone.tick(60)

    expect(phone.page.locator(PRICE)).to_have_text(phone.price(), timeout=POLL_MS_MAX)
    assert phone.count("/market/quotes?symbols=") >= 1


def test_old_figures_turn_grey_while_one_looks(phone: Phone) -> None:
    """The feed falls silent: a line with the age appears, figures stay and lose their colour."""
    phone.page.goto(f"/market/{SEED_MAIN}")
    stale = phone.page.locator("[data-testid=stale]")
    expect(stale).to_be_hidden()
    phone.site.world.wall.sleep(40)

    expect(stale).to_have_text(re.compile("已有 40 秒没有更新"))
    expect(phone.page.locator(PRICE)).to_have_text(phone.price())
    assert "is-stale" in (phone.page.locator(".market-stock").get_attribute("class") or "")


def test_a_minute_that_came_while_the_line_was_asked_for_is_drawn(phone: Phone) -> None:
    """The line's answer was written before the tick and arrives after it: the line ends at now."""
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        held.append((route, route.fetch()))

    phone.page.route("**/line?*", hold, times=1)
    phone.page.goto(f"/market/{SEED_MAIN}")
    expect(phone.page.locator("[data-part=time]")).not_to_be_empty()
    until(phone.page, lambda: bool(held))
    phone.tick(60)
    expect(phone.page.locator(PRICE)).to_have_text(phone.price())
    expect(phone.page.locator("[data-part=time]")).to_have_text(
        f"{phone.site.world.clock.now():%m-%d %H:%M:%S}"
    )
    route, answer = held[0]
    route.fulfill(response=answer)

    expect(phone.page.locator(READ_TIME)).to_have_text(phone.minute())
    expect(phone.page.locator(READ_PRICE)).to_have_text(phone.price())


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Let the browser's messages come in until something holds."""
    for _ in range(200):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("did not come true within 10 s")


def test_holding_the_line_reads_a_minute_and_letting_go_returns_to_now(phone: Phone) -> None:
    """The line ends at now, the crosshair never goes beyond it; keys do the same."""
    phone.page.goto(f"/market/{SEED_MAIN}")
    read = phone.page.locator(READ_TIME)
    expect(read).to_have_text(phone.minute())
    box = phone.page.locator("[data-part=cross]").bounding_box()
    assert box is not None
    touch = phone.page.context.new_cdp_session(phone.page)
    point = {"x": box["x"] + box["width"] / 8, "y": box["y"] + 40}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(read).to_have_text("10:00")
    beyond = {"x": box["x"] + box["width"] - 5, "y": box["y"] + 40}
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [beyond]})
    expect(read).to_have_text(phone.minute())
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    phone.page.locator("[data-testid=intraday]").focus()
    for _ in range(3):
        phone.page.keyboard.press("ArrowLeft")
    expect(read).to_have_text(phone.minute(back=2))
    assert ink_beyond(phone.page) == 0


def ink_beyond(page: Page) -> int:
    """How many pixels of the price's colour stand to the right of the middle of the day."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.querySelector("[data-part='plot']");
              const token = getComputedStyle(canvas).getPropertyValue("--ui-link").trim();
              const want = [1, 3, 5].map((at) => parseInt(token.slice(at, at + 2), 16));
              const left = Math.round(canvas.width / 2);
              const image = canvas.getContext("2d").getImageData(left, 0, left, canvas.height).data;
              let found = 0;
              for (let at = 0; at < image.length; at += 4) {
                const isInk = want.every((value, index) => Math.abs(image[at + index] - value) < 3);
                if (isInk) found += 1;
              }
              return found;
            }"""
        )
    )


def test_candles_are_fetched_when_they_are_opened(phone: Phone) -> None:
    """One tap: library and bars come, the address follows; choices are kept for the next time."""
    phone.page.goto(f"/market/{SEED_MAIN}")
    expect(phone.page.locator("[data-testid=intraday][data-drawn]")).to_be_visible()
    assert phone.count("bars-view") == 0

    phone.page.get_by_role("link", name="K线").tap()
    bars = phone.page.locator("[data-testid=bars]")
    expect(bars).to_have_attribute("data-drawn", "day")
    expect(bars.locator("canvas").first).to_be_visible()
    assert "chart=bars" in phone.page.url

    bars.get_by_role("button", name="周").tap()
    expect(bars).to_have_attribute("data-drawn", "week")
    bars.get_by_role("button", name="KDJ").tap()
    phone.page.reload()
    expect(bars).to_have_attribute("data-drawn", "week")
    expect(bars.get_by_role("button", name="KDJ")).to_have_attribute("aria-pressed", "true")


def test_search_answers_while_one_types(phone: Phone) -> None:
    """Initials are enough; the first answer leads to the page."""
    phone.page.goto("/market/")
    phone.page.locator("[data-testid=search-words]").press_sequentially("gzmt")
    found = phone.page.locator("[data-part=found] a")
    expect(found.first).to_contain_text("贵州茅台")
    found.first.tap()

    expect(phone.page.locator(PRICE)).to_have_text(phone.price())


def test_a_board_changes_in_its_place(phone: Phone) -> None:
    """A tap on 跌幅 replaces the list alone, and its rows move like the others."""
    phone.page.goto("/market/")
    phone.page.get_by_role("link", name="跌幅").tap()
    first = phone.page.locator("[data-testid=ranking] [data-symbol]").first
    expect(first.locator("[data-field=change_ratio]")).to_have_text(re.compile("▼"))
    assert "by=fall" in phone.page.url
    symbol = first.get_attribute("data-symbol") or ""
    phone.tick(60)

    row = phone.page.locator(f"[data-testid=ranking] [data-symbol='{symbol}']")
    expect(row.locator("[data-field=last]")).to_have_text(phone.price(symbol))


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_the_phone(phone: Phone, width: int) -> None:
    """No page scrolls sideways, also not the one with the longest words."""
    phone.page.set_viewport_size({"width": width, "height": 700})
    for address in ("/market/", f"/market/{SEED_MAIN}?chart=bars", f"/market/{SEED_SEALED_UP}"):
        phone.page.goto(address)
        assert phone.page.evaluate("document.documentElement.scrollWidth") == width


def test_candles_go_through_every_period_and_say_so(phone: Phone) -> None:
    """季 and 年 as well; a screen reader hears the period, and one bar stands in the row above."""
    phone.page.goto(f"/market/{SEED_MAIN}?chart=bars")
    bars = phone.page.locator("[data-testid=bars]")
    for name, key in (("季", "quarter"), ("年", "year"), ("60分", "60m"), ("日", "day")):
        bars.get_by_role("button", name=name, exact=True).tap()
        expect(bars).to_have_attribute("data-drawn", key)
        sentence = phone.page.locator("[data-testid=bars-sentence]")
        expect(sentence).to_have_text(re.compile(f"^{name}K线，前复权，"))
    reading = phone.page.locator("[data-testid=bar-reading] [data-read=close]")
    expect(reading).to_have_text(phone.price())
    phone.tick(60)
    expect(reading).to_have_text(phone.price())


def test_five_days_and_strips_are_chosen_and_remembered(phone: Phone) -> None:
    """The choice outlives the page; the strips belong to one day."""
    phone.page.goto(f"/market/{SEED_MAIN}")
    chart = phone.page.locator("[data-testid=intraday]")
    strip = chart.get_by_role("button", name="集合竞价")
    strip.tap()
    expect(chart.locator("[data-part=axis]")).to_contain_text("09:15")
    chart.get_by_role("button", name="五日").tap()
    expect(chart).to_have_attribute("data-drawn", "5")
    expect(chart.locator("[data-part=axis]")).to_contain_text("11-23")
    expect(strip).to_be_disabled()

    phone.page.reload()
    expect(chart).to_have_attribute("data-drawn", "5")


def test_a_chart_takes_the_whole_screen_and_gives_it_back(phone: Phone) -> None:
    """Turned or not: nothing of the page stands over it, and one tap leads back."""
    phone.page.set_viewport_size({"width": 844, "height": 390})
    phone.page.goto(f"/market/{SEED_MAIN}?chart=bars")
    section = phone.page.locator(".market-charts")
    button = phone.page.locator("[data-testid=whole]")
    expect(phone.page.locator("[data-testid=bars]")).to_have_attribute("data-drawn", "day")
    button.tap()
    expect(section).to_have_class(re.compile("is-whole"))
    expect(button).to_have_attribute("aria-pressed", "true")
    box = section.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 844, 390)

    button.tap()
    expect(section).not_to_have_class(re.compile("is-whole"))
