"""Requests that no page of ours makes: without a token, for another host, beside the addresses."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Rule

from h5app.demo.customers import SETTLED
from tests.faults.browser import JSON, Browser
from tests.faults.orders import buy, journal, sentence_of
from tests.faults.world import World

WITHOUT_TOKEN = {"wechat.receive", "demo.move"}
"""The platform signs its deliveries; the demo's clock takes JSON from this machine only."""
EVIL = "evil.example"


@pytest.fixture(scope="module")
def customer(calm_world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(calm_world)
    browser.sign_in(SETTLED)
    return browser


def writes(world: World) -> Iterator[Rule]:
    """Yield every route that takes a POST of a page."""
    for rule in world.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint not in WITHOUT_TOKEN:
            yield rule


def address_of(rule: Rule) -> str:
    """Return an address of a route."""
    values = dict.fromkeys(rule.arguments, "1")
    return "".join(f"/{_filled(part, values)}" for part in rule.rule.split("/")[1:])


def _filled(part: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        part = part.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
    return part


# ---------------------------------------------------------------- the token of a form


@pytest.mark.parametrize("token", ["", "x", "IjAwIg.aaaa.bbbb"])
def test_no_write_without_its_token(calm_world: World, customer: Browser, token: str) -> None:
    """Every POST route, as a form and as JSON, signed in: 400, said in Chinese, nothing written."""
    before = journal(calm_world)
    paths = [address_of(rule) for rule in writes(calm_world)]
    assert len(paths) > 20
    for path in paths:
        form = customer.client.post(
            path, base_url=calm_world.config.base_url, data={"csrf_token": token}
        )
        script = customer.client.post(
            path,
            base_url=calm_world.config.base_url,
            json=buy(calm_world, "foreign"),
            headers={**JSON, "X-CSRFToken": token},
        )

        assert form.status_code == 400, path
        assert "页面已过期" in sentence_of(form)
        assert script.status_code == 400, path
        assert script.json is not None
        assert script.json["error"]["code"] == "plumbing.form_expired"
    assert journal(calm_world) == before


def test_anothers_token_is_none(calm_world: World, customer: Browser) -> None:
    """A token that the attacker got for his own browser is worth nothing in this one."""
    foreign = Browser(calm_world).csrf
    answer = customer.client.post(
        "/trade/orders",
        base_url=calm_world.config.base_url,
        json=buy(calm_world, "theirs"),
        headers={**JSON, "X-CSRFToken": foreign},
    )

    assert answer.status_code == 400
    assert "theirs" not in journal(calm_world)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_foreign_page_cannot_move_the_clock(
    calm_world: World, stranger: Browser, kind: str
) -> None:
    """What a page can send across sites without asking is not what the demo's clock takes."""
    before = calm_world.rows("SELECT * FROM demo_clock")

    answer = stranger.client.post("/demo/clock", data=b'{"days": 3}', content_type=kind)

    assert answer.status_code == 404
    assert calm_world.rows("SELECT * FROM demo_clock") == before


def test_the_clock_is_moved_from_this_machine_only(stranger: Browser) -> None:
    """A peer from the network does not even find it."""
    for environ in ({"REMOTE_ADDR": "192.168.1.7"}, {"HTTP_X_FORWARDED_FOR": "192.168.1.7"}):
        assert stranger.get("/demo/clock", environ_overrides=environ).status_code == 404
        answer = stranger.client.post("/demo/clock", json={"days": 1}, environ_overrides=environ)
        assert answer.status_code == 404


# ---------------------------------------------------------------- host, method, path


@pytest.mark.parametrize("host", [EVIL, f"127.0.0.1.{EVIL}", "localhost.evil", f"{EVIL}:80", "["])
def test_another_host_is_not_ours(calm_world: World, host: str) -> None:
    """400, and the foreign name stands nowhere in the answer."""
    client = calm_world.app.test_client()
    for path in ("/market/", "/go/positions", "/me/sign-in"):
        answer = client.get(path, headers={"Host": host})

        assert answer.status_code == 400
        assert EVIL not in answer.text
        assert EVIL not in answer.headers.get("Location", "")


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL"])
def test_no_header_names_our_host(stranger: Browser, name: str) -> None:
    """Links and redirects come from the settings, from no header."""
    for path in ("/market/", "/go/positions", "/trade/positions"):
        answer = stranger.get(path, headers={name: f"host={EVIL}" if name == "Forwarded" else EVIL})

        assert EVIL not in answer.text
        assert EVIL not in answer.headers.get("Location", "")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_another_method(stranger: Browser, method: str) -> None:
    """405 with the methods that there are; the page says what to do."""
    answer = stranger.client.open("/market/", method=method)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    if method != "TRACE":
        assert "重新操作" in sentence_of(answer)


def test_a_method_in_disguise(calm_world: World, customer: Browser) -> None:
    """Nothing overrides the method of a request."""
    answer = customer.client.get(
        "/trade/orders?_method=POST",
        base_url=calm_world.config.base_url,
        headers={"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE"},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../h5app/plumbing/config.py",
        "/static/%2e%2e/%2e%2e/h5app/plumbing/config.py",
        "/static/..%2f..%2fwsgi.py",
        "/static/....//....//wsgi.py",
        "/static/%5c..%5c..%5cwsgi.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/app.css%00.html",
        "/static/manifest.json/../../build.js",
        "/static/",
        "/static/.",
        "/static/..",
        "/static/nowhere.css",
        "/.git/config",
        "/wsgi.py",
        "/var/h5app.db",
        "/MP_verify_x.txt",
        "/MP_verify_../../wsgi.txt",
        "/wealth/..%2fh5app.ics",
    ],
)
def test_no_path_leads_out(stranger: Browser, path: str) -> None:
    """404, and nothing of a file."""
    for accept in ("gzip, br", "identity"):
        answer = stranger.get(path, headers={"Accept-Encoding": accept})

        assert answer.status_code in {308, 404}
        assert b"import " not in answer.data
        assert b"root:" not in answer.data


def test_assets_are_served(stranger: Browser) -> None:
    """The counterpart: what was built is there, for a year."""
    page = stranger.get("/market/").text
    name = page.partition('href="/static/app-')[2].partition('"')[0]

    answer = stranger.get(f"/static/app-{name}")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


# ---------------------------------------------------------------- where one is led


LEADS = (
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}/",
    f"////{EVIL}/",
    f"/\\{EVIL}/",
    f"\\\\{EVIL}/",
    f"/%5c{EVIL}/",
    f"/\t/{EVIL}/",
    f"/\r\n/{EVIL}/",
    f"/%0d%0aLocation:%20https://{EVIL}/",
    f"https:{EVIL}",
    f"https:///{EVIL}",
    f"http://127.0.0.1@{EVIL}/",
    f"http://127.0.0.1:80@{EVIL}/",
    f"javascript:alert('{EVIL}')",
    f"data:text/html,{EVIL}",
    f" https://{EVIL}/",
    f"\x00//{EVIL}/",
    f"{EVIL}",
    f"．//{EVIL}",
    f"/．．／／{EVIL}",
    f"//{EVIL}%2f@127.0.0.1/",
    f"//{EVIL}?.127.0.0.1",
    f"/%2f{EVIL}/",
    f"/.//{EVIL}/",
    f"/../{EVIL}",
    f"/trade/positions#@{EVIL}",
)


