"""Who looks at the pages, brought in as they come in life, and what they have done before."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, StorageState

from tests.conftest import ROOT
from tests.house import RunningHouse, wait_for
from tests.wealth.bill_files import wechat_csv

ELDER = ("80000003", "357913")
SETTLED = ("80000002", "246802")
PASS_PHRASE = "an-operators-pass-phrase"
SEND = """async ([path, fields]) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const body = new URLSearchParams(fields);
  const reply = await fetch(path, { method: "POST", headers, body });
  return { status: reply.status, body: await reply.json().catch(() => ({})) };
}"""


@dataclass
class Visitor:
    """Somebody with cookies, and the address at which the app answers to them."""

    base: str
    state: StorageState | None = None


@dataclass
class Visitors:
    """Everybody by name, and the addresses of what they made."""

    house: RunningHouse
    browser: Browser
    known: dict[str, Visitor] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    ordered_on: date | None = None
    """The market day of the customer's orders."""

    def come_in(self) -> None:
        """Bring in everybody."""
        self.house.go_into_session()
        self.known["stranger"] = Visitor(self.house.url)
        self._come_from_wechat("follower", self._as_follower)
        self._come_from_wechat("bound", self._as_bound)
        self._come_in("customer", self._as_customer)
        self._come_in("operator", self._as_operator)

    def order_anew(self) -> None:
        """Give the customer orders of today, where somebody moved the clock past the last ones."""
        if self._market_day() == self.ordered_on:
            return
        self.house.go_into_session()
        context = self.context("customer")
        self._order(context.new_page())
        context.close()

    def context(self, who: str, **more: Any) -> BrowserContext:
        """Return a phone of 390 by 844 in somebody's hand."""
        visitor = self.known[who]
        context = self.browser.new_context(
            base_url=visitor.base,
            storage_state=visitor.state,
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(10_000)
        return context

    def _come_in(self, who: str, arrive: Any, base: str = "") -> None:
        self.known[who] = Visitor(base or self.house.url)
        context = self.context(who)
        arrive(context.new_page())
        self.known[who].state = context.storage_state()
        context.close()

    def _come_from_wechat(self, who: str, arrive: Any) -> None:
        # A phone of our own: those that stand there belong to the walks.
        user = self.house.add_phone()
        self._come_in(who, arrive, f"http://{user}.localhost:{urlsplit(self.house.simulator).port}")

    def _as_follower(self, page: Page) -> None:
        page.goto("/go/quotes")
        sent(page, "/market/watchlist", action="add", symbol="600036.SH", back="stock")
        sent(page, "/market/watchlist", action="add", symbol="510300.SH", back="stock")
        sent(page, "/market/watchlist/groups", action="add", name="银行")
        page.goto("/market/600036.SH")
        sent(page, "/market/600036.SH/alerts", kind="announcement")
        sent(page, "/market/600036.SH/alerts", kind="price_rises_to", value="999")
        due = (self._market_day() + timedelta(days=9)).isoformat()
        page.goto("/wealth/entries/new")
        once_key = page.locator('[name="once_key"]').input_value()
        entry = sent(
            page,
            "/wealth/entries",
            once_key=once_key,
            title="房贷还款",
            kind="repayment",
            first_on=due,
            repeat="month",
            calendar="solar",
            holiday_rule="keep",
            amount="5320.45",
            lead_days="",
        )
        self.things["own_entry"] = f"/wealth/entries/{entry['ref']}?on={due}"
        self.things["own_entry_form"] = f"/wealth/entries/{entry['ref']}/form"

    def _as_bound(self, page: Page) -> None:
        page.goto("/me/binding")
        notice = page.locator('[name="accepted_notice"]').get_attribute("value") or ""
        wish = {
            "fund_account": ELDER[0],
            "trade_password": ELDER[1],
            "accepted_notice": notice,
            "next": "/me/",
        }
        self._with_code(page, "/me/binding", wish)
        # The password was just given: who comes again from WeChat has not given it.
        page.context.clear_cookies()
        page.goto("/trade/")

    def _as_customer(self, page: Page) -> None:
        page.goto("/me/sign-in")
        wish = {"fund_account": SETTLED[0], "trade_password": SETTLED[1], "next": "/me/"}
        self._with_code(page, "/me/sign-in", wish)
        self._order(page)
        self._upload_a_bill(page)
        self._find(page, "/wealth/", "learned_entry", r"/wealth/entries/stream-")
        self._find(page, "/me/messages", "message", r"/me/messages/\d+$")

    def _market_day(self) -> date:
        return datetime.fromisoformat(self.house.get("/demo/clock")["market_at"]).date()

    def _order(self, page: Page) -> None:
        self.ordered_on = self._market_day()
        page.goto("/trade/")
        self.things["order"] = placed(page, "600036.SH", share_of(page, "600036.SH", 97), 100)
        self.things["refused"] = placed(page, "600036.SH", share_of(page, "600036.SH", 97), 50)
        self._ask_to_confirm(page)

    def _as_operator(self, page: Page) -> None:
        if self.house.supervisor is None:
            return  # Somebody else's demo: the console shows its door only.
        name = f"looker-{time.time_ns()}"
        subprocess.run(
            [sys.executable, "-m", "h5app", "operator", "add", name],
            cwd=ROOT,
            env=self.house.environment,
            input=f"{PASS_PHRASE}\n",
            text=True,
            check=True,
            capture_output=True,
            timeout=60,
        )
        page.goto("/ops/sign-in")
        page.get_by_test_id("name").fill(name)
        page.get_by_test_id("password").fill(PASS_PHRASE)
        page.get_by_test_id("ops-sign-in").tap()
        page.wait_for_url("**/ops/")

    def _with_code(self, page: Page, path: str, wish: dict[str, str]) -> None:
        before = self._codes()
        if page.evaluate(SEND, [path, wish])["status"] == 200:
            return  # This device is known already.
        text = wait_for(lambda: next(iter(self._codes() - before), ""))
        [code] = re.findall(r"验证码 (\d{6})", text)
        sent(page, path, **wish, code=code)

    def _codes(self) -> set[str]:
        messages = self.house.simulator_get("/sms")["messages"]
        return {f"{one['id']} {one['text']}" for one in messages}

    def _ask_to_confirm(self, page: Page) -> None:
        page.goto("/trade/ticket?symbol=600036.SH&side=buy")
        page.get_by_test_id("quantity").evaluate("field => { field.value = '100' }")
        page.get_by_test_id("submit-ticket").tap()
        page.wait_for_url("**/confirmation/**")
        self.things["confirmation"] = page.url.removeprefix(self.house.url)

    def _upload_a_bill(self, page: Page) -> None:
        page.goto("/wealth/bills")
        bill: FilePayload = {"name": "bill.csv", "mimeType": "text/csv", "buffer": wechat_csv()}
        page.get_by_test_id("bill-file").set_input_files(bill)
        page.get_by_test_id("upload-bill").tap()
        page.wait_for_url("**/drafts/**")
        self.things["bill_draft"] = page.url.removeprefix(self.house.url)

    def _find(self, page: Page, path: str, name: str, pattern: str) -> None:
        def look() -> str:
            page.goto(path)
            links = page.locator("main a").evaluate_all(
                "all => all.map((one) => one.getAttribute('href'))"
            )
            return next((link for link in links if re.match(pattern, link)), "")

        self.things[name] = wait_for(look)


def sent(page: Page, path: str, **fields: str) -> dict[str, Any]:
    """Post a form as the page's own script would; give the JSON that came back."""
    reply: dict[str, Any] = page.evaluate(SEND, [path, fields])
    if reply["status"] >= 400:
        pytest.fail(f"{path} answered {reply}")
    return dict(reply["body"])


def share_of(page: Page, symbol: str, percent: int) -> str:
    """Return a price some percent of the previous close, as a text of two decimals."""
    found = page.evaluate(
        "async (symbol) => (await fetch(`/market/quotes?symbols=${symbol}`)).json()", symbol
    )
    fen = found["quotes"][0]["previous_close_milli"] // 10 * percent // 100
    return f"{fen // 100}.{fen % 100:02d}"


def placed(page: Page, symbol: str, price: str, quantity: int) -> str:
    """Send a buy order; give the address of its page, whatever became of it."""
    client_order_id = f"looked-at-{quantity}-{time.time_ns()}"
    fields = {
        "client_order_id": client_order_id,
        "symbol": symbol,
        "side": "buy",
        "kind": "limit",
        "price": price,
        "quantity": str(quantity),
    }
    page.evaluate(SEND, ["/trade/orders", fields])
    return f"/trade/orders/{client_order_id}"
