"""What the channel needs from elsewhere; app.py says who provides it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from flask import Response

from h5app.wechat.model import Answer, Question

AnswerPort = Callable[[Question], Answer | None]
"""Answers a question from what is known now. It only reads: it may be asked twice, or in vain.
None means it has nothing to say; the channel then offers its own entries."""

Entries = Mapping[str, str]
"""The local address of each entry by its name, as `{"quotes": "/market/"}`."""


class PushSwitch(Protocol):
    """Who may be pushed to."""

    def is_following(self, openid: str) -> bool | None:
        """Return whether the person follows; None when that is not known."""
        ...


class OpenidSignIn(Protocol):
    """Starts a session for somebody whom WeChat named."""

    def sign_in_openid(self, openid: str, response: Response) -> None:
        """Start a session of flask.request's browser and put its cookie on the response.

        A session that the browser has already is replaced: its token is never used again.
        """
        ...

    def note_snapshot(self) -> None:
        """Note for audit that the platform's virtual user was turned away; it gets nothing."""
        ...
