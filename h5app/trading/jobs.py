"""What the jobs process does for trading."""

from h5app.plumbing.jobs import Job
from h5app.trading.service import Trading
from h5app.trading.ticketing import Tickets

RECONCILE_SECONDS = 1.0
CLOSES_SECONDS = 2.0
FORGET_SECONDS = 3600.0


def jobs(trading: Trading, tickets: Tickets) -> list[Job]:
    """Return trading's jobs: orders without an answer, what a day brought, old tickets."""
    return [
        Job("trading.reconcile", RECONCILE_SECONDS, trading.reconcile),
        Job("trading.closes", CLOSES_SECONDS, trading.closes.run_due),
        Job("trading.forget_tickets", FORGET_SECONDS, tickets.forget_old),
    ]
