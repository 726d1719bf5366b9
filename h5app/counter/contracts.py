"""Fee contracts, read once: a version never changes."""

from sqlalchemy import Connection

from h5app.counter import store_accounts
from h5app.counter.fees import FeeProfile

KEPT_MAX = 10_000


class Contracts:
    """The fee profiles of accounts by version, kept in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], FeeProfile] = {}

    def profile(self, connection: Connection, account_id: str, version: int) -> FeeProfile:
        """Return what was agreed with an account under a version."""
        key = (account_id, version)
        found = self._kept.get(key)
        if found is None:
            found = store_accounts.profile(connection, account_id, version)
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[key] = found
        return found
