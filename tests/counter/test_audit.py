"""The audit sees what is wrong; the tables refuse most of it in the first place."""

import pytest
from sqlalchemy.exc import DBAPIError

from h5app.counter.audit import as_plain, audit, order_states
from h5app.counter.rebuild import differences
from h5app.plumbing.db import Database
from tests.counter.world import ACCOUNT, DAY, OTHER, World


@pytest.fixture
def busy(both: World) -> World:
    """A world with a filled buy, a filled sale, a cancelled order, and open ones on both sides."""
    both.give_shares(1_000)
    both.place("buy", 700, 10_010, client_order_id="filled")
    both.place("sell", 300, 10_000, client_order_id="sold")
    both.place("buy", 100, 9_800, client_order_id="cancelled")
    both.place("buy", 100, 9_900, client_order_id="open")
    both.place("sell", 200, 10_900, client_order_id="on sale")
    both.step()
    both.counter.cancel(ACCOUNT, both.order("cancelled").order_id)
    both.step()
    both.counter.withdraw(ACCOUNT, 1_000, on=DAY, key="w")
    return both


def test_right_books_have_no_problem(busy: World) -> None:
    """And the orders tell their states."""
    busy.assert_right()
    plain = as_plain(busy.database)

    assert plain["problems"] == []
    assert plain["orders"] == {
        "filled": ["1", "2", "8"],
        "sold": ["1", "2", "8"],
        "cancelled": ["1", "2", "3", "6"],
        "open": ["1", "2"],
        "on sale": ["1", "2"],
    }


def test_two_accounts_with_one_id_are_told_apart(both: World) -> None:
    """The later order stands under id@account."""
    both.place(client_order_id="same")
    both.place(client_order_id="same", account_id=OTHER)

    assert set(order_states(both.database)) == {"same", f"same@{OTHER}"}


REFUSED = (
    "UPDATE counter_ledger SET amount = amount + 1",
    "DELETE FROM counter_ledger",
    "UPDATE counter_journal SET body = '{}'",
    "DELETE FROM counter_fills",
    "UPDATE counter_moves SET state_after = '8'",
    "UPDATE counter_orders SET quantity_shares = quantity_shares + 100",
    "UPDATE counter_orders SET state = '0'",
    "UPDATE counter_orders SET filled_shares = quantity_shares + 1",
    "DELETE FROM counter_orders",
    "UPDATE counter_balances SET amount = -1 WHERE pot = 'available'",
    "UPDATE counter_orders SET frozen_fen = 1 WHERE state = '8' AND side = 'buy'",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_tables_themselves_refuse(world: World, statement: str) -> None:
    """M3, M4, M5, M8 and M9 hold even against somebody with a database client."""
    world.place("buy", 100, 10_010)
    world.step()

    with pytest.raises(DBAPIError), world.database.write() as connection:
        connection.exec_driver_sql(statement)


def break_into(database: Database, *statements: str) -> None:
    """Do what the tables refuse: their triggers are gone, their checks are off."""
    with database.write() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).all()
            for (name,) in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


BROKEN = {
    "M1": "UPDATE counter_ledger SET amount = amount + 1 WHERE kind = 'deposit'",
    "M1 pots": "UPDATE counter_balances SET amount = amount + 5 WHERE pot = 'house:bank'",
    "M2": "UPDATE counter_orders SET frozen_fen = frozen_fen + 7 WHERE client_order_id = 'open'",
    "M2 shares": "UPDATE counter_orders SET frozen_shares = 100 WHERE client_order_id = 'on sale'",
    "M3": "UPDATE counter_balances SET amount = -4 WHERE pot = 'available'",
    "M4": "UPDATE counter_orders SET filled_shares = 600 WHERE client_order_id = 'filled'",
    "M4 fill": "UPDATE counter_fills SET amount_fen = amount_fen + 1",
    "M4 held": "UPDATE counter_fills SET quantity_shares = 800 WHERE side = 'buy'",
    "M5": "UPDATE counter_orders SET frozen_fen = 1 WHERE client_order_id = 'filled'",
    "M7": "DELETE FROM counter_journal WHERE kind = 'place'",
    "M7 fill": "DELETE FROM counter_journal WHERE kind = 'apply'",
    "M8": "DELETE FROM counter_moves WHERE state_after = '2'",
    "M8 graph": "UPDATE counter_moves SET state_after = '5' WHERE state_after = '2'",
    "M8 end": "UPDATE counter_orders SET state = '7' WHERE client_order_id = 'filled'",
    "M9": "SELECT 1",
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_audit_sees(world: World, name: str) -> None:
    """Each rule broken on purpose is named."""
    world.give_shares(1_000)
    world.place("buy", 700, 10_010, client_order_id="filled")
    world.place("buy", 100, 9_900, client_order_id="open")
    world.place("sell", 200, 10_900, client_order_id="on sale")
    world.step()
    break_into(world.database, BROKEN[name])

    assert name.split(maxsplit=1)[0] in {problem.rule for problem in audit(world.database)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE counter_positions SET bought_fen = bought_fen + 1",
        "UPDATE counter_orders SET fees_fen = 0",
        "UPDATE counter_balances SET amount = amount + 1 WHERE pot = 'settling'",
        "DELETE FROM counter_fills",
    ],
)
def test_the_rebuild_sees(world: World, statement: str) -> None:
    """What the journal does not say is a difference."""
    world.place("buy", 700, 10_010)
    world.step()
    break_into(world.database, statement)

    assert {problem.rule for problem in differences(world.database)} == {"M10"}
