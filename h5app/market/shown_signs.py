"""Prints and signs as pages' JSON shows them."""

from datetime import datetime

import msgspec


class PrintRow(msgspec.Struct, frozen=True):
    """One print: price in milli-yuan, whole shares; `side` is buy, sell, or None of an auction."""

    at: datetime
    price_milli: int
    volume_shares: int
    side: str | None
    trades: int | None


class PrintsReply(msgspec.Struct, frozen=True):
    """The newest prints of the day on the board, the latest first."""

    symbol: str
    previous_close_milli: int | None
    prints: list[PrintRow]


class UnusualRow(msgspec.Struct, frozen=True):
    """One sign; `text` is what the page says of it, as 五分钟 +3.12% or 封单 1.2万手."""

    symbol: str
    name: str
    kind: str
    label: str
    text: str


class UnusualReply(msgspec.Struct, frozen=True):
    """What stands out among the A shares now, the largest change first."""

    rows: list[UnusualRow]
