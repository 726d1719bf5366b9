"""An SMS gateway over HTTP: POST {"phone", "text", "purpose"} with a bearer token.

The simulator's 短信 list takes the same request; another gateway is reached through a small
translator that speaks this.
"""

from h5app.identity.ports import CodeRefused, CodeSilent
from h5app.plumbing.http import HttpClient, RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger

TIMEOUT_SECONDS = 4.0

log = get_logger(__name__)


class HttpGateway:
    """Sends short messages through one address."""

    def __init__(self, url: str, token: str = "", timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._client = HttpClient(url, timeout_seconds) if url else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, phone: str, text: str, purpose: str) -> None:
        """Send one message.

        Raises:
            CodeRefused: No gateway is configured, or it answered with an error.
            CodeSilent: It did not answer in time.
        """
        if self._client is None:
            log.error("sms_gateway_missing", purpose=purpose)
            raise CodeRefused
        body = {"phone": phone, "text": text, "purpose": purpose}
        try:
            self._client.post("", json=body, headers=self._headers)
        except RemoteRefused as refused:
            log.warning("sms_refused", purpose=purpose, **refused.details)
            raise CodeRefused from refused
        except RemoteSilent as silent:
            log.warning("sms_silent", purpose=purpose)
            raise CodeSilent from silent
