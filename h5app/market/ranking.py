"""Boards of the market sorted by a figure: which instruments, by what, the first so many. Pure."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market.figures import change_ratio, swing_ratio, turnover_ratio, volume_ratio
from h5app.market.model import A_SHARE_BOARDS, Board

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from h5app.market.model import Instrument, Quote

RANKED_MAX = 200


class NoSuchRanking(AppError):
    """No board or no figure of this name."""

    code = "market.no_such_ranking"
    status = 404
    sentence = "没有这个榜单,请返回行情页重新选择"


class RankBoard(StrEnum):
    """Which part of the market."""

    ALL = "all"
    SSE = "sse"
    SZSE = "szse"
    STAR = "star"
    CHINEXT = "chinext"
    BSE = "bse"
    ETF = "etf"
    CONVERTIBLE = "convertible"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return _BOARDS[self][0]

    @property
    def boards(self) -> frozenset[Board]:
        """The rule boards that belong to it."""
        return _BOARDS[self][1]

    @classmethod
    def of(cls, word: str) -> RankBoard:
        """Return the board of a word.

        Raises:
            NoSuchRanking: There is none.
        """
        if word not in set(cls):
            raise NoSuchRanking
        return cls(word)


class RankKind(StrEnum):
    """By which figure, the largest first (the smallest for FALL)."""

    RISE = "rise"
    FALL = "fall"
    TURNOVER = "turnover"
    TURNOVER_RATIO = "turnover_ratio"
    SWING = "swing"
    VOLUME_RATIO = "volume_ratio"

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return _KINDS[self]

    @classmethod
    def of(cls, word: str) -> RankKind:
        """Return the kind of a word.

        Raises:
            NoSuchRanking: There is none.
        """
        if word not in set(cls):
            raise NoSuchRanking
        return cls(word)


_BOARDS: dict[RankBoard, tuple[str, frozenset[Board]]] = {
    RankBoard.ALL: ("沪深京A股", A_SHARE_BOARDS),
    RankBoard.SSE: ("沪市主板", frozenset({Board.SSE_MAIN})),
    RankBoard.SZSE: ("深市主板", frozenset({Board.SZSE_MAIN})),
    RankBoard.STAR: ("科创板", frozenset({Board.STAR})),
    RankBoard.CHINEXT: ("创业板", frozenset({Board.CHINEXT})),
    RankBoard.BSE: ("北交所", frozenset({Board.BSE})),
    RankBoard.ETF: ("ETF", frozenset({Board.ETF, Board.ETF_20PCT})),
    RankBoard.CONVERTIBLE: ("可转债", frozenset({Board.CONVERTIBLE})),
}
_KINDS = {
    RankKind.RISE: "涨幅",
    RankKind.FALL: "跌幅",
    RankKind.TURNOVER: "成交额",
    RankKind.TURNOVER_RATIO: "换手",
    RankKind.SWING: "振幅",
    RankKind.VOLUME_RATIO: "量比",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of a board.

    `value` is the figure it is sorted by: a ratio (0.0123 is 1.23 %), for 量比 a multiple, for
    成交额 fen.
    """

    instrument: Instrument
    quote: Quote
    value: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """Which board is wanted, by which figure, how many rows."""

    board: RankBoard
    kind: RankKind
    limit: int


def ranked(
    asked: Asked,
    rows: Iterable[tuple[Instrument, Quote | None]],
    usual_day_shares: Callable[[str], int | None],
) -> list[Ranked]:
    """Return the first rows of a board; what has no such figure (suspended, no trade) is left out.

    `usual_day_shares` gives the mean day volume of a symbol's last five days, for 量比 alone.
    """
    known = (
        Ranked(instrument, quote, value)
        for instrument, quote in rows
        if quote is not None
        and instrument.board in asked.board.boards
        and (value := _value(asked.kind, instrument, quote, usual_day_shares)) is not None
    )
    limit = min(max(asked.limit, 0), RANKED_MAX)
    sign = 1 if asked.kind is RankKind.FALL else -1
    return heapq.nsmallest(limit, known, key=lambda row: (sign * row.value, row.instrument.symbol))


def _value(
    kind: RankKind,
    instrument: Instrument,
    quote: Quote,
    usual_day_shares: Callable[[str], int | None],
) -> Decimal | None:
    if quote.is_suspended or quote.last_milli is None:
        return None
    if kind in {RankKind.RISE, RankKind.FALL}:
        return change_ratio(quote)
    if kind is RankKind.TURNOVER:
        return Decimal(quote.turnover_fen)
    if kind is RankKind.TURNOVER_RATIO:
        return turnover_ratio(quote, instrument)
    if kind is RankKind.SWING:
        return swing_ratio(quote)
    return volume_ratio(quote, usual_day_shares(quote.symbol))
