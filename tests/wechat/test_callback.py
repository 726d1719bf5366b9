"""The callback address: signature first, hostile bodies refused, each delivery one effect."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.account import account_of
from h5app.wechat.model import Answer, Followed, Link, Question, Unfollowed, Way
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.callbacks import NONCE, TIMESTAMP, Platform, event, fields_of, message, sha1, text
from tests.wechat.conftest import Facts, FakeSessions, routes


@pytest.fixture
def sender(client: FlaskClient, config: Config) -> Platform:
    """The platform that the account is registered with."""
    return sender_to(client, config)


def sender_to(client: FlaskClient, config: Config) -> Platform:
    """Return the platform's side for an application."""
    return Platform(
        client=client,
        token=config.wechat_token,
        aes_key=config.wechat_encoding_aes_key,
        app_id=config.wechat_app_id,
    )


def test_the_address_test_is_echoed(client: FlaskClient, config: Config) -> None:
    """The raw echo string comes back as plain text, nothing else."""
    query = {
        "signature": sha1(config.wechat_token, TIMESTAMP, NONCE),
        "timestamp": TIMESTAMP,
        "nonce": NONCE,
        "echostr": "5838472918374<b>",
    }

    response = client.get("/wechat/callback", query_string=query)

    assert response.status_code == 200
    assert response.data == b"5838472918374<b>"
    assert response.mimetype == "text/plain"


@pytest.mark.parametrize("signature", ["", "0" * 40, "x", "一"])
def test_a_wrong_signature_echoes_nothing(client: FlaskClient, signature: str) -> None:
    """Who does not know the token gets 403 and not the echo string."""
    query = {"signature": signature, "timestamp": "1", "nonce": "2", "echostr": "secret-echo"}

    response = client.get("/wechat/callback", query_string=query)

    assert response.status_code == 403
    assert b"secret-echo" not in response.data


def test_a_forged_delivery_is_refused_before_it_is_read(client: FlaskClient, facts: Facts) -> None:
    """A body without a right signature changes nothing."""
    response = client.post(
        "/wechat/callback", query_string={"signature": "1"}, data=event("subscribe")
    )

    assert response.status_code == 403
    assert facts.deliver() == []


def test_the_safe_mode_gets_a_sealed_reply(sender: Platform) -> None:
    """A sealed question is answered sealed, with To and From swapped."""
    reply = fields_of(sender.opened(sender.sealed(text("你好"))))

    assert (reply["ToUserName"], reply["FromUserName"]) == ("oUSER1", "gh_demo00000001")
    assert reply["MsgType"] == "text"
    assert "/market/" in reply["Content"]


def test_the_compatible_mode_trusts_the_sealed_part_only(sender: Platform, facts: Facts) -> None:
    """The clear fields beside the sealed text are not what is read."""
    sealed = sender.sealed(event("subscribe", openid="oREAL"), compatible=True)

    assert sealed.status_code == 200
    assert facts.deliver() == [Followed(openid="oREAL", scene="")]


def test_a_sealed_body_changed_on_the_way_is_refused(sender: Platform) -> None:
    """A sealed text under another text's signature is not opened."""
    other = replace(sender, token="other-token")

    response = sender.client.post(
        "/wechat/callback",
        query_string=sender.signed() | {"encrypt_type": "aes", "msg_signature": sha1("x")},
        data="<xml><Encrypt>AAAA</Encrypt></xml>",
    )

    assert response.status_code == 403
    assert other.sealed(text("x")).status_code == 403


def test_production_takes_no_plain_delivery(
    config: Config, sqlite_database: Database, wall: FrozenClock, outbox: Outbox
) -> None:
    """A real account's messages must be sealed: the plain mode's signature covers no body."""
    production = replace(config, env="production")
    app = routes(
        production, build_wechat(production, sqlite_database, wall, outbox), FakeSessions()
    )
    sender = sender_to(app.test_client(), production)
    base = "http://127.0.0.1:8000"
    app.config["TRUSTED_HOSTS"] = None

    assert account_of(production).callback_modes == {"compatible", "safe"}
    assert sender.plain(text("x")).status_code == 403, base
    assert sender.sealed(text("x")).status_code == 200


