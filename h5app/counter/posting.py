"""Lines of the ledger that each thing makes: from which pot into which. Pure.

Customer pots of cash (unit CNY): available, frozen. Of shares (unit = symbol): sellable, frozen,
settling. The other side of the broker's books are pots named house:*; `house:advance` is what the
broker laid out for a customer when a venue executed more than the books had kept back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CASH = "CNY"
AVAILABLE = "available"
FROZEN = "frozen"
SELLABLE = "sellable"
SETTLING = "settling"
BANK = "house:bank"
MARKET = "house:market"
FEES = "house:fees"
FUNDS = "house:funds"
CUSTODIAN = "house:custodian"
"""Where shares come from that were not bought here."""
ADVANCE = "house:advance"
CASH_POTS = (AVAILABLE, FROZEN)
SHARE_POTS = (SELLABLE, FROZEN, SETTLING)


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` (fen or shares) of `unit` moves from one pot of the account to another."""

    unit: str
    source: str
    target: str
    amount: int
    kind: str


@dataclass(slots=True)
class Purse:
    """What an account holds of one unit, by pot; collects the lines that change it.

    `reserve` is the part of the frozen pot that belongs to the order at hand: the rest is frozen
    for other orders and is never touched.
    """

    unit: str
    amount_by_pot: dict[str, int]
    reserve: int = 0
    lines: list[Line] = field(default_factory=list)
    advanced: int = 0
    """What the customer's pots did not cover."""

    def held(self, pots: Iterable[str]) -> int:
        """Return the sum of some pots."""
        return sum(self.amount_by_pot.get(pot, 0) for pot in pots)

    def move(self, source: str, target: str, amount: int, kind: str) -> None:
        """Add a line; nothing moves where the amount is zero."""
        assert amount >= 0, (source, target, amount)
        if amount == 0:
            return
        self.lines.append(Line(self.unit, source, target, amount, kind))
        self.amount_by_pot[source] = self.amount_by_pot.get(source, 0) - amount
        self.amount_by_pot[target] = self.amount_by_pot.get(target, 0) + amount
        if source == FROZEN:
            self.reserve -= amount
        if target == FROZEN:
            self.reserve += amount
        assert self.reserve >= 0, "more released than the order had frozen"
        assert source.startswith("house:") or self.amount_by_pot[source] >= 0, (source, amount)

    def pay(self, target: str, amount: int, kind: str, *, pots: Iterable[str]) -> None:
        """Move an amount out of the first pots that hold something, the rest out of ADVANCE."""
        for pot in pots:
            there = self.reserve if pot == FROZEN else self.amount_by_pot.get(pot, 0)
            part = min(amount, max(0, there))
            self.move(pot, target, part, kind)
            amount -= part
        self.advanced += amount
        self.move(ADVANCE, target, amount, kind)


def purse(unit: str, amounts: Mapping[tuple[str, str], int], reserve: int = 0) -> Purse:
    """Return the purse of a unit out of all balances of an account, by unit and pot."""
    return Purse(
        unit=unit,
        amount_by_pot={pot: amount for (of, pot), amount in amounts.items() if of == unit},
        reserve=reserve,
    )
