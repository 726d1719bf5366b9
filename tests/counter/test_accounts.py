"""Accounts: who holds them, what comes in, what leaves, and each of it once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from h5app.counter.fees import FeeProfile
from h5app.counter.model import NewAccount
from h5app.counter.movement import CashMovement
from h5app.counter.passwords import Passwords
from h5app.counter.refusal import (
    AccountDiffers,
    BadAmount,
    KeyReused,
    NoSuchAccount,
    NotEnoughCash,
)
from tests.counter.world import ACCOUNT, DAY, MAIN, OTHER, PASSWORD, World

NEW = NewAccount(
    fund_account="880000000009",
    holder_name="欧阳明月",
    phone="13700000000",
    password=PASSWORD,
    opened_on=DAY,
)


def test_an_account_is_opened_once(both: World) -> None:
    """The same holder again changes nothing; somebody else is refused."""
    assert both.counter.open_account(NEW) == both.counter.open_account(NEW) == NEW.fund_account

    with pytest.raises(AccountDiffers):
        both.counter.open_account(
            NewAccount(
                fund_account=NEW.fund_account,
                holder_name="别人",
                phone="1",
                password="000000",
                opened_on=DAY,
            )
        )
    assert both.counter.verify_password(NEW.fund_account, PASSWORD)
    both.assert_right()


def test_a_holder_is_shown_masked(world: World) -> None:
    """Only the first sign of the name is readable."""
    world.counter.open_account(NEW)
    holder = world.counter.holder(NEW.fund_account)

    assert holder is not None
    assert (holder.holder_name_masked, holder.fund_account) == ("欧***", NEW.fund_account)
    assert world.counter.holder("nobody") is None


def test_money_comes_in_once_per_key(both: World) -> None:
    """The second time nothing happens; the key with another amount is refused."""
    for _ in range(2):
        both.counter.deposit(ACCOUNT, 500, on=DAY, key="k", counterparty="工商银行")
    with pytest.raises(KeyReused):
        both.counter.deposit(ACCOUNT, 501, on=DAY, key="k")

    assert both.counter.balances(ACCOUNT).total_fen == 10_000_500
    assert both.counter.balances(OTHER).total_fen == 10_000_000
    assert facts(both, "CashMoved") == 3
    both.assert_right()


def test_money_leaves_once_per_key_and_only_what_is_there(both: World) -> None:
    """Not more than is available, and not what is frozen."""
    both.place("buy", 9_000, 10_000)
    with pytest.raises(NotEnoughCash):
        both.counter.withdraw(ACCOUNT, 2_000_000, on=DAY, key="w")
    for _ in range(2):
        both.counter.withdraw(ACCOUNT, 900_000, on=DAY, key="w")

    assert both.counter.balances(ACCOUNT).total_fen == 9_100_000
    both.assert_right()


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_amounts_beyond_all_limits_are_refused(world: World, amount: int) -> None:
    """In and out."""
    with pytest.raises(BadAmount):
        world.counter.deposit(ACCOUNT, amount, on=DAY, key="x")
    with pytest.raises(BadAmount):
        world.counter.transfer_in(ACCOUNT, MAIN, amount, 1_000, on=DAY, key="x")


def test_unknown_accounts_move_nothing(world: World) -> None:
    """Neither cash nor shares."""
    with pytest.raises(NoSuchAccount):
        world.counter.deposit("nobody", 1, on=DAY, key="x")
    with pytest.raises(NoSuchAccount):
        world.counter.transfer_in("nobody", MAIN, 1, 1, on=DAY, key="x")


def test_history_is_recorded_quietly(both: World) -> None:
    """Salary, rent and a fund plan of past days: in the ledger in their order, told to nobody."""
    told = facts(both, "CashMoved")
    past = [
        CashMovement(
            kind="deposit",
            amount_fen=900_000,
            on=date(2026, 9, 14),
            counterparty="青禾科技",
            memo="工资",
            key="1",
        ),
        CashMovement(
            kind="purchase",
            amount_fen=100_000,
            on=date(2026, 10, 8),
            counterparty="定投",
            key="2",
        ),
        CashMovement(
            kind="withdrawal",
            amount_fen=320_000,
            on=date(2026, 10, 31),
            counterparty="房东",
            key="3",
        ),
    ]
    for _ in range(2):
        both.counter.record_cash(ACCOUNT, past)

    entries = both.counter.cash_entries(ACCOUNT, date(2026, 9, 1))
    assert [(one.on, one.amount_fen, one.kind, one.counterparty) for one in entries] == [
        (date(2026, 9, 14), 900_000, "deposit", "青禾科技"),
        (date(2026, 10, 8), -100_000, "purchase", "定投"),
        (date(2026, 10, 31), -320_000, "withdrawal", "房东"),
        (DAY, 10_000_000, "deposit", ""),
    ]
    assert facts(both, "CashMoved") == told
    assert len(both.counter.cash_entries(ACCOUNT, DAY)) == 1
    both.assert_right()


def test_history_is_recorded_whole_or_not_at_all(world: World) -> None:
    """A movement that the account could not pay leaves none of its fellows behind."""
    moves = [
        CashMovement(kind="deposit", amount_fen=1, on=DAY, key="a"),
        CashMovement(kind="withdrawal", amount_fen=10**9, on=DAY, key="b"),
    ]
    with pytest.raises(NotEnoughCash):
        world.counter.record_cash(ACCOUNT, moves)

    assert world.counter.balances(ACCOUNT).total_fen == 10_000_000


def test_trades_are_cash_entries_too(world: World) -> None:
    """Amount and fees of a fill, with the symbol; what is frozen is none."""
    world.place("buy", 100, 10_010)
    world.place("buy", 100, 9_900)
    world.step()

    entries = world.counter.cash_entries(ACCOUNT, DAY)[1:]

    assert [(one.kind, one.amount_fen, one.memo) for one in entries] == [
        ("buy", -100_100, MAIN),
        ("fee", -501, MAIN),
    ]


def test_positions_know_what_they_cost(both: World) -> None:
    """Both methods, with what came from elsewhere, and today's share of it."""
    both.give_shares(300)
    both.place("buy", 100, 10_010)
    both.step()

    (held,) = both.counter.positions(ACCOUNT)

    assert (held.quantity_shares, held.opening_shares) == (400, 300)
    assert (held.bought_fen, held.fees_fen, held.sold_fen) == (370_100, 501, 0)
    assert held.average_cost_milli == 9_253
    assert held.diluted_cost_milli == 9_265
    assert (held.bought_today_fen, held.fees_today_fen) == (100_100, 501)


