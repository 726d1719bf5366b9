"""Bodies made to break a parser: refused in good time, by name, and nothing follows from them."""

import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from h5app.demo.customers import SETTLED
from tests.faults.browser import JSON, Browser
from tests.faults.world import World
from tests.wechat.callbacks import Platform, event, message, text

SECONDS_MAX = 2.0
"""A hostile body costs no more than this on a busy machine; most cost milliseconds."""


def bomb(levels: int) -> str:
    """Entities that double: 2^levels times the word, from a few hundred bytes."""
    names = "".join(
        f'<!ENTITY e{number} "&e{number - 1};&e{number - 1};">' for number in range(1, levels)
    )
    head = f'<!DOCTYPE xml [<!ENTITY e0 "ha">{names}]>'
    return f"{head}<xml><Content>&e{levels - 1};</Content></xml>"


def with_type(declaration: str, content: str = "&e;") -> str:
    """A message below a document type."""
    return f"<!DOCTYPE xml [{declaration}]>{text('x').replace('>x<', f'>{content}<')}"


XML: dict[str, str | bytes] = {
    "billion laughs": bomb(30),
    "quadratic blow-up": with_type(f'<!ENTITY e "{"a" * 20_000}">', "&e;" * 1_000),
    "entity of itself": with_type('<!ENTITY e "&e;">'),
    "file": with_type('<!ENTITY e SYSTEM "file:///etc/passwd">'),
    "address": with_type('<!ENTITY e SYSTEM "http://127.0.0.1:9/">'),
    "parameter entity": with_type('<!ENTITY % e SYSTEM "http://127.0.0.1:9/x.dtd"> %e;', "x"),
    "foreign type": f'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd">{text("x")}',
    "xinclude": text("x").replace(
        ">x<",
        '><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><',
    ),
    "deep": "<xml>" + "<a>" * 15_000,
    "deep and whole": "<xml>" + "<a>" * 4_000 + "</a>" * 4_000 + "</xml>",
    "wide": "<xml>" + "<a/>" * 12_000 + "</xml>",
    "many attributes": "<xml " + " ".join(f"a{number}='1'" for number in range(4_000)) + "/>",
    "huge": text("x" * 5_000_000),
    "huge name": f"<xml><{'a' * 60_000}/></xml>",
    "not utf-8": message("text", MsgId="1").encode().replace(b"oUSER1", b"\xff\xfe\xfd"),
    "utf-16": text("x").encode("utf-16"),
    "utf-16 bomb": bomb(30).encode("utf-16"),
    "says ebcdic": b'<?xml version="1.0" encoding="ebcdic"?>' + text("x").encode(),
    "says utf-7": b'<?xml version="1.0" encoding="utf-7"?>' + text("x").encode(),
    "wrong root": text("x").replace("<xml>", "<html>").replace("</xml>", "</html>"),
    "two roots": text("x") + text("y", 2),
    "torn": text("x")[:-9],
    "empty": b"",
    "json": b'{"ToUserName": "x"}',
    "zeros": b"\x00" * 1_000,
    "event without a name": message("event"),
    "number of 9,000 digits": event("subscribe").replace(">1795482000<", f">{'9' * 9_000}<"),
}
READABLE = {"xinclude", "utf-16", "says ebcdic", "says utf-7"}
"""Plain messages all the same: XInclude is not known here, and what is declared is not believed."""


@pytest.fixture
def sender(calm_world: World) -> Platform:
    """Somebody who knows the token and the key."""
    config = calm_world.config
    return Platform(
        client=calm_world.app.test_client(),
        token=config.wechat_token,
        aes_key=config.wechat_encoding_aes_key,
        app_id=config.wechat_app_id,
    )


