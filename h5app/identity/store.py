"""Tables of identity: customers, openids, sessions, devices, attempts, codes, consents, the trail.

Tokens stand here only as hashes. In the session, which is read with every request, moments are
microseconds since 1970 by the wall clock (`*_us`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from h5app.plumbing.db import Sql, UtcMoment, metadata

_ID = BigInteger().with_variant(Integer, "sqlite")
USER_AGENT_LENGTH_MAX = 200
ADDRESS_LENGTH_MAX = 45

customer = Table(
    "identity_customer",
    metadata,
    Column("number", _ID, primary_key=True, autoincrement=True),
    Column("customer_id", String(16), unique=True),
    Column("account_id", String(32), unique=True),
    Column("merged_into", String(16)),
    Column("look", String(60), nullable=False, server_default=""),
    Column("created_at", UtcMoment, nullable=False),
)
"""One row per customer. `customer_id` is c and the number; it is empty only inside the transaction
that makes the row. The fund account's customer stays with the account when an openid leaves it."""

openid = Table(
    "identity_openid",
    metadata,
    Column("openid", String(64), primary_key=True),
    Column("customer_id", String(16), nullable=False, index=True),
    Column("first_seen_at", UtcMoment, nullable=False),
    Column("bound_at", UtcMoment),
)
"""Whose an openid is. It is bound when its customer has a fund account."""

session = Table(
    "identity_session",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("previous_token_hash", String(64)),
    Column("previous_until_us", BigInteger, nullable=False, server_default="0"),
    Column("customer_id", String(16), nullable=False),
    Column("openid", String(64)),
    Column("account_id", String(32)),
    Column("stepped_up_until_us", BigInteger, nullable=False, server_default="0"),
    Column("created_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Column("idle_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("ended_why", String(20), nullable=False, server_default=""),
    Column("user_agent", String(USER_AGENT_LENGTH_MAX), nullable=False, server_default=""),
    Column("address", String(ADDRESS_LENGTH_MAX), nullable=False, server_default=""),
    Column("device_hash", String(64), nullable=False, server_default=""),
    Index("ix_identity_session_previous", "previous_token_hash"),
    Index("ix_identity_session_customer", "customer_id", "ended_us"),
    Index("ix_identity_session_openid", "openid"),
    Index("ix_identity_session_account", "account_id"),
    Index("ix_identity_session_expires", "expires_us"),
)
"""One row per sign-in. `account_id` is set when the fund account is reached through it."""

device = Table(
    "identity_device",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("device_hash", String(64), nullable=False),
    Column("account_id", String(32), nullable=False),
    Column("name", String(60), nullable=False),
    Column("first_seen_at", UtcMoment, nullable=False),
    Column("last_seen_at", UtcMoment, nullable=False),
    UniqueConstraint("device_hash", "account_id"),
    Index("ix_identity_device_account", "account_id"),
)
"""Browsers in which a one-time code was given for an account; a removed one is asked again."""

attempt = Table(
    "identity_attempt",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("started_at", UtcMoment, nullable=False),
    Column("locked_until", UtcMoment),
)
"""Wrong passwords per scope and subject; subjects are keyed hashes, for people mistype secrets."""

code = Table(
    "identity_code",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("account_id", String(32), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("asker_hash", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("expires_at", UtcMoment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("is_over", Boolean, nullable=False, server_default="0"),
    Index("ix_identity_code_account", "account_id", "created_at"),
)
"""One-time codes, as keyed hashes, each for one purpose and one asker (openid or device)."""

consent = Table(
    "identity_consent",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("customer_id", String(16), nullable=False),
    Column("document", String(40), nullable=False),
    Column("version", String(20), nullable=False),
    Column("accepted_at", UtcMoment, nullable=False),
    Index("ix_identity_consent_customer", "customer_id"),
)
"""What was read and accepted, in which wording, and when."""

trail = Table(
    "identity_trail",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("at", UtcMoment, nullable=False),
    Column("action", String(40), nullable=False),
    Column("result", String(60), nullable=False),
    Column("customer_id", String(16), nullable=False, server_default=""),
    Column("account_tail", String(8), nullable=False, server_default=""),
    Column("address", String(ADDRESS_LENGTH_MAX), nullable=False, server_default=""),
    Column("device", String(60), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_identity_trail_customer", "customer_id", "at"),
    Index("ix_identity_trail_at", "at"),
)
"""The audit trail: who did what, from where, and how it ended. Rows are never changed."""

FIND_SESSION = Sql(
    "SELECT id, token_hash, previous_until_us, customer_id, openid, account_id,"
    " stepped_up_until_us, seen_us, idle_us, expires_us, ended_us"
    " FROM identity_session WHERE token_hash = :hash OR previous_token_hash = :hash"
)
TOUCH_SESSION = Sql(
    "UPDATE identity_session SET seen_us = :now WHERE id = :id AND seen_us <= :before"
)
LOCK_SESSION = Sql(
    "UPDATE identity_session SET stepped_up_until_us = 0"
    " WHERE id = :id AND ended_us IS NULL AND stepped_up_until_us > :now"
)
END_SESSION = Sql(
    "UPDATE identity_session SET ended_us = :now, ended_why = :why"
    " WHERE id = :id AND ended_us IS NULL"
)
