"""The order journal and the kept tickets: wishes, before and after the counter was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from h5app.counter.model import DaySpan
from h5app.kernel.clock import SHANGHAI
from h5app.market.model import OrderKind
from h5app.plumbing.db import Sql, metadata
from h5app.trading.model import JournalEntry, OrderWord, PlaceOrder

TICKET_BYTES_MAX = 2_000

order_table = Table(
    "trading_order",
    metadata,
    Column("account_id", String(32), nullable=False),
    Column("client_order_id", String(64), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("symbol", String(9), nullable=False),
    Column("side", String(4), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("price_milli", BigInteger, nullable=False),
    Column("quantity_shares", BigInteger, nullable=False),
    Column("word", String(10), nullable=False),
    Column("order_id", BigInteger),
    Column("reason_code", String(60), nullable=False, server_default=""),
    Column("reason", String(300), nullable=False, server_default=""),
    Column("placed_us", BigInteger, nullable=False),
    Column("placed_on", String(10), nullable=False),
    Column("sent_us", BigInteger, nullable=False),
    Column("asked_us", BigInteger, nullable=False, server_default="0"),
    Column("absences", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("account_id", "client_order_id"),
    CheckConstraint("word IN ('submitting', 'accepted', 'refused', 'unknown')", name="word"),
    CheckConstraint("side IN ('buy', 'sell')", name="side"),
    CheckConstraint("quantity_shares > 0 AND price_milli >= 0", name="amounts"),
    CheckConstraint("word <> 'accepted' OR order_id IS NOT NULL", name="accepted_has_number"),
    Index("ix_trading_order_day", "account_id", "placed_on", "placed_us"),
    Index("ix_trading_order_number", "account_id", "order_id"),
    Index(
        "ix_trading_order_question",
        "sent_us",
        sqlite_where=text("word IN ('submitting', 'unknown')"),
        postgresql_where=text("word IN ('submitting', 'unknown')"),
    ),
    Index(
        "ix_trading_order_never_arrived",
        "sent_us",
        sqlite_where=text("reason_code = 'trading.never_arrived'"),
        postgresql_where=text("reason_code = 'trading.never_arrived'"),
    ),
)
"""One row per wish. `*_us`: microseconds since 1970 (placed: market clock; sent, asked: wall)."""

ticket_table = Table(
    "trading_ticket",
    metadata,
    Column("account_id", String(32), nullable=False),
    Column("client_order_id", String(64), nullable=False),
    Column("fields", Text, nullable=False),
    Column("kept_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "client_order_id"),
    Index("ix_trading_ticket_kept", "kept_us"),
)
"""Tickets that were filled in and not sent yet, as the customer typed them."""

setting_table = Table(
    "trading_setting",
    metadata,
    Column("account_id", String(32), nullable=False),
    Column("name", String(40), nullable=False),
    Column("value", String(20), nullable=False),
    PrimaryKeyConstraint("account_id", "name"),
)
"""What a customer switched off or on: warnings, the cost method shown."""

_COLUMNS = (
    "account_id, client_order_id, body_hash, symbol, side, kind, price_milli, quantity_shares,"
    " word, order_id, reason_code, reason, placed_us, placed_on, sent_us, absences"
)

_INSERT = Sql(
    "INSERT INTO trading_order (account_id, client_order_id, body_hash, symbol, side, kind,"
    " price_milli, quantity_shares, word, placed_us, placed_on, sent_us)"
    " VALUES (:account_id, :client_order_id, :body_hash, :symbol, :side, :kind,"
    " :price_milli, :quantity_shares, 'submitting', :placed_us, :placed_on, :sent_us)"
    " ON CONFLICT (account_id, client_order_id) DO NOTHING"
)
_ACCEPT = Sql(
    "UPDATE trading_order SET word = 'accepted', order_id = :order_id,"
    " reason_code = '', reason = ''"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id AND word <> 'accepted'"
)
_REFUSE = Sql(
    "UPDATE trading_order SET word = 'refused', reason_code = :reason_code, reason = :reason"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id"
    " AND word IN ('submitting', 'unknown')"
)
_DOUBT = Sql(
    "UPDATE trading_order SET word = 'unknown'"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id AND word = 'submitting'"
)
_ABSENT = Sql(
    "UPDATE trading_order SET word = 'unknown', absences = absences + 1, asked_us = :asked_us"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id"
    " AND word IN ('submitting', 'unknown')"
)
_ASKED_AGAIN = Sql(
    "UPDATE trading_order SET asked_us = :asked_us"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id"
)
_TAKE_BACK = Sql(
    "DELETE FROM trading_order"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id AND word = 'submitting'"
)
_FIND = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND client_order_id = :client_order_id"
)
_FIND_BY_NUMBER = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND order_id = :order_id"
)
_OF_DAY = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND placed_on = :placed_on ORDER BY placed_us DESC LIMIT :rows"
)
_OF_DAYS = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE account_id = :account_id AND placed_on BETWEEN :first AND :last"
    " ORDER BY placed_on DESC, placed_us DESC LIMIT :rows"
)
_QUESTIONS = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE word IN ('submitting', 'unknown') AND sent_us <= :sent_us AND asked_us <= :asked_us"
    " ORDER BY sent_us LIMIT :rows"
)
_NEVER_ARRIVED = Sql(
    f"SELECT {_COLUMNS} FROM trading_order"  # noqa: S608 - fixed column names
    " WHERE reason_code = 'trading.never_arrived' AND sent_us >= :sent_us AND asked_us <= :asked_us"
    " ORDER BY sent_us LIMIT :rows"
)
_KEEP_TICKET = Sql(
    "INSERT INTO trading_ticket (account_id, client_order_id, fields, kept_us)"
    " VALUES (:account_id, :client_order_id, :fields, :kept_us)"
    " ON CONFLICT (account_id, client_order_id)"
    " DO UPDATE SET fields = excluded.fields, kept_us = excluded.kept_us"
)
_TICKET = Sql(
    "SELECT fields FROM trading_ticket"
    " WHERE account_id = :account_id AND client_order_id = :client_order_id"
)
_FORGET_TICKETS = Sql("DELETE FROM trading_ticket WHERE kept_us < :kept_us")
_SET = Sql(
    "INSERT INTO trading_setting (account_id, name, value) VALUES (:account_id, :name, :value)"
    " ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value"
)
_SETTINGS = Sql("SELECT name, value FROM trading_setting WHERE account_id = :account_id")


@dataclass(frozen=True)
class OrderKey:
    """What names one order of one customer."""

    account_id: str
    client_order_id: str

    def as_values(self) -> dict[str, str]:
        """Return the values of a statement's WHERE."""
        return {"account_id": self.account_id, "client_order_id": self.client_order_id}


