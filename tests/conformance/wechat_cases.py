"""What each kind of WeChat case means, through the faces of the channel and of the simulator."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.client import TemplateMessage
from h5app.wechat.crypto import Envelope, EnvelopeRefused, decoded_key, opened, sorted_sha1
from h5app.wechat.jssdk import Salt, js_signature
from h5app.wechat.menu import Button
from h5app.wechat.message import parse_message
from h5app.wechat.reply import Article, Reply
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.callbacks import Platform
from tests.wechat.conftest import Facts, FakeSessions, routes
from tests.wechat.fake_platform import FakePlatform

Case = dict[str, Any]


class Channel:
    """The channel that the cases are put to."""

    def __init__(
        self,
        config: Config,
        database: Database,
        wall: FrozenClock,
        platform: FakePlatform,
    ) -> None:
        self.config = config
        self.database = database
        self.wall = wall
        self.platform = platform
        self.outbox = Outbox(database, wall)
        self.wechat: WeChat = build_wechat(config, database, wall, self.outbox)

    def client(self, token: str = "") -> FlaskClient:
        """Return a client of an installation, possibly with another token."""
        config = replace(self.config, wechat_token=token or self.config.wechat_token)
        wechat = build_wechat(config, self.database, self.wall, self.outbox)
        return routes(config, wechat, FakeSessions()).test_client()

    def sender(self) -> Platform:
        """Return the platform's side of the callback."""
        return Platform(
            client=self.client(),
            token=self.config.wechat_token,
            aes_key=self.config.wechat_encoding_aes_key,
            app_id=self.config.wechat_app_id,
        )


def check_sorted(_channel: Channel, given: Case, expected: Case) -> None:
    """SHA-1 over the sorted parts."""
    assert sorted_sha1(*given["parts"]) == expected["signature"]


def check_signed(names: tuple[str, ...], _channel: Channel, given: Case, expected: Case) -> None:
    """SHA-1 over named parts."""
    assert sorted_sha1(*(given[name] for name in names)) == expected["signature"]


def check_card(_channel: Channel, given: Case, expected: Case) -> None:
    """All values of the card are parts."""
    assert sorted_sha1(*map(str, given.values())) == expected["signature"]


def check_callback_signature(channel: Channel, given: Case, expected: Case) -> None:
    """The address test is echoed under this signature."""
    response = channel.client(token=given["token"]).get(
        "/wechat/callback",
        query_string={
            "signature": expected["signature"],
            "timestamp": given["timestamp"],
            "nonce": given["nonce"],
            "echostr": "echo-me",
        },
    )

    assert (response.status_code, response.data) == (200, b"echo-me")


def check_callback_refused(channel: Channel, given: Case, _expected: Case) -> None:
    """403, and the echo string is not told."""
    names = ("signature", "timestamp", "nonce")
    query = {name: given[name] for name in names if given.get(name) is not None}

    response = channel.client(token=given.get("token") or "").get(
        "/wechat/callback", query_string=query | {"echostr": "echo-me"}
    )

    assert response.status_code == 403
    assert b"echo-me" not in response.data


def check_js_signature(_channel: Channel, given: Case, expected: Case) -> None:
    """The page's address without its fragment is signed."""
    salt = Salt(noncestr=given["noncestr"], timestamp=int(given["timestamp"]))

    assert js_signature(given["jsapi_ticket"], salt, given["url"]) == expected["signature"]


def check_sealing(_channel: Channel, given: Case, expected: Case) -> None:
    """The given random part makes the very same text."""
    envelope = Envelope(
        token="t", encoding_aes_key=given["encoding_aes_key"], app_id=given["appid"]
    )

    sealed = envelope.seal(given["plaintext"], random16=given["random16"])

    assert sealed == expected["encrypt"]


def check_opening(_channel: Channel, given: Case, expected: Case) -> None:
    """Decrypted only; what stands in `expected` is compared."""
    inside = opened(decoded_key(given["encoding_aes_key"]), given["encrypt"])

    compare_inside(inside.random16, inside.message, inside.receiver_id, expected)


