"""Alembic's environment: the one module of plumbing that may import every store."""

import importlib
from pathlib import Path

from alembic import context

from h5app.plumbing.db import metadata

HOUSE = Path(__file__).resolve().parents[2]


def import_stores() -> None:
    """Load every room's tables into the shared metadata."""
    for path in sorted(HOUSE.glob("*/store*.py")):
        if path.parent.name != "simulator":
            importlib.import_module(f"h5app.{path.parent.name}.{path.stem}")
    importlib.import_module("h5app.plumbing.outbox")
    importlib.import_module("h5app.plumbing.jobs")


def run() -> None:
    """Run the migrations on the connection that plumbing.migrate hands in."""
    import_stores()
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
