"""What displayed levels give to an order, and what was already taken from them."""

from collections.abc import Sequence

from h5app.counter.ports import Basis, ReportKind, VenueReport
from h5app.counter.venues.resting import Resting
from h5app.market.model import Level, Side


class Taken:
    """What was taken from levels as they are displayed now, and out of auctions and after hours.

    A level counts as the same while its price and its quantity stay the same.
    """

    def __init__(self) -> None:
        self._levels: dict[tuple[str, Side, int], tuple[int, int]] = {}
        self._calls: dict[tuple[str, Side, Basis], int] = {}

    def left(self, symbol: str, side: Side, level: Level) -> int:
        """Return what a level of the opposite side still has for orders of `side`."""
        shown, taken = self._levels.get((symbol, side, level.price_milli), (0, 0))
        return level.quantity_shares - (taken if shown == level.quantity_shares else 0)

    def take(self, symbol: str, side: Side, level: Level, shares: int) -> None:
        """Note that so much of a level is gone."""
        key = (symbol, side, level.price_milli)
        shown, taken = self._levels.get(key, (0, 0))
        before = taken if shown == level.quantity_shares else 0
        assert before + shares <= level.quantity_shares, (symbol, level, shares)
        self._levels[key] = (level.quantity_shares, before + shares)

    def in_call(self, symbol: str, side: Side, basis: Basis) -> int:
        """Return what was taken out of a call or of the after-hours session."""
        return self._calls.get((symbol, side, basis), 0)

    def take_in_call(self, symbol: str, side: Side, basis: Basis, shares: int) -> None:
        """Note that so much of what was traded there is ours."""
        key = (symbol, side, basis)
        self._calls[key] = self._calls.get(key, 0) + shares

    def remember(self, report: VenueReport) -> None:
        """Learn from a report of before."""
        if report.kind is not ReportKind.FILLED or report.side is None:
            return
        side = Side(report.side)
        if report.basis is Basis.DEPTH:
            level = Level(report.price_milli, report.shown_shares)
            self.take(report.symbol, side, level, report.quantity_shares)
        else:
            self.take_in_call(report.symbol, side, report.basis, report.quantity_shares)


def match(
    resting: Resting, levels: Sequence[Level], taken: Taken, step_shares: int
) -> list[tuple[Level, int]]:
    """Return what an order gets from each level, best first; nothing is taken yet.

    Parts are whole steps of an order, so that no fill leaves a broken remainder.
    """
    found = []
    wanted = resting.open_shares
    for level in levels:
        if not wanted or not resting.crosses(level.price_milli):
            break
        left = taken.left(resting.symbol, resting.side, level)
        part = wanted if left >= wanted else left // step_shares * step_shares
        if part > 0:
            found.append((level, part))
            wanted -= part
    return found
