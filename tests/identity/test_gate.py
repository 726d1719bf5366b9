"""The gate: what a tier opens, and how the question is asked where it is not reached."""

import html
import re

import flask
import pytest
from flask import Flask, Response
from sqlalchemy import event

from h5app.identity.gate import install, refusal, requires, tier_of, undeclared, visitor
from h5app.identity.model import (
    STRANGER,
    BindingRequired,
    SignInRequired,
    StepUpRequired,
    Tier,
    Visitor,
    local_path,
)
from tests.identity.fakes import ACCOUNT, PASSWORD, WRONG, Browser, House, build_app

VISITORS = {
    Tier.VISITOR: STRANGER,
    Tier.FOLLOWER: Visitor(tier=Tier.FOLLOWER, customer_id="c1"),
    Tier.BOUND: Visitor(tier=Tier.BOUND, customer_id="c1", account_id=ACCOUNT),
    Tier.STEPPED_UP: Visitor(tier=Tier.STEPPED_UP, customer_id="c1", account_id=ACCOUNT),
}


@pytest.mark.parametrize(
    ("has", "wants", "refused"),
    [
        (Tier.VISITOR, Tier.FOLLOWER, SignInRequired),
        (Tier.VISITOR, Tier.BOUND, SignInRequired),
        (Tier.VISITOR, Tier.STEPPED_UP, SignInRequired),
        (Tier.FOLLOWER, Tier.BOUND, BindingRequired),
        (Tier.FOLLOWER, Tier.STEPPED_UP, BindingRequired),
        (Tier.BOUND, Tier.STEPPED_UP, StepUpRequired),
    ],
)
def test_the_next_step_is_what_is_asked_for(has: Tier, wants: Tier, refused: type) -> None:
    """A stranger signs in, a follower binds, a bound customer gives the password."""
    assert type(refusal(VISITORS[has], wants)) is refused


class FakeSource:
    """Names one visitor, and counts how often it was asked."""

    def __init__(self, who: Visitor) -> None:
        self._who = who
        self.asked = 0

    def visitor_of_request(self) -> Visitor:
        """Return the visitor."""
        self.asked += 1
        return self._who


@pytest.mark.parametrize("has", list(Tier))
@pytest.mark.parametrize("wants", list(Tier))
def test_a_tier_opens_itself_and_what_is_below(has: Tier, wants: Tier) -> None:
    """Every pair of what one has and what a route wants."""
    app = Flask("gate")
    install(app, FakeSource(VISITORS[has]))
    app.register_error_handler(Exception, lambda wrong: (type(wrong).__name__, 403))

    @app.get("/")
    @requires(wants)
    def page() -> str:
        return "in"

    assert (app.test_client().get("/").text == "in") is (has >= wants)


def test_an_open_route_asks_nobody_unless_it_wants_to_know() -> None:
    """Quotes cost no session read; a page that names the visitor asks once."""
    app, source = Flask("gate"), FakeSource(VISITORS[Tier.BOUND])
    install(app, source)

    @app.get("/quotes")
    @requires(Tier.VISITOR)
    def quotes() -> str:
        return "10.25"

    @app.get("/page")
    @requires(Tier.VISITOR)
    def page() -> str:
        return f"{visitor().tier.name} {visitor().account}"

    client = app.test_client()
    client.get("/quotes")
    assert source.asked == 0
    assert client.get("/page").text == f"BOUND {ACCOUNT}"
    assert source.asked == 1


def test_a_route_without_a_tier_is_our_mistake(app: Flask) -> None:
    """It is found by the list, and answers 500 rather than open."""
    assert undeclared(app) == []
    bare = Flask("bare")
    install(bare, FakeSource(STRANGER))
    bare.add_url_rule("/open", "open", lambda: "open")

    assert undeclared(bare) == ["open", "static"]
    assert bare.test_client().get("/open").status_code == 500


