"""The embedded counter: one face over accounts, orders and books."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from h5app.counter.accounts import Accounts
from h5app.counter.alarms import Alarms
from h5app.counter.contracts import Contracts
from h5app.counter.days import Days
from h5app.counter.fees import FeeProfile
from h5app.counter.model import (
    AccountHolder,
    Balances,
    CashEntry,
    DaySpan,
    FeeLines,
    FillReport,
    NewAccount,
    OrderReport,
    OrderRequest,
    Position,
    Side,
)
from h5app.counter.movement import CashMovement, SharesMovement
from h5app.counter.passwords import Passwords
from h5app.counter.placing import Placing
from h5app.counter.ports import Prices
from h5app.counter.reading import Reading
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox

__all__ = ["CashMovement", "EmbeddedCounter", "FeeProfile", "SharesMovement"]

DEFAULT_PROFILE = FeeProfile()
"""万2.5, at least 5 yuan an order, exchange fees included."""


class EmbeddedCounter:
    """An institution's back office inside the product; trading.ports.Counter is one part of it.

    `prices.clock` is the market clock: it dates orders, money and the turn of T+1.
    """

    def __init__(
        self,
        database: Database,
        prices: Prices,
        outbox: Outbox,
        passwords: Passwords | None = None,
    ) -> None:
        contracts = Contracts()
        self._accounts = Accounts(database, outbox, prices.clock, passwords or Passwords())
        self._placing = Placing(database, prices, outbox, contracts)
        self._reading = Reading(database, prices, contracts)
        self._days = Days(database, prices, outbox)
        self.alarms = Alarms(database)

    # ------------------------------------------------------------ trading's port

    def submit(self, request: OrderRequest) -> OrderReport:
        """Take an order once; a repeat gets the report of the first.

        Raises:
            CounterRefusal: The order is dead; nothing was stored or frozen.
            DatabaseBusy: Nothing happened; the same request may be sent again.
        """
        return self._placing.submit(request)

    def find(self, account_id: str, client_order_id: str) -> OrderReport | None:
        """Return what is known of an order; None when it was never taken."""
        return self._reading.find(account_id, client_order_id)

    def cancel(self, account_id: str, order_id: int) -> OrderReport:
        """Ask for the open rest of an order back; asking twice does no harm.

        Raises:
            CounterRefusal: No such order, or its state or the phase takes no cancel.
            DatabaseBusy: Nothing happened; ask again.
        """
        return self._placing.cancel(account_id, order_id)

    def orders(self, account_id: str, on: date) -> Sequence[OrderReport]:
        """Return the orders of one trading day, newest first."""
        return self._reading.orders(account_id, on)

    def fills(self, account_id: str, on: date) -> Sequence[FillReport]:
        """Return the fills of one trading day, newest first."""
        return self._reading.fills(account_id, on)

    def balances(self, account_id: str) -> Balances:
        """Return the cash of an account, unit fen."""
        return self._reading.balances(account_id)

    def positions(self, account_id: str) -> Sequence[Position]:
        """Return what is held, and what was sold out today."""
        return self._reading.positions(account_id)

    def fee_schedule(self, account_id: str, symbol: str, side: Side) -> Callable[[int], FeeLines]:
        """Return what an order pays for an amount (fen) filled in all, as of today.

        Raises:
            CounterRefusal: There is no such account or security.
        """
        return self._reading.fee_schedule(account_id, symbol, side)

    # ------------------------------------------------------------ accounts

    def open_account(self, new: NewAccount, profile: FeeProfile = DEFAULT_PROFILE) -> str:
        """Open a fund account and return its id; the same holder again changes nothing.

        Raises:
            AccountDiffers: The number belongs to somebody else.
        """
        return self._accounts.open_account(new, profile)

    def agree_fees(self, account_id: str, profile: FeeProfile) -> None:
        """Put a new version of the contract in force; orders keep the version they came under.

        Raises:
            NoSuchAccount: There is none.
        """
        self._accounts.agree_fees(account_id, profile)

    def verify_password(self, account_id: str, password: str) -> bool:
        """Say whether the trade password fits; takes as long for accounts that do not exist."""
        return self._accounts.verify_password(account_id, password)

    def holder(self, account_id: str) -> AccountHolder | None:
        """Return who stands behind an account; None when there is none."""
        return self._accounts.holder(account_id)

    def deposit(
        self,
        account_id: str,
        amount_fen: int,
        *,
        on: date,
        key: str,
        counterparty: str = "",
        memo: str = "",
    ) -> None:
        """Book money in from the bank, once per `key`; usable at once.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            KeyReused: The key was used for another movement.
        """
        movement = CashMovement(
            kind="deposit",
            amount_fen=amount_fen,
            on=on,
            counterparty=counterparty,
            memo=memo,
            key=key,
        )
        self._accounts.move_cash(account_id, movement)

    def withdraw(
        self,
        account_id: str,
        amount_fen: int,
        *,
        on: date,
        key: str,
        counterparty: str = "",
        memo: str = "",
    ) -> None:
        """Book money out to the bank, once per `key`; today's proceeds stay until the next day.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            NotEnoughCash: More than is available.
            NotWithdrawable: More than may leave today.
            KeyReused: The key was used for another movement.
        """
        movement = CashMovement(
            kind="withdrawal",
            amount_fen=amount_fen,
            on=on,
            counterparty=counterparty,
            memo=memo,
            key=key,
        )
        self._accounts.move_cash(account_id, movement)

    def record_cash(self, account_id: str, movements: Sequence[CashMovement]) -> None:
        """Book movements of the past in one transaction, each once per key; nobody is told.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            NotEnoughCash: More leaves than is there at that point; nothing is booked.
            KeyReused: A key was used for another movement.
        """
        self._accounts.record_cash(account_id, movements)

    def transfer_in(
        self, account_id: str, symbol: str, shares: int, cost_milli: int, *, on: date, key: str
    ) -> None:
        """Book shares that come from elsewhere at a cost price, once per `key`; sellable at once.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            KeyReused: The key was used for another movement.
        """
        movement = SharesMovement(
            symbol=symbol, shares=shares, cost_milli=cost_milli, on=on, key=key
        )
        self._accounts.transfer_in(account_id, movement)

    def accounts(self, after: str, rows: int) -> Sequence[str]:
        """Return so many account ids behind `after`, in their order; a fresh start is ""."""
        return self._reading.accounts(after, rows)

    def orders_between(self, account_id: str, span: DaySpan, rows: int) -> Sequence[OrderReport]:
        """Return the newest orders of some trading days, newest first."""
        return self._reading.orders_between(account_id, span, rows)

    def fills_between(self, account_id: str, span: DaySpan, rows: int) -> Sequence[FillReport]:
        """Return the newest fills of some trading days, newest first."""
        return self._reading.fills_between(account_id, span, rows)

    def cash_entries(self, account_id: str, since: date) -> Sequence[CashEntry]:
        """Return the movements of cash since a day, oldest first; frozen money is none."""
        return self._reading.cash_entries(account_id, since)

    # ------------------------------------------------------------ days

    def open_day(self, day: date) -> None:
        """Begin a trading day: what was bought before it may be sold. Repeating changes nothing."""
        self._days.open_day(day)

    def close_day(self, day: date) -> None:
        """End a trading day: open orders expire, frozen money and shares are free again."""
        self._days.close_day(day)

    def run_due(self, now: datetime) -> None:
        """Open and close what is due at a market moment; cheap when nothing is."""
        self._days.run_due(now)
