"""JS-SDK: signatures for our own pages, and for no other address."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit, urlunsplit

import msgspec
from werkzeug.sansio.utils import host_is_trusted

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.wechat.account import Account
from h5app.wechat.credentials import Credential

URL_LENGTH_MAX = 2048
API_LIST = (
    "updateAppMessageShareData",
    "updateTimelineShareData",
    "hideAllNonBaseMenuItem",
    "getLocation",
    "openLocation",
    "scanQRCode",
    "closeWindow",
)
OPEN_TAGS = ("wx-open-subscribe",)


class PageNotOurs(AppError):
    """The address is not a page of this installation; signing it would help somebody else."""

    code = "wechat.page_not_ours"
    status = 403
    sentence = "只能为本站的页面签名,请从公众号菜单重新进入"


class JsConfig(msgspec.Struct):
    """What wx.config takes."""

    appId: str  # noqa: N815 - the platform's spelling
    timestamp: int
    nonceStr: str  # noqa: N815
    signature: str
    jsApiList: tuple[str, ...]  # noqa: N815
    openTagList: tuple[str, ...]  # noqa: N815
    scriptUrl: str  # noqa: N815
    """Where the SDK itself is loaded from."""


@dataclass(frozen=True, kw_only=True)
class Salt:
    """What makes a signature different every time."""

    noncestr: str
    timestamp: int


def js_signature(ticket: str, salt: Salt, url: str) -> str:
    """Return the signature of a page; what stands behind # is no part of its address."""
    page = urldefrag(url).url
    text = f"jsapi_ticket={ticket}&noncestr={salt.noncestr}&timestamp={salt.timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class JsSdk:
    """Signs pages whose host is ours."""

    def __init__(
        self, account: Account, ticket: Credential, wall: Clock, hosts: Sequence[str]
    ) -> None:
        self._account = account
        self._ticket = ticket
        self._wall = wall
        self._hosts = list(hosts)

    def config_for(self, url: str) -> JsConfig:
        """Return what a page of ours gives to wx.config.

        Raises:
            PageNotOurs: The address is not a page of ours.
            WeChatSilent: There is no ticket to sign with.
            WeChatRefused: The platform gives none.
        """
        if not self._is_ours(url):
            raise PageNotOurs
        salt = Salt(noncestr=secrets.token_hex(8), timestamp=int(self._wall.now().timestamp()))
        return JsConfig(
            appId=self._account.app_id,
            timestamp=salt.timestamp,
            nonceStr=salt.noncestr,
            signature=js_signature(self._ticket.value(), salt, self._public(url)),
            jsApiList=API_LIST,
            openTagList=OPEN_TAGS,
            scriptUrl=self._account.js_url,
        )

    def _public(self, url: str) -> str:
        """Return a page's address under the public name: WeChat knows us by no other.

        In the demo a phone's web view shows the same page under a host of its own.
        """
        parts, public = urlsplit(url), urlsplit(self._account.base_url)
        if parts.netloc == public.netloc:
            return url
        return urlunsplit(parts._replace(scheme=public.scheme, netloc=public.netloc))

    def _is_ours(self, url: str) -> bool:
        if len(url) > URL_LENGTH_MAX or not url.isprintable():
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        is_web = parts.scheme in {"http", "https"} and "@" not in parts.netloc
        return is_web and host_is_trusted(parts.netloc, self._hosts)
