"""What the jobs process does for the calendar."""

from h5app.plumbing.jobs import Job
from h5app.wealth.service import WealthCalendar

REMIND_SECONDS = 2.0


def jobs(calendar: WealthCalendar) -> list[Job]:
    """Return the calendar's jobs: tell what is due."""
    return [Job("wealth.remind", REMIND_SECONDS, calendar.run_due)]
