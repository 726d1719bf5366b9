"""Messages that the platform cannot tell apart: each is begun once, and never begun again."""

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.wechat.store import template_job


class SentOnce:
    """Notes a message before it is sent; who finds the note sends nothing more.

    The notes stand beside the template messages' under names of their own: the way and the key.
    """

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self.wall = wall
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def begin(self, way: str, openid: str, key: str) -> bool:
        """Note that a message is about to be sent; False when it was begun before."""
        with self._database.write() as connection:
            added = connection.execute(
                self._insert(template_job)
                .values(
                    msgid=_name(way, key),
                    openid=openid,
                    client_msg_id=key,
                    sent_at=self.wall.now(),
                )
                .on_conflict_do_nothing(index_elements=["msgid"])
            )
        return bool(added.rowcount)

    def undo(self, way: str, key: str) -> None:
        """Take the note back: the platform certainly did not take the message."""
        with self._database.write() as connection:
            connection.execute(delete(template_job).where(template_job.c.msgid == _name(way, key)))


def _name(way: str, key: str) -> str:
    return f"{way.removeprefix('wechat_')}-{key}"
