"""Operators: their passwords, dynamic codes, locks and sessions."""

import re
import threading
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from h5app.kernel.clock import FrozenClock
from h5app.ops.model import Credentials
from h5app.ops.refusal import (
    BadOperatorName,
    OperatorExists,
    OperatorLocked,
    OperatorUnknown,
    WeakPassword,
    WrongCredentials,
)
from h5app.ops.service import Operators
from h5app.ops.store import operator, session, trail
from h5app.ops.totp import Seal, code_at, matching_step, step_of
from h5app.plumbing.db import Database
from tests.ops.conftest import QUICK, build_operators

PASSWORD = "correct horse battery"


def given(name: str = "alice", password: str = PASSWORD, **more: str) -> Credentials:
    """What somebody typed."""
    return Credentials(name=name, password=password, **({"address": "203.0.113.7"} | more))


def test_an_operator_comes_in_and_goes(database: Database, wall: FrozenClock) -> None:
    """The token leads to the operator until they leave."""
    operators = build_operators(database, wall)

    token = operators.enter(given())

    who = operators.operator(token)
    assert who is not None
    assert who.name == "alice"
    operators.leave(who)
    assert operators.operator(token) is None


@pytest.mark.parametrize(
    "typed",
    [given(password="wrong"), given(password=""), given(name="bob"), given(name="' or 1=1")],
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    operators: Operators, typed: Credentials
) -> None:
    """Nobody learns which names exist."""
    with pytest.raises(WrongCredentials) as refused:
        operators.enter(typed)

    assert refused.value.message == WrongCredentials.sentence


@pytest.mark.parametrize("name", ["", "a", "Alice", "a b", "a" * 33, "ops/1"])
def test_a_name_is_small_and_plain(operators: Operators, name: str) -> None:
    """2 to 32 small letters, digits, dots, dashes."""
    with pytest.raises(BadOperatorName):
        operators.add(name, PASSWORD)


@pytest.mark.parametrize("password", ["short", "a" * 12, "bobbobbobbob1", "x" * 129])
def test_a_password_is_long_and_not_simple(operators: Operators, password: str) -> None:
    """Twelve characters, not one repeated, not the name."""
    with pytest.raises(WeakPassword):
        operators.add("bob", password)


def test_a_name_is_taken_once(operators: Operators) -> None:
    """Adding again changes no password."""
    with pytest.raises(OperatorExists):
        operators.add("alice", "another long password")

    assert operators.enter(given())


def test_five_wrong_tries_lock_for_a_quarter_of_an_hour(
    operators: Operators, wall: FrozenClock
) -> None:
    """From one address; the operator comes in from another, and here later."""
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            operators.enter(given(password="wrong"))
    with pytest.raises(OperatorLocked):
        operators.enter(given())
    assert operators.enter(given(address="198.51.100.1"))

    wall.advance(timedelta(minutes=15))

    assert operators.enter(given())


def test_one_address_may_not_try_many_names(operators: Operators) -> None:
    """Twenty wrong tries over all names lock the address."""
    for number in range(20):
        with pytest.raises(WrongCredentials):
            operators.enter(given(name=f"name-{number}"))

    with pytest.raises(OperatorLocked):
        operators.enter(given())
    operators.unlock()
    assert operators.enter(given())


def test_a_crowd_gains_nothing(database: Database, wall: FrozenClock) -> None:
    """Twelve guesses at once are five guesses."""
    operators = build_operators(database, wall)
    barrier, answers = threading.Barrier(12), []

    def guess() -> None:
        barrier.wait()
        try:
            operators.enter(given(password="wrong"))
        except (WrongCredentials, OperatorLocked) as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["ops.locked"] * 7 + ["ops.wrong_credentials"] * 5


def test_a_session_ends_when_it_rests_and_at_the_end_of_the_day(
    operators: Operators, wall: FrozenClock
) -> None:
    """Half an hour idle, eight hours in all."""
    resting, busy = operators.enter(given()), operators.enter(given())
    for _ in range(31):
        wall.advance(timedelta(minutes=15))
        assert operators.operator(busy) is not None
    assert operators.operator(resting) is None

    wall.advance(timedelta(minutes=15))

    assert operators.operator(busy) is None


def test_no_secret_stands_in_the_tables(operators: Operators, sqlite_database: Database) -> None:
    """Password, token and the secret of dynamic codes are hashed or sealed."""
    token = operators.enter(given())
    uri = operators.enrol("alice")
    secret = parse_qs(urlsplit(uri).query)["secret"][0]

    with sqlite_database.read() as connection:
        rows: list[Any] = [*connection.execute(select(operator))]
        rows += [*connection.execute(select(session)), *connection.execute(select(trail))]

    assert [one for one in (token, PASSWORD, secret) if one in str(rows)] == []


# Dynamic codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six digits."""
    moment = datetime.fromtimestamp(seconds, UTC)

    assert code_at(b"12345678901234567890", step_of(moment)) == code


def test_a_code_may_be_one_step_off_and_is_used_once() -> None:
    """A phone's clock is never exact; what was used is over."""
    moment, secret = datetime(2026, 11, 24, 9, 0, 10, tzinfo=UTC), b"s" * 20
    step = step_of(moment)

    found = [matching_step(secret, code_at(secret, step + off), moment, 0) for off in range(-2, 3)]

    assert found == [None, step - 1, step, step + 1, None]
    assert matching_step(secret, code_at(secret, step), moment, step) is None


def test_an_enrolled_operator_needs_the_code(operators: Operators, wall: FrozenClock) -> None:
    """The password alone is not enough any more, and a code opens the door once."""
    uri = operators.enrol("alice")
    shown = parse_qs(urlsplit(uri).query)["secret"][0]
    secret = b32decode(shown + "=" * (-len(shown) % 8))
    code = code_at(secret, step_of(wall.now()))

    with pytest.raises(WrongCredentials):
        operators.enter(given())
    assert operators.enter(given(dynamic_code=code))
    with pytest.raises(WrongCredentials):
        operators.enter(given(dynamic_code=code))
    assert re.match(r"otpauth://totp/[^?]+:alice\?", uri.replace("%3A", ":"))


def test_another_secret_key_opens_nobodys_codes(
    operators: Operators, sqlite_database: Database, wall: FrozenClock
) -> None:
    """With the wrong key nobody comes in without a code."""
    operators.enrol("alice")
    other = Operators(sqlite_database, wall, secret_key="o" * 32, hashing=QUICK)
    keyless = Operators(sqlite_database, wall, hashing=QUICK)

    for one in (other, keyless):
        with pytest.raises(WrongCredentials):
            one.enter(given(dynamic_code="000000"))
    assert Seal("a").open(Seal("a").close(b"x", "alice"), "bob") is None


def test_only_operators_are_enrolled(operators: Operators) -> None:
    """There is nobody of that name."""
    with pytest.raises(OperatorUnknown):
        operators.enrol("bob")
