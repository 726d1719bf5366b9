"""Special instruments on a phone: each kind looks as an investor expects, also after a live row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from h5app.market.seed import (
    SEED_EX_IN_SIX_DAYS,
    SEED_NEW,
    SEED_RECENT,
    SEED_SEALED_UP,
    SEED_ST,
    SEED_SUSPENDED,
)
from tests.market.market_site import Site, opened_site, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from h5app.market.model import Quote

pytestmark = pytest.mark.browser
UP, DOWN, FLAT = (re.compile(rf"(^|\s)is-{way}(\s|$)") for way in ("up", "down", "flat"))


class Stock:
    """One instrument's page on a phone, and the market behind it."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.price = page.locator("[data-testid=price] [data-field=last]")
        self.ratio = page.locator("[data-testid=price] [data-field=change_ratio]")
        self.limit = page.locator("[data-testid=price] [data-field=limit]")
        self.name = page.locator(".market-head__name")
        self.notes = page.locator(".market-head .ui-notice")

    def open(self, symbol: str) -> Quote:
        """Open its page and let one live row come in; return what the board has of it."""
        self.page.goto(f"/market/{symbol}")
        expect(self.page.locator("[data-testid=intraday][data-drawn]")).to_be_visible()
        later = self.site.world.clock.now() + timedelta(seconds=60)
        self.site.world.step(f"{later:%Y-%m-%dT%H:%M:%S}")
        quote = self.site.world.market.quote(symbol)
        assert quote is not None
        if not quote.is_suspended:
            time = self.page.locator("[data-testid=state] [data-part=time]")
            expect(time).to_have_text(f"{later:%m-%d %H:%M:%S}")
        return quote

    def fact(self, key: str) -> Locator:
        """One of the fields, among the first six or behind 更多指标."""
        return self.page.locator(f"[data-fact='{key}']")

    def side(self, side: str) -> Locator:
        """The prices of one side of the book."""
        return self.page.locator(f"[data-level^='{side}-'] [data-part=price]")


@pytest.fixture(scope="module")
def afternoon(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Site, str]]:
    """The market at 14:30:03 of the first day, served."""
    folder, moment = tmp_path_factory.mktemp("kinds"), "2026-11-24T14:30:03"
    with opened_site(folder, sqlite_template, moment) as site, serving(site) as address:
        yield site, address


@pytest.fixture
def eve(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Site, str]]:
    """The market at the close of the last day before 600900 goes ex, served."""
    moment = "2026-11-27T15:00:03"
    with opened_site(tmp_path, sqlite_template, moment) as site, serving(site) as address:
        yield site, address


@pytest.fixture
def stock(browser: Browser, afternoon: tuple[Site, str]) -> Iterator[Stock]:
    """A visitor's phone in the afternoon."""
    yield from visited(browser, *afternoon)


@pytest.fixture
def ex_stock(browser: Browser, eve: tuple[Site, str]) -> Iterator[Stock]:
    """A visitor's phone on the eve of the ex day."""
    yield from visited(browser, *eve)


def visited(browser: Browser, site: Site, address: str) -> Iterator[Stock]:
    """Give a phone; a mistake in a page's script is a failure."""
    site.world.loop.step(site.world.clock.now())
    viewport = {"width": 390, "height": 844}
    context = browser.new_context(base_url=address, viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda wrong: mistakes.append(str(wrong)))
    yield Stock(page, site)
    context.close()
    assert mistakes == []


def yuan(price_milli: int | None) -> str:
    """A share's price as pages show it."""
    assert price_milli is not None
    return f"{price_milli / 1000:.2f}"


def test_a_suspended_one_is_grey_and_has_no_figure_of_today(stock: Stock) -> None:
    """停牌 in place of a change, the last close without colour, -- and never 0, an empty book."""
    quote = stock.open(SEED_SUSPENDED)

    expect(stock.price).to_have_text(yuan(quote.previous_close_milli))
    expect(stock.price).to_have_class(FLAT)
    expect(stock.ratio).to_have_text("停牌")
    expect(stock.ratio).to_have_class(FLAT)
    expect(stock.page.locator("[data-testid=state] [data-part=phase]")).to_have_text("停牌")
    expect(stock.notes).to_have_text(["停牌中，显示的是最近收盘价，复牌后自动更新"])
    expect(stock.page.locator("article")).to_have_class(re.compile("is-suspended"))
    for key in ("open", "high", "low", "volume", "turnover", "turnover-ratio", "average"):
        expect(stock.fact(key)).to_have_text("--")
    for side in ("ask", "bid"):
        expect(stock.side(side)).to_have_text(["--"] * 5)
    expect(stock.page.locator("[data-level] a[href]")).to_have_count(0)
    assert coloured_pixels(stock.page) == 0, "an empty chart has no scale that rises or falls"

    stock.page.goto("/market/search?q=600585")
    row = stock.page.get_by_test_id(f"quote-{SEED_SUSPENDED}")
    expect(row.locator("[data-field=change_ratio]")).to_have_text("停牌")
    expect(row.locator("[data-field=last]")).to_have_class(FLAT)


