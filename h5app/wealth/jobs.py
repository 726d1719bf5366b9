"""What the jobs process does for the calendar, in slices: other jobs must have their turn."""

from h5app.plumbing.jobs import Job
from h5app.wealth.service import WealthCalendar

REMIND_EVERY_SECONDS = 1.0
LEARN_EVERY_SECONDS = 1.0
SLICE_SECONDS = 0.3


def jobs(calendar: WealthCalendar) -> list[Job]:
    """Return the calendar's jobs: learn once a market day, tell what is due."""
    return [
        Job("wealth.learn", LEARN_EVERY_SECONDS, lambda: calendar.learn_due(SLICE_SECONDS)),
        Job("wealth.remind", REMIND_EVERY_SECONDS, lambda: calendar.remind_due(SLICE_SECONDS)),
    ]
