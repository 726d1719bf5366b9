"""Where imports go in a test, and the command as a user types it."""

import argparse
from pathlib import Path

import pytest

from h5app.market.importers.commands import ImportDesk, add_import_arguments, run_import
from h5app.market.store import MarketStore
from h5app.plumbing.db import Database
from tests.market.import_tables import TODAY, Take
from tests.market.rule_samples import book


@pytest.fixture
def desk(tmp_path: Path, sqlite_database: Database) -> ImportDesk:
    """Where imports go in a test."""
    return ImportDesk(tmp_path / "home", MarketStore(sqlite_database), book().on(TODAY))


@pytest.fixture
def take(desk: ImportDesk) -> Take:
    """Run the import command as a user types it."""

    def run(kind: str, *files: Path) -> tuple[int, list[str]]:
        parser = argparse.ArgumentParser()
        add_import_arguments(parser)
        return run_import(parser.parse_args([kind, *map(str, files)]), desk)

    return run
