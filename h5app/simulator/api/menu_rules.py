"""What a menu must look like to be taken (custom menu interface, sizes in UTF-8 bytes)."""

import re
from typing import Any

from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json

BUTTONS_MAX = 3
SUB_BUTTONS_MAX = 5
NAME_BYTES_MAX = 16
SUB_NAME_BYTES_MAX = 60
KEY_BYTES_MAX = 128
URL_BYTES_MAX = 1024
KEYED_TYPES = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
MEDIA_TYPES = frozenset({"media_id", "view_limited"})
ARTICLE_TYPES = frozenset({"article_id", "article_view_limited"})
RULE_FIELDS = frozenset({"tag_id", "client_platform_type"})
GONE_RULE_FIELDS = frozenset({"sex", "country", "province", "city", "language", "group_id"})
_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")


def check_raw(body: bytes) -> None:
    r"""Refuse a body with \uXXXX escapes, which the platform shows as they stand.

    Raises:
        Refused: 40033.
    """
    if _ESCAPE.search(body):
        raise Refused(40033)


def check_menu(menu: Json) -> list[Json]:
    """Return the buttons of a menu that may be published.

    Raises:
        Refused: The errcode of the first thing wrong, from 40015 to 40055.
    """
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MAX:
        raise Refused(40016)
    for button in buttons:
        _check_top(button)
    return buttons


def check_rule(rule: object) -> Json:
    """Return the match rule of a conditional menu.

    Raises:
        Refused: 65320 for a field that is no longer supported, 65304 when nothing is left to match.
    """
    if not isinstance(rule, dict):
        raise Refused(65304)
    wanted = {name: str(value) for name, value in rule.items() if value not in ("", None)}
    if GONE_RULE_FIELDS & set(wanted):
        raise Refused(65320)
    if not wanted or not set(wanted) <= RULE_FIELDS:
        raise Refused(65304)
    return wanted


def matches(rule: Json, tag_ids: list[int], platform: str) -> bool:
    """Return whether a user belongs to a conditional menu."""
    client = {"ios": "1", "android": "2"}.get(platform, "3")
    if "tag_id" in rule and rule["tag_id"] not in [str(one) for one in tag_ids]:
        return False
    return str(rule.get("client_platform_type", client)) == client


def _check_top(button: Any) -> None:  # noqa: ANN401 - whatever the JSON held
    if not isinstance(button, dict):
        raise Refused(40017)
    if not 1 <= _size(button.get("name")) <= NAME_BYTES_MAX:
        raise Refused(40018)
    children = button.get("sub_button")
    if children:
        _check_children(children)
        return
    _check_action(button, is_sub=False)


def _check_children(children: Any) -> None:  # noqa: ANN401 - whatever the JSON held
    if isinstance(children, dict):
        children = children.get("list")
    if not isinstance(children, list) or not 1 <= len(children) <= SUB_BUTTONS_MAX:
        raise Refused(40023)
    for child in children:
        if not isinstance(child, dict):
            raise Refused(40024)
        if child.get("sub_button"):
            raise Refused(40022)
        if not 1 <= _size(child.get("name")) <= SUB_NAME_BYTES_MAX:
            raise Refused(40025)
        _check_action(child, is_sub=True)


def _check_action(button: Json, *, is_sub: bool) -> None:
    kind = button.get("type")
    if kind in KEYED_TYPES:
        if not 1 <= _size(button.get("key")) <= KEY_BYTES_MAX:
            raise Refused(40026 if is_sub else 40019)
    elif kind in ("view", "miniprogram"):
        _check_address(button, is_sub=is_sub)
    elif kind in MEDIA_TYPES:
        _need(button, "media_id", 40007)
    elif kind in ARTICLE_TYPES:
        _need(button, "article_id", 40007)
    else:
        raise Refused(40024 if is_sub else 40017)


def _check_address(button: Json, *, is_sub: bool) -> None:
    url = button.get("url")
    if not 1 <= _size(url) <= URL_BYTES_MAX:
        raise Refused(40027 if is_sub else 40020)
    if not str(url).startswith(("http://", "https://")):
        raise Refused(40054 if is_sub else 40055)
    if button["type"] == "miniprogram":
        _need(button, "appid", 40013)
        _need(button, "pagepath", 40035)


def _need(button: Json, name: str, errcode: int) -> None:
    if not _size(button.get(name)):
        raise Refused(errcode)


def _size(text: object) -> int:
    return len(text.encode()) if isinstance(text, str) else 0
