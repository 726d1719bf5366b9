"""What accounts were worth at each close, and alarms of the books."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_alarms",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "at_us", "problem", name=op.f("pk_counter_alarms")),
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
