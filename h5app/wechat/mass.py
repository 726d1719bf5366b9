"""Mass messages to a tag: shown to one person first, sent once, counted by the month."""

import hashlib

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.notify.privacy import is_private
from h5app.plumbing.db import Database
from h5app.wechat.client import WeChatApi
from h5app.wechat.store import mass_job
from h5app.wechat.transport import WeChatRefused

PER_MONTH_MAX = 4
"""So many mass messages a follower gets in a calendar month; the platform drops the others."""
TEXT_BYTES_MAX = 2048
SUBMITTED = "submitted"
SENT_BEFORE = 45065


class MassRefused(AppError):
    """A mass message that is not sent."""

    code = "wechat.mass_refused"
    status = 422
    sentence = "群发没有进行"


class Mass:
    """Sends a text to everybody with a tag."""

    def __init__(self, database: Database, wall: Clock, api: WeChatApi) -> None:
        self._database = database
        self._wall = wall
        self._api = api
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def sent_this_month(self, tag_id: int) -> int:
        """Return how many were submitted to a tag this month."""
        c = mass_job.c
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.count())
                    .select_from(mass_job)
                    .where(c.tag_id == tag_id, c.month == self._month(), c.msg_id != "")
                ).scalar_one()
            )

    def preview(self, openid: str, text: str) -> None:
        """Show the text to one person.

        Raises:
            MassRefused: The text may not be sent.
            WeChatRefused: The platform said no.
            WeChatSilent: It did not answer.
        """
        _check(text)
        self._api.mass_preview_text(openid, text)

    def send(self, tag_name: str, text: str) -> str:
        """Send a text to a tag; return the job's id. The same text is sent once a month.

        Raises:
            MassRefused: There is no such tag, the month's count is used up, or the text may not be
                sent.
            WeChatRefused: The platform said no.
            WeChatSilent: It did not answer; asking again sends nothing twice.
        """
        _check(text)
        tag_id = next((int(t["id"]) for t in self._api.tags() if t.get("name") == tag_name), None)
        if tag_id is None:
            raise MassRefused(problems=[f"没有标签 {tag_name}"])
        key = hashlib.sha256(f"{self._month()}\n{tag_id}\n{text}".encode()).hexdigest()[:48]
        known = self._begin(key, tag_id)
        if known:
            return known
        try:
            msg_id = self._api.mass_send_text(tag_id, text, client_msg_id=key)
        except WeChatRefused as refused:
            if refused.errcode != SENT_BEFORE:
                raise
            msg_id = SUBMITTED  # An earlier call was taken, and its answer was lost.
        self._end(key, msg_id)
        return msg_id

    def _begin(self, key: str, tag_id: int) -> str:
        """Note the wish; return the id of a job that was submitted before."""
        c = mass_job.c
        with self._database.write() as connection:
            known = connection.execute(select(c.msg_id).where(c.client_msg_id == key)).scalar()
            if known:
                return str(known)
            count = connection.execute(
                select(func.count())
                .select_from(mass_job)
                .where(c.tag_id == tag_id, c.month == self._month(), c.client_msg_id != key)
                .where(c.msg_id != "")
            ).scalar_one()
            if count >= PER_MONTH_MAX:
                raise MassRefused(problems=[f"这个标签本月已群发 {count} 次,每人每月最多收到 4 次"])
            connection.execute(
                self._insert(mass_job)
                .values(
                    client_msg_id=key,
                    tag_id=tag_id,
                    month=self._month(),
                    asked_at=self._wall.now(),
                )
                .on_conflict_do_nothing(index_elements=["client_msg_id"])
            )
        return ""

    def _end(self, key: str, msg_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(mass_job)
                .where(mass_job.c.client_msg_id == key)
                .values(msg_id=msg_id, status=SUBMITTED)
            )

    def _month(self) -> str:
        return f"{self._wall.now():%Y-%m}"


def _check(text: str) -> None:
    problems = {
        "没有内容": not text.strip(),
        f"内容最长 {TEXT_BYTES_MAX} 字节": len(text.encode()) > TEXT_BYTES_MAX,
        "内容里不能有金额、数量、证券代码或账号": is_private(text),
    }
    found = [problem for problem, is_wrong in problems.items() if is_wrong]
    if found:
        raise MassRefused(problems=found)
