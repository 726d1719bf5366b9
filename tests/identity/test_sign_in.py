"""Direct sign-in: fund account, trade password, and a code on a device that is not known."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from h5app.identity.model import (
    STRANGER,
    Granted,
    Origin,
    SignedInOnNewDevice,
    Tier,
)
from h5app.identity.ports import CodeRefused, CodeSilent, Holder
from h5app.identity.refusal import (
    BadFundAccount,
    CodeExpired,
    CodeRequired,
    CodesTooOften,
    CodeWrong,
    NoPhone,
    PasswordMissing,
    SnapshotUser,
    WrongPassword,
)
from h5app.identity.store import code, session, trail
from h5app.kernel.event import Event
from h5app.plumbing.http import RemoteSilent
from tests.identity.fakes import ACCOUNT, ON_BOTH, OTHER, PASSWORD, UNKNOWN, WRONG, Browser, House

PHONE = Origin(address="203.0.113.7", user_agent="iPhone MicroMessenger", device_token="d" * 43)
LAPTOP = Origin(address="203.0.113.8", user_agent="Windows Chrome", device_token="e" * 43)


def sign_in(house: House, origin: Origin = PHONE, account: str = ACCOUNT) -> Granted:
    """Come in on a device, with the code where one is asked for."""
    try:
        return house.identity.sign_in_direct(account, PASSWORD, "", origin)
    except CodeRequired:
        return house.identity.sign_in_direct(account, PASSWORD, house.codes.last_code, origin)


def facts(house: House) -> list[Event]:
    """Return the facts that wait in the outbox."""
    seen: list[Event] = []
    kinds = {kind: [seen.append] for kind in Event.kinds.values()}
    house.outbox.deliver_due(kinds)
    return seen


@ON_BOTH
def test_a_new_device_is_asked_for_a_code_and_then_stepped_up(house: House) -> None:
    """The first try sends a code to the holder's phone; with it the session is stepped up."""
    with pytest.raises(CodeRequired) as asked:
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)

    assert asked.value.details["phone_tail"] == "1234"
    assert [one.phone for one in house.codes.messages] == ["13800001234"]

    granted = house.identity.sign_in_direct(ACCOUNT, PASSWORD, house.codes.last_code, PHONE)

    who = house.identity.visitor(granted.token)
    assert (who.tier, who.account_id, who.openid) == (Tier.STEPPED_UP, ACCOUNT, None)
    assert who.stepped_up_until == house.wall.now() + timedelta(minutes=15)


@ON_BOTH
def test_a_known_device_needs_no_code(house: House) -> None:
    """Where a code was given once, the password is enough from then on."""
    sign_in(house)
    sent = len(house.codes.messages)

    granted = house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)

    assert len(house.codes.messages) == sent
    assert house.identity.visitor(granted.token).tier is Tier.STEPPED_UP


def test_a_known_device_is_known_for_its_account_only(house: House) -> None:
    """A browser that gave a code for one account is a stranger to another."""
    sign_in(house)

    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(OTHER, PASSWORD, "", PHONE)


def test_the_step_up_ends_and_the_session_stays(house: House) -> None:
    """After a quarter of an hour the session is bound, and not more."""
    granted = sign_in(house)

    house.wall.advance(timedelta(minutes=15))

    assert house.identity.visitor(granted.token).tier is Tier.BOUND


def test_an_unknown_account_and_a_wrong_password_are_answered_alike(house: House) -> None:
    """Nobody learns from the answer whether an account exists, and both ask the counter once."""
    refusals: list[tuple[str, dict[str, object]]] = []
    for account in (ACCOUNT, UNKNOWN):
        with pytest.raises(WrongPassword) as refused:
            origin = Origin(address=f"203.0.113.{len(refusals)}", device_token=account * 4)
            house.identity.sign_in_direct(account, WRONG, "", origin)
        refusals.append((refused.value.message, refused.value.details))

    assert refusals[0] == refusals[1]
    assert house.accounts.checks == [ACCOUNT, UNKNOWN]


@pytest.mark.parametrize("account", ["", "12345", "1" * 21, "12345x", "１２３４５６", "' or 1=1"])
def test_what_is_no_fund_account_is_not_asked_of_the_counter(house: House, account: str) -> None:
    """Six to twenty digits, nothing else."""
    with pytest.raises(BadFundAccount):
        house.identity.sign_in_direct(account, PASSWORD, "", PHONE)

    assert house.accounts.checks == []


