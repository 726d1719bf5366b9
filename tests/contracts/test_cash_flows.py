"""The contract of a source of cash flows, run over counter, bank, bills, and the fake."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from h5app.counter.model import CashEntry
from h5app.kernel.clock import FrozenClock
from h5app.wealth import store_reminders
from h5app.wealth.bank_feed import PATH, BankFeed
from h5app.wealth.bill_book import BillBook
from h5app.wealth.cash_flows import AllCashFlows, BillCashFlows
from h5app.wealth.own_ledger import own_ledger
from h5app.wealth.ports import CashFlow, CashFlowSource, NoCashFlows
from h5app.wealth.refusal import CashFlowsSilent
from h5app.wiring import CounterCashFlows

pytestmark = pytest.mark.contract
ACCOUNT, SINCE = "80000001", date(2026, 1, 1)
DEPOSIT_ON, RENT_ON = date(2026, 10, 14), date(2026, 10, 31)
TOKEN = "a-token-of-the-bank"

BILL = """\
交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注
2026-10-31 09:00:00,转账,房东老周,房租,支出,¥3200.00,零钱,对方已收钱,1001,x,/
2026-10-21 10:00:00,退货-退款,某店,鞋,收入,¥200.00,零钱,已全额退款,1005,x,/
2026-10-20 10:00:00,商户消费,某店,鞋,支出,¥200.00,零钱,已全额退款,1004,x,/
2026-10-20 09:00:00,零钱提现,工商银行,/,/,¥10123.45,工商银行,提现已到账,1003,x,/
2026-10-14 09:00:00,转账,某公司 工资,/,收入,¥18500.00,/,已收钱,1002,x,/
"""


class LedgerOfOne:
    """The part of the counter that the adapter asks."""

    def cash_entries(self, account_id: str, since: date) -> Sequence[CashEntry]:
        """Return the ledger of one account."""
        if account_id != ACCOUNT:
            return []
        rows = [
            (1, DEPOSIT_ON, 1_850_000, "deposit", "某公司 工资"),
            (2, date(2026, 10, 20), -1_012_345, "buy", ""),
            (3, date(2026, 10, 20), -512, "fee", ""),
            (4, RENT_ON, -320_000, "withdrawal", "房租"),
        ]
        return [
            CashEntry(
                entry_id=number, on=on, amount_fen=fen, kind=kind, counterparty=payee, memo=""
            )
            for number, on, fen, kind, payee in rows
            if on >= since
        ]


class InMemory:
    """A source of cash flows in memory."""

    def __init__(self, flows: Sequence[CashFlow]) -> None:
        self._flows = flows

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return the flows of the one account."""
        return [flow for flow in self._flows if account_id == ACCOUNT and flow.on >= since]


class Bank(ThreadingHTTPServer):
    """A bank with one account: two pages, a currency of others, a move of the customer's own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.asked: list[dict[str, str]] = []
        self.answer: bytes | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, question: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for a question."""
        self.asked.append(question)
        if self.answer is not None:
            return 200, self.answer
        if question["account"] != ACCOUNT:
            return 404, b"{}"
        salary = _movement("m1", DEPOSIT_ON, "18500.00", payee="某公司 工资")
        rent = _movement("m4", RENT_ON, "-3200.00", payee="房租")
        first = [
            salary,
            _movement("m2", date(2026, 10, 20), "-100.00", currency="USD"),
            _movement("m3", date(2026, 10, 20), "-10123.45", kind="own"),
        ]
        rows, following = ([rent], "") if question["after"] else (first, "page-2")
        body = {"movements": rows, "known_until": "2026-11-22", "next": following}
        return 200, json.dumps(body).encode()


def _movement(number: str, on: date, amount: str, **more: str) -> dict[str, str]:
    return {"id": number, "on": on.isoformat(), "amount": amount, **more}


class _Desk(BaseHTTPRequestHandler):
    server: Bank

    def do_POST(self) -> None:
        """Answer the one question there is."""
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_known = self.headers["Authorization"] == f"Bearer {TOKEN}" and self.path == PATH
        status, body = self.server.reply(question) if is_known else (401, b"{}")
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as its base
        """Say nothing."""


@pytest.fixture
def bank() -> Iterator[Bank]:
    """A bank that answers on a free port."""
    server = Bank()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def over_counter(request: pytest.FixtureRequest) -> CashFlowSource:
    """The adapter over the counter's ledger."""
    del request
    counter: Any = LedgerOfOne()
    return CounterCashFlows(counter)


def over_bank(request: pytest.FixtureRequest) -> CashFlowSource:
    """The adapter over the bank's feed."""
    return BankFeed(request.getfixturevalue("bank").url, TOKEN)


