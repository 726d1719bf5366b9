"""What every test may ask for: clocks, both databases, the material beside the checkout."""

import importlib
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from h5app.kernel.clock import FrozenClock
from h5app.kernel.trading_day import TradingDays
from h5app.manage.debian import browser_path
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database, metadata

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["tests.house"]

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long (the big numbers) and the addresses of a demo that runs already."""
    parser.addoption("--long", action="store_true", help="the same tests with the big numbers")
    parser.addoption("--base-url", default="", help="drive the demo at this address instead")
    parser.addoption(
        "--simulator-url", default="http://127.0.0.1:8001", help="its simulator's address"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines how many tests were skipped, and why."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"SKIPPED {count}: {reason}", yellow=True)


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the big numbers were asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of recorded data beside the checkout; its absence skips, and fails in CI."""
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared is not there, and CI=true demands it")
        pytest.skip("../shared is not there")
    return SHARED


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, one for all tests of a process: Playwright allows no second one."""
    from playwright.sync_api import sync_playwright

    path = browser_path()
    if path is None:
        pytest.fail("Chromium is missing: ./manage test installs it (apt-get install chromium)")
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(
            executable_path=path,
            args=[*options, "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def trading_days() -> TradingDays:
    """The repository's own tables."""
    return load_trading_days()


@pytest.fixture
def wall() -> FrozenClock:
    """A wall clock that stands at a Tuesday morning."""
    return FrozenClock("2026-11-24T09:00:00")


def import_stores() -> None:
    """Load every room's tables into the shared metadata."""
    for path in sorted((ROOT / "h5app").glob("*/store*.py")):
        if path.parent.name != "simulator":
            importlib.import_module(f"h5app.{path.parent.name}.{path.stem}")
    importlib.import_module("h5app.plumbing.outbox")
    importlib.import_module("h5app.plumbing.jobs")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, to be copied."""
    import_stores()
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this run's own, with a template database `h5app_template`.

    Its folder is not pytest's: that one is thrown away by the third run after it, and reset by one
    that starts beside it.
    """
    import_stores()
    folder = Path(tempfile.mkdtemp(prefix="h5app-pg-"))
    server = PostgresServer(folder)
    try:
        server.start()
        engine = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE h5app_template")
        engine.dispose()
        template = create_engine(server.url("h5app_template"))
        metadata.create_all(template)
        template.dispose()
        yield server.url("postgres")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """Debian's PostgreSQL on a free loopback port, run as user postgres when we are root."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._folder = folder
        self._bin = _postgres_bin()
        self._port = free_port()

    def start(self) -> None:
        """Make a cluster and start it; it is thrown away with the folder."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        )
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB"
        )
        self._run(
            "pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start"
        )

    def stop(self) -> None:
        """Stop at once; one that never started is left alone."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of one database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                *command,
            ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60)


def _postgres_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is missing: ./manage test installs it (apt-get install postgresql)")
    return found[-1].parent


def free_port() -> int:
    """Return a loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with every table, once on each kind."""
    if request.param == "sqlite":
        yield sqlite_copy(request, tmp_path)
        return
    yield from postgres_copy(request)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with every table, once SQLite and once PostgreSQL."""
    database = Database(database_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with every table, where the kind does not matter."""
    database = Database(sqlite_copy(request, tmp_path))
    yield database
    database.engine.dispose()


def sqlite_copy(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Copy the template and return its address."""
    template: Path = request.getfixturevalue("sqlite_template")
    path = tmp_path / "h5app.db"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


def postgres_copy(request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a database from the template, give its address, and drop it afterwards."""
    server: str = request.getfixturevalue("postgres_url")
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE h5app_template")
    yield server.rsplit("/", 1)[0] + "/" + name
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
