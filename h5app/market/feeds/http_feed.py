"""A public web interface that is asked every few seconds, behind the port QuoteFeed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from h5app.market.feeds.live import Phases, Pulse, StillOnes
from h5app.market.ports import FeedBatch, FeedGarbled, FeedRefused, FeedSilent
from h5app.plumbing.http import RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from h5app.kernel.clock import Clock
    from h5app.market.model import Instrument, Quote
    from h5app.market.ports import FeedHealth
    from h5app.market.rules import RuleBook
    from h5app.plumbing.http import HttpClient

TERMS_NOTICE = (
    "网站自用的公开接口,没有服务协议,随时可能变更或停止;仅供学习与测试。"
    "向客户展示或商业使用,须先取得交易所及信息服务商的行情授权"
)
SILENT_SECONDS = 60.0
"""Stamps are those of single instruments: thinly traded ones are old without any silence."""
CODES_MAX = 200
"""Asked for in one request."""
_SERVER_ERROR = 500
_RECORD = re.compile(r'(?:v|hq_str)_([a-z]{2}\d{6})="([^"\n]*)";')
_RECORD_BEGIN = '="'

log = get_logger(__name__)


class HttpLayout(Protocol):
    """How a web interface is asked and answers."""

    name: str
    label: str
    query: str
    """What comes before the codes in the path."""

    def quote(self, payload: str, instrument: Instrument, scene: Scene) -> Quote | None:
        """Return the quote of a record; None of an empty one and of another day's.

        Raises:
            ValueError: It cannot be read.
        """


class Scene:
    """What a reading is made in: the day, the moment, phases, and who is suspended."""

    def __init__(self, day: date, now: datetime, rules: RuleBook, still: StillOnes) -> None:
        self.day, self.now = day, now
        self.phases = Phases(rules, now)
        self.still = still


class HttpFeed:
    """Asks for all instruments in a few requests; what did not change is not told again."""

    rhythm_seconds = 3.0

    def __init__(
        self, layout: HttpLayout, client: HttpClient, rules: RuleBook, clock: Clock
    ) -> None:
        """Take how it is asked, over what, and the wall clock that keeps the rhythm."""
        self.name, self.label = layout.name, layout.label
        self._layout = layout
        self._client = client
        self._rules = rules
        self._clock = clock
        self._pulse = Pulse(rules, SILENT_SECONDS)
        self._roster: dict[str, Instrument] = {}
        self._day: date | None = None
        self._still = StillOnes()
        self._told: dict[str, tuple[str, object]] = {}
        self._ask_at: float | None = None
        self._has_warned = False

    def open(self, instruments: Sequence[Instrument], day: date) -> None:
        """Take what is to be asked for."""
        if not self._has_warned:
            log.warning("feed_terms_of_use", feed=self.name, notice=TERMS_NOTICE)
            self._has_warned = True
        self._roster = {web_code(one): one for one in instruments}
        self._day = day
        self._still = StillOnes()
        self._told = {}
        self._ask_at = None

    def read(self, now: datetime) -> FeedBatch:
        """Give what changed; nothing, without asking, before the rhythm is over.

        An answer of which a part is missing is used as far as it goes.

        Raises:
            FeedSilent: No answer, or only figures that are too old.
            FeedGarbled: Not one record in all answers.
            FeedRefused: The interface said no.
        """
        assert self._day is not None, "open it first"
        last_at = self._pulse.health.last_at
        if self._ask_at is not None and last_at and self._clock.monotonic() < self._ask_at:
            return FeedBatch(at=min(last_at, now))
        records, dropped = self._records()
        scene = Scene(self._day, now, self._rules, self._still)
        quotes, unreadable, newest = self._quotes(records, scene)
        if newest is None:
            raise self._pulse.failed(FeedSilent(f"nothing of {self._day} is told"))
        at = self._pulse.heard(newest, now, dropped + unreadable)
        self._ask_at = self._clock.monotonic() + self.rhythm_seconds
        return FeedBatch(at=at, quotes=tuple(quotes), dropped=dropped + unreadable)

    def health(self) -> FeedHealth:
        """How the interface is doing."""
        return self._pulse.health

    def close(self) -> None:
        """Nothing is held open."""

    # ------------------------------------------------------------

    def _records(self) -> tuple[dict[str, str], int]:
        """Return the records of all answers, and how many of them were cut off."""
        codes = list(self._roster)
        records: dict[str, str] = {}
        dropped = 0
        wrong: Exception | None = None
        for begin in range(0, len(codes), CODES_MAX):
            try:
                text = self._ask(codes[begin : begin + CODES_MAX])
            except (FeedSilent, FeedRefused) as failure:
                wrong = failure
                if isinstance(failure, FeedRefused):
                    break  # Asking on would only make it worse.
                continue
            found = _RECORD.findall(text)
            records.update(found)
            dropped += text.count(_RECORD_BEGIN) - len(found)
        if not records:
            raise self._pulse.failed(wrong or FeedGarbled("no record in the answer"))
        return records, max(0, dropped)

    def _ask(self, codes: Sequence[str]) -> str:
        try:
            reply = self._client.get(self._layout.query + ",".join(codes))
        except RemoteSilent as silence:
            raise FeedSilent("no answer in time") from silence
        except RemoteRefused as refused:
            status = refused.details.get("http_status", 0)
            if isinstance(status, int) and status >= _SERVER_ERROR:
                raise FeedSilent(f"status {status}") from refused
            raise FeedRefused(f"status {status}") from refused
        return reply.content.decode("gb18030", "replace")

    def _quotes(
        self, records: dict[str, str], scene: Scene
    ) -> tuple[list[Quote], int, datetime | None]:
        """Return what changed, how many records could not be read, and the newest stamp."""
        quotes: list[Quote] = []
        newest, unreadable = None, 0
        for code, payload in records.items():
            instrument = self._roster.get(code)
            if instrument is None:
                continue
            try:
                quote = self._layout.quote(payload, instrument, scene)
            except (ValueError, IndexError):
                unreadable += 1
                continue
            if quote is None:
                continue
            newest = quote.at if newest is None else max(newest, quote.at)
            if self._told.get(code) != (payload, quote.phase):
                self._told[code] = (payload, quote.phase)
                quotes.append(replace(quote, at=min(quote.at, scene.now)))
        return quotes, unreadable, newest


def web_code(instrument: Instrument) -> str:
    """Return sh600519, sz000001 or bj920002, as these interfaces call an instrument."""
    return instrument.exchange.suffix.lower() + instrument.code


def scaled(text: str, decimals: int) -> int:
    """Return a decimal text times 10**decimals; 0 for a missing one, further decimals cut off.

    Raises:
        ValueError: It is no number.
    """
    if not text:
        return 0
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(decimals, "0")[:decimals])
