"""callback, notices: what the channel answers and sends, against a bare view, a bare client."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import requests

from bench import load
from bench.figure import Figure, Round
from bench.stage import ROOT, Stage, Stages
from bench.worker import Worker
from h5app.house import House
from h5app.notify.model import Notice, NoticeKind
from h5app.notify.service import SENDERS_MAX, Notifier
from h5app.wechat.account import Account
from h5app.wechat.crypto import Envelope, sorted_sha1

ROUNDS = 3
RATE_MAX = 3000
"""More messages a second than any worker here answers: so many are prepared."""
MESSAGE = (
    "<xml><ToUserName>gh_bench</ToUserName><FromUserName>oBENCH{person:024d}</FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType>text</MsgType><Content>600036</Content>"
    "<MsgId>{number}</MsgId></xml>"
)
CPU_TICKS = os.sysconf("SC_CLK_TCK")


def callback(stages: Stages) -> Iterator[Figure]:
    """Sealed questions for a quote: signature, decryption, durable deduplication, sealed reply."""
    stage = stages.sqlite
    worker, account = stage.worker, stage.house.wechat.account
    seconds, rounds = stage.size.of(4, 1, 1), []
    own_ms, bare_ms = [], []
    for number in range(stage.size.of(ROUNDS, ROUNDS, 1)):
        asked = list(_messages(account, number, count=RATE_MAX * seconds))
        reply = _posted(worker.url + asked[0][0], asked[0][1].encode())
        bare = worker.keep("reply", reply, "application/xml")
        value, cost = _posts(worker, asked[1:], seconds)
        own_ms.append(cost)
        same = [(f"{bare}?{path.partition('?')[2]}", body) for path, body in asked]
        ceiling, cost = _posts(worker, same, seconds)
        bare_ms.append(cost)
        rounds.append(Round(value=value, ceiling=ceiling))
    yield Figure(
        name="callback",
        about="微信回调 (验签、解密、去重落盘、行情卡片、加密回复),对照返回相同字节的 Flask 视图 "
        f"({load.generator()});worker 的处理器时间每次 {median(own_ms):.2f} ms,"
        f"对照 {median(bare_ms):.2f} ms",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.2,
    )


def _posts(worker: Worker, asked: Sequence[tuple[str, str]], seconds: int) -> tuple[float, float]:
    """Return how many posts are answered in a second, and the worker's CPU in ms for each."""
    began = worker.cpu_seconds()
    rate = load.posts_per_second(worker.url, asked, seconds)
    return rate, (worker.cpu_seconds() - began) * 1000 / (rate * seconds)


def _messages(account: Account, turn: int, *, count: int) -> Iterator[tuple[str, str]]:
    """Yield address and body of deliveries that are all different."""
    envelope = Envelope(
        token=account.token, encoding_aes_key=account.encoding_aes_key, app_id=account.app_id
    )
    at, nonce = str(int(time.time())), "bench"
    for number in range(count):
        xml = MESSAGE.format(person=number, at=at, number=turn * 10_000_000 + number + 1)
        sealed = envelope.seal(xml, random16="0123456789abcdef")
        query = {
            "signature": sorted_sha1(account.token, at, nonce),
            "timestamp": at,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": envelope.signature(timestamp=at, nonce=nonce, sealed=sealed),
        }
        yield (
            f"/wechat/callback?{urlencode(query)}",
            f"<xml><ToUserName>gh_bench</ToUserName><Encrypt>{sealed}</Encrypt></xml>",
        )


def _posted(address: str, body: bytes, kind: str = "text/xml") -> bytes:
    headers = {"Content-Type": kind}
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310 - loopback
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
        return bytes(reply.read())


@dataclass
class Crowd:
    """notify.ports.AddressBook over the simulator's own followers."""

    openids: list[str] = field(default_factory=list)

    def address(self, customer_id: str, channel_name: str) -> str | None:
        """Return a follower; every customer is another one."""
        return self.openids[int(customer_id)] if channel_name == "wechat" else None


