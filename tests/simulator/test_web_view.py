"""A phone's web view: what the account's server sees, and what the phone gets back."""

import threading
import time
from typing import Any

import pytest
import requests
from werkzeug import Request, Response

from h5app.simulator.phone.cookies import widened
from tests.simulator.served import AccountServer, RunningSimulator, wait_until


def seen(account: AccountServer) -> Request:
    """The last request that the account's server received."""
    return account.received[-1][0]


@pytest.mark.parametrize(("user", "mark"), [("u1", "iPhone"), ("u2", "Android")])
def test_a_page_is_asked_for_as_wechat_asks(
    simulator: RunningSimulator, account: AccountServer, user: str, mark: str
) -> None:
    """The account sees its own host and WeChat's user agent, and nothing of who forwarded."""
    headers = {
        "User-Agent": "a browser",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=10.0.0.1",
        "Cookie": "a=1; b=2",
        "X-CSRFToken": "t",
        "Connection": "close, X-Hop",
        "X-Hop": "1",
    }

    simulator.phone("GET", "/market/?a=%E4%B8%AD&b=1%2F2", user, headers=headers)

    request = seen(account)
    agent = request.headers["User-Agent"]
    assert request.host == account.url.removeprefix("http://")
    assert "MicroMessenger" in agent
    assert mark in agent
    assert request.environ["REQUEST_URI"] == "/market/?a=%E4%B8%AD&b=1%2F2"
    assert request.headers["Cookie"] == "a=1; b=2"
    assert request.headers["X-CSRFToken"] == "t"
    names = {name.lower() for name, _ in request.headers.items()}
    assert names.isdisjoint({"x-forwarded-for", "x-forwarded-host", "forwarded", "x-hop"})


