"""A message or event on its way to the account: its body once, its signatures at every attempt."""

from dataclasses import dataclass
from urllib.parse import urlencode

from h5app.simulator.callback.envelope import Envelope, signature
from h5app.simulator.callback.markup import written
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.settings import Settings
from h5app.simulator.store import Json

OPERATOR_OPENID = "oSIMULATOROPERATOR0000000000"
"""Whom the account's own events (a mass job's end) come from."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is posted: the body is the same at every attempt."""

    openid: str
    body: str
    sealed: str
    """The content of Encrypt; empty in the plain mode."""


class Letters:
    """Writes letters in the account's mode and addresses them."""

    def __init__(self, settings: Settings, clock: PlatformClock, chance: Chance) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self.envelope = Envelope(
            token=settings.token, aes_key=settings.aes_key, app_id=settings.app_id
        )

    @property
    def mode(self) -> str:
        """The account's mode: plain, compatible or safe."""
        return self._settings.crypto_mode

    @property
    def timeout_seconds(self) -> float:
        """How long the platform waits for an answer."""
        return self._settings.callback_timeout_seconds

    def xml(self, openid: str, fields: Json) -> str:
        """Return a message's clear text, stamped with wall time."""
        head: Json = {
            "ToUserName": self._settings.account_id,
            "FromUserName": openid or OPERATOR_OPENID,
            "CreateTime": int(self._clock.wall_seconds()),
        }
        return written({**head, **fields})

    def letter(self, openid: str, xml: str, number: int) -> Letter:
        """Return a clear text in the account's mode; the body of a number never varies."""
        if self.mode == "plain":
            return Letter(openid=openid, body=xml, sealed="")
        sealed = self.envelope.seal(xml, self._chance.fixed(f"letter/{number}", 16))
        if self.mode == "safe":
            shown = {"ToUserName": self._settings.account_id, "Encrypt": sealed}
            return Letter(openid=openid, body=written(shown), sealed=sealed)
        body = xml.removesuffix("</xml>") + f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return Letter(openid=openid, body=body, sealed=sealed)

    def address(self, letter: Letter, token: str = "") -> str:
        """Return where one attempt goes, signed for this moment: with another token, forged."""
        token = token or self._settings.token
        timestamp = str(int(self._clock.wall_seconds()))
        nonce = str(self._chance.number(10**10))
        query = {
            "signature": signature(token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": letter.openid or OPERATOR_OPENID,
        }
        if letter.sealed:
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(token, timestamp, nonce, letter.sealed)
        joint = "&" if "?" in self._settings.callback_address else "?"
        return f"{self._settings.callback_address}{joint}{urlencode(query)}"