def check_safe_mode(_channel: Channel, given: Case, expected: Case) -> None:
    """The signature first, then the content."""
    envelope = envelope_of(given)
    envelope.check(
        signature=given["msg_signature"],
        timestamp=given["timestamp"],
        nonce=given["nonce"],
        sealed=given["encrypt"],
    )
    inside = envelope.open(given["encrypt"])

    compare_inside(inside.random16, inside.message, inside.receiver_id, expected)


def check_safe_mode_refused(_channel: Channel, given: Case, expected: Case) -> None:
    """Refused under the platform's own number."""
    envelope = envelope_of(given)

    with pytest.raises(EnvelopeRefused) as refused:
        envelope.check(
            signature=given["msg_signature"],
            timestamp=given["timestamp"],
            nonce=given["nonce"],
            sealed=given["encrypt"],
        )
        envelope.open(given["encrypt"])

    assert str(refused.value.number) in expected["result"]


def envelope_of(given: Case) -> Envelope:
    """Return the envelope of a case's account."""
    return Envelope(
        token=given["token"],
        encoding_aes_key=given["encoding_aes_key"],
        app_id=given["appid"],
    )


def compare_inside(random16: str, message: str, receiver: str, expected: Case) -> None:
    """Compare what was inside with what the case names."""
    found = {"random16": random16, "plaintext": message, "receiver_id": receiver}
    wanted = {name: text for name, text in expected.items() if name in found and text is not None}

    assert {name: found[name] for name in wanted} == wanted


def check_message(channel: Channel, given: Case, expected: Case) -> None:
    """Parsed leaf by leaf; delivered twice, plain and sealed, it has one effect and one answer."""
    parsed = parse_message(given["xml"])

    assert parsed.fields == expected["fields"]
    least = (expected.get("dedupe_key") or {}).get("value") or ""
    assert all(part.lower() in parsed.dedupe_key.lower() for part in least.split("|"))

    facts, sender = Facts(channel.outbox), channel.sender()
    first = sender.plain(given["xml"])
    told = len(facts.deliver())
    again = sender.plain(given["xml"])
    sealed = sender.sealed(given["xml"])
    assert {first.status_code, again.status_code, sealed.status_code} == {200}
    assert first.data == again.data
    assert len(facts.deliver()) == told


def check_hostile(channel: Channel, given: Case, _expected: Case) -> None:
    """Refused in plain and in the envelope, in a moment; an empty root may be answered empty."""
    sender = channel.sender()

    for send_as in (sender.plain, sender.sealed):
        began = time.monotonic()
        response = send_as(given["xml"])
        assert time.monotonic() - began < 1
        assert b"root:" not in response.data
        is_nothing = (response.status_code, response.data) == (200, b"")
        assert 400 <= response.status_code < 500 or (is_nothing and is_empty_root(given["xml"]))


def is_empty_root(xml: str) -> bool:
    """Whether the text is one element with nothing in it."""
    return bool(re.fullmatch(r"\s*(<xml>\s*</xml>|<xml\s*/>)\s*", xml))


def check_reply(_channel: Channel, given: Case, expected: Case) -> None:
    """Another reader finds the same fields."""
    assert leaves(built(given)) == expected["xml_fields"]


def check_injection(_channel: Channel, given: Case, expected: Case) -> None:
    """The fields are there once, with these values."""
    found = leaves(built({"to": "to", "from_": "from", "time": 1, **given}))

    wanted = expected["xml_fields_contains"]
    assert {name: found[name] for name in wanted} == wanted


