"""How pages look: theme, size, market colours, language; in a cookie, so that strangers have it."""

from dataclasses import asdict, dataclass, replace

import flask
from flask import Flask, Response

from h5app.identity.refusal import BadLook
from h5app.plumbing.config import Config
from h5app.plumbing.web import cookie_name

COOKIE_SECONDS = 365 * 24 * 3600
CHOICES = {
    "theme": ("auto", "light", "dark"),
    "mode": ("standard", "care"),
    "colours": ("red-up", "green-up"),
    "language": ("zh-Hans-CN",),
}
"""What may be chosen; the first of each is what nobody chose."""
_BETWEEN = "."


@dataclass(frozen=True, kw_only=True)
class Look:
    """One reader's choice; every template has it as `look`."""

    theme: str = "auto"
    mode: str = "standard"
    colours: str = "red-up"
    language: str = "zh-Hans-CN"

    def as_text(self) -> str:
        """Return the choice as one word of a cookie or a column."""
        return _BETWEEN.join(asdict(self).values())

    @classmethod
    def from_text(cls, text: str) -> "Look":
        """Return the choice that `as_text` wrote; what is not understood is left as it is."""
        pairs = zip(CHOICES, text.split(_BETWEEN), strict=False)
        return cls(**{name: value for name, value in pairs if value in CHOICES[name]})

    def changed(self, wishes: dict[str, str]) -> "Look":
        """Return the choice with some of its parts changed.

        Raises:
            BadLook: There is no such choice.
        """
        known = {name: value for name, value in wishes.items() if name in CHOICES}
        if any(value not in CHOICES[name] for name, value in known.items()):
            raise BadLook
        return replace(self, **known)


class Appearance:
    """Reads the cookie for every page, and writes it."""

    def __init__(self, config: Config) -> None:
        self._cookie = cookie_name(config, "look")
        self._is_secure = config.is_https

    def install(self, app: Flask) -> None:
        """Give `look` to every template."""
        app.context_processor(lambda: {"look": self.of_request()})

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
