"""The market as other rooms and pages ask it: instruments, quotes, lines, bars, boards, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.kernel.clock import SystemClock
from h5app.kernel.error import AppError
from h5app.market import line_strip_file
from h5app.market.catalogue import Catalogue, LiveCatalogue
from h5app.market.events import MarketEvent, events_of_actions, listing_of
from h5app.market.freshness import Freshness, MarketState, freshness, market_state
from h5app.market.history import History, Today, Wish
from h5app.market.line_strip_file import StripReader
from h5app.market.model import Adjustment, Bar, EventState, Instrument, Phase
from h5app.market.print_file import FILE_NAME, KEPT, PrintReader
from h5app.market.ranking import Asked, RankBoard, Ranked, RankKind, ranked
from h5app.market.rules import display_name
from h5app.market.slots import shown_day
from h5app.market.store import MarketStore
from h5app.market.unusual import Unusual, unusual
from h5app.market.watching import FIRST_GROUP, WatchGroup, Watching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from h5app.identity.model import CustomersMerged
    from h5app.kernel.clock import Clock
    from h5app.market.bars_file import BarFiles
    from h5app.market.board import BoardReader
    from h5app.market.line_days import DayLines
    from h5app.market.line_strips import Strips
    from h5app.market.model import CorporateAction, MinutePoint, Period, Print, Quote
    from h5app.market.rules import RuleBook
    from h5app.plumbing.db import Database

SEARCH_MAX = 20
RANKING_ROWS = 50


class NoSuchInstrument(AppError):
    """The symbol has the right form, but nothing of this name is listed."""

    code = "market.no_such_instrument"
    status = 404
    sentence = "没有找到这只证券,请检查代码,或在行情页搜索"


class Market:
    """One house's view of the market. Reads the board, the tables and the bar files."""

    def __init__(
        self,
        database: Database,
        reader: BoardReader,
        rules: RuleBook,
        files: BarFiles,
        clock: Clock,
        *,
        wall: Clock | None = None,
    ) -> None:
        """Take what the market is read from.

        `clock` is the market clock; `wall` measures how old the board is and when somebody looked.
        """
        self.clock = clock
        self.rules = rules
        self._reader = reader
        self._wall = wall or SystemClock()
        self._catalogue = LiveCatalogue(MarketStore(database), self._wall)
        self._history = History(files)
        self._prints = PrintReader(reader.path.with_name(FILE_NAME))
        self._strips = StripReader(reader.path.with_name(line_strip_file.FILE_NAME))
        self._watching = Watching(database, self._wall)
        self._label = ""
        self._quotes_at = -1
        self._all_quotes: dict[str, Quote] = {}

    # ------------------------------------------------------------ time and rules

    def today(self) -> date:
        """Return the present day of the market clock."""
        return self.clock.now().date()

    def phase(self, symbol: str) -> Phase:
        """Return the part of the trading day an instrument is in; halted when it is suspended.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        instrument = self.existing(symbol)
        phase = self.rules.phase_of(instrument, self.clock.now())
        if phase is Phase.CLOSED_HOLIDAY:
            return phase
        quote = self.quote(symbol)
        is_halted = quote is not None and quote.is_suspended and quote.at.date() == self.today()
        return Phase.HALTED if is_halted else phase

    def state(self) -> MarketState:
        """Return what part of the day the main market is in."""
        return market_state(self.rules, self.clock.now())

    # ------------------------------------------------------------ instruments

    def instruments(self) -> list[Instrument]:
        """Return all instruments by symbol."""
        return list(self._known().by_symbol.values())

    def instrument(self, symbol: str) -> Instrument | None:
        """Return the instrument, or None when there is no such symbol."""
        return self._known().by_symbol.get(symbol)

    def existing(self, symbol: str) -> Instrument:
        """Return the instrument of a symbol that must be there.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        found = self.instrument(symbol)
        if found is None:
            raise NoSuchInstrument
        return found

    def display_name(self, symbol: str) -> str:
        """Return the short name with the prefix of today: N, C, XD, XR, DR."""
        instrument, today = self.existing(symbol), self.today()
        return display_name(
            instrument,
            listing_day=self.rules.listing_day(instrument, today),
            action=self._known().action_on(symbol, today),
        )

    def search(self, words: str, limit: int = SEARCH_MAX) -> list[Instrument]:
        """Return what fits code, name, pinyin initials or an old code, best first."""
        return self._known().search(words, limit)

    # ------------------------------------------------------------ quotes

    def quote(self, symbol: str) -> Quote | None:
        """Return the latest quote, or None when there is none."""
        return self._reader.quote(symbol)

    def quotes(self, symbols: Sequence[str]) -> list[Quote | None]:
        """Return the latest quotes in the order asked."""
        return self._reader.quotes(symbols)

    def line(self, symbol: str) -> tuple[MinutePoint, ...]:
        """Return the slots of the day's line so far."""
        return self._reader.line(symbol)

    def line_day(self, symbol: str) -> date | None:
        """Return the day the line belongs to."""
        return self._reader.line_day(symbol)

    def prints(self, symbol: str, limit: int = KEPT) -> list[Print]:
        """Return the newest prints (逐笔/分笔) of the day on the board, the latest first.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        on = shown_day(self.rules.trading_days, self.clock.now())
        return self._prints.prints(self.existing(symbol).symbol, on, limit)

    def strips(self, symbol: str) -> Strips:
        """Return the opening call and the after-hours trading of the day on the board.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        on = shown_day(self.rules.trading_days, self.clock.now())
        return self._strips.strips(self.existing(symbol).symbol, on)

    def bars(
        self,
        symbol: str,
        period: Period,
        adjustment: Adjustment = Adjustment.NONE,
        count: int = 300,
    ) -> list[Bar]:
        """Return the newest bars, oldest first; the last one is alive while the day runs.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        wish = Wish(period, adjustment, count)
        instrument = self.existing(symbol)
        return self._history.bars(
            instrument, wish, self._running(symbol), self.past_actions(symbol)
        )

    def lines_before(self, symbol: str, count: int) -> DayLines:
        """Return the lines of the `count` days before the one on the board, oldest first.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
        """
        instrument, past = self.existing(symbol), self.past_actions(symbol)
        return self._history.lines_before(instrument, self._running(symbol), past, count)

    def _running(self, symbol: str) -> Today:
        return Today(
            now=self.clock.now(),
            on=self._reader.line_day(symbol),
            points=self._reader.line(symbol),
            quote=self.quote(symbol),
        )

    def past_actions(self, symbol: str) -> list[CorporateAction]:
        """Return the distributions and rights issues that have gone ex, cancelled ones too."""
        today = self.today()
        return [each for each in self._known().actions(symbol) if each.ex_on <= today]

    def ranking(
        self, board: RankBoard | str, kind: RankKind | str, limit: int = RANKING_ROWS
    ) -> list[Ranked]:
        """Return the first rows of a board of the market by a figure.

        Raises:
            NoSuchRanking: There is no such board or figure.
        """
        asked = Asked(RankBoard.of(board), RankKind.of(kind), limit)
        quotes = self._quotes_of_all()
        rows = ((one, quotes.get(one.symbol)) for one in self._known().by_symbol.values())
        return ranked(asked, rows, lambda symbol: self._usual(symbol, quotes[symbol]))

    def unusual(self, limit: int = RANKING_ROWS) -> list[Unusual]:
        """Return what stands out among the A shares now (异动), the largest change first."""
        quotes = self._quotes_of_all()
        rows = ((one, quotes.get(one.symbol)) for one in self._known().by_symbol.values())
        return unusual(
            rows, self._reader.line, lambda symbol: self._usual(symbol, quotes[symbol]), limit
        )

    def usual_day_shares(self, symbol: str) -> int | None:
        """Return the mean day volume of the last five days, for 量比; None without history."""
        return self._history.usual_day_shares(symbol, self.today())

    # ------------------------------------------------------------ what happens

    def actions(self, symbol: str) -> list[CorporateAction]:
        """Return an instrument's distributions and rights issues by ex day, but cancelled ones."""
        actions = self._known().actions(symbol)
        return [each for each in actions if each.state is not EventState.CANCELLED]

    def events(self, symbols: Iterable[str], first: date, last: date) -> list[MarketEvent]:
        """Return what happens to these instruments from `first` to `last`, cancelled things too."""
        known = self._known()
        found: dict[str, MarketEvent] = {}
        for symbol in symbols:
            instrument = known.by_symbol.get(symbol)
            if instrument is not None:
                for event in self._events_of(instrument, known):
                    if first <= event.on <= last:
                        found[event.event_id] = event
        return sorted(found.values(), key=lambda each: (each.on, each.symbol, each.kind))

    # ------------------------------------------------------------ the feed

    def feed_label(self) -> str:
        """Return what pages print beside prices: 模拟行情, 历史回放 2019-02-01; empty at first.

        A board that cannot be read for a moment keeps the label it had.
        """
        self._label = self.freshness().label or self._label
        return self._label

    def feed_age_seconds(self) -> float | None:
        """Return wall seconds since the board was last renewed; None before the first time."""
        return self.freshness().age_seconds

    def freshness(self) -> Freshness:
        """Return how old the board is, and whether pages must grey it."""
        state = self._reader.state()
        return freshness(state, self.rules, self.clock.now(), self._wall.now())

    @property
    def is_stale(self) -> bool:
        """Whether the board is too old for the part of the day."""
        return self.freshness().is_stale

    # ------------------------------------------------------------ what customers look at

    def watchlist(self, customer_id: str, group: str = FIRST_GROUP) -> list[str]:
        """Return the symbols of a group in the customer's order."""
        return self._watching.symbols(customer_id, group)

    def watch_groups(self, customer_id: str) -> list[WatchGroup]:
        """Return all groups of a customer; the first one is always there."""
        return self._watching.groups(customer_id)

    def watched(self, customer_id: str) -> list[str]:
        """Return what stands in any group, each symbol once."""
        return self._watching.all_symbols(customer_id)

    def watch(self, customer_id: str, symbol: str, group: str = FIRST_GROUP) -> list[str]:
        """Put an instrument on top of a group; twice is once.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
            WatchlistFull: There is no room.
            NoSuchGroup: The customer has no such group.
        """
        return self._watching.add(customer_id, self.existing(symbol).symbol, group)

    def unwatch(self, customer_id: str, symbol: str, group: str = FIRST_GROUP) -> list[str]:
        """Take an instrument out of a group; twice is once."""
        return self._watching.remove(customer_id, symbol, group)

    def unwatch_everywhere(self, customer_id: str, symbol: str) -> None:
        """Take an instrument out of every group; twice is once."""
        self._watching.remove_everywhere(customer_id, symbol)

    def move_watched(self, customer_id: str, symbol: str, group: str, target: str) -> None:
        """Take an instrument from one group into another; twice is once.

        Raises:
            NoSuchGroup: The customer has no such group as the target.
        """
        self._watching.shift(customer_id, symbol, group, target)

    def reorder(
        self, customer_id: str, symbols: Sequence[str], group: str = FIRST_GROUP
    ) -> list[str]:
        """Put a group into this order."""
        return self._watching.reorder(customer_id, symbols, group)

    def add_watch_group(self, customer_id: str, name: str) -> None:
        """Add an empty group.

        Raises:
            BadGroupName: Empty, too long, taken, or too many groups.
        """
        self._watching.add_group(customer_id, name)

    def rename_watch_group(self, customer_id: str, group: str, name: str) -> None:
        """Give a group another name.

        Raises:
            NoSuchGroup: The customer made no such group.
            BadGroupName: Empty, too long or taken.
        """
        self._watching.rename_group(customer_id, group, name)

    def remove_watch_group(self, customer_id: str, group: str) -> None:
        """Forget a group and what is in it."""
        self._watching.remove_group(customer_id, group)

    def note_viewed(self, customer_id: str, symbol: str) -> None:
        """Note that the customer opened the page of an instrument."""
        self._watching.note_viewed(customer_id, self.existing(symbol).symbol)

    def recently_viewed(self, customer_id: str) -> list[str]:
        """Return what the customer looked at, the latest first."""
        return self._watching.viewed(customer_id)

    def forget_viewed(self, customer_id: str) -> None:
        """Forget what the customer looked at."""
        self._watching.forget_viewed(customer_id)

    def on_customers_merged(self, fact: CustomersMerged) -> None:
        """Give the remaining customer what the other one watched."""
        self._watching.move(fact.from_customer_id, fact.to_customer_id)

    # ------------------------------------------------------------

    def _known(self) -> Catalogue:
        return self._catalogue.current()

    def _events_of(self, instrument: Instrument, known: Catalogue) -> Iterable[MarketEvent]:
        yield from events_of_actions(instrument, known.actions(instrument.symbol))
        listing = listing_of(instrument)
        if listing is not None:
            yield listing

    def _quotes_of_all(self) -> dict[str, Quote]:
        """Return every quote; they are read once for each sequence of the board."""
        sequence = self._reader.sequence()
        if sequence != self._quotes_at:
            self._all_quotes = {quote.symbol: quote for quote in self._reader.all_quotes()}
            self._quotes_at = sequence
        return self._all_quotes

    def _usual(self, symbol: str, quote: Quote) -> int | None:
        return self._history.usual_day_shares(symbol, quote.at.date())
