"""Work that is done in slices, so that others have their turn."""

from collections.abc import Callable

from h5app.kernel.clock import Clock


def limit(clock: Clock, seconds_max: float | None) -> Callable[[], bool]:
    """Return what says whether so many seconds of the machine have passed; None never does."""
    began = clock.monotonic()
    return lambda: seconds_max is not None and clock.monotonic() - began >= seconds_max
