"""What the calendar needs from elsewhere: cash flows, market events, what a customer follows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from h5app.wealth.model import EntryClass


@dataclass(frozen=True, kw_only=True)
class CashFlow:
    """One movement of a customer's money, as its source tells it."""

    reference: str
    """Names the movement in its source, the same at every asking."""
    on: date
    """The posting day."""
    amount_fen: int
    """Negative: money leaves the customer."""
    counterparty: str = ""
    memo: str = ""
    channel: str = "transfer_out"
    """transfer_out, transfer_in, card, cash_out, cash_in or bank (fees and interest)."""
    known_until: date | None = None
    """The last whole day its source tells of; None: up to yesterday."""
    is_from_bank: bool = False
    """A wallet took it from a bank account, whose own statement tells it again."""


class CashFlowSource(Protocol):
    """Past movements of money.

    The contract, run by one suite over every adapter:

    1. `flows` gives every movement of the account from `since` on, whole days only, in any order.
    2. A movement keeps its reference for ever; the same reference never means another movement.
    3. Purchases and sales of securities, freezes, fees and what moves inside the account are left
       out: only money that came from or went to somebody else.
    4. It changes nothing and may be asked again; it is never asked inside a transaction.
    5. An account that is not known has no movements.
    6. Silence after `known_until` says nothing: what comes later may have happened unseen.
    """

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return the movements.

        Raises:
            CashFlowsSilent: No answer; nothing is known.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class OrderedPayment:
    """One day on which an institution will move money."""

    on: date
    """The posting day: holidays are the institution's affair."""
    amount_fen: int
    """Negative: money leaves the customer."""


@dataclass(frozen=True, kw_only=True)
class BankOrder:
    """A standing order, a loan's schedule, a savings plan or a product that falls due."""

    reference: str
    """Names the order for ever, whatever becomes of its days; at most 80 characters."""
    title: str
    kind: EntryClass
    payee: str
    """The other party as the movements name it; may be empty."""
    payments: tuple[OrderedPayment, ...]
    """At least one; all in one direction."""


class BankOrders(Protocol):
    """What institutions themselves say will be moved; it beats what was learned.

    The same order keeps its reference; one that was cancelled is no longer in the answer. It
    changes nothing, may be asked again, and is never asked inside a transaction.
    """

    def orders(self, account_id: str, today: date) -> Sequence[BankOrder]:
        """Return the orders with their payments of about half a year from today.

        Raises:
            CashFlowsSilent: No answer; nothing is known.
        """
        ...


class BankSource(CashFlowSource, BankOrders, Protocol):
    """What a bank tells of an account: what was moved, and what will be."""


@dataclass(frozen=True, kw_only=True)
class MarketEvent:
    """Something that happens to an instrument on a day."""

    event_id: str
    """Names the event for ever, whatever its day becomes; without spaces, at most 60 characters."""
    symbol: str
    short_name: str
    kind: EntryClass
    on: date
    title: str = ""
    """What happens in words without the security's name, as 每10股派7.33元."""
    is_confirmed: bool = True
    is_cancelled: bool = False
    source: str = ""
    """Who told it."""
    fetched_at: datetime | None = None
    """When it was told last."""


class MarketEvents(Protocol):
    """Corporate actions, new issues, reports: what the market's calendar knows.

    The answer for the same question changes only when the market learns something; a cancelled
    event stays in it with `is_cancelled`. No network, and never asked inside a transaction.
    """

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:
        """Return the events of these instruments from `first` to `last`, both included."""
        ...


class Followed(Protocol):
    """The instruments whose events concern a customer: what he holds and what he watches."""

    def symbols(self, customer_id: str, account_id: str | None) -> Collection[str]:
        """Return them; without an account only what is watched."""
        ...


class Balances(Protocol):
    """What an account has ready."""

    def available_fen(self, account_id: str) -> int | None:
        """Return the cash that may be used; None when nobody knows. Never inside a transaction."""
        ...


class NoCashFlows:
    """A house without any source of cash flows, and without a bank that speaks of orders."""

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:  # noqa: ARG002 - as the port
        """Return nothing."""
        return ()

    def orders(self, account_id: str, today: date) -> Sequence[BankOrder]:  # noqa: ARG002 - as the port
        """Return nothing."""
        return ()


class NoMarketEvents:
    """A house whose market knows no events."""

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:  # noqa: ARG002 - as the port
        """Return nothing."""
        return ()


class NothingFollowed:
    """Customers who hold and watch nothing."""

    def symbols(self, customer_id: str, account_id: str | None) -> Collection[str]:  # noqa: ARG002 - as the port
        """Return nothing."""
        return ()


class NoBalances:
    """A house that knows no balances."""

    def available_fen(self, account_id: str) -> int | None:  # noqa: ARG002 - as the port
        """Return nothing."""
        return None
