"""Fixed statements on the ledger, its balances, positions and the journal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from h5app.counter.posting import Line
from h5app.plumbing.db import Sql
from h5app.plumbing.outbox import PUBLISH
from h5app.plumbing.sql import Inserts

_INSERT_LINE = Sql(
    "INSERT INTO counter_ledger (transfer, line, account_id, unit, source_pot, target_pot, amount,"
    " kind, order_id, fill_id, on_day, counterparty, memo, at_us)"
    " VALUES (:transfer, :line, :account_id, :unit, :source_pot, :target_pot, :amount,"
    " :kind, :order_id, :fill_id, :on_day, :counterparty, :memo, :at_us)"
)
_TRANSFER = Sql(
    "SELECT kind, amount, unit FROM counter_ledger WHERE transfer = :transfer AND line = 1"
)
_BALANCES = Sql("SELECT unit, pot, amount FROM counter_balances WHERE account_id = :account_id")
_BALANCES_OF = Sql(
    "SELECT unit, pot, amount FROM counter_balances"
    " WHERE account_id = :account_id AND unit IN ('CNY', :symbol)"
)
_TODAY_NET = Sql(
    "SELECT COALESCE(SUM(CASE WHEN target_pot IN ('available','frozen') THEN amount"
    " ELSE -amount END), 0) FROM counter_ledger"
    " WHERE account_id = :account_id AND on_day = :day AND unit = 'CNY'"
    " AND kind IN ('buy','sell','fee')"
)
_CASH_SINCE = Sql(
    "SELECT line_id, on_day, kind, counterparty, memo, amount, target_pot"
    " FROM counter_ledger WHERE account_id = :account_id AND on_day >= :since AND unit = 'CNY'"
    " AND kind NOT IN ('freeze','release') ORDER BY on_day, line_id"
)
_SETTLING = Sql(
    "SELECT b.account_id, b.unit, b.amount - COALESCE((SELECT SUM(CASE"
    " WHEN l.target_pot = 'settling' THEN l.amount ELSE -l.amount END) FROM counter_ledger l"
    " WHERE l.account_id = b.account_id AND l.unit = b.unit AND l.on_day >= :day"
    " AND 'settling' IN (l.source_pot, l.target_pot)), 0)"
    " FROM counter_balances b WHERE b.pot = 'settling' AND b.amount > 0"
    " ORDER BY b.account_id, b.unit"
)
_ADVANCED = Sql(
    "SELECT DISTINCT account_id FROM counter_balances"
    " WHERE pot = 'house:advance' AND amount < 0 ORDER BY account_id"
)
_SETTLING_OF = Sql(
    "SELECT b.unit, b.amount - COALESCE((SELECT SUM(CASE"
    " WHEN l.target_pot = 'settling' THEN l.amount ELSE -l.amount END) FROM counter_ledger l"
    " WHERE l.account_id = b.account_id AND l.unit = b.unit AND l.on_day >= :day"
    " AND 'settling' IN (l.source_pot, l.target_pot)), 0)"
    " FROM counter_balances b WHERE b.account_id = :account_id"
    " AND b.pot = 'settling' AND b.amount > 0 ORDER BY b.unit"
)
_ADD = (
    "INSERT INTO counter_positions (account_id, symbol, bought_fen, bought_shares, sold_fen,"
    " fees_fen) VALUES (:account_id, :symbol, :bought_fen, :bought_shares, :sold_fen, :fees_fen)"
    " ON CONFLICT (account_id, symbol) DO UPDATE SET "
)
_ADD_TO_POSITION = Sql(
    _ADD
    + ", ".join(
        f"{name} = counter_positions.{name} + excluded.{name}"
        for name in ("bought_fen", "bought_shares", "sold_fen", "fees_fen")
    )
)
_BEGIN_POSITION = Sql(
    _ADD
    + ", ".join(
        f"{name} = excluded.{name}"
        for name in ("bought_fen", "bought_shares", "sold_fen", "fees_fen")
    )
)
_POSITIONS = Sql(
    "SELECT symbol, bought_fen, bought_shares, sold_fen, fees_fen"
    " FROM counter_positions WHERE account_id = :account_id ORDER BY symbol"
)
_WRITE = Sql(
    "INSERT INTO counter_journal (kind, account_id, order_id, body, at_us)"
    " VALUES (:kind, :account_id, :order_id, :body, :at_us)"
)
_WRITE_REPORT = Sql(
    "INSERT INTO counter_journal (kind, account_id, order_id, venue, execution_id, body, at_us)"
    " VALUES ('report',"
    " (SELECT account_id FROM counter_orders WHERE order_id = :order_id),"
    " :order_id, :venue, :execution_id, :body, :at_us)"
    " ON CONFLICT (venue, execution_id) WHERE execution_id IS NOT NULL DO NOTHING"
    " RETURNING seq, account_id"
)
_APPLY = Sql(
    "INSERT INTO counter_journal (kind, account_id, order_id, applies, body, at_us)"
    " VALUES ('apply', :account_id, :order_id, :applies, :body, :at_us)"
    " ON CONFLICT (applies) WHERE applies IS NOT NULL DO NOTHING RETURNING seq"
)
_WAITING = Sql(
    "SELECT r.seq, r.account_id, r.order_id, r.venue, r.body FROM counter_journal r"
    " LEFT JOIN counter_journal a ON a.applies = r.seq"
    " WHERE r.kind = 'report' AND a.seq IS NULL ORDER BY r.at_us, r.seq"
)
_REPORTS_SINCE = Sql(
    "SELECT body FROM counter_journal"
    " WHERE kind = 'report' AND at_us >= :since_us AND venue = :venue ORDER BY at_us, seq"
)
_PLACED = Inserts(_INSERT_LINE, _WRITE, PUBLISH)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What the lines of one transfer have in common; `transfer` is unique for all time."""

    transfer: str
    account_id: str
    on_day: str
    at_us: int
    order_id: int | None = None
    fill_id: int | None = None
    counterparty: str = ""
    memo: str = ""


