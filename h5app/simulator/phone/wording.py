"""Texts of the chat as the phone writes them."""

import re
from datetime import datetime
from html import unescape

from h5app.kernel.clock import SHANGHAI

WEB = ("http://", "https://")
_LINK = re.compile(r"""<a\s[^>]*?href=["']([^"']*)["'][^>]*>(.*?)</a>""", re.IGNORECASE | re.DOTALL)


def segments(text: str) -> list[tuple[str, str]]:
    """Return a text's pieces with the address behind each; plain pieces have none.

    The platform lets an account write links into texts as <a href="...">; nothing else is markup.
    """
    pieces: list[tuple[str, str]] = []
    end = 0
    for found in _LINK.finditer(text):
        pieces.append((text[end : found.start()], ""))
        address = unescape(found[1])
        pieces.append((found[2], address if address.startswith(WEB) else ""))
        end = found.end()
    pieces.append((text[end:], ""))
    return [piece for piece in pieces if piece[0]]


def shown_time(seconds: float) -> str:
    """Return a moment as hours and minutes."""
    return datetime.fromtimestamp(seconds, SHANGHAI).strftime("%H:%M")
