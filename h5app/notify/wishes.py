"""What each customer wants to be pushed, and what may be seen outside."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.notify.model import NoticeKind, Preferences
from h5app.notify.store import preference
from h5app.plumbing.db import Database


class Wishes:
    """Keeps preferences; without any, everything is pushed and nothing private is shown."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def of(self, customer_id: str) -> Preferences:
        """Return what a customer wants."""
        with self._database.read() as connection:
            row = connection.execute(
                select(preference).where(preference.c.customer_id == customer_id)
            ).first()
        if row is None:
            return Preferences()
        known = {kind.value for kind in NoticeKind}
        off = frozenset(NoticeKind(name) for name in row.kinds_off.split(",") if name in known)
        return Preferences(kinds_off=off, shows_private=row.shows_private)

    def keep(self, customer_id: str, wishes: Preferences) -> None:
        """Keep what a customer wants; a kind that may not be off stays on."""
        names = sorted(kind.value for kind in wishes.kinds_off if kind.may_be_off)
        values = {"kinds_off": ",".join(names), "shows_private": wishes.shows_private}
        with self._database.write() as connection:
            connection.execute(
                self._insert(preference)
                .values(customer_id=customer_id, **values)
                .on_conflict_do_update(index_elements=["customer_id"], set_=values)
            )

    def forget(self, customer_id: str) -> None:
        """Forget what a customer wanted: whoever they become says it anew."""
        with self._database.write() as connection:
            connection.execute(delete(preference).where(preference.c.customer_id == customer_id))
