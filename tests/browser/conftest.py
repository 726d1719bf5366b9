"""One house, everybody who looks at it, and one opened page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.sheets import SHEETS, Sheet
from tests.browser.visitors import Visitors
from tests.conftest import ROOT
from tests.house import RunningHouse

PROBES = (Path(__file__).parent / "probes.js").read_text("utf-8")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WATCH = """addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});"""


HOLD = """([mode, percent]) => {
  document.body.dataset.weuiMode = mode;
  document.body.style.setProperty("-webkit-text-size-adjust", `${percent}%`);
  document.body.classList.toggle("has-large-text", percent >= 135);
}"""
TWO_FRAMES = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""


@dataclass(frozen=True)
class Sight:
    """A way to hold a phone: its size in CSS pixels, the look, the reader's text size."""

    width: int = 390
    height: int = 844
    mode: str = "standard"
    text_percent: int = 100


@dataclass
class Opened:
    """A page as it was opened, with what the browser complained of meanwhile."""

    sheet: Sheet
    page: Page
    complaints: list[str]

    def ask(self, *probes: tuple[object, ...]) -> dict[str, list[str]]:
        """Return what the probes find wrong; each is its name and what it is given."""
        words: dict[str, list[str]] = self.page.evaluate(
            """(probes) => Object.fromEntries(
              probes.map(([name, ...given]) => [name, window.probes[name](...given)])
                .filter(([, words]) => words.length > 0))""",
            [list(probe) for probe in probes],
        )
        return words

    def look(self, **wishes: str) -> None:
        """Draw the page as it would be in another look: theme and mode as body attributes."""
        self.page.evaluate(
            "(wishes) => { Object.assign(document.body.dataset, wishes) }",
            {f"weui{name.title()}": value for name, value in wishes.items()},
        )

    def hold(self, sight: Sight) -> None:
        """Hold another phone, or the same another way; charts follow in the next frames."""
        self.page.evaluate(HOLD, [sight.mode, sight.text_percent])
        size = {"width": sight.width, "height": sight.height}
        if self.page.viewport_size != size:
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.evaluate(TWO_FRAMES)

    def violations(self, only: str = "") -> list[str]:
        """Return what axe finds serious or critical, by all its rules or by one.

        Prices are read out as sentences (最新价 10.25 元 上涨 0.85%), not as they are written, so
        the rule that wants the same words in both is left out.
        """
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            """(only) => axe.run(document, {
              preload: false,
              resultTypes: ["violations"],
              rules: { "label-content-name-mismatch": { enabled: false } },
              ...(only ? { runOnly: { type: "rule", values: [only] } } : {}),
            })""",
            only,
        )
        return [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]


@pytest.fixture(scope="session")
def everybody(house: RunningHouse, browser: Browser) -> Visitors:
    """A stranger, a follower, a bound and a stepped-up customer, an operator."""
    everybody = Visitors(house, browser)
    everybody.come_in()
    return everybody


@pytest.fixture(scope="module")
def visitors(everybody: Visitors) -> Visitors:
    """The same people; between modules the walks may have moved the market's day."""
    everybody.order_anew()
    return everybody


@dataclass
class Phone:
    """A page that is led from address to address, and what its browser complains of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def hear(self) -> None:
        """Begin to listen."""
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda wrong: self.complaints.append(str(wrong)))

    def _note(self, message: ConsoleMessage) -> None:
        is_own_status = message.location["url"] == self.page.url and "status of 404" in message.text
        if message.type == "error" and not is_own_status:
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def phones(visitors: Visitors) -> Iterator[dict[str, Phone]]:
    """A phone for each, held for the length of a module."""
    contexts = {who: visitors.context(who) for who in visitors.known}
    held = {who: Phone(context.new_page()) for who, context in contexts.items()}
    for phone in held.values():
        phone.page.add_init_script(WATCH)
        phone.hear()
    yield held
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="module", params=SHEETS, ids=lambda sheet: sheet.name)
def opened(request: pytest.FixtureRequest, visitors: Visitors, phones: dict[str, Phone]) -> Opened:
    """One page of the product, as its reader sees it."""
    sheet: Sheet = request.param
    phone = phones[sheet.who]
    phone.complaints.clear()
    result = Opened(sheet, phone.page, phone.complaints)
    phone.page.goto(sheet.path.format_map(visitors.things))
    phone.page.evaluate(PROBES)
    return result
