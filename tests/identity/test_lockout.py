"""Wrong passwords: five, then a lock; and nobody else can lock a customer out."""

import threading
from datetime import timedelta

import pytest

from h5app.identity.lockout import network_of
from h5app.identity.model import BindAccount, Origin, Tier
from h5app.identity.policy import Policy, Settings
from h5app.identity.refusal import CodeRequired, Locked, WrongPassword
from h5app.kernel.clock import FrozenClock
from h5app.kernel.error import AppError
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from tests.identity.fakes import ACCOUNT, ON_BOTH, OTHER, PASSWORD, UNKNOWN, WRONG, House, build


def origin(number: int, address: str = "") -> Origin:
    """A browser of its own behind a line of its own."""
    return Origin(
        address=address or f"203.0.113.{number}",
        user_agent="Android Chrome",
        device_token=f"{number:043d}",
    )


def guess(house: House, where: Origin, account: str = ACCOUNT, password: str = WRONG) -> str:
    """Try to sign in; return the code of what became of it."""
    try:
        house.identity.sign_in_direct(account, password, "", where)
    except AppError as refused:
        return refused.code
    return "in"


def known(house: House, where: Origin, account: str = ACCOUNT) -> None:
    """Make a browser known for an account."""
    with pytest.raises(CodeRequired):
        house.identity.sign_in_direct(account, PASSWORD, "", where)
    house.identity.sign_in_direct(account, PASSWORD, house.codes.last_code, where)


@ON_BOTH
def test_five_wrong_passwords_lock_the_account_for_a_day(house: House) -> None:
    """From whatever new browsers they come: the sixth try is refused, even with the right one."""
    answers = [guess(house, origin(number)) for number in range(5)]
    assert answers == ["identity.wrong_password"] * 5
    asked = len(house.accounts.checks)

    with pytest.raises(Locked) as refused:
        house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", origin(9))

    assert "11月25日 09:00" in refused.value.message
    assert len(house.accounts.checks) == asked, "a locked account is not asked of the counter"

    house.wall.advance(timedelta(hours=24))
    assert guess(house, origin(9), password=PASSWORD) == "identity.code_required"


def test_the_fifth_wrong_password_says_that_it_locks(house: House) -> None:
    """The answer counts down and names the lock when it falls."""
    messages = []
    for _ in range(5):
        with pytest.raises(WrongPassword) as refused:
            house.identity.sign_in_direct(ACCOUNT, WRONG, "", origin(1))
        messages.append(refused.value.message)

    assert "还可以试 4 次" in messages[0]
    assert "还可以试 1 次" in messages[3]
    assert "已锁定到 11月25日 09:00" in messages[4]


def test_an_unknown_account_locks_alike(house: House) -> None:
    """A lock tells nothing about whether the account exists."""
    for number in range(5):
        guess(house, origin(number), UNKNOWN)

    assert guess(house, origin(9), UNKNOWN, PASSWORD) == "identity.locked"


def test_one_browser_may_guess_five_times_over_all_accounts(house: House) -> None:
    """Trying one password on many accounts locks the browser, wherever it is."""
    for number in range(5):
        guess(house, origin(1, f"198.51.100.{number}"), f"10000009{number:02d}")

    assert guess(house, origin(1, "198.51.100.99"), OTHER, PASSWORD) == "identity.locked"
    assert guess(house, origin(2), OTHER, PASSWORD) == "identity.code_required"


def test_one_openid_may_guess_five_times_over_all_accounts(house: House) -> None:
    """The same holds for a WeChat user, in whatever browser."""

    def bind(number: int, account: str, password: str) -> str:
        granted = house.identity.sign_in_openid("o-guess", origin(number))
        wish = BindAccount(fund_account=account, trade_password=password, accepted_notice="2026-11")
        try:
            house.identity.bind(granted.visitor, wish, origin(number))
        except AppError as refused:
            return refused.code
        return "in"

    for number in range(5):
        assert bind(number, f"10000009{number:02d}", WRONG) == "identity.wrong_password"

    assert bind(9, ACCOUNT, PASSWORD) == "identity.locked"


@ON_BOTH
def test_a_line_is_locked_for_a_minute_first_and_longer_each_time(house: House) -> None:
    """Many customers share an address, so its lock is short at first and doubles."""
    line = "198.51.100.7"
    for number in range(5):
        guess(house, origin(number, line), f"10000009{number:02d}")
    assert guess(house, origin(10, line), OTHER, PASSWORD) == "identity.locked"

    house.wall.advance(timedelta(seconds=60))
    assert guess(house, origin(11, line), "1000000999") == "identity.wrong_password"
    house.wall.advance(timedelta(seconds=61))
    assert guess(house, origin(12, line), OTHER, PASSWORD) == "identity.locked"
    house.wall.advance(timedelta(seconds=60))
    assert guess(house, origin(12, line), OTHER, PASSWORD) == "identity.code_required"


