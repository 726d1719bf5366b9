"""What the jobs process does for the market: it looks after customers' alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.plumbing.jobs import Job

if TYPE_CHECKING:
    from h5app.market.alerting import Alerting

ALERT_SECONDS = 1.0


def jobs(alerting: Alerting) -> list[Job]:
    """Return the market's jobs."""
    return [Job("market.alerts", ALERT_SECONDS, alerting.check)]
