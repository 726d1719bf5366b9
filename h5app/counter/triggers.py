"""Triggers of the counter's tables, for both databases, made from the same lists."""

from h5app.counter.model import TRANSITIONS

_ADD_ONLY = (
    "counter_ledger",
    "counter_journal",
    "counter_fills",
    "counter_busts",
    "counter_moves",
    "counter_fee_profiles",
)
_FIXED_IN_ORDERS = (
    "order_id",
    "account_id",
    "client_order_id",
    "symbol",
    "board",
    "side",
    "kind",
    "price_milli",
    "quantity_shares",
    "trading_day",
    "turnaround",
    "fee_version",
    "fee_ceiling_fen",
    "placed_us",
)
_NO_SUCH_MOVE = "no such move of an order"
_LEGAL = ",".join(
    f"'{before}{after}'" for before, ends in TRANSITIONS.items() for after in sorted(ends)
)


def _add_only_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _add_only_postgresql(table: str) -> list[str]:
    return [
        (
            f"CREATE OR REPLACE FUNCTION {table}_add_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
        ),
        (
            f"CREATE OR REPLACE TRIGGER {table}_add_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_add_only()"
        ),
        (
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_add_only()"
        ),
    ]


def _balance_upsert(pot: str, sign: str) -> str:
    return (
        "INSERT INTO counter_balances (account_id, unit, pot, amount)"  # noqa: S608 - own words
        f" VALUES (NEW.account_id, NEW.unit, {pot}, {sign}NEW.amount)"
        " ON CONFLICT (account_id, unit, pot)"
        " DO UPDATE SET amount = counter_balances.amount + excluded.amount;"
    )


def _balance_update(pot: str, sign: str) -> str:
    return (
        f"UPDATE counter_balances SET amount = amount {sign} NEW.amount"  # noqa: S608 - own words
        f" WHERE account_id = NEW.account_id AND unit = NEW.unit AND pot = {pot};"
    )


# A source pot of the customer must exist already; PostgreSQL checks a row before it looks for the
# conflict, so that an upsert of a negative amount would fail there even when the sum is not.
_SQLITE_BALANCES = (
    "CREATE TRIGGER IF NOT EXISTS counter_ledger_balances AFTER INSERT ON counter_ledger BEGIN "  # noqa: S608
    "INSERT OR IGNORE INTO counter_balances (account_id, unit, pot, amount)"
    " VALUES (NEW.account_id, NEW.unit, NEW.source_pot, 0), "
    "(NEW.account_id, NEW.unit, NEW.target_pot, 0); "
    + _balance_update("NEW.source_pot", "-")
    + _balance_update("NEW.target_pot", "+")
    + " END"
)

_POSTGRESQL_BALANCES = [
    "CREATE OR REPLACE FUNCTION counter_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN "
    + _balance_update("NEW.source_pot", "-")
    + " IF NOT FOUND THEN "
    + _balance_upsert("NEW.source_pot", "-")
    + " END IF; "
    + _balance_upsert("NEW.target_pot", "")
    + " RETURN NULL; END $$",
    (
        "CREATE OR REPLACE TRIGGER counter_ledger_balances AFTER INSERT ON counter_ledger"
        " FOR EACH ROW EXECUTE FUNCTION counter_ledger_balances()"
    ),
]

_FIXED_CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _FIXED_IN_ORDERS)
_MOVE = (
    "INSERT INTO counter_moves (order_id, state_before, state_after, reason, at_us)"
    " VALUES (NEW.order_id, {before}, NEW.state, NEW.reason, NEW.updated_us);"
)

_SQLITE_ORDERS = [
    "CREATE TRIGGER IF NOT EXISTS counter_orders_placed AFTER INSERT ON counter_orders BEGIN "
    + _MOVE.format(before="''")
    + " END",
    "CREATE TRIGGER IF NOT EXISTS counter_orders_moved AFTER UPDATE OF state ON counter_orders"
    " WHEN NEW.state <> OLD.state BEGIN "
    f"SELECT RAISE(ABORT, '{_NO_SUCH_MOVE}')"
    f" WHERE OLD.state || NEW.state NOT IN ({_LEGAL}); "
    + _MOVE.format(before="OLD.state")
    + " END",
    "CREATE TRIGGER IF NOT EXISTS counter_orders_fixed BEFORE UPDATE OF "
    + ", ".join(_FIXED_IN_ORDERS)
    + f" ON counter_orders WHEN {_FIXED_CHANGED}"
    " BEGIN SELECT RAISE(ABORT, 'what was ordered does not change'); END",
    (
        "CREATE TRIGGER IF NOT EXISTS counter_orders_no_delete BEFORE DELETE ON counter_orders"
        " BEGIN SELECT RAISE(ABORT, 'orders are kept'); END"
    ),
]

_POSTGRESQL_ORDERS = [
    "CREATE OR REPLACE FUNCTION counter_orders_moved() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN "
    "IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'orders are kept'; END IF; "
    "IF TG_OP = 'INSERT' THEN " + _MOVE.format(before="''") + " RETURN NULL; END IF; "
    f"IF {_FIXED_CHANGED} THEN RAISE EXCEPTION 'what was ordered does not change'; END IF; "
    "IF NEW.state <> OLD.state THEN "
    f"IF OLD.state || NEW.state NOT IN ({_LEGAL})"
    f" THEN RAISE EXCEPTION '{_NO_SUCH_MOVE}'; END IF; "
    + _MOVE.format(before="OLD.state")
    + " END IF; RETURN NULL; END $$",
    (
        "CREATE OR REPLACE TRIGGER counter_orders_moved AFTER INSERT OR UPDATE OR DELETE"
        " ON counter_orders FOR EACH ROW EXECUTE FUNCTION counter_orders_moved()"
    ),
]

TRIGGERS_BY_TABLE: dict[str, dict[str, list[str]]] = {
    "sqlite": {
        **{table: _add_only_sqlite(table) for table in _ADD_ONLY},
        "counter_ledger": [*_add_only_sqlite("counter_ledger"), _SQLITE_BALANCES],
        "counter_orders": _SQLITE_ORDERS,
    },
    "postgresql": {
        **{table: _add_only_postgresql(table) for table in _ADD_ONLY},
        "counter_ledger": [*_add_only_postgresql("counter_ledger"), *_POSTGRESQL_BALANCES],
        "counter_orders": _POSTGRESQL_ORDERS,
    },
}
"""DDL by dialect and table; running it twice does no harm."""
