"""The pages that ask who is there: drawn by their views, and in the place of a refused page."""

from dataclasses import dataclass
from typing import TypeVar, cast
from urllib.parse import quote, urlsplit

import msgspec
from flask import Response, request

from h5app.identity.kept_form import KeptForm
from h5app.identity.model import Visitor, local_path
from h5app.kernel.error import AppError
from h5app.plumbing.web import parsed_json, render

Fields = TypeVar("Fields", bound=msgspec.Struct)

ASKS_CODE = frozenset(
    {
        "identity.code_required",
        "identity.code_wrong",
        "identity.code_expired",
        "identity.code_maybe_sent",
    }
)
"""After these refusals the page shows the field for the code."""
FIELD_BY_CODE = {
    "identity.bad_fund_account": "fund_account",
    "identity.password_missing": "trade_password",
    "identity.wrong_password": "trade_password",
    "identity.code_required": "code",
    "identity.code_wrong": "code",
    "identity.code_expired": "code",
    "identity.notice_not_accepted": "accepted_notice",
}
"""Which field a refusal is about."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page that asks for a password starts from."""

    next_path: str
    fund_account: str = ""
    kept: KeptForm | None = None
    error: AppError | None = None
    gave_code: bool = False
    was_signed_in: bool = False
    """Whether the browser came with a session that is over."""
    is_interruption: bool = False
    """Whether the page stands in the place of a form that was sent and not taken."""

    @property
    def asks_code(self) -> bool:
        """Whether the page shows the field for the code."""
        return self.gave_code or (self.error is not None and self.error.code in ASKS_CODE)

    @property
    def wrong_field(self) -> str:
        """The field that the refusal is about; empty for the whole form."""
        return FIELD_BY_CODE.get(self.error.code, "") if self.error else ""

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.error.status if self.error else 200


def sign_in_page(asked: Asked) -> Response:
    """Draw the page for fund account and trade password."""
    return render("identity/sign_in.html", asked.status, asked=asked, is_private=True)


def step_up_page(asked: Asked, who: Visitor) -> Response:
    """Draw the page for the trade password alone."""
    return render(
        "identity/step_up.html", asked.status, asked=asked, account=who.account_id, is_private=True
    )


def continue_page(kept: KeptForm, next_path: str) -> Response:
    """Draw the page that gives a kept form back to be sent."""
    return render("identity/continue.html", kept=kept, next_path=next_path, is_private=True)


def is_wechat() -> bool:
    """Say whether the page is seen inside WeChat, where the openid comes by itself."""
    return "MicroMessenger" in request.user_agent.string


def path_of_request() -> str:
    """Return the present address as a local path with its query."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path, safe="/-._~!$&'()*+,;=:@")
    return local_path(f"{path}?{query}" if query else path)


def path_of_referrer() -> str:
    """Return the page a form was sent from, when it is one of ours."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return "/me/"
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def asking_address(page: str, next_path: str) -> str:
    """Return the address of an asking page that leads on to `next_path`."""
    return f"{page}?next={quote(next_path, safe='/')}"


def fields_of_request(kind: type[Fields]) -> Fields:
    """Return the fields of a JSON body or a form as a Struct of texts; missing ones are empty.

    Raises:
        BadRequest: The JSON is not of that form.
    """
    if request.mimetype == "application/json":
        return cast("Fields", parsed_json(kind))
    return kind(**{name: request.form.get(name, "") for name in kind.__struct_fields__})
