"""The audit trail of identity: one row per step, without secrets."""

from dataclasses import dataclass

from sqlalchemy import Connection

from h5app.identity.model import Origin, account_tail, device_name
from h5app.identity.store import ADDRESS_LENGTH_MAX, trail
from h5app.kernel.clock import Clock
from h5app.plumbing.log import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What somebody did and how it ended."""

    action: str
    result: str = "ok"
    customer_id: str = ""
    account_id: str | None = None
    detail: str = ""


class Trail:
    """Writes steps into the caller's transaction, and one line of log each."""

    def __init__(self, wall: Clock) -> None:
        self._wall = wall

    def note(self, connection: Connection, step: Step, origin: Origin) -> None:
        """Add one step."""
        connection.execute(
            trail.insert().values(
                at=self._wall.now(),
                action=step.action,
                result=step.result,
                customer_id=step.customer_id,
                account_tail=account_tail(step.account_id),
                address=origin.address[:ADDRESS_LENGTH_MAX],
                device=device_name(origin.user_agent),
                detail=step.detail,
            )
        )
        log.info(
            "identity_step",
            action=step.action,
            result=step.result,
            customer_id=step.customer_id,
            account=step.account_id or "",
        )
