"""./manage's supervisor, lock and options."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from h5app.manage.lock import AlreadyRunning, hold
from h5app.manage.run import environment_for, programs
from h5app.manage.supervisor import Program, Supervisor
from h5app.plumbing.config import Config

SLEEPER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


def wait_for(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until something holds, or say that it never did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_process_that_dies_is_started_again_and_said(tmp_path: Path) -> None:
    """Killing a process brings a new one after a pause; stopping leaves none behind."""
    said: list[str] = []
    supervisor = Supervisor([Program("feed", SLEEPER)], {"PATH": ""}, tmp_path, said.append)
    supervisor.start()
    first = supervisor.pid("feed")
    assert first is not None

    supervisor._running["feed"].process.kill()  # type: ignore[union-attr]

    def has_another() -> bool:
        supervisor.look()
        return supervisor.pid("feed") not in {None, first}

    assert wait_for(has_another)
    assert "feed" in said[0]
    process = supervisor._running["feed"].process
    assert process is not None
    supervisor.stop()
    assert process.poll() is not None


def test_the_pause_grows_with_every_death(tmp_path: Path) -> None:
    """A process that cannot live does not spin."""
    supervisor = Supervisor(
        [Program("jobs", (sys.executable, "-c", "raise SystemExit(3)"))],
        {},
        tmp_path,
        lambda _: None,
    )
    supervisor.start()
    running = supervisor._running["jobs"]
    pauses = []
    for _ in range(2):
        assert wait_for(lambda: running.process is not None and running.process.poll() is not None)
        before = time.monotonic()
        supervisor.look()
        pauses.append(running.start_again_at - before)
        running.start_again_at = 0.0
        supervisor.look()
    supervisor.stop()

    assert pauses[1] > pauses[0] > 0


def test_one_instance_per_state_folder(tmp_path: Path) -> None:
    """A second start on the same H5APP_HOME is refused with the way out."""
    with hold(tmp_path), pytest.raises(AlreadyRunning, match="H5APP_HOME"), hold(tmp_path):
        pass
    with hold(tmp_path):
        pass


def test_a_replay_is_a_demo_of_its_own() -> None:
    """It has its own state and stands on its own day."""
    options = argparse.Namespace(replay="2019-02-01", lan=False)

    environment = environment_for(options, {"PATH": "/bin"})

    assert environment["H5APP_HOME"] == "var/replay-2019-02-01"
    assert environment["H5APP_MARKET"] == "replay"
    assert environment["H5APP_NOW"] == "2019-02-01T09:29:30"


def test_production_starts_no_simulator() -> None:
    """The simulator belongs to the demo."""
    demo = Config.from_environ({})

    assert [program.name for program in programs(demo)] == [
        "simulator",
        "feed",
        "venue",
        "jobs",
        "web",
    ]
