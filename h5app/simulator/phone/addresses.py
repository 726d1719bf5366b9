"""Which host is whose: the platform's own, a phone's, the account's server."""

import re
from urllib.parse import urlsplit, urlunsplit

from h5app.simulator.settings import PHONE_DOMAIN, Settings, same_place

_PHONE_HOST = re.compile(rf"(u[1-9][0-9]{{0,3}})\.{PHONE_DOMAIN}(?::[0-9]+)?")
_OWN_HOSTS = ("127.0.0.1", "localhost", "::1")
OWN_PREFIXES = ("/phone/", "/connect/", "/open/js/", "/simulator/")
"""What a phone's host serves itself; the rest of its paths are the account's pages."""


class Addresses:
    """Translates between the addresses the account knows and those of a phone's web view."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._account_bases = [settings.app_base_url]
        if settings.app_public_url:
            self._account_bases.append(settings.app_public_url)

    @property
    def platform_base(self) -> str:
        """The simulator's own address, outside the phones."""
        return f"http://127.0.0.1:{self._settings.port}"

    def phone_origin(self, user_id: str, host: str) -> str:
        """Return a phone's origin, on the port that a request's Host names."""
        return self._settings.phone_origin(user_id, urlsplit(f"//{host}").port)

    def phone_of(self, host: str) -> str:
        """Return the phone a Host header names; empty when it names none."""
        found = _PHONE_HOST.fullmatch(host.lower())
        return found[1] if found else ""

    def is_of_account(self, address: str) -> bool:
        """Return whether an address lies on the account's own server."""
        return any(same_place(address, base) for base in self._account_bases)

    def is_of_phone(self, address: str) -> bool:
        """Return whether an address lies on a phone's host."""
        parts = urlsplit(address)
        return parts.scheme == "http" and bool(self.phone_of(parts.netloc))

    def is_of_platform(self, address: str) -> bool:
        """Return whether an address lies on this simulator, outside the phones."""
        parts = urlsplit(address)
        is_ours = parts.hostname in (*_OWN_HOSTS, self._settings.host)
        return parts.scheme == "http" and is_ours and parts.port == self._settings.port

    def in_phone(self, address: str, phone_origin: str) -> str:
        """Return where a phone's web view finds an address; a foreign one stays as it is."""
        if not urlsplit(address).netloc:
            return address
        if not (self.is_of_account(address) or self.is_of_platform(address)):
            return address
        parts = urlsplit(address)
        return phone_origin + urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))

    def at_account(self, address: str) -> str:
        """Return the account's own address of what a phone's web view shows."""
        if not self.is_of_phone(address):
            return address
        parts = urlsplit(address)
        base = self._settings.app_public_url or self._settings.app_base_url
        return base.rstrip("/") + urlunsplit(("", "", parts.path, parts.query, parts.fragment))
