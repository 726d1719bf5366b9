"""A notice as a page shows it: private figures open or not, and whether it reached WeChat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from h5app.notify.inbox import Way
from h5app.notify.model import Fields, InboxEntry

CONTENT_LABELS_LEFT_OUT = frozenset({"时间"})
"""A list shows the notice's own time beside it."""
_REFUSED_WORDS = {
    "43004": "微信未送达:您还没有关注公众号",
    "43101": "微信未送达:您在微信里拒收了这类消息",
    "user_block": "微信未送达:您在微信里屏蔽了公众号消息",
    "switched_off": "未发微信:您关闭了这类提醒",
    "no_address": "未发微信:账户没有绑定微信",
}
_STATE_WORDS = {
    "waiting": "等待发送到微信",
    "sent": "已发送到微信",
    "unknown": "微信没有回执,可能已经送达",
}
_NOT_ARRIVED = "微信未送达"


class MessageFields(msgspec.Struct):
    """A notice in JSON."""

    id: int
    kind: str
    title: str
    told_at: datetime
    is_read: bool
    fields: tuple[tuple[str, str], ...]
    private_fields: tuple[tuple[str, str], ...]
    """Empty until the trade password was given."""
    link: str
    delivery: str


class MessagePage(msgspec.Struct):
    """A page of the inbox in JSON."""

    messages: list[MessageFields]
    unread: int
    older_before: int | None
    """Give it as `before` for the next page; null on the last one."""


class Unread(msgspec.Struct):
    """How many notices were not read yet."""

    unread: int


@dataclass(frozen=True, kw_only=True)
class ShownMessage:
    """One notice and what a page says beside it."""

    entry: InboxEntry
    is_open: bool
    """Whether its private figures may be shown."""
    delivery: str
    """What became of it in WeChat; empty when there is nothing to say."""

    @property
    def summary(self) -> str:
        """The public texts in one line."""
        texts = (text for label, text in self.entry.fields if label not in CONTENT_LABELS_LEFT_OUT)
        return " ".join(text for text in texts if text)

    @property
    def figures(self) -> Fields:
        """The private fields as they may be shown."""
        return self.entry.private_fields if self.is_open else ()

    def as_fields(self) -> MessageFields:
        """Return the notice for JSON."""
        entry = self.entry
        return MessageFields(
            id=entry.notice_id,
            kind=entry.kind.value,
            title=entry.title,
            told_at=entry.told_at,
            is_read=entry.is_read,
            fields=entry.fields,
            private_fields=self.figures,
            link=entry.link_path,
            delivery=self.delivery,
        )


def delivery_words(ways: Sequence[Way]) -> str:
    """Return what became of a notice outside, in the words of the last way that was tried."""
    tried = [way for way in ways if way.state not in {"reserve", "spared"}]
    if not tried:
        return ""
    last = tried[-1]
    if last.state == "refused":
        return _REFUSED_WORDS.get(last.code, _NOT_ARRIVED)
    return _STATE_WORDS.get(last.state, "")
