"""Tables of the counter; what a table can enforce by itself is enforced here.

Moments are microseconds since 1970 in UTC (`*_us`), days ISO text, so that the fixed statements of
the order path run as they are on both databases. Ledger, journal, fills and moves are only ever
added to; triggers refuse everything else.
"""

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from h5app.counter.triggers import TRIGGERS_BY_TABLE
from h5app.plumbing.db import metadata

_OPEN = "state IN ('0','1','2','3','4','7')"
_REPORT = "kind = 'report'"
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _number(name: str, default: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=default)


def _word(name: str, length: int, default: str | None = None) -> Column[str]:
    return Column(name, String(length), nullable=False, server_default=default)


def _unique_where(name: str, column: str, *others: str) -> Index:
    condition = text(f"{column} IS NOT NULL")
    return Index(
        name, *others, column, unique=True, sqlite_where=condition, postgresql_where=condition
    )


accounts_table = Table(
    "counter_accounts",
    metadata,
    Column("account_id", String(20), primary_key=True),
    _word("holder_name", 60),
    _word("phone", 20),
    _word("password_hash", 200),
    _word("status", 10, "open"),
    _number("risk_level"),
    _word("permissions", 200, ""),
    _word("opened_on", 10),
    _number("fee_version", "1"),
    _number("version", "0"),
    CheckConstraint("status IN ('open','closed')", name="status_known"),
    CheckConstraint("risk_level BETWEEN 1 AND 5", name="risk_level_known"),
)
"""One row per fund account; `version` rises with every change of its books, and taking it is the
lock of the account."""

