"""The simulated venue: orders are filled against the displayed depth, which they consume.

It holds no truth of its own: what it took from a level stands in the journalled reports, so that a
restart finds it again. The same board gives the same fills on simulated, recorded and live days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from h5app.counter.checks import is_suspended
from h5app.counter.ports import Basis, Prices, ReportKind, VenueOrder, VenueReport
from h5app.counter.venues.auction import AFTER_CLOSE, auction_of, auction_over
from h5app.counter.venues.matching import Taken, match
from h5app.counter.venues.resting import Resting, RestingOrders
from h5app.market.model import Board, Exchange, Instrument, Level, OrderKind, Phase, Quote, Side
from h5app.market.rules import RuleBook

NAME = "simulated"
SIDES = (Side.BUY, Side.SELL)
BY_CUSTOMER = "客户撤单"
UNFILLED_REST = "剩余未成交部分已撤销"
NO_OPPONENT = "没有可成交的报价,已撤销"
NOT_HERE = "交易所没有这笔委托"


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look at the board of one symbol."""

    instrument: Instrument
    quote: Quote
    phase: Phase
    step_shares: int
    now: datetime

    def opposite(self, side: Side) -> tuple[Level, ...]:
        """Return the levels that an order of a side is filled from."""
        return self.quote.asks if side is Side.BUY else self.quote.bids

    def own_best_milli(self, side: Side) -> int | None:
        """Return the best price of an order's own side."""
        best = self.quote.bid_1 if side is Side.BUY else self.quote.ask_1
        return best.price_milli if best else None


class _Moment:
    """What the rule book says at one moment, asked once per board and not per symbol."""

    def __init__(self, rules: RuleBook, now: datetime) -> None:
        self.now = now
        self.on = now.date()
        self._book = rules
        self._rules = rules.on(self.on)
        self._known: dict[tuple[Exchange, Board], tuple[Phase, int]] = {}

    def look(self, instrument: Instrument, quote: Quote) -> "_Look":
        """Return a look at one symbol of the board."""
        exchange, board = instrument.exchange, instrument.board
        known = self._known.get((exchange, board))
        if known is None:
            lot = self._rules.lot_of(board)
            phase = self._book.phase(exchange, board, self.now)
            known = self._known[exchange, board] = (phase, lot.step_shares if lot else 1)
        phase, step_shares = known
        return _Look(
            instrument=instrument, quote=quote, phase=phase, step_shares=step_shares, now=self.now
        )


