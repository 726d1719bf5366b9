"""The console's pages: who may pass, and what they show."""

import re
from pathlib import Path

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.ops.door import Door
from h5app.ops.service import Operators
from h5app.plumbing.config import Config
from h5app.plumbing.web import TEMPLATES, create_base
from tests.ops.conftest import NobodySource, build_app

PASSWORD = "correct horse battery"


def csrf(client: FlaskClient) -> str:
    """Return the token that stands on the sign-in page."""
    page = client.get("/ops/sign-in", follow_redirects=True).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return found.group(1)


def enter(client: FlaskClient, password: str = PASSWORD) -> int:
    """Sign in; return the status."""
    form = {"csrf_token": csrf(client), "name": "alice", "password": password}
    return client.post("/ops/sign-in", data=form).status_code


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    """The home page shows nothing to them."""
    answer = client.get("/ops/")

    assert (answer.status_code, answer.location) == (303, "/ops/sign-in")
    assert client.get("/ops/", headers={"Accept": "application/json"}).status_code == 401


def test_staff_see_how_the_house_does(client: FlaskClient) -> None:
    """Checks and figures; what is wrong is said in words, what is missing is --."""
    assert enter(client) == 303

    page = client.get("/ops/").text

    assert "alice" in page
    assert "silent for 90 s" in page
    assert "2 项异常" in page
    assert "<td>3</td>" in page
    assert "<td>--</td>" in page
    assert "读不到" in page


def test_a_wrong_password_keeps_the_name(client: FlaskClient) -> None:
    """The page says what is wrong and keeps no password."""
    form = {"csrf_token": csrf(client), "name": "alice", "password": "wrong password"}

    page = client.post("/ops/sign-in", data=form)

    assert page.status_code == 401
    assert 'value="alice"' in page.text
    assert "wrong password" not in page.text


def test_signing_out_closes_the_door(client: FlaskClient) -> None:
    """The cookie and the session are gone."""
    enter(client)

    client.post("/ops/sign-out", data={"csrf_token": csrf(client)})

    assert client.get("/ops/").status_code == 303


def test_the_cookie_is_the_consoles_own(client: FlaskClient) -> None:
    """It is sent to /ops only, to no other site, and to no script."""
    enter(client)

    instance = Config().instance
    cookie = client.get_cookie(f"h5app_ops_{instance}", path="/ops")

    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/ops")


def test_forms_without_a_token_are_refused(client: FlaskClient) -> None:
    """No sign-in from another site's form."""
    form = {"name": "alice", "password": PASSWORD}

    assert client.post("/ops/sign-in", data=form).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "' or 1=1 --"])
def test_a_token_that_was_never_given_opens_nothing(client: FlaskClient, token: str) -> None:
    """Whatever stands in the cookie."""
    client.set_cookie(f"h5app_ops_{Config().instance}", token, path="/ops")

    assert client.get("/ops/").status_code == 303


@pytest.mark.parametrize("query", ["", "?theme=dark", "?mode=care", "?colours=green-up"])
def test_the_demo_shows_every_component(client: FlaskClient, query: str) -> None:
    """Every file of examples is drawn, in the look that the address names."""
    page = client.get(f"/ops/ui{query}")

    assert page.status_code == 200
    names = {path.stem for path in Path(TEMPLATES / "_ui" / "examples").glob("*.html")}
    assert names == set(re.findall(r'id="component-([a-z_-]+)"', page.text))
    for name, value in re.findall(r"(\w+)=([\w-]+)", query):
        attribute = {"theme": "data-weui-theme", "mode": "data-weui-mode"}.get(
            name, "data-market-colours"
        )
        assert f'{attribute}="{value}"' in page.text


def test_a_look_that_does_not_exist_is_refused(client: FlaskClient) -> None:
    """The address cannot put text into the page."""
    assert client.get("/ops/ui?theme=%22%3E").status_code == 422


def test_outside_of_the_demo_components_are_for_staff(operators: Operators) -> None:
    """In production the page asks for an operator."""
    app = build_app(operators, env="production", base_url="https://h5.example")

    answer = app.test_client().get("/ops/ui", base_url="https://h5.example")

    assert (answer.status_code, answer.location) == (303, "/ops/sign-in")


def test_every_route_says_who_may_pass(operators: Operators) -> None:
    """A route of the console that says nothing answers 500, not open."""
    app = create_base(Config())
    gate.install(app, NobodySource())
    pages = Blueprint("ops", __name__)
    Door(operators, Config()).guard(pages)

    def page() -> str:
        return "open"

    page.h5app_tier = 0  # type: ignore[attr-defined] # the gate's own mark
    pages.add_url_rule("/ops/new", "new", page)
    app.register_blueprint(pages)

    assert app.test_client().get("/ops/new").status_code == 500
    assert gate.undeclared(build_app(operators)) == []