def test_the_right_password_does_not_lengthen_the_lock_of_a_line(house: House) -> None:
    """Somebody else on the same address comes in, and the next one, too."""
    line = "198.51.100.7"
    for number in range(6):
        guess(house, origin(number, line), f"10000009{number:02d}")
        house.wall.advance(timedelta(minutes=2))

    assert guess(house, origin(20, line), ACCOUNT, PASSWORD) == "identity.code_required"
    assert guess(house, origin(21, line), OTHER, PASSWORD) == "identity.code_required"


@ON_BOTH
def test_a_stranger_cannot_lock_out_a_known_browser(house: House) -> None:
    """The customer's own browser comes in while strangers are locked, however often."""
    known(house, origin(1))
    for day in range(3):
        for number in range(5):
            guess(house, origin(10 + 10 * day + number))
        assert guess(house, origin(99 + day), password=PASSWORD) == "identity.locked"
        assert guess(house, origin(1), password=PASSWORD) == "in"
        house.wall.advance(timedelta(hours=24))


def test_the_customer_coming_in_does_not_lengthen_the_strangers_lock(house: House) -> None:
    """Signing in on a known browser leaves the lock on the account as it was."""
    known(house, origin(1))
    for number in range(5):
        guess(house, origin(10 + number))
    house.wall.advance(timedelta(hours=20))
    assert guess(house, origin(1), password=PASSWORD) == "in"
    house.wall.advance(timedelta(hours=4))

    assert guess(house, origin(2), password=PASSWORD) == "identity.code_required"


def test_a_known_browser_is_locked_by_its_own_guesses(house: House) -> None:
    """Whoever holds the customer's phone has five guesses, too, and they count for the account."""
    known(house, origin(1))
    for _ in range(5):
        assert guess(house, origin(1)) == "identity.wrong_password"

    assert guess(house, origin(1), password=PASSWORD) == "identity.locked"
    assert guess(house, origin(2), password=PASSWORD) == "identity.locked"


@ON_BOTH
def test_coming_in_forgets_ones_own_failures(house: House) -> None:
    """Four mistypes and the right one, twice over, lock nobody."""
    known(house, origin(1))
    for _ in range(3):
        for _ in range(4):
            guess(house, origin(1))
        assert guess(house, origin(1), password=PASSWORD) == "in"

    assert guess(house, origin(2), password=PASSWORD) == "identity.code_required"


def test_the_step_up_is_locked_by_the_same_count(house: House) -> None:
    """Five wrong passwords in a session close the step-up, not the session."""
    known(house, origin(1))
    granted = house.identity.sign_in_direct(ACCOUNT, PASSWORD, "", origin(1))
    house.wall.advance(timedelta(minutes=16))
    who = house.identity.visitor(granted.token)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            house.identity.step_up(who, WRONG, origin(1))

    with pytest.raises(Locked):
        house.identity.step_up(who, PASSWORD, origin(1))
    assert house.identity.visitor(granted.token).tier is Tier.BOUND


@ON_BOTH
def test_twenty_guesses_at_once_are_not_more_than_five(house: House) -> None:
    """Tries are counted before the password is looked at, so that a crowd gains nothing."""
    barrier, answers = threading.Barrier(20), []

    def try_once(number: int) -> None:
        barrier.wait()
        answers.append(guess(house, origin(number)))

    threads = [threading.Thread(target=try_once, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(house.accounts.checks) == 5
    assert sorted(answers) == ["identity.locked"] * 15 + ["identity.wrong_password"] * 5


def test_staff_unlock_an_account(house: House) -> None:
    """After a call the house forgets the failures against an account."""
    for number in range(5):
        guess(house, origin(number))

    house.identity.unlock(ACCOUNT)

    assert guess(house, origin(9), password=PASSWORD) == "identity.code_required"


def test_a_clock_that_jumps_back_opens_no_lock(house: House) -> None:
    """A lock holds when the machine's clock is set back."""
    for number in range(5):
        guess(house, origin(number))

    house.wall.set(house.wall.now() - timedelta(hours=2))

    assert guess(house, origin(9), password=PASSWORD) == "identity.locked"


def test_rate_limits_that_are_off_stop_at_the_line(
    sqlite_database: Database, wall: FrozenClock
) -> None:
    """Without rate limits an address is not locked; an account still is."""
    settings = Settings.of(Config(rate_limits="off"))
    house = build(sqlite_database, wall, settings.policy)
    line = "127.0.0.1"
    for number in range(7):
        guess(house, origin(number, line), f"10000009{number:02d}")

    assert guess(house, origin(20, line), password=PASSWORD) == "identity.code_required"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_a_line_is_an_address_or_a_network(address: str, network: str) -> None:
    """One customer has a whole network of IPv6 addresses, which count as one."""
    assert network_of(address) == network


def test_the_figures_of_the_house_can_be_others(
    sqlite_database: Database, wall: FrozenClock
) -> None:
    """A fork that locks after three wrong passwords says three."""
    house = build(sqlite_database, wall, Policy(wrong_passwords_max=3))
    for number in range(3):
        guess(house, origin(number))

    assert guess(house, origin(9), password=PASSWORD) == "identity.locked"