def built(given: Case) -> str:
    """Return the XML of the case's reply."""
    makers: dict[str, Callable[[], Reply]] = {
        "text": lambda: Reply.text(given["content"]),
        "transfer_customer_service": lambda: Reply.hand_over(given.get("kf_account") or ""),
        "news": lambda: Reply.news(
            [
                Article(title="title", description="description", picture_url="picUrl", url="url")
                for _ in range(given["articles"])
            ]
        ),
        "image": lambda: Reply.media("image", given["media_id"]),
        "voice": lambda: Reply.media("voice", given["media_id"]),
        "video": lambda: Reply.video(
            given["media_id"],
            title=given.get("title") or "",
            description=given.get("description") or "",
        ),
    }
    reply = makers[given["type"]]()
    return reply.xml(to=given["to"], sender=given["from_"], at_seconds=int(given["time"]))


def leaves(xml: str) -> dict[str, Any]:
    """Return the fields of a reply as nested mappings; items always as a list."""
    return {one.tag: below(one) for one in ET.fromstring(xml)}  # noqa: S314 - our own text


def below(element: ET.Element) -> Any:
    """Return an element's text, or what is below it."""
    if len(element) == 0:
        return element.text or ""
    if all(one.tag == "item" for one in element):
        return {"item": [{leaf.tag: leaf.text or "" for leaf in one} for one in element]}
    return {one.tag: below(one) for one in element}


def check_nothing_to_say(channel: Channel, _given: Case, expected: Case) -> None:
    """An event without an answer."""
    response = channel.sender().plain(
        "<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName>"
        "<CreateTime>1</CreateTime><MsgType>event</MsgType><Event>VIEW</Event></xml>"
    )

    assert response.status_code == int(expected["http"])
    assert response.text in expected["body_any_of"]


def check_body(channel: Channel, given: Case, expected: Case) -> None:
    """The bytes that reach the platform."""
    path = send(channel.wechat, given)
    raw = channel.platform.calls(path)[-1].body

    assert json.loads(raw, parse_float=Decimal) == expected["json"]
    assert expected.get("raw_bytes_contains_utf8", "").encode() in raw
    if expected.get("raw_must_not_contain"):
        assert expected["raw_must_not_contain"].encode() not in raw


def send(wechat: WeChat, given: Case) -> str:
    """Make the call of a case; return the path it went to."""
    call = given["call"]
    if call == "template/send":
        wechat.api.template_send(
            TemplateMessage(
                openid=given["touser"],
                template_id=given["template_id"],
                url=given.get("url") or "",
                miniprogram=given.get("miniprogram"),
                client_msg_id=given.get("client_msg_id") or "",
                texts=given["data"],
            )
        )
        return "/cgi-bin/message/template/send"
    if call == "custom/send text":
        wechat.api.service_send_text(given["touser"], given["content"])
        return "/cgi-bin/message/custom/send"
    if call == "qrcode/create temporary string":
        wechat.api.qr_temporary(given["scene_str"], expire_seconds=int(given["expire_seconds"]))
        return "/cgi-bin/qrcode/create"
    if call.startswith("mass/sendall"):
        wechat.api.mass_send_text(int(given["tag_id"]), given["content"])
        return "/cgi-bin/message/mass/sendall"
    assert call.startswith("menu"), call
    wechat.api.menu_create(wechat.menu.payload([Button(name=given["name"], key="k")]))
    return "/cgi-bin/menu/create"


CHECKS: dict[str, Callable[[Channel, Case, Case], None]] = {
    "sha1_sorted_concat": check_sorted,
    "callback_signature": check_callback_signature,
    "callback_signature_negative": check_callback_refused,
    "msg_signature": partial(check_signed, ("token", "timestamp", "nonce", "encrypt")),
    "card_sign": check_card,
    "jssdk_signature": check_js_signature,
    "aes_encrypt": check_sealing,
    "aes_message": check_opening,
    "safe_mode_message": check_safe_mode,
    "safe_mode_negative": check_safe_mode_refused,
    "xml_message": check_message,
    "xml_hostile": check_hostile,
    "passive_reply": check_reply,
    "passive_reply_injection": check_injection,
    "passive_reply_plain": check_nothing_to_say,
    "api_body": check_body,
}