@pytest.mark.parametrize("password", ["", "1" * 65])
def test_what_is_no_password_does_not_count_as_a_try(house: House, password: str) -> None:
    """An empty field or a page of text is refused before the counter and the count."""
    for _ in range(6):
        with pytest.raises(PasswordMissing):
            house.identity.sign_in_direct(ACCOUNT, password, "", PHONE)

    assert sign_in(house).visitor.account_id == ACCOUNT


def test_a_code_is_of_no_use_elsewhere(house: House) -> None:
    """The code was sent for one browser and one account; from another browser it is no code."""
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)

    with pytest.raises(CodeExpired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, house.codes.last_code, LAPTOP)


def test_a_code_is_over_after_five_minutes(house: House) -> None:
    """What was sent too long ago is refused, and says so."""
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    house.wall.advance(timedelta(minutes=5))

    with pytest.raises(CodeExpired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, house.codes.last_code, PHONE)


def test_a_code_is_used_once(house: House) -> None:
    """A code that let a browser in is over, whatever becomes of the device."""
    granted = sign_in(house)
    device_id = house.identity.devices(granted.visitor)[0].device_id
    house.identity.forget_device(granted.visitor, device_id, PHONE)

    with pytest.raises(CodeExpired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, house.codes.last_code, PHONE)


@ON_BOTH
def test_a_code_may_be_mistyped_four_times(house: House) -> None:
    """Each wrong code says how many tries are left; after the fifth even the right one is over."""
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    right = house.codes.last_code
    wrong = "000000" if right != "000000" else "000001"

    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as refused:
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, wrong, PHONE)
        assert refused.value.details == {"tries_left": left}
    for text in (wrong, right):
        with pytest.raises(CodeExpired):
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, text, PHONE)


@ON_BOTH
def test_codes_are_not_sent_faster_than_one_a_minute(house: House) -> None:
    """Asking again at once sends nothing new; a minute later a new code replaces the old one."""
    for _ in range(3):
        with pytest.raises(CodeRequired):
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    assert len(house.codes.messages) == 1
    old = house.codes.last_code

    house.wall.advance(timedelta(seconds=61))
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)

    assert len(house.codes.messages) == 2
    if house.codes.last_code != old:
        with pytest.raises(CodeWrong):
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, old, PHONE)


def test_an_account_is_sent_ten_codes_a_day(house: House) -> None:
    """A phone is not flooded; a day later codes are sent again."""
    for _ in range(10):
        with pytest.raises(CodeRequired):
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
        house.wall.advance(timedelta(minutes=6))
    with pytest.raises(CodesTooOften):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)

    house.wall.advance(timedelta(days=1))
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)


def test_a_refusing_gateway_leaves_no_code_behind(house: House) -> None:
    """When the message did not go out, the next try sends one at once."""
    house.codes.fails_with = CodeRefused()
    with pytest.raises(CodeRefused):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    house.codes.fails_with = None

    assert sign_in(house).visitor.tier is Tier.STEPPED_UP


def test_a_silent_gateway_may_have_sent_the_code(house: House) -> None:
    """Without an answer the code stays valid: it may be on its way."""
    house.codes.fails_with = CodeSilent()
    with pytest.raises(CodeSilent):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    house.codes.fails_with = None

    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    assert house.codes.messages == []


def test_without_a_phone_the_customer_is_told_where_to_go(house: House) -> None:
    """An account that cannot be sent a code cannot come in on a new device."""
    house.accounts.holders[ACCOUNT] = Holder(masked_name="张*", phone="")

    with pytest.raises(NoPhone):
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)


def test_a_silent_counter_costs_no_try(house: House) -> None:
    """When the counter cannot be asked nothing is known, and nothing is counted."""
    house.accounts.falls_silent = RemoteSilent()
    for _ in range(6):
        with pytest.raises(RemoteSilent):
            house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", PHONE)
    house.accounts.falls_silent = None

    assert sign_in(house).visitor.tier is Tier.STEPPED_UP


def test_signing_in_replaces_the_session_it_came_with(house: House) -> None:
    """A token that was planted before the sign-in is worth nothing afterwards."""
    before = house.identity.sign_in_openid("o-1", PHONE)
    origin = Origin(device_token=PHONE.device_token, session_token=before.token)

    granted = sign_in(house, origin)

    assert house.identity.visitor(before.token) == STRANGER
    assert granted.token != before.token