class SimulatedVenue:
    """Executes against what `prices` displays; one per product, in the venue process."""

    name = NAME

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self.restore(date.min, ())

    # ------------------------------------------------------------ the port

    def restore(self, day: date, reports: Iterable[VenueReport]) -> None:
        """Begin a day, or come back into it with what was said before."""
        self._day = day
        self._orders = RestingOrders()
        self._taken = Taken()
        self._reports: list[VenueReport] = []
        self._said: dict[int, int] = {}
        self._calls_over: set[tuple[str, Basis]] = set()
        self._volume_before: dict[str, int] = {}
        for report in reports:
            if report.at.date() == day:
                self._said[report.order_id] = self._said.get(report.order_id, 0) + 1
                self._orders.remember(report)
                self._taken.remember(report)

    def submit(self, order: VenueOrder) -> None:
        """Take an order, once."""
        if order.trading_day == self._day and order.open_shares > 0:
            self._orders.add(order)

    def cancel(self, order_id: int) -> None:
        """Take the open rest of an order off the book."""
        resting, now = self._orders.get(order_id), self._prices.clock.now()
        if resting is None:
            self._say(order_id, ReportKind.CANCEL_REFUSED, now, reason=NOT_HERE)
        else:
            self._end(resting, now, BY_CUSTOMER)

    def poll(self, now: datetime) -> Sequence[VenueReport]:
        """Look at the board of every symbol with a resting order; return what happened."""
        symbols = self._orders.symbols()
        if symbols:
            moment = _Moment(self._prices.rules, now)
            for symbol, quote in zip(symbols, self._prices.quotes(symbols), strict=True):
                if quote is not None:
                    self._look(symbol, quote, moment)
        reports, self._reports = self._reports, []
        return reports

    # ------------------------------------------------------------ one symbol

    def _look(self, symbol: str, quote: Quote, moment: _Moment) -> None:
        """Do what one quote allows; a quote of another day or of a halt allows nothing."""
        instrument = self._prices.instrument(symbol)
        if instrument is None or quote.at.date() != moment.on:
            return
        if is_suspended(instrument, quote, moment.on):
            return
        look = moment.look(instrument, quote)
        for basis in (Basis.OPEN_CALL, Basis.CLOSE_CALL):
            if (symbol, basis) not in self._calls_over and auction_over(basis, look.phase, quote):
                self._auction(look, basis)
        if look.phase is Phase.CONTINUOUS and quote.phase is Phase.CONTINUOUS:
            self._continuous(look)
        else:
            self._end_fresh(look)
        if look.phase is Phase.AFTER_HOURS_FIXED:
            self._after_hours(look)
        if quote.phase not in AFTER_CLOSE:
            self._volume_before[symbol] = quote.volume_shares

    def _continuous(self, look: _Look) -> None:
        symbol = look.instrument.symbol
        for side in SIDES:
            for resting in self._orders.reached(symbol, side, look.opposite(side)):
                if resting.kind is not OrderKind.AFTER_HOURS_FIXED:
                    self._take(look, resting)
        for resting in self._orders.fresh(symbol):
            self._take_market_order(look, resting)

    def _take(self, look: _Look, resting: Resting) -> None:
        levels = look.opposite(resting.side)
        for level, shares in match(resting, levels, self._taken, look.step_shares):
            self._taken.take(resting.symbol, resting.side, level, shares)
            self._fill(resting, shares, level, (Basis.DEPTH, look.now))

    def _end_fresh(self, look: _Look) -> None:
        """A market order that comes when the continuous phase is over finds no market."""
        if look.phase is Phase.CONTINUOUS:
            return  # The board lags behind by a moment.
        for resting in self._orders.fresh(look.instrument.symbol):
            self._end(resting, look.now, NO_OPPONENT)

    def _take_market_order(self, look: _Look, resting: Resting) -> None:
        """Price a market order by its kind when the first quote after it is seen."""
        kind = resting.kind
        if kind is OrderKind.OWN_BEST or kind is OrderKind.OPPOSITE_BEST:
            self._take_at_best(look, resting)
            return
        if kind is OrderKind.FILL_OR_KILL and not self._is_filled_whole(look, resting):
            self._end(resting, look.now, UNFILLED_REST)
            return
        self._take(look, resting)
        if not resting.open_shares:
            return
        if kind is OrderKind.BEST_FIVE_LIMIT:
            self._turn_into_limit(look, resting)
        else:
            self._end(resting, look.now, UNFILLED_REST)

    def _take_at_best(self, look: _Look, resting: Resting) -> None:
        """本方最优, 对手方最优: a limit order at that best price, dead where there is none."""
        price = look.own_best_milli(resting.side)
        if resting.kind is OrderKind.OPPOSITE_BEST:
            levels = look.opposite(resting.side)
            price = levels[0].price_milli if levels else None
        if price is None or not resting.crosses(price):
            self._end(resting, look.now, NO_OPPONENT)
            return
        self._acknowledge(resting, price, look.now)
        self._take(look, resting)

    def _is_filled_whole(self, look: _Look, resting: Resting) -> bool:
        found = match(resting, look.opposite(resting.side), self._taken, look.step_shares)
        return sum(shares for _, shares in found) == resting.open_shares

    def _turn_into_limit(self, look: _Look, resting: Resting) -> None:
        """剩余转限价: at the price of the last fill; without one at the own side's best.

        Never beyond the order's protection price.
        """
        price = resting.last_fill_milli or look.own_best_milli(resting.side)
        if price is None:
            self._end(resting, look.now, NO_OPPONENT)
            return
        limit = price if resting.crosses(price) else resting.limit_milli
        self._acknowledge(resting, limit, look.now)

    def _auction(self, look: _Look, basis: Basis) -> None:
        """Fill at the call's one price what stood in it, out of what was traded there."""
        symbol = look.instrument.symbol
        self._calls_over.add((symbol, basis))
        rules = self._prices.rules.on(look.now.date())
        before = self._volume_before.get(symbol)
        auction = auction_of(rules, look.instrument, look.quote, basis, before)
        if auction is None or auction.is_long_ago(look.now):
            return
        level = Level(auction.price_milli, auction.volume_shares)
        for side in SIDES:
            for resting in self._orders.of(symbol, side):
                shares = auction.share_of(resting, self._taken, look.step_shares)
                if shares:
                    self._taken.take_in_call(symbol, side, basis, shares)
                    self._fill(resting, shares, level, (basis, look.now))

    def _after_hours(self, look: _Look) -> None:
        """Fill fixed-price orders at the close, out of what was traded after hours."""
        symbol, traded = look.instrument.symbol, look.quote.after_hours_volume_shares or 0
        if look.quote.last_milli is None or not traded:
            return
        level = Level(look.quote.last_milli, traded)
        for side in SIDES:
            for resting in self._orders.of(symbol, side):
                is_meant = resting.kind is OrderKind.AFTER_HOURS_FIXED
                if not is_meant or not resting.crosses(level.price_milli):
                    continue
                left = traded - self._taken.in_call(symbol, side, Basis.AFTER_HOURS)
                shares = resting.part(left, look.step_shares)
                if shares:
                    self._taken.take_in_call(symbol, side, Basis.AFTER_HOURS, shares)
                    self._fill(resting, shares, level, (Basis.AFTER_HOURS, look.now))

    # ------------------------------------------------------------ what is said

    def _fill(
        self, resting: Resting, shares: int, level: Level, how: tuple[Basis, datetime]
    ) -> None:
        basis, now = how
        assert resting.crosses(level.price_milli), (resting.order_id, level)
        self._orders.filled(resting, shares, level.price_milli)
        self._reports.append(
            VenueReport(
                execution_id=self._next_id(resting.order_id),
                order_id=resting.order_id,
                kind=ReportKind.FILLED,
                at=now,
                price_milli=level.price_milli,
                quantity_shares=shares,
                basis=basis,
                symbol=resting.symbol,
                side="buy" if resting.is_buy else "sell",
                shown_shares=level.quantity_shares,
            )
        )

    def _acknowledge(self, resting: Resting, price_milli: int, now: datetime) -> None:
        self._orders.reprice(resting, price_milli)
        self._say(resting.order_id, ReportKind.ACKNOWLEDGED, now, price_milli=price_milli)

    def _end(self, resting: Resting, now: datetime, reason: str) -> None:
        self._orders.remove(resting)
        self._say(resting.order_id, ReportKind.CANCELLED, now, reason=reason)

    def _say(
        self,
        order_id: int,
        kind: ReportKind,
        now: datetime,
        *,
        reason: str = "",
        price_milli: int = 0,
    ) -> None:
        self._reports.append(
            VenueReport(
                execution_id=self._next_id(order_id),
                order_id=order_id,
                kind=kind,
                at=now,
                reason=reason,
                price_milli=price_milli,
            )
        )

    def _next_id(self, order_id: int) -> str:
        number = self._said.get(order_id, 0) + 1
        self._said[order_id] = number
        return f"{self._day:%Y%m%d}-{order_id}-{number}"
