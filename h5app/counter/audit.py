"""The independent look at the books: M1 to M9 in SQL of its own, none of the counter's code.

M1 the ledger sums to zero. M2 what is frozen is what open orders need. M3 nothing of a customer
is negative. M4 fills, orders, holdings agree. M5 a final order holds nothing. M6 one key is one
order. M7 what was acknowledged is there. M8 states move along the written graph, each move has its
row. M9 what is written stays. M10 a rebuild from the journal gives the same tables: that one is
done by replaying (rebuild.py).
"""

from typing import Any

from sqlalchemy import Connection

from h5app.counter.audit_checks import CHECKS
from h5app.counter.rebuild import differences
from h5app.counter.snapshot import ROWS_MAX, Problem, snapshot
from h5app.plumbing.db import Database, Sql

_TRIGGERS = {
    "sqlite": Sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": Sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"),
}
_KEPT = (
    *("counter_ledger", "counter_journal", "counter_fills", "counter_busts", "counter_moves"),
    "counter_fee_profiles",
)
_STATES = Sql(
    "SELECT o.client_order_id, o.account_id, m.state_after FROM counter_moves m"
    " JOIN counter_orders o ON o.order_id = m.order_id ORDER BY m.order_id, m.move_id"
)


def audit(database: Database) -> list[Problem]:
    """Return everything that must not be, M1 to M10; none when the books are right.

    The house need not stand still meanwhile.
    """
    return audit_in_sql(database) + differences(database)


def audit_in_sql(database: Database) -> list[Problem]:
    """Return what breaks M1 to M9, read from one snapshot; much faster than the rebuild."""
    found: list[Problem] = []
    with snapshot(database) as connection:
        for check in CHECKS:
            rows: Any = check.statement.run(connection).fetchmany(ROWS_MAX)
            found += [
                Problem(
                    rule=check.rule,
                    subject=str(row[0]),
                    says=f"{check.says}: {', '.join(str(value) for value in row[1:])}",
                )
                for row in rows
            ]
        found += _missing_triggers(connection)
    return found


def _missing_triggers(connection: Connection) -> list[Problem]:
    rows: Any = _TRIGGERS[connection.dialect.name].run(connection)
    names = {row[0] for row in rows}
    forms = {
        "sqlite": ("{}_no_update", "{}_no_delete"),
        "postgresql": ("{}_add_only", "{}_no_truncate"),
    }
    return [
        Problem(rule="M9", subject=table, says=f"trigger {form.format(table)} is not there")
        for table in _KEPT
        for form in forms[connection.dialect.name]
        if form.format(table) not in names
    ]


def order_states(database: Database) -> dict[str, list[str]]:
    """Return the states (codes) that every order went through, by client_order_id.

    Should two accounts use the same id, the later order stands under id@account.
    """
    found: dict[tuple[str, str], list[str]] = {}
    with snapshot(database) as connection:
        rows: Any = _STATES.run(connection)
        for client_order_id, account_id, state in rows:
            found.setdefault((client_order_id, account_id), []).append(state)
    named: dict[str, list[str]] = {}
    for (client_order_id, account_id), states in found.items():
        taken = client_order_id in named
        named[f"{client_order_id}@{account_id}" if taken else client_order_id] = states
    return named


def as_plain(database: Database) -> dict[str, Any]:
    """Return what `python -m h5app audit --json` prints."""
    return {
        "problems": [problem.as_plain() for problem in audit(database)],
        "orders": order_states(database),
    }