fee_profiles_table = Table(
    "counter_fee_profiles",
    metadata,
    Column("account_id", String(20), ForeignKey("counter_accounts.account_id"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    _word("effective_on", 10),
    Column("terms", Text, nullable=False),
)
"""Versions of what was agreed; a row is never changed."""

orders_table = Table(
    "counter_orders",
    metadata,
    Column("order_id", _BIG, primary_key=True, autoincrement=True),
    Column("account_id", String(20), ForeignKey("counter_accounts.account_id"), nullable=False),
    _word("client_order_id", 64),
    _word("symbol", 9),
    _word("board", 20),
    _word("side", 4),
    _word("kind", 30),
    _number("price_milli"),
    _number("quantity_shares"),
    _word("trading_day", 10),
    _number("turnaround", "1"),
    _number("fee_version", "1"),
    _number("fee_ceiling_fen", "0"),
    _number("placed_us"),
    _word("state", 1),
    _word("reason", 200, ""),
    _number("filled_shares", "0"),
    _number("busted_shares", "0"),
    _number("filled_amount_fen", "0"),
    _number("fees_fen", "0"),
    _number("frozen_fen", "0"),
    _number("frozen_shares", "0"),
    _number("updated_us"),
    UniqueConstraint("account_id", "client_order_id"),
    Index("ix_counter_orders_account", "account_id", "trading_day", "order_id"),
    Index(
        "ix_counter_orders_open",
        "state",
        "order_id",
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    ),
    CheckConstraint("side IN ('buy','sell')", name="side_known"),
    CheckConstraint("state BETWEEN '0' AND '9'", name="state_known"),
    CheckConstraint("price_milli > 0 AND quantity_shares > 0", name="is_positive"),
    CheckConstraint(
        "filled_shares >= 0 AND busted_shares >= 0"
        " AND filled_shares + busted_shares <= quantity_shares",
        name="never_more_than_ordered",
    ),
    CheckConstraint(
        "frozen_fen >= 0 AND frozen_shares >= 0 AND filled_amount_fen >= 0 AND fees_fen >= 0",
        name="not_negative",
    ),
    CheckConstraint(
        f"{_OPEN} OR (frozen_fen = 0 AND frozen_shares = 0)", name="final_is_not_frozen"
    ),
    CheckConstraint(
        "(side = 'buy' AND frozen_shares = 0) OR (side = 'sell' AND frozen_fen = 0)",
        name="one_kind_frozen",
    ),
)

moves_table = Table(
    "counter_moves",
    metadata,
    Column("move_id", _BIG, primary_key=True, autoincrement=True),
    Column("order_id", BigInteger, ForeignKey("counter_orders.order_id"), nullable=False),
    _word("state_before", 1, ""),
    _word("state_after", 1),
    _word("reason", 200, ""),
    _number("at_us"),
    Index("ix_counter_moves_order", "order_id", "move_id"),
)
"""Every move of an order's state, written by a trigger."""

fills_table = Table(
    "counter_fills",
    metadata,
    Column("fill_id", _BIG, primary_key=True, autoincrement=True),
    Column("order_id", BigInteger, ForeignKey("counter_orders.order_id"), nullable=False),
    _word("account_id", 20),
    _word("symbol", 9),
    _word("side", 4),
    _number("price_milli"),
    _number("quantity_shares"),
    _number("amount_fen"),
    _number("fee_fen"),
    _word("trading_day", 10),
    _word("venue", 20),
    _word("execution_id", 80),
    _number("at_us"),
    UniqueConstraint("venue", "execution_id"),
    Index("ix_counter_fills_order", "order_id"),
    Index("ix_counter_fills_account", "account_id", "trading_day", "fill_id"),
    CheckConstraint("price_milli > 0 AND quantity_shares > 0", name="is_positive"),
    CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
)

busts_table = Table(
    "counter_busts",
    metadata,
    Column("fill_id", BigInteger, ForeignKey("counter_fills.fill_id"), primary_key=True),
    _number("fee_fen"),
    _number("at_us"),
)
"""Fills that the venue took back, and the fee that was returned with them."""

ledger_table = Table(
    "counter_ledger",
    metadata,
    Column("line_id", _BIG, primary_key=True, autoincrement=True),
    _word("transfer", 120),
    _number("line"),
    Column("account_id", String(20), ForeignKey("counter_accounts.account_id"), nullable=False),
    _word("unit", 9),
    _word("source_pot", 20),
    _word("target_pot", 20),
    _number("amount"),
    _word("kind", 12),
    Column("order_id", BigInteger),
    Column("fill_id", BigInteger),
    _word("on_day", 10),
    _word("counterparty", 60, ""),
    _word("memo", 120, ""),
    _number("at_us"),
    UniqueConstraint("transfer", "line"),
    Index("ix_counter_ledger_account", "account_id", "on_day", "line_id"),
    CheckConstraint("amount > 0", name="amount_is_positive"),
    CheckConstraint("source_pot <> target_pot", name="pots_differ"),
)
"""Double entry: each line takes `amount` of `unit` (CNY in fen, or shares of a symbol) out of one
pot of an account and puts it into another, so that it sums to zero by its shape. Lines with the
same `transfer` belong together."""

balances_table = Table(
    "counter_balances",
    metadata,
    Column("account_id", String(20), ForeignKey("counter_accounts.account_id"), primary_key=True),
    Column("unit", String(9), primary_key=True),
    Column("pot", String(20), primary_key=True),
    _number("amount"),
    CheckConstraint("amount >= 0 OR substr(pot, 1, 6) = 'house:'", name="customer_never_negative"),
)
"""Sums of the ledger by pot, kept by a trigger of the ledger and by nothing else."""

positions_table = Table(
    "counter_positions",
    metadata,
    Column("account_id", String(20), ForeignKey("counter_accounts.account_id"), primary_key=True),
    Column("symbol", String(9), primary_key=True),
    _number("bought_fen", "0"),
    _number("bought_shares", "0"),
    _number("sold_fen", "0"),
    _number("fees_fen", "0"),
)
"""What the shares held cost, since the position was last empty."""

journal_table = Table(
    "counter_journal",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=True),
    _word("kind", 12),
    Column("account_id", String(20)),
    Column("order_id", BigInteger),
    Column("venue", String(20)),
    Column("execution_id", String(80)),
    Column("applies", BigInteger, ForeignKey("counter_journal.seq")),
    Column("body", Text, nullable=False),
    _number("at_us"),
    # Only rows that have the key stand in its index: most of the journal has neither.
    _unique_where("uq_counter_journal_execution", "execution_id", "venue"),
    _unique_where("uq_counter_journal_applies", "applies"),
    Index(
        "ix_counter_journal_reports",
        "at_us",
        sqlite_where=text(_REPORT),
        postgresql_where=text(_REPORT),
    ),
)
"""Everything that ever changed the books, in order; a venue's report stands here raw before it is
applied, and the row that `applies` it is written with its effects."""

days_table = Table(
    "counter_days",
    metadata,
    Column("day", String(10), primary_key=True),
    _number("opened_us"),
    Column("closed_us", BigInteger),
)
"""Trading days that were opened, and closed."""


DDL_STATEMENTS: dict[str, list[str]] = {
    dialect: [statement for statements in by_table.values() for statement in statements]
    for dialect, by_table in TRIGGERS_BY_TABLE.items()
}
"""Triggers by dialect, in order, for the migration."""


def _attach() -> None:
    for dialect, by_table in TRIGGERS_BY_TABLE.items():
        for name, statements in by_table.items():
            for statement in statements:
                ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(metadata.tables[name], "after_create", ddl.execute_if(dialect=dialect))


_attach()
