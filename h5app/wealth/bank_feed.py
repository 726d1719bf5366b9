"""ports.BankSource over a bank's feed: movements and orders, JSON over HTTPS, see wealth.md."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TypeVar

import msgspec

from h5app.kernel.money import NotAnAmount, fen_from_text
from h5app.plumbing.http import REPLY_BYTES_MAX, HttpClient, RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger
from h5app.wealth.model import EntryClass
from h5app.wealth.ports import BankOrder, CashFlow, OrderedPayment
from h5app.wealth.refusal import CashFlowsSilent

PATH = "/v1/movements"
ORDERS_PATH = "/v1/orders"
ORDERS_MAX, PAYMENTS_MAX = 200, 60
AHEAD_DAYS = 186
"""So far ahead payments of an order are taken; the next night brings the next."""
PAGES_MAX = 100
YUAN = "CNY"
NOT_FOUND = 404
TEXT_LENGTH_MAX = 60
TITLE_LENGTH_MAX, REFERENCE_LENGTH_MAX = 20, 80
_KINDS = {
    "standing": EntryClass.TRANSFER,
    "loan": EntryClass.REPAYMENT,
    "plan": EntryClass.INVESTMENT,
    "product": EntryClass.MATURITY,
    "bill": EntryClass.BILL,
}
_Told = TypeVar("_Told")
_CHANNELS = {"card": "card", "cash": "cash", "fee": "bank"}

log = get_logger(__name__)


class Movement(msgspec.Struct, frozen=True):
    """One booked movement; `amount` is text in yuan, negative when money leaves."""

    id: str
    on: date
    amount: str
    currency: str = YUAN
    payee: str = ""
    memo: str = ""
    kind: str = "transfer"
    """transfer, card, cash, fee, or own (between the customer's own accounts: left out)."""


class Page(msgspec.Struct, frozen=True):
    """One page of an answer."""

    movements: list[Movement]
    known_until: date
    next: str = ""
    """What to ask with for the next page; empty at the end."""


class Payment(msgspec.Struct, frozen=True):
    """One payment of an order; `amount` as in a movement."""

    on: date
    amount: str


class Order(msgspec.Struct, frozen=True):
    """A standing order, a loan, a plan or a product, with the payments ahead."""

    id: str
    title: str
    payments: list[Payment]
    kind: str = "standing"
    """standing, loan, plan, product, or bill."""
    payee: str = ""
    currency: str = YUAN


class Orders(msgspec.Struct, frozen=True):
    """An answer; orders are few and come at once."""

    orders: list[Order]


class BankFeed:
    """Asks page after page. The account stands in the body, so that no access log keeps it."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = HttpClient(base_url)
        self._headers = {"Authorization": f"Bearer {token}"}

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return the movements in yuan that came from or went to somebody else.

        Raises:
            CashFlowsSilent: No answer, a refusal, or one that is not of the agreed form.
        """
        return self._answered(lambda: list(self._flows(account_id, since)))

    def orders(self, account_id: str, today: date) -> Sequence[BankOrder]:
        """Return the orders in yuan; none where the bank does not speak of orders (404).

        Raises:
            CashFlowsSilent: No answer, a refusal, or one that is not of the agreed form.
        """
        return self._answered(lambda: list(self._orders(account_id, today)))

    def _answered(self, ask: Callable[[], list[_Told]]) -> Sequence[_Told]:
        try:
            return ask()
        except RemoteRefused as refused:
            if refused.details.get("http_status") == NOT_FOUND:
                return ()
            log.warning("bank_feed_refused", status=refused.details.get("http_status"))
            raise CashFlowsSilent from refused
        except (RemoteSilent, msgspec.DecodeError, NotAnAmount) as wrong:
            log.warning("bank_feed_silent", error=type(wrong).__name__)
            raise CashFlowsSilent from wrong

    def _orders(self, account_id: str, today: date) -> Iterator[BankOrder]:
        answer = msgspec.json.decode(
            self._body(ORDERS_PATH, {"account": account_id, "since": today.isoformat()}),
            type=Orders,
        )
        for order in answer.orders[:ORDERS_MAX]:
            found = _order(order, today)
            if order.currency == YUAN and found.payments:
                yield found

    def _flows(self, account_id: str, since: date) -> Iterator[CashFlow]:
        after = ""
        for _page in range(PAGES_MAX):
            page = self._page({"account": account_id, "since": since.isoformat(), "after": after})
            for movement in page.movements:
                if movement.kind != "own" and movement.currency == YUAN and movement.on >= since:
                    yield _flow(movement, page.known_until)
            if not page.next:
                return
            after = page.next
        raise CashFlowsSilent

    def _page(self, question: dict[str, str]) -> Page:
        return msgspec.json.decode(self._body(PATH, question), type=Page)

    def _body(self, path: str, question: dict[str, str]) -> bytes:
        body = self._http.post(path, json=question, headers=self._headers).content
        if len(body) > REPLY_BYTES_MAX:
            raise CashFlowsSilent
        return body


def _order(order: Order, today: date) -> BankOrder:
    """Return an order with its next payments, all in the direction of the first."""
    last = today + timedelta(days=AHEAD_DAYS)
    payments = sorted(
        (each.on, fen_from_text(each.amount)) for each in order.payments if today <= each.on <= last
    )
    came = bool(payments) and payments[0][1] > 0
    kind = EntryClass.INCOME if came and order.kind == "standing" else _KINDS.get(order.kind)
    return BankOrder(
        reference=f"order-{order.id}"[:REFERENCE_LENGTH_MAX],
        title=order.title[:TITLE_LENGTH_MAX],
        kind=kind or EntryClass.OTHER,
        payee=order.payee[:TEXT_LENGTH_MAX],
        payments=tuple(
            OrderedPayment(on=on, amount_fen=amount_fen)
            for on, amount_fen in islice(payments, PAYMENTS_MAX)
            if amount_fen and (amount_fen > 0) is came
        ),
    )


def _flow(movement: Movement, known_until: date) -> CashFlow:
    amount_fen = fen_from_text(movement.amount)
    came = amount_fen > 0
    channel = _CHANNELS.get(movement.kind, "transfer")
    return CashFlow(
        reference=f"bank-{movement.id}"[: TEXT_LENGTH_MAX + len("bank-")],
        on=movement.on,
        amount_fen=amount_fen,
        counterparty=movement.payee[:TEXT_LENGTH_MAX],
        memo=movement.memo[:TEXT_LENGTH_MAX],
        channel=channel if channel in {"card", "bank"} else f"{channel}_{'in' if came else 'out'}",
        known_until=known_until,
    )
