"""Fixed statements on accounts, their contracts, and the trading days of the books."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from h5app.counter.fees import FeeProfile
from h5app.counter.model import NewAccount
from h5app.plumbing.db import Sql

_LOCK = Sql(
    "UPDATE counter_accounts SET version = version + 1"
    " WHERE account_id = :account_id AND status = 'open'"
)
_INSERT = Sql(
    "INSERT INTO counter_accounts (account_id, holder_name, phone, password_hash, risk_level,"
    " permissions, opened_on) VALUES (:account_id, :holder_name, :phone, :password_hash,"
    " :risk_level, :permissions, :opened_on) ON CONFLICT (account_id) DO NOTHING"
)
_ACCOUNT_IDS = Sql(
    "SELECT account_id FROM counter_accounts WHERE account_id > :after"
    " ORDER BY account_id LIMIT :rows"
)
_ACCOUNT = Sql(
    "SELECT account_id, holder_name, phone, password_hash, status, risk_level, permissions,"
    " opened_on, fee_version FROM counter_accounts WHERE account_id = :account_id"
)
_INSERT_PROFILE = Sql(
    "INSERT INTO counter_fee_profiles (account_id, version, effective_on, terms)"
    " VALUES (:account_id, :version, :effective_on, :terms)"
)
_SET_PROFILE = Sql(
    "UPDATE counter_accounts SET fee_version = :version WHERE account_id = :account_id"
)
_PROFILE = Sql(
    "SELECT terms FROM counter_fee_profiles WHERE account_id = :account_id AND version = :version"
)
_PLACING = Sql(
    "SELECT a.risk_level, a.permissions, a.fee_version,"
    " (SELECT order_id FROM counter_orders WHERE account_id = :account_id"
    "  AND client_order_id = :client_order_id),"
    " (SELECT amount FROM counter_balances WHERE account_id = :account_id"
    "  AND unit = 'CNY' AND pot = 'available'),"
    " (SELECT amount FROM counter_balances WHERE account_id = :account_id"
    "  AND unit = :symbol AND pot = 'sellable')"
    " FROM counter_accounts a WHERE a.account_id = :account_id"
)
_OPEN_DAY = Sql(
    "INSERT INTO counter_days (day, opened_us) VALUES (:day, :now_us) ON CONFLICT (day) DO NOTHING"
)
_CLOSE_DAY = Sql(
    "UPDATE counter_days SET closed_us = :now_us WHERE day = :day AND closed_us IS NULL"
)
_DAYS = Sql("SELECT day, closed_us FROM counter_days ORDER BY day DESC LIMIT 2")
_UNCLOSED = Sql("SELECT day FROM counter_days WHERE closed_us IS NULL ORDER BY day")
_LAST_OPENED = Sql("SELECT MAX(day) FROM counter_days")


@dataclass(frozen=True, slots=True)
class Purview:
    """What placing an order looks at, read once the account is locked."""

    risk_level: int
    permissions: str
    fee_version: int
    known_order_id: int | None
    available_fen: int
    sellable_shares: int


def lock(connection: Connection, account_id: str) -> bool:
    """Take the lock of an open account until the transaction ends; False when there is none."""
    return _LOCK.change(connection, account_id=account_id) == 1


def insert(connection: Connection, account: NewAccount, password_hash: str) -> bool:
    """Store an account with version 0 of its books; False when the number is taken."""
    done = _INSERT.run(
        connection,
        account_id=account.fund_account,
        holder_name=account.holder_name,
        phone=account.phone,
        password_hash=password_hash,
        risk_level=account.risk_level,
        permissions=",".join(sorted(account.permissions)),
        opened_on=account.opened_on.isoformat(),
    )
    return done.rowcount == 1


def account(connection: Connection, account_id: str) -> Row[Any] | None:
    """Return the row of an account."""
    return _ACCOUNT.run(connection, account_id=account_id).first()


def account_ids(connection: Connection, after: str, rows: int) -> list[str]:
    """Return so many accounts behind another one."""
    return [row[0] for row in _ACCOUNT_IDS.run(connection, after=after, rows=rows)]


def add_profile(connection: Connection, account_id: str, profile: FeeProfile) -> None:
    """Store a version of what was agreed, and make it the present one."""
    _INSERT_PROFILE.run(
        connection,
        account_id=account_id,
        version=profile.version,
        effective_on=profile.effective_on.isoformat(),
        terms=json.dumps(profile.as_plain(), ensure_ascii=False, sort_keys=True),
    )
    _SET_PROFILE.run(connection, account_id=account_id, version=profile.version)


def profile(connection: Connection, account_id: str, version: int) -> FeeProfile:
    """Return a version of what was agreed."""
    terms = _PROFILE.run(connection, account_id=account_id, version=version).scalar_one()
    return FeeProfile.from_plain(json.loads(terms))


def purview(connection: Connection, account_id: str, client_order_id: str, symbol: str) -> Purview:
    """Return what placing needs; a statement of its own after the lock, so that it sees all."""
    row = _PLACING.row(
        connection, account_id=account_id, client_order_id=client_order_id, symbol=symbol
    )
    assert row is not None, "the purview of an account that is not locked"
    return Purview(row[0], row[1], row[2], row[3], row[4] or 0, row[5] or 0)


def open_day(connection: Connection, day: str, now_us: int) -> bool:
    """Note that a trading day began; False when it had."""
    return _OPEN_DAY.run(connection, day=day, now_us=now_us).rowcount == 1


def close_day(connection: Connection, day: str, now_us: int) -> bool:
    """Note that a trading day is over; False when it was, or never began."""
    return _CLOSE_DAY.run(connection, day=day, now_us=now_us).rowcount == 1


def last_days(connection: Connection) -> list[tuple[str, bool]]:
    """Return the two newest days of the books, newest first, and whether they are closed."""
    rows: Any = _DAYS.run(connection)
    return [(day, closed_us is not None) for day, closed_us in rows]


def unclosed_days(connection: Connection) -> list[str]:
    """Return the days that began and are not closed, oldest first."""
    return [row[0] for row in _UNCLOSED.run(connection)]


def last_opened(connection: Connection) -> str:
    """Return the newest day of the books; empty before the first."""
    return _LAST_OPENED.run(connection).scalar_one() or ""
