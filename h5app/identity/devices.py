"""Browsers that are known for a fund account."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.identity.hashes import token_hash
from h5app.identity.model import KnownDevice, Origin, device_name
from h5app.identity.refusal import SessionNotFound
from h5app.identity.store import device
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database


class Devices:
    """Keeps known devices; the caller brings the transaction."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._wall = wall
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def is_known(self, connection: Connection, account_id: str, origin: Origin) -> bool:
        """Say whether a code was given for this account in this browser."""
        if not origin.device_token:
            return False
        c = device.c
        found = connection.execute(
            select(c.id).where(
                c.device_hash == token_hash(origin.device_token), c.account_id == account_id
            )
        ).first()
        return found is not None

    def know(self, connection: Connection, account_id: str, origin: Origin) -> None:
        """Remember the browser for the account, or that it was seen again."""
        if not origin.device_token:
            return
        now, name = self._wall.now(), device_name(origin.user_agent)
        connection.execute(
            self._insert(device)
            .values(
                device_hash=token_hash(origin.device_token),
                account_id=account_id,
                name=name,
                first_seen_at=now,
                last_seen_at=now,
            )
            .on_conflict_do_update(
                index_elements=["device_hash", "account_id"],
                set_={"last_seen_at": now, "name": name},
            )
        )

    def of_account(self, connection: Connection, account_id: str) -> list[KnownDevice]:
        """Return the account's devices, the one seen last standing first."""
        rows = connection.execute(
            select(device)
            .where(device.c.account_id == account_id)
            .order_by(device.c.last_seen_at.desc())
        )
        return [
            KnownDevice(
                device_id=row.id,
                name=row.name,
                first_seen_at=row.first_seen_at,
                last_seen_at=row.last_seen_at,
            )
            for row in rows
        ]

    def forget(self, connection: Connection, account_id: str, device_id: int) -> str:
        """Forget a device; return its hash, under which its sessions are found.

        Raises:
            SessionNotFound: The account has no such device.
        """
        gone = connection.execute(
            delete(device)
            .where(device.c.id == device_id, device.c.account_id == account_id)
            .returning(device.c.device_hash)
        ).scalar_one_or_none()
        if gone is None:
            raise SessionNotFound
        return str(gone)
