"""What is asked in the chat and answered, and the facts the channel tells the other rooms."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from h5app.kernel.event import Event


class Way(StrEnum):
    """How a question came."""

    TEXT = "text"
    VOICE = "voice"
    LOCATION = "location"
    MENU = "menu"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody says to be: degrees in GCJ-02, as WeChat gives them."""

    latitude: Decimal
    longitude: Decimal
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One sentence, menu tap or place that waits for an answer."""

    openid: str
    way: Way
    words: str = ""
    """The text, the recognised voice, or the key of the menu entry."""
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of ours offered in an answer; `path` is local."""

    label: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """An answer drawn as a card that opens a page of ours."""

    title: str
    description: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said back: words with links, a card, or a human."""

    words: str = ""
    links: tuple[Link, ...] = ()
    card: Card | None = None
    wants_human: bool = False


@dataclass(frozen=True, kw_only=True)
class Followed(Event):
    """Somebody began to follow the account."""

    openid: str
    scene: str
    """The scene of the QR code that led here; empty without one."""


@dataclass(frozen=True, kw_only=True)
class SceneScanned(Event):
    """A follower scanned one of our QR codes."""

    openid: str
    scene: str


@dataclass(frozen=True, kw_only=True)
class Unfollowed(Event):
    """Somebody stopped following: pushes stop, what the platform wants removed is removed."""

    openid: str


@dataclass(frozen=True, kw_only=True)
class AuthorizationRevoked(Event):
    """Somebody took back the right to their profile; nothing of it may be kept."""

    openid: str


@dataclass(frozen=True, kw_only=True)
class TemplateJobFinished(Event):
    """The platform says what became of a template message."""

    msgid: str
    openid: str
    result: str
    """success, or the platform's own words of failure."""
