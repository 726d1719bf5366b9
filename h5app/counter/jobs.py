"""What the jobs process does for the counter."""

from h5app.counter.service import EmbeddedCounter
from h5app.kernel.clock import Clock
from h5app.plumbing.jobs import Job

DAYS_SECONDS = 1.0


def jobs(counter: EmbeddedCounter, market_clock: Clock) -> list[Job]:
    """Return the counter's jobs: trading days are opened and closed when the market clock says."""
    return [Job("counter.days", DAYS_SECONDS, lambda: counter.run_due(market_clock.now()))]
