"""charts: script per frame of a drag, and from a tap to the drawing, on a quarter of the CPU."""

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

from bench.figure import Figure, Round, quantile
from bench.stage import Stage, Stages
from h5app.manage.debian import browser_path

STOCK = "600519.SH"
PHONE = {"width": 390, "height": 844}
PIXELS_RATIO = 3
THROTTLE = 4
HOLD_MS = 500
QUIET_MS = 800
STEP_PX = 2
MOST = 0.95
SCRIPT_MS_MAX = 8
CANDLES_MS_MAX = 1000
LINE_MS_MAX = 300
TRACED = ("devtools.timeline",)
BARE_CHART = """<!doctype html><meta name="viewport" content="width=device-width">
<canvas width="1122" height="648" style="width:374px;height:216px;touch-action:none"></canvas>
<script>
const canvas = document.querySelector("canvas");
const context = canvas.getContext("2d");
canvas.addEventListener("touchmove", (event) => {
  event.preventDefault();
  const x = event.touches[0].clientX * 3;
  requestAnimationFrame(() => {
    context.clearRect(0, 0, 1122, 648);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, 648);
    context.stroke();
  });
}, { passive: false });
</script>"""
"""A canvas of the chart's size with one line under the finger: the least that a crosshair is."""
BARE_PAGE = """<!doctype html><meta name="viewport" content="width=device-width">
<canvas data-drawn width="1122" height="648"></canvas><script>
document.querySelector("canvas").getContext("2d").fillRect(0, 0, 9, 9);
</script>"""
BARE_LIST = """<!doctype html><meta name="viewport" content="width=device-width">
<a href="{target}" style="display:block;font-size:40px">go</a>"""
SAME_BYTES = """async (addresses) => {
  const began = performance.now();
  await Promise.all(addresses.map((one) => fetch(one).then((answer) => answer.arrayBuffer())));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""
"""The bytes of a view, fetched and thrown away, and the frame behind them."""
WATCH = """
addEventListener("click", (event) => {
  sessionStorage.setItem("tapped", performance.timeOrigin + event.timeStamp);
}, { capture: true });
const look = () => {
  if (document.querySelector("SELECTOR")) {
    requestAnimationFrame(() => {
      window.drawn = performance.timeOrigin + performance.now();
    });
  } else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""Notes the moment of the last tap and that of the frame behind the drawing, across pages."""
SPENT = "() => window.drawn - Number(sessionStorage.getItem('tapped'))"
FRAME_ENDS = frozenset({"Layerize", "Commit"})


@dataclass
class Phone:
    """A browser the size of a phone on a quarter of this machine's processor."""

    browser: Browser
    stage: Stage

    @contextlib.contextmanager
    def page(self, path: str, watched: str = "") -> Iterator[tuple[Page, CDPSession]]:
        """Open a page, wait until it rests, then slow the processor down."""
        context = self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            is_mobile=True,
            has_touch=True,
            device_scale_factor=PIXELS_RATIO,
        )
        if watched:
            context.add_init_script(WATCH.replace("SELECTOR", watched))
        page = context.new_page()
        session = context.new_cdp_session(page)
        self.go(page, session, path)
        yield page, session
        context.close()

    def go(self, page: Page, session: CDPSession, path: str) -> None:
        """Go to a page at full speed, and slow down when it rests."""
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        page.goto(self.stage.worker.url + path, wait_until="load")
        page.wait_for_timeout(QUIET_MS)
        session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})


@dataclass(frozen=True)
class Finger:
    """A finger that goes to and fro over a box."""

    session: CDPSession
    left: float
    right: float
    y: float

    def touch(self, kind: str, x: float) -> None:
        """Touch, move or let go."""
        points = [] if kind == "touchEnd" else [{"x": x, "y": self.y}]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag(self, moves: int) -> None:
        """Move on by STEP_PX each time, turning at the edges."""
        span = int(self.right - self.left)
        for number in range(moves):
            way = number * STEP_PX % (2 * span)
            self.touch("touchMove", self.left + (way if way < span else 2 * span - way))