def _rows(posting: Posting, lines: Iterable[Line]) -> list[Mapping[str, object]]:
    return [
        {
            "transfer": posting.transfer,
            "line": number,
            "account_id": posting.account_id,
            "unit": line.unit,
            "source_pot": line.source,
            "target_pot": line.target,
            "amount": line.amount,
            "kind": line.kind,
            "order_id": posting.order_id,
            "fill_id": posting.fill_id,
            "on_day": posting.on_day,
            "counterparty": posting.counterparty,
            "memo": posting.memo,
            "at_us": posting.at_us,
        }
        for number, line in enumerate(lines, start=1)
    ]


def post(connection: Connection, posting: Posting, lines: Iterable[Line]) -> None:
    """Write the lines of a transfer; balances follow by the ledger's own trigger."""
    rows = _rows(posting, lines)
    if len(rows) == 1:
        _INSERT_LINE.change(connection, **rows[0])
    elif rows:
        _INSERT_LINE.run_many(connection, rows)


def transfer(connection: Connection, name: str) -> Row[Any] | None:
    """Return kind, amount and unit of a transfer's first line, or None when it never happened."""
    return _TRANSFER.run(connection, transfer=name).first()


def balances(connection: Connection, account_id: str) -> dict[tuple[str, str], int]:
    """Return all pots of an account by unit and pot."""
    rows: Iterable[Any] = _BALANCES.run(connection, account_id=account_id)
    return {(unit, pot): amount for unit, pot, amount in rows}


def balances_of(connection: Connection, account_id: str, symbol: str) -> dict[tuple[str, str], int]:
    """Return the pots of cash and of one symbol by unit and pot."""
    rows: Iterable[Any] = _BALANCES_OF.run(connection, account_id=account_id, symbol=symbol)
    return {(unit, pot): amount for unit, pot, amount in rows}


def traded_net_fen(connection: Connection, account_id: str, day: str) -> int:
    """Return what trades of a day brought in (+) or took (-), fees included."""
    return int(_TODAY_NET.run(connection, account_id=account_id, day=day).scalar_one())


def cash_since(connection: Connection, account_id: str, since: str) -> Sequence[Row[Any]]:
    """Return the movements of cash since a day, oldest first; frozen money is none."""
    return _CASH_SINCE.run(connection, account_id=account_id, since=since).all()


def accounts_settling(connection: Connection, day: str) -> list[str]:
    """Return the accounts with shares that were bought before a day and still settle."""
    rows: Iterable[Any] = _SETTLING.run(connection, day=day)
    return sorted({account_id for account_id, _, amount in rows if amount > 0})


