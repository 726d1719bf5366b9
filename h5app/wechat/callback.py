"""The platform's callback: signature, envelope, message; one effect and one answer per delivery."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, update

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database, Sql, moment_text
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.conversation import AnswerTakesLonger, Conversation
from h5app.wechat.crypto import Envelope, EnvelopeNotXml, EnvelopeRefused, check_signature
from h5app.wechat.effects import Effects
from h5app.wechat.message import Message, parse_fields, parse_message
from h5app.wechat.model import Question
from h5app.wechat.reply import sealed_reply_xml
from h5app.wechat.shared_writes import SharedWrites
from h5app.wechat.store import inbound, late_question

RAW_KEPT = timedelta(days=7)
"""So long the text of a message is kept for audit."""
NOT_KEPT = frozenset({"location"})
"""Events whose text is not kept at all: where somebody is, told without a question."""
KEY_KEPT = timedelta(days=30)
"""So long a repeated delivery is recognised."""

log = get_logger(__name__)


class ModeNotTaken(EnvelopeRefused):
    """本公众号只接受加密的消息"""

    code = "wechat.mode_not_taken"
    status = 403
    sentence = "本公众号只接受加密的消息,请在公众平台选择安全模式"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What the platform sent, as it stands in address and body."""

    signature: str
    timestamp: str
    nonce: str
    body: bytes
    encrypt_type: str = ""
    msg_signature: str = ""

    @property
    def is_sealed(self) -> bool:
        """Whether the message comes in the safe mode's envelope."""
        return self.encrypt_type == "aes"


class Callbacks:
    """Takes deliveries. A repeated one gets the same answer and changes nothing.

    Nothing looks beforehand whether a delivery is known: to find an answer changes nothing, so that
    the one write decides, and the many that are new are spared a reading.
    """

    def __init__(
        self,
        account: Account,
        database: Database,
        wall: Clock,
        conversation: Conversation,
        effects: Effects,
    ) -> None:
        self._account = account
        self._database = database
        self._wall = wall
        self._conversation = conversation
        self._effects = effects
        self._writes = SharedWrites(database, wall)
        self._envelope = Envelope(
            token=account.token,
            encoding_aes_key=account.encoding_aes_key,
            app_id=account.app_id,
        )

    def greet(self, *, signature: str, timestamp: str, nonce: str) -> None:
        """Check the address test that the platform makes when the server is entered.

        Raises:
            SignatureMismatch: It is not the platform that asks.
        """
        check_signature(signature, self._account.token, timestamp, nonce)

    def receive(self, delivery: Delivery) -> str:
        """Return the body to answer with; empty text says nothing.

        Raises:
            EnvelopeRefused: The signature, the envelope or the mode is not right.
            MessageNotReadable: The message is not what a message must be.
            MessageTooLarge: It is longer than a message may be.
        """
        xml = self._opened(delivery)
        message = parse_message(xml)
        key_hash = hashlib.sha256(message.dedupe_key.encode()).digest()
        reply, late = self._reply(message, delivery)
        return self._note(message, xml, key_hash, reply=reply, late=late)

    def forget_expired(self) -> int:
        """Delete raw messages and keys whose time is over; return how many rows changed."""
        now = self._wall.now()
        with self._database.write() as connection:
            changed = connection.execute(
                update(inbound)
                .where(inbound.c.raw_expires_at < now, inbound.c.raw.is_not(None))
                .values(raw=None, reply="")
            ).rowcount
            changed += connection.execute(
                delete(inbound).where(inbound.c.key_expires_at < now)
            ).rowcount
        return changed

    def _opened(self, delivery: Delivery) -> str | bytes:
        """Return the message's XML, once everything around it was checked."""
        self.greet(signature=delivery.signature, timestamp=delivery.timestamp, nonce=delivery.nonce)
        if not delivery.is_sealed:
            if "plain" not in self._account.callback_modes:
                raise ModeNotTaken
            return delivery.body
        sealed = parse_fields(delivery.body).get("Encrypt")
        if not isinstance(sealed, str) or not sealed:
            raise EnvelopeNotXml
        self._envelope.check(
            signature=delivery.msg_signature,
            timestamp=delivery.timestamp,
            nonce=delivery.nonce,
            sealed=sealed,
        )
        return self._envelope.open(sealed).message

    def _reply(self, message: Message, delivery: Delivery) -> tuple[str, Question | None]:
        """Return the body of the answer, and the question when it must be answered later."""
        try:
            reply = self._conversation.reply_to(message)
        except AnswerTakesLonger as late:
            return "", late.question
        if reply is None:
            return "", None
        at_seconds = int(self._wall.now().timestamp())
        xml = reply.xml(to=message.openid, sender=message.to_user, at_seconds=at_seconds)
        return (self._sealed(xml) if delivery.is_sealed else xml), None

    def _sealed(self, xml: str) -> str:
        timestamp = str(int(self._wall.now().timestamp()))
        nonce = secrets.token_hex(8)
        sealed = self._envelope.seal(xml, random16=secrets.token_hex(8))
        signature = self._envelope.signature(timestamp=timestamp, nonce=nonce, sealed=sealed)
        return sealed_reply_xml(
            sealed=sealed, signature=signature, timestamp=timestamp, nonce=nonce
        )

    def _note(
        self,
        message: Message,
        xml: str | bytes,
        key_hash: bytes,
        *,
        reply: str,
        late: Question | None,
    ) -> str:
        """Note the delivery and what it changes, both or neither; the first answer counts."""
        now = self._wall.now()
        text = xml.decode("utf-8", "replace") if isinstance(xml, bytes) else xml
        raw = None if message.event in NOT_KEPT else text.replace("\x00", "")

        def work(connection: Connection) -> str:
            added = _NOTE.run(
                connection,
                key_hash=key_hash,
                openid=message.openid,
                kind=message.event or message.kind,
                raw=raw,
                reply=reply,
                received_at=moment_text(connection, now),
                raw_expires_at=moment_text(connection, now + RAW_KEPT),
                key_expires_at=moment_text(connection, now + KEY_KEPT),
            ).rowcount
            if not added:
                return _stored_reply(connection, key_hash)
            if late:
                connection.execute(
                    late_question.insert().values(
                        openid=message.openid, body=question_json(late), asked_at=now
                    )
                )
            self._effects.apply(connection, message)
            return reply

        answer = self._writes.run(work)
        log.info("wechat_delivery", kind=message.event or message.kind)
        return answer


_NOTE = Sql(
    "INSERT INTO wechat_inbound (key_hash, openid, kind, raw, reply, received_at, raw_expires_at,"
    " key_expires_at) VALUES (:key_hash, :openid, :kind, :raw, :reply, :received_at,"
    " :raw_expires_at, :key_expires_at) ON CONFLICT (key_hash) DO NOTHING"
)
_REPLY = Sql("SELECT reply FROM wechat_inbound WHERE key_hash = :key_hash")


def _stored_reply(connection: Connection, key_hash: bytes) -> str:
    return str(_REPLY.run(connection, key_hash=key_hash).scalar_one())


def question_json(question: Question) -> str:
    """Return a question as JSON, to be asked again later."""
    place = question.place
    where = [str(place.latitude), str(place.longitude), place.label] if place else None
    body = {"openid": question.openid, "way": question.way.value, "words": question.words}
    return json.dumps(body | {"place": where}, ensure_ascii=False)
