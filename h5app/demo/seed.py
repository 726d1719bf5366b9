"""Seeds the demo through the services, never by writing tables: the audit holds from the start."""

from collections.abc import Sequence
from datetime import date, timedelta

from h5app.counter.model import NewAccount
from h5app.counter.service import CashMovement, EmbeddedCounter
from h5app.demo.customers import (
    CUSTOMERS,
    ELDER,
    HOLDINGS,
    MONTHS_OF_HISTORY,
    NEWCOMER,
    SETTLED,
    DemoCustomer,
    Movement,
    elder_history,
    settled_history,
)
from h5app.identity.directory import Directory
from h5app.identity.model import Look
from h5app.kernel.trading_day import TradingDays
from h5app.market.service import Market

OPENED_DAYS_BEFORE = 31 * (MONTHS_OF_HISTORY + 2)
SAVINGS_BEFORE_FEN = 6_000_000
"""What the settled customer had before the history begins, so that no payment fails."""


class DemoSeed:
    """Opens the demo's accounts; running it twice changes nothing."""

    def __init__(
        self,
        counter: EmbeddedCounter,
        directory: Directory,
        market: Market,
        trading_days: TradingDays,
    ) -> None:
        self._counter = counter
        self._directory = directory
        self._market = market
        self._days = trading_days

    def run(self, first_on: date) -> None:
        """Open the accounts with their histories, relative to the demo's first day."""
        for customer in CUSTOMERS:
            self._open(customer, first_on)
        before = self._days.previous_trading_day(first_on)
        self._counter.deposit(
            NEWCOMER.fund_account,
            NEWCOMER.cash_fen,
            on=before,
            key="seed-cash",
            counterparty="银证转账",
        )
        self._record(SETTLED, settled_history(first_on, self._days), first_on)
        self._record(ELDER, elder_history(first_on, self._days), first_on)
        self._bring_shares(before)
        self._directory.ensure_customer(SETTLED.fund_account)
        elder = self._directory.ensure_customer(ELDER.fund_account)
        self._directory.propose_look(elder, Look(mode="care"))

    def _open(self, customer: DemoCustomer, first_on: date) -> None:
        self._counter.open_account(
            NewAccount(
                fund_account=customer.fund_account,
                holder_name=customer.holder_name,
                phone=customer.phone,
                password=customer.password,
                risk_level=customer.risk_level,
                permissions=customer.permissions,
                opened_on=first_on - timedelta(days=OPENED_DAYS_BEFORE),
            )
        )

    def _record(self, customer: DemoCustomer, history: Sequence[Movement], first_on: date) -> None:
        began_on = min(one.on for one in history)
        savings = CashMovement(
            kind="deposit",
            amount_fen=SAVINGS_BEFORE_FEN if customer is SETTLED else customer.cash_fen,
            on=self._days.previous_trading_day(began_on),
            counterparty="银证转账",
            key="seed-savings",
        )
        moves = [_movement(number, one) for number, one in enumerate(history)]
        self._counter.record_cash(customer.fund_account, [savings, *moves])
        if customer is SETTLED:
            self._counter.deposit(
                customer.fund_account,
                customer.cash_fen,
                on=self._days.previous_trading_day(first_on),
                key="seed-cash",
                counterparty="银证转账",
            )

    def _bring_shares(self, on: date) -> None:
        for holding in HOLDINGS:
            if self._market.instrument(holding.symbol) is None:
                continue  # A replayed day may know fewer instruments.
            self._counter.transfer_in(
                SETTLED.fund_account,
                holding.symbol,
                holding.shares,
                holding.cost_milli,
                on=on,
                key=f"seed-{holding.symbol}",
            )


def _movement(number: int, one: Movement) -> CashMovement:
    kind = "purchase" if one.is_purchase else "deposit" if one.amount_fen > 0 else "withdrawal"
    return CashMovement(
        kind=kind,  # type: ignore[arg-type] # one of the three words
        amount_fen=abs(one.amount_fen),
        on=one.on,
        counterparty=one.counterparty,
        memo=one.memo,
        key=f"seed-{number}",
    )


def introduction() -> str:
    """Return the lines about the demo's customers that are printed at the start."""
    lines = ["  演示客户 (资金账号 / 交易密码):"]
    lines += [
        f"    {one.fund_account} / {one.password}  {one.holder_name}: {one.about}"
        for one in CUSTOMERS
    ]
    return "\n".join(lines)
