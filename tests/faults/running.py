"""A whole product of the tests' own, and hands that kill its processes one by one."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.world import copied
from tests.house import RunningHouse, start_house

LOOK_SECONDS = 0.1


@dataclass
class Keeper:
    """Looks after the processes as `./manage run` does, and ends them when it is told to."""

    house: RunningHouse
    stop: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Start again what has died, until told to stop."""
        assert self.house.supervisor is not None
        while not self.stop.wait(LOOK_SECONDS):
            self.house.supervisor.look()

    def pid_or_none(self, name: str) -> int | None:
        """Return the process of a program; that of gunicorn's first worker for "worker"."""
        assert self.house.supervisor is not None
        pid = self.house.supervisor.pid("web" if name == "worker" else name)
        if pid is None or name != "worker":
            return pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else None

    def pid(self, name: str) -> int:
        """Return the process of a program that runs."""
        found = self.pid_or_none(name)
        assert found is not None
        return found

    def kill(self, name: str) -> None:
        """End a process without a chance to tidy up, if it runs at this moment."""
        with contextlib.suppress(OSError):
            pid = self.pid_or_none(name)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    def is_ready(self) -> bool:
        """Say whether the house says so."""
        with contextlib.suppress(OSError):
            return bool(self.house.get("/readyz")["status"] == "ready")
        return False


def running_house(seeded: Path, home: Path, **settings: str) -> Iterator[Keeper]:
    """Start the product on a copy of a seeded folder; keep it alive; stop it."""
    copied(seeded, home)
    for house in start_house(home, H5APP_RATE_LIMITS="off", **settings):
        keeper = Keeper(house)
        watching = threading.Thread(target=keeper.watch)
        watching.start()
        try:
            yield keeper
        finally:
            keeper.stop.set()
            watching.join()
