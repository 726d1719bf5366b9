"""One gunicorn worker, configured as the product's, serving the product and the bare things."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ANSWER_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
_USER_TICKS, _KERNEL_TICKS = 11, 12
"""Places in /proc/<pid>/stat behind the name."""
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Worker:
    """The process; everything it is asked goes over loopback."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.url = f"http://127.0.0.1:{environment['H5APP_PORT']}"
        self.port = int(environment["H5APP_PORT"])
        self._log = log
        configuration = ("-c", "python:h5app.plumbing.gunicorn_conf")
        command = [sys.executable, "-m", "gunicorn", *configuration, "bench.served:app"]
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment) | {"H5APP_WORKERS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def wait_until_it_answers(self) -> None:
        """Wait for the first answer.

        Raises:
            RuntimeError: It ended or never answered; the text holds the end of its log.
        """
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the worker does not answer:\n" + self._log.read_text("utf-8")[-3000:])

    def get(self, path: str, **headers: str) -> bytes:
        """Return the body of an answer as it came over the wire."""
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - loopback
        with _direct.open(request, timeout=10) as reply:
            return bytes(reply.read())

    def keep(self, name: str, body: bytes, kind: str) -> str:
        """Let the bare application answer with these bytes; return the path."""
        path = f"/bare/bytes/{name}"
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path, data=body, method="PUT", headers={"Content-Type": kind}
        )
        with _direct.open(request, timeout=10):
            return path

    def cpu_seconds(self) -> float:
        """Return the processor time that the worker has used, in itself and for it in the kernel.

        On a machine that others use, too, this says more than the clock on the wall.
        """
        master = self._process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()
        ticks = 0
        for child in children:
            fields = Path(f"/proc/{child}/stat").read_text("ascii").rpartition(")")[2].split()
            ticks += int(fields[_USER_TICKS]) + int(fields[_KERNEL_TICKS])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End it at once: bare streams would hold a graceful end up, and nothing is lost."""
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
