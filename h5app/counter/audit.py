"""The independent look at the books: every rule in SQL of its own, none of the counter's code.

M1 the ledger sums to zero. M2 what is frozen is what open orders need. M3 nothing of a customer
is negative. M4 fills, orders, holdings agree. M5 a final order holds nothing. M6 one key is one
order. M7 what was acknowledged is there. M8 states move along the written graph, each move has its
row. M9 what is written stays. (M10, rebuild equals tables, is in rebuild.py.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from h5app.counter.audit_checks import CHECKS
from h5app.plumbing.db import Database, Sql

ROWS_MAX = 20
"""Of each kind of problem so many are listed."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that must not be: the rule, whom it concerns, and the figures that disagree."""

    rule: str
    subject: str
    says: str

    def as_plain(self) -> dict[str, str]:
        """Return JSON values."""
        return {"rule": self.rule, "subject": self.subject, "says": self.says}


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
    """Return everything that must not be, read from one snapshot; none when the books are right."""
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


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Give a connection that sees one moment, however long it reads."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


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
