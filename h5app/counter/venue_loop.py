"""Between the books and a venue: orders go out, reports come in; any step may be the last one.

What leaves the books is written before it leaves, what comes in is written before it counts. After
a crash the loop hands every open order over again and books what the journal holds unbooked; the
venue and the journal recognise what they have seen.
"""

from datetime import date, datetime, time, timedelta

from h5app.counter import store_ledger, store_orders
from h5app.counter.booking import Booking
from h5app.counter.checks import is_suspended, price_problem
from h5app.counter.instants import moment_of, us_of
from h5app.counter.model import CANCELLING_STATES, OrderState
from h5app.counter.ports import Prices, Venue, VenueOrder, VenueReport, VenueSilent
from h5app.counter.store_ledger import Entry, RawReport
from h5app.counter.stored_order import StoredOrder
from h5app.kernel.clock import SHANGHAI
from h5app.market.model import Instrument, OrderKind, Phase
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.plumbing.outbox import Outbox

CHECKED_FOR = timedelta(seconds=5)
"""An order that waited longer is held against the day's prices again before it goes out."""

log = get_logger(__name__)


class VenueLoop:
    """Runs in one process only; `step` is called every 50 ms, and at every stop of a jump."""

    def __init__(self, database: Database, prices: Prices, outbox: Outbox, venue: Venue) -> None:
        self._database = database
        self._prices = prices
        self._venue = venue
        self._booking = Booking(database, outbox, prices.clock)
        self._day: date | None = None
        self._told: set[int] = set()
        """Orders whose cancel the venue was told of."""
        self._unsent: list[VenueOrder] = []
        """已报 in the books, and still to be given to the venue."""
        self._reports: list[VenueReport] = []
        """Handed out by the venue and not journalled yet: the database was busy."""
        self._raws: list[RawReport] = []
        """Journalled and not booked yet."""

    def step(self, now: datetime) -> None:
        """Hand over what waits, take in what happened, book it.

        Raises:
            DatabaseBusy: Nothing is lost; call again.
        """
        if now.date() != self._day:
            self._begin(now)
        try:
            self._hand_over(now)
            self._reports += self._venue.poll(now)
        except VenueSilent:
            log.warning("venue_silent", venue=self._venue.name)
        self._take_in()

    # ------------------------------------------------------------ coming back

    def _begin(self, now: datetime) -> None:
        """Find the thread again after a start, or on a new day."""
        self._take_in()
        self._booking.apply_waiting()
        day = now.date()
        day_before = self._prices.rules.trading_days.previous_trading_day(day)
        since = datetime.combine(day_before, time(0), SHANGHAI)
        with self._database.read() as connection:
            said = store_ledger.reports_since(connection, self._venue.name, us_of(since))
            live = store_orders.live(connection, day.isoformat())
            reported = store_orders.reported_us(connection, day.isoformat())
        self._venue.restore(day, [VenueReport.from_plain(body) for body in said])
        self._unsent = [
            venue_order(order, reported.get(order.order_id, order.placed_us)) for order in live
        ]
        self._told = set()
        self._day = day

    # ------------------------------------------------------------ out

    def _hand_over(self, now: datetime) -> None:
        with self._database.read() as connection:
            asked = store_orders.asked(connection)
        today = now.date().isoformat()
        waiting = [order for order in asked if order.trading_day == today]
        cancels = [order for order in waiting if order.state in CANCELLING_STATES]
        for order in waiting:
            if order.state is OrderState.WAITING and self._may_go(order, now):
                self._report(order, now)
        self._send()
        self._told &= {order.order_id for order in cancels}
        for order in cancels:
            self._hand_over_cancel(order, now)

    def _may_go(self, order: StoredOrder, now: datetime) -> bool:
        instrument, phase = self._situation(order.symbol, now)
        if instrument is None:
            return False
        rules = self._prices.rules.on(now.date())
        return rules.may_place(instrument, phase, OrderKind(order.kind))

    def _situation(self, symbol: str, now: datetime) -> tuple[Instrument | None, Phase]:
        instrument = self._prices.instrument(symbol)
        if instrument is None:
            return None, Phase.NONE
        quote = self._prices.quote(symbol)
        if is_suspended(instrument, quote, now.date()):
            return instrument, Phase.HALTED
        return instrument, self._prices.rules.phase_of(instrument, now)

    def _report(self, order: StoredOrder, now: datetime) -> None:
        """Move a waiting order to 已报, commit, then give it to the venue."""
        problem = price_problem(self._prices, order, now) if has_waited(order, now) else ""
        now_us = us_of(now)
        with self._database.write() as connection:
            if problem:
                self._booking.refuse(connection, order, problem, now_us)
                return
            if not store_orders.report_to_venue(connection, order.order_id, now_us):
                return
            entry = Entry(
                kind="report_out",
                account_id=order.account_id,
                order_id=order.order_id,
                body={"state": str(OrderState.REPORTED)},
                at_us=now_us,
            )
            store_ledger.write(connection, entry)
        self._unsent.append(venue_order(order, now_us))

    def _send(self) -> None:
        """Give the venue what it has to know; what it does not take stays for the next step."""
        while self._unsent:
            self._venue.submit(self._unsent[0])
            del self._unsent[0]

    def _hand_over_cancel(self, order: StoredOrder, now: datetime) -> None:
        if order.order_id in self._told:
            return
        instrument, phase = self._situation(order.symbol, now)
        rules = self._prices.rules.on(now.date())
        may_cancel = instrument is None or rules.may_cancel(instrument, phase)
        if may_cancel or phase is Phase.HALTED:
            self._venue.cancel(order.order_id)
            self._told.add(order.order_id)

    # ------------------------------------------------------------ in

    def _take_in(self) -> None:
        """Journal what the venue said, then book it; what a busy database leaves waits here."""
        self._raws += self._booking.take_in(self._venue.name, self._reports)
        self._reports = []
        self._booking.apply(self._raws)
        self._raws = []


def has_waited(order: StoredOrder, now: datetime) -> bool:
    """Whether the market may have moved away since the order was checked."""
    return now - moment_of(order.placed_us) > CHECKED_FOR


def venue_order(order: StoredOrder, reported_us: int) -> VenueOrder:
    """Return an order as the venue sees it."""
    return VenueOrder(
        order_id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        kind=order.kind,
        price_milli=order.price_milli,
        quantity_shares=order.quantity_shares,
        open_shares=order.working_shares,
        trading_day=order.on,
        reported_at=moment_of(reported_us),
    )
