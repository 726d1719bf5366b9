"""weight: what the first view of a page brings over the wire, in a browser without a cache."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from bench.figure import Figure, Round
from bench.stage import Stage, Stages
from h5app.manage.debian import browser_path

KILOBYTE = 1000
QUIET_MS = 1500
STOCK = "600519.SH"
PHONE = {"width": 390, "height": 844}
CANDLES = "chunk-bars"
_BEST = 11


@dataclass
class View:
    """What one view asked for: bytes over the wire with their headers, by address."""

    wire_bytes: dict[str, int] = field(default_factory=dict)
    address_by_request: dict[str, str] = field(default_factory=dict)

    def listen(self, page: Page) -> None:
        """Count what the page brings in from now on."""
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._began)
        session.on("Network.dataReceived", self._more)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _began(self, said: dict[str, Any]) -> None:
        address = self.address_by_request[said["requestId"]] = said["response"]["url"]
        self.wire_bytes[address] = int(said["response"]["encodedDataLength"])

    def _more(self, said: dict[str, Any]) -> None:
        address = self.address_by_request.get(said["requestId"])
        if address is not None:
            self.wire_bytes[address] += int(said["encodedDataLength"])

    def _ended(self, said: dict[str, Any]) -> None:
        address = self.address_by_request.get(said["requestId"])
        if address is not None:
            self.wire_bytes[address] = int(said["encodedDataLength"])

    @property
    def total_bytes(self) -> int:
        """Everything, the first events of the stream included."""
        return sum(self.wire_bytes.values())

    def candles(self) -> int:
        """Return the bytes of the candles' own script."""
        return sum(size for address, size in self.wire_bytes.items() if CANDLES in address)


def weight(stages: Stages) -> Iterator[Figure]:
    """The quotes page, a stock's page with its line, and its candles before and after the tap."""
    stage = stages.sqlite
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        quotes = _viewed(stage, browser, "/market/")
        yield _figure(stage, quotes, "weight_quotes", "行情页首次打开", 60)
        stock = _viewed(stage, browser, f"/market/{STOCK}")
        yield _figure(stage, stock, "weight_stock", "个股页首次打开,含分时", 80)
        opened = _viewed(stage, browser, f"/market/{STOCK}", tap="K线")
        yield Figure(
            name="weight_candles",
            about="没有点开 K 线时它的脚本;对照点开后",
            unit="KB",
            rounds=[Round(value=stock.candles() / KILOBYTE, ceiling=opened.candles() / KILOBYTE)],
            is_less_better=True,
            value_max=0,
        )
        browser.close()


def _viewed(stage: Stage, browser: Browser, path: str, tap: str = "") -> View:
    context = browser.new_context(viewport=PHONE, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    view = View()
    view.listen(page)
    page.goto(stage.worker.url + path, wait_until="load")
    page.wait_for_timeout(QUIET_MS)
    if tap:
        page.get_by_text(tap, exact=True).first.click()
        page.wait_for_timeout(QUIET_MS)
    context.close()
    return view


def _figure(stage: Stage, view: View, name: str, about: str, kilobytes_max: int) -> Figure:
    parts = ", ".join(f"{kind} {size / KILOBYTE:.1f}" for kind, size in _by_kind(view).items())
    return Figure(
        name=name,
        about=f"{about} ({parts});对照同样内容用 brotli 11",
        unit="KB",
        rounds=[
            Round(value=view.total_bytes / KILOBYTE, ceiling=_least_bytes(stage, view) / KILOBYTE)
        ],
        is_less_better=True,
        value_max=kilobytes_max,
    )


def _by_kind(view: View) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for address, size in view.wire_bytes.items():
        name = urlsplit(address).path.rpartition("/")[2]
        kind = name.rpartition(".")[2] if address.count("/static/") else "html+json"
        kinds[kind] = kinds.get(kind, 0) + size
    return kinds


def _least_bytes(stage: Stage, view: View) -> int:
    """Return the same contents at brotli's best, without headers; the stream as it came."""
    least = 0
    for address, size in view.wire_bytes.items():
        path = address.removeprefix(stage.worker.url)
        if path.startswith("/stream"):
            least += size
        elif path.startswith("/"):
            least += len(brotli.compress(stage.worker.get(path), quality=_BEST))
    return least
