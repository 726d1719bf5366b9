"""Sessions: found with one read, ended by time and by hand, rotated where rights grow."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from h5app.identity.model import STRANGER, Origin, Tier
from h5app.identity.refusal import CodeRequired, SessionNotFound, SessionOver
from h5app.identity.store import session, trail
from h5app.kernel.clock import FrozenClock
from h5app.plumbing.db import Database
from tests.identity.fakes import ACCOUNT, ON_BOTH, OTHER, PASSWORD, Browser, House, build

PHONE = Origin(address="203.0.113.7", user_agent="iPhone MicroMessenger", device_token="d" * 43)
JSON = "application/json"
LAPTOP = Origin(address="203.0.113.8", user_agent="Windows Chrome", device_token="e" * 43)


class Statements:
    """Counts what is sent to the database, BEGIN and the like left out."""

    def __init__(self, database: Database) -> None:
        self.seen: list[str] = []
        event.listen(database.engine, "before_cursor_execute", self._note)

    def _note(self, *arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.seen.append(statement)


class ImpatientClock(FrozenClock):
    """A clock on which the shortest wait is longer than anybody waits for a lock."""

    def sleep(self, seconds: float) -> None:
        """Advance by ten seconds at once."""
        del seconds
        self.advance(timedelta(seconds=10))


@ON_BOTH
def test_a_request_reads_its_session_once(house: House) -> None:
    """Naming the visitor costs one statement, and none that writes within a minute."""
    granted = house.identity.sign_in_openid("o-1", PHONE)
    statements = Statements(house.database)

    for _ in range(3):
        house.identity.visitor(granted.token)

    assert len(statements.seen) == 3
    assert all(one.startswith("SELECT") for one in statements.seen)


def test_the_read_of_a_session_uses_indexes(house: House) -> None:
    """Looking a token up does not walk through the table."""
    with house.database.read() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM identity_session"
            " WHERE token_hash = 'x' OR previous_token_hash = 'x'"
        ).all()

    assert "SCAN" not in str(plan)


@ON_BOTH
def test_last_seen_is_written_once_a_minute(house: House) -> None:
    """A page that polls does not write with every request."""
    granted = house.identity.sign_in_openid("o-1", PHONE)
    house.wall.advance(timedelta(seconds=61))
    statements = Statements(house.database)

    for _ in range(3):
        house.identity.visitor(granted.token)

    assert [one.split()[0] for one in statements.seen].count("UPDATE") == 1


def test_reading_goes_on_when_last_seen_cannot_be_written(
    sqlite_database: Database, wall: FrozenClock
) -> None:
    """A database that is locked for writing still names the visitor, and is not asked each time."""
    impatient = Database(str(sqlite_database.url), ImpatientClock(wall.now()))
    house = build(impatient, wall)
    granted = house.identity.sign_in_openid("o-1", PHONE)
    wall.advance(timedelta(minutes=2))
    rival = sqlite_database.engine.raw_connection()
    rival.cursor().execute("BEGIN IMMEDIATE")
    try:
        first = house.identity.visitor(granted.token)
        statements = Statements(impatient)
        second = house.identity.visitor(granted.token)
    finally:
        rival.rollback()
        rival.close()
        impatient.engine.dispose()

    assert first == second == granted.visitor
    assert len(statements.seen) == 1


def test_a_direct_session_ends_when_it_rests(house: House) -> None:
    """Half an hour without a request ends it; requests in between keep it."""
    granted = _direct(house)
    for _ in range(3):
        house.wall.advance(timedelta(minutes=29))
        assert house.identity.visitor(granted).tier is Tier.BOUND

    house.wall.advance(timedelta(minutes=30))

    assert house.identity.visitor(granted) == STRANGER


def test_a_direct_session_ends_after_twelve_hours(house: House) -> None:
    """However busy it was."""
    granted = _direct(house)
    for _ in range(12 * 3 - 1):
        house.wall.advance(timedelta(minutes=20))
        assert house.identity.visitor(granted).tier is Tier.BOUND

    house.wall.advance(timedelta(minutes=20))

    assert house.identity.visitor(granted) == STRANGER


def test_an_ended_session_does_not_come_back_with_the_clock(house: House) -> None:
    """A session that was found to be over stays over when the clock is set back."""
    granted = _direct(house)
    house.wall.advance(timedelta(hours=13))
    assert house.identity.visitor(granted) == STRANGER

    house.wall.set(house.wall.now() - timedelta(hours=13))

    assert house.identity.visitor(granted) == STRANGER


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "' OR 1=1 --"])
def test_a_token_that_was_never_given_is_nobody(house: House, token: str) -> None:
    """Whatever stands in the cookie."""
    house.identity.sign_in_openid("o-1", PHONE)

    assert house.identity.visitor(token) == STRANGER


@ON_BOTH
def test_the_step_up_rotates_the_token(house: House) -> None:
    """The old token names the customer for a minute, without what the step-up opened."""
    token = _direct(house)
    house.wall.advance(timedelta(minutes=16))
    who = house.identity.visitor(token)

    granted = house.identity.step_up(who, PASSWORD, LAPTOP)

    assert house.identity.visitor(granted.token).tier is Tier.STEPPED_UP
    assert house.identity.visitor(token).tier is Tier.BOUND
    house.wall.advance(timedelta(seconds=61))
    assert house.identity.visitor(token) == STRANGER
    assert house.identity.visitor(granted.token).session_id == who.session_id


@ON_BOTH
def test_the_lock_closes_what_the_password_opened(house: House) -> None:
    """The login stays, locking twice does no harm, and the password opens it again."""
    token = _direct(house)
    who = house.identity.visitor(token)
    assert who.tier is Tier.STEPPED_UP

    house.identity.lock(who, LAPTOP)
    house.identity.lock(who, LAPTOP)

    locked = house.identity.visitor(token)
    assert (locked.tier, locked.session_id) == (Tier.BOUND, who.session_id)
    with house.database.read() as connection:
        actions = [row.action for row in connection.execute(select(trail.c.action))]
    assert actions.count("lock") == 1
    opened = house.identity.step_up(locked, PASSWORD, LAPTOP)
    assert house.identity.visitor(opened.token).tier is Tier.STEPPED_UP


def test_the_lock_leaves_other_devices_alone(house: House) -> None:
    """A phone that lay hidden does not take the figures from the laptop in use."""
    laptop, phone = _direct(house), house.identity.sign_in_openid("o-1", PHONE)

    house.identity.lock(phone.visitor, PHONE)

    assert house.identity.visitor(laptop).tier is Tier.STEPPED_UP


def test_a_second_tap_on_the_step_up_does_no_harm(house: House) -> None:
    """Two taps with the same old token end in a session that is stepped up."""
    token = _direct(house)
    house.wall.advance(timedelta(minutes=16))

    house.identity.step_up(house.identity.visitor(token), PASSWORD, LAPTOP)
    second = house.identity.step_up(house.identity.visitor(token), PASSWORD, LAPTOP)

    assert house.identity.visitor(second.token).tier is Tier.STEPPED_UP


def test_a_session_that_ended_meanwhile_cannot_step_up(house: House) -> None:
    """The password arrives after somebody ended the session elsewhere."""
    who = house.identity.visitor(_direct(house))
    house.identity.end_sessions(ACCOUNT)

    with pytest.raises(SessionOver):
        house.identity.step_up(who, PASSWORD, LAPTOP)


def test_the_customer_sees_and_ends_sessions(house: House) -> None:
    """The list names the devices; ending one ends that one."""
    first, second = _direct(house), _direct(house, PHONE)
    who = house.identity.visitor(first)
    assert {one.device for one in house.identity.sessions(who)} == {
        "Windows 电脑 · Chrome",
        "iPhone · 微信",
    }

    other = house.identity.visitor(second).session_id
    assert other is not None
    house.identity.revoke_session(who, other, LAPTOP)

    assert house.identity.visitor(second) == STRANGER
    assert [one.session_id for one in house.identity.sessions(who)] == [who.session_id]


def test_nobody_ends_the_sessions_of_others(house: House) -> None:
    """The number of a session is no right to it."""
    mine = house.identity.visitor(_direct(house))
    theirs = house.identity.visitor(_direct(house, PHONE, OTHER))
    assert theirs.session_id is not None

    with pytest.raises(SessionNotFound):
        house.identity.revoke_session(mine, theirs.session_id, LAPTOP)
    device_id = house.identity.devices(theirs)[0].device_id
    with pytest.raises(SessionNotFound):
        house.identity.forget_device(mine, device_id, LAPTOP)
    assert len(house.identity.sessions(theirs)) == 1


def test_all_others_end_at_once(house: House) -> None:
    """One button for a lost phone."""
    tokens = [_direct(house, LAPTOP), _direct(house, PHONE), _direct(house, LAPTOP)]
    who = house.identity.visitor(tokens[-1])

    assert house.identity.revoke_other_sessions(who, LAPTOP) == 2
    assert [house.identity.visitor(one).tier for one in tokens] == [
        Tier.VISITOR,
        Tier.VISITOR,
        Tier.STEPPED_UP,
    ]


@ON_BOTH
def test_forgetting_a_device_ends_its_sessions(house: House) -> None:
    """A browser that is taken off the list is out and is asked for a code again."""
    mine, theirs = _direct(house, LAPTOP), _direct(house, PHONE)
    who = house.identity.visitor(mine)
    phone = next(one for one in house.identity.devices(who) if "iPhone" in one.name)

    house.identity.forget_device(who, phone.device_id, LAPTOP)

    assert house.identity.visitor(theirs) == STRANGER
    assert house.identity.visitor(mine).tier is Tier.STEPPED_UP


def test_a_customer_has_twenty_sessions_at_most(house: House) -> None:
    """The oldest gives way; nobody fills the table."""
    tokens = [house.identity.sign_in_openid("o-1", PHONE).token for _ in range(22)]

    tiers = [house.identity.visitor(one).tier for one in tokens]

    assert tiers == [Tier.VISITOR] * 2 + [Tier.FOLLOWER] * 20


@ON_BOTH
def test_old_rows_are_forgotten(house: House) -> None:
    """A month after their end sessions, codes and counts are deleted, not before."""
    _direct(house)
    assert house.identity.forget_old() == 0

    house.wall.advance(timedelta(days=31))

    assert house.identity.forget_old() >= 2
    with house.database.read() as connection:
        assert connection.execute(select(session)).all() == []


@ON_BOTH
def test_an_openid_that_comes_twice_at_once_is_one_customer(house: House) -> None:
    """Two returns from WeChat make one customer and two sessions."""
    first = house.identity.sign_in_openid("o-1", PHONE)
    second = house.identity.sign_in_openid("o-1", PHONE)

    assert first.visitor.customer_id == second.visitor.customer_id == "c000001"
    assert first.visitor.tier is Tier.FOLLOWER


@ON_BOTH
def test_the_directory_knows_who_is_reached_where(house: House) -> None:
    """Other rooms find customers by account and openid, and ways back."""
    directory = house.identity.directory
    seeded = directory.ensure_customer(ACCOUNT)
    follower = house.identity.sign_in_openid("o-1", PHONE).visitor

    assert directory.customer_of_account(ACCOUNT) == seeded == directory.ensure_customer(ACCOUNT)
    assert directory.customer_of_account(OTHER) is None
    assert directory.customer_of_openid("o-1") == follower.customer_id
    assert directory.customer_of_openid("o-2") is None
    assert directory.openid_of(follower.owner) == "o-1"
    assert directory.openid_of(seeded) is None
    assert directory.account_of(seeded) == ACCOUNT
    assert directory.account_of_openid("o-1") is None


# Cookies


def test_the_cookies_are_closed_to_scripts_and_other_sites(person: Browser, house: House) -> None:
    """HttpOnly, SameSite=Lax, for the whole site; without https not Secure."""
    person.sign_in(house)

    for purpose in ("session", "device"):
        found = person.client.get_cookie(f"h5app_{purpose}_{house.config.instance}")
        assert found is not None
        assert (found.http_only, found.same_site, found.path) == (True, "Lax", "/")
        assert found.secure is False


def test_signing_out_ends_the_session_and_its_cookie(person: Browser, house: House) -> None:
    """Neither the browser nor the server keeps it; the device stays known."""
    person.sign_in(house)
    token = person.cookie(house, "session")
    assert token

    answer = person.post("/me/sign-out")

    assert answer.status_code == 303
    assert person.cookie(house, "session") is None
    assert house.identity.visitor(token) == STRANGER
    assert person.cookie(house, "device")


def test_the_page_locks_what_it_showed(person: Browser, house: House) -> None:
    """By the button on 「我的」 and as JSON; a stranger's lock does nothing."""
    assert (person.post("/me/lock", Accept=JSON).json or {})["tier"] == "VISITOR"
    person.sign_in(house)
    assert 'data-testid="lock"' in person.get("/me/").text

    assert person.post("/me/lock").location == "/me/"

    assert 'data-testid="lock"' not in person.get("/me/").text
    assert (person.post("/me/lock", Accept=JSON).json or {})["tier"] == "BOUND"