def test_a_form_goes_through_with_its_origin(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A POST keeps its body; Origin and Referer are the account's own, as in the real web view."""
    origin = f"http://u1.localhost:{simulator.settings.port}"
    headers = {"Origin": origin, "Referer": f"{origin}/trade/?x=1"}

    simulator.phone("POST", "/trade/orders", data={"symbol": "600519.SH"}, headers=headers)

    request, body = account.received[-1]
    assert body == b"symbol=600519.SH"
    assert request.headers["Origin"] == account.url
    assert request.headers["Referer"] == f"{account.url}/trade/?x=1"


def test_the_chat_is_no_referrer(simulator: RunningSimulator, account: AccountServer) -> None:
    """A page opened from the chat comes from nowhere."""
    referrer = f"http://u1.localhost:{simulator.settings.port}/phone/u1"

    simulator.phone("GET", "/market/", headers={"Referer": referrer})

    assert "Referer" not in seen(account).headers


def test_status_headers_and_bytes_come_back_as_they_are(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """Compressed bytes, two cookies, caching and policy headers pass untouched."""

    def answer(_request: Request) -> Response:
        response = Response(b"\x1f\x8b packed", status=418, content_type="text/html")
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        response.headers["Cache-Control"] = "private"
        response.headers["Keep-Alive"] = "timeout=5"
        response.set_cookie("a", "1", httponly=True, samesite="Lax")
        response.set_cookie("b", "2", path="/me")
        return response

    account.answers["/x"] = answer
    reply = simulator.phone("GET", "/x", stream=True)

    assert reply.status_code == 418
    assert reply.raw.read() == b"\x1f\x8b packed"
    assert reply.headers["Content-Security-Policy"] == "default-src 'self'"
    assert reply.headers["Cache-Control"] == "private"
    assert "Keep-Alive" not in reply.headers
    cookies = reply.raw.headers.getlist("Set-Cookie")
    assert cookies == ["a=1; HttpOnly; Path=/; SameSite=Lax", "b=2; Path=/me"]


def test_a_browsers_cookies_are_kept_in_a_frame(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """For a browser cookies are widened, so that phones work side by side on the tester's page."""

    def answer(_request: Request) -> Response:
        response = Response("x")
        response.set_cookie("a", "1", httponly=True, samesite="Lax")
        return response

    account.answers["/x"] = answer
    reply = simulator.phone("GET", "/x", headers={"Sec-Fetch-Dest": "iframe"})

    assert reply.headers["Set-Cookie"] == widened("a=1; HttpOnly; Path=/; SameSite=Lax")
    assert reply.headers["Set-Cookie"].endswith("SameSite=None; Secure; Partitioned")


def redirects(simulator: RunningSimulator, account: AccountServer) -> dict[str, str]:
    """What the account leads to, and where the phone is led."""
    phone = f"http://u1.localhost:{simulator.settings.port}"
    oauth = "/connect/oauth2/authorize?appid=x"
    return {
        "/market/": "/market/",
        f"{account.url}/market/?a=1#b": f"{phone}/market/?a=1#b",
        account.url: f"{phone}/",
        account.url.replace("127.0.0.1", "localhost") + "/m": f"{phone}/m",
        f"{simulator.url}{oauth}#wechat_redirect": f"{phone}{oauth}",
        f"{simulator.url}{oauth}": f"{phone}{oauth}&simulator_no_fragment=1",
        "https://example.com/x": "https://example.com/x",
        "//example.com/x": "//example.com/x",
    }


def test_redirects_stay_on_the_phone(simulator: RunningSimulator, account: AccountServer) -> None:
    """What leads to the account or to the authorization page stays on the phone's host."""
    leads_to = ""

    def go(_request: Request) -> Response:
        return Response("", status=302, headers={"Location": leads_to})

    account.answers["/go"] = go
    for leads_to, wanted in redirects(simulator, account).items():
        reply = simulator.phone("GET", "/go")

        assert reply.status_code == 302
        assert reply.headers["Location"] == wanted, leads_to


def test_events_arrive_as_they_are_sent_and_end_with_the_reader(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A stream is not held back, and the account is told when its reader is gone."""
    ended: list[bool] = []

    def stream(_request: Request) -> Response:
        def parts() -> Any:
            try:
                for number in range(200):
                    yield f"data: {number}\n\n".encode()
                    time.sleep(0.1)
            finally:
                ended.append(True)

        return Response(parts(), content_type="text/event-stream")

    account.answers["/stream"] = stream
    started = time.monotonic()
    reply = simulator.phone("GET", "/stream", stream=True)
    lines = reply.iter_lines()
    first, gap, second = next(lines), next(lines), next(lines)
    took = time.monotonic() - started
    reply.close()

    assert (first, gap, second) == (b"data: 0", b"", b"data: 1")
    assert took < 2
    wait_until(lambda: bool(ended))


def test_a_large_answer_comes_whole(simulator: RunningSimulator, account: AccountServer) -> None:
    """Many megabytes pass through, byte for byte."""
    content = bytes(range(256)) * 20_000
    account.answers["/big"] = lambda _request: Response(content, mimetype="application/zip")

    assert simulator.phone("GET", "/big").content == content


def test_a_head_has_no_body(simulator: RunningSimulator, account: AccountServer) -> None:
    """HEAD asks and answers without a body."""
    account.answers["/x"] = lambda _request: Response("12345")

    reply = simulator.phone("HEAD", "/x")

    assert seen(account).method == "HEAD"
    assert (reply.status_code, reply.content) == (200, b"")


def test_a_body_over_the_limit_is_refused(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """More than 10 MB is 413 with a page that says so; the account is not asked."""
    reply = simulator.phone("POST", "/x", data=b"x" * (10 * 1024 * 1024 + 1))

    assert reply.status_code == 413
    assert "提交的内容太大" in reply.text
    assert account.received == []


def test_an_account_that_is_away_has_a_clear_page(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """When the account's server does not answer, the web view says what to do."""
    account.stop()

    reply = simulator.phone("GET", "/market/")

    assert reply.status_code == 502
    assert "网站没有应答" in reply.text
    assert "微信模拟器" in reply.text


def test_a_phone_that_does_not_exist_forwards_nothing(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """u9.localhost is no phone."""
    reply = simulator.phone("GET", "/market/", "u9")

    assert reply.status_code == 404
    assert account.received == []


def test_another_sites_name_is_refused(simulator: RunningSimulator) -> None:
    """A Host that is neither loopback nor a phone is refused, so that no site can reach in."""
    for path in ("/", "/cgi-bin/token", "/phone/u1"):
        reply = simulator.client.get(f"{simulator.url}{path}", headers={"Host": "evil.example"})
        assert reply.status_code == 400


def test_the_platforms_paths_belong_to_the_account_on_a_phone(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A phone's host serves only its own few paths; the interfaces are not among them."""
    simulator.phone("GET", "/cgi-bin/token?grant_type=client_credential")

    assert seen(account).path == "/cgi-bin/token"


def test_requests_of_two_phones_do_not_wait_for_each_other(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """A page that takes long on one phone does not hold up another phone."""

    def slow_page(_request: Request) -> Response:
        time.sleep(1)
        return Response("late")

    account.answers["/slow"] = slow_page
    account.answers["/quick"] = lambda _request: Response("now")
    other = requests.Session()
    other.trust_env = False
    host = f"u2.localhost:{simulator.settings.port}"
    slow = threading.Thread(target=simulator.phone, args=("GET", "/slow"))
    slow.start()
    started = time.monotonic()
    reply = other.get(f"{simulator.url}/quick", headers={"Host": host})
    took = time.monotonic() - started
    slow.join()

    assert reply.text == "now"
    assert took < 0.8
