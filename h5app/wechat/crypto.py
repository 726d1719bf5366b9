"""Signatures and the safe mode's envelope: everything is checked before anything is believed.

The rules are those of the platform's own description of message encryption: SHA-1 over the sorted
parts; AES-256-CBC with the first half of the key as its start; padding to whole blocks of 32; the
content is 16 random bytes, a length of four bytes, the message, and the receiver's app id.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from wechatpy.crypto.cryptography import WeChatCipher

from h5app.kernel.error import AppError

KEY_TEXT_LENGTH = 43
KEY_BYTES = 32
BLOCK_BYTES = 32
RANDOM_BYTES = 16
LENGTH_BYTES = 4
AES_BLOCK_BYTES = 16


class EnvelopeRefused(AppError):
    """消息无法通过校验,已被拒绝"""

    code = "wechat.envelope_refused"
    status = 400
    sentence = "消息无法通过校验,已被拒绝"
    number: ClassVar[int] = -40000
    """The platform's own number of this refusal."""


class SignatureMismatch(EnvelopeRefused):
    """消息签名不符,请核对 Token"""

    code = "wechat.signature_mismatch"
    status = 403
    sentence = "消息签名不符,请核对 Token"
    number = -40001


class EnvelopeNotXml(EnvelopeRefused):
    """消息不是可以识别的 XML"""

    code = "wechat.envelope_not_xml"
    sentence = "消息不是可以识别的 XML"
    number = -40002


class SignatureNotComputable(EnvelopeRefused):
    """签名参数含有无法编码的字符"""

    code = "wechat.signature_not_computable"
    sentence = "签名参数含有无法编码的字符"
    number = -40003


class KeyNotUsable(EnvelopeRefused):
    """消息加解密密钥不可用,应为 43 个字符"""

    code = "wechat.key_not_usable"
    status = 500
    sentence = "消息加解密密钥不可用,应为 43 个字符"
    number = -40004


class ReceiverMismatch(EnvelopeRefused):
    """消息不是发给本公众号的"""

    code = "wechat.receiver_mismatch"
    status = 403
    sentence = "消息不是发给本公众号的"
    number = -40005


class NotEncrypted(EnvelopeRefused):
    """消息加密失败"""

    code = "wechat.not_encrypted"
    status = 500
    sentence = "消息加密失败"
    number = -40006


class NotDecrypted(EnvelopeRefused):
    """消息解密失败"""

    code = "wechat.not_decrypted"
    sentence = "消息解密失败"
    number = -40007


class BufferNotUsable(EnvelopeRefused):
    """解密后的内容残缺"""

    code = "wechat.buffer_not_usable"
    sentence = "解密后的内容残缺"
    number = -40008


@dataclass(frozen=True, kw_only=True)
class Plaintext:
    """What an envelope held."""

    random16: str
    message: str
    receiver_id: str


