"""Keeps the processes of the product alive: starts them, restarts the dead, stops them all."""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
STEADY_SECONDS = 30.0
"""A process that lived so long starts again at the shortest pause."""
STOP_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Program:
    """One process: its name, its command, and what it needs from the environment."""

    name: str
    command: tuple[str, ...]


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float = 0.0


@dataclass
class Supervisor:
    """Runs the programs until told to stop; `say` gets one line for each thing that happens."""

    programs: Sequence[Program]
    environment: Mapping[str, str]
    log_folder: Path
    say: Callable[[str], None] = print
    _running: dict[str, _Running] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start all programs in their order."""
        self.log_folder.mkdir(parents=True, exist_ok=True)
        for program in self.programs:
            self._running[program.name] = _Running(program)
            self._launch(self._running[program.name])

    def stop_on_signals(self) -> None:
        """Let Ctrl-C and a TERM end `wait`; the children are stopped by us, not by the terminal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())

    def is_stopping(self) -> bool:
        """Return whether somebody asked to stop."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Watch over the programs until told to stop, then stop them in reverse order."""
        try:
            while not self._stop.wait(LOOK_SECONDS):
                self.look()
        finally:
            self.stop()

    def look(self) -> None:
        """Start again what has died and whose pause is over."""
        now = time.monotonic()
        for one in self._running.values():
            if one.process is not None and one.process.poll() is not None:
                self._note_death(one, now)
            if one.process is None and now >= one.start_again_at:
                self._launch(one)

    def stop(self) -> None:
        """Ask every program to end, wait, and end by force what does not."""
        alive = [one.process for one in self._running.values() if one.process is not None]
        for process in reversed(alive):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def pid(self, name: str) -> int | None:
        """Return the process id of a running program."""
        one = self._running.get(name)
        return one.process.pid if one and one.process else None

    def log_path(self, name: str) -> Path:
        """Return the file with what a program writes."""
        return self.log_folder / f"{name}.log"

    def _launch(self, one: _Running) -> None:
        with self.log_path(one.program.name).open("ab") as log:
            one.process = subprocess.Popen(
                one.program.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        one.started_at = time.monotonic()

    def _note_death(self, one: _Running, now: float) -> None:
        assert one.process is not None
        if now - one.started_at > STEADY_SECONDS:
            one.failures = 0
        pause = BACK_OFF_SECONDS[min(one.failures, len(BACK_OFF_SECONDS) - 1)]
        self.say(
            f"! {one.program.name} 已退出 (状态 {one.process.returncode}),{pause:g} 秒后重新启动;"
            f"日志 {self.log_path(one.program.name)}"
        )
        one.failures += 1
        one.process = None
        one.start_again_at = now + pause
