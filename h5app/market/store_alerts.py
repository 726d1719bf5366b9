"""The table of customers' alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from h5app.market.alerts import Alert, AlertKind
from h5app.plumbing.db import UtcMoment, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

alert_table = Table(
    "market_alert",
    metadata,
    Column("alert_id", String(16), primary_key=True),
    Column("customer_id", String(64), nullable=False),
    Column("symbol", String(9), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("threshold", BigInteger, nullable=False),
    Column("is_armed", Integer, nullable=False),
    Column("armed_at", UtcMoment, nullable=False),
    Column("fired_at", UtcMoment),
    Column("fired_value", BigInteger),
    Column("firings", Integer, nullable=False),
    Column("known", Text, nullable=False),
    UniqueConstraint("customer_id", "symbol", "kind", "threshold", name="uq_market_alert_wish"),
    Index("ix_market_alert_is_armed", "is_armed"),
)
_SEPARATOR = "\n"


def add(connection: Connection, alert: Alert) -> None:
    """Store a new alert."""
    row = {
        "alert_id": alert.alert_id,
        "customer_id": alert.customer_id,
        "symbol": alert.symbol,
        "kind": alert.kind.value,
        "threshold": alert.threshold,
        "is_armed": int(alert.is_armed),
        "armed_at": alert.armed_at,
        "firings": alert.firings,
        "known": _SEPARATOR.join(sorted(alert.known)),
    }
    connection.execute(insert(alert_table).values(row))


def alerts_of(connection: Connection, customer_id: str) -> list[Alert]:
    """Return a customer's alerts, the newest first."""
    c = alert_table.c
    query = select(alert_table).where(c.customer_id == customer_id)
    return _alerts(connection.execute(query.order_by(c.armed_at.desc(), c.alert_id)).mappings())


def armed(connection: Connection) -> list[Alert]:
    """Return every alert that waits."""
    query = select(alert_table).where(alert_table.c.is_armed == 1)
    return _alerts(connection.execute(query).mappings())


def count(connection: Connection, customer_id: str) -> int:
    """Return how many alerts a customer has, fired ones too."""
    query = select(func.count()).where(alert_table.c.customer_id == customer_id)
    return connection.execute(query).scalar_one()


def arm(connection: Connection, alert_id: str, at: datetime, known: Iterable[str]) -> None:
    """Let an alert wait, from now on."""
    connection.execute(
        update(alert_table)
        .where(alert_table.c.alert_id == alert_id)
        .values(is_armed=1, armed_at=at, known=_SEPARATOR.join(sorted(known)))
    )


def disarm(connection: Connection, alert: Alert, at: datetime, value: int | None) -> bool:
    """Note that an alert fired; say whether it did so now: whoever comes second has not."""
    c = alert_table.c
    done = connection.execute(
        update(alert_table)
        .where(c.alert_id == alert.alert_id, c.is_armed == 1, c.firings == alert.firings)
        .values(is_armed=0, fired_at=at, fired_value=value, firings=alert.firings + 1)
    )
    return done.rowcount == 1


def remove(connection: Connection, customer_id: str, alert_id: str) -> None:
    """Forget an alert of a customer."""
    c = alert_table.c
    connection.execute(
        delete(alert_table).where(c.customer_id == customer_id, c.alert_id == alert_id)
    )


def give(connection: Connection, alert_id: str, customer_id: str) -> None:
    """Give an alert to another customer."""
    connection.execute(
        update(alert_table)
        .where(alert_table.c.alert_id == alert_id)
        .values(customer_id=customer_id)
    )


def _alerts(rows: Iterable[Any]) -> list[Alert]:
    return [
        Alert(
            **{
                **row,
                "kind": AlertKind(row["kind"]),
                "is_armed": bool(row["is_armed"]),
                "known": frozenset(filter(None, row["known"].split(_SEPARATOR))),
            }
        )
        for row in rows
    ]