def test_an_emptied_position_begins_anew(both: World) -> None:
    """Sold out it stays on today's list; bought again it has no past; tomorrow it is gone."""
    both.give_shares(100)
    both.place("sell", 100, 10_000)
    both.step()
    (closed,) = both.counter.positions(ACCOUNT)
    assert (closed.quantity_shares, closed.sold_today_fen) == (0, 100_000)

    both.place("buy", 200, 10_010)
    both.step()

    (held,) = both.counter.positions(ACCOUNT)
    assert (held.bought_fen, held.sold_fen, held.bought_shares) == (200_200, 0, 200)
    both.assert_right()


def test_a_new_contract_serves_new_orders(both: World) -> None:
    """Orders keep the version they were placed under."""
    old = both.place("buy", 500, 10_010)
    both.counter.agree_fees(
        ACCOUNT, FeeProfile(version=2, commission_rate=Decimal("0.0001"), commission_min_fen=0)
    )
    new = both.place("buy", 500, 10_010)
    both.step()

    assert both.order(old.client_order_id).fees_fen == 500 + 5
    assert both.order(new.client_order_id).fees_fen == 50 + 5
    both.assert_right()


def test_passwords_are_kept_as_argon2id(world: World) -> None:
    """Never readable, and checked at one cost."""
    passwords = Passwords(memory_kib=8, passes=1)
    first, second = passwords.hash(PASSWORD), passwords.hash(PASSWORD)

    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.is_right(first, PASSWORD)
    assert not passwords.is_right(first, "246800")
    assert not passwords.is_right("no hash at all", PASSWORD)
    assert not passwords.is_right(None, "nobody has this password")


def test_an_unknown_account_costs_as_much_as_a_known_one() -> None:
    """Who asks cannot tell by the clock whether an account exists."""
    works: list[object] = []

    def heavy(work: Any) -> Any:
        works.append(work)
        return work()

    passwords = Passwords(memory_kib=8, passes=1, heavy=heavy)
    known = passwords.hash(PASSWORD)
    passwords.is_right(None, PASSWORD)
    works.clear()

    passwords.is_right(known, "wrong")
    after_known = len(works)
    passwords.is_right(None, "wrong")

    assert len(works) == 2 * after_known


def test_withdrawable_is_never_more_than_available(world: World) -> None:
    """Also while money is frozen and shares were sold."""
    world.give_shares(1_000)
    world.place("sell", 1_000, 10_000)
    world.step()
    for shares in (300, 3_000, 6_000):
        world.place("buy", shares, 9_900)
        cash = world.counter.balances(ACCOUNT)
        assert 0 <= cash.withdrawable_fen <= min(cash.available_fen, 10_000_000)


def facts(world: World, kind: str) -> int:
    """How many facts of a kind were published."""
    with world.database.read() as connection:
        found = connection.exec_driver_sql(f"SELECT COUNT(*) FROM outbox WHERE kind = '{kind}'")
        return int(found.scalar_one())
