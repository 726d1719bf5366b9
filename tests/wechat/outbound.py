"""Reads everything that left for WeChat, and says what of it a stranger could learn."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from h5app.notify.privacy import is_private
from tests.wechat.fake_platform import Asked

TECHNICAL = frozenset(
    {"touser", "template_id", "template_id_short", "client_msg_id", "openid", "tag_id", "tagid"}
)
"""Names of things, not words about anybody."""
ADDRESSES = frozenset({"url", "page", "picurl"})
_SYMBOL = re.compile(r"\d{6}(?:\.(?:SH|SZ|BJ))?")


def leaks(asked: Iterable[Asked]) -> list[str]:
    """Return each text sent to WeChat that shows an amount, a quantity, a code or an account."""
    found = []
    for one in asked:
        if not one.body or one.path.startswith("/cgi-bin/stable_token"):
            continue
        try:
            body = json.loads(one.body)
        except ValueError:
            continue
        found += [f"{one.path} {name}: {text}" for name, text in _words(body) if _shows(name, text)]
    return found


def _words(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in TECHNICAL:
                yield from _words(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner, name)
    elif isinstance(value, str):
        yield name, value


def _shows(name: str, text: str) -> bool:
    if name in ADDRESSES or text.startswith(("http://", "https://")):
        parts = urlsplit(text)
        return bool(_SYMBOL.search(unquote(parts.path + "?" + parts.query)))
    return is_private(text)
