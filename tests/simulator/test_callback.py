"""What the platform sends: signatures, envelopes, three attempts, and what it makes of answers."""

import base64
import hashlib
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from werkzeug import Request, Response

from h5app.simulator.callback.envelope import Envelope, NotOpened, signature
from h5app.simulator.callback.markup import NotMarkup, read, written
from tests.simulator.recorded import cases
from tests.simulator.served import AccountServer, RunningSimulator

CALLBACK = "/wechat/callback"


def hang(_request: Request) -> Response:
    """Answer after the platform has given up."""
    time.sleep(0.8)
    return Response("success")


def sha1_sorted(*parts: str) -> str:
    """The signature, reckoned by itself."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def opened(simulator: RunningSimulator, sealed: str) -> tuple[str, str]:
    """Decrypt an envelope by itself: message and receiver."""
    key = base64.b64decode(simulator.settings.aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    plain = plain[16 : -plain[-1]]
    (length,) = struct.unpack(">I", plain[:4])
    return plain[4 : 4 + length].decode(), plain[4 + length :].decode()


def message_of(simulator: RunningSimulator, account: AccountServer, place: int = -1) -> Any:
    """The fields of a message that the account received."""
    _, body = account.at(CALLBACK)[place]
    fields = read(body.decode())
    if "Encrypt" in fields:
        return read(opened(simulator, fields["Encrypt"])[0])
    return fields


def plain_reply(simulator: RunningSimulator, **fields: Any) -> str:
    """A reply's clear text to u1."""
    head = {"ToUserName": simulator.openid(), "FromUserName": simulator.settings.account_id}
    return written({**head, "CreateTime": 1_700_000_000, **fields})


def sealed_reply(simulator: RunningSimulator, **fields: Any) -> str:
    """A reply in the safe mode's envelope."""
    envelope = Envelope(
        token=simulator.settings.token,
        aes_key=simulator.settings.aes_key,
        app_id=simulator.settings.app_id,
    )
    sealed = envelope.seal(plain_reply(simulator, **fields), "0123456789abcdef")
    sign = sha1_sorted(simulator.settings.token, "1700000000", "n0nce", sealed)
    parts = {"Encrypt": sealed, "MsgSignature": sign, "TimeStamp": 1_700_000_000, "Nonce": "n0nce"}
    return written(parts)


def answering(text: str, status: int = 200) -> Callable[[Request], Response]:
    """Return an answer with this text."""
    return lambda _request: Response(text, status=status, content_type="text/xml")


@pytest.mark.shared
@pytest.mark.parametrize("case", cases("sha1_sorted_concat", "callback_signature"))
def test_signatures_are_those_of_the_vectors(case: Any) -> None:
    """The platform's signature is the sorted parts' sha1."""
    given = case["input"]
    parts = given.get("parts") or [given["token"], given["timestamp"], given["nonce"]]

    assert signature(*parts) == case["expected"]["signature"]


@pytest.mark.shared
@pytest.mark.parametrize("case", cases("aes_encrypt"))
def test_envelopes_are_those_of_the_vectors(case: Any) -> None:
    """With the given random part the encrypted text is the recorded one."""
    given = case["input"]
    envelope = Envelope(token="t", aes_key=given["encoding_aes_key"], app_id=given["appid"])

    assert envelope.seal(given["plaintext"], given["random16"]) == case["expected"]["encrypt"]


def test_padding_goes_to_blocks_of_32(simulator: RunningSimulator) -> None:
    """Whatever its length, a message is padded with 1 to 32 bytes to a multiple of 32."""
    settings = simulator.settings
    envelope = Envelope(token="t", aes_key=settings.aes_key, app_id=settings.app_id)
    for length in range(70):
        sealed = envelope.seal("x" * length, "0123456789abcdef")

        assert len(base64.b64decode(sealed)) % 32 == 0
        assert opened(simulator, sealed) == ("x" * length, settings.app_id)
        assert envelope.open(sealed) == "x" * length


@pytest.mark.shared
@pytest.mark.parametrize("case", cases("safe_mode_message", "safe_mode_negative"))
def test_recorded_envelopes_open_or_do_not(case: Any) -> None:
    """A recorded message opens; a wrong signature or receiver is found."""
    given, expected = case["input"], case["expected"]
    envelope = Envelope(
        token=given["token"], aes_key=given["encoding_aes_key"], app_id=given["appid"]
    )
    is_signed = envelope.is_signed(
        given["msg_signature"], given["timestamp"], given["nonce"], given["encrypt"]
    )

    if case["kind"] == "safe_mode_message":
        assert is_signed
        assert envelope.open(given["encrypt"]) == expected["plaintext"]
    elif "-40001" in str(expected["result"]):
        assert not is_signed
    else:
        with pytest.raises(NotOpened, match="appid"):
            envelope.open(given["encrypt"])


