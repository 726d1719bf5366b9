"""Movements of cash and shares that are no trades, and what may leave an account today. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from h5app.counter.posting import AVAILABLE, BANK, CASH, FROZEN, FUNDS, Line

CashKind = Literal["deposit", "withdrawal", "purchase"]
"""In from the bank, out to the bank, paid for a fund plan."""


@dataclass(frozen=True, kw_only=True)
class CashMovement:
    """One movement of cash; `key` makes it one however often it is sent. Unit: fen, positive."""

    kind: CashKind
    amount_fen: int
    on: date
    counterparty: str = ""
    memo: str = ""
    key: str

    @property
    def is_incoming(self) -> bool:
        """Whether the account has more afterwards."""
        return self.kind == "deposit"

    @property
    def leaves_to_bank(self) -> bool:
        """Whether only withdrawable money may be used; a fund plan takes what is available."""
        return self.kind == "withdrawal"

    @property
    def signed_fen(self) -> int:
        """The amount as the account feels it."""
        return self.amount_fen if self.is_incoming else -self.amount_fen

    @property
    def line(self) -> Line:
        """The ledger's line."""
        if self.is_incoming:
            return Line(CASH, BANK, AVAILABLE, self.amount_fen, self.kind)
        target = FUNDS if self.kind == "purchase" else BANK
        return Line(CASH, AVAILABLE, target, self.amount_fen, self.kind)

    def as_plain(self) -> dict[str, object]:
        """Return JSON values for the journal."""
        return {
            "kind": self.kind,
            "amount_fen": self.amount_fen,
            "on": self.on.isoformat(),
            "counterparty": self.counterparty,
            "memo": self.memo,
            "key": self.key,
        }


@dataclass(frozen=True, kw_only=True)
class SharesMovement:
    """Shares that come from elsewhere at a cost price."""

    symbol: str
    shares: int
    cost_milli: int
    on: date
    key: str

    def as_plain(self) -> dict[str, object]:
        """Return JSON values for the journal."""
        return {
            "symbol": self.symbol,
            "shares": self.shares,
            "cost_milli": self.cost_milli,
            "on": self.on.isoformat(),
            "key": self.key,
        }


def withdrawable_fen(balances: Mapping[tuple[str, str], int], traded_net_fen: int) -> int:
    """Return 可取: what is available less today's proceeds, which leave on the next trading day.

    `traded_net_fen` is what today's trades brought in, fees and buys deducted. What is bought or
    frozen today is taken out of today's proceeds first.
    """
    available = balances.get((CASH, AVAILABLE), 0)
    proceeds = max(0, traded_net_fen - balances.get((CASH, FROZEN), 0))
    return max(0, available - proceeds)