def test_every_route_of_identity_declares_what_it_must(app: Flask) -> None:
    """Whoever changes a route's tier changes this table, too."""
    tiers = {
        f"{rule.rule} {method}": tier_of(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.rule.startswith("/me/")
    }

    assert tiers == {
        "/me/ GET": Tier.VISITOR,
        "/me/about GET": Tier.VISITOR,
        "/me/appearance GET": Tier.VISITOR,
        "/me/appearance POST": Tier.VISITOR,
        "/me/lock POST": Tier.VISITOR,
        "/me/privacy GET": Tier.VISITOR,
        "/me/sign-in GET": Tier.VISITOR,
        "/me/sign-in POST": Tier.VISITOR,
        "/me/sign-out POST": Tier.VISITOR,
        "/me/step-up GET": Tier.BOUND,
        "/me/step-up POST": Tier.BOUND,
        "/me/binding GET": Tier.FOLLOWER,
        "/me/binding POST": Tier.FOLLOWER,
        "/me/binding/removal POST": Tier.STEPPED_UP,
        "/me/sessions GET": Tier.FOLLOWER,
        "/me/sessions/revocation POST": Tier.FOLLOWER,
        "/me/sessions/<int:session_id>/revocation POST": Tier.FOLLOWER,
        "/me/devices/<int:device_id>/removal POST": Tier.BOUND,
    }


# How the question is asked


def test_pages_are_led_to_the_question_and_back(person: Browser, house: House) -> None:
    """A stranger signs in, and comes back to the very page with its query."""
    sent = person.get("/trade/?symbol=600519.SH&side=buy")

    assert sent.status_code == 302
    assert sent.location == "/me/sign-in?next=/trade/%3Fsymbol%3D600519.SH%26side%3Dbuy"
    page = person.get(sent.location).text
    assert 'name="next" value="/trade/?symbol=600519.SH&amp;side=buy"' in page
    person.sign_in(house)
    assert person.get(sent.location).location == "/trade/?symbol=600519.SH&side=buy"


def test_json_is_refused_in_json(person: Browser, house: House) -> None:
    """A script gets the named error, never a redirect to a page."""
    answers = [person.json("/trade/positions")]
    person.get("/from-wechat/o-1")
    answers.append(person.json("/trade/positions"))

    assert [(one.status_code, (one.json or {})["error"]["code"]) for one in answers] == [
        (401, "identity.sign_in_required"),
        (403, "identity.binding_required"),
    ]


def test_the_channel_may_ask_for_the_openid_first(house: House) -> None:
    """Inside WeChat the hook answers pages; outside, and for forms, the sign-in page does."""

    def ask() -> Response | None:
        if "MicroMessenger" not in flask.request.user_agent.string:
            return None
        return flask.redirect("https://open.weixin.qq.com/")  # type: ignore[return-value]

    app = build_app(house, ask)

    inside = Browser(app, "iPhone MicroMessenger")
    assert inside.get("/trade/").location == "https://open.weixin.qq.com/"
    assert inside.post("/trade/orders", {"symbol": "600519.SH"}).status_code == 401
    assert inside.json("/trade/").status_code == 401
    assert Browser(app).get("/trade/").location == "/me/sign-in?next=/trade/"


def test_a_form_that_came_too_late_is_kept(person: Browser, house: House) -> None:
    """The step-up page says that nothing was sent; afterwards the form is one button away."""
    person.bind(house, "o-1")
    house.wall.advance(house.identity.policy.step_up_lasts)
    ticket = {"symbol": "600519.SH", "quantity": "100", "trade_password": "never kept"}

    page = person.post("/trade/orders", ticket, Referer="http://localhost/trade/?symbol=600519.SH")
    assert page.status_code == 403
    assert "刚才的内容没有提交" in page.text
    assert "never kept" not in page.text

    wrong = person.post("/me/step-up", hidden(page.text) | {"trade_password": WRONG})
    assert wrong.status_code == 401
    back = person.post("/me/step-up", hidden(wrong.text) | {"trade_password": PASSWORD})
    assert "继续提交" in back.text
    assert 'href="/trade/?symbol=600519.SH"' in back.text

    sent = person.post("/trade/orders", hidden(back.text))
    kept = (sent.json or {})["fields"]
    assert (kept["symbol"], kept["quantity"]) == ("600519.SH", "100")
    assert "trade_password" not in kept


def test_a_form_of_an_ended_session_is_kept_over_the_sign_in(person: Browser, house: House) -> None:
    """Whose session ended signs in on the same page and finds the form again."""
    person.sign_in(house)
    house.identity.end_sessions(ACCOUNT)

    page = person.post("/trade/orders", {"symbol": "600519.SH"})
    assert page.status_code == 401
    assert "登录已过期，刚才的内容没有提交" in page.text
    fields = hidden(page.text) | {"fund_account": ACCOUNT, "trade_password": PASSWORD}
    back = person.post("/me/sign-in", fields)

    assert "继续提交" in back.text
    assert (person.post("/trade/orders", hidden(back.text)).json or {})["fields"][
        "symbol"
    ] == "600519.SH"


def test_an_expired_session_is_named_as_such(person: Browser, house: House) -> None:
    """Who was signed in reads that it is over, not as if never here; a stranger does not."""
    assert "登录已过期" not in person.get("/me/sign-in").text
    person.sign_in(house)
    house.wall.advance(house.identity.policy.direct_lasts)

    assert person.get("/trade/").location == "/me/sign-in?next=/trade/"
    assert "登录已过期，请重新登录" in person.get("/me/sign-in?next=/trade/").text


@pytest.mark.parametrize(
    "kept",
    [
        "x",
        "[" * 20_000,
        '{"path":"//evil.example/","fields":[]}',
        '{"path":"https://evil.example/","fields":[]}',
        '{"path":"/trade/","fields":[["a"]]}',
        '{"path":"/trade/","fields":[' + ",".join(['["a","b"]'] * 41) + "]}",
    ],
)
def test_a_kept_form_from_elsewhere_is_left_aside(person: Browser, house: House, kept: str) -> None:
    """What is not whole, not local, or too much is as if there were none."""
    person.bind(house, "o-1")

    done = person.post("/me/step-up", {"trade_password": PASSWORD, "kept_form": kept})

    assert (done.status_code, done.location) == (303, "/me/")


FORMS = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0a\r\n",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "https:evil.example",
    "/。/evil",
    "／evil.example",
    "http://localhost@evil.example/",
    "http:///evil.example",
    " /me/",
    "/me/ x",
    "/me/#x",
    "/" + "a" * 600,
    "",
]


