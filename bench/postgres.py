"""A PostgreSQL server of one run, with the settings it comes with: every commit is synced."""

import os
import shutil
import subprocess
from pathlib import Path

from h5app.manage.debian import SetupFailed, postgres_folder

STEP_SECONDS_MAX = 60


class PostgresServer:
    """Debian's PostgreSQL on loopback, run as user postgres when we are root."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port

    def start(self) -> None:
        """Make a cluster with one empty database h5app and start it.

        Raises:
            SetupFailed: PostgreSQL is not installed.
        """
        self._folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        kinds = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        self._run("initdb", "-D", self._folder / "data", *kinds)
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            " -c max_connections=100"
        )
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._folder / "data", "-w", "-l", log, "-o", options, "start")
        at = ("-h", "127.0.0.1", "-p", self._port, "-U", "postgres")
        self._run("createdb", *at, "h5app")

    def stop(self) -> None:
        """Stop at once; the folder is thrown away."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        programs = postgres_folder()
        if programs is None:
            raise SetupFailed(
                "缺少 PostgreSQL,请先运行 ./manage bench 或 apt-get install postgresql"
            )
        command = [str(programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                *command,
            ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=STEP_SECONDS_MAX)
