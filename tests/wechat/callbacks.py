"""Deliveries as the platform makes them, built here from the protocol's text."""

import base64
import hashlib
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TIMESTAMP = "1795482000"
NONCE = "1320562132"
ACCOUNT_ID = "gh_demo00000001"


def sha1(*parts: str) -> str:
    """Return the platform's signature of some parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The platform's side of a callback: it signs, seals and opens."""

    client: FlaskClient
    token: str
    aes_key: str
    app_id: str

    def signed(self) -> dict[str, str]:
        """Return the query that every delivery has."""
        return {
            "signature": sha1(self.token, TIMESTAMP, NONCE),
            "timestamp": TIMESTAMP,
            "nonce": NONCE,
            "openid": "oANY",
        }

    def plain(self, body: str | bytes) -> TestResponse:
        """Deliver in the plain mode."""
        return self._post(self.signed(), body)

    def sealed(self, body: str, *, compatible: bool = False) -> TestResponse:
        """Deliver in the safe mode, or in the compatible one with the clear text beside it."""
        sealed = self._encrypted(body)
        more = {
            "encrypt_type": "aes",
            "msg_signature": sha1(self.token, TIMESTAMP, NONCE, sealed),
        }
        clear = body.removeprefix("<xml>").removesuffix("</xml>") if compatible else ""
        return self._post(self.signed() | more, f"<xml>{clear}<Encrypt>{sealed}</Encrypt></xml>")

    def opened(self, response: TestResponse) -> str:
        """Return what a sealed reply says, its signature checked."""
        fields = fields_of(response.data)
        right = sha1(self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        assert fields["MsgSignature"] == right
        padded = self._cipher().decryptor().update(base64.b64decode(fields["Encrypt"]))
        content = padded[: -padded[-1]]
        length = int.from_bytes(content[16:20], "big")
        assert content[20 + length :].decode() == self.app_id
        return content[20 : 20 + length].decode()

    def _post(self, query: dict[str, str], body: str | bytes) -> TestResponse:
        return self.client.post(
            "/wechat/callback", query_string=query, data=body, content_type="text/xml"
        )

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def _encrypted(self, body: str) -> str:
        raw = body.encode()
        content = b"0123456789abcdef" + len(raw).to_bytes(4, "big") + raw + self.app_id.encode()
        pad = 32 - len(content) % 32
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(content + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()


def message(kind: str, *, openid: str = "oUSER1", **fields: str) -> str:
    """Return the XML of a message or event."""
    head = {
        "ToUserName": ACCOUNT_ID,
        "FromUserName": openid,
        "CreateTime": TIMESTAMP,
        "MsgType": kind,
    }
    values = (head | fields).items()
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values)
    return f"<xml>{inner}</xml>"


def text(words: str, number: int = 1, openid: str = "oUSER1") -> str:
    """Return a text message."""
    return message("text", openid=openid, Content=words, MsgId=str(number))


def event(name: str, openid: str = "oUSER1", **fields: str) -> str:
    """Return an event."""
    return message("event", openid=openid, Event=name, **fields)


def fields_of(xml: str | bytes) -> dict[str, str]:
    """Return the leaves of a reply, read by another XML reader than ours."""
    return {one.tag: one.text or "" for one in ET.fromstring(xml)}  # noqa: S314 - ours
