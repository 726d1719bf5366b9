"""Which peers may say who is behind them: only our own reverse proxies, named in the settings."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """Takes X-Forwarded-For and X-Forwarded-Proto from trusted peers, from nobody else.

    Without this a stranger who reaches the port directly could name any address as his own, and
    pass every limit and lock that counts by address.
    """

    def __init__(self, app: "WSGIApplication", addresses: Collection[str]) -> None:
        self._direct = app
        self._behind_proxy = ProxyFix(app, x_for=1, x_proto=1, x_host=0)
        self._trusted = frozenset(map(_plain, addresses))

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        is_trusted = _plain(environ.get("REMOTE_ADDR", "")) in self._trusted
        app = self._behind_proxy if is_trusted else self._direct
        return app(environ, start_response)


@lru_cache(maxsize=1024)
def _plain(address: str) -> str:
    """Return an address in its one short form; an IPv4 peer on an IPv6 socket is the IPv4 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
