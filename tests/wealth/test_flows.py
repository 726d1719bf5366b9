"""The contract of a source of cash flows, run over the fake and over the counter's ledger."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from h5app.counter.model import CashEntry
from h5app.wealth.ports import CashFlow, CashFlowSource
from h5app.wiring import CounterCashFlows
from tests.wealth.fakes import ACCOUNT, FakeFlows

pytestmark = pytest.mark.contract
DEPOSIT_ON, RENT_ON = date(2026, 10, 14), date(2026, 10, 31)


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


def over_counter() -> CashFlowSource:
    """The adapter over the counter's ledger."""
    counter: Any = LedgerOfOne()
    return CounterCashFlows(counter)


def over_memory() -> CashFlowSource:
    """The fake that other tests use."""
    salary = CashFlow(
        reference="a", on=DEPOSIT_ON, amount_fen=1_850_000, counterparty="某公司 工资"
    )
    rent = CashFlow(reference="b", on=RENT_ON, amount_fen=-320_000, counterparty="房租")
    return FakeFlows({ACCOUNT: [salary, rent]})


@pytest.fixture(params=[over_counter, over_memory])
def source(request: pytest.FixtureRequest) -> CashFlowSource:
    """Every adapter in turn."""
    made: CashFlowSource = request.param()
    return made


def test_only_money_from_or_to_others_is_told(source: CashFlowSource) -> None:
    """Trades and fees are left out; signs say the direction."""
    found = sorted(source.flows(ACCOUNT, date(2026, 1, 1)), key=lambda each: each.on)

    assert [(each.on, each.amount_fen) for each in found] == [
        (DEPOSIT_ON, 1_850_000),
        (RENT_ON, -320_000),
    ]


def test_the_first_day_is_included(source: CashFlowSource) -> None:
    """Whole days from `since` on."""
    assert [each.on for each in source.flows(ACCOUNT, RENT_ON)] == [RENT_ON]
    assert source.flows(ACCOUNT, date(2026, 11, 1)) == []


def test_references_are_the_same_at_every_asking(source: CashFlowSource) -> None:
    """A movement keeps its name, and no two share one."""
    first, again = (source.flows(ACCOUNT, date(2026, 1, 1)) for _each in range(2))

    assert [each.reference for each in first] == [each.reference for each in again]
    assert len({each.reference for each in first}) == len(first)


def test_an_unknown_account_has_no_movements(source: CashFlowSource) -> None:
    """It is not an error."""
    assert list(source.flows("nobody", date(2026, 1, 1))) == []
