"""What trading needs of others: a counter that takes orders, and prices with their rules."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from h5app.counter.model import (
    Balances,
    CashEntry,
    DaySpan,
    FeeLines,
    FillReport,
    OrderReport,
    OrderRequest,
    Position,
    Side,
)
from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.market.model import Instrument, Phase, Quote
from h5app.market.rules import RuleBook

FeeSchedule = Callable[[int], FeeLines]
"""Fees of one order whose fills amount to so many fen in all; none at zero."""


class CounterRefused(AppError):
    """The counter said no: the order is dead and nothing was frozen.

    An adapter raises this, or any other AppError of status 4xx with the broker's own code and
    sentence; both mean the same.
    """

    code = "trading.counter_refused"
    status = 422
    sentence = "柜台没有接受这笔委托,请核对后重新下单"


class CounterSilent(AppError):
    """No answer: the order may live. Ask with `find`; never send it again."""

    code = "trading.counter_silent"
    status = 503
    sentence = "委托结果未知,请勿重复提交,稍后在当日委托中查看结果"


class Counter(Protocol):
    """The back office that keeps the books and takes orders.

    The contract, run by one suite over every adapter:

    1. `submit` answers with the stored order, or raises. A refusal (CounterRefused or any AppError
       of status 4xx) leaves nothing behind: no order, no frozen money, no frozen shares.
    2. The same `client_order_id` of one account is one order however often it arrives, also at the
       same instant; the later calls get the report of the first.
    3. Silence (CounterSilent) says nothing about what happened. `find` then tells; None means
       "not here so far", which is final only once the settle time of the caller has passed.
    4. Every question (`find`, `orders`, `fills`, `balances`, `positions`, `cash_entries`, those
       between days) changes nothing and may be repeated.
    5. `cancel` may be repeated; only states 1, 2 and 7 are taken, any other is a refusal. A cancel
       is a wish: a fill may still overtake it, the report tells.
    6. What belongs to another account is not found, never refused differently.
    7. No call of this port is made inside a transaction of trading.
    8. The cash entries of an account, from its first day on, sum to its cash.
    """

    def submit(self, request: OrderRequest) -> OrderReport:
        """Take an order.

        Raises:
            CounterRefused: The broker said no; the order is dead.
            CounterSilent: No answer; the order may live. Ask, never resend.
        """
        ...

    def find(self, account_id: str, client_order_id: str) -> OrderReport | None:
        """Return what the counter knows of our order; None when it has never seen it.

        Raises:
            CounterSilent: No answer; nothing is known.
        """
        ...

    def cancel(self, account_id: str, order_id: int) -> OrderReport:
        """Ask to take back what is still open of an order.

        Raises:
            CounterRefused: The order is unknown, or in a state or phase that takes no cancel.
            CounterSilent: No answer; asking again does no harm.
        """
        ...

    def orders(self, account_id: str, on: date) -> Sequence[OrderReport]:
        """Return the orders of one trading day, newest first."""
        ...

    def fills(self, account_id: str, on: date) -> Sequence[FillReport]:
        """Return the fills of one trading day, newest first."""
        ...

    def orders_between(self, account_id: str, span: DaySpan, rows: int) -> Sequence[OrderReport]:
        """Return the newest orders of some trading days, newest first."""
        ...

    def fills_between(self, account_id: str, span: DaySpan, rows: int) -> Sequence[FillReport]:
        """Return the newest fills of some trading days, newest first."""
        ...

    def cash_entries(self, account_id: str, since: date) -> Sequence[CashEntry]:
        """Return the movements of cash since a day, oldest first; frozen money is none."""
        ...

    def accounts(self, after: str, rows: int) -> Sequence[str]:
        """Return so many account ids behind `after`, in their order; a fresh start is ""."""
        ...

    def balances(self, account_id: str) -> Balances:
        """Return the cash of the account, unit fen."""
        ...

    def positions(self, account_id: str) -> Sequence[Position]:
        """Return what is held, and what was sold out today."""
        ...

    def fee_schedule(self, account_id: str, symbol: str, side: Side) -> FeeSchedule:
        """Return what an order of this account pays for an amount filled in all, as of today.

        For the same fills the schedule equals the charge to the fen: the ticket's estimate and the
        books call the same arithmetic.
        """
        ...


class Prices(Protocol):
    """The part of the market that tickets and positions look at; market.service.Market is one."""

    @property
    def clock(self) -> Clock:
        """The market clock."""
        ...

    @property
    def rules(self) -> RuleBook:
        """The dated rule book."""
        ...

    def today(self) -> date:
        """Return the present day of the market clock."""
        ...

    @property
    def is_stale(self) -> bool:
        """Whether the quotes are too old for the part of the day."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """Return the instrument, or None when there is no such symbol."""
        ...

    def search(self, words: str) -> Sequence[Instrument]:
        """Return what fits code, name or pinyin initials, best first, at most a page of it."""
        ...

    def quote(self, symbol: str) -> Quote | None:
        """Return the latest quote, or None when there is none."""
        ...

    def quotes(self, symbols: Sequence[str]) -> Sequence[Quote | None]:
        """Return the latest quotes in the order asked."""
        ...

    def phase(self, symbol: str) -> Phase:
        """Return the part of the trading day that the instrument is in."""
        ...
