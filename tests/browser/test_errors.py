"""Pages of errors: what happened, what to do next, and the number to tell the desk."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from h5app.kernel.error import AppError
from h5app.plumbing.config import Config
from h5app.plumbing.web import create_base, open_to_all
from tests.browser.conftest import PROBES, Opened
from tests.browser.sheets import Sheet
from tests.conftest import free_port

pytestmark = [pytest.mark.browser]


class NotAllowed(AppError):
    """Somebody else's."""

    code = "test.not_allowed"
    status = 403
    sentence = "您没有权限查看,请换用有权限的账户"


class Busy(AppError):
    """For a moment only."""

    code = "test.busy"
    status = 503
    sentence = "系统正忙,请稍后重试"


class TooOften(AppError):
    """Slower, please."""

    code = "test.too_often"
    status = 429
    sentence = "操作太频繁,请稍等片刻再试"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An application with nothing but pages that fail."""
    port = free_port()
    home = tmp_path_factory.mktemp("errors")
    app = create_base(Config.from_environ({"H5APP_HOME": str(home), "H5APP_PORT": str(port)}))

    def fail(kind: str) -> str:
        raise {"403": NotAllowed, "429": TooOften, "503": Busy, "500": ZeroDivisionError}[kind]

    app.add_url_rule("/fails/<kind>", "fail", open_to_all(fail))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of 390 by 844."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("status", "path", "title", "happened", "ways"),
    [
        (403, "/fails/403", "没有完成", "您没有权限查看", ["回到行情", "我的"]),
        (404, "/nothing/here", "没有找到", "没有找到这个页面", ["回到行情", "我的"]),
        (429, "/fails/429?page=2", "请稍等", "操作太频繁", ["重试", "回到行情", "我的"]),
        (500, "/fails/500", "出错了", "系统出错了", ["重试", "回到行情", "我的"]),
        (503, "/fails/503", "请稍等", "系统正忙", ["重试", "回到行情", "我的"]),
    ],
)
def test_a_failure_says_what_happened_and_what_to_do(
    address: str, phone: Page, status: int, path: str, title: str, happened: str, ways: list[str]
) -> None:
    """The right status, one sentence in two parts, ways on, a number to tell; never a trace."""
    reply = phone.goto(address + path)
    phone.evaluate(PROBES)
    opened = Opened(Sheet(name=title, path=path, who="stranger", reads=""), phone, [])

    assert reply
    assert reply.status == status
    assert phone.title() == title
    expect(phone.get_by_role("heading", level=1)).to_have_text(happened)
    expect(phone.get_by_test_id("error")).to_contain_text("请")
    assert phone.get_by_test_id("error").get_by_role("link").all_inner_texts() == ways
    expect(phone.get_by_test_id("request-id")).to_have_text(re.compile(r"^[0-9a-f]{16}$"))
    assert "Traceback" not in phone.content()
    assert opened.violations() == []
    assert opened.ask(("small", 44), ("wide",)) == {}


def test_trying_again_asks_for_the_same_page(address: str, phone: Page) -> None:
    """The way that says 重试 keeps the question that was asked."""
    phone.goto(f"{address}/fails/503?page=2")

    phone.get_by_test_id("retry").tap()

    expect(phone).to_have_url(f"{address}/fails/503?page=2")
