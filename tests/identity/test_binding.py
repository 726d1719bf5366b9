"""Binding: an openid and a fund account come together, and part."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from h5app.identity.model import (
    STRANGER,
    BindAccount,
    CustomerBound,
    CustomersMerged,
    CustomerUnbound,
    Granted,
    Origin,
    Tier,
)
from h5app.identity.policy import Policy
from h5app.identity.refusal import (
    BindingNeedsWeChat,
    BoundToAnother,
    CodeRequired,
    NothingBound,
    NoticeNotAccepted,
    WrongPassword,
)
from h5app.identity.store import consent, trail
from h5app.kernel.clock import FrozenClock
from h5app.kernel.event import Event
from h5app.plumbing.db import Database
from tests.identity.fakes import ACCOUNT, ON_BOTH, OTHER, PASSWORD, WRONG, Browser, House, build

PHONE = Origin(address="203.0.113.7", user_agent="iPhone MicroMessenger", device_token="d" * 43)
SECOND = Origin(address="203.0.113.9", user_agent="Android MicroMessenger", device_token="f" * 43)
LAPTOP = Origin(address="203.0.113.8", user_agent="Windows Chrome", device_token="e" * 43)


def wish(account: str = ACCOUNT, code: str = "", **more: str) -> BindAccount:
    """The wish of somebody who read the notice."""
    values = {"trade_password": PASSWORD, "accepted_notice": "2026-11"} | more
    return BindAccount(fund_account=account, code=code, **values)


def bind(house: House, openid: str, origin: Origin = PHONE, account: str = ACCOUNT) -> Granted:
    """Come from WeChat and bind, with the code where one is asked for."""
    granted = house.identity.sign_in_openid(openid, origin)
    try:
        return house.identity.bind(granted.visitor, wish(account), origin)
    except CodeRequired:
        with_code = wish(account, house.codes.last_code)
        return house.identity.bind(granted.visitor, with_code, origin)


def direct(house: House, origin: Origin = LAPTOP, account: str = ACCOUNT) -> Granted:
    """Come in with the fund account."""
    try:
        return house.identity.sign_in_direct(account, PASSWORD, "", origin)
    except CodeRequired:
        return house.identity.sign_in_direct(account, PASSWORD, house.codes.last_code, origin)


def facts(house: House) -> list[Event]:
    """Return the facts that wait in the outbox."""
    seen: list[Event] = []
    house.outbox.deliver_due({kind: [seen.append] for kind in Event.kinds.values()})
    return seen


@ON_BOTH
def test_binding_needs_notice_password_and_code(house: House) -> None:
    """Only the three together bind; the session is then stepped up under a new token."""
    granted = house.identity.sign_in_openid("o-1", PHONE)
    who = granted.visitor
    with pytest.raises(NoticeNotAccepted):
        house.identity.bind(who, wish(accepted_notice=""), PHONE)
    with pytest.raises(NoticeNotAccepted):
        house.identity.bind(who, wish(accepted_notice="2019-01"), PHONE)
    with pytest.raises(WrongPassword):
        house.identity.bind(who, wish(trade_password=WRONG), PHONE)
    with pytest.raises(CodeRequired):
        house.identity.bind(who, wish(), PHONE)

    bound = house.identity.bind(who, wish(code=house.codes.last_code), PHONE)

    assert house.identity.visitor(granted.token) == STRANGER
    found = house.identity.visitor(bound.token)
    assert (found.tier, found.account_id, found.openid) == (Tier.STEPPED_UP, ACCOUNT, "o-1")
    assert found.session_id == who.session_id
    with house.database.read() as connection:
        accepted = connection.execute(select(consent.c.document, consent.c.version)).all()
    assert [tuple(row) for row in accepted] == [("risk_notice", "2026-11")]


def test_a_bound_openid_comes_in_bound(house: House) -> None:
    """The next silent sign-in reaches the account, not stepped up."""
    bind(house, "o-1")

    again = house.identity.sign_in_openid("o-1", PHONE)

    assert (again.visitor.tier, again.visitor.account_id) == (Tier.BOUND, ACCOUNT)


def test_the_first_binding_keeps_the_customer(house: House) -> None:
    """What the follower kept stays its own, for the account had no customer yet."""
    before = house.identity.sign_in_openid("o-1", PHONE).visitor

    bound = bind(house, "o-1")

    assert bound.visitor.customer_id == before.customer_id
    kinds = [type(fact) for fact in facts(house)]
    assert kinds == [CustomerBound]


@ON_BOTH
def test_an_account_with_a_customer_takes_the_openid_in(house: House) -> None:
    """The openid's customer is merged into the account's, and rooms are told to move things."""
    owner = direct(house).visitor.customer_id
    follower = house.identity.sign_in_openid("o-1", PHONE).visitor.customer_id

    bound = bind(house, "o-1")

    assert bound.visitor.customer_id == owner
    told = [fact for fact in facts(house) if not fact.kind.startswith("Signed")]
    assert told[0] == CustomersMerged(from_customer_id=str(follower), to_customer_id=str(owner))
    assert isinstance(told[1], CustomerBound)
    assert (told[1].customer_id, told[1].openid) == (owner, "o-1")


@ON_BOTH
def test_a_new_openid_takes_the_place_of_the_old_one(house: House) -> None:
    """One account has one openid: the old one's sessions end, and both customers are named."""
    old = bind(house, "o-old")
    facts(house)

    bind(house, "o-new", SECOND)

    assert house.identity.visitor(old.token) == STRANGER
    assert house.identity.directory.openids_bound_to(ACCOUNT) == ["o-new"]
    back = house.identity.sign_in_openid("o-old", PHONE).visitor
    assert back.tier is Tier.FOLLOWER
    [left] = [fact for fact in facts(house) if isinstance(fact, CustomerUnbound)]
    assert (left.openid, left.was_replaced) == ("o-old", True)
    assert left.customer_id == old.visitor.customer_id
    assert left.openid_customer_id == back.customer_id != left.customer_id
    assert house.identity.directory.openid_of(left.openid_customer_id) == "o-old"


