"""Alerts of customers on prices, changes and announcements."""

import sqlalchemy as sa
from alembic import op

from h5app.plumbing.db import UtcMoment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_index("ix_market_alert_is_armed", "market_alert", ["is_armed"])
