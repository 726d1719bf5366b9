"""Rows as shown: quotes in the one encoding that lists, the stock page and the stream share."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from h5app.kernel.clock import Clock
from h5app.market.board import BoardReader
from h5app.market.model import IndexPoints, Level, Phase, Quote
from h5app.market.service import Market

LevelRow = tuple[int, int]
"""Price (milli-yuan) and quantity (whole shares) of one level of depth."""


class QuoteRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One instrument as JSON; a figure that is not known is left out, never 0.

    Units: prices milli-yuan, quantities whole shares, money fen, index points 1/10000 point.
    `bids` and `asks` go from the best level outwards.
    """

    symbol: str
    sequence: int
    at: datetime
    phase: Phase
    previous_close_milli: int
    volume_shares: int
    turnover_fen: int
    last_milli: int | None = None
    open_milli: int | None = None
    high_milli: int | None = None
    low_milli: int | None = None
    limit_up_milli: int | None = None
    limit_down_milli: int | None = None
    is_suspended: bool = False
    bids: list[LevelRow] = []
    asks: list[LevelRow] = []
    depth_label: str = ""
    trades: int | None = None
    outer_shares: int | None = None
    inner_shares: int | None = None
    after_hours_volume_shares: int | None = None
    after_hours_turnover_fen: int | None = None
    iopv_milli: int | None = None
    index_points: IndexPoints | None = None


class BriefRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a list shows of an instrument: a third of the bytes of a whole row."""

    symbol: str
    sequence: int
    at: datetime
    phase: Phase
    previous_close_milli: int
    volume_shares: int
    turnover_fen: int
    last_milli: int | None = None
    is_suspended: bool = False


class MarketHead(msgspec.Struct, frozen=True):
    """What holds for all quotes: the market clock, the board's sequence, how old the figures are.

    `phase` is that of the main market. `as_of` is the market moment of the feed's last batch; it
    and `age_seconds` are None before the first one.
    """

    at: datetime
    sequence: int
    phase: Phase
    phase_label: str
    is_stale: bool
    age_seconds: int | None
    label: str
    as_of: datetime | None


class QuotesReply(msgspec.Struct, frozen=True):
    """The answer of /market/quotes: the head, the rows in the order asked, symbols not known."""

    at: datetime
    sequence: int
    phase: Phase
    phase_label: str
    is_stale: bool
    age_seconds: int | None
    label: str
    as_of: datetime | None
    unknown: list[str]
    quotes: list[QuoteRow]


class FoundRow(msgspec.Struct, frozen=True):
    """One instrument that a search found."""

    symbol: str
    name: str
    board: str
    old_code: str | None


class SearchReply(msgspec.Struct, frozen=True):
    """What a search found, best first."""

    words: str
    found: list[FoundRow]


class WatchlistReply(msgspec.Struct, frozen=True):
    """The customer's own list after the change; of the group that was named, else the first."""

    symbols: list[str]


class WatchGroupRow(msgspec.Struct, frozen=True):
    """One group of the customer's own lists, in the customer's order."""

    name: str
    symbols: list[str]


class WatchGroupsReply(msgspec.Struct, frozen=True):
    """All groups of the customer after the change, the first one always among them."""

    groups: list[WatchGroupRow]


def row_of(quote: Quote) -> QuoteRow:
    """Return a quote as its row."""
    return QuoteRow(
        symbol=quote.symbol,
        sequence=quote.sequence,
        at=quote.at,
        phase=quote.phase,
        previous_close_milli=quote.previous_close_milli,
        volume_shares=quote.volume_shares,
        turnover_fen=quote.turnover_fen,
        last_milli=quote.last_milli,
        open_milli=quote.open_milli,
        high_milli=quote.high_milli,
        low_milli=quote.low_milli,
        limit_up_milli=quote.limit_up_milli,
        limit_down_milli=quote.limit_down_milli,
        is_suspended=quote.is_suspended,
        bids=_levels(quote.bids),
        asks=_levels(quote.asks),
        depth_label=quote.depth_label,
        trades=quote.trades,
        outer_shares=quote.outer_shares,
        inner_shares=quote.inner_shares,
        after_hours_volume_shares=quote.after_hours_volume_shares,
        after_hours_turnover_fen=quote.after_hours_turnover_fen,
        iopv_milli=quote.iopv_milli,
        index_points=quote.index_points,
    )