HOSTILE: dict[str, str | bytes] = {
    "empty": b"",
    "no xml": b"hello",
    "torn": b"<xml><ToUserName>a",
    "empty root": b"<xml></xml>",
    "another root": b"<html><ToUserName>a</ToUserName></html>",
    "outside entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>',
    "a bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml>&b;</xml>',
    "foreign type": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><xml></xml>',
    "deep": "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    "wide": "<xml>" + "<a>1</a>" * 5000 + "</xml>",
    "not utf-8": b"<xml><ToUserName>\xff\xfe</ToUserName></xml>",
    "other encoding": '<?xml version="1.0" encoding="utf-16"?><xml/>'.encode("utf-16"),
    "a byte of zero": b"<xml>\x00</xml>",
    "no sender": b"<xml><ToUserName>a</ToUserName><MsgType>text</MsgType></xml>",
    "no time": b"<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName>"
    b"<MsgType>text</MsgType></xml>",
    "odd time": b"<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName>"
    b"<CreateTime>soon</CreateTime><MsgType>text</MsgType></xml>",
    "nested sender": b"<xml><ToUserName>a</ToUserName><FromUserName><b>c</b></FromUserName>"
    b"<CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
    "large": text("x" * 70_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused(sender: Platform, name: str) -> None:
    """Whatever the body, a right signature makes it 4xx and never an error of ours."""
    response = sender.plain(HOSTILE[name])

    assert 400 <= response.status_code < 500
    assert response.mimetype == "text/plain"
    assert b"root:" not in response.data


@pytest.mark.parametrize("name", [name for name, body in HOSTILE.items() if isinstance(body, str)])
def test_a_hostile_body_inside_the_envelope_is_refused(sender: Platform, name: str) -> None:
    """Sealing does not help it either."""
    body = HOSTILE[name]
    assert isinstance(body, str)

    assert 400 <= sender.sealed(body).status_code < 500


@pytest.mark.parametrize("sealed", ["", "@@@@", "AAAA", "A" * 64, "<a>1</a>"])
def test_a_hostile_envelope_is_refused(sender: Platform, sealed: str) -> None:
    """A text that is no envelope of ours, well signed, ends in 4xx."""
    query = sender.signed() | {
        "encrypt_type": "aes",
        "msg_signature": sha1(sender.token, TIMESTAMP, NONCE, sealed),
    }

    response = sender.client.post(
        "/wechat/callback",
        query_string=query,
        data=f"<xml><Encrypt>{sealed}</Encrypt></xml>",
    )

    assert 400 <= response.status_code < 500


def test_the_same_message_three_times_has_one_effect_and_one_answer(
    sender: Platform, facts: Facts, wechat: WeChat
) -> None:
    """A repeated delivery gets the first answer and changes nothing more."""
    first = sender.plain(event("subscribe", EventKey="qrscene_branch7"))
    again = [sender.plain(event("subscribe", EventKey="qrscene_branch7")) for _ in range(2)]

    assert [one.data for one in again] == [first.data] * 2
    assert facts.deliver() == [Followed(openid="oUSER1", scene="branch7")]
    assert wechat.followers.first_scene("oUSER1") == "branch7"


def test_deliveries_at_once_and_out_of_order_have_one_effect_each(
    app: Flask, config: Config, facts: Facts
) -> None:
    """1,000 events, each three times, by six senders at once: 1,000 effects."""
    bodies = [event("SCAN", EventKey=f"s{number}") for number in range(1_000)] * 3
    random.Random(20261124).shuffle(bodies)
    lock, codes = threading.Lock(), []

    def deliver() -> None:
        sender = sender_to(app.test_client(), config)
        while True:
            with lock:
                if not bodies:
                    return
                body = bodies.pop()
            codes.append(sender.plain(body).status_code)

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(codes) == {200}
    assert len(codes) == 3_000
    assert len(set(facts.deliver())) == len(facts.deliver()) == 1_000


def test_two_events_of_one_second_are_two(sender: Platform, facts: Facts) -> None:
    """A scan and a tap in the same second are told apart, and so are two people."""
    sender.plain(event("SCAN", EventKey="one"))
    sender.plain(event("SCAN", EventKey="two"))
    sender.plain(event("SCAN", EventKey="one", openid="oUSER2"))

    assert len(facts.deliver()) == 3


def test_events_that_say_nothing_are_answered_empty(sender: Platform) -> None:
    """An unknown type, a location report, a view: 200 and no words."""
    for body in (event("VIEW", EventKey="/x"), event("LOCATION"), event("brand_new_event")):
        response = sender.plain(body)

        assert (response.status_code, response.data) == (200, b"")


def test_unfollowing_stops_pushes_and_forgets_what_was_said(
    sender: Platform, wechat: WeChat, facts: Facts, database_rows: Callable[[str], list[str]]
) -> None:
    """After unsubscribe nobody is pushed to, and the raw messages are gone."""
    sender.plain(event("subscribe"))
    sender.plain(text("你好"))
    assert any("你好" in raw for raw in database_rows("oUSER1"))

    sender.plain(event("unsubscribe", EventKey=""))

    assert wechat.followers.is_following("oUSER1") is False
    assert wechat.followers.quota("oUSER1").left == 0
    assert not any("你好" in raw for raw in database_rows("oUSER1"))
    assert Unfollowed(openid="oUSER1") in facts.deliver()


@pytest.fixture
def database_rows(sqlite_database: Database) -> Callable[[str], list[str]]:
    """Gives the raw messages kept of an openid."""

    def rows(openid: str) -> list[str]:
        with sqlite_database.read() as connection:
            found = connection.exec_driver_sql(
                "SELECT raw FROM wechat_inbound WHERE openid = ? AND raw IS NOT NULL", (openid,)
            )
            return [row[0] for row in found]

    return rows


class Desk:
    """Answers what it is asked and remembers it; may be slow."""

    def __init__(self, wait: Callable[[], None] | None = None) -> None:
        self.asked: list[Question] = []
        self._wait = wait

    def __call__(self, question: Question) -> Answer | None:
        """Return a link for 持仓 and words for the rest."""
        self.asked.append(question)
        if self._wait:
            self._wait()
        if question.words == "持仓":
            return Answer(
                words="请点开查看", links=(Link(label="我的持仓", path="/trade/positions"),)
            )
        return Answer(words=f"您问的是{question.words}") if question.words else None


@pytest.fixture
def desk() -> Desk:
    """A desk that answers at once."""
    return Desk()


@pytest.fixture
def asking(
    config: Config, sqlite_database: Database, wall: FrozenClock, outbox: Outbox, desk: Desk
) -> Platform:
    """The platform in front of a channel with a desk."""
    wechat = build_wechat(config, sqlite_database, wall, outbox, desk)
    return sender_to(routes(config, wechat, FakeSessions()).test_client(), config)


def said(sender: Platform, body: str) -> str:
    """Return the text that a delivery is answered with."""
    return fields_of(sender.plain(body).data)["Content"]


def test_text_voice_and_taps_reach_the_desk(asking: Platform, desk: Desk) -> None:
    """What was typed, what was recognised and what was tapped are questions alike."""
    assert said(asking, text("茅台", 1)) == "您问的是茅台"
    voice = event("CLICK", EventKey="帮助")
    assert said(asking, voice) == "您问的是帮助"
    assert [one.way for one in desk.asked] == [Way.TEXT, Way.MENU]


def test_holdings_are_answered_with_a_link(asking: Platform, config: Config) -> None:
    """The chat never shows figures of an account; it offers the page."""
    assert f'<a href="{config.base_url}/trade/positions">我的持仓</a>' in said(asking, text("持仓"))


def test_an_unheard_voice_is_answered_honestly(sender: Platform) -> None:
    """Without a recognition the customer is asked to say it again or to type."""
    assert "没听清" in said(sender, message("voice", MediaId="m", Recognition="", MsgId="9"))


def test_a_human_is_one_word_away(sender: Platform) -> None:
    """人工 hands the conversation over."""
    assert fields_of(sender.plain(text("人工")).data)["MsgType"] == "transfer_customer_service"


def test_words_cannot_break_out_of_their_reply(asking: Platform) -> None:
    """What a customer writes comes back as text, whatever XML it looks like."""
    reply = fields_of(asking.plain(text("a]]></Content><MsgType>event</MsgType>", 3)).data)

    assert reply["MsgType"] == "text"


def test_raw_messages_are_forgotten_after_their_time(
    sender: Platform,
    wechat: WeChat,
    wall: FrozenClock,
    database_rows: Callable[[str], list[str]],
) -> None:
    """The text goes after a week, the key of the delivery after a month."""
    sender.plain(text("你好"))
    wall.advance(timedelta(days=8))

    assert wechat.callbacks.forget_expired() == 1
    assert database_rows("oUSER1") == []
    wall.advance(timedelta(days=30))
    assert wechat.callbacks.forget_expired() == 1


def test_the_verify_file_is_served_by_its_name_only(client: FlaskClient, tmp_path: Path) -> None:
    """The platform finds the file it asked for at the root; any other name is not there."""
    found = client.get("/MP_verify_aB3dE5gH7jK9mN1p.txt")

    assert (found.status_code, found.data) == (200, b"aB3dE5gH7jK9mN1p")
    assert client.get("/MP_verify_other.txt").status_code == 404
