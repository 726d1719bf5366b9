"""What a delivered message changes on our side, in the transaction that notes its delivery."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import SHANGHAI, Clock
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.conversation import scene_of
from h5app.wechat.followers import Followers
from h5app.wechat.message import Message, many
from h5app.wechat.model import (
    AuthorizationRevoked,
    Followed,
    SceneScanned,
    TemplateJobFinished,
    Unfollowed,
)
from h5app.wechat.store import grant, mass_job, template_job

Effect = Callable[[Connection, Message], None]
RESULT_LENGTH_MAX = 64


class Effects:
    """The table of events and what each one changes; an unknown one changes nothing."""

    def __init__(
        self, database: Database, wall: Clock, followers: Followers, outbox: Outbox
    ) -> None:
        self._wall = wall
        self._followers = followers
        self._outbox = outbox
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert
        self._by_event: dict[str, Effect] = {
            "subscribe": self._followed,
            "unsubscribe": self._unfollowed,
            "scan": self._scanned,
            "click": self._clicked,
            "scancode_push": self._clicked,
            "scancode_waitmsg": self._clicked,
            "templatesendjobfinish": self._template_finished,
            "masssendjobfinish": self._mass_finished,
            "subscribe_msg_popup_event": self._granted,
            "subscribe_msg_change_event": self._grant_withdrawn,
            "subscribe_msg_sent_event": self._grant_used,
            "user_authorization_revoke": self._revoked,
            "user_authorization_cancellation": self._revoked,
        }

    def apply(self, connection: Connection, message: Message) -> None:
        """Change what this message changes."""
        if message.kind != "event":
            self._followers.acted(connection, message.openid, "message")
            return
        effect = self._by_event.get(message.event)
        if effect:
            effect(connection, message)

    def _followed(self, connection: Connection, message: Message) -> None:
        scene = scene_of(message)
        self._followers.followed(connection, message.openid, self._at(message))
        self._followers.attributed(connection, message.openid, scene)
        self._followers.acted(connection, message.openid, "follow")
        self._outbox.publish(connection, Followed(openid=message.openid, scene=scene))

    def _unfollowed(self, connection: Connection, message: Message) -> None:
        self._followers.unfollowed(connection, message.openid, self._at(message))
        self._outbox.publish(connection, Unfollowed(openid=message.openid))

    def _scanned(self, connection: Connection, message: Message) -> None:
        scene = scene_of(message)
        self._followers.followed(connection, message.openid, self._at(message))
        self._followers.attributed(connection, message.openid, scene)
        self._followers.acted(connection, message.openid, "scan")
        self._outbox.publish(connection, SceneScanned(openid=message.openid, scene=scene))

    def _at(self, message: Message) -> datetime:
        """Return when the platform says it happened; a moment to come counts as now."""
        now = self._wall.now()
        seconds = min(int(message.create_time), int(now.timestamp()))
        return datetime.fromtimestamp(seconds, SHANGHAI)

    def _clicked(self, connection: Connection, message: Message) -> None:
        self._followers.acted(connection, message.openid, "click")

    def _template_finished(self, connection: Connection, message: Message) -> None:
        msgid, result = message.text("MsgID"), message.text("Status")[:RESULT_LENGTH_MAX]
        connection.execute(
            update(template_job)
            .where(template_job.c.msgid == msgid)
            .values(result=result, result_at=self._wall.now())
        )
        fact = TemplateJobFinished(msgid=msgid, openid=message.openid, result=result)
        self._outbox.publish(connection, fact)

    def _mass_finished(self, connection: Connection, message: Message) -> None:
        sent = message.text("SentCount")
        connection.execute(
            update(mass_job)
            .where(mass_job.c.msg_id == message.text("MsgID"))
            .values(
                status=message.text("Status")[:RESULT_LENGTH_MAX],
                sent_count=int(sent) if sent.isdecimal() else 0,
            )
        )

    def _granted(self, connection: Connection, message: Message) -> None:
        for one in many(message.inner("SubscribeMsgPopupEvent"), "List"):
            template_id = one.get("TemplateId", "") if isinstance(one, dict) else ""
            if not template_id or one.get("SubscribeStatusString") != "accept":
                continue
            connection.execute(
                self._insert(grant)
                .values(openid=message.openid, template_id=template_id, left=1)
                .on_conflict_do_update(
                    index_elements=["openid", "template_id"], set_={"left": grant.c.left + 1}
                )
            )

    def _grant_withdrawn(self, connection: Connection, message: Message) -> None:
        """Forget the grants; the platform's own example wraps them in the other event's element."""
        for wrapper in ("SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent"):
            for one in many(message.inner(wrapper), "List"):
                if isinstance(one, dict):
                    self._drop_grant(connection, message.openid, one.get("TemplateId", ""))

    def _grant_used(self, connection: Connection, message: Message) -> None:
        for one in many(message.inner("SubscribeMsgSentEvent"), "List"):
            if isinstance(one, dict) and one.get("ErrorCode", "0") != "0":
                self._drop_grant(connection, message.openid, one.get("TemplateId", ""))

    def _drop_grant(self, connection: Connection, openid: str, template_id: str) -> None:
        connection.execute(
            delete(grant).where(grant.c.openid == openid, grant.c.template_id == template_id)
        )

    def _revoked(self, connection: Connection, message: Message) -> None:
        openid = message.text("OpenID") or message.openid
        self._outbox.publish(connection, AuthorizationRevoked(openid=openid))
