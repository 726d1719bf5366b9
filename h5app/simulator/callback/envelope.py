"""Signatures and the safe mode's envelope, from the platform's side (AES-256-CBC, PKCS#7 to 32)."""

import base64
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

RANDOM_LENGTH = 16
LENGTH_BYTES = 4
BLOCK = 32


class NotOpened(Exception):
    """An envelope that cannot be opened: its text says at which step."""


def signature(*parts: str) -> str:
    """Return the lower-case sha1 of the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class Envelope:
    """Seals for, and opens from, one account."""

    def __init__(self, *, token: str, aes_key: str, app_id: str) -> None:
        self._token = token
        self._key = base64.b64decode(aes_key + "=")
        self._app_id = app_id.encode()

    def seal(self, message: str, random16: str) -> str:
        """Return the base64 of an encrypted message; `random16` are its first 16 bytes."""
        text = message.encode()
        plain = random16.encode()[:RANDOM_LENGTH] + struct.pack(">I", len(text)) + text
        plain += self._app_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> str:
        """Return the message inside.

        Raises:
            NotOpened: base64, AES, padding, length or AppID is wrong.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
        except ValueError:
            raise NotOpened("base64") from None
        if not raw or len(raw) % (AES256.block_size // 8):
            raise NotOpened("decrypt")
        decryptor = self._cipher().decryptor()
        return self._message_in(decryptor.update(raw) + decryptor.finalize())

    def sign(self, timestamp: str, nonce: str, sealed: str) -> str:
        """Return the msg_signature of an envelope."""
        return signature(self._token, timestamp, nonce, sealed)

    def is_signed(self, given: str, timestamp: str, nonce: str, sealed: str) -> bool:
        """Return whether a msg_signature is right."""
        return hmac.compare_digest(self.sign(timestamp, nonce, sealed), given)

    def _message_in(self, padded: bytes) -> str:
        pad = padded[-1]
        if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise NotOpened("padding")
        body = padded[RANDOM_LENGTH:-pad]
        if len(body) < LENGTH_BYTES:
            raise NotOpened("length")
        (length,) = struct.unpack(">I", body[:LENGTH_BYTES])
        text, receiver = body[LENGTH_BYTES : LENGTH_BYTES + length], body[LENGTH_BYTES + length :]
        if len(text) != length:
            raise NotOpened("length")
        if receiver != self._app_id:
            raise NotOpened("appid")
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise NotOpened("text") from None

    def _cipher(self) -> Cipher[CBC]:
        return Cipher(AES256(self._key), CBC(self._key[:16]))