@pytest.mark.parametrize("form", FORMS)
def test_only_pages_of_this_site_are_led_back_to(person: Browser, house: House, form: str) -> None:
    """Any other form of address leads home."""
    assert local_path(form) == "/me/"

    person.bind(house, "o-1")
    done = person.post("/me/step-up", {"trade_password": PASSWORD, "next": form})

    assert done.location == "/me/"


@pytest.mark.parametrize(
    "form", ["/", "/me/", "/trade/?symbol=600519.SH&side=buy", "/market/600519.SH", "/a//b?c=//d"]
)
def test_pages_of_this_site_are_led_back_to(form: str) -> None:
    """Paths with their queries pass as they are."""
    assert local_path(form) == form


def test_no_secret_stands_in_an_address(person: Browser, house: House) -> None:
    """Neither account nor password nor token is ever part of a place one is sent to."""
    places = [
        person.post(
            "/me/sign-in", {"fund_account": ACCOUNT, "trade_password": PASSWORD, "code": code}
        ).location
        for code in ("", (house.codes.messages and house.codes.last_code) or "")
    ]
    person.sign_in(house)
    places += [person.get("/me/sign-in").location, person.post("/me/sign-out").location]

    assert [one for one in places if one and re.search(r"\d{6}", one)] == []


def test_private_pages_are_not_stored(person: Browser, house: House) -> None:
    """Pages under /me/ are for nobody's cache."""
    person.sign_in(house)
    paths = ("/me/", "/me/sign-in", "/me/sessions", "/me/binding", "/me/appearance")

    assert {person.get(path).headers["Cache-Control"] for path in paths} == {"no-store"}


def test_a_signed_in_request_costs_one_read(person: Browser, house: House) -> None:
    """The gate names the visitor with one statement; a stranger costs none."""
    person.sign_in(house)
    seen: list[str] = []
    event.listen(
        house.database.engine,
        "before_cursor_execute",
        lambda *arguments: seen.append(str(arguments[2])),
    )

    person.get("/trade/positions")
    Browser(person.client.application).get("/trade/positions")

    assert len([one for one in seen if not one.startswith("BEGIN")]) == 1


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form, but the CSRF token."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in fields if name != "csrf_token"}


def test_a_session_that_ended_under_the_step_up_leads_to_the_sign_in(
    person: Browser, house: House
) -> None:
    """The page asks who is there, and keeps no form that is nothing without its password."""
    person.bind(house, "o-1")
    house.accounts.while_checking = lambda: house.identity.end_sessions(ACCOUNT)

    page = person.post("/me/step-up", {"trade_password": PASSWORD})

    assert page.status_code == 401
    assert 'data-testid="sign-in-form"' in page.text
    assert "kept_form" not in page.text
