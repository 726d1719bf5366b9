"""Streams know the institution's order they stand for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "wealth_stream",
        sa.Column("order_reference", sa.String(length=80), server_default="", nullable=False),
    )
