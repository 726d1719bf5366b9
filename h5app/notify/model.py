"""Notices: their kinds, what they say, and when they may be sent."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from string import ascii_lowercase

QUIET_FROM = time(22, 0)
QUIET_UNTIL = time(7, 30)
TITLE_LENGTH_MAX = 40
DEDUPE_KEY_LENGTH_MAX = 120
LINK_LENGTH_MAX = 200
KEY_LENGTH = 24
OPEN_PATH = "/me/messages/open/"
"""With a notice's key behind it: what a message outside opens; it leads on to `link_path`."""


class NoticeKind(StrEnum):
    """Types a customer may switch off one by one; security cannot be switched off."""

    ORDER_FILLED = "order_filled"
    ORDER_REFUSED = "order_refused"
    ORDER_CANCELLED = "order_cancelled"
    CASH_MOVED = "cash_moved"
    REMINDER = "reminder"
    ALERT = "alert"
    SECURITY = "security"
    SERVICE = "service"

    @property
    def label(self) -> str:
        """The type's name on Chinese screens."""
        return _LABELS[self]

    @property
    def may_be_off(self) -> bool:
        """Whether a customer may switch it off."""
        return self is not NoticeKind.SECURITY

    @property
    def may_disturb(self) -> bool:
        """Whether it is sent at night too."""
        return self is NoticeKind.SECURITY


_LABELS = {
    NoticeKind.ORDER_FILLED: "成交通知",
    NoticeKind.ORDER_REFUSED: "废单通知",
    NoticeKind.ORDER_CANCELLED: "撤单通知",
    NoticeKind.CASH_MOVED: "资金变动",
    NoticeKind.REMINDER: "理财提醒",
    NoticeKind.ALERT: "行情提醒",
    NoticeKind.SECURITY: "账户安全",
    NoticeKind.SERVICE: "服务通知",
}

Fields = tuple[tuple[str, str], ...]
"""Label and text, in the order of the screen."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell one customer. The same `dedupe_key` is told once, however often asked."""

    customer_id: str
    kind: NoticeKind
    title: str
    fields: Fields
    link_path: str
    """Where it leads, a local address; messages outside carry `open_path` in its place."""
    dedupe_key: str
    private_fields: Fields = ()
    """Amounts, prices, quantities, codes: for the inbox; elsewhere only when the customer asked."""
    kept_key: str = ""
    """The key it was told under, when that was under another customer's id."""

    def __post_init__(self) -> None:
        assert self.title, self.kind
        assert len(self.title) <= TITLE_LENGTH_MAX, self.kind
        assert 1 <= len(self.dedupe_key) <= DEDUPE_KEY_LENGTH_MAX, self.kind
        assert self.link_path.startswith("/"), self.kind
        assert len(self.link_path) <= LINK_LENGTH_MAX, self.kind
        assert not self.link_path.startswith("//"), self.kind

    def text(self, label: str) -> str:
        """Return the public text under a label; empty when there is none."""
        return next((text for name, text in self.fields if name == label), "")

    def private_text(self, label: str) -> str:
        """Return the private text under a label; empty when there is none."""
        return next((text for name, text in self.private_fields if name == label), "")

    @property
    def key(self) -> str:
        """A name for this notice that is the same every time and says nothing: letters only."""
        return self.kept_key or opaque_key(self.customer_id, self.dedupe_key)

    @property
    def open_path(self) -> str:
        """The local address that a message outside carries."""
        return OPEN_PATH + self.key


def opaque_key(customer_id: str, dedupe_key: str) -> str:
    """Return 24 letters for one customer's notice; no figure can be read out of it."""
    digest = hashlib.sha256(f"{customer_id}\n{dedupe_key}".encode()).digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(KEY_LENGTH):
        number, rest = divmod(number, len(ascii_lowercase))
        letters.append(ascii_lowercase[rest])
    return "".join(letters)


@dataclass(frozen=True, kw_only=True)
class InboxEntry:
    """A notice as it stands in the customer's inbox."""

    notice_id: int
    kind: NoticeKind
    title: str
    fields: Fields
    private_fields: Fields
    link_path: str
    told_at: datetime
    is_read: bool


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What a customer wants to be pushed; the inbox holds everything whatever stands here."""

    kinds_off: frozenset[NoticeKind] = frozenset()
    shows_private: bool = False
    """Whether amounts and quantities may be sent through WeChat."""

    def wants(self, kind: NoticeKind) -> bool:
        """Return whether this kind is pushed."""
        return not kind.may_be_off or kind not in self.kinds_off


def may_be_sent_at(kind: NoticeKind, moment: datetime) -> datetime:
    """Return the first moment from `moment` on at which the kind may be sent."""
    if kind.may_disturb or QUIET_UNTIL <= moment.time() < QUIET_FROM:
        return moment
    morning = moment.replace(
        hour=QUIET_UNTIL.hour, minute=QUIET_UNTIL.minute, second=0, microsecond=0
    )
    return morning + timedelta(days=1) if moment.time() >= QUIET_FROM else morning


def masked_name(short_name: str) -> str:
    """Return a security's name with its inside hidden, as 贵*茅台: known to its owner only."""
    if len(short_name) <= 1:
        return "*"
    if len(short_name) == 2:  # noqa: PLR2004 - two characters keep the first
        return short_name[0] + "*"
    return f"{short_name[0]}*{short_name[2:]}"
