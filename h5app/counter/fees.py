"""Fees of an order: a versioned contract with the customer on top of dated statutory rates. Pure.

The fee of an order is a function of its filled amount so far, item by item, so that the minimum
commission counts once per order: a fill is charged what it adds. The estimate on the ticket calls
the same function with the amount expected.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from h5app.counter.model import FeeLines, Side


class Rounding(StrEnum):
    """How one fee item becomes whole fen."""

    HALF_UP = "half_up"
    TRUNCATE = "truncate"
    NONE = "none"
    """Kept exact, as some statements print it; such a profile cannot be charged to an account."""


class FeeItem(StrEnum):
    """The items of a fee; the last four are statutory."""

    COMMISSION = "commission"
    STAMP = "stamp"
    TRANSFER = "transfer"
    HANDLING = "handling"
    REGULATION = "regulation"


@dataclass(frozen=True, kw_only=True)
class FeeProfile:
    """What was agreed with a customer; an order keeps the version it was placed under."""

    version: int = 1
    effective_on: date = date(1990, 12, 19)
    commission_rate: Decimal = Decimal("0.00025")
    commission_min_fen: int = 500
    """Least commission of one order, not of one fill."""
    includes_exchange_fees: bool = True
    """Whether handling and regulation fees are inside the commission (全佣) or on top (净佣)."""
    transfer_bundled_exchanges: frozenset[str] = frozenset()
    """Exchanges (SH, SZ, BJ) whose transfer fee is inside the commission."""
    rounding_by_item: Mapping[str, Rounding] = field(default_factory=dict)
    """Exceptions from half up, by FeeItem."""

    def rounding(self, item: FeeItem) -> Rounding:
        """Return how this item becomes whole fen."""
        return self.rounding_by_item.get(item, Rounding.HALF_UP)

    def as_plain(self) -> dict[str, Any]:
        """Return JSON values that `from_plain` reads."""
        return {
            "version": self.version,
            "effective_on": self.effective_on.isoformat(),
            "commission_rate": str(self.commission_rate),
            "commission_min_fen": self.commission_min_fen,
            "includes_exchange_fees": self.includes_exchange_fees,
            "transfer_bundled_exchanges": sorted(self.transfer_bundled_exchanges),
            "rounding_by_item": {item: str(way) for item, way in self.rounding_by_item.items()},
        }

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "FeeProfile":
        """Return the profile that `as_plain` described."""
        return cls(
            version=int(values["version"]),
            effective_on=date.fromisoformat(values["effective_on"]),
            commission_rate=Decimal(values["commission_rate"]),
            commission_min_fen=int(values["commission_min_fen"]),
            includes_exchange_fees=bool(values["includes_exchange_fees"]),
            transfer_bundled_exchanges=frozenset(values["transfer_bundled_exchanges"]),
            rounding_by_item={
                FeeItem(item): Rounding(way) for item, way in values["rounding_by_item"].items()
            },
        )


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What fees depend on besides the amount and the contract."""

    board: str
    """A market.model.Board."""
    exchange: str
    """SH, SZ or BJ."""
    side: Side
    on: date


@dataclass(frozen=True, kw_only=True)
class FeeAmounts:
    """Fees by item as decimal fen; whole unless the profile leaves an item unrounded."""

    commission: Decimal
    """All that is charged under the name of commission."""
    stamp: Decimal
    transfer: Decimal
    """Zero where it is inside the commission."""
    handling: Decimal
    """What the exchange takes, charged on top or not."""
    regulation: Decimal
    includes_exchange_fees: bool

    @property
    def regulatory(self) -> Decimal:
        """规费: handling and regulation fee, each rounded, then added."""
        return self.handling + self.regulation

    @property
    def net_commission(self) -> Decimal:
        """The commission without exchange fees."""
        if self.includes_exchange_fees:
            return self.commission - self.regulatory
        return self.commission

    @property
    def total(self) -> Decimal:
        """All that the customer pays."""
        on_top = Decimal(0) if self.includes_exchange_fees else self.regulatory
        return self.commission + self.stamp + self.transfer + on_top

    def lines(self) -> FeeLines:
        """Return the items as they are charged, in whole fen."""
        shown = (self.commission, self.stamp, self.transfer, self.handling, self.regulation)
        assert all(item == item.to_integral_value() for item in shown), "a fee in broken fen"
        on_top = 0 if self.includes_exchange_fees else 1
        return FeeLines(
            commission_fen=int(self.commission),
            stamp_fen=int(self.stamp),
            transfer_fen=int(self.transfer),
            handling_fen=int(self.handling) * on_top,
            regulation_fen=int(self.regulation) * on_top,
        )