def microseconds(moment: datetime) -> int:
    """Return whole microseconds since 1970, exact."""
    span = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def moment_of(us: int) -> datetime:
    """Return the moment in Asia/Shanghai."""
    whole, rest = divmod(us, 1_000_000)
    return datetime.fromtimestamp(whole, SHANGHAI).replace(microsecond=rest)


def write_wish(
    connection: Connection,
    account_id: str,
    order: PlaceOrder,
    *,
    placed_at: datetime,
    sent_at: datetime,
) -> bool:
    """Write the wish as SUBMITTING; False when its id is there already and nothing was written."""
    written = _INSERT.change(
        connection,
        account_id=account_id,
        client_order_id=order.client_order_id,
        body_hash=order.body_hash,
        symbol=order.symbol,
        side=order.side,
        kind=str(order.kind),
        price_milli=order.price_milli,
        quantity_shares=order.quantity_shares,
        placed_us=microseconds(placed_at),
        placed_on=placed_at.date().isoformat(),
        sent_us=microseconds(sent_at),
    )
    return written == 1


def write_accepted(connection: Connection, key: OrderKey, order_id: int) -> None:
    """Note that the counter has the order, whatever was thought before."""
    _ACCEPT.change(connection, **key.as_values(), order_id=order_id)


def write_refused(connection: Connection, key: OrderKey, reason_code: str, reason: str) -> None:
    """Note that the order is dead; an accepted one stays accepted."""
    _REFUSE.change(connection, **key.as_values(), reason_code=reason_code[:60], reason=reason[:300])


def write_answer(connection: Connection, entry: JournalEntry) -> None:
    """Note the answer that the entry carries: accepted with its number, or refused."""
    key = OrderKey(entry.account_id, entry.order.client_order_id)
    if entry.word is OrderWord.ACCEPTED:
        assert entry.order_id is not None
        write_accepted(connection, key, entry.order_id)
    else:
        assert entry.word is OrderWord.REFUSED
        write_refused(connection, key, entry.reason_code, entry.reason)


def write_unknown(connection: Connection, key: OrderKey) -> None:
    """Note that there was no answer."""
    _DOUBT.run(connection, **key.as_values())


def write_absent(connection: Connection, key: OrderKey, asked_at: datetime) -> None:
    """Note that the counter was asked and has no such order."""
    _ABSENT.run(connection, **key.as_values(), asked_us=microseconds(asked_at))


