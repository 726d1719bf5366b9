"""What the jobs process does for the calendar."""

from h5app.plumbing.jobs import Job
from h5app.wealth.service import WealthCalendar

REMIND_SECONDS = 2.0
LEARN_SECONDS = 20.0


def jobs(calendar: WealthCalendar) -> list[Job]:
    """Return the calendar's jobs: learn once a market day, tell what is due."""
    return [
        Job("wealth.learn", LEARN_SECONDS, calendar.learn_due),
        Job("wealth.remind", REMIND_SECONDS, calendar.run_due),
    ]
