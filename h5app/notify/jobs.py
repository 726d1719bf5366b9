"""What the jobs process does for notices."""

from h5app.notify.service import Notifier
from h5app.plumbing.jobs import Job

EVERY_SECONDS = 0.2
ROUNDS_MAX = 20


def jobs(notifier: Notifier) -> tuple[Job, ...]:
    """Return the jobs of this room."""
    return (Job("notify.deliver", EVERY_SECONDS, lambda: deliver_all_due(notifier)),)


def deliver_all_due(notifier: Notifier) -> int:
    """Deliver batch after batch until nothing is due, or other jobs must have their turn."""
    sent = 0
    for _ in range(ROUNDS_MAX):
        tried = notifier.deliver_due()
        sent += tried
        if not tried:
            break
    return sent
