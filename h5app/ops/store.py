"""Tables of the console: operators, their sessions, wrong tries, and the trail."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from h5app.plumbing.db import UtcMoment, metadata

_ID = BigInteger().with_variant(Integer, "sqlite")

operator = Table(
    "ops_operator",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("totp_sealed", String(200)),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("added_at", UtcMoment, nullable=False),
)
"""Staff. `totp_sealed` is the encrypted secret of dynamic codes, `totp_step` the last one used."""

session = Table(
    "ops_session",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", String(32), ForeignKey("ops_operator.name"), nullable=False),
    Column("began_at", UtcMoment, nullable=False),
    Column("seen_at", UtcMoment, nullable=False),
    Column("ended_at", UtcMoment),
    Index("ix_ops_session_began", "began_at"),
)
"""One row per sign-in; tokens stand here as SHA-256."""

attempt = Table(
    "ops_attempt",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("started_at", UtcMoment, nullable=False),
)
"""Wrong tries per name and address together, and per address."""

trail = Table(
    "ops_trail",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("at", UtcMoment, nullable=False),
    Column("name", String(32), nullable=False),
    Column("action", String(40), nullable=False),
    Column("result", String(60), nullable=False),
    Column("address", String(45), nullable=False, server_default=""),
    Index("ix_ops_trail_at", "at"),
)
"""What staff did; rows are never changed."""
