"""Reads everything that left for WeChat, and says what of it a stranger could learn."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from h5app.notify.privacy import is_private
from h5app.wechat.account import Account
from h5app.wechat.crypto import Envelope
from h5app.wechat.message import parse_fields
from tests.wechat.fake_platform import Asked

TECHNICAL = frozenset(
    {"touser", "template_id", "template_id_short", "client_msg_id", "openid", "tag_id", "tagid"}
    | {"openid_list", "clientmsgid", "appid", "secret", "next_openid"}
)
"""Names of things, not words about anybody."""
ADDRESSES = frozenset({"url", "page", "picurl"})
TOKEN_PATHS = ("/cgi-bin/stable_token", "/cgi-bin/token")
SERVICE_PATH = "/cgi-bin/message/custom/send"
_SYMBOL = re.compile(r"\d{6}(?:\.(?:SH|SZ|BJ))?")
_OWN = re.compile(r"\d{7,}|[¥￥]\s*\d|\d\s*(?:元|股|手|份)|\d+,\d{3}")
"""An account number, an amount of money, a quantity: never part of a quote that was asked for."""
_TAG = re.compile(r"<a [^>]*>|</a>")


def leaks(asked: Iterable[Asked]) -> list[str]:
    """Return each text sent to WeChat that shows an amount, a quantity, a code or an account."""
    return [leak for one in asked for leak in _leaks_of(one.path, one.body)]


def leaks_in_log(log: Mapping[str, Any], account: Account) -> list[str]:
    """Return the same of a simulator's log: calls of the account, and its passive replies."""
    calls = [one for one in log["calls"] if one["direction"] == "api"]
    found = [leak for one in calls for leak in _leaks_of(one["path"], one["request"].encode())]
    for delivery in log["deliveries"]:
        for attempt in delivery["attempts"]:
            found += [f"reply: {text}" for text in reply_texts(attempt["answer"], account)]
    return found


def reply_texts(answer: str, account: Account) -> list[str]:
    """Return the texts of a passive reply that show what is the customer's own.

    A quote that was asked for is public: its name, code and price may stand there.
    """
    if not answer.lstrip().startswith("<xml>"):
        return []
    fields = parse_fields(answer)
    if "Encrypt" in fields:
        envelope = Envelope(
            token=account.token,
            encoding_aes_key=account.encoding_aes_key,
            app_id=account.app_id,
        )
        fields = parse_fields(envelope.open(str(fields["Encrypt"])).message)
    head = {"ToUserName", "FromUserName", "CreateTime"}
    words = _words({name: value for name, value in fields.items() if name not in head})
    return [text for name, text in words if name not in {"Url", "PicUrl"} and _shows_own(text)]


def _leaks_of(path: str, raw: bytes) -> list[str]:
    if not raw or path.startswith(TOKEN_PATHS):
        return []
    try:
        body = json.loads(raw)
    except ValueError:
        return []
    shows = _shows_in_chat if _is_answer(path, body) else _shows
    return [f"{path} {name}: {text}" for name, text in _words(body) if shows(name, text)]


def _is_answer(path: str, body: Any) -> bool:
    """Whether it is a card that answers later what the customer asked in the chat."""
    return path == SERVICE_PATH and body.get("msgtype") == "news"


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
    return is_private(_TAG.sub("", text))


def _shows_in_chat(name: str, text: str) -> bool:
    return name not in ADDRESSES and _shows_own(text)


def _shows_own(text: str) -> bool:
    return bool(_OWN.search(_TAG.sub("", text)))
