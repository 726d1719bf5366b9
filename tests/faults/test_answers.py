"""What every answer carries: headers, cookies, no script in the page, JSON that is described."""

import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Response
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from h5app.app import create_app
from h5app.demo.customers import SETTLED
from h5app.market.feed_report import FILE_NAME, FeedReport
from h5app.plumbing.api import operation_of
from h5app.plumbing.config import Config
from h5app.plumbing.web import open_to_all
from tests.conftest import ROOT
from tests.faults.browser import JSON, Browser
from tests.faults.conftest import MakeWorld
from tests.faults.orders import SYMBOL, sentence_of
from tests.faults.production import PRODUCTION
from tests.faults.world import World
from tests.market.scripted_feed import ScriptedFeed

MACHINES = {"/healthz", "/readyz", "/version", "/api/openapi.json"}
"""JSON for machines, beside what pages call."""
PAGES = (
    *("/market/", f"/market/{SYMBOL}", f"/market/{SYMBOL}?chart=bars", "/market/search?q=zs"),
    *("/market/watchlist", "/market/?list=indices", "/trade/", "/trade/positions", "/trade/orders"),
    *("/trade/fills", "/trade/funds", f"/trade/ticket?symbol={SYMBOL}&side=buy"),
    *("/trade/securities?side=buy", "/trade/settings", "/trade/cancellations", "/wealth/"),
    *("/wealth/entries/new", "/wealth/feed", "/wealth/preferences", "/wealth/dismissed", "/me/"),
    *("/me/about", "/me/appearance", "/me/privacy", "/me/messages", "/me/notice-preferences"),
    *("/me/sessions", "/me/binding", "/ops/", "/ops/sign-in", "/ops/ui", "/api/docs"),
)
OTHERS = (
    *("/healthz", "/version", "/readyz", "/metrics", "/api/openapi.json", "/demo/clock"),
    *("/market/quotes?symbols=600519.SH", f"/market/{SYMBOL}/line", "/market/999999.SH"),
    *("/nowhere", "/static/nowhere.js", "/go/positions", "/wealth/none.ics", "/wechat/callback"),
    *("/wechat/oauth?code=x&state=y", "/trade/orders/none", "/me/sign-in?next=//evil.example"),
)
PRIVATE = ("/trade", "/me", "/wealth", "/ops", "/market/watchlist")


