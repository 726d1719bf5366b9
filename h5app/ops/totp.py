"""Dynamic codes of RFC 6238: HMAC-SHA1, 30 seconds, six digits; secrets sealed at rest."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
NONCE_BYTES = 12
STEPS_OFF_MAX = 1
"""A phone's clock may be one step early or late."""


def new_secret() -> bytes:
    """Return 160 random bits, as RFC 4226 recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of one step of 30 seconds (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(moment: datetime) -> int:
    """Return the number of the step that a moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, code: str, moment: datetime, after_step: int) -> int | None:
    """Return the step whose code was given; None for a wrong one or one that was used before."""
    now = step_of(moment)
    for step in range(now - STEPS_OFF_MAX, now + STEPS_OFF_MAX + 1):
        if step > after_step and hmac.compare_digest(code_at(secret, step), code):
            return step
    return None


def enrolment_uri(secret: bytes, name: str, brand: str) -> str:
    """Return the otpauth:// address that an authenticator app takes as a QR code."""
    shown = base64.b32encode(secret).decode().rstrip("=")
    label = quote(f"{brand}:{name}")
    return f"otpauth://totp/{label}?secret={shown}&issuer={quote(brand)}&digits={DIGITS}"


class Seal:
    """Encrypts secrets for the database under the house's secret key (AES-256-GCM)."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"h5app ops totp " + secret_key.encode()).digest())

    def close(self, secret: bytes, owner: str) -> str:
        """Return the secret as it may stand in the database; it opens for its owner only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, secret, owner.encode())
        return base64.b64encode(sealed).decode()

    def open(self, text: str, owner: str) -> bytes | None:
        """Return the secret; None when the key is another one or the text was changed."""
        sealed = base64.b64decode(text)
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, owner.encode())
        except InvalidTag:
            return None
