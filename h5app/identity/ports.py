"""What identity needs from elsewhere: who knows passwords, and who can reach a phone."""

from dataclasses import dataclass, field
from typing import Protocol

from h5app.kernel.error import AppError


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose a fund account is, as far as identity may know."""

    masked_name: str
    """The name with its inside hidden, as 张*: shown to the holder only."""
    phone: str = field(repr=False)
    """The phone number that one-time codes are sent to; empty when there is none."""


class Accounts(Protocol):
    """The counter, as the one who knows trade passwords."""

    def verify_password(self, account_id: str, password: str) -> bool:
        """Say whether this is the account's trade password.

        An account that does not exist answers False, after as much work as a wrong password. The
        hash is computed in a thread pool, so that other greenlets run meanwhile.

        Raises:
            AppError: The counter cannot be asked now; nothing is known about the password.
        """
        ...

    def holder(self, account_id: str) -> Holder | None:
        """Return whose the account is; None when there is no such account."""
        ...


class OneTimeCode(Protocol):
    """A way to a customer's phone."""

    def send(self, phone: str, text: str, purpose: str) -> None:
        """Send a short message with a code.

        Raises:
            CodeRefused: The gateway said no: the message will not arrive.
            CodeSilent: No answer: the message may still arrive.
        """
        ...


class CodeRefused(AppError):
    """The gateway does not take the message."""

    code = "identity.code_not_sent"
    status = 503
    sentence = "验证码暂时发不出去,请稍后再试,或致电客服"


class CodeSilent(AppError):
    """The gateway did not answer; the message may be on its way."""

    code = "identity.code_maybe_sent"
    status = 503
    sentence = "短信网关没有应答,如已收到验证码可以直接输入,否则请一分钟后重新获取"
