"""Cash flows of several sources as one: accounts of the counter, a bank's feed, imported bills."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from h5app.kernel.clock import SHANGHAI
from h5app.plumbing.db import Database
from h5app.wealth import store_bills
from h5app.wealth.bills.model import BillRow, Effect
from h5app.wealth.bills.refunds import Settled, settle
from h5app.wealth.own_ledger import is_own_ledger
from h5app.wealth.ports import CashFlow, CashFlowSource
from h5app.wealth.store_bills import KeptRow

_BANK = "银行"
_BY_HAND = ("转账", "红包", "群收款")
SAME_DAYS = timedelta(days=1)
"""A bank books what a wallet took from it on the same day or the next."""


class BillCashFlows:
    """ports.CashFlowSource over the imported bills of whoever has the account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return what came from or went to others; what was given back in full is left out."""
        first = datetime.combine(since, time(0), SHANGHAI)
        with self._database.read() as connection:
            kept = store_bills.rows_of_account(connection, account_id, first)
            known = store_bills.known_until(connection, account_id)
        settled = settle(each.row for each in kept)
        return [
            _flow(each, left, known[each.origin])
            for each in kept
            if each.row.effect.is_flow and (left := _left(each.row, settled)) > 0
        ]


def _left(row: BillRow, settled: Settled) -> int:
    return settled.left_of(row) if row.effect is Effect.OUT else row.amount_fen


def _flow(kept: KeptRow, left_fen: int, known_until: date) -> CashFlow:
    row = kept.row
    came = row.effect is Effect.IN
    return CashFlow(
        reference=f"bill-{row.key}",
        on=row.on,
        amount_fen=left_fen if came else -left_fen,
        counterparty=row.counterparty,
        memo=row.item,
        channel=_channel(row),
        known_until=known_until,
        is_from_bank=not came and _BANK in row.method,
    )


def _channel(row: BillRow) -> str:
    if row.effect is Effect.IN:
        return "transfer_in"
    is_by_hand = row.effect is not Effect.OUT or any(word in row.item for word in _BY_HAND)
    return "transfer_out" if is_by_hand else "card"


class AllCashFlows:
    """ports.CashFlowSource over several; what a bank and a wallet both tell is told once."""

    def __init__(
        self, accounts: CashFlowSource, bank: CashFlowSource, bills: CashFlowSource
    ) -> None:
        self._accounts = accounts
        self._bank = bank
        self._bills = bills

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return the movements of all sources.

        Raises:
            CashFlowsSilent: One of them gave no answer; half of a ledger teaches wrong things.
        """
        bills = self._bills.flows(account_id, since)
        if is_own_ledger(account_id):
            return bills
        accounts = self._accounts.flows(account_id, since)
        bank = self._bank.flows(account_id, since)
        return [*accounts, *without_doubles(bank, bills), *bills]


def without_doubles(bank: Iterable[CashFlow], bills: Iterable[CashFlow]) -> list[CashFlow]:
    """Return the bank's movements that no bill tells already, with a better name of the payee."""
    waiting: dict[int, list[date]] = defaultdict(list)
    for flow in bills:
        if flow.is_from_bank:
            waiting[flow.amount_fen].append(flow.on)
    left = []
    for flow in sorted(bank, key=lambda each: (each.on, each.reference)):
        same = [on for on in waiting[flow.amount_fen] if abs(flow.on - on) <= SAME_DAYS]
        if same:
            waiting[flow.amount_fen].remove(min(same))
        else:
            left.append(flow)
    return left
