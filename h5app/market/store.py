"""Tables of the market: instruments, corporate actions, codes that were changed."""

from __future__ import annotations

from dataclasses import asdict, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    String,
    Table,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from h5app.market.model import (
    Board,
    CorporateAction,
    EventState,
    Fundamentals,
    Instrument,
    ListingStatus,
    Product,
)
from h5app.plumbing.db import UtcMoment, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import RowMapping

    from h5app.plumbing.db import Database

ROWS_PER_STATEMENT_MAX = 500
_LIST_SEPARATOR = " "

instrument_table = Table(
    "instrument",
    metadata,
    Column("symbol", String(9), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("short_name", String(32), nullable=False),
    Column("pinyin", String(64), nullable=False),
    Column("board", String(16), nullable=False),
    Column("product", String(24), nullable=False),
    Column("lot_shares", BigInteger, nullable=False),
    Column("tick_milli", BigInteger, nullable=False),
    Column("is_st", Boolean, nullable=False),
    Column("listed_on", Date),
    Column("delisted_on", Date),
    Column("status", String(16), nullable=False),
    Column("is_t0", Boolean, nullable=False),
    Column("is_margin", Boolean, nullable=False),
    Column("is_connect", Boolean, nullable=False),
    Column("tags", String(64), nullable=False),
    Column("indices", String(128), nullable=False),
    Column("old_code", String(6)),
    Column("currency", String(3), nullable=False),
    Column("reference_milli", BigInteger),
    Column("underlying", String(9)),
    Column("shares_outstanding", BigInteger),
    Column("shares_float", BigInteger),
    Column("eps_milli", BigInteger),
    Column("eps_ttm_milli", BigInteger),
    Column("eps_forward_milli", BigInteger),
    Column("net_assets_per_share_milli", BigInteger),
)

corporate_action_table = Table(
    "corporate_action",
    metadata,
    Column("symbol", String(9), primary_key=True),
    Column("ex_on", Date, primary_key=True),
    Column("cash_per_share", String(24), nullable=False),
    Column("bonus_per_share", String(24), nullable=False),
    Column("rights_per_share", String(24), nullable=False),
    Column("rights_price", String(24), nullable=False),
    Column("record_on", Date),
    Column("pay_on", Date),
    Column("announced_on", Date),
    Column("title", String(120), nullable=False),
    Column("reference_milli", BigInteger),
    Column("source", String(40), nullable=False, server_default=""),
    Column("fetched_at", UtcMoment),
    Column("state", String(12), nullable=False, server_default="confirmed"),
)

old_code_alias_table = Table(
    "old_code_alias",
    metadata,
    Column("old_code", String(6), primary_key=True),
    Column("symbol", String(9), nullable=False),
)

catalogue_version_table = Table(
    "catalogue_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row that rises with every change of the tables above; caches look at it."""

_TERMS = ("cash_per_share", "bonus_per_share", "rights_per_share", "rights_price")
_FUNDAMENTALS = tuple(field.name for field in fields(Fundamentals))


class MarketStore:
    """Reads and writes instruments and what happens to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def instruments(self) -> list[Instrument]:
        """All instruments by symbol, delisted ones included."""
        with self._database.read() as connection:
            query = select(instrument_table).order_by(instrument_table.c.symbol)
            rows = connection.execute(query).mappings().all()
        return [_instrument(row) for row in rows]

    def put_instruments(self, instruments: Iterable[Instrument]) -> int:
        """Add instruments or replace those of the same symbol; returns how many were given.

        An instrument with an old code also becomes findable under it.
        """
        given = list(instruments)
        aliases = {each.old_code: each.symbol for each in given if each.old_code}
        with self._database.write() as connection:
            put(connection, instrument_table, [_instrument_row(each) for each in given])
            put(connection, old_code_alias_table, _alias_rows(aliases))
            _note_change(connection)
        return len(given)

    def actions(
        self, symbol: str | None = None, *, since: date | None = None
    ) -> list[CorporateAction]:
        """Corporate actions in order of their ex day, cancelled ones too, of one or of all."""
        table = corporate_action_table
        query = select(table).order_by(table.c.ex_on, table.c.symbol)
        if symbol is not None:
            query = query.where(table.c.symbol == symbol)
        if since is not None:
            query = query.where(table.c.ex_on >= since)
        with self._database.read() as connection:
            return [_action(row) for row in connection.execute(query).mappings().all()]

    def put_actions(self, actions: Iterable[CorporateAction]) -> int:
        """Add actions or replace those of the same symbol and ex day; returns how many."""
        rows = [_action_row(each) for each in actions]
        with self._database.write() as connection:
            put(connection, corporate_action_table, rows)
            _note_change(connection)
        return len(rows)

    def aliases(self) -> dict[str, str]:
        """Symbol by code that is no longer in use (BSE codes before 920)."""
        with self._database.read() as connection:
            rows = connection.execute(select(old_code_alias_table)).all()
        return {row.old_code: row.symbol for row in rows}

    def put_aliases(self, symbol_by_old_code: Mapping[str, str]) -> int:
        """Add codes that were changed; returns how many were given."""
        with self._database.write() as connection:
            put(connection, old_code_alias_table, _alias_rows(symbol_by_old_code))
            _note_change(connection)
        return len(symbol_by_old_code)

    def version(self) -> int:
        """A number that rises whenever instruments, actions or old codes change; 0 at first."""
        with self._database.read() as connection:
            found = connection.execute(select(catalogue_version_table.c.version)).scalar()
        return found or 0


def _note_change(connection: Connection) -> None:
    table = catalogue_version_table
    raised = connection.execute(table.update().values(version=table.c.version + 1))
    if not raised.rowcount:
        connection.execute(table.insert().values(id=1, version=1))


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, replacing those that have the same primary key, on either database."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key.columns]
    for start in range(0, len(rows), ROWS_PER_STATEMENT_MAX):
        insert = dialect.insert(table)
        others = {
            column.name: insert.excluded[column.name]
            for column in table.columns
            if column.name not in keys
        }
        statement = insert.on_conflict_do_update(index_elements=keys, set_=others)
        connection.execute(statement, list(rows[start : start + ROWS_PER_STATEMENT_MAX]))


def _instrument(row: RowMapping) -> Instrument:
    values = dict(row)
    fundamentals = Fundamentals(**{name: values.pop(name) for name in _FUNDAMENTALS})
    values |= {
        "board": Board(values["board"]),
        "product": Product(values["product"]),
        "status": ListingStatus(values["status"]),
        "tags": tuple(values["tags"].split()),
        "indices": tuple(values["indices"].split()),
    }
    return Instrument(**values, fundamentals=fundamentals)


def _instrument_row(instrument: Instrument) -> dict[str, Any]:
    values: dict[str, Any] = asdict(instrument)
    fundamentals: dict[str, Any] = values.pop("fundamentals")
    values |= {
        "board": instrument.board.value,
        "product": instrument.product.value,
        "status": instrument.status.value,
        "tags": _LIST_SEPARATOR.join(instrument.tags),
        "indices": _LIST_SEPARATOR.join(instrument.indices),
    }
    return values | fundamentals


def _action(row: RowMapping) -> CorporateAction:
    values = dict(row)
    terms = {name: Decimal(values[name]) for name in _TERMS}
    return CorporateAction(**values | terms | {"state": EventState(values["state"])})


def _action_row(action: CorporateAction) -> dict[str, Any]:
    values: dict[str, Any] = asdict(action)
    terms = {name: format(values[name].normalize(), "f") for name in _TERMS}
    return values | terms | {"state": action.state.value}


def _alias_rows(symbol_by_old_code: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"old_code": old, "symbol": symbol} for old, symbol in symbol_by_old_code.items()]
