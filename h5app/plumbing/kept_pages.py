"""Whole pages that strangers share: drawn once while nothing changes; each gets a form token."""

from collections.abc import Callable, Hashable

from flask import Response
from flask_wtf.csrf import generate_csrf

TOKEN_PLACE = "the-form-token-of-this-visitor"  # noqa: S105 - a place, not a token
PAGES_MAX = 100
"""Pages of one state of things; then all are drawn anew."""


def token_place() -> str:
    """Stand in for csrf_token() while a page is drawn that many will get."""
    return TOKEN_PLACE


class KeptPages:
    """Keeps pages while the stamp stays the same; they are public, and nobody's own."""

    def __init__(self) -> None:
        self._stamp: Hashable = None
        self._kept: dict[Hashable, str] = {}

    def page(self, stamp: Hashable, key: Hashable, draw: Callable[[], str]) -> Response:
        """Answer the present request with the page that `draw` gave for this key at this stamp.

        `draw` renders with `csrf_token=token_place`.
        """
        if stamp != self._stamp or len(self._kept) >= PAGES_MAX:
            self._stamp, self._kept = stamp, {}
        kept = self._kept
        text = kept.get(key)
        if text is None:
            text = kept[key] = draw()
        own = text.replace(TOKEN_PLACE, generate_csrf())
        return Response(own, mimetype="text/html", headers={"Cache-Control": "no-cache"})
