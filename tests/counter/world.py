"""A small market that stands still, and a counter in it: what the counter's tests share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from h5app.counter.audit import audit
from h5app.counter.model import NewAccount, OrderReport, OrderRequest, Side
from h5app.counter.passwords import Passwords
from h5app.counter.service import EmbeddedCounter
from h5app.counter.venue_loop import VenueLoop
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.market.model import Board, Instrument, Level, Phase, Product, Quote
from h5app.market.rules import RuleBook
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox

ACCOUNT = "880000000001"
OTHER = "880000000002"
PASSWORD = "135790"
DAY = date(2026, 11, 24)
MAIN, STAR, ETF, BOND, ST, INDEX = (
    *("600000.SH", "688001.SH", "510300.SH"),
    *("113001.SH", "600001.SH", "000001.SH"),
)
RULES = RuleBook.load(load_trading_days())


def instrument(symbol: str, board: Board, product: Product, **more: object) -> Instrument:
    """An instrument with ordinary terms."""
    is_fine = board in {Board.ETF, Board.CONVERTIBLE}
    values: dict[str, object] = {
        "symbol": symbol,
        "name": symbol,
        "short_name": symbol[:6],
        "pinyin": "",
        "board": board,
        "product": product,
        "lot_shares": 10 if board is Board.CONVERTIBLE else 100,
        "tick_milli": 1 if is_fine else 10,
        "is_st": False,
        "listed_on": date(2010, 1, 4),
        "is_t0": board is Board.CONVERTIBLE,
    }
    return Instrument(**(values | more))  # type: ignore[arg-type]


INSTRUMENTS = {
    one.symbol: one
    for one in (
        instrument(MAIN, Board.SSE_MAIN, Product.A_SHARE),
        instrument(STAR, Board.STAR, Product.A_SHARE),
        instrument(ETF, Board.ETF, Product.ETF_DOMESTIC_STOCK),
        instrument(BOND, Board.CONVERTIBLE, Product.CONVERTIBLE),
        instrument(ST, Board.SSE_MAIN, Product.A_SHARE, is_st=True),
        instrument(INDEX, Board.INDEX, Product.INDEX),
    )
}


class Stage:
    """Prices that stand where a test puts them."""

    def __init__(self, moment: str = "2026-11-24T10:00:00") -> None:
        self.clock = FrozenClock(moment)
        self.rules = RULES
        self.instruments = dict(INSTRUMENTS)
        self.board: dict[str, Quote] = {}
        for symbol in self.instruments:
            self.show(symbol)

    def today(self) -> date:
        """The day of the market clock."""
        return self.clock.now().date()

    def instrument(self, symbol: str) -> Instrument | None:
        """The instrument."""
        return self.instruments.get(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """What the board shows."""
        return self.board.get(symbol)

    def quotes(self, symbols: Sequence[str]) -> list[Quote | None]:
        """What the board shows, in the order asked."""
        return [self.board.get(symbol) for symbol in symbols]

    def phase(self, symbol: str) -> Phase:
        """The phase by the rule book."""
        return self.rules.phase_of(self.instruments[symbol], self.clock.now())

    def show(self, symbol: str, **more: object) -> None:
        """Put a quote on the board: 10.00 with 1,000 shares on each of two levels a side."""
        values: dict[str, object] = {
            "symbol": symbol,
            "at": self.clock.now(),
            "sequence": 0,
            "phase": self.phase(symbol),
            "previous_close_milli": 10_000,
            "open_milli": 10_000,
            "last_milli": 10_000,
            "volume_shares": 100_000,
            "asks": (Level(10_010, 1_000), Level(10_020, 1_000)),
            "bids": (Level(10_000, 1_000), Level(9_990, 1_000)),
        }
        self.board[symbol] = Quote(**(values | more))  # type: ignore[arg-type]

    def refresh(self) -> None:
        """Stamp every quote with the present moment and phase."""
        for symbol, quote in self.board.items():
            self.board[symbol] = replace(quote, at=self.clock.now(), phase=self.phase(symbol))

    def go_to(self, moment: str) -> datetime:
        """Move the market clock on and let the board follow."""
        self.clock.set(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))
        self.refresh()
        return self.clock.now()

    def pass_seconds(self, seconds: float) -> datetime:
        """Let time pass and the board follow."""
        self.clock.advance(timedelta(seconds=seconds))
        self.refresh()
        return self.clock.now()


class World:
    """A counter with two accounts, its venue, and a stage."""

    def __init__(
        self, database: Database, stage: Stage | None = None, outbox: Outbox | None = None
    ) -> None:
        self.database = database
        self.stage = stage or Stage()
        self.outbox = outbox or Outbox(database, FrozenClock("2026-11-24T10:00:00"))
        self.counter = EmbeddedCounter(
            database, self.stage, self.outbox, Passwords(memory_kib=8, passes=1)
        )
        self.venue = SimulatedVenue(self.stage)
        self.loop = self.new_loop()
        self._orders = 0

    def new_loop(self) -> VenueLoop:
        """A venue loop as after a restart."""
        self.venue = SimulatedVenue(self.stage)
        return VenueLoop(self.database, self.stage, self.outbox, self.venue)

    def open_accounts(self, cash_fen: int = 10_000_000) -> None:
        """Open both accounts with cash, and the trading day."""
        for account_id in (ACCOUNT, OTHER):
            self.counter.open_account(
                NewAccount(
                    fund_account=account_id,
                    holder_name="张小明",
                    phone="13800000000",
                    password=PASSWORD,
                    permissions=frozenset({"star", "chinext", "bse", "st", "convertible"}),
                    opened_on=DAY,
                )
            )
            if cash_fen:
                self.counter.deposit(account_id, cash_fen, on=DAY, key="first")
        self.counter.open_day(self.stage.today())

    def request(
        self,
        side: Side = "buy",
        shares: int = 100,
        price_milli: int = 10_010,
        symbol: str = MAIN,
        **more: object,
    ) -> OrderRequest:
        """A limit order with an id of its own."""
        self._orders += 1
        values: dict[str, object] = {
            "account_id": ACCOUNT,
            "client_order_id": f"c-{self._orders}",
            "symbol": symbol,
            "side": side,
            "kind": "limit",
            "price_milli": price_milli,
            "quantity_shares": shares,
            "at": self.stage.clock.now(),
        }
        return OrderRequest(**(values | more))  # type: ignore[arg-type]

    def place(self, *args: object, **more: object) -> OrderReport:
        """Submit an order."""
        return self.counter.submit(self.request(*args, **more))  # type: ignore[arg-type]

    def step(self) -> None:
        """Let the venue loop take one step."""
        self.loop.step(self.stage.clock.now())

    def give_shares(self, shares: int, symbol: str = MAIN, account_id: str = ACCOUNT) -> None:
        """Transfer shares in at 9.00."""
        self._orders += 1
        self.counter.transfer_in(
            account_id, symbol, shares, 9_000, on=DAY, key=f"in-{self._orders}"
        )

    def order(self, client_order_id: str, account_id: str = ACCOUNT) -> OrderReport:
        """What the counter says of an order."""
        found = self.counter.find(account_id, client_order_id)
        assert found is not None
        return found

    def assert_right(self) -> None:
        """Hold the books against the audit, the rebuild from the journal included."""
        assert audit(self.database) == []
