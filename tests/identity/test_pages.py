"""「我的」: what strangers, followers and customers see, and how pages look."""

import pytest

from h5app.identity.model import BadLook, Look, account_tail, device_name
from h5app.kernel.error import AppError
from h5app.plumbing.config import Config
from h5app.plumbing.http import RemoteSilent
from tests.identity.fakes import ACCOUNT, Browser, House, build_app


def test_a_stranger_is_offered_the_sign_in(person: Browser) -> None:
    """No private entry is shown, and nothing of anybody."""
    page = person.get("/me/").text

    assert 'href="/me/sign-in"' in page
    assert 'data-testid="messages"' not in page
    assert 'data-testid="sign-out"' not in page


def test_a_follower_is_offered_the_binding(person: Browser) -> None:
    """The openid itself is never shown."""
    person.get("/from-wechat/o-secret-openid")

    page = person.get("/me/").text

    assert 'href="/me/binding"' in page
    assert "o-secret-openid" not in page


def test_who_came_by_an_advisors_code_sees_the_advisor(person: Browser) -> None:
    """Branch and advisor of the QR code stand under 我的; who came by none sees no such line."""
    person.get("/from-wechat/o-by-code")
    page = person.get("/me/").text
    person.get("/from-wechat/o-by-no-code")

    assert 'data-testid="advisor"' in page
    assert "浦东营业部 李明" in page
    assert 'data-testid="advisor"' not in person.get("/me/").text


def test_a_customer_sees_themselves_masked(person: Browser, house: House) -> None:
    """Name and account are masked, the phone is not shown, messages carry their count."""
    person.sign_in(house)

    page = person.get("/me/").text

    assert "张*" in page
    assert "****0101" in page
    assert ACCOUNT not in page
    assert "13800001234" not in page
    assert '<span class="ui-badge">3</span>' in page
    assert "已验证，09:15 前无需再输密码" in page


def test_many_messages_are_written_short(house: House) -> None:
    """A hundred and more are 99+."""
    person = Browser(build_app(house, unread_count=120))
    person.sign_in(house)

    assert '<span class="ui-badge">99+</span>' in person.get("/me/").text


def test_the_page_stands_when_the_counter_is_silent(person: Browser, house: House) -> None:
    """Without the name the page is still there."""
    person.sign_in(house)

    def fall_silent(account_id: str) -> None:
        raise RemoteSilent

    house.accounts.holder = fall_silent  # type: ignore[method-assign]

    page = person.get("/me/")
    assert page.status_code == 200
    assert "****0101" in page.text


@pytest.mark.parametrize("path", ["/me/privacy", "/me/about", "/me/appearance"])
def test_pages_to_read_are_open(person: Browser, path: str) -> None:
    """Nobody has to sign in to read what WeChat sees or what is simulated."""
    assert person.get(path).status_code == 200


def test_the_demo_says_what_is_simulated(person: Browser) -> None:
    """Accounts, cash and fills are named as simulated."""
    assert "账户、资金、成交都是模拟的" in person.get("/me/about").text


# Looks


def test_a_stranger_keeps_a_look(person: Browser, house: House) -> None:
    """The choice stands in a cookie and on every page."""
    done = person.post("/me/appearance", {"theme": "dark", "mode": "care", "colours": "green-up"})

    assert done.location == "/me/appearance?saved=1"
    assert person.cookie(house, "look") == "dark.care.green-up.zh-Hans-CN"
    page = person.get("/me/").text
    assert 'data-weui-theme="dark"' in page
    assert 'data-weui-mode="care"' in page
    assert 'data-market-colours="green-up"' in page
    assert 'data-testid="care-entries"' in page


def test_one_switch_changes_one_thing(person: Browser, house: House) -> None:
    """The switch of 长辈版 leaves the theme as it is and comes back."""
    person.post("/me/appearance", {"theme": "dark"})

    done = person.post("/me/appearance", {"mode": "care", "next": "/me/"})

    assert done.location == "/me/"
    assert person.cookie(house, "look") == "dark.care.red-up.zh-Hans-CN"


def test_a_customers_look_follows_to_the_next_device(person: Browser, house: House) -> None:
    """What was chosen while signed in is there after signing in elsewhere."""
    person.sign_in(house)
    person.post("/me/appearance", {"mode": "care"})

    house.wall.advance(house.identity.policy.code_pause)
    other = Browser(person.client.application)
    other.sign_in(house)

    assert 'data-weui-mode="care"' in other.get("/me/").text


def test_a_seeded_look_is_there_at_the_first_sign_in(person: Browser, house: House) -> None:
    """A customer who is known to want 长辈版 gets it without asking."""
    customer_id = house.identity.directory.ensure_customer(ACCOUNT)
    house.identity.directory.propose_look(customer_id, Look(mode="care"))
    house.identity.directory.propose_look(customer_id, Look(theme="dark"))

    person.bind(house, "o-1")

    assert 'data-weui-mode="care"' in person.get("/me/").text


@pytest.mark.parametrize("wish", [{"theme": "pink"}, {"mode": "x"}, {"language": "<script>"}])
def test_a_look_that_does_not_exist_is_refused(person: Browser, wish: dict[str, str]) -> None:
    """Nothing of it is kept."""
    assert person.post("/me/appearance", wish).status_code == 422
    with pytest.raises(BadLook):
        Look().changed(wish)


@pytest.mark.parametrize("text", ["", "dark", "x.y.z", "dark.care.red-up.zh-Hans-CN.more", "…"])
def test_any_cookie_makes_a_look(text: str) -> None:
    """What is not understood is the default."""
    look = Look.from_text(text)

    assert look.theme == ("dark" if text.startswith("dark") else "auto")


def test_the_error_page_says_what_is_next(person: Browser) -> None:
    """A page that is not there leads on and names the request."""
    page = person.get("/nowhere")

    assert page.status_code == 404
    assert 'href="/market/"' in page.text
    assert page.headers["X-Request-ID"] in page.text


# Words


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU) Safari MicroMessenger/8.0", "iPhone · 微信"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Safari", "安卓手机 · Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Edg/120", "Windows 电脑 · Edge"),
        ("curl/8", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_devices_have_names_that_people_know(user_agent: str, name: str) -> None:
    """The list of sessions is read by customers, not by engineers."""
    assert device_name(user_agent) == name


def test_a_short_number_shows_no_tail() -> None:
    """Four digits of four would be all of it."""
    assert [account_tail(one) for one in (ACCOUNT, "1234", "", None)] == ["0101", "", "", ""]


def test_cookies_are_secure_on_https(house: House) -> None:
    """With an https address they are __Host- and Secure."""
    config = Config(base_url="https://h5.example", env="demo")
    secure = House(
        house.database,
        house.wall,
        house.accounts,
        house.codes,
        house.outbox,
        house.identity,
        config,
    )
    client = build_app(secure).test_client()

    answer = client.get("/from-wechat/o-1", base_url="https://h5.example")

    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert all(one.startswith("__Host-h5app_") for one in cookies)
    assert all("Secure" in one and "Path=/" in one for one in cookies)


def test_every_refusal_has_a_sentence_and_a_code() -> None:
    """The code begins with the room's name."""
    own = "h5app.identity"
    named = [error for error in AppError.__subclasses__() if error.__module__.startswith(own)]

    assert len(named) > 15
    assert all(error.code.startswith("identity.") and error.sentence for error in named)
    assert len({error.code for error in named}) == len(named)
