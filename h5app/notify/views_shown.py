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
    "43019": "微信未送达:您把公众号加入了黑名单",
    "45009": "微信未送达:公众号的发送额度已用完",
    "45011": "微信未送达:公众号发送繁忙",
    "48002": "微信未送达:您拒收公众号消息",
    "system_failed": "微信未送达:微信系统发送失败",
    "user_block": "微信未送达:您在微信里屏蔽了公众号消息",
    "switched_off": "未发微信:您关闭了这类提醒",
    "no_address": "未发微信:账户没有绑定微信",
}
_ALSO_WORDS = {
    "no_grant": "订阅次数已用完",
    "45047": "客服消息的条数已用完",
    "45015": "客服会话已过可以回复的时间",
}
"""What the ways behind the first add to its reason."""
_WAITING_WORDS = {
    "45009": "公众号今天的发送额度已用完,明天早上再发到微信",
    "45011": "公众号发送繁忙,一分钟后再发到微信",
}
"""Why a notice still waits, where the platform said so."""
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
    """Return what became of a notice outside: that it is there or on its way, else why it is not.

    The first way says why it did not come; the ways behind it add what is theirs.
    """
    tried = [way for way in ways if way.state not in {"reserve", "spared"}]
    for state in ("sent", "unknown", "waiting"):
        found = [way for way in tried if way.state == state]
        if found:
            return _WAITING_WORDS.get(found[0].code, _STATE_WORDS[state])
    if not tried:
        return ""
    also = (_ALSO_WORDS.get(way.code, "") for way in tried[1:])
    return ";".join(filter(None, (_REFUSED_WORDS.get(tried[0].code, _NOT_ARRIVED), *also)))
