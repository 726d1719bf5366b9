"""The follower list, read page by page at night; a run that was stopped goes on where it was."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.client import WeChatApi
from h5app.wechat.followers import Followers
from h5app.wechat.store import sync

NAME = "followers"
NIGHT_HOUR = 3
"""A new run begins in this hour of Asia/Shanghai, once a day."""
LEAST_PAUSE = timedelta(hours=20)
PAGES_A_TURN = 3
"""So many pages of 10,000 in a row, before other jobs have their turn."""

log = get_logger(__name__)


@dataclass(frozen=True)
class _Progress:
    run: str
    next_openid: str
    changed_at: datetime

    @property
    def is_running(self) -> bool:
        return bool(self.run)


class FollowerSync:
    """Brings our list of followers to what the platform's says."""

    def __init__(
        self, database: Database, wall: Clock, api: WeChatApi, followers: Followers
    ) -> None:
        self._database = database
        self._wall = wall
        self._api = api
        self._followers = followers
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def step(self) -> int:
        """Read the next pages of a run, or begin one when it is night; return how many pages.

        Raises:
            WeChatRefused: The platform gives no list.
            WeChatSilent: It did not answer; the next step asks for the same page.
        """
        progress = self._progress()
        if progress is None or not progress.is_running:
            if not self._is_time(progress):
                return 0
            progress = self._begin()
        return self._read(progress)

    def _is_time(self, progress: _Progress | None) -> bool:
        now = self._wall.now()
        rested = progress is None or now - progress.changed_at > LEAST_PAUSE
        return now.hour == NIGHT_HOUR and rested

    def _begin(self) -> _Progress:
        began = _Progress(secrets.token_hex(8), "", self._wall.now())
        self._keep(began)
        return began

    def _read(self, progress: _Progress) -> int:
        for pages in range(1, PAGES_A_TURN + 1):
            page = self._api.followers_after(progress.next_openid)
            is_last = not page.openids or page.next_openid in {"", progress.next_openid}
            with self._database.write() as connection:
                self._followers.seen(connection, page.openids, progress.run)
            if is_last:
                self._finish(progress)
                return pages
            progress = _Progress(progress.run, page.next_openid, progress.changed_at)
            self._keep(progress)
        return PAGES_A_TURN

    def _finish(self, progress: _Progress) -> None:
        """Mark who stood on no page, and rest until the next night."""
        with self._database.write() as connection:
            gone = self._followers.missing_after(
                connection, progress.run, began_at=progress.changed_at
            )
        self._keep(_Progress("", "", self._wall.now()))
        log.info("followers_synchronised", gone=gone, count=self._followers.count())

    def _progress(self) -> _Progress | None:
        with self._database.read() as connection:
            row = connection.execute(select(sync).where(sync.c.name == NAME)).first()
        return _Progress(row.run, row.next_openid, row.changed_at) if row else None

    def _keep(self, progress: _Progress) -> None:
        """Keep how far it is; `changed_at` is when the run began, or when the last one ended."""
        values = {
            "run": progress.run,
            "next_openid": progress.next_openid,
            "changed_at": progress.changed_at,
        }
        with self._database.write() as connection:
            connection.execute(
                self._insert(sync)
                .values(name=NAME, **values)
                .on_conflict_do_update(index_elements=["name"], set_=values)
            )