def write_asked(connection: Connection, key: OrderKey, asked_at: datetime) -> None:
    """Note when the counter was asked last about a dead order."""
    _ASKED_AGAIN.run(connection, **key.as_values(), asked_us=microseconds(asked_at))


def take_back(connection: Connection, key: OrderKey) -> None:
    """Remove a wish that provably reached nobody."""
    _TAKE_BACK.run(connection, **key.as_values())


def find_entry(connection: Connection, key: OrderKey) -> JournalEntry | None:
    """Return one entry of the journal."""
    row = _FIND.run(connection, **key.as_values()).mappings().first()
    return _entry(row) if row else None


def find_by_number(connection: Connection, account_id: str, order_id: int) -> JournalEntry | None:
    """Return the entry that the counter gave this number."""
    found = _FIND_BY_NUMBER.run(connection, account_id=account_id, order_id=order_id)
    row = found.mappings().first()
    return _entry(row) if row else None


def entries_of_day(
    connection: Connection, account_id: str, on: date, rows: int
) -> list[JournalEntry]:
    """Return the entries of one market day, newest first, at most `rows`."""
    found = _OF_DAY.run(connection, account_id=account_id, placed_on=on.isoformat(), rows=rows)
    return [_entry(row) for row in found.mappings()]


def entries_between(
    connection: Connection, account_id: str, span: DaySpan, rows: int
) -> list[JournalEntry]:
    """Return an account's newest entries of some days, newest first."""
    found = _OF_DAYS.run(
        connection,
        account_id=account_id,
        first=span.first.isoformat(),
        last=span.last.isoformat(),
        rows=rows,
    )
    return [_entry(row) for row in found.mappings()]


def open_questions(
    connection: Connection, *, sent_before: datetime, asked_before: datetime, rows: int
) -> list[JournalEntry]:
    """Return entries without an answer, oldest first."""
    found = _QUESTIONS.run(
        connection,
        sent_us=microseconds(sent_before),
        asked_us=microseconds(asked_before),
        rows=rows,
    )
    return [_entry(row) for row in found.mappings()]


def never_arrived(
    connection: Connection, *, sent_after: datetime, asked_before: datetime, rows: int
) -> list[JournalEntry]:
    """Return entries that were given up as never arrived, to be looked at once more."""
    found = _NEVER_ARRIVED.run(
        connection,
        sent_us=microseconds(sent_after),
        asked_us=microseconds(asked_before),
        rows=rows,
    )
    return [_entry(row) for row in found.mappings()]


def keep_ticket(connection: Connection, key: OrderKey, fields: str, kept_at: datetime) -> None:
    """Keep what was typed into a ticket, in place of what was kept before."""
    assert len(fields) <= TICKET_BYTES_MAX
    _KEEP_TICKET.run(connection, **key.as_values(), fields=fields, kept_us=microseconds(kept_at))


def kept_ticket(connection: Connection, key: OrderKey) -> str | None:
    """Return the kept text of a ticket."""
    row = _TICKET.run(connection, **key.as_values()).first()
    return str(row[0]) if row else None


def forget_tickets(connection: Connection, kept_before: datetime) -> int:
    """Delete tickets that were kept before a moment; return how many."""
    return _FORGET_TICKETS.run(connection, kept_us=microseconds(kept_before)).rowcount


def write_setting(connection: Connection, account_id: str, name: str, value: str) -> None:
    """Keep one choice of a customer."""
    _SET.run(connection, account_id=account_id, name=name, value=value)


def settings_of(connection: Connection, account_id: str) -> dict[str, str]:
    """Return the customer's choices."""
    found = _SETTINGS.run(connection, account_id=account_id)
    return {str(row["name"]): str(row["value"]) for row in found.mappings()}


def _entry(row: Mapping[Any, Any]) -> JournalEntry:
    order = PlaceOrder(
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=row["side"],
        kind=OrderKind(row["kind"]),
        price_milli=row["price_milli"],
        quantity_shares=row["quantity_shares"],
    )
    assert order.body_hash == row["body_hash"], "a journal row whose content was changed"
    return JournalEntry(
        account_id=row["account_id"],
        order=order,
        word=OrderWord(row["word"]),
        order_id=row["order_id"],
        reason_code=row["reason_code"],
        reason=row["reason"],
        placed_at=moment_of(row["placed_us"]),
        placed_on=date.fromisoformat(row["placed_on"]),
        sent_at=moment_of(row["sent_us"]),
        absences=row["absences"],
    )
