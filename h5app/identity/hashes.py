"""Secrets as they may stand in the database."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the SHA-256 of a token; a random token needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class KeyedHash:
    """Hashes what can be guessed, such as six digits or an account, under a secret key."""

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"h5app identity " + secret_key.encode()).digest()

    def of(self, *parts: str) -> str:
        """Return the hash of some texts in their order."""
        text = "\x1f".join(parts)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
