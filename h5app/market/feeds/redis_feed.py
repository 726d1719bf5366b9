"""Quotes of a feed process on another host, out of Redis, behind the port QuoteFeed."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from h5app.kernel.clock import SHANGHAI
from h5app.market.board_layout import POINT, GarbledRecord, unpack_quote
from h5app.market.feeds.live import Pulse
from h5app.market.model import MinutePoint
from h5app.market.ports import FeedBatch, FeedGarbled, FeedRefused, FeedSilent
from h5app.market.sharing import (
    AT,
    DAY,
    LABEL,
    QUOTES_KEY,
    SEQUENCE,
    SLOTS,
    STATE_KEY,
    line_key,
)
from h5app.market.slots import slot_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from redis import Redis

    from h5app.market.model import Instrument, Quote
    from h5app.market.ports import FeedHealth
    from h5app.market.rules import RuleBook

SILENT_SECONDS = 15.0
UNNAMED_LABEL = "远端行情"


class RedisFeed:
    """What the other host's board holds; its label is shown here too, for it is its source."""

    name = "redis"
    rhythm_seconds = 1.0

    def __init__(self, client: Redis, rules: RuleBook) -> None:
        """Take the connection; nothing is asked yet."""
        self._client = client
        self._pulse = Pulse(rules, SILENT_SECONDS)
        self._symbols: frozenset[str] = frozenset()
        self._day: date | None = None
        self._label = UNNAMED_LABEL
        self._forget()

    @property
    def label(self) -> str:
        """What the publishing feed calls itself."""
        return self._label

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Take the instruments; the next reading brings all that is known of the day."""
        self._symbols = frozenset(one.symbol for one in instruments)
        self._day = day
        self._forget()

    def read(self, now: datetime) -> FeedBatch:
        """Give what changed on the other board since the last reading.

        Raises:
            FeedSilent: Redis does not answer, or nobody publishes any more.
            FeedGarbled: What stands there is no board.
            FeedRefused: Redis does not let us in.
        """
        try:
            return self._read(now)
        except (AuthenticationError, NoPermissionError) as refused:
            raise self._pulse.failed(FeedRefused(str(refused))) from None
        except RedisError as wrong:
            raise self._pulse.failed(FeedSilent(str(wrong))) from None

    def health(self) -> FeedHealth:
        """How the other host is doing."""
        return self._pulse.health

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    # ------------------------------------------------------------

    def _forget(self) -> None:
        self._sequence = b""
        self._told: dict[bytes, bytes] = {}
        self._told_points: dict[int, dict[bytes, bytes]] = {}
        self._next_slot = 0

    def _read(self, now: datetime) -> FeedBatch:
        state = self._state()
        at = _moment(state)
        if state.get(DAY.encode()) != str(self._day).encode():
            raise self._pulse.failed(FeedSilent(f"nothing of {self._day} is published"))
        self._label = state.get(LABEL.encode(), b"").decode("utf-8", "ignore") or UNNAMED_LABEL
        if state.get(SEQUENCE.encode()) == self._sequence:
            return FeedBatch(at=self._pulse.heard(at, now))
        last = slot_at(min(at, now))
        slots = SLOTS[self._next_slot : last[0] + 1] if last else ()
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hgetall(QUOTES_KEY)
        for slot in slots:
            pipeline.hgetall(line_key(slot))
        records, *lines = pipeline.execute()
        quotes, dropped = self._changed_quotes(records, now)
        minutes = self._changed_points(dict(zip(slots, lines, strict=True)))
        self._sequence = state.get(SEQUENCE.encode(), b"")
        self._next_slot = slots[-1] if slots else 0
        at = self._pulse.heard(at, now, dropped)
        return FeedBatch(at=at, quotes=tuple(quotes), minutes=minutes, dropped=dropped)

    def _state(self) -> dict[bytes, bytes]:
        found: Any = self._client.hgetall(STATE_KEY)
        if not found:
            raise self._pulse.failed(FeedSilent("nobody publishes"))
        state: dict[bytes, bytes] = found
        return state

    def _changed_quotes(
        self, records: dict[bytes, bytes], now: datetime
    ) -> tuple[list[Quote], int]:
        quotes: list[Quote] = []
        dropped = 0
        for name, record in records.items():
            symbol = name.decode("ascii", "ignore")
            if symbol not in self._symbols or self._told.get(name) == record:
                continue
            self._told[name] = record
            try:
                quote = unpack_quote(symbol, record, "")
            except (GarbledRecord, struct.error):
                dropped += 1
                continue
            if quote is not None:
                quotes.append(replace(quote, at=min(quote.at, now)))
        return quotes, dropped

    def _changed_points(
        self, slots: dict[int, dict[bytes, bytes]]
    ) -> dict[str, tuple[MinutePoint, ...]]:
        minutes: dict[str, tuple[MinutePoint, ...]] = {}
        for slot, points in slots.items():
            told = self._told_points.get(slot, {})
            for name, record in points.items():
                symbol = name.decode("ascii", "ignore")
                is_new = symbol in self._symbols and told.get(name) != record
                if is_new and len(record) == POINT.size:
                    point = MinutePoint(slot, *POINT.unpack(record))
                    minutes[symbol] = (*minutes.get(symbol, ()), point)
            self._told_points = {slot: points}
        return minutes


def _moment(state: dict[bytes, bytes]) -> datetime:
    """Return the newest stamp of what is published.

    Raises:
        FeedGarbled: There is none.
    """
    try:
        return datetime.fromisoformat(state[AT.encode()].decode("ascii")).astimezone(SHANGHAI)
    except (KeyError, ValueError):
        raise FeedGarbled("the state has no moment") from None
