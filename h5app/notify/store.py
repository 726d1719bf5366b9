"""Tables of the inbox, of deliveries and of preferences."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from h5app.plumbing.db import UtcMoment, metadata

_ID = BigInteger().with_variant(Integer, "sqlite")

inbox = Table(
    "notify_inbox",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("customer_id", String(64), nullable=False),
    Column("dedupe_key", String(120), nullable=False),
    Column("open_key", String(24), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("title", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("link_path", String(200), nullable=False),
    Column("told_at", UtcMoment, nullable=False),
    Column("is_read", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("customer_id", "dedupe_key"),
    UniqueConstraint("customer_id", "open_key"),
    Index("ix_notify_inbox_customer", "customer_id", "id"),
)
"""Everything anybody was ever told, by the market clock."""

delivery = Table(
    "notify_delivery",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("notice_id", _ID, ForeignKey("notify_inbox.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("may_go_at", UtcMoment, nullable=False),
    Column("try_at", UtcMoment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", UtcMoment),
    Column("code", String(32), nullable=False, server_default=""),
    Column("reference", String(64), nullable=False, server_default=""),
    Column("ended_at", UtcMoment),
    UniqueConstraint("notice_id", "channel"),
    Index("ix_notify_delivery_waiting", "state", "try_at"),
    Index("ix_notify_delivery_reference", "reference"),
)
"""One row per notice and way. `may_go_at` is market time (quiet hours), `try_at` wall time."""

preference = Table(
    "notify_preference",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("kinds_off", Text, nullable=False, server_default=""),
    Column("shows_private", Boolean, nullable=False, server_default="0"),
)
"""What a customer switched off, as comma-separated kinds."""
