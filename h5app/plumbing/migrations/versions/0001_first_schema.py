"""The first schema: every table of every room, and the triggers that guard the books."""

import sqlalchemy as sa
from alembic import op

from h5app.counter.store import DDL_STATEMENTS
from h5app.plumbing.db import UtcMoment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "corporate_action",
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("ex_on", sa.Date(), nullable=False),
        sa.Column("cash_per_share", sa.String(length=24), nullable=False),
        sa.Column("bonus_per_share", sa.String(length=24), nullable=False),
        sa.Column("rights_per_share", sa.String(length=24), nullable=False),
        sa.Column("rights_price", sa.String(length=24), nullable=False),
        sa.Column("record_on", sa.Date(), nullable=True),
        sa.Column("pay_on", sa.Date(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("reference_milli", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), server_default="", nullable=False),
        sa.Column("fetched_at", UtcMoment(), nullable=True),
        sa.Column("state", sa.String(length=12), server_default="confirmed", nullable=False),
        sa.PrimaryKeyConstraint("symbol", "ex_on", name=op.f("pk_corporate_action")),
    )
    op.create_table(
        "counter_accounts",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("holder_name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("risk_level", sa.BigInteger(), nullable=False),
        sa.Column("permissions", sa.String(length=200), server_default="", nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=False),
        sa.Column("fee_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "status IN ('open','closed')", name=op.f("ck_counter_accounts_status_known")
        ),
        sa.CheckConstraint(
            "risk_level BETWEEN 1 AND 5", name=op.f("ck_counter_accounts_risk_level_known")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_counter_accounts")),
    )
    op.create_table(
        "counter_alarms",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "at_us", "problem", name=op.f("pk_counter_alarms")),
    )
    op.create_table(
        "counter_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("opened_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counter_days")),
    )
    op.create_table(
        "counter_journal",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("venue", sa.String(length=20), nullable=True),
        sa.Column("execution_id", sa.String(length=80), nullable=True),
        sa.Column("applies", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["applies"],
            ["counter_journal.seq"],
            name=op.f("fk_counter_journal_applies_counter_journal"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_counter_journal")),
    )
    op.create_index(
        "ix_counter_journal_reports",
        "counter_journal",
        ["at_us"],
        unique=False,
        sqlite_where=sa.text("kind = 'report'"),
        postgresql_where=sa.text("kind = 'report'"),
    )
    op.create_index(
        "uq_counter_journal_applies",
        "counter_journal",
        ["applies"],
        unique=True,
        sqlite_where=sa.text("applies IS NOT NULL"),
        postgresql_where=sa.text("applies IS NOT NULL"),
    )
    op.create_index(
        "uq_counter_journal_execution",
        "counter_journal",
        ["venue", "execution_id"],
        unique=True,
        sqlite_where=sa.text("execution_id IS NOT NULL"),
        postgresql_where=sa.text("execution_id IS NOT NULL"),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("market_at", UtcMoment(), nullable=False),
        sa.Column("wall_at", UtcMoment(), nullable=False),
        sa.Column("speed", sa.Integer(), nullable=False),
        sa.Column("reached_at", UtcMoment(), nullable=False),
        sa.Column("target_at", UtcMoment(), nullable=True),
        sa.Column("is_seeded", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(length=40), nullable=False),
        sa.Column("beaten_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "identity_attempt",
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcMoment(), nullable=False),
        sa.Column("locked_until", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_identity_attempt")),
    )
    op.create_table(
        "identity_code",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("asker_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_over", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_code")),
    )
    op.create_index(
        "ix_identity_code_account", "identity_code", ["account_id", "created_at"], unique=False
    )
    op.create_table(
        "identity_consent",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=16), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("accepted_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_consent")),
    )
    op.create_index(
        "ix_identity_consent_customer", "identity_consent", ["customer_id"], unique=False
    )
    op.create_table(
        "identity_customer",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=16), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("merged_into", sa.String(length=16), nullable=True),
        sa.Column("look", sa.String(length=60), server_default="", nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_customer")),
        sa.UniqueConstraint("account_id", name=op.f("uq_identity_customer_account_id")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_identity_customer_customer_id")),
    )
    op.create_table(
        "identity_device",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("first_seen_at", UtcMoment(), nullable=False),
        sa.Column("last_seen_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_device")),
        sa.UniqueConstraint(
            "device_hash", "account_id", name=op.f("uq_identity_device_device_hash_account_id")
        ),
    )
    op.create_index("ix_identity_device_account", "identity_device", ["account_id"], unique=False)
    op.create_table(
        "identity_openid",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=16), nullable=False),
        sa.Column("first_seen_at", UtcMoment(), nullable=False),
        sa.Column("bound_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_identity_openid")),
    )
    op.create_index(
        op.f("ix_identity_openid_customer_id"), "identity_openid", ["customer_id"], unique=False
    )
    op.create_table(
        "identity_session",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_token_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_until_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("customer_id", sa.String(length=16), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("stepped_up_until_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.Column("idle_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("ended_why", sa.String(length=20), server_default="", nullable=False),
        sa.Column("user_agent", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("device_hash", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_identity_session_token_hash")),
    )
    op.create_index("ix_identity_session_account", "identity_session", ["account_id"], unique=False)
    op.create_index(
        "ix_identity_session_customer",
        "identity_session",
        ["customer_id", "ended_us"],
        unique=False,
    )
    op.create_index("ix_identity_session_expires", "identity_session", ["expires_us"], unique=False)
    op.create_index("ix_identity_session_openid", "identity_session", ["openid"], unique=False)
    op.create_index(
        "ix_identity_session_previous", "identity_session", ["previous_token_hash"], unique=False
    )
    op.create_table(
        "identity_trail",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.String(length=16), server_default="", nullable=False),
        sa.Column("account_tail", sa.String(length=8), server_default="", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("device", sa.String(length=60), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_trail")),
    )
    op.create_index("ix_identity_trail_at", "identity_trail", ["at"], unique=False)
    op.create_index(
        "ix_identity_trail_customer", "identity_trail", ["customer_id", "at"], unique=False
    )
    op.create_table(
        "instrument",
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("short_name", sa.String(length=32), nullable=False),
        sa.Column("pinyin", sa.String(length=64), nullable=False),
        sa.Column("board", sa.String(length=16), nullable=False),
        sa.Column("product", sa.String(length=24), nullable=False),
        sa.Column("lot_shares", sa.BigInteger(), nullable=False),
        sa.Column("tick_milli", sa.BigInteger(), nullable=False),
        sa.Column("is_st", sa.Boolean(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("delisted_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_t0", sa.Boolean(), nullable=False),
        sa.Column("is_margin", sa.Boolean(), nullable=False),
        sa.Column("is_connect", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.String(length=64), nullable=False),
        sa.Column("indices", sa.String(length=128), nullable=False),
        sa.Column("old_code", sa.String(length=6), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference_milli", sa.BigInteger(), nullable=True),
        sa.Column("underlying", sa.String(length=9), nullable=True),
        sa.Column("shares_outstanding", sa.BigInteger(), nullable=True),
        sa.Column("shares_float", sa.BigInteger(), nullable=True),
        sa.Column("eps_milli", sa.BigInteger(), nullable=True),
        sa.Column("eps_ttm_milli", sa.BigInteger(), nullable=True),
        sa.Column("eps_forward_milli", sa.BigInteger(), nullable=True),
        sa.Column("net_assets_per_share_milli", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_instrument")),
    )
    op.create_table(
        "market_alert",
        sa.Column("alert_id", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("is_armed", sa.Integer(), nullable=False),
        sa.Column("armed_at", UtcMoment(), nullable=False),
        sa.Column("fired_at", UtcMoment(), nullable=True),
        sa.Column("fired_value", sa.BigInteger(), nullable=True),
        sa.Column("firings", sa.Integer(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_market_alert")),
        sa.UniqueConstraint(
            "customer_id", "symbol", "kind", "threshold", name="uq_market_alert_wish"
        ),
    )
    op.create_index("ix_market_alert_is_armed", "market_alert", ["is_armed"], unique=False)
    op.create_table(
        "notify_inbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("open_key", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link_path", sa.String(length=200), nullable=False),
        sa.Column("told_at", UtcMoment(), nullable=False),
        sa.Column("is_read", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_inbox")),
        sa.UniqueConstraint(
            "customer_id", "dedupe_key", name=op.f("uq_notify_inbox_customer_id_dedupe_key")
        ),
        sa.UniqueConstraint(
            "customer_id", "open_key", name=op.f("uq_notify_inbox_customer_id_open_key")
        ),
    )
    op.create_index("ix_notify_inbox_customer", "notify_inbox", ["customer_id", "id"], unique=False)
    op.create_table(
        "notify_preference",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kinds_off", sa.Text(), server_default="", nullable=False),
        sa.Column("shows_private", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_notify_preference")),
    )
    op.create_table(
        "old_code_alias",
        sa.Column("old_code", sa.String(length=6), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.PrimaryKeyConstraint("old_code", name=op.f("pk_old_code_alias")),
    )
    op.create_table(
        "ops_attempt",
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_ops_attempt")),
    )
    op.create_table(
        "ops_operator",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.String(length=200), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("added_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ops_operator")),
    )
    op.create_table(
        "ops_trail",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ops_trail")),
    )
    op.create_index("ix_ops_trail_at", "ops_trail", ["at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", UtcMoment(), nullable=False),
        sa.Column("claimed_until", UtcMoment(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", UtcMoment(), nullable=True),
        sa.Column("gave_up_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["done_at", "gave_up_at", "due_at"], unique=False
    )
    op.create_table(
        "trading_close",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("profit_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_in_fen", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.String(length=10), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_trading_close")),
    )
    op.create_table(
        "trading_close_run",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("is_done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_trading_close_run")),
    )
    op.create_table(
        "trading_order",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("client_order_id", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("price_milli", sa.BigInteger(), nullable=False),
        sa.Column("quantity_shares", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reason_code", sa.String(length=60), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=300), server_default="", nullable=False),
        sa.Column("placed_us", sa.BigInteger(), nullable=False),
        sa.Column("placed_on", sa.String(length=10), nullable=False),
        sa.Column("sent_us", sa.BigInteger(), nullable=False),
        sa.Column("asked_us", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("absences", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("side IN ('buy', 'sell')", name=op.f("ck_trading_order_side")),
        sa.CheckConstraint(
            "word <> 'accepted' OR order_id IS NOT NULL",
            name=op.f("ck_trading_order_accepted_has_number"),
        ),
        sa.CheckConstraint(
            "word IN ('submitting', 'accepted', 'refused', 'unknown')",
            name=op.f("ck_trading_order_word"),
        ),
        sa.CheckConstraint(
            "quantity_shares > 0 AND price_milli >= 0", name=op.f("ck_trading_order_amounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "client_order_id", name=op.f("pk_trading_order")),
    )
    op.create_index(
        "ix_trading_order_day",
        "trading_order",
        ["account_id", "placed_on", "placed_us"],
        unique=False,
    )
    op.create_index(
        "ix_trading_order_never_arrived",
        "trading_order",
        ["sent_us"],
        unique=False,
        sqlite_where=sa.text("reason_code = 'trading.never_arrived'"),
        postgresql_where=sa.text("reason_code = 'trading.never_arrived'"),
    )
    op.create_index(
        "ix_trading_order_number", "trading_order", ["account_id", "order_id"], unique=False
    )
    op.create_index(
        "ix_trading_order_question",
        "trading_order",
        ["sent_us"],
        unique=False,
        sqlite_where=sa.text("word IN ('submitting', 'unknown')"),
        postgresql_where=sa.text("word IN ('submitting', 'unknown')"),
    )
    op.create_table(
        "trading_setting",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_trading_setting")),
    )
    op.create_table(
        "trading_ticket",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("client_order_id", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("kept_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "client_order_id", name=op.f("pk_trading_ticket")),
    )
    op.create_index("ix_trading_ticket_kept", "trading_ticket", ["kept_us"], unique=False)
    op.create_table(
        "viewed",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("viewed_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "symbol", name=op.f("pk_viewed")),
    )
    op.create_table(
        "watch",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("group_name", sa.String(length=16), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "group_name", "symbol", name=op.f("pk_watch")),
    )
    op.create_table(
        "watch_group",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("group_name", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "group_name", name=op.f("pk_watch_group")),
    )
    op.create_table(
        "wealth_account",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("is_bound", sa.Boolean(), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=True),
        sa.Column("settled_until", sa.Date(), nullable=True),
        sa.Column("ledger_mark", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_wealth_account")),
    )
    op.create_index(
        "ix_wealth_account_learned", "wealth_account", ["is_bound", "learned_on"], unique=False
    )
    op.create_table(
        "wealth_bill_draft",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_wealth_bill_draft")),
    )
    op.create_table(
        "wealth_bill_import",
        sa.Column(
            "import_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("count_new", sa.Integer(), nullable=False),
        sa.Column("count_updated", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_wealth_bill_import")),
    )
    op.create_index(
        "ix_wealth_bill_import_customer",
        "wealth_bill_import",
        ["customer_id", "import_id"],
        unique=False,
    )
    op.create_table(
        "wealth_bill_row",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.Column(
            "import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("counterparty", sa.String(length=60), nullable=False),
        sa.Column("item", sa.String(length=130), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("order_id", sa.String(length=80), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "row_key", name=op.f("pk_wealth_bill_row")),
    )
    op.create_index("ix_wealth_bill_row_at", "wealth_bill_row", ["customer_id", "at"], unique=False)
    op.create_table(
        "wealth_customer",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=True),
        sa.Column("look_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_wealth_customer")),
    )
    op.create_index("ix_wealth_customer_account", "wealth_customer", ["account_id"], unique=False)
    op.create_index("ix_wealth_customer_look", "wealth_customer", ["look_at"], unique=False)
    op.create_table(
        "wealth_days",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_wealth_days")),
    )
    op.create_table(
        "wealth_entry",
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("repeat", sa.String(length=12), nullable=False),
        sa.Column("is_lunar", sa.Boolean(), nullable=False),
        sa.Column("holiday_rule", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=240), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcMoment(), nullable=False),
        sa.Column("touched_at", UtcMoment(), nullable=False),
        sa.Column("deleted_at", UtcMoment(), nullable=True),
        sa.Column("once_key", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_wealth_entry")),
    )
    op.create_index(
        "ix_wealth_entry_customer", "wealth_entry", ["customer_id", "entry_id"], unique=False
    )
    op.create_index(
        "uq_wealth_entry_once", "wealth_entry", ["customer_id", "once_key"], unique=True
    )
    op.create_table(
        "wealth_feed",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcMoment(), nullable=False),
        sa.Column("fetched_at", UtcMoment(), nullable=True),
        sa.Column("shows_amounts", sa.Boolean(), nullable=False),
        sa.Column("kinds_off", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_wealth_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wealth_feed_token_hash")),
    )
    op.create_table(
        "wealth_mark",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("entry_ref", sa.String(length=80), nullable=False),
        sa.Column("occurrence_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id", "entry_ref", "occurrence_on", name=op.f("pk_wealth_mark")
        ),
    )
    op.create_table(
        "wealth_preference",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("lead_days", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("sensitivity", sa.String(length=8), nullable=False),
        sa.Column("least_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_wealth_preference")),
    )
    op.create_table(
        "wealth_reminder",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("entry_ref", sa.String(length=80), nullable=False),
        sa.Column("occurrence_on", sa.Date(), nullable=False),
        sa.Column("lead_days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id",
            "entry_ref",
            "occurrence_on",
            "lead_days",
            "channel",
            name=op.f("pk_wealth_reminder"),
        ),
    )
    op.create_table(
        "wealth_stream",
        sa.Column(
            "stream_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("is_income", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("cadence", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("known_at", UtcMoment(), nullable=False),
        sa.Column("own_title", sa.String(length=40), nullable=True),
        sa.Column("own_kind", sa.String(length=16), nullable=True),
        sa.Column("own_lead_days", sa.Integer(), nullable=True),
        sa.Column("own_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_wealth_stream")),
    )
    op.create_index(
        "ix_wealth_stream_account", "wealth_stream", ["account_id", "stream_id"], unique=False
    )
    op.create_table(
        "wechat_credential",
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=32), server_default="", nullable=False),
        sa.Column("claimed_until", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("app_id", "kind", name=op.f("pk_wechat_credential")),
    )
    op.create_table(
        "wechat_follower",
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("is_following", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcMoment(), nullable=False),
        sa.Column("first_scene", sa.String(length=64), server_default="", nullable=False),
        sa.Column("first_scene_at", UtcMoment(), nullable=True),
        sa.Column("is_bound_menu", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("seen_in_sync", sa.String(length=32), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_wechat_follower")),
    )
    op.create_table(
        "wechat_grant",
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("left", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("openid", "template_id", name=op.f("pk_wechat_grant")),
    )
    op.create_table(
        "wechat_inbound",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("received_at", UtcMoment(), nullable=False),
        sa.Column("raw_expires_at", UtcMoment(), nullable=False),
        sa.Column("key_expires_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_inbound")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_wechat_inbound_key_hash")),
    )
    op.create_index(
        op.f("ix_wechat_inbound_key_expires_at"), "wechat_inbound", ["key_expires_at"], unique=False
    )
    op.create_index(op.f("ix_wechat_inbound_openid"), "wechat_inbound", ["openid"], unique=False)
    op.create_index(
        op.f("ix_wechat_inbound_raw_expires_at"), "wechat_inbound", ["raw_expires_at"], unique=False
    )
    op.create_table(
        "wechat_late_question",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcMoment(), nullable=False),
        sa.Column("claimed_until", UtcMoment(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_late_question")),
    )
    op.create_index(
        "ix_wechat_late_question_waiting",
        "wechat_late_question",
        ["done_at", "asked_at"],
        unique=False,
    )
    op.create_table(
        "wechat_mass_job",
        sa.Column("client_msg_id", sa.String(length=64), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("msg_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("status", sa.String(length=64), server_default="", nullable=False),
        sa.Column("sent_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("client_msg_id", name=op.f("pk_wechat_mass_job")),
    )
    op.create_index(op.f("ix_wechat_mass_job_month"), "wechat_mass_job", ["month"], unique=False)
    op.create_table(
        "wechat_oauth_state",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("return_to", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("used_at", UtcMoment(), nullable=True),
        sa.Column("openid", sa.String(length=128), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_wechat_oauth_state")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_wechat_oauth_state_code_hash")),
    )
    op.create_index(
        op.f("ix_wechat_oauth_state_expires_at"), "wechat_oauth_state", ["expires_at"], unique=False
    )
    op.create_table(
        "wechat_sync",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("next_openid", sa.String(length=128), server_default="", nullable=False),
        sa.Column("changed_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_wechat_sync")),
    )
    op.create_table(
        "wechat_template",
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("found_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "kind", name=op.f("pk_wechat_template")),
    )
    op.create_table(
        "wechat_template_job",
        sa.Column("msgid", sa.String(length=40), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("client_msg_id", sa.String(length=64), nullable=False),
        sa.Column("sent_at", UtcMoment(), nullable=False),
        sa.Column("result", sa.String(length=64), server_default="", nullable=False),
        sa.Column("result_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("msgid", name=op.f("pk_wechat_template_job")),
    )
    op.create_table(
        "wechat_window",
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("opened_at", UtcMoment(), nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("openid", "kind", name=op.f("pk_wechat_window")),
    )
    op.create_table(
        "counter_balances",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=9), nullable=False),
        sa.Column("pot", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount >= 0 OR substr(pot, 1, 6) = 'house:'",
            name=op.f("ck_counter_balances_customer_never_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["counter_accounts.account_id"],
            name=op.f("fk_counter_balances_account_id_counter_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_id", "unit", "pot", name=op.f("pk_counter_balances")),
    )
    op.create_table(
        "counter_fee_profiles",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.String(length=10), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["counter_accounts.account_id"],
            name=op.f("fk_counter_fee_profiles_account_id_counter_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_id", "version", name=op.f("pk_counter_fee_profiles")),
    )
    op.create_table(
        "counter_ledger",
        sa.Column(
            "line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("transfer", sa.String(length=120), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=9), nullable=False),
        sa.Column("source_pot", sa.String(length=20), nullable=False),
        sa.Column("target_pot", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("fill_id", sa.BigInteger(), nullable=True),
        sa.Column("on_day", sa.String(length=10), nullable=False),
        sa.Column("counterparty", sa.String(length=60), server_default="", nullable=False),
        sa.Column("memo", sa.String(length=120), server_default="", nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_counter_ledger_amount_is_positive")),
        sa.CheckConstraint("source_pot <> target_pot", name=op.f("ck_counter_ledger_pots_differ")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["counter_accounts.account_id"],
            name=op.f("fk_counter_ledger_account_id_counter_accounts"),
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_counter_ledger")),
        sa.UniqueConstraint("transfer", "line", name=op.f("uq_counter_ledger_transfer_line")),
    )
    op.create_index(
        "ix_counter_ledger_account",
        "counter_ledger",
        ["account_id", "on_day", "line_id"],
        unique=False,
    )
    op.create_table(
        "counter_orders",
        sa.Column(
            "order_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("client_order_id", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("board", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("price_milli", sa.BigInteger(), nullable=False),
        sa.Column("quantity_shares", sa.BigInteger(), nullable=False),
        sa.Column("trading_day", sa.String(length=10), nullable=False),
        sa.Column("turnaround", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("fee_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("fee_ceiling_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("placed_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("filled_shares", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("busted_shares", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("filled_amount_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fees_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frozen_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frozen_shares", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(side = 'buy' AND frozen_shares = 0) OR (side = 'sell' AND frozen_fen = 0)",
            name=op.f("ck_counter_orders_one_kind_frozen"),
        ),
        sa.CheckConstraint("side IN ('buy','sell')", name=op.f("ck_counter_orders_side_known")),
        sa.CheckConstraint("state BETWEEN '0' AND '9'", name=op.f("ck_counter_orders_state_known")),
        sa.CheckConstraint(
            "state IN ('0','1','2','3','4','7') OR (frozen_fen = 0 AND frozen_shares = 0)",
            name=op.f("ck_counter_orders_final_is_not_frozen"),
        ),
        sa.CheckConstraint(
            "filled_shares >= 0 AND busted_shares >= 0 AND filled_shares + busted_shares <= quantity_shares",
            name=op.f("ck_counter_orders_never_more_than_ordered"),
        ),
        sa.CheckConstraint(
            "frozen_fen >= 0 AND frozen_shares >= 0 AND filled_amount_fen >= 0 AND fees_fen >= 0",
            name=op.f("ck_counter_orders_not_negative"),
        ),
        sa.CheckConstraint(
            "price_milli > 0 AND quantity_shares > 0", name=op.f("ck_counter_orders_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["counter_accounts.account_id"],
            name=op.f("fk_counter_orders_account_id_counter_accounts"),
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_counter_orders")),
        sa.UniqueConstraint(
            "account_id",
            "client_order_id",
            name=op.f("uq_counter_orders_account_id_client_order_id"),
        ),
    )
    op.create_index(
        "ix_counter_orders_account",
        "counter_orders",
        ["account_id", "trading_day", "order_id"],
        unique=False,
    )
    op.create_index(
        "ix_counter_orders_open",
        "counter_orders",
        ["state", "order_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('0','1','2','3','4','7')"),
        postgresql_where=sa.text("state IN ('0','1','2','3','4','7')"),
    )
    op.create_table(
        "counter_positions",
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("bought_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bought_shares", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sold_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fees_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["counter_accounts.account_id"],
            name=op.f("fk_counter_positions_account_id_counter_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_id", "symbol", name=op.f("pk_counter_positions")),
    )
    op.create_table(
        "notify_delivery",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("may_go_at", UtcMoment(), nullable=False),
        sa.Column("try_at", UtcMoment(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_until", UtcMoment(), nullable=True),
        sa.Column("code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=64), server_default="", nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notify_inbox.id"],
            name=op.f("fk_notify_delivery_notice_id_notify_inbox"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_delivery")),
        sa.UniqueConstraint(
            "notice_id", "channel", name=op.f("uq_notify_delivery_notice_id_channel")
        ),
    )
    op.create_index("ix_notify_delivery_reference", "notify_delivery", ["reference"], unique=False)
    op.create_index(
        "ix_notify_delivery_waiting", "notify_delivery", ["state", "try_at"], unique=False
    )
    op.create_table(
        "ops_session",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("began_at", UtcMoment(), nullable=False),
        sa.Column("seen_at", UtcMoment(), nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["name"], ["ops_operator.name"], name=op.f("fk_ops_session_name_ops_operator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ops_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_ops_session_token_hash")),
    )
    op.create_index("ix_ops_session_began", "ops_session", ["began_at"], unique=False)
    op.create_table(
        "wealth_forecast",
        sa.Column(
            "stream_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("nominal_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("low_fen", sa.BigInteger(), nullable=False),
        sa.Column("high_fen", sa.BigInteger(), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_reference", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["wealth_stream.stream_id"],
            name=op.f("fk_wealth_forecast_stream_id_wealth_stream"),
        ),
        sa.PrimaryKeyConstraint("stream_id", "nominal_on", name=op.f("pk_wealth_forecast")),
    )
    op.create_table(
        "wealth_stream_payment",
        sa.Column(
            "stream_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["wealth_stream.stream_id"],
            name=op.f("fk_wealth_stream_payment_stream_id_wealth_stream"),
        ),
        sa.PrimaryKeyConstraint("stream_id", "reference", name=op.f("pk_wealth_stream_payment")),
    )
    op.create_table(
        "counter_fills",
        sa.Column(
            "fill_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("symbol", sa.String(length=9), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("price_milli", sa.BigInteger(), nullable=False),
        sa.Column("quantity_shares", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("trading_day", sa.String(length=10), nullable=False),
        sa.Column("venue", sa.String(length=20), nullable=False),
        sa.Column("execution_id", sa.String(length=80), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_counter_fills_amount_not_negative")),
        sa.CheckConstraint(
            "price_milli > 0 AND quantity_shares > 0", name=op.f("ck_counter_fills_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["counter_orders.order_id"],
            name=op.f("fk_counter_fills_order_id_counter_orders"),
        ),
        sa.PrimaryKeyConstraint("fill_id", name=op.f("pk_counter_fills")),
        sa.UniqueConstraint(
            "venue", "execution_id", name=op.f("uq_counter_fills_venue_execution_id")
        ),
    )
    op.create_index(
        "ix_counter_fills_account",
        "counter_fills",
        ["account_id", "trading_day", "fill_id"],
        unique=False,
    )
    op.create_index("ix_counter_fills_order", "counter_fills", ["order_id"], unique=False)
    op.create_table(
        "counter_moves",
        sa.Column(
            "move_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("state_before", sa.String(length=1), server_default="", nullable=False),
        sa.Column("state_after", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["counter_orders.order_id"],
            name=op.f("fk_counter_moves_order_id_counter_orders"),
        ),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_counter_moves")),
    )
    op.create_index(
        "ix_counter_moves_order", "counter_moves", ["order_id", "move_id"], unique=False
    )
    op.create_table(
        "counter_busts",
        sa.Column("fill_id", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fill_id"],
            ["counter_fills.fill_id"],
            name=op.f("fk_counter_busts_fill_id_counter_fills"),
        ),
        sa.PrimaryKeyConstraint("fill_id", name=op.f("pk_counter_busts")),
    )

    for statement in DDL_STATEMENTS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the first schema is where everything begins")
