"""The one door to other hosts: every call has a time-out, and silence is not failure."""

from collections.abc import Mapping
from typing import Any

import requests

from h5app.kernel.error import AppError

CONNECT_SECONDS = 3.0
REPLY_BYTES_MAX = 4 * 1024 * 1024


class RemoteSilent(AppError):
    """No answer, or not a whole one: what was asked may or may not have happened."""

    code = "plumbing.remote_silent"
    status = 503
    sentence = "对方系统没有应答,结果未知,请稍后查询"


class RemoteRefused(AppError):
    """The other side answered with a status that is not success."""

    code = "plumbing.remote_refused"
    status = 502
    sentence = "对方系统拒绝了请求,请稍后再试"


class HttpClient:
    """Calls one base address with a time-out of its own; follows no redirect."""

    def __init__(
        self,
        base_url: str,
        timeout_seconds: float = 5.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = (CONNECT_SECONDS, timeout_seconds)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers or {})

    def get(self, path: str, **params: Any) -> requests.Response:  # noqa: ANN401 - query values
        """Return the reply to a GET.

        Raises:
            RemoteSilent: No whole answer in time.
            RemoteRefused: A status of 400 or more.
        """
        return self._call("GET", path, params=params)

    def post(
        self, path: str, json: object = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Return the reply to a POST of JSON.

        Raises:
            RemoteSilent: No whole answer in time; the request may have had its effect.
            RemoteRefused: A status of 400 or more.
        """
        return self._call("POST", path, json=json, headers=headers)

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401
        try:
            reply = self._session.request(
                method, self._base_url + path, timeout=self._timeout, allow_redirects=False, **more
            )
        except requests.RequestException as silence:
            raise RemoteSilent from silence
        if reply.status_code >= 400:  # noqa: PLR2004 - HTTP's first error status
            raise RemoteRefused(http_status=reply.status_code)
        return reply
