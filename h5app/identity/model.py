"""Words of identity: tiers, the visitor of a request, what identity refuses or reports. Pure."""

import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from urllib.parse import urlsplit

from h5app.kernel.error import AppError
from h5app.kernel.event import Event


class Tier(IntEnum):
    """How well the caller is known; each tier includes those below it."""

    VISITOR = 0
    FOLLOWER = 1
    """An openid is known, following or not."""
    BOUND = 2
    """A fund account stands behind it."""
    STEPPED_UP = 3
    """BOUND, and the trade password was given a short while ago."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who makes the present request."""

    tier: Tier = Tier.VISITOR
    session_id: int | None = None
    openid: str | None = None
    customer_id: str | None = None
    """Known from FOLLOWER on; other rooms keep what is the customer's own under it."""
    account_id: str | None = None
    """The fund account, known from BOUND on."""
    stepped_up_until: datetime | None = None
    """Wall clock; None when the trade password was not given in this session."""

    @property
    def owner(self) -> str:
        """The customer id, where the gate has made sure that there is one."""
        assert self.customer_id is not None, "the route's tier lets strangers in"
        return self.customer_id

    @property
    def account(self) -> str:
        """The fund account, where the gate has made sure that there is one."""
        assert self.account_id is not None, "the route's tier lets unbound customers in"
        return self.account_id


STRANGER = Visitor()


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a request comes from: what identity counts wrong passwords and knows devices by."""

    address: str = ""
    user_agent: str = ""
    device_token: str = field(default="", repr=False)
    """The secret of this browser, kept in a cookie of its own."""
    session_token: str = field(default="", repr=False)
    """The session that the request came with; a new one takes its place."""


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A session that was just given, or given anew: its token goes into the cookie."""

    token: str = field(repr=False)
    lasts: timedelta
    visitor: Visitor
    look: str = ""
    """How the customer last wanted pages to look; empty when nothing was said."""


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A place where the customer is signed in."""

    session_id: int
    device: str
    is_wechat: bool
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class KnownDevice:
    """A browser that needs no one-time code for the account any more."""

    device_id: int
    name: str
    first_seen_at: datetime
    last_seen_at: datetime


class Purpose(StrEnum):
    """What a one-time code is for; one sent for the one is of no use for the other."""

    SIGN_IN = "sign_in"
    BINDING = "binding"


RISK_NOTICE_VERSION = "2026-11"
"""The wording of the risk notice that stands in templates/identity/_risk_notice.html."""


@dataclass(frozen=True, kw_only=True)
class BindAccount:
    """The wish to bind a fund account to one's openid."""

    fund_account: str
    trade_password: str = field(repr=False)
    code: str = field(default="", repr=False)
    accepted_notice: str = ""
    """The version of the risk notice that was accepted; empty when none was."""


class SignInRequired(AppError):
    """Nobody is known here yet; inside WeChat the channel catches this and asks for the openid."""

    code = "identity.sign_in_required"
    status = 401
    sentence = "请先登录,登录后会回到刚才的页面"


class BindingRequired(AppError):
    """The openid is known, but no fund account is bound to it."""

    code = "identity.binding_required"
    status = 403
    sentence = "请先绑定资金账号,绑定后会回到刚才的页面"


class StepUpRequired(AppError):
    """The trade password was not given, or too long ago."""

    code = "identity.step_up_required"
    status = 403
    sentence = "请输入交易密码验证身份,验证后会回到刚才的页面"


@dataclass(frozen=True, kw_only=True)
class CustomerBound(Event):
    """A fund account was bound to an openid."""

    customer_id: str
    account_id: str
    openid: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerUnbound(Event):
    """A fund account is no longer bound to an openid.

    `customer_id` stays the account's customer; the openid goes on as `openid_customer_id`, a
    customer without an account, so that both can be told.
    """

    customer_id: str
    account_id: str
    openid: str
    at: datetime
    openid_customer_id: str = ""
    was_replaced: bool = False
    """Whether another openid took the place, rather than somebody asking for it."""


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(Event):
    """An openid's own customer became the account's customer; rooms move what they keep."""

    from_customer_id: str
    to_customer_id: str


@dataclass(frozen=True, kw_only=True)
class SignedInOnNewDevice(Event):
    """A customer signed in on a device that was not known."""

    customer_id: str
    account_id: str
    device: str
    at: datetime


LOCAL_PATH_LENGTH_MAX = 500
_LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")


def local_path(text: str | None, fallback: str = "/me/") -> str:
    """Return an address of this site to go back to, or `fallback` for anything else.

    Only a path with its query passes: no host, no scheme, no backslash, no control character.
    """
    given = text or ""
    if len(given) > LOCAL_PATH_LENGTH_MAX or not _LOCAL_PATH.fullmatch(given):
        return fallback
    try:
        parts = urlsplit(given)
    except ValueError:
        return fallback
    return fallback if parts.scheme or parts.netloc else given


_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "Mac 电脑"),
    ("Linux", "Linux 电脑"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Firefox", "Firefox"),
    ("Edg", "Edge"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_name(user_agent: str) -> str:
    """Return what a customer would call the device, as iPhone · 微信."""
    system = next((name for word, name in _SYSTEMS if word in user_agent), "未知设备")
    browser = next((name for word, name in _BROWSERS if word in user_agent), "")
    return f"{system} · {browser}" if browser else system


def account_tail(fund_account: str | None) -> str:
    """Return the last four digits of a fund account, for a sentence or the trail."""
    return (fund_account or "")[-4:] if len(fund_account or "") > TAIL_DIGITS else ""


TAIL_DIGITS = 4


class BadLook(AppError):
    """A choice of appearance that does not exist."""

    code = "identity.bad_look"
    status = 422
    sentence = "没有这个外观选项,请从页面上的选项中选择"


LOOKS = {
    "theme": ("auto", "light", "dark"),
    "mode": ("standard", "care"),
    "colours": ("red-up", "green-up"),
    "language": ("zh-Hans-CN",),
}
"""What may be chosen; the first of each is what nobody chose."""
_LOOK_BETWEEN = "."


@dataclass(frozen=True, kw_only=True)
class Look:
    """One reader's choice; every template has it as `look`."""

    theme: str = "auto"
    mode: str = "standard"
    colours: str = "red-up"
    language: str = "zh-Hans-CN"

    def as_text(self) -> str:
        """Return the choice as one word of a cookie or a column."""
        return _LOOK_BETWEEN.join(asdict(self).values())

    @classmethod
    def from_text(cls, text: str) -> "Look":
        """Return the choice that `as_text` wrote; what is not understood is left as it is."""
        pairs = zip(LOOKS, text.split(_LOOK_BETWEEN), strict=False)
        return cls(**{name: value for name, value in pairs if value in LOOKS[name]})

    def changed(self, wishes: dict[str, str]) -> "Look":
        """Return the choice with some of its parts changed.

        Raises:
            BadLook: There is no such choice.
        """
        known = {name: value for name, value in wishes.items() if name in LOOKS}
        if any(value not in LOOKS[name] for name, value in known.items()):
            raise BadLook
        return replace(self, **known)
