"""Who follows, by which scene they first came, and how many service messages they still allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database, Sql, moment_text
from h5app.wechat.store import follower, grant, inbound, late_question, template_job, window

SCENE_LENGTH_MAX = 64
_OPEN_WINDOW = Sql(
    "INSERT INTO wechat_window (openid, kind, opened_at, sent) VALUES (:openid, :kind,"
    " :opened_at, 0) ON CONFLICT (openid, kind) DO UPDATE SET opened_at = excluded.opened_at,"
    " sent = 0"
)
"""Fixed text: it stands in the transaction of every message."""


@dataclass(frozen=True, kw_only=True)
class WindowRule:
    """How many customer-service messages an action of the customer allows, and for how long."""

    messages_max: int
    lasts: timedelta


WINDOW_RULES = {
    "message": WindowRule(messages_max=5, lasts=timedelta(hours=48)),
    "click": WindowRule(messages_max=3, lasts=timedelta(minutes=1)),
    "follow": WindowRule(messages_max=3, lasts=timedelta(minutes=1)),
    "scan": WindowRule(messages_max=3, lasts=timedelta(minutes=1)),
}
"""The platform's table of customer-service messages, as of 2023-06; opening a link opens none."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many service messages may still be sent to somebody, and until when."""

    left: int
    until: datetime | None


class Followers:
    """Keeps followers and their windows; callers bring the transaction where it is theirs."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def followed(self, connection: Connection, openid: str, at: datetime) -> None:
        """Note that somebody follows since `at`; news older than what is known changes nothing."""
        self._set_following(connection, openid, is_following=True, at=at)

    def attributed(self, connection: Connection, openid: str, scene: str) -> None:
        """Keep the scene when it is the first one known of this person."""
        if not scene:
            return
        connection.execute(
            update(follower)
            .where(follower.c.openid == openid, follower.c.first_scene == "")
            .values(first_scene=scene[:SCENE_LENGTH_MAX], first_scene_at=self._wall.now())
        )

    def unfollowed(self, connection: Connection, openid: str, at: datetime) -> None:
        """Stop pushes and remove what was said to and by the person, and what was allowed.

        Messages and answers, open questions, windows, grants, the names of messages sent; the
        platform drops the tags itself. Who follows, and by which scene first, is kept.

        News older than what is known changes nothing: deliveries may come out of order.
        """
        if not self._set_following(connection, openid, is_following=False, at=at):
            return
        connection.execute(
            update(follower).where(follower.c.openid == openid).values(is_bound_menu=False)
        )
        connection.execute(
            update(inbound).where(inbound.c.openid == openid).values(raw=None, reply="")
        )
        for table in (late_question, window, grant, template_job):
            connection.execute(delete(table).where(table.c.openid == openid))

    def acted(self, connection: Connection, openid: str, kind: str) -> None:
        """Open the window that an action allows; a new one starts the count anew."""
        opened_at = moment_text(connection, self._wall.now())
        _OPEN_WINDOW.run(connection, openid=openid, kind=kind, opened_at=opened_at)

    def quota(self, openid: str) -> Quota:
        """Return what the customer's last actions still allow."""
        with self._database.read() as connection:
            open_windows = self._open_windows(connection, openid)
        left = sum(one.left for one in open_windows)
        ends = [one.ends_at for one in open_windows if one.left]
        return Quota(left=left, until=max(ends, default=None))

    def take_message(self, openid: str, *, keeping: int = 0) -> bool:
        """Take one service message off the window that ends first.

        False when none is left but those that are kept for something else.
        """
        with self._database.write() as connection:
            rows = [one for one in self._open_windows(connection, openid) if one.left]
            if sum(one.left for one in rows) <= keeping:
                return False
            first = min(rows, key=lambda one: one.ends_at)
            connection.execute(
                update(window)
                .where(window.c.openid == openid, window.c.kind == first.kind)
                .values(sent=window.c.sent + 1)
            )
        return True

    def close_windows(self, openid: str) -> None:
        """Forget the windows: the platform says they are closed."""
        with self._database.write() as connection:
            connection.execute(delete(window).where(window.c.openid == openid))

    def is_following(self, openid: str) -> bool | None:
        """Return whether the person follows; None when that is not known."""
        with self._database.read() as connection:
            return connection.execute(
                select(follower.c.is_following).where(follower.c.openid == openid)
            ).scalar_one_or_none()

    def first_scene(self, openid: str) -> str:
        """Return the scene of the first QR code known of the person; empty without one."""
        with self._database.read() as connection:
            scene = connection.execute(
                select(follower.c.first_scene).where(follower.c.openid == openid)
            ).scalar_one_or_none()
        return scene or ""

    def by_first_scene(self) -> dict[str, int]:
        """Return how many who follow now came first by each scene; "" counts those without one."""
        c = follower.c
        with self._database.read() as connection:
            rows = connection.execute(
                select(c.first_scene, func.count()).where(c.is_following).group_by(c.first_scene)
            )
            return {row[0]: int(row[1]) for row in rows}

    def count(self) -> int:
        """Return how many follow."""
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.count()).select_from(follower).where(follower.c.is_following)
                ).scalar_one()
            )

    def lost(self, openid: str) -> None:
        """Note that the platform says the person does not follow."""
        with self._database.write() as connection:
            self._set_following(connection, openid, is_following=False, at=self._wall.now())

    def seen(self, connection: Connection, openids: Iterable[str], run: str) -> None:
        """Note a page of the platform's own list in a synchronisation."""
        now = self._wall.now()
        rows = [
            {"openid": openid, "is_following": True, "changed_at": now, "seen_in_sync": run}
            for openid in openids
        ]
        for start in range(0, len(rows), 500):
            connection.execute(
                self._insert(follower)
                .values(rows[start : start + 500])
                .on_conflict_do_update(
                    index_elements=["openid"], set_={"is_following": True, "seen_in_sync": run}
                )
            )

    def missing_after(self, connection: Connection, run: str, began_at: datetime) -> int:
        """Mark who stood in no page of a whole synchronisation; who came meanwhile is kept."""
        return connection.execute(
            update(follower)
            .where(follower.c.seen_in_sync != run, follower.c.is_following)
            .where(follower.c.changed_at < began_at)
            .values(is_following=False, changed_at=self._wall.now())
        ).rowcount

    def _set_following(
        self, connection: Connection, openid: str, *, is_following: bool, at: datetime
    ) -> bool:
        values = {"is_following": is_following, "changed_at": at}
        changed = connection.execute(
            self._insert(follower)
            .values(openid=openid, **values)
            .on_conflict_do_update(
                index_elements=["openid"], set_=values, where=follower.c.changed_at <= at
            )
        )
        return bool(changed.rowcount)

    def _open_windows(self, connection: Connection, openid: str) -> list["_Window"]:
        now = self._wall.now()
        c = window.c
        rows = connection.execute(
            select(c.kind, c.opened_at, c.sent).where(c.openid == openid)
        ).all()
        windows = [_Window(row.kind, row.opened_at, row.sent) for row in rows]
        return [one for one in windows if one.ends_at > now]


@dataclass(frozen=True)
class _Window:
    kind: str
    opened_at: datetime
    sent: int

    @property
    def ends_at(self) -> datetime:
        return self.opened_at + WINDOW_RULES[self.kind].lasts

    @property
    def left(self) -> int:
        return max(0, WINDOW_RULES[self.kind].messages_max - self.sent)