def accounts_advanced(connection: Connection) -> list[str]:
    """Return the accounts that the broker laid something out for."""
    rows: Iterable[Any] = _ADVANCED.run(connection)
    return [row[0] for row in rows]


def settling_of(connection: Connection, account_id: str, day: str) -> list[tuple[str, int]]:
    """Return symbol and shares of an account that were bought before a day and still settle."""
    rows: Iterable[Any] = _SETTLING_OF.run(connection, account_id=account_id, day=day)
    return [(unit, int(amount)) for unit, amount in rows if amount > 0]


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """What a trade adds to the cost figures of a position; negative when it is taken back."""

    bought_fen: int = 0
    bought_shares: int = 0
    sold_fen: int = 0
    fees_fen: int = 0


def change_cost(
    connection: Connection, account_id: str, symbol: str, change: CostChange, *, begins: bool
) -> None:
    """Add to a position's figures; `begins` forgets those of an earlier, emptied position."""
    statement = _BEGIN_POSITION if begins else _ADD_TO_POSITION
    statement.run(
        connection,
        account_id=account_id,
        symbol=symbol,
        bought_fen=change.bought_fen,
        bought_shares=change.bought_shares,
        sold_fen=change.sold_fen,
        fees_fen=change.fees_fen,
    )


def positions(connection: Connection, account_id: str) -> Sequence[Row[Any]]:
    """Return the cost figures of an account by symbol."""
    return _POSITIONS.run(connection, account_id=account_id).all()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the journal, apart from a venue's raw report."""

    kind: str
    account_id: str | None = None
    order_id: int | None = None
    body: Mapping[str, Any]
    at_us: int


def write(connection: Connection, entry: Entry) -> None:
    """Append to the journal."""
    _WRITE.change(connection, **_entry_row(entry))


def _entry_row(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "account_id": entry.account_id,
        "order_id": entry.order_id,
        "body": as_text(entry.body),
        "at_us": entry.at_us,
    }


def write_placed(
    connection: Connection,
    frozen: tuple[Posting, Line],
    entry: Entry,
    fact: Mapping[str, object],
) -> None:
    """Write what a new order leaves behind: its frozen line, the journal's row, the fact."""
    posting, line = frozen
    _PLACED.run(connection, _rows(posting, [line])[0], _entry_row(entry), fact)


@dataclass(frozen=True, kw_only=True)
class RawReport:
    """A venue's report as it stands in the journal."""

    seq: int
    account_id: str | None
    order_id: int
    venue: str
    body: dict[str, Any]


def write_report(
    connection: Connection, venue: str, body: dict[str, Any], at_us: int
) -> RawReport | None:
    """Append a raw report; None when the venue said the same thing before."""
    row = _WRITE_REPORT.run(
        connection,
        order_id=body["order_id"],
        venue=venue,
        execution_id=body["execution_id"],
        body=as_text(body),
        at_us=at_us,
    ).first()
    if row is None:
        return None
    return RawReport(
        seq=row.seq,
        account_id=row.account_id,
        order_id=body["order_id"],
        venue=venue,
        body=body,
    )


def write_applied(
    connection: Connection, raw: RawReport, body: Mapping[str, Any], at_us: int
) -> bool:
    """Note that a report takes effect in this transaction; False when it did so before."""
    found = _APPLY.run(
        connection,
        account_id=raw.account_id,
        order_id=raw.order_id,
        applies=raw.seq,
        body=as_text(body),
        at_us=at_us,
    )
    return found.scalar_one_or_none() is not None


def waiting_reports(connection: Connection) -> list[RawReport]:
    """Return the reports that had no effect yet, in their order."""
    rows: Iterable[Any] = _WAITING.run(connection)
    return [
        RawReport(
            seq=seq, account_id=account_id, order_id=order_id, venue=venue, body=json.loads(body)
        )
        for seq, account_id, order_id, venue, body in rows
    ]


def reports_since(connection: Connection, venue: str, since_us: int) -> list[dict[str, Any]]:
    """Return the raw reports of a venue since a moment, in their order."""
    rows: Iterable[Any] = _REPORTS_SINCE.run(connection, venue=venue, since_us=since_us)
    return [json.loads(body) for (body,) in rows]


def as_text(body: Mapping[str, Any]) -> str:
    """Return JSON as the journal keeps it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
