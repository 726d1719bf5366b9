"""Logs of every process, after a walk through sign-in, binding and trading: no secret in them."""

import json
import logging
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from h5app.demo.customers import CUSTOMERS, NEWCOMER, SETTLED
from h5app.identity.model import RISK_NOTICE_VERSION
from h5app.plumbing.log import JsonFormatter
from tests.faults.remote import Customer
from tests.faults.running import Keeper
from tests.house import RunningHouse, wait_for

OURS = ("web", "feed", "venue", "jobs")
WRONG_PASSWORD = "864209"
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Phone:
    """A phone's web view on its own host; keeps what went through its address line."""

    def __init__(self, house: RunningHouse, user: str) -> None:
        self._house = house
        port = urlsplit(house.simulator).port
        self._host = {"Host": f"{user}.localhost:{port}"}
        self.cookies: dict[str, str] = {}
        self.seen: set[str] = set()

    def open(self, path: str) -> requests.Response:
        """Ask for an address and follow where it leads."""
        while True:
            answer = self._ask("GET", path)
            if answer.status_code != 302:
                return answer
            parts = urlsplit(answer.headers["Location"])
            self.seen |= set(re.findall(r"(?:code|state)=([\w-]{16,})", parts.query))
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path

    def post(self, path: str, page: str, **fields: str) -> requests.Response:
        """Send a form of a page."""
        found = _TOKEN.search(page)
        assert found is not None
        return self._ask("POST", path, data={"csrf_token": found[1], **fields})

    def _ask(self, method: str, path: str, **more: object) -> requests.Response:
        answer = requests.request(
            method,
            self._house.simulator + path,
            headers=self._host,
            cookies=self.cookies,
            allow_redirects=False,
            timeout=10,
            **more,  # type: ignore[arg-type] # data of a form
        )
        self.cookies |= answer.cookies.get_dict()
        return answer


@pytest.mark.walk
def test_no_secret_in_any_log(kept: Keeper) -> None:
    """Passwords, codes, tokens, cookies, openids, phones and whole account numbers: in none."""
    house = kept.house
    trader = Customer.signed_in(house, SETTLED)
    trader.post("/me/step-up", {"trade_password": WRONG_PASSWORD})
    trader.insist("logged")
    phone = Phone(house, "u1")
    page = phone.open("/go/positions").text
    codes = bind(house, trader, phone, page)
    trader.settled(["logged"])
    requests.get(f"{house.url}/wealth/{'t' * 43}.ics", timeout=10)
    requests.get(f"{house.url}/nowhere?trade_password={SETTLED.password}", timeout=10)

    planted = {
        *(one.password for one in CUSTOMERS),
        *(one.fund_account for one in CUSTOMERS),
        *(one.phone for one in CUSTOMERS),
        *(one.holder_name for one in CUSTOMERS),
        *(WRONG_PASSWORD, "t" * 43),
        *codes,
        *phone.cookies.values(),
        *phone.seen,
        *trader.web.cookies.get_dict().values(),
        str(trader.web.headers["X-CSRFToken"]),
        *of_databases(house.config.home),
        *(house.config.secret_key, house.config.wechat_app_secret, house.config.wechat_token),
        house.config.wechat_encoding_aes_key,
    }
    assert len(planted) > 20
    folder = house.config.home / "logs"
    assert list(leaks(folder, planted)) == []
    assert [line for name in OURS for line in broken_lines(folder / f"{name}.log")] == []
    assert "notice_delivery" in (folder / "jobs.log").read_text("utf-8")


def bind(house: RunningHouse, trader: Customer, phone: Phone, page: str) -> list[str]:
    """Bind the newcomer to the phone; return the codes that were sent on the way."""
    fields = {
        "fund_account": NEWCOMER.fund_account,
        "trade_password": NEWCOMER.password,
        "accepted_notice": RISK_NOTICE_VERSION,
    }
    asked = phone.post("/me/binding", page, **fields)
    wait_for(lambda: house.simulator_get("/sms")["messages"])
    code = trader.code(NEWCOMER)
    done = phone.post("/me/binding", asked.text, code=code, **fields)
    assert done.status_code == 303, done.text
    return [code, trader.code(SETTLED)]


def of_databases(home: Path) -> Iterator[str]:
    """Yield openids and the platform's tokens from the product's and the simulator's files."""
    with closing(sqlite3.connect(home / "h5app.db")) as connection:
        openids = connection.execute("SELECT openid FROM identity_openid").fetchall()
    with closing(sqlite3.connect(home / "simulator.db")) as connection:
        tokens = connection.execute("SELECT value FROM token").fetchall()
    assert openids
    assert tokens
    for row in (*openids, *tokens):
        yield row[0]


def broken_lines(path: Path) -> Iterator[str]:
    """Yield each line that is no JSON object with its moment and its event."""
    for line in path.read_text("utf-8").splitlines():
        try:
            whole = json.loads(line)
        except ValueError:
            yield line
            continue
        if not {"at", "level", "event"} <= whole.keys():
            yield line


def leaks(folder: Path, planted: set[str]) -> Iterator[str]:
    """Yield each line of a log that holds a secret."""
    logs = sorted(folder.glob("*.log"))
    assert {path.stem for path in logs} >= {"web", "feed", "venue", "jobs", "simulator"}
    for path in logs:
        for line in path.read_text("utf-8", "replace").splitlines():
            for secret in planted:
                if re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", line):
                    yield f"{path.name}: {secret}: {line[:300]}"


def test_what_comes_from_elsewhere_is_scrubbed() -> None:
    """A line of a library and a trace may hold an address or a value: numbers and tokens go."""
    token = secrets.token_urlsafe(32)
    said = f"Error handling request /wealth/{token}.ics?trade_password=246802 80000002 {'ab' * 16}"
    line = formatted(logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, said, (), None))

    assert token not in line
    assert "246802" not in line
    assert "80000002" not in line
    assert "ab" * 16 not in line
    assert "Error handling request /wealth/***.ics" in line


def failed_statement() -> None:
    """Fail with what a statement held."""
    raise ValueError("account 80000002, openid oLVPpjqs9BhvzwPj5A-vTYAX3GLc")


def test_a_trace_is_scrubbed() -> None:
    """It names the place, not the values."""
    with pytest.raises(ValueError, match="account") as failed:
        failed_statement()
    trace = (failed.type, failed.value, failed.tb)
    record = logging.LogRecord("h5app", logging.ERROR, "", 0, "failed", (), trace)

    line = formatted(record)

    assert "80000002" not in line
    assert "oLVPpjqs9BhvzwPj5A" not in line
    assert "in failed_statement" in line


def test_values_are_masked_by_their_names() -> None:
    """Whatever is given under such a name stands as ***, an account as its last four digits."""
    values = {
        "trade_password": "246802",
        "openid": "oX",
        "session_token": "t",
        "phone": "13800000002",
        "code": "123456",
        "fund_account": "80000002",
        "error_code": "trading.bad_price",
    }
    record = logging.LogRecord("h5app", logging.INFO, "", 0, "event", (), None)
    record.values = values

    line = json.loads(formatted(record))

    assert [line[name] for name in values] == ["***"] * 5 + ["****0002", "trading.bad_price"]


def formatted(record: logging.LogRecord) -> str:
    """Return a record as our logs write it."""
    return JsonFormatter().format(record)
