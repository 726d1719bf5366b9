"""What all live sources have in common: whether they still speak, and how a record is a quote.

A live source gives zeros where it has no value, stamps of its own clock and quantities in a unit of
its own. Here zeros become "no value", stamps are never of the future, and units are whole shares.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from h5app.kernel.money import round_half_up
from h5app.market.freshness import missed_something
from h5app.market.model import Board, IndexPoints, Level, Phase, Quote, levels_of
from h5app.market.ports import FeedHealth, FeedSilent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from h5app.market.day_limits import DayLimits
    from h5app.market.model import Instrument
    from h5app.market.rules import RuleBook

Wrong = TypeVar("Wrong", bound=Exception)

LOT_SHARES, BOND_LOT_SHARES = 100, 10
_POSSIBLE_UNITS = (1, BOND_LOT_SHARES, LOT_SHARES)
_INDEX_MEAN_MILLI_MAX = 500_000
"""No market's mean price of a share comes near it: above it an index counts in lots."""


class Pulse:
    """Notes what a live source tells of itself, and says when it has fallen silent."""

    def __init__(self, rules: RuleBook, silent_seconds: float) -> None:
        """Take how old the source's newest stamp may be while prices move."""
        self._rules = rules
        self._patience = timedelta(seconds=silent_seconds)
        self.health = FeedHealth(last_at=None)

    def heard(self, at: datetime, now: datetime, dropped: int = 0) -> datetime:
        """Note a good answer stamped `at`; return the stamp, never one of the future.

        Raises:
            FeedSilent: The source answers, but with figures older than moving prices allow.
        """
        at = min(at, now)
        before = now - self._patience
        if at < before and missed_something(self._rules, at, before):
            raise self.failed(FeedSilent(f"its newest figures are of {at:%Y-%m-%d %H:%M:%S}"))
        self.health = replace(
            self.health,
            last_at=at,
            batches=self.health.batches + 1,
            dropped=self.health.dropped + dropped,
            failures=0,
            last_error="",
        )
        return at

    def failed(self, wrong: Wrong) -> Wrong:
        """Note an answer that was none; return what is wrong, to be raised."""
        failures = self.health.failures + 1
        self.health = replace(self.health, failures=failures, last_error=str(wrong))
        return wrong


class Figures(NamedTuple):
    """The numbers of one record in whole shares; 0 is "no value"."""

    previous_close_milli: int
    open_milli: int
    high_milli: int
    low_milli: int
    last_milli: int
    volume_shares: int
    turnover_fen: int
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    trades: int | None = None
    iopv_milli: int | None = None


class Phases:
    """The phase of each board at one moment, by the dated rules; asked once for each.

    `limits` of the day are put into quotes as they are made, for sources that tell none themselves.
    """

    def __init__(self, rules: RuleBook, at: datetime, limits: DayLimits | None = None) -> None:
        self._rules = rules
        self._at = at
        self._limits = limits
        self._known: dict[tuple[str, Board], Phase] = {}

    def of(self, instrument: Instrument, *, is_halted: bool = False) -> Phase:
        """Return an instrument's phase; halted by its source whatever the time says."""
        key = instrument.symbol[-2:], instrument.board
        phase = self._known.get(key)
        if phase is None:
            phase = self._rules.phase(instrument.exchange, instrument.board, self._at)
            self._known[key] = phase
        return Phase.HALTED if is_halted and phase is not Phase.CLOSED_HOLIDAY else phase

    def limits(
        self, instrument: Instrument, previous_close_milli: int
    ) -> tuple[int | None, int | None]:
        """Return limit up and limit down of the day (milli); None where nobody knows yet."""
        if self._limits is None or previous_close_milli <= 0 or instrument.is_index:
            return None, None
        return self._limits.of(instrument, previous_close_milli)


def live_quote(
    instrument: Instrument,
    at: datetime,
    figures: Figures,
    phases: Phases,
    *,
    is_halted: bool = False,
) -> Quote:
    """Return the quote of a record; before the first trade it has no price."""
    prices: Iterable[int] = figures[1:5] if figures.volume_shares else (0, 0, 0, 0)
    opened, high, low, last = (price or None for price in prices)
    limit_up, limit_down = phases.limits(instrument, figures.previous_close_milli)
    return Quote(
        symbol=instrument.symbol,
        at=at,
        sequence=0,
        phase=phases.of(instrument, is_halted=is_halted),
        previous_close_milli=figures.previous_close_milli,
        open_milli=opened,
        high_milli=high,
        low_milli=low,
        last_milli=last,
        volume_shares=figures.volume_shares,
        turnover_fen=figures.turnover_fen,
        bids=figures.bids,
        asks=figures.asks,
        limit_up_milli=limit_up,
        limit_down_milli=limit_down,
        is_suspended=is_halted,
        trades=figures.trades,
        iopv_milli=figures.iopv_milli,
    )