def led_to(location: str, base_url: str) -> str:
    """Return the host that a browser would go to."""
    cleaned = location.replace("\t", "").replace("\r", "").replace("\n", "").strip()
    cleaned = cleaned.replace("\\", "/")
    parts = urlsplit(cleaned)
    assert parts.scheme in {"", "http", "https"}
    return parts.netloc or urlsplit(base_url).netloc


@pytest.mark.parametrize("lead", LEADS)
def test_nobody_is_led_away(calm_world: World, customer: Browser, lead: str) -> None:
    """Whatever stands in next=, the way goes on within the house."""
    base = calm_world.config.base_url
    ours = urlsplit(base).netloc
    for path in ("/me/sign-in", "/me/step-up"):
        answer = customer.get(path, query_string={"next": lead})
        assert answer.status_code == 302
        assert led_to(answer.headers["Location"], base) == ours
    for accepts in (JSON, {}):
        done = customer.client.post(
            "/me/step-up",
            base_url=base,
            data={"csrf_token": customer.csrf, "trade_password": SETTLED.password, "next": lead},
            headers=accepts,
        )
        location = done.json["next"] if done.json else done.headers["Location"]
        assert led_to(location, base) == ours


@pytest.mark.parametrize("lead", LEADS)
def test_no_entry_leads_away(calm_world: World, stranger: Browser, lead: str) -> None:
    """Entries are names of our own list; a query behind them stays a query."""
    base = calm_world.config.base_url
    answer = stranger.get("/go/positions", query_string={"next": lead, "url": lead})

    assert led_to(answer.headers["Location"], base) == urlsplit(base).netloc
    assert stranger.get(f"/go/{lead.strip('/') or 'x'}").status_code in {302, 308, 404}
