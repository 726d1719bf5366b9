"""Whether this worker still serves: streams look here at every beat and end when it does not."""

from typing import Any

_worker: Any = None


def serve(worker: object) -> None:
    """Remember gunicorn's worker object, whose `alive` turns false when it is told to stop."""
    global _worker  # noqa: PLW0603 - one worker per process, set once by gunicorn
    _worker = worker


def is_alive() -> bool:
    """Return whether the worker goes on; true outside of gunicorn."""
    return bool(getattr(_worker, "alive", True))