def test_a_new_device_is_told_to_the_customer_once(house: House) -> None:
    """The fact names the device in words; a known device is no news."""
    sign_in(house)
    sign_in(house)

    told = [fact for fact in facts(house) if isinstance(fact, SignedInOnNewDevice)]

    assert [(one.account_id, one.device) for one in told] == [(ACCOUNT, "iPhone · 微信")]


def test_a_snapshot_user_gets_no_session(house: House) -> None:
    """WeChat's virtual user is refused before there is a customer, and the trail says so."""
    with pytest.raises(SnapshotUser):
        house.identity.refuse_snapshot(PHONE)

    with house.database.read() as connection:
        assert connection.execute(select(session)).all() == []
        assert connection.execute(select(trail.c.result)).scalars().all() == ["snapshot"]


@ON_BOTH
def test_no_secret_stands_in_the_tables(house: House) -> None:
    """Tokens and codes are kept as hashes only; the password is not kept at all."""
    granted = sign_in(house)

    with house.database.read() as connection:
        rows = [*connection.execute(select(session)), *connection.execute(select(code))]
        rows += connection.execute(select(trail)).all()
    text = str(rows)
    secrets = (granted.token, PHONE.device_token, PASSWORD, f"'{house.codes.last_code}'")

    assert [secret for secret in secrets if secret in text] == []


# The page


def test_the_page_shows_the_code_field_and_keeps_the_account(person: Browser, house: House) -> None:
    """After the right password the page asks for the code; the password is not kept."""
    fields = {"fund_account": ACCOUNT, "trade_password": PASSWORD, "next": "/trade/"}

    page = person.post("/me/sign-in", fields)

    assert page.status_code == 401
    assert 'name="code"' in page.text
    assert f'value="{ACCOUNT}"' in page.text
    assert PASSWORD not in page.text
    assert "尾号 1234" in page.text

    done = person.post("/me/sign-in", fields | {"code": house.codes.last_code})

    assert (done.status_code, done.location) == (303, "/trade/")
    assert person.get("/trade/").text == ACCOUNT


def test_asking_for_a_new_code_is_one_button(person: Browser, house: House) -> None:
    """The button sends a new code, whatever stands in the field."""
    fields = {"fund_account": ACCOUNT, "trade_password": PASSWORD}
    person.post("/me/sign-in", fields)
    house.wall.advance(timedelta(minutes=2))

    page = person.post("/me/sign-in", fields | {"code": "12", "resend": "yes"})

    assert 'name="code"' in page.text
    assert len(house.codes.messages) == 2


def test_json_is_answered_in_json(person: Browser, house: House) -> None:
    """The endpoint speaks JSON: a named error, then who one is."""
    body = {"fund_account": ACCOUNT, "trade_password": PASSWORD}

    asked = person.post_json("/me/sign-in", body)
    done = person.post_json("/me/sign-in", body | {"code": house.codes.last_code})

    assert (
        asked.status_code,
        (asked.json or {})["error"]["code"],
    ) == (401, "identity.code_required")
    assert done.status_code == 200
    assert done.json == {
        "tier": "STEPPED_UP",
        "account": "****0101",
        "stepped_up_until": "2026-11-24T09:15:00+08:00",
        "next": "/me/",
    }
    assert person.json("/trade/positions").status_code == 200


def test_a_form_without_its_token_signs_nobody_in(app: Flask) -> None:
    """The CSRF token is asked for before anything else."""
    answer = app.test_client().post(
        "/me/sign-in", data={"fund_account": ACCOUNT, "trade_password": PASSWORD}
    )

    assert answer.status_code == 400


def test_a_wrong_password_keeps_the_page(person: Browser) -> None:
    """The page says how many tries are left and keeps the account."""
    page = person.post("/me/sign-in", {"fund_account": ACCOUNT, "trade_password": WRONG})

    assert page.status_code == 401
    assert "还可以试 4 次" in page.text
    assert f'value="{ACCOUNT}"' in page.text
    assert WRONG not in page.text


def test_who_is_signed_in_is_led_on(person: Browser, house: House) -> None:
    """The sign-in page does not ask somebody who is known; in WeChat it leads to the binding."""
    person.sign_in(house)
    assert person.get("/me/sign-in?next=/trade/").location == "/trade/"

    follower = Browser(person.client.application)
    follower.get("/from-wechat/o-1")
    assert follower.get("/me/sign-in?next=/trade/").location == "/me/binding?next=/trade/"
