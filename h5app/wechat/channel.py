"""Notices as template messages: one message each, and what became of it in notify's words."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.notify.model import QUIET_UNTIL, Notice
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.privacy import is_private
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.client import TemplateMessage, WeChatApi
from h5app.wechat.followers import Followers
from h5app.wechat.model import TemplateJobFinished
from h5app.wechat.store import template_job
from h5app.wechat.templates import Template, TemplateBook
from h5app.wechat.transport import BUSY, TOKEN_REFUSED, WeChatRefused, WeChatSilent
from h5app.wechat.wording import FieldDoesNotFit, texts_for

CHANNEL_NAME = "wechat"
NOT_FOLLOWING = 43004
TEMPLATE_UNKNOWN = 40037
DAILY_QUOTA = 45009
MINUTE_QUOTA = 45011
NO_TEMPLATE_PAUSE = timedelta(seconds=10)
MINUTE_PAUSE = timedelta(seconds=61)
SUCCESS = "success"
CODE_LENGTH_MAX = 32

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
            return _refused(str(NOT_FOLLOWING))
        template = self._book.template(notice.kind)
        if template is None:
            return Delivery(
                outcome=Outcome.LATER, code="no_template", retry_after=NO_TEMPLATE_PAUSE
            )
        try:
            texts = texts_for(template.places, notice, shows_private=recipient.shows_private)
        except FieldDoesNotFit as wrong:
            log.warning("notice_does_not_fit", kind=notice.kind.value, field=str(wrong))
            return _refused("does_not_fit")
        if not recipient.shows_private and any(is_private(text) for text in texts.values()):
            log.error("notice_would_show_figures", kind=notice.kind.value)
            return _refused("private")
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
        except WeChatRefused as refused:
            return self._refusal(notice, openid, refused.errcode)
        self._jobs.note(msgid, openid, notice.key)
        return Delivery(outcome=Outcome.SENT, reference=msgid)

    def _refusal(self, notice: Notice, openid: str, errcode: int) -> Delivery:
        """Return what an errcode means: not now, not by this way, or a mistake of ours."""
        code = str(errcode)
        if errcode in {BUSY, *TOKEN_REFUSED}:
            return Delivery(outcome=Outcome.LATER, code=code)
        if errcode == MINUTE_QUOTA:
            return Delivery(outcome=Outcome.LATER, code=code, retry_after=MINUTE_PAUSE)
        if errcode == DAILY_QUOTA:
            pause = self._jobs.until_morning()
            return Delivery(outcome=Outcome.LATER, code=code, retry_after=pause)
        if errcode == NOT_FOLLOWING:
            self._followers.lost(openid)
        if errcode == TEMPLATE_UNKNOWN:
            self._book.forget(notice.kind)
        log.info("template_message_refused", kind=notice.kind.value, errcode=errcode)
        return _refused(code)


class TemplateJobs:
    """The template messages that the platform took, and what it says of them later."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall
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
                    sent_at=self._wall.now(),
                )
                .on_conflict_do_nothing(index_elements=["msgid"])
            )

    def until_morning(self) -> timedelta:
        """Return how long it is until the next day's quota is there and nobody sleeps any more."""
        now = self._wall.now()
        tomorrow = now.date() + timedelta(days=1)
        return datetime.combine(tomorrow, _later(QUIET_UNTIL), now.tzinfo) - now

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
    return _refused((reason or "failed")[:CODE_LENGTH_MAX])


def _later(moment: time) -> time:
    return moment.replace(minute=moment.minute + 1)


def _refused(code: str) -> Delivery:
    return Delivery(outcome=Outcome.REFUSED, code=code)
