"""Fakes of what the calendar asks others: flows, market events, what is followed, visitors."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from h5app.identity.model import Tier, Visitor
from h5app.wealth.ports import BankOrder, CashFlow, MarketEvent
from h5app.wealth.refusal import CashFlowsSilent

CUSTOMER = "c-1"
OTHER = "c-2"
ACCOUNT = "80000001"


@dataclass
class FakeFlows:
    """A source of cash flows in memory."""

    by_account: dict[str, list[CashFlow]] = field(default_factory=dict)
    asked: int = 0

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return the account's flows since a day."""
        self.asked += 1
        return [flow for flow in self.by_account.get(account_id, []) if flow.on >= since]


@dataclass
class FakeBank:
    """A bank that tells of orders and of no movements."""

    by_account: dict[str, list[BankOrder]] = field(default_factory=dict)
    is_silent: bool = False

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return nothing."""
        return ()

    def orders(self, account_id: str, today: date) -> Sequence[BankOrder]:
        """Return the account's orders.

        Raises:
            CashFlowsSilent: The test said so.
        """
        if self.is_silent:
            raise CashFlowsSilent
        return self.by_account.get(account_id, [])


@dataclass
class FakeEvents:
    """A market calendar in memory."""

    known: list[MarketEvent] = field(default_factory=list)

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:
        """Return the events in a span of days."""
        return [
            event for event in self.known if event.symbol in symbols and first <= event.on <= last
        ]


@dataclass
class FakeFollowed:
    """What customers watch, and what accounts hold."""

    watched: dict[str, set[str]] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)

    def symbols(self, customer_id: str, account_id: str | None) -> Collection[str]:
        """Return what concerns a customer."""
        held = self.held.get(account_id, set()) if account_id else set()
        return self.watched.get(customer_id, set()) | held


@dataclass
class FakeBalances:
    """Cash of accounts in memory."""

    by_account: dict[str, int] = field(default_factory=dict)

    def available_fen(self, account_id: str) -> int | None:
        """Return it; None where it is not known."""
        return self.by_account.get(account_id)


@dataclass
class FakeVisitors:
    """Says who makes the request."""

    visitor: Visitor = field(default_factory=Visitor)

    def visitor_of_request(self) -> Visitor:
        """Return the one of the test."""
        return self.visitor

    def follower(self, customer_id: str = CUSTOMER) -> None:
        """Make the visitor a follower without an account."""
        self.visitor = Visitor(tier=Tier.FOLLOWER, customer_id=customer_id, openid="o-1")

    def bound(self, tier: Tier = Tier.BOUND, customer_id: str = CUSTOMER) -> None:
        """Make the visitor one with a fund account."""
        self.visitor = Visitor(tier=tier, customer_id=customer_id, openid="o-1", account_id=ACCOUNT)