def brief_row_of(quote: Quote) -> BriefRow:
    """Return a quote as a list shows it."""
    return BriefRow(
        symbol=quote.symbol,
        sequence=quote.sequence,
        at=quote.at,
        phase=quote.phase,
        previous_close_milli=quote.previous_close_milli,
        volume_shares=quote.volume_shares,
        turnover_fen=quote.turnover_fen,
        last_milli=quote.last_milli,
        is_suspended=quote.is_suspended,
    )


def _levels(levels: Sequence[Level]) -> list[LevelRow]:
    return [(level.price_milli, level.quantity_shares) for level in levels]


class QuoteRows:
    """Encoded rows of one process: each instrument is encoded once for each of its changes."""

    def __init__(
        self, board: BoardReader, row_of: Callable[[Quote], QuoteRow | BriefRow] = row_of
    ) -> None:
        self._board = board
        self._row_of = row_of
        self._encoder = msgspec.json.Encoder()
        self._kept: dict[str, tuple[int, int, bytes]] = {}
        """Board sequence at which the row was last known good, its own change, its bytes."""
        self._newest = 0

    def brief(self) -> "QuoteRows":
        """Return the rows of the same board as lists show them."""
        return QuoteRows(self._board, brief_row_of)

    def board_sequence(self) -> int:
        """Return the board's sequence; 0 without a board."""
        return self._board.sequence()

    def changes(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return at which sequence each last changed; what is not on the board is absent."""
        return self._board.change_sequences(symbols)

    def encoded(self, symbols: Iterable[str]) -> dict[str, bytes]:
        """Return the rows of those symbols that have a quote, in the order asked."""
        sequence = self._board.sequence()
        if sequence < self._newest:
            self._kept.clear()  # The board was built anew and counts from the start.
        self._newest = sequence
        kept = self._kept
        asked = list(dict.fromkeys(symbols))
        old = [one for one in asked if (row := kept.get(one)) is None or row[0] != sequence]
        if old:
            self._renew(old, sequence)
        return {one: row[2] for one in asked if (row := kept.get(one)) is not None}

    def _renew(self, symbols: Sequence[str], sequence: int) -> None:
        changes = self._board.change_sequences(symbols)
        changed = []
        for symbol in symbols:
            kept = self._kept.get(symbol)
            if kept is not None and kept[1] == changes.get(symbol):
                self._kept[symbol] = (sequence, kept[1], kept[2])
            else:
                changed.append(symbol)
        for symbol, quote in zip(changed, self._board.quotes(changed), strict=True):
            if quote is None:
                self._kept.pop(symbol, None)
            else:
                row = self._encoder.encode(self._row_of(quote))
                self._kept[symbol] = (sequence, quote.sequence, row)


class KeptHead:
    """What holds for all quotes, worked out once for each batch and each tenth of a second.

    It says nothing finer than seconds, and every request asks for it.
    """

    def __init__(self, market: Market, rows: QuoteRows, wall: Clock) -> None:
        self._market = market
        self._rows = rows
        self._wall = wall
        self._at: tuple[int, int] | None = None
        self._head: MarketHead | None = None

    def __call__(self) -> MarketHead:
        """Return it."""
        at = (self._rows.board_sequence(), int(self._wall.monotonic() * 10))
        head = self._head
        if head is None or at != self._at:
            self._at, self._head = at, (head := head_of(self._market, self._rows))
        return head


def head_of(market: Market, rows: QuoteRows) -> MarketHead:
    """Return what holds for all quotes at this moment."""
    state, freshness = market.state(), market.freshness()
    age = freshness.age_seconds
    return MarketHead(
        at=state.at.replace(microsecond=0),
        sequence=rows.board_sequence(),
        phase=state.phase,
        phase_label=state.label,
        is_stale=freshness.is_stale,
        age_seconds=None if age is None else int(age),
        label=market.feed_label(),
        as_of=freshness.at.replace(microsecond=0) if freshness.at else None,
    )
