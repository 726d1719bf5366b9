"""The console's door: its own cookie, and what a route says about who may pass."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import flask
from flask import Blueprint, Response, current_app, g, request

from h5app.ops.model import Operator
from h5app.ops.refusal import OperatorRequired
from h5app.ops.service import SESSION_LASTS, Operators
from h5app.plumbing.config import Config
from h5app.plumbing.web import cookie_name, error_reply, request_asks_json, see_other

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "h5app_staff_only"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def requires_operator(view: View) -> View:
    """Declare that only staff who are signed in may use a route."""
    setattr(view, _ATTRIBUTE, True)
    return view


def open_to_strangers(view: View) -> View:
    """Declare that a route of the console asks for nobody."""
    setattr(view, _ATTRIBUTE, False)
    return view


class Door:
    """Reads and writes the console's cookie; it is sent to /ops only, and by our own pages only."""

    def __init__(self, operators: Operators, config: Config) -> None:
        self._operators = operators
        self._cookie = cookie_name(config, "ops")
        self._is_https = config.is_https

    def guard(self, blueprint: Blueprint) -> None:
        """Refuse what a route of the blueprint does not allow; one that says nothing is a bug."""

        def check() -> None:
            view = current_app.view_functions[request.endpoint or ""]
            is_staff_only = getattr(view, _ATTRIBUTE, None)
            assert is_staff_only is not None, f"{request.endpoint} does not say who may pass"
            if is_staff_only:
                self.operator()

        blueprint.before_request(check)
        blueprint.register_error_handler(OperatorRequired, _lead_to_sign_in)

    def operator(self) -> Operator:
        """Return who of the staff is there.

        Raises:
            OperatorRequired: Nobody.
        """
        if "operator" not in g:
            token = request.cookies.get(self._cookie, "")
            g.operator = self._operators.operator(token) if _TOKEN.fullmatch(token) else None
        if g.operator is None:
            raise OperatorRequired
        assert isinstance(g.operator, Operator)
        return g.operator

    def is_open(self) -> bool:
        """Say whether somebody of the staff is there."""
        try:
            self.operator()
        except OperatorRequired:
            return False
        return True

    def keep(self, token: str) -> None:
        """Put a session into the cookie of the present answer; an empty one takes it away."""
        lasts = int(SESSION_LASTS.total_seconds()) if token else 0

        def write(response: Response) -> Response:
            response.set_cookie(
                self._cookie,
                token,
                max_age=lasts,
                path="/" if self._is_https else "/ops",  # __Host- demands the whole site.
                httponly=True,
                secure=self._is_https,
                samesite="Strict",
            )
            return response

        flask.after_this_request(write)


def _lead_to_sign_in(refused: OperatorRequired) -> Response:
    return error_reply(refused) if request_asks_json() else see_other("/ops/sign-in")
