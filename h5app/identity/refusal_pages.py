"""How "who are you" is asked: pages are led there and back, JSON gets the named error."""

from collections.abc import Callable

import flask
from flask import Flask, Response, request

from h5app.identity.gate import visitor
from h5app.identity.kept_form import interrupted_form
from h5app.identity.model import BindingRequired, SignInRequired, StepUpRequired
from h5app.identity.pages import (
    Asked,
    asking_address,
    path_of_referrer,
    path_of_request,
    sign_in_page,
    step_up_page,
)
from h5app.kernel.error import AppError
from h5app.plumbing.web import error_reply, request_asks_json

AskOpenid = Callable[[], Response | None]
"""Starts the question for the openid where the channel can ask it; None where it cannot."""


def install_refusal_pages(app: Flask, ask_openid: AskOpenid) -> None:
    """Answer SignInRequired, BindingRequired and StepUpRequired of every room.

    A page is led to the question and comes back afterwards. A form that was sent is not taken; what
    stood in it is kept in the page that asks, and the page says so.
    """

    def sign_in(refused: SignInRequired) -> Response:
        if request_asks_json():
            return error_reply(refused)
        if not _is_page():
            return sign_in_page(_interruption(refused))
        return ask_openid() or _lead("/me/sign-in")

    app.register_error_handler(SignInRequired, sign_in)
    app.register_error_handler(BindingRequired, _bind)
    app.register_error_handler(StepUpRequired, _step_up)


def _bind(refused: BindingRequired) -> Response:
    return error_reply(refused) if request_asks_json() else _lead("/me/binding")


def _step_up(refused: StepUpRequired) -> Response:
    if request_asks_json():
        return error_reply(refused)
    if not _is_page():
        return step_up_page(_interruption(refused), visitor())
    return _lead("/me/step-up")


def _is_page() -> bool:
    return request.method in {"GET", "HEAD"}


def _lead(page: str) -> Response:
    here = path_of_request() if _is_page() else path_of_referrer()
    return flask.redirect(asking_address(page, here), 302 if _is_page() else 303)  # type: ignore[return-value]


def _interruption(refused: AppError) -> Asked:
    return Asked(
        next_path=path_of_referrer(),
        kept=interrupted_form(),
        error=refused,
        is_interruption=True,
    )
