"""Notices as template messages: one message each, and what became of it in notify's words."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.notify.model import Notice
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.client import TemplateMessage, WeChatApi
from h5app.wechat.composing import (
    BLACKLISTED,
    DECLINED_BY_USER,
    NOT_FOLLOWING,
    NotComposed,
    composed,
    declined,
    not_now,
    refused,
)
from h5app.wechat.followers import Followers
from h5app.wechat.model import TemplateJobFinished
from h5app.wechat.store import template_job
from h5app.wechat.templates import Template, TemplateBook
from h5app.wechat.transport import WeChatRefused, WeChatSilent

CHANNEL_NAME = "wechat"
TEMPLATE_UNKNOWN = 40037
NO_TEMPLATE_PAUSE = timedelta(seconds=10)
SUCCESS = "success"
USER_BLOCK = "user_block"
CODE_LENGTH_MAX = 32
KEPT = timedelta(days=30)

log = get_logger(__name__)

Record = Callable[[str, str, Delivery], None]
"""Notifier.record_result: channel, reference and what was found out."""


class TemplateChannel:
    """Carries a notice as a template message to a follower's openid."""

    name = CHANNEL_NAME

    def __init__(
        self,
        account: Account,
        api: WeChatApi,
        book: TemplateBook,
        followers: Followers,
        jobs: "TemplateJobs",
    ) -> None:
        self._account = account
        self._api = api
        self._book = book
        self._followers = followers
        self._jobs = jobs

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Send a notice to an openid; the same notice again within ten minutes is one message."""
        if self._followers.is_following(recipient.address) is False:
            return refused(str(NOT_FOLLOWING))
        template = self._book.template(notice.kind)
        if template is None:
            return Delivery(
                outcome=Outcome.LATER, code="no_template", retry_after=NO_TEMPLATE_PAUSE
            )
        try:
            texts = composed(template.places, notice, recipient)
        except NotComposed as wrong:
            return refused(str(wrong))
        return self._sent(notice, recipient.address, template, texts)

    def _sent(
        self, notice: Notice, openid: str, template: Template, texts: dict[str, str]
    ) -> Delivery:
        message = TemplateMessage(
            openid=openid,
            template_id=template.template_id,
            url=self._account.link(notice.open_path),
            client_msg_id=notice.key,
            texts=texts,
        )
        try:
            msgid = self._api.template_send(message)
        except WeChatSilent:
            return Delivery(outcome=Outcome.UNKNOWN, code="silent")
        except WeChatRefused as answer:
            return self._refusal(notice, openid, answer.errcode)
        self._jobs.note(msgid, openid, notice.key)
        return Delivery(outcome=Outcome.SENT, reference=msgid)

    def _refusal(self, notice: Notice, openid: str, errcode: int) -> Delivery:
        """Return what an errcode means: not now, not by this way, or a mistake of ours."""
        later = not_now(errcode, self._jobs.wall)
        if later is not None:
            return later
        if errcode in {DECLINED_BY_USER, BLACKLISTED}:
            return declined(str(errcode))
        if errcode == NOT_FOLLOWING:
            self._followers.lost(openid)
        if errcode == TEMPLATE_UNKNOWN:
            self._book.forget(notice.kind)
        log.info("template_message_refused", kind=notice.kind.value, errcode=errcode)
        return refused(str(errcode))


class TemplateJobs:
    """The template messages that the platform took, and what it says of them later."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self.wall = wall
        self._record: Record | None = None
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def results_to(self, record: Record) -> None:
        """Say who is told what became of a message."""
        self._record = record

    def note(self, msgid: str, openid: str, client_msg_id: str) -> None:
        """Keep that the platform took a message; the same one twice is one row."""
        with self._database.write() as connection:
            connection.execute(
                self._insert(template_job)
                .values(
                    msgid=msgid,
                    openid=openid,
                    client_msg_id=client_msg_id,
                    sent_at=self.wall.now(),
                )
                .on_conflict_do_nothing(index_elements=["msgid"])
            )

    def forget_old(self) -> int:
        """Delete what was sent more than a month ago; return how many."""
        limit = self.wall.now() - KEPT
        with self._database.write() as connection:
            return connection.execute(
                delete(template_job).where(template_job.c.sent_at < limit)
            ).rowcount

    def on_template_job_finished(self, fact: TemplateJobFinished) -> None:
        """Pass on what became of a message of ours; others' messages are not our business.

        Raises:
            ResultTooEarly: The sending itself is still being recorded; the fact is told again.
        """
        with self._database.read() as connection:
            is_ours = connection.execute(
                select(template_job.c.msgid).where(template_job.c.msgid == fact.msgid)
            ).first()
        if not is_ours or self._record is None:
            return
        self._record(CHANNEL_NAME, fact.msgid, result_of(fact.result))


def result_of(words: str) -> Delivery:
    """Return the platform's words on a finished message: success, or why it did not arrive."""
    if words == SUCCESS:
        return Delivery(outcome=Outcome.SENT, code="arrived")
    reason = words.partition(":")[2].strip().replace(" ", "_")
    if reason == USER_BLOCK:
        return declined(reason)
    return refused((reason or "failed")[:CODE_LENGTH_MAX])
