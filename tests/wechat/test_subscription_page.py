"""订阅提醒: what may be allowed, how much is left, and only for who is known."""

import re

import pytest
from flask.testing import FlaskClient

from h5app.plumbing.db import Database
from h5app.wechat.service import WeChat
from h5app.wechat.store import grant
from tests.wechat.fake_platform import FakePlatform
from tests.wechat.notices import ORDER

OPENID = "oPAGE"


@pytest.fixture
def known(phone: FlaskClient) -> FlaskClient:
    """A follower's phone."""
    phone.set_cookie("fake_session", f"{OPENID}-1")
    return phone


@pytest.fixture
def offered(wechat: WeChat, platform: FakePlatform, sqlite_database: Database) -> None:
    """One template, of which two messages are left."""
    one = {"priTmplId": "S_FILLED", "title": "成交通知", "content": ORDER}
    platform.reply("/wxaapi/newtmpl/gettemplate", {"errcode": 0, "data": [one]})
    wechat.subscriptions.ensure()
    with sqlite_database.write() as connection:
        connection.execute(grant.insert().values(openid=OPENID, template_id="S_FILLED", left=2))


@pytest.mark.usefixtures("offered")
def test_what_is_left_is_shown_with_wechats_own_button(known: FlaskClient) -> None:
    """可提醒 2 次, and a tap of WeChat's own that allows one more."""
    page = known.get("/wechat/subscriptions").text

    assert re.search(r'可提醒 <b data-part="left">2</b> 次', page)
    assert '<wx-open-subscribe class="wechat-kind__ask" template="S_FILLED"' in page
    assert page.count("wx-open-subscribe") == 2
    found = known.get("/wechat/subscriptions", headers={"Accept": "application/json"}).json
    assert found == {
        "kinds": [
            {"kind": "order_filled", "label": "成交通知", "template_id": "S_FILLED", "left": 2}
        ]
    }


@pytest.mark.usefixtures("offered")
def test_outside_wechat_nothing_can_be_allowed(client: FlaskClient) -> None:
    """The page says where to open it, and draws no button that cannot work."""
    client.set_cookie("fake_session", f"{OPENID}-1")

    page = client.get("/wechat/subscriptions").text

    assert "请在微信里打开" in page
    assert "wx-open-subscribe" not in page


def test_an_account_without_such_templates_says_so(known: FlaskClient) -> None:
    """Nothing to allow is drawn as such."""
    assert "还没有开通订阅提醒" in known.get("/wechat/subscriptions").text


def test_who_is_not_known_is_asked(client: FlaskClient) -> None:
    """The count is the customer's own."""
    answer = client.get("/wechat/subscriptions", headers={"Accept": "application/json"})

    assert answer.status_code == 401