def effects(world: World) -> list[int]:
    """Count what a delivery could leave behind."""
    tables = ("wechat_inbound", "wechat_follower", "outbox", "wechat_late_question")
    return [world.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.mark.parametrize("name", XML)
def test_a_signed_delivery_that_is_no_message(
    calm_world: World, sender: Platform, name: str
) -> None:
    """Plain or sealed, with a right signature: 4xx in good time, no effect, no file, no call."""
    body, before = XML[name], effects(calm_world)

    answers = [timed(lambda: sender.plain(body))]
    if isinstance(body, str) and len(body) < 60_000:
        answers.append(timed(lambda: sender.sealed(body)))

    for answer in answers:
        is_read = name in READABLE and answer.status_code == 200
        assert is_read or 400 <= answer.status_code < 500
        assert b"root:" not in answer.data
    if name not in READABLE:
        assert effects(calm_world) == before


def timed(send: Callable[[], TestResponse]) -> TestResponse:
    """Send, and see that the answer does not keep anybody waiting."""
    began = time.monotonic()
    answer = send()
    assert time.monotonic() - began < SECONDS_MAX
    return answer


# ---------------------------------------------------------------- JSON


DEEP = b"[" * 50_000
JSON_BODIES = {
    "deep list": DEEP,
    "deep object": b'{"a":' * 10_000,
    "deep and whole": b"[" * 30_000 + b"]" * 30_000,
    "deep inside a field": b'{"symbol": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "empty": b"",
    "text": b"hello",
    "torn": b'{"client_order_id": "x", "sym',
    "null": b"null",
    "list": b"[]",
    "number": b"1",
    "not utf-8": b'{"symbol": "\xff\xfe"}',
    "half a surrogate": b'{"symbol": "\\ud800", "client_order_id": "\\ud800"}',
    "nan": b'{"price": NaN, "quantity": Infinity}',
    "number without end": b'{"quantity": ' + b"9" * 40_000 + b"}",
    "exponent": b'{"quantity": 1e999999, "price": "1e9"}',
    "utf-16": '{"symbol": "600036.SH"}'.encode("utf-16"),
    "form sent as json": b"symbol=600036.SH&side=buy",
}
WRITES = (
    "/trade/orders",
    "/trade/estimate",
    "/market/watchlist",
    "/me/sign-in",
    "/me/step-up",
    "/demo/clock",
)


@pytest.fixture(scope="module")
def customer(calm_world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(calm_world)
    browser.sign_in(SETTLED)
    return browser


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("name", JSON_BODIES)
def test_json_that_is_no_wish(calm_world: World, customer: Browser, path: str, name: str) -> None:
    """4xx with the error's name, in good time; no order, no jump of the clock."""
    before = state_of(calm_world)

    answer = timed(lambda: customer.post_json(path, JSON_BODIES[name]))

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json is not None
    assert answer.json["error"]["code"]
    assert answer.json["error"]["message"]
    assert state_of(calm_world) == before


@pytest.mark.parametrize("path", WRITES)
def test_json_of_a_megabyte(calm_world: World, customer: Browser, path: str) -> None:
    """413, without reading it to the end."""
    before = state_of(calm_world)

    answer = timed(lambda: customer.post_json(path, b'{"a": "' + b"x" * 1_000_000 + b'"}'))

    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["error"]["code"] == "plumbing.request_too_large"
    assert state_of(calm_world) == before


@pytest.mark.parametrize("path", [path for path in WRITES if path != "/demo/clock"])
def test_forms_out_of_bounds(calm_world: World, customer: Browser, path: str) -> None:
    """A field of a megabyte and ten thousand fields: 4xx, a page that says so."""
    before = state_of(calm_world)

    huge = customer.post_form(path, symbol="x" * 1_000_000)
    many = customer.post_form(path, **{f"field{number}": "x" for number in range(3_000)})

    assert huge.status_code == 413
    assert "太大" in huge.text
    assert 400 <= many.status_code < 500
    assert state_of(calm_world) == before


def test_a_form_of_ten_thousand_parts(calm_world: World, customer: Browser) -> None:
    """Parts of a multipart form are counted."""
    answer = customer.client.post(
        "/trade/orders",
        base_url=calm_world.config.base_url,
        data={f"f{number}": "x" for number in range(500)},
        content_type="multipart/form-data",
        headers={"X-CSRFToken": customer.csrf},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=x"]
)
def test_a_body_of_another_kind(calm_world: World, customer: Browser, kind: str) -> None:
    """What is neither form nor JSON is an empty wish, and an empty wish is refused."""
    before = state_of(calm_world)

    answer = customer.client.post(
        "/trade/orders",
        base_url=calm_world.config.base_url,
        data=b'{"client_order_id": "kind", "symbol": ',
        content_type=kind,
        headers={"X-CSRFToken": customer.csrf, **JSON},
    )

    assert 400 <= answer.status_code < 500
    assert state_of(calm_world) == before


def state_of(world: World) -> list[object]:
    """What a wish could change: orders, watchlists, the clock's target."""
    counts = [
        world.rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("trading_order", "counter_orders", "watch", "trading_ticket")
    ]
    return [*counts, world.rows("SELECT target_at, speed FROM demo_clock")]
