"""Our transport around wechatpy: one host per role, a time-out on every call, one retry at most."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from h5app.kernel.error import AppError
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account

CONNECT_SECONDS = 3.0
REPLY_SECONDS = 5.0
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The access token is wrong, malformed or expired: worth one more try with another one."""
BUSY = -1
"""The platform asks to try again later."""

log = get_logger(__name__)


class WeChatSilent(AppError):
    """No answer, or none that can be read: what was asked may or may not have happened."""

    code = "wechat.silent"
    status = 503
    sentence = "微信没有应答,结果未知,请稍后再试"


class WeChatRefused(AppError):
    """The platform answered with an errcode."""

    code = "wechat.refused"
    status = 502
    sentence = "微信拒绝了请求,请稍后再试"

    def __init__(self, errcode: int, errmsg: str = "") -> None:
        super().__init__(errcode=errcode)
        self.errcode = errcode
        self.errmsg = errmsg


class AccessTokens(Protocol):
    """Where the access token comes from."""

    def value(self) -> str:
        """Return a token that is good now."""
        ...

    def renewed(self, failed: str) -> str:
        """Return another token than the one the platform just refused."""
        ...


class PlatformAdapter(HTTPAdapter):
    """Sends every call, hard-coded hosts included, to the configured address, with a time-out."""

    def __init__(self, base_by_host: Mapping[str, str]) -> None:
        super().__init__()
        self._base_by_host = dict(base_by_host)
        self._own_hosts = {urlsplit(base).netloc for base in base_by_host.values()}

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override] # noqa: ANN401
        """Send to the host that plays the platform's role.

        Raises:
            requests.exceptions.InvalidURL: The address is not one of the platform's.
        """
        request.url = self._rewritten(request.url or "")
        options["timeout"] = options.get("timeout") or (CONNECT_SECONDS, REPLY_SECONDS)
        return super().send(request, **options)

    def _rewritten(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.netloc in self._own_hosts:
            return url
        if parts.netloc not in self._base_by_host:
            raise requests.exceptions.InvalidURL(f"not a host of the platform: {parts.netloc}")
        base = urlsplit(self._base_by_host[parts.netloc])
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))


def platform_session(account: Account) -> requests.Session:
    """Return a session that knows the platform's hosts and no other."""
    session = requests.Session()
    session.trust_env = False
    adapter = PlatformAdapter(
        {
            "api.weixin.qq.com": account.api_base,
            "open.weixin.qq.com": account.oauth_base,
            "mp.weixin.qq.com": account.mp_base,
        }
    )
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Gateway(WeChatClient):  # type: ignore[misc] # wechatpy has no types
    """wechatpy's client over our transport; its own retry and token fetching are never used."""

    def __init__(
        self, account: Account, tokens: AccessTokens, session: requests.Session | None = None
    ) -> None:
        super().__init__(account.app_id, account.app_secret, auto_retry=False)
        self.API_BASE_URL = f"{account.api_base}/cgi-bin/"
        self._http = session or platform_session(account)
        self._tokens = tokens

    @property
    def access_token(self) -> str:
        """The house's one access token."""
        return self._tokens.value()

    def fetch_access_token(self) -> None:
        """Never called: tokens are fetched by the token service only."""
        raise NotImplementedError

    def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Any:  # noqa: ANN401
        params = dict(options.pop("params", None) or {})
        token = params.get("access_token") or self.access_token
        try:
            return self._once(method, url_or_endpoint, params | {"access_token": token}, options)
        except WeChatRefused as refused:
            if refused.errcode not in TOKEN_REFUSED:
                raise
            log.info("wechat_token_refused", errcode=refused.errcode)
        token = self._tokens.renewed(token)
        return self._once(method, url_or_endpoint, params | {"access_token": token}, options)

    def _once(
        self, method: str, address: str, params: dict[str, Any], options: dict[str, Any]
    ) -> Any:  # noqa: ANN401 - a JSON object or a response with bytes
        try:
            return super()._request(method, address, params=params, **options)
        except WeChatClientException as wrong:
            if wrong.errcode is None:
                raise WeChatSilent from wrong
            raise WeChatRefused(wrong.errcode, str(wrong.errmsg)) from wrong
        except (requests.RequestException, ValueError) as wrong:
            raise WeChatSilent from wrong

    def post_json(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object answered to a POST; `path` from the host's root.

        Raises:
            WeChatRefused: The platform said no, with its errcode.
            WeChatSilent: No readable answer; it may have happened.
        """
        return self._object(self.post(self._absolute(path), data=dict(body)))

    def get_json(self, path: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - query values
        """Return the JSON object answered to a GET; `path` from the host's root.

        Raises:
            WeChatRefused: The platform said no, with its errcode.
            WeChatSilent: No readable answer.
        """
        return self._object(self.get(self._absolute(path), params=params))

    def _absolute(self, path: str) -> str:
        return f"https://api.weixin.qq.com{path}"

    @staticmethod
    def _object(reply: object) -> dict[str, Any]:
        if not isinstance(reply, dict):
            raise WeChatSilent
        return reply