def test_a_house_may_allow_two_openids(database: Database, wall: FrozenClock) -> None:
    """Then the third one takes the oldest one's place, and news go to the first bound."""
    house = build(database, wall, Policy(openids_per_account_max=2))
    first = bind(house, "o-1", Origin(device_token="1" * 43))
    wall.advance(timedelta(minutes=2))
    bind(house, "o-2", Origin(device_token="2" * 43))
    wall.advance(timedelta(minutes=2))
    assert house.identity.directory.openids_bound_to(ACCOUNT) == ["o-1", "o-2"]
    assert house.identity.directory.openid_of(first.visitor.owner) == "o-1"

    bind(house, "o-3", SECOND)

    assert house.identity.directory.openids_bound_to(ACCOUNT) == ["o-2", "o-3"]


def test_an_openid_has_one_account(house: House) -> None:
    """A second account asks to undo the first binding, before any password is tried."""
    bound = bind(house, "o-1")
    asked = len(house.accounts.checks)

    with pytest.raises(BoundToAnother):
        house.identity.bind(bound.visitor, wish(OTHER), PHONE)

    assert len(house.accounts.checks) == asked


def test_binding_the_same_account_again_changes_nothing(house: House) -> None:
    """A second tap needs no code, tells nobody, and ends stepped up."""
    bound = bind(house, "o-1")
    facts(house)

    again = house.identity.bind(bound.visitor, wish(), PHONE)

    assert again.visitor.tier is Tier.STEPPED_UP
    assert facts(house) == []


def test_a_direct_session_has_nothing_to_bind(house: House) -> None:
    """Outside of WeChat there is no openid."""
    with pytest.raises(BindingNeedsWeChat):
        house.identity.bind(direct(house).visitor, wish(), LAPTOP)


def test_other_sessions_of_the_openid_reach_the_account_too(house: House) -> None:
    """A second window of the same WeChat user is bound, but not stepped up."""
    window = house.identity.sign_in_openid("o-1", SECOND)

    bind(house, "o-1", PHONE)

    found = house.identity.visitor(window.token)
    assert (found.tier, found.account_id) == (Tier.BOUND, ACCOUNT)


@ON_BOTH
def test_unbinding_leaves_the_account_its_customer(house: House) -> None:
    """The openid goes on as a new customer; what is the account's stays with the account."""
    bound = bind(house, "o-1")
    window = house.identity.sign_in_openid("o-1", SECOND)
    facts(house)

    alone = house.identity.unbind(bound.visitor, PHONE)

    assert alone is not None
    found = house.identity.visitor(alone.token)
    assert (found.tier, found.account_id) == (Tier.FOLLOWER, None)
    assert found.customer_id != bound.visitor.customer_id
    assert house.identity.visitor(window.token) == STRANGER
    assert house.identity.visitor(bound.token) == STRANGER
    assert house.identity.directory.customer_of_account(ACCOUNT) == bound.visitor.customer_id
    [left] = [fact for fact in facts(house) if isinstance(fact, CustomerUnbound)]
    assert (left.openid, left.was_replaced) == ("o-1", False)


def test_unbinding_twice_is_refused(house: House) -> None:
    """There is nothing left to undo."""
    bound = bind(house, "o-1")
    house.identity.unbind(bound.visitor, PHONE)

    with pytest.raises(NothingBound):
        house.identity.unbind(bound.visitor, PHONE)


def test_a_lost_phone_is_unbound_from_a_browser(house: House) -> None:
    """A direct session takes the account's openids off; it stays itself."""
    lost = bind(house, "o-1")
    laptop = direct(house)

    assert house.identity.unbind(laptop.visitor, LAPTOP) is None

    assert house.identity.visitor(lost.token) == STRANGER
    assert house.identity.visitor(laptop.token).tier is Tier.STEPPED_UP
    assert house.identity.directory.openids_bound_to(ACCOUNT) == []
    with pytest.raises(NothingBound):
        house.identity.unbind(laptop.visitor, LAPTOP)


