"""Makes live feeds from what the setting says: names, "," side by side, "+" in order of preference.

`sse_files,szse_files+tencent` reads both exchanges' files, and asks Tencent while neither answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from h5app.market.feeds.failover import FailoverFeed
from h5app.market.feeds.file_feed import FileFeed
from h5app.market.feeds.http_feed import HttpFeed
from h5app.market.feeds.joined import JoinedFeed
from h5app.market.feeds.redis_feed import RedisFeed
from h5app.market.feeds.sina import SINA_BASE, SINA_REFERER, SinaLayout
from h5app.market.feeds.sse_files import SseLayout
from h5app.market.feeds.szse_files import SzseLayout
from h5app.market.feeds.tencent import TENCENT_BASE, TencentLayout
from h5app.market.sharing import redis_client
from h5app.plumbing.http import HttpClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from h5app.kernel.clock import Clock
    from h5app.market.ports import QuoteFeed
    from h5app.market.rules import RuleBook

BESIDE, OR_ELSE = ",", "+"
HTTP_TIMEOUT_SECONDS = 4.0
HEADERS = {"User-Agent": "h5app", "Referer": SINA_REFERER}


class LiveSettingMissing(Exception):
    """A live feed needs a setting that is empty; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveParts:
    """What live feeds are made of. Empty addresses are the public ones."""

    rules: RuleBook
    wall: Clock
    sse_file: str = ""
    szse_file: str = ""
    tencent_base: str = ""
    sina_base: str = ""
    redis_url: str = ""


def live_names(text: str) -> list[str]:
    """Return the names in a setting, in their order."""
    return text.replace(OR_ELSE, BESIDE).split(BESIDE)


def are_live(text: str) -> bool:
    """Say whether a setting is made of live feeds, each of them once."""
    names = live_names(text)
    return set(names) <= set(LIVE_MAKERS) and len(set(names)) == len(names)


def make_live(text: str, parts: LiveParts) -> QuoteFeed:
    """Return the feed of a setting that `are_live` holds of.

    Raises:
        LiveSettingMissing: One of them needs a setting that is empty.
    """
    choices = [
        _joined([LIVE_MAKERS[name](parts) for name in choice.split(BESIDE)])
        for choice in text.split(OR_ELSE)
    ]
    return choices[0] if len(choices) == 1 else FailoverFeed(choices, parts.wall)


def _joined(feeds: list[QuoteFeed]) -> QuoteFeed:
    return feeds[0] if len(feeds) == 1 else JoinedFeed(feeds)


def _sse(parts: LiveParts) -> QuoteFeed:
    path = _needed(parts.sse_file, "H5APP_SSE_FILE")
    return FileFeed(SseLayout(), Path(path), parts.rules, parts.wall)


def _szse(parts: LiveParts) -> QuoteFeed:
    path = _needed(parts.szse_file, "H5APP_SZSE_FILE")
    return FileFeed(SzseLayout(), Path(path), parts.rules, parts.wall)


def _tencent(parts: LiveParts) -> QuoteFeed:
    client = HttpClient(parts.tencent_base or TENCENT_BASE, HTTP_TIMEOUT_SECONDS, HEADERS)
    return HttpFeed(TencentLayout(), client, parts.rules, parts.wall)


def _sina(parts: LiveParts) -> QuoteFeed:
    client = HttpClient(parts.sina_base or SINA_BASE, HTTP_TIMEOUT_SECONDS, HEADERS)
    return HttpFeed(SinaLayout(), client, parts.rules, parts.wall)


def _redis(parts: LiveParts) -> QuoteFeed:
    url = _needed(parts.redis_url, "H5APP_REDIS_URL")
    return RedisFeed(redis_client(url), parts.rules)


def _needed(value: str, setting: str) -> str:
    if not value:
        raise LiveSettingMissing(setting)
    return value


LIVE_MAKERS: dict[str, Callable[[LiveParts], QuoteFeed]] = {
    "sse_files": _sse,
    "szse_files": _szse,
    "tencent": _tencent,
    "sina": _sina,
    "redis": _redis,
}
