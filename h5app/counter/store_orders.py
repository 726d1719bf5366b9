"""Fixed statements on orders, fills and busts."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from h5app.counter.model import DaySpan, OrderState
from h5app.counter.stored_order import ORDER_COLUMNS, StoredOrder
from h5app.plumbing.db import Sql

_COLUMNS = ", ".join(ORDER_COLUMNS)
_OPEN = "state IN ('0','1','2','3','4','7')"
_INSERTED = ORDER_COLUMNS[1:]
_INSERT = Sql(
    f"INSERT INTO counter_orders ({', '.join(_INSERTED)})"  # noqa: S608 - fixed column names
    f" VALUES ({', '.join(':' + name for name in _INSERTED)}) RETURNING order_id"
)
_CHANGED = (
    "state",
    "reason",
    "filled_shares",
    "busted_shares",
    "filled_amount_fen",
    "fees_fen",
    "frozen_fen",
    "frozen_shares",
    "updated_us",
)
_CHANGE = Sql(
    f"UPDATE counter_orders SET {', '.join(f'{name} = :{name}' for name in _CHANGED)}"  # noqa: S608
    " WHERE order_id = :order_id AND state = :state_before"
)
_SELECT = f"SELECT {_COLUMNS} FROM counter_orders"  # noqa: S608 - fixed column names
_BY_ID = Sql(f"{_SELECT} WHERE order_id = :order_id")
_BY_KEY = Sql(f"{_SELECT} WHERE account_id = :account_id AND client_order_id = :client_order_id")
_OF_DAY = Sql(
    f"{_SELECT} WHERE account_id = :account_id AND trading_day = :day ORDER BY order_id DESC"
)
# Both conditions: the index of open orders is used only where its own condition stands.
_ASKED = Sql(f"{_SELECT} WHERE {_OPEN} AND state IN ('1','3','4') ORDER BY order_id")
_LIVE = Sql(f"{_SELECT} WHERE {_OPEN} AND state <> '1' AND trading_day = :day ORDER BY order_id")
_EXPIRED = Sql(
    "SELECT account_id, order_id FROM counter_orders WHERE state IN ('0','1','2','3','4','7')"
    " AND trading_day <= :day ORDER BY account_id, order_id"
)
_REPORT = Sql(
    "UPDATE counter_orders SET state = '2', updated_us = :now_us"
    " WHERE order_id = :order_id AND state = '1'"
)
_REPORTED_US = Sql(
    "SELECT order_id, MIN(at_us) FROM counter_moves WHERE order_id IN"
    " (SELECT order_id FROM counter_orders"
    " WHERE state IN ('0','1','2','3','4','7') AND trading_day = :day)"
    " AND state_after = '2' GROUP BY order_id"
)
_BOUGHT_TODAY = Sql(
    "SELECT COALESCE(SUM(CASE WHEN state IN ('5','6','8','9') THEN filled_shares"
    " ELSE quantity_shares - busted_shares END), 0) FROM counter_orders"
    " WHERE account_id = :account_id AND trading_day = :day AND symbol = :symbol AND side = 'buy'"
)
_INSERT_FILL = Sql(
    "INSERT INTO counter_fills (order_id, account_id, symbol, side, price_milli, quantity_shares,"
    " amount_fen, fee_fen, trading_day, venue, execution_id, at_us)"
    " VALUES (:order_id, :account_id, :symbol, :side, :price_milli, :quantity_shares,"
    " :amount_fen, :fee_fen, :trading_day, :venue, :execution_id, :at_us) RETURNING fill_id"
)
_FILL = (
    "SELECT f.fill_id, f.order_id, f.account_id, f.symbol, f.side, f.price_milli,"
    " f.quantity_shares, f.amount_fen, f.fee_fen, f.trading_day, f.execution_id, f.at_us,"
    " b.fill_id IS NOT NULL AS is_busted"
    " FROM counter_fills f LEFT JOIN counter_busts b ON b.fill_id = f.fill_id"
)
_FILLS_OF_DAY = Sql(
    f"{_FILL} WHERE f.account_id = :account_id AND f.trading_day = :day ORDER BY f.fill_id DESC"
)
_OF_DAYS = Sql(
    f"{_SELECT} WHERE account_id = :account_id AND trading_day BETWEEN :first AND :last"
    " ORDER BY trading_day DESC, order_id DESC LIMIT :rows"
)
_FILLS_OF_DAYS = Sql(
    f"{_FILL} WHERE f.account_id = :account_id AND f.trading_day BETWEEN :first AND :last"
    " ORDER BY f.trading_day DESC, f.fill_id DESC LIMIT :rows"
)
_FILL_BY_EXECUTION = Sql(f"{_FILL} WHERE f.venue = :venue AND f.execution_id = :execution_id")
_INSERT_BUST = Sql(
    "INSERT INTO counter_busts (fill_id, fee_fen, at_us) VALUES (:fill_id, :fee_fen, :at_us)"
)


def _order(row: Row[Any] | None) -> StoredOrder | None:
    return _stored(row) if row else None


def _stored(row: Row[Any]) -> StoredOrder:
    values = dict(zip(ORDER_COLUMNS, row, strict=True))
    order = StoredOrder(**values | {"state": OrderState(values["state"])})
    assert order.working_shares >= 0, order.order_id
    assert not order.state.is_final or order.frozen_fen == order.frozen_shares == 0, order.order_id
    return order


def insert(connection: Connection, order: StoredOrder) -> int:
    """Store a new order and return its number."""
    values = {name: getattr(order, name) for name in _INSERTED}
    values["state"] = str(order.state)
    row = _INSERT.row(connection, **values)
    assert row is not None
    return int(row[0])


def change(connection: Connection, before: StoredOrder, after: StoredOrder) -> bool:
    """Write what changed of an order, unless its state moved meanwhile; return whether it did."""
    values = {name: getattr(after, name) for name in _CHANGED}
    values["state"] = str(after.state)
    changed = _CHANGE.change(
        connection, **values, order_id=before.order_id, state_before=str(before.state)
    )
    return changed == 1


def by_id(connection: Connection, order_id: int) -> StoredOrder | None:
    """Return an order by its number."""
    return _order(_BY_ID.run(connection, order_id=order_id).first())


def by_key(connection: Connection, account_id: str, client_order_id: str) -> StoredOrder | None:
    """Return an order by the id its customer gave it."""
    found = _BY_KEY.run(connection, account_id=account_id, client_order_id=client_order_id)
    return _order(found.first())


def of_day(connection: Connection, account_id: str, day: str) -> list[StoredOrder]:
    """Return the orders of one trading day, newest first."""
    return [_stored(row) for row in _OF_DAY.run(connection, account_id=account_id, day=day)]


def of_days(connection: Connection, account_id: str, span: DaySpan, rows: int) -> list[StoredOrder]:
    """Return the newest orders of some trading days, newest first."""
    found = _OF_DAYS.run(connection, account_id=account_id, rows=rows, **_days(span))
    return [_stored(row) for row in found]


def _days(span: DaySpan) -> dict[str, str]:
    return {"first": span.first.isoformat(), "last": span.last.isoformat()}


def asked(connection: Connection) -> list[StoredOrder]:
    """Return the orders that wait for the venue: to be reported, or to be taken back."""
    return [_stored(row) for row in _ASKED.run(connection)]


def live(connection: Connection, day: str) -> list[StoredOrder]:
    """Return the open orders of a day that the venue was told of."""
    return [_stored(row) for row in _LIVE.run(connection, day=day)]


def reported_us(connection: Connection, day: str) -> dict[int, int]:
    """Return when the open orders of a day were first reported."""
    rows: Iterable[Any] = _REPORTED_US.run(connection, day=day)
    return {row[0]: row[1] for row in rows}


def report_to_venue(connection: Connection, order_id: int, now_us: int) -> bool:
    """Move a waiting order to 已报; False when it was withdrawn meanwhile."""
    return _REPORT.change(connection, order_id=order_id, now_us=now_us) == 1


def expired(connection: Connection, day: str) -> dict[str, list[int]]:
    """Return the open orders of this day or before, by account."""
    rows: Iterable[Any] = _EXPIRED.run(connection, day=day)
    found: dict[str, list[int]] = {}
    for account_id, order_id in rows:
        found.setdefault(account_id, []).append(order_id)
    return found


def bought_or_open(connection: Connection, account_id: str, symbol: str, day: str) -> int:
    """Return the shares of a symbol bought on a day, or still to be bought by open orders."""
    found = _BOUGHT_TODAY.run(connection, account_id=account_id, symbol=symbol, day=day)
    return int(found.scalar_one())


def insert_fill(connection: Connection, values: dict[str, object]) -> int:
    """Store a fill and return its number."""
    return int(_INSERT_FILL.run(connection, **values).scalar_one())


def fills_of_day(connection: Connection, account_id: str, day: str) -> Sequence[Row[Any]]:
    """Return the fills of one trading day, newest first."""
    return _FILLS_OF_DAY.run(connection, account_id=account_id, day=day).all()


def fills_of_days(
    connection: Connection, account_id: str, span: DaySpan, rows: int
) -> Sequence[Row[Any]]:
    """Return the newest fills of some trading days, newest first."""
    return _FILLS_OF_DAYS.run(connection, account_id=account_id, rows=rows, **_days(span)).all()


def fill_by_execution(connection: Connection, venue: str, execution_id: str) -> Row[Any] | None:
    """Return a fill by the venue's own id."""
    return _FILL_BY_EXECUTION.run(connection, venue=venue, execution_id=execution_id).first()


def insert_bust(connection: Connection, fill_id: int, fee_fen: int, at_us: int) -> None:
    """Note that a fill was taken back, and the fee returned with it."""
    _INSERT_BUST.run(connection, fill_id=fill_id, fee_fen=fee_fen, at_us=at_us)
