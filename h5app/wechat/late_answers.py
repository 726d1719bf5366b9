"""Answers that missed their reply: sent later, within what the customer's own action allows."""

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import delete, select, update

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.client import WeChatApi
from h5app.wechat.conversation import Conversation
from h5app.wechat.followers import Followers
from h5app.wechat.model import Place, Question, Way
from h5app.wechat.store import late_question
from h5app.wechat.transport import BUSY, WeChatRefused, WeChatSilent

BATCH_MAX = 20
ATTEMPTS_MAX = 3
CLAIM = timedelta(seconds=60)
TOO_LATE = timedelta(minutes=10)
"""Nobody waits longer for an answer in a chat."""
KEPT = timedelta(days=1)
WINDOW_CLOSED = frozenset({45015, 45047, 48002})
"""The platform counts otherwise than we do: nothing more may be sent for now."""

log = get_logger(__name__)


@dataclass(frozen=True)
class _Waiting:
    row_id: int
    question: Question
    attempts: int


class LateAnswers:
    """Answers the questions that the callback put aside."""

    def __init__(
        self,
        database: Database,
        wall: Clock,
        conversation: Conversation,
        followers: Followers,
        api: WeChatApi,
    ) -> None:
        self._database = database
        self._wall = wall
        self._conversation = conversation
        self._followers = followers
        self._api = api

    def answer_due(self) -> int:
        """Answer what waits; return how many questions were dealt with."""
        waiting = self._claim()
        for one in waiting:
            if self._is_answered(one) or one.attempts >= ATTEMPTS_MAX:
                self._end(one)
        return len(waiting)

    def forget_old(self) -> int:
        """Delete questions of more than a day ago; return how many."""
        limit = self._wall.now() - KEPT
        with self._database.write() as connection:
            return connection.execute(
                delete(late_question).where(late_question.c.asked_at < limit)
            ).rowcount

    def _claim(self) -> list[_Waiting]:
        c, now = late_question.c, self._wall.now()
        due = (
            select(c.id, c.body, c.attempts)
            .where(c.done_at.is_(None), c.asked_at > now - TOO_LATE)
            .where(c.claimed_until.is_(None) | (c.claimed_until < now))
            .order_by(c.id)
            .limit(BATCH_MAX)
        )
        with self._database.read() as connection:
            if connection.execute(due).first() is None:
                return []
        with self._database.write() as connection:
            rows = connection.execute(due.with_for_update(skip_locked=True)).all()
            connection.execute(
                update(late_question)
                .where(c.id.in_([row.id for row in rows]))
                .values(claimed_until=now + CLAIM, attempts=c.attempts + 1)
            )
        return [_Waiting(row.id, question_from(row.body), row.attempts + 1) for row in rows]

    def _is_answered(self, one: _Waiting) -> bool:
        """Answer one question; False when it may be tried again."""
        openid = one.question.openid
        if self._followers.is_following(openid) is False:
            return True
        answer = self._conversation.answer_late(one.question)
        if not self._followers.take_message(openid):
            log.info("late_answer_without_window", way=one.question.way.value)
            return True
        try:
            self._api.service_send(openid, *self._conversation.service_message(answer))
        except WeChatSilent:
            return True  # It may have been sent; nobody wants the answer twice.
        except WeChatRefused as refused:
            if refused.errcode in WINDOW_CLOSED:
                self._followers.close_windows(openid)
            log.info("late_answer_refused", errcode=refused.errcode)
            return refused.errcode != BUSY
        return True

    def _end(self, one: _Waiting) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(late_question)
                .where(late_question.c.id == one.row_id)
                .values(done_at=self._wall.now())
            )


def question_from(body: str) -> Question:
    """Return the question that callback.question_json wrote."""
    values = json.loads(body)
    place = values["place"]
    return Question(
        openid=values["openid"],
        way=Way(values["way"]),
        words=values["words"],
        place=Place(latitude=Decimal(place[0]), longitude=Decimal(place[1]), label=place[2])
        if place
        else None,
    )