def notices(stages: Stages) -> Iterator[Figure]:
    """Notices told, claimed, sent and recorded, to a simulator in a process of its own."""
    stage = stages.sqlite
    count = stage.size.of(10_000, 1000, 20)
    with _simulator(stage) as process:
        crowd = Crowd(_followers(stage.house, count))
        assert stage.house.wechat.book.ensure() == []
        bare = _bare_rate(stage.house, crowd.openids)
        notifier = _notifier(stage.house, crowd)
        _tell(notifier, count)
        simulator_began, own_began = _cpu_seconds(process), time.process_time()
        began = time.perf_counter()
        while notifier.deliver_due():
            pass
        took = time.perf_counter() - began
        own = time.process_time() - own_began
        simulator_took = _cpu_seconds(process) - simulator_began
    assert notifier.waiting() == 0
    yield Figure(
        name="notices",
        about=f"{count} 条提醒发到模拟器:发送方 {own:.1f} 核秒,每核 {count / own:.0f} 条/秒;"
        f"模拟器 {simulator_took:.1f} 核秒;对照 {SENDERS_MAX} 线程直接调用同一接口",
        unit="条/秒",
        rounds=[Round(value=count / took, ceiling=bare)],
    )


def _notifier(house: House, crowd: Crowd) -> Notifier:
    ground = house.ground
    return Notifier(
        ground.database,
        market=ground.market_clock,
        wall=ground.wall,
        channels=[house.wechat.channel],
        addresses=crowd,
    )


def _tell(notifier: Notifier, count: int) -> None:
    for number in range(count):
        notifier.tell(
            Notice(
                customer_id=str(number),
                kind=NoticeKind.REMINDER,
                title="还款提醒",
                fields=(("事项", "房贷扣款"), ("日期", "2026年12月3日"), ("剩余", "还有5天")),
                link_path="/wealth/",
                dedupe_key=f"bench|{number}",
            )
        )


def _followers(house: House, count: int) -> list[str]:
    """Let people follow the simulated account; return so many of them."""
    body = json.dumps({"count": count}).encode()
    address = f"{house.ground.config.simulator_url}/simulator/turns/add-crowd"
    _posted(address, body, "application/json")
    found: list[str] = []
    after = ""
    while len(found) < count:
        page = house.wechat.api.followers_after(after)
        found += page.openids
        after = page.next_openid
    return found[-count:]


def _bare_rate(house: House, openids: Sequence[str]) -> float:
    """Return how many of the same messages a bare client sends a second, in as many threads."""
    sent = openids[: max(20, len(openids) // 10)]
    address = f"{house.ground.config.simulator_url}/cgi-bin/message/template/send"
    query = {"access_token": house.wechat.credentials.access_token.value()}
    template = house.wechat.book.template(NoticeKind.REMINDER)
    assert template is not None
    values = {"thing": "房贷扣款", "date": "2026年12月3日", "time": "2026年12月3日"}
    data = {place.name: {"value": values[place.kind]} for place in template.places}

    def send_all(part: Sequence[str]) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for openid in part:
                body = {"touser": openid, "template_id": template.template_id, "data": data}
                assert session.post(address, params=query, json=body).json()["errcode"] == 0

    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS_MAX) as senders:
        list(senders.map(send_all, [sent[start::SENDERS_MAX] for start in range(SENDERS_MAX)]))
    return len(sent) / (time.perf_counter() - began)


@contextlib.contextmanager
def _simulator(stage: Stage) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the simulator of a stage."""
    stage.house.ground.database.engine.connect().close()
    with (stage.folder / "simulator.log").open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "h5app", "simulator"],
            cwd=ROOT,
            env=stage.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        _wait(f"{stage.house.ground.config.simulator_url}/simulator/healthz", process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            opener.open(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the simulator does not answer")


def _cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CPU_TICKS