def charts(stages: Stages) -> Iterator[Figure]:
    """Dragging on the line and on the candles; from the tap to either."""
    stage = stages.sqlite
    moves = stages.size.of(600, 240, 40)
    rounds = stages.size.of(9, 5, 1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        phone = Phone(browser, stage)
        yield _dragging(phone, moves, "charts_line_drag", "分时上按住拖动,每帧脚本 p95", "")
        yield _dragging(phone, moves, "charts_bars_drag", "K 线上平移,每帧脚本 p95", "?chart=bars")
        yield Figure(
            name="charts_bars_tap",
            about="点 K线 到画出来;对照取同样字节而不画",
            unit="ms",
            rounds=[_candles_tapped(phone) for _ in range(rounds)],
            is_less_better=True,
            value_max=CANDLES_MS_MAX,
        )
        yield Figure(
            name="charts_line_tap",
            about="列表里点一只股票到分时画出来 (样式与脚本已缓存);对照只有一张画布的页",
            unit="ms",
            rounds=[_line_tapped(phone) for _ in range(rounds)],
            is_less_better=True,
            value_max=LINE_MS_MAX,
        )
        browser.close()


def _dragging(phone: Phone, moves: int, name: str, about: str, query: str) -> Figure:
    candles = bool(query)
    place = "[data-testid=bars][data-drawn] canvas" if candles else "[data-part=cross]"
    with phone.page(f"/market/{STOCK}{query}") as (page, session):
        frames = _script_ms(page, session, place, moves, 0 if candles else HOLD_MS)
    bare = phone.stage.worker.keep("chart", BARE_CHART.encode(), "text/html")
    with phone.page(bare) as (page, session):
        ceiling = _script_ms(page, session, "canvas", moves, 0)
    return Figure(
        name=name,
        about=f"{about} (中位 {quantile(frames, 0.5):.1f} ms,{len(frames)} 帧);对照只画一条线",
        unit="ms",
        rounds=[Round(value=quantile(frames, MOST), ceiling=quantile(ceiling, MOST))],
        is_less_better=True,
        value_max=SCRIPT_MS_MAX,
    )


def _script_ms(
    page: Page, session: CDPSession, place: str, moves: int, hold_ms: int
) -> Sequence[float]:
    """Return the processor time of the page's scripts in each frame of a drag, milliseconds."""
    page.locator(place).first.scroll_into_view_if_needed()
    box = page.locator(place).first.bounding_box()
    assert box is not None, place
    left, right = box["x"] + 20, box["x"] + box["width"] - 20
    finger = Finger(session, left, right, box["y"] + box["height"] / 2)
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        browser = page.context.browser
        assert browser is not None, "launched here"
        finger.touch("touchStart", left)
        page.wait_for_timeout(hold_ms)
        browser.start_tracing(page=page, path=trace, categories=[*TRACED])
        finger.drag(moves)
        browser.stop_tracing()
        finger.touch("touchEnd", left)
        return frames_of(json.loads(trace.read_text("utf-8"))["traceEvents"])


def frames_of(events: Sequence[dict[str, Any]]) -> list[float]:
    """Return the script time of each frame: its touch events and its animation callbacks."""
    frames: list[float] = []
    spent = 0.0
    for one in sorted((one for one in events if "ts" in one), key=lambda event: event["ts"]):
        if one["ph"] == "X" and _is_script(one):
            spent += one.get("tdur", one["dur"]) / 1000
        elif one["name"] in FRAME_ENDS and spent:
            frames.append(spent)
            spent = 0.0
    return frames


def _is_script(event: dict[str, Any]) -> bool:
    if event["name"] == "EventDispatch":
        return str(event["args"]["data"]["type"]) == "touchmove"
    return str(event["name"]) == "FireAnimationFrame"


def _candles_tapped(phone: Phone) -> Round:
    asked: list[str] = []
    path = f"/market/{STOCK}"
    with phone.page(path, watched="[data-testid=bars][data-drawn]") as (page, _):
        page.on("request", lambda request: asked.append(request.url))
        value = _tapped(page, page.get_by_role("link", name="K线"))
    own = [one for one in asked if "/bars?" in one or "chunk-" in one]
    with phone.page(path) as (page, _):
        return Round(value=value, ceiling=page.evaluate(SAME_BYTES, own))


def _line_tapped(phone: Phone) -> Round:
    """Tap a row of the quotes page, and a link of a page that leads to next to nothing."""
    keep = phone.stage.worker.keep
    target = keep("page", BARE_PAGE.encode(), "text/html")
    origin = keep("list", BARE_LIST.format(target=target).encode(), "text/html")
    warm = f"/market/{STOCK}"
    with phone.page(warm, watched="[data-testid=intraday][data-drawn]") as (page, session):
        phone.go(page, session, "/market/")
        value = _tapped(page, page.locator(f"a[href='{warm}']").first)
    with phone.page(origin, watched="[data-drawn]") as (page, _):
        return Round(value=value, ceiling=_tapped(page, page.locator("a")))


def _tapped(page: Page, link: Locator) -> float:
    """Tap; return the milliseconds until the frame behind the drawing."""
    link.tap()
    page.wait_for_function("() => window.drawn > Number(sessionStorage.getItem('tapped'))")
    return float(page.evaluate(SPENT))
