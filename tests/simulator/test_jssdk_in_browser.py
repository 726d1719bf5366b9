"""The stand-in for jweixin, in a page of the account on a phone."""

import hashlib
import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug import Request, Response

from tests.simulator.served import AccountServer, RunningSimulator
from tests.simulator.test_phone_in_browser import phone_page

pytestmark = pytest.mark.browser
__all__ = ["phone_page"]

PAGE = """<!doctype html><title>t</title><script src="{script}"></script>
<p id="state"></p><p id="place"></p><p id="denied"></p><p id="granted"></p><p id="refused"></p>
<wx-open-subscribe template="SUB_NOTICE">
  <template><button>订阅</button></template>
</wx-open-subscribe>
<script>
  const show = (id, text) => {{ document.getElementById(id).textContent = text; }};
  wx.config({config});
  wx.error((result) => show("state", result.errMsg));
  wx.ready(() => {{
    show("state", "ready");
    wx.getLocation({{ success: (place) => show("place", `${{place.latitude}}`) }});
    wx.scanQRCode({{ fail: (result) => show("denied", result.errMsg) }});
  }});
  document.querySelector("wx-open-subscribe").addEventListener("success", (event) => {{
    show("granted", event.detail.subscribeDetails);
  }});
  document.querySelector("wx-open-subscribe").addEventListener("error", (event) => {{
    show("refused", event.detail.errMsg);
  }});
</script>"""


def serve_page(simulator: RunningSimulator, account: AccountServer, signature: str = "") -> None:
    """Serve a page that configures the SDK as the account's server signs it."""
    ticket = simulator.api("/cgi-bin/ticket/getticket", type="jsapi")["ticket"]

    def page(request: Request) -> Response:
        address = f"{account.url}{request.environ['REQUEST_URI']}"
        text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url={address}"
        config: dict[str, Any] = {
            "appId": simulator.settings.app_id,
            "timestamp": 1,
            "nonceStr": "n",
            "signature": signature
            or hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
            "jsApiList": ["getLocation"],
            "openTagList": ["wx-open-subscribe"],
        }
        script = f"{simulator.url}/open/js/jweixin-1.6.0.js"
        html = PAGE.format(script=script, config=json.dumps(config))
        return Response(html, mimetype="text/html")

    account.answers["/nearby"] = page


def open_page(simulator: RunningSimulator, page: Page) -> Any:
    """Open the page in the phone's web view."""
    page.goto(f"http://u1.localhost:{simulator.settings.port}/phone/u1")
    page.get_by_test_id("account-more").click()
    page.get_by_test_id("open-url").fill(f"{simulator.settings.app_base_url}/nearby?a=1#part")
    page.get_by_test_id("open-go").click()
    return page.frame_locator("[data-testid=web-view-frame]")


def test_a_rightly_signed_page_gets_what_it_asked_for(
    simulator: RunningSimulator, account: AccountServer, phone_page: Page
) -> None:
    """config, ready, a location; an interface that is not listed is denied."""
    serve_page(simulator, account)

    inside = open_page(simulator, phone_page)

    expect(inside.locator("#state")).to_have_text("ready")
    expect(inside.locator("#place")).to_have_text("31.230416")
    expect(inside.locator("#denied")).to_have_text("scanQRCode:permission denied")


def test_a_wrong_signature_is_told(
    simulator: RunningSimulator, account: AccountServer, phone_page: Page
) -> None:
    """The reason reaches wx.error, and nothing is ready."""
    serve_page(simulator, account, signature="0" * 40)

    inside = open_page(simulator, phone_page)

    expect(inside.locator("#state")).to_have_text("config:invalid signature")
    expect(inside.locator("#place")).to_have_text("")


def test_an_open_tag_of_a_page_that_is_not_configured_is_not_drawn(
    simulator: RunningSimulator, account: AccountServer, phone_page: Page
) -> None:
    """As in WeChat: without a right signature there is nothing to tap, and the tag fires error."""
    serve_page(simulator, account, signature="0" * 40)

    inside = open_page(simulator, phone_page)

    expect(inside.locator("#refused")).to_have_text("config:invalid signature")
    expect(inside.get_by_role("button", name="订阅")).to_have_count(0)


def test_a_subscription_is_granted_by_a_tap(
    simulator: RunningSimulator, account: AccountServer, phone_page: Page
) -> None:
    """wx-open-subscribe asks as the platform does; 允许 grants one message."""
    serve_page(simulator, account)
    inside = open_page(simulator, phone_page)
    expect(inside.locator("#state")).to_have_text("ready")

    inside.get_by_role("button", name="订阅").click()
    inside.get_by_test_id("subscribe-allow").click()

    expect(inside.locator("#granted")).to_contain_text("accept")
    grants = simulator.platform.subscriptions.grants(simulator.openid())
    assert [(one["template_id"], one["granted"]) for one in grants] == [("SUB_NOTICE", 1)]