def over_bills(request: pytest.FixtureRequest) -> CashFlowSource:
    """The adapter over imported bills; one that was given back in full is no flow."""
    database = request.getfixturevalue("sqlite_database")
    clock = FrozenClock("2026-11-24T09:30:00")
    with database.write() as connection:
        store_reminders.set_account(connection, "c-1", ACCOUNT, clock.now())
    book = BillBook(database, clock, lambda _customer_id: None)
    book.take("c-1", book.look("c-1", BILL.encode()).draft_id)
    return BillCashFlows(database)


def over_memory(request: pytest.FixtureRequest) -> CashFlowSource:
    """The fake that other tests use."""
    del request
    salary = CashFlow(
        reference="a", on=DEPOSIT_ON, amount_fen=1_850_000, counterparty="某公司 工资"
    )
    rent = CashFlow(reference="b", on=RENT_ON, amount_fen=-320_000, counterparty="房租")
    return InMemory([salary, rent])


def over_all(request: pytest.FixtureRequest) -> CashFlowSource:
    """The one over several, of which one knows the account."""
    return AllCashFlows(over_memory(request), over_nothing(request), NoCashFlows())


def over_nothing(request: pytest.FixtureRequest) -> CashFlowSource:
    """No source at all."""
    del request
    return NoCashFlows()


ADAPTERS = (over_counter, over_bank, over_bills, over_memory, over_all)
Adapter = Callable[[pytest.FixtureRequest], CashFlowSource]


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def source(request: pytest.FixtureRequest) -> CashFlowSource:
    """Every adapter in turn."""
    adapter: Adapter = request.param
    return adapter(request)


def test_only_money_from_or_to_others_is_told(source: CashFlowSource) -> None:
    """Trades, fees, own moves and what was given back are left out; signs say the direction."""
    found = sorted(source.flows(ACCOUNT, SINCE), key=lambda each: each.on)

    assert [(each.on, each.amount_fen) for each in found] == [
        (DEPOSIT_ON, 1_850_000),
        (RENT_ON, -320_000),
    ]


def test_the_first_day_is_included(source: CashFlowSource) -> None:
    """Whole days from `since` on."""
    assert [each.on for each in source.flows(ACCOUNT, RENT_ON)] == [RENT_ON]
    assert list(source.flows(ACCOUNT, date(2026, 11, 1))) == []


def test_references_are_the_same_at_every_asking(source: CashFlowSource) -> None:
    """A movement keeps its name, and no two share one."""
    first, again = (source.flows(ACCOUNT, SINCE) for _each in range(2))

    assert [each.reference for each in first] == [each.reference for each in again]
    assert len({each.reference for each in first}) == len(first)


def test_an_unknown_account_has_no_movements(source: CashFlowSource) -> None:
    """It is not an error."""
    assert list(source.flows("nobody", SINCE)) == []


def test_a_source_never_knows_beyond_its_last_movement_s_future(source: CashFlowSource) -> None:
    """No movement lies after the day until which its source knows."""
    for flow in source.flows(ACCOUNT, SINCE):
        assert flow.known_until is None or flow.on <= flow.known_until


def test_the_bank_is_asked_with_the_account_in_the_body(bank: Bank) -> None:
    """Page after page, nothing in the address; it says itself until when it knows."""
    found = BankFeed(bank.url, TOKEN).flows(ACCOUNT, SINCE)

    assert [question["after"] for question in bank.asked] == ["", "page-2"]
    assert bank.asked[0] == {"account": ACCOUNT, "since": "2026-01-01", "after": ""}
    assert {flow.known_until for flow in found} == {date(2026, 11, 22)}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"{}",
        json.dumps(
            {"known_until": "2026-11-22", "movements": [{"id": "1", "on": "x", "amount": "1"}]}
        ).encode(),
        json.dumps(
            {"known_until": "2026-11-22", "movements": [_movement("1", RENT_ON, "NaN")]}
        ).encode(),
        b'{"known_until": "2026-11-22", "movements": [], "next": "for ever"}',
        b'{"known_until": "2026-11-22", "movements": [], "next": "' + b"x" * 5_000_000 + b'"}',
    ],
)
def test_an_answer_of_another_form_is_silence(bank: Bank, answer: bytes) -> None:
    """Half of a ledger teaches wrong things: nothing of it is taken."""
    bank.answer = answer

    with pytest.raises(CashFlowsSilent):
        BankFeed(bank.url, TOKEN).flows(ACCOUNT, SINCE)


def test_a_refusal_and_no_answer_are_silence(bank: Bank) -> None:
    """A wrong token, and a bank that is not there."""
    for feed in (BankFeed(bank.url, "another"), BankFeed("http://127.0.0.1:1", TOKEN)):
        with pytest.raises(CashFlowsSilent):
            feed.flows(ACCOUNT, SINCE)


def test_an_own_ledger_asks_nobody_else(bank: Bank) -> None:
    """The name of a customer without an account never leaves the house."""
    sources = AllCashFlows(NoCashFlows(), BankFeed(bank.url, TOKEN), NoCashFlows())

    assert list(sources.flows(own_ledger("c-1"), SINCE + timedelta(days=1))) == []
    assert bank.asked == []