@dataclass(frozen=True)
class _Rate:
    item: FeeItem
    rate: Decimal
    sides: frozenset[str]
    boards: frozenset[str]
    first_on: date
    last_on: date


@cache
def _rates() -> tuple[_Rate, ...]:
    text = files("h5app.counter").joinpath("data", "fees.toml").read_text(encoding="utf-8")
    return tuple(
        _Rate(
            item=FeeItem(row["item"]),
            rate=Decimal(row["rate"]),
            sides=frozenset(row.get("sides", ("buy", "sell"))),
            boards=frozenset(row["boards"]),
            first_on=row["from"],
            last_on=row.get("to", date.max),
        )
        for row in tomllib.loads(text)["rate"]
    )


@cache
def statutory_rate(item: FeeItem, trade: Trade) -> Decimal:
    """Return the rate of a statutory item as a part of the amount; zero where none is due."""
    found = [
        row.rate
        for row in _rates()
        if row.item is item
        and trade.board in row.boards
        and trade.side in row.sides
        and row.first_on <= trade.on <= row.last_on
    ]
    assert len(found) <= 1, f"two rates of {item} at once"
    return found[0] if found else Decimal(0)


def statutory_fee(
    item: FeeItem, trade: Trade, amount_fen: int, rounding: Rounding = Rounding.HALF_UP
) -> Decimal:
    """Return one statutory item of an amount in fen."""
    return _rounded(statutory_rate(item, trade) * amount_fen, rounding)


def order_fees(profile: FeeProfile, trade: Trade, amount_fen: int) -> FeeAmounts:
    """Return all fees of an order whose fills amount to `amount_fen` so far; none at zero."""

    def statutory(item: FeeItem) -> Decimal:
        return statutory_fee(item, trade, amount_fen, profile.rounding(item))

    is_bundled = trade.exchange in profile.transfer_bundled_exchanges
    return FeeAmounts(
        commission=_commission(profile, amount_fen),
        stamp=statutory(FeeItem.STAMP),
        transfer=Decimal(0) if is_bundled else statutory(FeeItem.TRANSFER),
        handling=statutory(FeeItem.HANDLING),
        regulation=statutory(FeeItem.REGULATION),
        includes_exchange_fees=profile.includes_exchange_fees,
    )


def charge(profile: FeeProfile, trade: Trade, amount_fen: int) -> FeeLines:
    """Return what an order pays in whole fen for fills of `amount_fen` in all."""
    return order_fees(profile, trade, amount_fen).lines()


def commission_fen(profile: FeeProfile, fill_amounts_fen: Iterable[int]) -> int:
    """Return the commission of an order with these fills: of their sum, the minimum once."""
    return int(_commission(profile, sum(fill_amounts_fen)))


def increment(before: FeeLines, after: FeeLines) -> FeeLines:
    """Return what was added from one fee of an order to the next, item by item."""
    return FeeLines(
        commission_fen=after.commission_fen - before.commission_fen,
        stamp_fen=after.stamp_fen - before.stamp_fen,
        transfer_fen=after.transfer_fen - before.transfer_fen,
        handling_fen=after.handling_fen - before.handling_fen,
        regulation_fen=after.regulation_fen - before.regulation_fen,
    )


def _commission(profile: FeeProfile, amount_fen: int) -> Decimal:
    if amount_fen == 0:
        return Decimal(0)
    plain = _rounded(profile.commission_rate * amount_fen, profile.rounding(FeeItem.COMMISSION))
    return max(plain, Decimal(profile.commission_min_fen))


def _rounded(fen: Decimal, rounding: Rounding) -> Decimal:
    if rounding is Rounding.NONE:
        return fen
    way = ROUND_HALF_UP if rounding is Rounding.HALF_UP else ROUND_DOWN
    return fen.quantize(Decimal(1), rounding=way)
