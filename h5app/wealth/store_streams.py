"""Tables of learned streams: streams, their payments, their expected payments, learnt accounts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    select,
    update,
)

from h5app.plumbing.db import UtcMoment, metadata
from h5app.wealth.model import EntryClass
from h5app.wealth.store import ID, upsert, upsert_many
from h5app.wealth.stream_model import (
    Forecast,
    ForecastState,
    KeptStream,
    Matched,
    OwnWords,
    StreamFacts,
    StreamStatus,
    StreamWord,
)

account_table = Table(
    "wealth_account",
    metadata,
    Column("account_id", String(20), primary_key=True),
    Column("is_bound", Boolean, nullable=False),
    Column("learned_on", Date),
    Column("settled_until", Date),
    Column("ledger_mark", String(64), nullable=False, server_default=""),
    Index("ix_wealth_account_learned", "is_bound", "learned_on"),
)
"""Accounts whose cash ledger is learned from. While the ledger's mark stays and `settled_until` is
not past, nothing can have changed."""

stream_table = Table(
    "wealth_stream",
    metadata,
    Column("stream_id", ID, primary_key=True, autoincrement=True),
    Column("account_id", String(20), nullable=False),
    Column("is_income", Boolean, nullable=False),
    Column("title", String(60), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(10), nullable=False),
    Column("word", String(10), nullable=False),
    Column("cadence", String(40), nullable=False),
    Column("count", Integer, nullable=False),
    Column("chance", Integer, nullable=False),
    Column("order_reference", String(80), nullable=False, server_default=""),
    Column("known_at", UtcMoment, nullable=False),
    Column("own_title", String(40)),
    Column("own_kind", String(16)),
    Column("own_lead_days", Integer),
    Column("own_sequence", Integer, nullable=False, server_default="0"),
    Index("ix_wealth_stream_account", "account_id", "stream_id"),
)
"""A dismissed stream stays as a tombstone: it keeps the identity that would be found again."""

payment_table = Table(
    "wealth_stream_payment",
    metadata,
    Column("stream_id", ID, ForeignKey("wealth_stream.stream_id"), primary_key=True),
    Column("reference", String(80), primary_key=True),
    Column("paid_on", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
)

forecast_table = Table(
    "wealth_forecast",
    metadata,
    Column("stream_id", ID, ForeignKey("wealth_stream.stream_id"), primary_key=True),
    Column("nominal_on", Date, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("earliest_on", Date, nullable=False),
    Column("low_fen", BigInteger, nullable=False),
    Column("high_fen", BigInteger, nullable=False),
    Column("chance", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("paid_on", Date),
    Column("paid_reference", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
)
"""Expected payments. `nominal_on` is the identity: it stays when a better date is learned."""

_FACTS = ("is_income", "title", "kind", "status", "cadence", "count", "chance", "order_reference")
_FORECAST = tuple(Forecast.__dataclass_fields__)


# Accounts


def put_account(connection: Connection, account_id: str) -> None:
    """Note an account; nothing changes when it is known."""
    upsert(connection, account_table, {"account_id": account_id, "is_bound": True})


def set_bound(connection: Connection, account_id: str, *, is_bound: bool) -> None:
    """Note that an account is bound, or no longer."""
    values = {"account_id": account_id, "is_bound": is_bound}
    upsert(connection, account_table, values, {"is_bound": is_bound})


def due_accounts(connection: Connection, today: date, count_max: int, after: str) -> list[str]:
    """Return bound accounts that were not learned from today, by id, from behind `after`."""
    c = account_table.c
    rows = connection.execute(
        select(c.account_id)
        .where(c.is_bound.is_(True), c.account_id > after)
        .where(c.learned_on.is_(None) | (c.learned_on < today))
        .order_by(c.account_id)
        .limit(count_max)
    )
    return [row.account_id for row in rows]


def account(connection: Connection, account_id: str) -> Row[Any] | None:
    """Return what an account was learned up to."""
    return connection.execute(
        select(account_table).where(account_table.c.account_id == account_id)
    ).first()


def lock_account(connection: Connection, account_id: str) -> None:
    """Keep other learners out of this account until the transaction ends."""
    c = account_table.c
    connection.execute(
        select(c.account_id).where(c.account_id == account_id).with_for_update()
    ).first()


def set_learned(connection: Connection, account_id: str, **values: object) -> None:
    """Note what an account was learned up to."""
    connection.execute(
        update(account_table).where(account_table.c.account_id == account_id).values(**values)
    )


# Streams


def move_streams(connection: Connection, from_account: str, to_account: str) -> int:
    """Give the streams of one account to another; return how many there were."""
    c = stream_table.c
    moved = connection.execute(
        update(stream_table).where(c.account_id == from_account).values(account_id=to_account)
    )
    return moved.rowcount


def streams(connection: Connection, account_id: str) -> list[KeptStream]:
    """Return the streams of an account, dismissed and ended ones too."""
    c = stream_table.c
    rows = connection.execute(
        select(stream_table).where(c.account_id == account_id).order_by(c.stream_id)
    )
    return [_stream(row) for row in rows]


def stream(connection: Connection, account_id: str, stream_id: int) -> KeptStream | None:
    """Return one stream of an account."""
    c = stream_table.c
    row = connection.execute(
        select(stream_table).where(c.account_id == account_id, c.stream_id == stream_id)
    ).first()
    return None if row is None else _stream(row)


def add_stream(
    connection: Connection, account_id: str, facts: StreamFacts, word: StreamWord, now: datetime
) -> int:
    """Add a stream; return its number."""
    values = _facts_values(facts) | {"account_id": account_id, "word": word.value, "known_at": now}
    added = connection.execute(
        stream_table.insert().values(**values).returning(stream_table.c.stream_id)
    )
    return int(added.scalar_one())


def change_stream(
    connection: Connection,
    stream_id: int,
    facts: StreamFacts | None = None,
    word: StreamWord | None = None,
    known_at: datetime | None = None,
) -> None:
    """Set what is given of a stream."""
    values = _facts_values(facts) if facts else {}
    if word is not None:
        values["word"] = word.value
    if known_at is not None:
        values["known_at"] = known_at
    connection.execute(
        update(stream_table).where(stream_table.c.stream_id == stream_id).values(**values)
    )


def _facts_values(facts: StreamFacts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in _FACTS}
    return values | {"kind": facts.kind.value, "status": facts.status.value}


def _stream(row: Row[Any]) -> KeptStream:
    values = {name: getattr(row, name) for name in _FACTS if name != "count"}
    values |= {"count": row._mapping["count"]}  # noqa: SLF001 - SQLAlchemy's public name
    values |= {"kind": EntryClass(row.kind), "status": StreamStatus(row.status)}
    return KeptStream(
        stream_id=row.stream_id,
        account_id=row.account_id,
        facts=StreamFacts(**values),
        word=StreamWord(row.word),
        known_at=row.known_at,
        own=OwnWords(
            title=row.own_title,
            kind=EntryClass(row.own_kind) if row.own_kind else None,
            lead_days=row.own_lead_days,
            sequence=row.own_sequence,
        ),
    )


def set_words(connection: Connection, stream_id: int, own: OwnWords) -> None:
    """Keep what the customer calls a stream."""
    connection.execute(
        update(stream_table)
        .where(stream_table.c.stream_id == stream_id)
        .values(
            own_title=own.title,
            own_kind=own.kind.value if own.kind else None,
            own_lead_days=own.lead_days,
            own_sequence=stream_table.c.own_sequence + 1,
        )
    )


# Payments of streams


def payments(connection: Connection, stream_ids: Sequence[int]) -> dict[int, list[Matched]]:
    """Return the payments of streams, oldest first."""
    c = payment_table.c
    rows = connection.execute(
        select(payment_table).where(c.stream_id.in_(stream_ids)).order_by(c.paid_on, c.reference)
    )
    found: dict[int, list[Matched]] = {stream_id: [] for stream_id in stream_ids}
    for row in rows:
        found[row.stream_id].append(
            Matched(reference=row.reference, on=row.paid_on, amount_fen=row.amount_fen)
        )
    return found


def replace_payments(
    connection: Connection, stream_id: int, old: Iterable[Matched], new: Iterable[Matched]
) -> None:
    """Bring the payments of a stream to `new`; unchanged ones are not touched."""
    was, becomes = set(old), set(new)
    c = payment_table.c
    gone = [each.reference for each in was - becomes]
    if gone:
        connection.execute(
            payment_table.delete().where(c.stream_id == stream_id, c.reference.in_(gone))
        )
    rows = [
        {
            "stream_id": stream_id,
            "reference": each.reference,
            "paid_on": each.on,
            "amount_fen": each.amount_fen,
        }
        for each in becomes - was
    ]
    if rows:
        connection.execute(payment_table.insert(), rows)


# Expected payments


def forecasts(
    connection: Connection,
    stream_ids: Sequence[int],
    first: date = date.min,
    last: date = date.max,
) -> dict[int, list[Forecast]]:
    """Return expected payments of streams that fall due from `first` to `last`, by day."""
    c = forecast_table.c
    query = select(forecast_table).where(
        c.stream_id.in_(stream_ids), c.due_on >= first, c.due_on <= last
    )
    found: dict[int, list[Forecast]] = {stream_id: [] for stream_id in stream_ids}
    for row in connection.execute(query.order_by(c.due_on, c.nominal_on)):
        values = {name: getattr(row, name) for name in _FORECAST}
        values["state"] = ForecastState(values["state"])
        found[row.stream_id].append(Forecast(**values))
    return found


def put_forecasts(
    connection: Connection, stream_id: int, changed: Iterable[Forecast], now: datetime
) -> None:
    """Insert expected payments, or replace those of the same nominal day."""
    rows = [
        {name: getattr(each, name) for name in _FORECAST}
        | {"state": each.state.value, "stream_id": stream_id, "changed_at": now}
        for each in changed
    ]
    upsert_many(connection, forecast_table, rows)


def withdraw_forecasts(connection: Connection, stream_id: int, now: datetime) -> None:
    """Withdraw everything that is still expected of a stream."""
    c = forecast_table.c
    connection.execute(
        update(forecast_table)
        .where(c.stream_id == stream_id, c.state == ForecastState.OPEN.value)
        .values(state=ForecastState.WITHDRAWN.value, sequence=c.sequence + 1, changed_at=now)
    )
