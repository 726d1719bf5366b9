"""Codes and states of WeChat sign-ins used again, forged, foreign or late: nobody signs in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from h5app.plumbing.web import cookie_name
from tests.faults.browser import Browser
from tests.faults.orders import sentence_of
from tests.faults.world import World, copied
from tests.simulator.served import RunningSimulator

ENTRY = "/go/positions"
SHARED_SECONDS = 16
"""Longer than the second opening of the same address shares the first one's result."""
STATE_SECONDS = 11 * 60
AUTHORIZE = "/connect/oauth2/authorize"


@pytest.fixture(scope="module")
def world(
    seeded: Path,
    app_port: int,
    platform: RunningSimulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """One house for the module: its clock moves, nothing of it breaks."""
    world = World(copied(seeded, tmp_path_factory.mktemp("ways")), app_port, platform)
    yield world
    world.close()


@dataclass
class Way:
    """An authorization that was begun: the platform's answer waits to be opened."""

    browser: Browser
    back: str

    @property
    def code(self) -> str:
        """The code that the platform gave."""
        return parse_qs(urlsplit(self.back).query)["code"][0]

    @property
    def state(self) -> str:
        """The state that we gave."""
        return parse_qs(urlsplit(self.back).query)["state"][0]


def begun(world: World, user: str = "u1") -> Way:
    """Tap the menu; the platform answers; its answer is not opened yet."""
    browser = Browser(world, user)
    return Way(browser, browser.authorize(browser.get(ENTRY).headers["Location"]))


def is_known(browser: Browser) -> bool:
    """Say whether the browser has a session."""
    return browser.get_json("/me/messages/unread").status_code == 200


def session_cookie(world: World, browser: Browser) -> str:
    """Return the token that the browser shows."""
    cookie = browser.client.get_cookie(cookie_name(world.config, "session"), domain="127.0.0.1")
    assert cookie is not None
    return cookie.value


def used_states(world: World) -> int:
    """Count the states whose code went to the platform."""
    rows = world.rows("SELECT count(*) FROM wechat_oauth_state WHERE used_at IS NOT NULL")
    return int(rows[0][0])


def forget_session(world: World, browser: Browser) -> None:
    """Lose the session's cookie, as after its time."""
    name = cookie_name(world.config, "session")
    browser.client.delete_cookie(name, domain="127.0.0.1")


def assert_ended(page: TestResponse, browser: Browser) -> None:
    """Nobody is signed in; a page says so and offers the way back in."""
    assert page.status_code in {400, 403}
    assert "重新" in sentence_of(page)
    assert not is_known(browser)


def test_the_way_that_is_right(world: World) -> None:
    """Code and state of one's own, opened once: signed in, and on to an address without them."""
    way = begun(world)

    page = way.browser.get(way.back)

    assert page.status_code == 302
    assert "code=" not in page.headers["Location"]
    assert is_known(way.browser)


def test_the_same_address_opened_twice_is_one_sign_in(world: World) -> None:
    """WeChat may open it twice: both openings end at the page, the code is exchanged once."""
    way, before = begun(world), used_states(world)

    first, second = way.browser.get(way.back), way.browser.get(way.back)

    assert first.headers["Location"] == second.headers["Location"]
    assert used_states(world) == before + 1


def test_the_back_button_with_a_session_goes_on(world: World) -> None:
    """An old address in a browser that is signed in leads to the page, not to an error."""
    way = begun(world)
    way.browser.get(way.back)
    world.wall.advance(SHARED_SECONDS)

    page = way.browser.get(way.back)

    assert page.status_code == 302
    assert page.headers["Location"] == urlsplit(page.headers["Location"]).path
    assert is_known(way.browser)


def test_a_used_code_begins_again_once(world: World) -> None:
    """Without a session the used code is worth nothing; the platform is asked anew, by itself."""
    way = begun(world)
    way.browser.get(way.back)
    forget_session(world, way.browser)
    world.wall.advance(SHARED_SECONDS)

    again = way.browser.get(way.back)

    assert again.status_code == 302
    assert AUTHORIZE in again.headers["Location"]
    assert not is_known(way.browser)
    way.browser.get(way.browser.authorize(again.headers["Location"]))
    assert is_known(way.browser)


def test_a_used_code_below_a_new_state_is_asked_about_and_refused(world: World) -> None:
    """The platform says that it was used; begun again once, then the page says what to do."""
    used = begun(world)
    used.browser.get(used.back)
    other = begun(world)

    first = other.browser.get(f"/wechat/oauth?code={used.code}&state={other.state}")
    assert AUTHORIZE in first.headers["Location"]
    state = parse_qs(urlsplit(first.headers["Location"]).query)["state"][0]
    second = other.browser.get(f"/wechat/oauth?code={used.code}&state={state}")

    assert_ended(second, other.browser)


def test_an_expired_state_begins_again(world: World) -> None:
    """Ten minutes later the code is not exchanged any more; a new authorization is."""
    way = begun(world)
    world.wall.advance(STATE_SECONDS)

    page = way.browser.get(way.back)

    assert AUTHORIZE in page.headers["Location"]
    assert not is_known(way.browser)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code={code}",
        "code={code}&state=",
        "code={code}&state=" + "0" * 64,
        "code={code}&state=" + "x" * 5_000,
        "code={code}&state={state}x",
        "code={code}&state=%00{state}",
        "code={code}&state=%FF%FE",
        "code={code}&state=" + "一" * 40,
    ],
)
def test_a_forged_state(world: World, query: str) -> None:
    """Missing, empty, invented, changed: 403, nobody is signed in, and the code stays unused."""
    way, before = begun(world), used_states(world)

    page = way.browser.get(f"/wechat/oauth?{query.format(code=way.code, state=way.state)}")

    assert page.status_code == 403
    assert_ended(page, way.browser)
    assert used_states(world) == before


def test_anothers_state(world: World) -> None:
    """A state is good in the browser it was given to; sent to a victim it signs nobody in."""
    attacker, victim = begun(world, "u2"), begun(world, "u1")

    page = victim.browser.get(attacker.back)

    assert page.status_code == 403
    assert_ended(page, victim.browser)


def test_a_foreign_address_changes_no_session(world: World) -> None:
    """A victim who is signed in stays who he is, and is led on to a page."""
    victim, attacker = begun(world, "u1"), begun(world, "u2")
    victim.browser.get(victim.back)
    before = session_cookie(world, victim.browser)

    page = victim.browser.get(attacker.back)

    assert page.status_code in {302, 403}
    assert session_cookie(world, victim.browser) == before
    assert is_known(victim.browser)


def test_a_refusal_and_a_code_that_nobody_gave(world: World) -> None:
    """The customer's no, and a code of chance below a right state: a page, and no session."""
    refused, invented = begun(world), begun(world)

    no = refused.browser.get(f"/wechat/oauth?state={refused.state}")
    chance = invented.browser.get(f"/wechat/oauth?code=invented&state={invented.state}")

    assert_ended(no, refused.browser)
    assert AUTHORIZE in chance.headers["Location"]
    assert not is_known(invented.browser)


def test_a_session_taken_along_is_not_the_one_afterwards(world: World) -> None:
    """Signing in changes the token: a session planted before it is worth nothing after it."""
    planted = "p" * 43
    way = begun(world)
    name = cookie_name(world.config, "session")
    way.browser.client.set_cookie(name, planted, domain="127.0.0.1")

    way.browser.get(way.back)

    assert session_cookie(world, way.browser) != planted
    other = Browser(world)
    other.client.set_cookie(name, planted, domain="127.0.0.1")
    assert not is_known(other)
