"""The table of alarms that the books raised for operators."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, String, Table

from h5app.plumbing.db import metadata

PROBLEM_CHARACTERS_MAX = 200

alarm_table = Table(
    "counter_alarms",
    metadata,
    Column("order_id", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("problem", String(PROBLEM_CHARACTERS_MAX), nullable=False),
    Column("account_id", String(32), nullable=False),
    PrimaryKeyConstraint("order_id", "at_us", "problem"),
)
"""One row per alarm. `at_us`: microseconds since 1970, market clock."""
