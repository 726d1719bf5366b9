"""The room's tables, each behind the class that knows it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from h5app.identity.customers import Customers
from h5app.identity.devices import Devices
from h5app.identity.hashes import KeyedHash
from h5app.identity.lockout import Lockouts
from h5app.identity.model import Origin, Visitor
from h5app.identity.policy import Policy
from h5app.identity.session_book import SessionBook
from h5app.identity.trail import Step, Trail
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database


@dataclass(frozen=True)
class Books:
    """Everything identity writes down, but for one-time codes."""

    customers: Customers
    devices: Devices
    sessions: SessionBook
    lockouts: Lockouts
    trail: Trail

    def note(self, connection: Connection, action: str, visitor: Visitor, origin: Origin) -> None:
        """Add a step that went well to the trail."""
        step = Step(
            action=action,
            customer_id=visitor.customer_id or "",
            account_id=visitor.account_id,
        )
        self.trail.note(connection, step, origin)


def open_books(database: Database, wall: Clock, keyed: KeyedHash, policy: Policy) -> Books:
    """Return the books over one database."""
    return Books(
        customers=Customers(database, wall),
        devices=Devices(database, wall),
        sessions=SessionBook(wall, policy),
        lockouts=Lockouts(database, wall, keyed, policy),
        trail=Trail(wall),
    )
