"""The web authorization page: silent, asking, refused, or on a snapshot page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from h5app.simulator.official_platform import Platform

PATH = "/connect/oauth2/authorize"
BASE, USER_INFO = "snsapi_base", "snsapi_userinfo"
_STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
FRAGMENT = "wechat_redirect"
NO_FRAGMENT = "simulator_no_fragment"
"""Set by the web view when an account leads to the page without #wechat_redirect."""
MODES = {
    "silent": "与微信相同",
    "ask": "总是询问",
    "deny": "总是拒绝",
    "snapshot": "快照页 (虚拟账号)",
}
"""How a phone answers authorization pages."""


class PageRefused(Exception):
    """What WeChat shows instead of going on: a number and a sentence."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(f"{number} {sentence}")
        self.number = number
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an account asks of a user by the address of the page."""

    redirect_uri: str
    scope: str
    state: str
    has_force_popup: bool

    @property
    def host(self) -> str:
        """The host the user is sent back to."""
        return urlsplit(self.redirect_uri).hostname or ""


class Authorization:
    """Answers the page's address for the user of a phone."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def wish(self, query: Mapping[str, str]) -> Wish:
        """Return what is asked.

        Raises:
            PageRefused: A parameter is wrong; the numbers are those that WeChat shows.
        """
        self._check(query)
        return Wish(
            redirect_uri=query["redirect_uri"],
            scope=query["scope"],
            state=query.get("state", ""),
            has_force_popup=query.get("forcePopup") == "true",
        )

    def _check(self, query: Mapping[str, str]) -> None:
        given = [name for name in query if name in ORDER]
        checks = (
            (given == sorted(given, key=ORDER.index), 10012, f"参数必须依次是 {'、'.join(ORDER)}"),
            (NO_FRAGMENT not in query, 10012, f"授权网址必须以 #{FRAGMENT} 结尾"),
            (query.get("appid") == self._platform.settings.app_id, 10013, "appid 不正确"),
            (query.get("response_type") == "code", 10012, "response_type 必须是 code"),
            (query.get("scope") in (BASE, USER_INFO), 10005, "scope 参数错误或没有权限"),
            (
                bool(_STATE.fullmatch(query.get("state", ""))),
                10012,
                "state 只能是 128 字节以内的字母和数字",
            ),
            (
                self._is_allowed(query.get("redirect_uri", "")),
                10003,
                "redirect_uri 域名与后台配置不一致",
            ),
        )
        for is_right, number, sentence in checks:
            if not is_right:
                raise PageRefused(number, sentence)

    def asks(self, user: sqlite3.Row, wish: Wish) -> bool:
        """Return whether the user sees the consent page.

        Followers who come from the chat are not asked, and a snapshot page asks nobody.
        """
        if user["oauth_mode"] == "ask":
            return True
        if wish.scope == BASE or user["oauth_mode"] == "snapshot":
            return False
        return wish.has_force_popup or not user["is_following"]

    def agreed(self, user: sqlite3.Row, wish: Wish) -> str:
        """Return where the user goes on, with a new code."""
        is_snapshot = user["oauth_mode"] == "snapshot"
        code = self._platform.web_tokens.issue_code(
            user["openid"], wish.scope, is_snapshot=is_snapshot
        )
        parts = urlsplit(wish.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
        query.append(("state", wish.state))
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))

    def _is_allowed(self, redirect_uri: str) -> bool:
        if urlsplit(redirect_uri).scheme not in ("http", "https"):
            return False
        addresses = self._platform.addresses
        return addresses.is_of_account(redirect_uri) or addresses.is_of_phone(redirect_uri)
