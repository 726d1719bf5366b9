"""What the jobs process does for identity."""

from h5app.identity.service import Identity
from h5app.plumbing.jobs import Job

FORGET_SECONDS = 3600.0


def jobs(identity: Identity) -> list[Job]:
    """Return identity's jobs: forget sessions, codes and counts of long ago."""
    return [Job("identity.forget_old", FORGET_SECONDS, identity.forget_old)]
