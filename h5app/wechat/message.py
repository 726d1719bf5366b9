"""Callback messages: hostile XML refused, leaves kept as their text, one key per delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from h5app.kernel.error import AppError

BODY_BYTES_MAX = 64 * 1024
"""A callback's body may not be longer."""
DEPTH_MAX = 8
ELEMENTS_MAX = 2000
NAME_LENGTH_MAX = 128
"""Longest openid or account name taken."""
NUMBER_LENGTH_MAX = 20
"""Longest CreateTime or MsgId taken, in digits."""


class MessageTooLarge(AppError):
    """消息过长,已被拒绝"""

    code = "wechat.message_too_large"
    status = 413
    sentence = "消息过长,已被拒绝"


class MessageNotReadable(AppError):
    """消息内容无法识别,已被拒绝"""

    code = "wechat.message_not_readable"
    status = 400
    sentence = "消息内容无法识别,已被拒绝"


Fields = Mapping[str, Any]
"""A leaf is text; an element with elements inside a mapping; repeated elements a list."""


@dataclass(frozen=True)
class Message:
    """One message or event of a callback."""

    fields: Fields

    @property
    def to_user(self) -> str:
        """The account's own original id."""
        return self.text("ToUserName")

    @property
    def openid(self) -> str:
        """Whom it came from."""
        return self.text("FromUserName")

    @property
    def create_time(self) -> str:
        """When the platform made it, in seconds, as it stands."""
        return self.text("CreateTime")

    @property
    def kind(self) -> str:
        """The message type, in lower case."""
        return self.text("MsgType").lower()

    @property
    def event(self) -> str:
        """The event's name in lower case; empty for a message."""
        return self.text("Event").lower() if self.kind == "event" else ""

    @property
    def event_key(self) -> str:
        """What was tapped or scanned; empty when there is none."""
        return self.text("EventKey")

    @property
    def dedupe_key(self) -> str:
        """What two deliveries of the same thing share.

        A message: sender and MsgId. An event, or a message without an id: sender, CreateTime,
        name, EventKey and MsgID, because a tap and a location can share a second.
        """
        message_id = self.text("MsgId")
        if self.kind != "event" and message_id:
            return f"{self.openid}|{message_id}"
        name = self.event or self.kind
        return "|".join(
            (self.openid, self.create_time, name, self.event_key, message_id or self.text("MsgID"))
        )

    def text(self, name: str) -> str:
        """Return a leaf's text; empty when it is missing or not a leaf."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def inner(self, name: str) -> Fields:
        """Return the mapping below an element; empty when there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}


def many(fields: Fields, name: str) -> tuple[Any, ...]:
    """Return an element that may stand once, often or not at all as a tuple."""
    value = fields.get(name)
    if value is None or value == "":
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def parse_message(xml: bytes | str) -> Message:
    """Return the message of a callback's (decrypted) XML.

    Raises:
        MessageTooLarge: It is longer than BODY_BYTES_MAX.
        MessageNotReadable: It is not XML, has a document type, is nested too deep, or lacks what
            every message has.
    """
    message = Message(parse_fields(xml))
    for name in ("ToUserName", "FromUserName", "MsgType"):
        if not 1 <= len(message.text(name)) <= NAME_LENGTH_MAX:
            raise MessageNotReadable(missing=name)
    if message.kind == "event" and not 1 <= len(message.event) <= NAME_LENGTH_MAX:
        raise MessageNotReadable(missing="Event")
    created = message.create_time
    if not (created.isascii() and created.isdigit() and len(created) <= NUMBER_LENGTH_MAX):
        raise MessageNotReadable(missing="CreateTime")
    if len(message.text("MsgId")) > NAME_LENGTH_MAX:
        raise MessageNotReadable(missing="MsgId")
    return message


def parse_fields(xml: bytes | str) -> dict[str, Any]:
    """Return the elements below the root `xml`.

    Raises:
        MessageTooLarge: It is longer than BODY_BYTES_MAX.
        MessageNotReadable: It is not plain XML of this shape.
    """
    try:
        body = xml.encode() if isinstance(xml, str) else xml
    except UnicodeEncodeError as wrong:
        raise MessageNotReadable from wrong
    if len(body) > BODY_BYTES_MAX:
        raise MessageTooLarge
    return _Reader().read(body)


class _Reader:
    """Builds the mapping from expat's events; a document type ends it at once."""

    def __init__(self) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._parser = parser
        self._open: list[_Element] = []
        self._root: dict[str, Any] | None = None
        self._count = 0

    def read(self, body: bytes) -> dict[str, Any]:
        """Return the fields of the root."""
        try:
            self._parser.Parse(body, True)
        except (expat.ExpatError, ValueError) as wrong:
            raise MessageNotReadable from wrong
        if not self._root:
            raise MessageNotReadable
        return self._root

    def _refuse(self, *_declaration: object) -> int:
        raise MessageNotReadable

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        is_wrong_root = not self._open and name != "xml"
        if is_wrong_root or len(self._open) >= DEPTH_MAX or self._count > ELEMENTS_MAX:
            raise MessageNotReadable
        self._open.append(_Element(name))

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if self._open:
            self._open[-1].add(element.name, element.value())
        else:
            self._root = element.children


class _Element:
    """An element that is being read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: list[str] = []
        self.children: dict[str, Any] = {}

    def add(self, name: str, value: object) -> None:
        """Put a finished element below this one; the second of a name makes a list."""
        if name not in self.children:
            self.children[name] = value
        elif isinstance(self.children[name], list):
            self.children[name].append(value)
        else:
            self.children[name] = [self.children[name], value]

    def value(self) -> object:
        """Return the mapping below, or the text when there is nothing below."""
        return self.children or "".join(self.texts)
