"""The contract of what a bank says will be moved: over its feed, and a house without one."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from h5app.wealth.bank_feed import AHEAD_DAYS, ORDERS_PATH, BankFeed
from h5app.wealth.model import EntryClass
from h5app.wealth.ports import BankOrder, NoCashFlows, OrderedPayment
from h5app.wealth.refusal import CashFlowsSilent

pytestmark = pytest.mark.contract
ACCOUNT, TODAY, TOKEN = "80000001", date(2026, 11, 24), "a-token-of-the-bank"


def told(number: str, *days: str, amount: str = "-6240.00", **more: Any) -> dict[str, Any]:
    """An order as the bank's answer holds it."""
    payments = [{"on": on, "amount": amount} for on in days]
    return {"id": number, "title": "个人住房贷款", "payments": payments, **more}


class Bank(ThreadingHTTPServer):
    """A bank that answers every question about orders with the same bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.status, self.answer = 200, b'{"orders": []}'
        self.asked: list[tuple[str, Any]] = []

    def says(self, *orders: dict[str, Any]) -> None:
        """Let it name these orders."""
        self.answer = json.dumps({"orders": orders}).encode()

    def feed(self) -> BankFeed:
        """Return the adapter that asks it."""
        return BankFeed(f"http://127.0.0.1:{self.server_address[1]}", TOKEN)


class _Desk(BaseHTTPRequestHandler):
    server: Bank

    def do_POST(self) -> None:
        """Answer what was set."""
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, question))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

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


def test_a_loan_is_told_with_its_days_and_amounts(bank: Bank) -> None:
    """Asked with the account in the body; the days in order, the kind a class of the calendar."""
    bank.says(told("L1", "2027-01-11", "2026-12-10", kind="loan", payee="住房贷款还款"))

    assert list(bank.feed().orders(ACCOUNT, TODAY)) == [
        BankOrder(
            reference="order-L1",
            title="个人住房贷款",
            kind=EntryClass.REPAYMENT,
            payee="住房贷款还款",
            payments=(
                OrderedPayment(on=date(2026, 12, 10), amount_fen=-624_000),
                OrderedPayment(on=date(2027, 1, 11), amount_fen=-624_000),
            ),
        )
    ]
    assert bank.asked == [(ORDERS_PATH, {"account": ACCOUNT, "since": "2026-11-24"})]


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("standing", "-1.00", EntryClass.TRANSFER),
        ("standing", "1.00", EntryClass.INCOME),
        ("plan", "-1.00", EntryClass.INVESTMENT),
        ("product", "1.00", EntryClass.MATURITY),
        ("bill", "-1.00", EntryClass.BILL),
        ("of tomorrow", "-1.00", EntryClass.OTHER),
    ],
)
def test_every_kind_has_its_class(bank: Bank, kind: str, amount: str, expected: EntryClass) -> None:
    """One that is not known is something else, not a refusal."""
    bank.says(told("1", "2026-12-10", amount=amount, kind=kind))

    [found] = bank.feed().orders(ACCOUNT, TODAY)

    assert found.kind is expected


def test_only_what_lies_ahead_is_taken(bank: Bank) -> None:
    """Past days, days of next year's end, nothing at all, and other currencies are left out."""
    bank.says(
        told("1", "2026-11-23", "2026-11-24", "2027-12-10"),
        told("2", "2026-11-01"),
        told("3"),
        told("4", "2026-12-10", currency="USD"),
        told("5", "2026-12-10", amount="0.00"),
    )

    found = bank.feed().orders(ACCOUNT, TODAY)

    assert [(each.reference, [p.on for p in each.payments]) for each in found] == [
        ("order-1", [TODAY])
    ]
    assert all((p.on - TODAY).days <= AHEAD_DAYS for each in found for p in each.payments)


def test_a_bank_that_speaks_of_no_orders_has_none(bank: Bank) -> None:
    """404 is an answer: an older feed, or an account that is not known there."""
    bank.status, bank.answer = 404, b"{}"

    assert list(bank.feed().orders(ACCOUNT, TODAY)) == []
    assert list(NoCashFlows().orders(ACCOUNT, TODAY)) == []


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b'{"orders": [{"id": "1"}]}'),
        (200, json.dumps({"orders": [told("1", "2026-12-10", amount="NaN")]}).encode()),
        (200, json.dumps({"orders": [told("1", "2026-02-30")]}).encode()),
        (200, b'{"orders": [], "x": "' + b"x" * 5_000_000 + b'"}'),
        (500, b"{}"),
        (401, b"{}"),
    ],
)
def test_another_answer_is_silence(bank: Bank, status: int, answer: bytes) -> None:
    """No answer of the agreed form cancels an order."""
    bank.status, bank.answer = status, answer

    with pytest.raises(CashFlowsSilent):
        bank.feed().orders(ACCOUNT, TODAY)