def coloured_pixels(page: Page) -> int:
    """How many pixels of the line's plot are clearly red or green."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.querySelector("[data-part='plot']");
              const { width, height } = canvas;
              const image = canvas.getContext("2d").getImageData(0, 0, width, height).data;
              let found = 0;
              for (let at = 0; at < image.length; at += 4) {
                if (image[at + 3] > 0 && Math.abs(image[at] - image[at + 1]) > 60) found += 1;
              }
              return found;
            }"""
        )
    )


def test_a_newly_listed_one_says_which_day_it_is(stock: Stock) -> None:
    """N before the name, the first day, a change against the issue price, no usual volume yet."""
    quote = stock.open(SEED_NEW)

    expect(stock.name).to_have_text("N艾芬达")
    expect(stock.notes.first).to_have_text("上市第 1 个交易日")
    expect(stock.fact("previous-close")).to_have_text(yuan(quote.previous_close_milli))
    expect(stock.price).to_have_text(yuan(quote.last_milli))
    assert quote.last_milli is not None
    assert quote.last_milli > quote.previous_close_milli * 6 // 5, "beyond what 20% would allow"
    expect(stock.price).to_have_class(UP)
    expect(stock.ratio).to_have_text(re.compile(r"^▲ \+\d+\.\d\d%$"))
    expect(stock.fact("volume-ratio")).to_have_text("--")
    expect(stock.limit).to_be_hidden()


def test_a_day_without_limits_shows_none(stock: Stock) -> None:
    """C before the name, a note, -- in place of both limits and without colour, no 涨停 tag."""
    quote = stock.open(SEED_RECENT)

    assert (quote.limit_up_milli, quote.limit_down_milli) == (None, None)
    expect(stock.name).to_have_text("C云汉芯城")
    expect(stock.notes).to_have_text(["上市第 3 个交易日", "今日不设涨跌幅限制"])
    for key in ("limit-up", "limit-down"):
        expect(stock.fact(key)).to_have_text("--")
        expect(stock.fact(key)).to_have_class(FLAT)
    expect(stock.limit).to_be_hidden()
    expect(stock.price).to_have_text(yuan(quote.last_milli))


def test_one_under_risk_warning_carries_the_word(stock: Stock) -> None:
    """ST in the name, 风险警示 that catches the eye, its own limits in their colours."""
    quote = stock.open(SEED_ST)

    expect(stock.name).to_have_text("ST龙元")
    tag = stock.page.locator(".market-head__tags .ui-tag.is-attention")
    expect(tag).to_have_text("风险警示")
    expect(stock.fact("limit-up")).to_have_text(yuan(quote.limit_up_milli))
    expect(stock.fact("limit-up")).to_have_class(UP)
    expect(stock.fact("limit-down")).to_have_text(yuan(quote.limit_down_milli))
    expect(stock.fact("limit-down")).to_have_class(DOWN)
    expect(stock.fact("pe-ttm")).to_have_text("亏损")
    expect(stock.page.locator("[data-level=bid-1] a")).to_have_attribute(
        "href", re.compile("buy|sell")
    )


def test_one_sealed_at_the_limit_up_has_no_sellers(stock: Stock) -> None:
    """涨停 beside a red price at the limit, five empty asks that lead nowhere, a queue below."""
    quote = stock.open(SEED_SEALED_UP)

    expect(stock.price).to_have_text(yuan(quote.limit_up_milli))
    expect(stock.price).to_have_class(UP)
    expect(stock.limit).to_have_text("涨停")
    expect(stock.limit).to_have_class(UP)
    expect(stock.fact("limit-up")).to_have_text(yuan(quote.limit_up_milli))
    expect(stock.side("ask")).to_have_text(["--"] * 5)
    sizes = stock.page.locator("[data-level^='ask-'] [data-part=size]")
    expect(sizes).to_have_text(["--"] * 5)
    expect(stock.page.locator("[data-level^='ask-'] a[href]")).to_have_count(0)
    expect(stock.side("bid").first).to_have_text(yuan(quote.limit_up_milli))
    expect(stock.side("bid").first).to_have_class(UP)
    expect(stock.fact("order-ratio")).to_have_text("+100.00%")


def test_on_the_ex_day_the_change_is_against_the_ex_price(ex_stock: Stock) -> None:
    """XD before the name, what was paid, and no fall shown where only the dividend went."""
    market = ex_stock.site.world.market
    before = market.quote(SEED_EX_IN_SIX_DAYS)
    assert before is not None
    assert before.last_milli is not None
    ex_price_milli = (before.last_milli - 733 + 5) // 10 * 10

    ex_stock.site.world.step("2026-11-30T10:00:03")
    quote = ex_stock.open(SEED_EX_IN_SIX_DAYS)

    expect(ex_stock.name).to_have_text("XD长江电力")
    expect(ex_stock.notes).to_have_text(["今日除权除息: 每10股派7.33元 (模拟)"])
    expect(ex_stock.fact("previous-close")).to_have_text(yuan(ex_price_milli))
    expect(ex_stock.price).to_have_text(yuan(quote.last_milli))
    assert quote.last_milli is not None
    assert ex_price_milli < quote.last_milli < before.last_milli, "up, though below the last close"
    expect(ex_stock.price).to_have_class(UP)
    expect(ex_stock.ratio).to_have_text(re.compile(r"^▲ \+"))
    expect(ex_stock.fact("limit-up")).to_have_text(yuan(quote.limit_up_milli))
