"""Words of identity: tiers, the visitor of a request, what identity refuses or reports. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

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
    """A fund account is no longer bound to an openid."""

    customer_id: str
    account_id: str
    openid: str
    at: datetime


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
