"""ports.CashFlowSource over a bank's feed of movements: JSON over HTTPS, described in wealth.md."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from h5app.kernel.money import NotAnAmount, fen_from_text
from h5app.plumbing.http import REPLY_BYTES_MAX, HttpClient, RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger
from h5app.wealth.ports import CashFlow
from h5app.wealth.refusal import CashFlowsSilent

PATH = "/v1/movements"
PAGES_MAX = 100
YUAN = "CNY"
NOT_FOUND = 404
TEXT_LENGTH_MAX = 60
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
        try:
            return list(self._flows(account_id, since))
        except RemoteRefused as refused:
            if refused.details.get("http_status") == NOT_FOUND:
                return ()
            log.warning("bank_feed_refused", status=refused.details.get("http_status"))
            raise CashFlowsSilent from refused
        except (RemoteSilent, msgspec.DecodeError, NotAnAmount) as wrong:
            log.warning("bank_feed_silent", error=type(wrong).__name__)
            raise CashFlowsSilent from wrong

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
        body = self._http.post(PATH, json=question, headers=self._headers).content
        if len(body) > REPLY_BYTES_MAX:
            raise CashFlowsSilent
        return msgspec.json.decode(body, type=Page)


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