def test_binding_again_brings_everything_back(house: House) -> None:
    """The account's customer is the same one as before."""
    first = bind(house, "o-1")
    house.identity.unbind(first.visitor, PHONE)
    house.wall.advance(timedelta(minutes=2))

    second = bind(house, "o-1")

    assert second.visitor.customer_id == first.visitor.customer_id


@ON_BOTH
def test_two_openids_at_once_leave_one(house: House) -> None:
    """Whoever is last has the account; no row is made twice."""
    visitors = {}
    for name, origin in (("o-1", PHONE), ("o-2", SECOND)):
        visitors[name] = house.identity.sign_in_openid(name, origin).visitor
        with pytest.raises(CodeRequired):
            house.identity.bind(visitors[name], wish(), origin)
    codes = [one.code for one in house.codes.messages]
    barrier = threading.Barrier(2)

    def try_it(name: str, code: str, origin: Origin) -> None:
        barrier.wait()
        house.identity.bind(visitors[name], wish(code=code), origin)

    threads = [
        threading.Thread(target=try_it, args=("o-1", codes[0], PHONE)),
        threading.Thread(target=try_it, args=("o-2", codes[1], SECOND)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(house.identity.directory.openids_bound_to(ACCOUNT)) == 1
    bound = [fact for fact in facts(house) if isinstance(fact, CustomerBound)]
    assert len(bound) == 2
    assert len({fact.customer_id for fact in bound}) == 1


def test_every_step_stands_in_the_trail(house: House) -> None:
    """Who did what from where, with the account's last digits only."""
    bound = bind(house, "o-1")
    house.identity.unbind(bound.visitor, PHONE)

    with house.database.read() as connection:
        rows = connection.execute(select(trail).order_by(trail.c.id)).all()

    assert [(row.action, row.result) for row in rows] == [
        ("sign_in_openid", "ok"),
        ("bind", "ok"),
        ("unbind", "ok"),
    ]
    assert {row.address for row in rows} == {"203.0.113.7"}
    assert ACCOUNT not in str(rows)
    assert rows[1].account_tail == "0101"


# The pages


def test_the_walk_from_wechat_to_the_ticket(person: Browser, house: House) -> None:
    """A follower who wants to trade binds and comes back to the ticket."""
    person.get("/from-wechat/o-1")
    sent = person.get("/trade/")
    assert sent.location == "/me/binding?next=/trade/"

    page = person.get(sent.location).text
    assert 'data-testid="risk-notice"' in page
    fields = {
        "fund_account": ACCOUNT,
        "trade_password": PASSWORD,
        "accepted_notice": "2026-11",
        "next": "/trade/",
    }
    asked = person.post("/me/binding", fields)
    assert asked.status_code == 401
    assert " checked" in asked.text
    done = person.post("/me/binding", fields | {"code": house.codes.last_code})

    assert (done.status_code, done.location) == (303, "/trade/")
    assert person.get("/trade/").text == ACCOUNT
    assert person.get("/trade/positions").status_code == 200


def test_the_notice_must_be_accepted(person: Browser) -> None:
    """Without the tick the page comes back and says so."""
    person.get("/from-wechat/o-1")

    page = person.post("/me/binding", {"fund_account": ACCOUNT, "trade_password": PASSWORD})

    assert page.status_code == 422
    assert "请先阅读风险揭示并勾选同意" in page.text


def test_unbinding_asks_for_the_password_first(person: Browser, house: House) -> None:
    """It needs a fresh step-up; then it is one button and one confirmation."""
    person.bind(house, "o-1")
    house.wall.advance(timedelta(minutes=16))

    assert person.post_json("/me/binding/removal").status_code == 403
    assert 'href="/me/step-up?next=/me/binding"' in person.get("/me/binding").text

    person.post("/me/step-up", {"trade_password": PASSWORD, "next": "/me/binding"})
    assert 'data-testid="unbind-confirm"' in person.get("/me/binding").text
    done = person.post("/me/binding/removal")

    assert (done.status_code, done.location) == (303, "/me/?done=unbound")
    assert person.get("/trade/").location == "/me/binding?next=/trade/"


def test_a_direct_session_sees_what_is_bound(person: Browser, house: House) -> None:
    """The page says how many WeChat users are bound and offers to undo it."""
    person.sign_in(house)
    assert "没有绑定微信" in person.get("/me/binding").text

    house.wall.advance(timedelta(minutes=2))
    phone = Browser(person.client.application)
    phone.bind(house, "o-1")

    assert "已绑定 1 个微信" in person.get("/me/binding").text
    done = person.post("/me/binding/removal")
    assert done.location == "/me/binding?done=unbound"
    assert phone.get("/trade/").status_code == 302


def test_json_binds_too(person: Browser, house: House) -> None:
    """The endpoint speaks JSON."""
    person.get("/from-wechat/o-1")
    body = {"fund_account": ACCOUNT, "trade_password": PASSWORD, "accepted_notice": "2026-11"}
    person.post_json("/me/binding", body)

    done = person.post_json("/me/binding", body | {"code": house.codes.last_code})

    assert done.status_code == 200
    assert (done.json or {})["tier"] == "STEPPED_UP"