def sorted_sha1(*parts: str) -> str:
    """Return the lower-case hex SHA-1 of the parts, sorted and joined.

    Raises:
        SignatureNotComputable: A part cannot be written as UTF-8.
    """
    try:
        joined = "".join(sorted(parts)).encode()
    except UnicodeEncodeError as wrong:
        raise SignatureNotComputable from wrong
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Compare in constant time.

    Raises:
        SignatureMismatch: The given signature is not the one of these parts.
    """
    right = sorted_sha1(*parts).encode()
    if not hmac.compare_digest(right, given.encode("utf-8", "replace")):
        raise SignatureMismatch


class Envelope:
    """The safe mode of one account: seals replies, opens messages."""

    def __init__(self, *, token: str, encoding_aes_key: str, app_id: str) -> None:
        self._token = token
        self._app_id = app_id
        self._key = decoded_key(encoding_aes_key)

    def check(self, *, signature: str, timestamp: str, nonce: str, sealed: str) -> None:
        """Check the signature over the sealed text, before any decryption.

        Raises:
            SignatureMismatch: It does not match.
        """
        check_signature(signature, self._token, timestamp, nonce, sealed)

    def open(self, sealed: str) -> Plaintext:
        """Return what a sealed text holds, meant for this account.

        Raises:
            NotDecrypted: The text is no whole number of cipher blocks in base64.
            BufferNotUsable: Padding, length or text inside are wrong.
            ReceiverMismatch: It was sealed for another account.
        """
        plaintext = opened(self._key, sealed)
        if plaintext.receiver_id != self._app_id:
            raise ReceiverMismatch
        return plaintext

    def seal(self, message: str, *, random16: str) -> str:
        """Return the sealed text of a message, with 16 random bytes given as text.

        Raises:
            NotEncrypted: The random part is not 16 bytes, or the text is not UTF-8.
        """
        return sealed_text(self._key, message, app_id=self._app_id, random16=random16)

    def signature(self, *, timestamp: str, nonce: str, sealed: str) -> str:
        """Return the signature that goes beside a sealed reply."""
        return sorted_sha1(self._token, timestamp, nonce, sealed)


def decoded_key(encoding_aes_key: str) -> bytes:
    """Return the 32 bytes of an EncodingAESKey; spare low bits of its last character are dropped.

    Raises:
        KeyNotUsable: It is not 43 characters of base64.
    """
    if len(encoding_aes_key) != KEY_TEXT_LENGTH:
        raise KeyNotUsable
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise KeyNotUsable from wrong
    if len(key) != KEY_BYTES:
        raise KeyNotUsable
    return key


def sealed_text(key: bytes, message: str, *, app_id: str, random16: str) -> str:
    """Return base64 of the encrypted content.

    Raises:
        NotEncrypted: The random part is not 16 bytes, or a text cannot be written as UTF-8.
    """
    try:
        body, receiver, salt = message.encode(), app_id.encode(), random16.encode()
    except UnicodeEncodeError as wrong:
        raise NotEncrypted from wrong
    if len(salt) != RANDOM_BYTES:
        raise NotEncrypted
    content = salt + len(body).to_bytes(LENGTH_BYTES, "big") + body + receiver
    pad = BLOCK_BYTES - len(content) % BLOCK_BYTES
    return base64.b64encode(_cipher(key).encrypt(content + bytes([pad]) * pad)).decode()


def opened(key: bytes, sealed: str) -> Plaintext:
    """Return what is inside, whoever it was sealed for.

    Raises:
        NotDecrypted: The text is no whole number of cipher blocks in base64.
        BufferNotUsable: Padding, length or text inside are wrong.
    """
    content = _unpadded(_decrypted(key, sealed))
    start = RANDOM_BYTES + LENGTH_BYTES
    if len(content) < start:
        raise BufferNotUsable
    end = start + int.from_bytes(content[RANDOM_BYTES:start], "big")
    if end > len(content):
        raise BufferNotUsable
    try:
        return Plaintext(
            random16=content[:RANDOM_BYTES].decode("latin-1"),
            message=content[start:end].decode(),
            receiver_id=content[end:].decode(),
        )
    except UnicodeDecodeError as wrong:
        raise BufferNotUsable from wrong


@lru_cache(8)
def _cipher(key: bytes) -> WeChatCipher:
    """Return the cipher of a key; to make one costs as much as to use it."""
    return WeChatCipher(key)


def _decrypted(key: bytes, sealed: str) -> bytes:
    try:
        cipher = base64.b64decode("".join(sealed.split()), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NotDecrypted from wrong
    if not cipher or len(cipher) % AES_BLOCK_BYTES:
        raise NotDecrypted
    decrypted = _cipher(key).decrypt(cipher)
    assert isinstance(decrypted, bytes)
    return decrypted


def _unpadded(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= min(BLOCK_BYTES, len(padded)) or padded[-pad:] != bytes([pad]) * pad:
        raise BufferNotUsable
    return padded[:-pad]
