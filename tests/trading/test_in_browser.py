"""The ticket and the order's page under a real thumb: Chromium at the size of a phone."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from h5app.counter.model import CashEntry
from h5app.identity.model import Tier
from h5app.manage.debian import browser_path
from h5app.plumbing.web import ASSETS
from h5app.trading.model import parse_place_order
from tests.conftest import free_port
from tests.trading.conftest import MakeRoom, Room, wish
from tests.trading.fakes import ACCOUNT, MAOTAI, position

HERE = Path(__file__).parent
SPAN = "first=2026-11-01&last=2026-11-24"
TICKET = f"/trade/ticket?symbol={MAOTAI}&side=buy"

NARROW = (
    *("/trade/", "/trade/orders", f"/trade/orders?{SPAN}", "/trade/positions", TICKET),
    *("/trade/settings", f"/trade/cash?{SPAN}", "/trade/profit", f"/trade/fills?{SPAN}"),
)


class Phone:
    """A served room and a browser that looks at it."""

    def __init__(self, room: Room, url: str) -> None:
        self.room = room
        self.url = url

    def look(self, walk: Callable[[Page], None], width: int = 390) -> None:
        """Walk with a fresh browser, in a thread of its own: one run has several of them."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._look, walk, width).result()

    def _look(self, walk: Callable[[Page], None], width: int) -> None:
        path = browser_path()
        assert path, "Chromium is missing: ./manage test installs it"
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=options)
            size = {"width": width, "height": 844}
            context = browser.new_context(
                base_url=self.url,
                viewport=size,  # type: ignore[arg-type]
                is_mobile=True,
                has_touch=True,
                locale="zh-CN",
            )
            context.set_default_timeout(10_000)
            walk(context.new_page())
            browser.close()


@pytest.fixture
def phone(new_room: MakeRoom) -> Iterator[Phone]:
    """The pages of a stepped-up customer, served on a free port."""
    assert (ASSETS / "manifest.json").exists(), "assets are missing: ./manage setup builds them"
    room, port = new_room(), free_port()
    room.app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", port, room.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Phone(room, f"http://127.0.0.1:{port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_from_the_ticket_to_the_filled_order(phone: Phone) -> None:
    """Plus, 买入, 确认买入: three taps; then 已报, 部成, 已成 come by themselves."""

    def walk(page: Page) -> None:
        page.goto(TICKET)
        page.locator('[data-level="bid-1"]').tap()
        expect(page.get_by_test_id("price")).to_have_value("10.09")
        page.get_by_role("button", name="增加一手").tap()
        expect(page.locator('[data-part="amount"]')).to_have_text("1,009.00")
        page.get_by_test_id("submit-ticket").tap()
        expect(page.get_by_test_id("sentence")).to_contain_text("10.09 元买入 贵州茅台 100 股")
        page.get_by_test_id("confirm-order").tap()
        expect(page.get_by_test_id("order-label")).to_have_text("已报")
        number = page.url.rsplit("/", 1)[1]
        phone.room.counter.fill(number, 40)
        expect(page.get_by_test_id("order-label")).to_have_text("部成", timeout=3_000)
        phone.room.counter.fill(number, 60)
        expect(page.get_by_test_id("order-label")).to_have_text("已成", timeout=3_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("全部成交")

    phone.look(walk)

    assert len(phone.room.counter.submitted) == 1


@pytest.mark.browser
def test_a_double_tap_and_the_back_button_place_one_order(phone: Phone) -> None:
    """Two submits in one breath are one order; back leads to the order, not to the question."""

    def walk(page: Page) -> None:
        page.goto(f"{TICKET}&price=10.25")
        page.get_by_role("button", name="增加一手").tap()
        page.get_by_test_id("submit-ticket").tap()
        page.get_by_test_id("confirm-order").dblclick()
        expect(page.get_by_test_id("order-label")).to_have_text("已报")
        order = page.url
        page.go_back()
        expect(page.get_by_test_id("order-label")).to_have_text("已报")
        assert page.url == order

    phone.look(walk)

    assert len(phone.room.counter.submitted) == 1


@pytest.mark.browser
def test_an_open_list_closes_when_the_password_is_over(phone: Phone) -> None:
    """The list asks the server while it is seen; when it may no longer, the figures go."""
    place(phone.room)

    def walk(page: Page) -> None:
        page.goto("/trade/orders")
        expect(page.get_by_test_id("order-row")).to_contain_text("10.25")
        phone.room.visitors.become(Tier.BOUND)
        expect(page.get_by_test_id("step-up")).to_be_visible(timeout=5_000)
        assert "10.25" not in page.content()

    phone.look(walk)


@pytest.mark.browser
def test_pages_fit_the_narrowest_phone(phone: Phone) -> None:
    """At 320 px nothing is cut or pushed aside, with large amounts too, and targets are 44 px."""
    room = phone.room
    room.counter.cash_fen = 9_876_543_210
    room.counter.held = [position(quantity_shares=1_234_500, sellable_shares=1_234_500)]
    room.counter.entries = [ENTRY]
    place(room, quantity=1_000_000)

    def walk(page: Page) -> None:
        for path in NARROW:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            assert page.evaluate(CUT) == [], path
            assert page.evaluate(SMALL) == [], path

    phone.look(walk, width=320)


def place(room: Room, **more: object) -> None:
    """Place an order past the pages."""
    room.trading.place_order(ACCOUNT, parse_place_order(wish(**more)))


ENTRY = CashEntry(
    entry_id=1,
    on=date(2026, 11, 20),
    amount_fen=-9_876_543_210,
    kind="purchase",
    counterparty="一个名字很长很长的理财产品管理有限责任公司",
    memo="定期定额投资第一百二十三期",
)
CUT = """() => [...document.querySelectorAll('.ui-figure, .ui-chip, input[type=text]')]
  .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll('main a, main button, main select, main summary')]
  .filter((one) => !one.closest('.ui-only-heard'))
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([, text]) => text)"""


def test_the_browser_steps_as_the_rules_say() -> None:
    """Prices on the tick, quantities in lots, by Node."""
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert node, "Node is needed to build the assets, and to test them"

    done = subprocess.run(
        [node, "--test", str(HERE / "steps.test.js")], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pass [1-9]", done.stdout)
