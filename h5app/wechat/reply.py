"""Passive replies: built as XML text whose values cannot end their own CDATA section."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from h5app.kernel.error import AppError

NOTHING = b""
"""Handled, nothing to say; the platform does not deliver again."""
ARTICLES_MAX = 8
TEXT_BYTES_MAX = 2048
"""Longest text of a reply, in UTF-8 bytes."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 may not hold."""


class ReplyNotPossible(AppError):
    """无法组成回复消息"""

    code = "wechat.reply_not_possible"
    status = 500
    sentence = "无法组成回复消息"


@dataclass(frozen=True, kw_only=True)
class Article:
    """One entry of a news reply."""

    title: str
    description: str
    picture_url: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is said back in the same breath: a type, and the elements that belong to it."""

    kind: str
    elements: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def text(cls, content: str) -> "Reply":
        """Return a text reply."""
        return cls(kind="text", elements={"Content": content})

    @classmethod
    def media(cls, kind: str, media_id: str) -> "Reply":
        """Return an image or voice reply; `kind` is the platform's word for it."""
        return cls(kind=kind, elements={kind.capitalize(): {"MediaId": media_id}})

    @classmethod
    def video(cls, media_id: str, *, title: str, description: str) -> "Reply":
        """Return a video reply."""
        inner = {"MediaId": media_id, "Title": title, "Description": description}
        return cls(kind="video", elements={"Video": inner})

    @classmethod
    def music(cls, inner: Mapping[str, str]) -> "Reply":
        """Return a music reply; the keys are the platform's (Title, MusicUrl, ThumbMediaId...)."""
        return cls(kind="music", elements={"Music": dict(inner)})

    @classmethod
    def news(cls, articles: Sequence[Article]) -> "Reply":
        """Return a reply of articles.

        Raises:
            ReplyNotPossible: There is none, or more than the platform takes.
        """
        if not 1 <= len(articles) <= ARTICLES_MAX:
            raise ReplyNotPossible
        items = [
            {"Title": one.title, "Description": one.description}
            | {"PicUrl": one.picture_url, "Url": one.url}
            for one in articles
        ]
        return cls(kind="news", elements={"ArticleCount": len(items), "Articles": {"item": items}})

    @classmethod
    def hand_over(cls, agent: str = "") -> "Reply":
        """Return the reply that gives the conversation to customer service, or to one agent."""
        elements = {"TransInfo": {"KfAccount": agent}} if agent else {}
        return cls(kind="transfer_customer_service", elements=elements)

    def xml(self, *, to: str, sender: str, at_seconds: int) -> str:
        """Return the reply's XML. `at_seconds` is Unix time."""
        head = {"ToUserName": to, "FromUserName": sender, "CreateTime": at_seconds}
        return f"<xml>{_elements({**head, 'MsgType': self.kind, **self.elements})}</xml>"


def sealed_reply_xml(*, sealed: str, signature: str, timestamp: str, nonce: str) -> str:
    """Return the envelope of an encrypted reply."""
    inner = _elements(
        {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": int(timestamp), "Nonce": nonce}
    )
    return f"<xml>{inner}</xml>"


def _elements(values: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in values.items())


def _element(name: str, value: Any) -> str:  # noqa: ANN401 - text, number, mapping or list
    if isinstance(value, str):
        return f"<{name}>{_cdata(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    assert isinstance(value, int)
    return f"<{name}>{value}</{name}>"


def _cdata(text: str) -> str:
    """Return a CDATA section of what XML may hold; the end mark inside is split in two sections."""
    allowed = _NOT_IN_XML.sub("", text)
    return f"<![CDATA[{allowed.replace(']]>', ']]]]><![CDATA[>')}]]>"