@pytest.fixture(scope="module")
def customer(calm_world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(calm_world)
    browser.sign_in(SETTLED)
    return browser


Answers = list[tuple[str, TestResponse]]


@pytest.fixture(scope="module")
def answers(calm_world: World, customer: Browser) -> Answers:
    """An answer of every kind: pages, JSON, redirects, refusals, assets, streams."""
    found: Answers = []
    for browser in (customer, Browser(calm_world), Browser(calm_world, "u3")):
        for path in (*PAGES, *OTHERS):
            found += [(path, browser.get(path)), (path, browser.get_json(path))]
    stream = customer.get(f"/stream?symbols={SYMBOL}")
    stream.close()
    asset = re.search(r'"(/static/app-[^"]+)"', customer.get("/market/").text)
    assert asset is not None
    return [
        *found,
        ("/stream", stream),
        (asset[1], customer.get(asset[1])),
        ("/trade/orders", customer.client.post("/trade/orders")),
        ("/trade/orders", customer.post_json("/trade/orders", b"x" * 200_000)),
        ("/market/", customer.client.put("/market/")),
    ]


# ---------------------------------------------------------------- headers


def test_every_answer_carries_the_headers(answers: Answers) -> None:
    """A policy without unsafe words, no sniffing, no referrer to strangers, a request id."""
    for path, answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, path
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert part in policy, path
        assert "form-action 'self'" in policy
        assert "frame-ancestors" in policy
        assert "*" not in policy.replace("http://*.localhost", "")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert answer.headers["X-Request-ID"]
        assert "Server" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_private_answers_are_kept_by_nobody(answers: Answers, customer: Browser) -> None:
    """No cache keeps what is a customer's; pages of a known one neither."""
    for path, answer in answers:
        if path.startswith(PRIVATE) and not path.endswith(".ics"):
            assert "no-store" in answer.headers["Cache-Control"], path
    assert "no-store" in customer.get("/market/").headers["Cache-Control"]


def test_production_is_framed_by_nobody(tmp_path: Path) -> None:
    """Framing is for the demo's phone; transport is strict; what is the demo's is not there."""
    app = create_app(Config.from_environ(PRODUCTION | {"H5APP_HOME": str(tmp_path)}))
    client = app.test_client()
    for path in ("/healthz", "/demo/clock", "/ops/ui", "/nowhere"):
        answer = client.get(path, base_url=PRODUCTION["H5APP_BASE_URL"])

        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "localhost" not in str(answer.headers)
        assert (answer.status_code == 200) is (path == "/healthz"), path
    assert "/demo/clock" not in {rule.rule for rule in app.url_map.iter_rules()}


# ---------------------------------------------------------------- cookies


def test_cookies_are_the_servers_alone(calm_world: World) -> None:
    """HttpOnly, SameSite=Lax, for the whole site, and named by this state folder."""
    for cookie in cookies_of(Browser(calm_world)):
        assert calm_world.config.instance in cookie
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_on_https_they_are_bound_to_the_host(make_world: MakeWorld, tmp_path: Path) -> None:
    """__Host- and Secure."""
    world = make_world(tmp_path / "https", H5APP_BASE_URL="https://broker.example.com")
    for cookie in cookies_of(Browser(world)):
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie


def cookies_of(browser: Browser) -> list[str]:
    """Return the cookies of a form, a device, a session, an authorization and a look."""
    asked = {"fund_account": SETTLED.fund_account, "trade_password": SETTLED.password}
    found = browser.get("/me/about").headers.getlist("Set-Cookie")
    found += browser.post_json("/me/sign-in", asked).headers.getlist("Set-Cookie")
    found += browser.signed_in(SETTLED).headers.getlist("Set-Cookie")
    look = browser.post_form("/me/appearance", theme="dark")
    found += look.headers.getlist("Set-Cookie")
    phone = browser.get("/go/positions", headers={"User-Agent": "MicroMessenger/8"})
    found += phone.headers.getlist("Set-Cookie")
    names = {re.sub(r"_[0-9a-f]{8}$", "", cookie.partition("=")[0]) for cookie in found}
    assert len(names) >= 4, names
    return found


# ---------------------------------------------------------------- pages


class Page(HTMLParser):
    """Looks for what the policy would not run."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note inline scripts, styles and handlers."""
        given = dict(attrs)
        is_data = given.get("type") in {"application/json", "application/ld+json"}
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.wrong.append(tag)
        self.wrong += [name for name in given if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if (given.get(name) or "").strip().lower().startswith("javascript:"):
                self.wrong.append(f"{name}={given[name]}")


def test_pages_hold_nothing_that_the_policy_stops(answers: Answers) -> None:
    """No inline script, style or handler: the pages work under their own policy."""
    for path, answer in answers:
        if answer.mimetype == "text/html":
            page = Page()
            page.feed(answer.text)
            assert page.wrong == [], path


# ---------------------------------------------------------------- our own mistakes


@open_to_all
def broken() -> Response:
    """Fail as only our own code can."""
    raise ZeroDivisionError("secret detail of the code")


def test_a_mistake_of_ours_shows_nothing_of_itself(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """500 in Chinese with a number to tell; the trace is in the log under that number."""
    world.app.view_functions["health.version_view"] = broken
    caplog.set_level(logging.ERROR)
    browser = Browser(world)

    page, answer = browser.get("/version"), browser.get("/version", headers=JSON)

    assert (page.status_code, answer.status_code) == (500, 500)
    assert "系统出错了" in sentence_of(page)
    assert page.headers["X-Request-ID"] in page.text
    assert answer.json is not None
    assert answer.json["error"]["code"] == "plumbing.internal_error"
    for text in (page.text, answer.text):
        assert "ZeroDivisionError" not in text
        assert "secret detail" not in text
    assert any("secret detail" in str(record.exc_info) for record in caplog.records)
    assert "Content-Security-Policy" in page.headers


# ---------------------------------------------------------------- what operators are told


def test_operators_hear_of_limits_that_differ(calm_world: World) -> None:
    """The feed process counts them; /readyz and /metrics tell it beside the dropped quotes."""
    report = FeedReport(calm_world.home / FILE_NAME, calm_world.wall)
    report.write(ScriptedFeed(), limit_differences=3)
    browser = Browser(calm_world)

    ready = browser.get("/readyz").json

    assert ready is not None
    assert (ready["feed"]["dropped"], ready["feed"]["limit_differences"]) == (0, 3)
    assert "h5app_board_limit_differences 3.0" in browser.get("/metrics").text


# ---------------------------------------------------------------- the document


def test_the_document_is_openapi(stranger: Browser) -> None:
    """A valid OpenAPI 3.1 document, and a page to read it on."""
    document = stranger.get("/api/openapi.json").json

    assert document is not None
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    page = stranger.get("/api/docs")
    assert page.status_code == 200
    for path in document["paths"]:
        assert path in page.text


def test_what_scripts_call_is_described(calm_world: World) -> None:
    """Every address that a page's script asks for stands in the document."""
    adapter = calm_world.app.url_map.bind("127.0.0.1")
    calls = list(called_by_scripts())
    assert len(calls) > 6
    for script, path, method in calls:
        endpoint, _values = adapter.match(path, method=method)
        view = calm_world.app.view_functions[endpoint]
        assert operation_of(view) is not None, f"{script} calls {path}"


def called_by_scripts() -> Iterator[tuple[str, str, str]]:
    """Yield script, address and method of every call with a literal address."""
    call = re.compile(r"""(read|send|EventSource)\(\s*["'`](/[^"'`?]*)""")
    for room in sorted((ROOT / "static").iterdir()):
        if room.name in {"dist", "simulator"} or not room.is_dir():
            continue
        for script in sorted(room.glob("*.js")):
            for how, address in call.findall(script.read_text("utf-8")):
                path = re.sub(r"\$\{[^}]*\}", SYMBOL, address)
                yield script.name, path, "POST" if how == "send" else "GET"


def test_every_json_of_a_page_is_described(calm_world: World, customer: Browser) -> None:
    """Whatever answers JSON when it is asked for stands in the document."""
    adapter = calm_world.app.url_map.bind("127.0.0.1")
    for path in (*PAGES, *OTHERS):
        answer = customer.get_json(path)
        address = path.partition("?")[0]
        is_json = answer.mimetype == "application/json" and answer.status_code == 200
        if is_json and address not in MACHINES | {"/demo/clock"}:
            endpoint, _values = adapter.match(address)
            assert operation_of(calm_world.app.view_functions[endpoint]) is not None, path


def test_refusals_in_json_have_one_shape(answers: Answers) -> None:
    """Code, sentence, details and the request's id, whoever refuses."""
    for path, answer in answers:
        if answer.mimetype == "application/json" and answer.status_code >= 400:
            if path in MACHINES:
                continue
            assert answer.json is not None
            assert set(answer.json["error"]) >= {"code", "message", "details"}, path
            assert re.search(r"[\u4e00-\u9fff]", answer.json["error"]["message"])
            assert answer.json["request_id"] == answer.headers["X-Request-ID"]
