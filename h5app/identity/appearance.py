"""How pages look: theme, size, market colours, language; in a cookie, so that strangers have it."""

import flask
from flask import Flask, Response

from h5app.identity.model import Look
from h5app.plumbing.config import Config
from h5app.plumbing.web import cookie_name

COOKIE_SECONDS = 365 * 24 * 3600
_EXTENSION = "h5app_appearance"


def look_of_request() -> Look:
    """Return how the present reader wants pages to look, in an application that lets him choose."""
    appearance = flask.current_app.extensions.get(_EXTENSION)
    return appearance.of_request() if isinstance(appearance, Appearance) else Look()


class Appearance:
    """Reads the cookie for every page, and writes it."""

    def __init__(self, config: Config) -> None:
        self._cookie = cookie_name(config, "look")
        self._is_secure = config.is_https

    def install(self, app: Flask) -> None:
        """Give `look` to every template."""
        app.context_processor(lambda: {"look": self.of_request()})
        app.extensions[_EXTENSION] = self

    def of_request(self) -> Look:
        """Return how the present reader wants pages to look."""
        return Look.from_text(flask.request.cookies.get(self._cookie, ""))

    def keep(self, look: Look) -> None:
        """Put the choice into the cookie of the present answer."""

        def write(response: Response) -> Response:
            response.set_cookie(
                self._cookie,
                look.as_text(),
                max_age=COOKIE_SECONDS,
                httponly=True,
                secure=self._is_secure,
                samesite="Lax",
            )
            return response

        flask.after_this_request(write)