def side_of_book(prices: Sequence[int], quantities: Sequence[int]) -> tuple[Level, ...]:
    """Return one side, best first. A level without a price ends it.

    In a call the second level has a quantity and no price: what is left over at the virtual price.
    """
    if not prices[0] or not quantities[0]:
        return ()
    if not prices[1] and quantities[1]:
        return Level(prices[0], quantities[0]), Level(prices[0], quantities[1])
    if 0 not in prices and 0 not in quantities:
        return levels_of(prices, quantities)
    levels = zip(prices, quantities, strict=True)
    return tuple(Level(price, quantity) for price, quantity in levels if price and quantity)


def lot_shares(instrument: Instrument) -> int:
    """Return how many shares a source means by one 手: 10 convertibles, 100 of all else."""
    return BOND_LOT_SHARES if instrument.board is Board.CONVERTIBLE else LOT_SHARES


def volume_in_shares(
    told: int, turnover_fen: int, low_high_milli: tuple[int, int], usual_unit: int
) -> int:
    """Return a told volume in whole shares, though sources change their units without notice."""
    unit = told_unit(told, turnover_fen, low_high_milli, usual_unit)
    return whole_shares(told, unit, turnover_fen, low_high_milli)


def told_unit(
    told: int, turnover_fen: int, low_high_milli: tuple[int, int], usual_unit: int
) -> int:
    """Return how many shares a told volume counts by.

    The usual unit, unless the mean price then lies outside the day's low and high and another unit
    puts it inside; where the figures do not say, the usual one.
    """
    low, high = low_high_milli
    if not told or not turnover_fen or not low or not high:
        return usual_unit
    slack = turnover_fen // 10_000 + 100
    for unit in (usual_unit, *_POSSIBLE_UNITS):
        most = (told + 1) * unit if unit > 1 else told
        if low * told * unit - slack * 10 <= turnover_fen * 10 <= high * most + slack * 10:
            return unit
    return usual_unit


def whole_shares(told: int, unit: int, turnover_fen: int, low_high_milli: tuple[int, int]) -> int:
    """Return a volume in shares; one told in lots lacks the odd shares, as a one-price day shows.

    Without them its mean price would lie above the day's high, and a good quote be dropped.
    """
    volume, high = told * unit, low_high_milli[1]
    if unit == 1 or not high or not turnover_fen:
        return volume
    least = -(-turnover_fen * 10 // high)
    return least if volume < least < volume + unit else volume


def index_volume_in_shares(told: int, turnover_fen: int) -> int:
    """Return an index's volume in shares; some indices are told in lots, some in shares."""
    is_in_lots = told > 0 and turnover_fen * 10 > told * _INDEX_MEAN_MILLI_MAX
    return told * LOT_SHARES if is_in_lots else told


def index_quote(
    instrument: Instrument,
    at: datetime,
    points_e4: Sequence[int],
    volume_and_turnover: tuple[int, int],
    phases: Phases,
) -> Quote:
    """Return an index's quote from previous close, open, high, low, last in 1/10000 point."""
    previous, opened, high, low, last = points_e4
    figures = Figures(
        round_half_up(previous, 10),
        round_half_up(opened, 10),
        round_half_up(high, 10),
        round_half_up(low, 10),
        round_half_up(last, 10),
        *volume_and_turnover,
    )
    quote = live_quote(instrument, at, figures, phases)
    has_begun = quote.last_milli is not None
    exact = IndexPoints(
        previous_close_e4=previous,
        open_e4=opened if has_begun else None,
        high_e4=high if has_begun else None,
        low_e4=low if has_begun else None,
        last_e4=last if has_begun else None,
    )
    return replace(quote, index_points=exact)


class StillOnes:
    """Who is suspended, for sources that have no mark of it.

    During continuous trading an instrument without any order and any trade is; at other times what
    was seen last stands.
    """

    def __init__(self) -> None:
        self._symbols: set[str] = set()

    def holds(self, instrument: Instrument, figures: Figures, phase: Phase) -> bool:
        """Note a record, and say whether its instrument is suspended."""
        if phase is Phase.CONTINUOUS:
            is_still = not (figures.volume_shares or figures.bids or figures.asks)
            (self._symbols.add if is_still else self._symbols.discard)(instrument.symbol)
        return instrument.symbol in self._symbols