def test_the_list_of_sessions_is_a_page_and_json(person: Browser, house: House) -> None:
    """The customer sees the present one marked, and can end the others."""
    person.sign_in(house)
    other = Browser(person.client.application, "Mozilla/5.0 (Windows NT) Chrome")
    other.sign_in(house)

    rows = (person.json("/me/sessions").json or {})["sessions"]
    stranger = next(row for row in rows if not row["is_current"])
    page = person.get("/me/sessions").text

    assert len(rows) == 2
    assert "Windows 电脑 · Chrome" in page
    assert "本机" in page
    answer = person.post(f"/me/sessions/{stranger['session_id']}/revocation")
    assert answer.location == "/me/sessions?done=revoked"
    assert other.get("/trade/").status_code == 302
    assert person.post("/me/sessions/999/revocation").status_code == 404


def test_ending_ones_own_session_is_signing_out(person: Browser, house: House) -> None:
    """The cookie goes with it."""
    person.sign_in(house)
    rows = (person.json("/me/sessions").json or {})["sessions"]

    person.post(f"/me/sessions/{rows[0]['session_id']}/revocation")

    assert person.cookie(house, "session") is None


def _direct(house: House, origin: Origin = LAPTOP, account: str = ACCOUNT) -> str:
    """Sign in directly and return the token."""
    try:
        return house.identity.sign_in_direct(account, PASSWORD, "", origin).token
    except CodeRequired:
        code = house.codes.last_code
        return house.identity.sign_in_direct(account, PASSWORD, code, origin).token