def test_a_safe_message_shows_nothing_but_its_receiver(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """ToUserName and Encrypt alone; both signatures are right; the AppID stands at the end."""
    simulator.do("say", text="贵州茅台 ]]> & <b>")
    simulator.settle()

    request, body = account.at(CALLBACK)[0]
    fields, query = read(body.decode()), request.args
    stamps = (simulator.settings.token, query["timestamp"], query["nonce"])
    assert set(fields) == {"ToUserName", "Encrypt"}
    assert query["encrypt_type"] == "aes"
    assert query["signature"] == sha1_sorted(*stamps)
    assert query["msg_signature"] == sha1_sorted(*stamps, fields["Encrypt"])
    text, receiver = opened(simulator, fields["Encrypt"])
    message = read(text)
    assert receiver == simulator.settings.app_id
    assert message["Content"] == "贵州茅台 ]]> & <b>"
    assert message["FromUserName"] == query["openid"] == simulator.openid()
    assert message["MsgId"].isdigit()
    assert abs(int(message["CreateTime"]) - time.time()) < 10


def test_a_compatible_message_stands_twice(tmp_path: Path, account: AccountServer) -> None:
    """The compatible mode sends clear fields and envelope, with two different signatures."""
    running = RunningSimulator(tmp_path, account, crypto_mode="compatible")
    running.do("say", text="你好")
    running.settle()

    request, body = account.at(CALLBACK)[0]
    fields = read(body.decode())
    inside = read(opened(running, fields.pop("Encrypt"))[0])
    running.stop()
    assert inside == fields
    assert request.args["signature"] != request.args["msg_signature"]


def test_a_plain_message_has_one_signature(tmp_path: Path, account: AccountServer) -> None:
    """The plain mode sends clear XML and no encrypt_type."""
    running = RunningSimulator(tmp_path, account, crypto_mode="plain")
    account.answers[CALLBACK] = answering(plain_reply(running, MsgType="text", Content="好"))
    running.do("say", text="你好")
    running.settle()

    request, body = account.at(CALLBACK)[0]
    chat = running.chat()
    running.stop()
    assert read(body.decode())["Content"] == "你好"
    assert "encrypt_type" not in request.args
    assert chat[-1]["body"]["content"] == "好"


def test_silence_brings_three_deliveries_of_one_body(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """No answer in time: the same body thrice, MsgId included, then a line in the chat."""
    account.answers[CALLBACK] = hang
    simulator.do("say", text="在吗")
    simulator.settle()

    bodies = [body for _, body in account.at(CALLBACK)]
    delivery = simulator.platform.log.deliveries(1)[0]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["silent"] * 3
    assert all(attempt["took_ms"] >= 380 for attempt in delivery["attempts"])
    assert "暂时无法提供服务" in simulator.chat()[-1]["body"]["content"]


def test_a_dripping_answer_is_late_as_a_whole(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The time-out holds for the whole answer, not for each byte of it."""

    def drip(_request: Request) -> Response:
        def parts() -> Any:
            for _ in range(20):
                yield b" "
                time.sleep(0.1)

        return Response(parts(), content_type="text/xml")

    account.answers[CALLBACK] = drip
    simulator.do("say", text="在吗")
    simulator.settle()

    attempts = simulator.platform.log.deliveries(1)[0]["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["silent"] * 3


def test_the_second_attempt_may_be_answered(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """An answer to a repeated delivery counts, and no fourth delivery follows."""

    def second_only(_request: Request) -> Response:
        if len(account.at(CALLBACK)) == 1:
            return Response("broken", status=500)
        return Response(sealed_reply(simulator, MsgType="text", Content="来了"))

    account.answers[CALLBACK] = second_only
    simulator.do("say", text="在吗")
    simulator.settle()

    assert len(account.at(CALLBACK)) == 2
    assert simulator.chat()[-1]["body"]["content"] == "来了"


def test_replies_appear_in_the_chat(simulator: RunningSimulator, account: AccountServer) -> None:
    """Text and news replies are shown; an empty answer shows nothing."""
    articles = {
        "item": [{"Title": "贵州茅台", "Description": "d", "PicUrl": "", "Url": "http://x/"}]
    }
    for text in (
        "",
        "success",
        sealed_reply(simulator, MsgType="text", Content="你好"),
        sealed_reply(simulator, MsgType="news", ArticleCount=1, Articles=articles),
    ):
        account.answers[CALLBACK] = answering(text)
        simulator.do("say", text="问")
        simulator.settle()

    shown = [one for one in simulator.chat() if one["side"] != "user"]
    assert [one["kind"] for one in shown] == ["text", "news"]
    assert shown[1]["body"]["articles"][0]["title"] == "贵州茅台"


def hostile(simulator: RunningSimulator) -> dict[str, str]:
    """Answers that are none."""
    bomb = '<!DOCTYPE x [<!ENTITY e "eeee">]><xml><MsgType>&e;</MsgType></xml>'
    good = sealed_reply(simulator, MsgType="text", Content="x")
    other = sealed_reply(simulator, MsgType="text", Content="x", ToUserName="oSOMEBODYELSE")
    return {
        "json": '{"errcode": 0}',
        "html": "<html><body>error</body></html>",
        "not sealed in safe mode": plain_reply(simulator, MsgType="text", Content="x"),
        "document type": bomb,
        "deep": "<xml>" * 50 + "</xml>" * 50,
        "long": "<xml><Content>" + "x" * 100_000 + "</Content></xml>",
        "wrong signature": good.replace("n0nce", "n1nce"),
        "torn": good[:-20],
        "to somebody else": other,
        "unknown type": sealed_reply(simulator, MsgType="wish"),
        "article count": sealed_reply(
            simulator, MsgType="news", ArticleCount=2, Articles={"item": [{"Title": "t"}]}
        ),
        "binary": "\x00\x01\x02",
    }


def test_hostile_answers_are_told_to_the_user_and_shown_to_the_tester(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """What is not a reply in the account's mode ends as 服务出现故障, without a second attempt."""
    for name, text in hostile(simulator).items():
        account.received.clear()
        account.answers[CALLBACK] = answering(text)

        simulator.do("say", text=name)
        simulator.settle()

        assert len(account.at(CALLBACK)) == 1, name
        assert "服务出现故障" in simulator.chat()[-1]["body"]["content"], name
        assert simulator.platform.log.deliveries(1)[0]["outcome"] == "bad reply", name


def test_an_unanswerable_event_shows_nothing(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """After unsubscribe an answer is taken but shown to nobody, and its failure told to nobody."""
    account.answers[CALLBACK] = answering("{}")
    simulator.do("unfollow")
    simulator.settle()

    assert simulator.chat() == []
    assert message_of(simulator, account)["Event"] == "unsubscribe"


def test_the_result_of_a_template_message_follows(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """TEMPLATESENDJOBFINISH comes with the msgid; a user who blocks gets no card."""
    simulator.turn("user", user="u1", name="template_result", value="user block")
    body = {
        "touser": simulator.openid(),
        "template_id": "SIM_NOTICE",
        "data": {"thing1": {"value": "事"}, "time3": {"value": "10:00"}, "thing4": {"value": "明"}},
    }
    sent = simulator.api("/cgi-bin/message/template/send", body)
    simulator.settle()

    event = message_of(simulator, account)
    assert event["Event"] == "TEMPLATESENDJOBFINISH"
    assert (event["MsgID"], event["Status"]) == (str(sent["msgid"]), "failed:user block")
    assert simulator.chat() == []


def test_a_forged_message_has_wrong_signatures(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The tester's forged message must be refused by the account."""
    account.answers[CALLBACK] = answering("no", status=403)
    simulator.turn("forged", user="u1")
    simulator.settle()

    query = account.at(CALLBACK)[0][0].args
    right = sha1_sorted(simulator.settings.token, query["timestamp"], query["nonce"])
    assert query["signature"] != right
    assert simulator.platform.log.deliveries(1)[0]["outcome"] == "refused"


def test_a_hostile_body_is_sent_as_it_stands(
    simulator: RunningSimulator, account: AccountServer
) -> None:
    """The tester's XML goes out untouched, validly sealed and signed."""
    xml = '<!DOCTYPE x [<!ENTITY e "e">]><xml>&e;</xml>'
    simulator.turn("raw", user="u1", xml=xml)
    simulator.settle()

    request, body = account.at(CALLBACK)[0]
    sealed = read(body.decode())["Encrypt"]
    stamps = (simulator.settings.token, request.args["timestamp"], request.args["nonce"])
    assert opened(simulator, sealed)[0] == xml
    assert request.args["msg_signature"] == sha1_sorted(*stamps, sealed)


def test_what_was_not_delivered_is_delivered_after_a_restart(
    tmp_path: Path, account: AccountServer
) -> None:
    """A message on its way when the simulator ends goes out, the same, when it starts again."""
    first = RunningSimulator(tmp_path, account)
    first.platform.courier.stop()
    first.do("say", text="断电前")
    token, openid = first.token(), first.openid()
    first.stop()
    assert account.at(CALLBACK) == []

    second = RunningSimulator(tmp_path, account)
    second.settle()

    message = message_of(second, account)
    state = (second.token(), second.openid(), second.chat()[0]["body"]["content"])
    second.stop()
    assert message["Content"] == "断电前"
    assert state == (token, openid, "断电前")


def test_a_written_message_reads_back() -> None:
    """Texts, nested mappings and repeated elements survive; CDATA cannot be broken out of."""
    fields = {"A": "x]]></A><B>y", "B": "", "C": {"item": [{"D": "1"}, {"D": "2"}]}, "E": "  s "}

    assert read(written(fields)) == fields


@pytest.mark.parametrize("text", ["", "x", "<a>1</a>", "<xml>", "<xml><a></xml>"])
def test_what_is_no_message_is_not_read(text: str) -> None:
    """Another root and broken XML are refused."""
    with pytest.raises(NotMarkup):
        read(text)
