"""The signed cookie that carries the CSRF token: Flask's own, with its signer made once."""

from functools import lru_cache

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class FormSessions(SecureCookieSessionInterface):
    """Flask makes the signer anew for every request, which costs more than most requests do."""

    def __init__(self) -> None:
        self._signer = lru_cache(maxsize=2)(super().get_signing_serializer)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer of an application's key."""
        return self._signer(app)
