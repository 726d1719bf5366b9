"""The customer's side of trading: orders never lost nor doubled, and what became of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from h5app.counter.model import Balances, FillReport, OrderReport
from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database, DatabaseBusy
from h5app.plumbing.log import get_logger
from h5app.trading import store
from h5app.trading.closes import Closes
from h5app.trading.model import (
    CustomerOrder,
    JournalEntry,
    OrderWord,
    Placed,
    PlaceOrder,
    entry_of,
)
from h5app.trading.past import Past
from h5app.trading.ports import Counter, Prices
from h5app.trading.profit import Assets
from h5app.trading.refusal import (
    BadSymbol,
    NeverArrived,
    OrderConflict,
    OrderNotFound,
    OrderNotReported,
    OutcomeUnknown,
)
from h5app.trading.store import OrderKey
from h5app.trading.worth import worth_of

SETTLE = timedelta(seconds=4)
"""So long after sending, "not here" is not yet believed."""
ASK_AGAIN = timedelta(seconds=2)
ABSENCES_MAX = 2
"""So many times the counter must say "not here" before the order is given up."""
LATE_WATCH = timedelta(hours=1)
LATE_ASK = timedelta(minutes=1)
"""An order that was given up is asked for once more every so often."""
REPEAT_WAIT_SECONDS = 2.0
REPEAT_LOOK_SECONDS = 0.05
RECONCILE_ROWS_MAX = 200
ORDERS_OF_DAY_MAX = 500
NUMBER = re.compile(r"[0-9]{1,18}")
"""What the counter's numbers look like."""
_SERVER_FAULT = 500

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class CancelledAll:
    """What became of 全部撤单."""

    asked: int
    refused: tuple[CustomerOrder, ...]


class Trading:
    """Places, follows and cancels orders; reads what the counter keeps for a customer.

    `prices.clock` is the market clock, which dates orders; `wall` rules waiting and asking again.
    """

    def __init__(self, database: Database, counter: Counter, prices: Prices, wall: Clock) -> None:
        self._database = database
        self._counter = counter
        self._prices = prices
        self._wall = wall
        self.closes = Closes(database, counter, prices)
        self.past = Past(database, counter, prices)

    # ------------------------------------------------------------ the order path

    def place_order(self, account_id: str, order: PlaceOrder) -> Placed:
        """Write the wish down, send it once, record the answer; a repeat gets the same order.

        A refusal and a silence are answers too: they come back as an order whose word says so.

        Raises:
            BadSymbol: There is no such security; nothing is written.
            OrderConflict: The id was used for another content.
            DatabaseBusy: Nothing happened; the same request may be sent again.
            OutcomeUnknown: The answer of the counter could be neither learned nor stored.
        """
        if self._prices.instrument(order.symbol) is None:
            raise BadSymbol
        entry = self._write_wish(account_id, order)
        if entry is None:
            return self._repeat(account_id, order)
        return Placed(order=self._send(entry), is_repeat=False)

    def _write_wish(self, account_id: str, order: PlaceOrder) -> JournalEntry | None:
        placed_at, sent_at = self._prices.clock.now(), self._wall.now()
        with self._database.write_alone() as connection:
            is_new = store.write_wish(
                connection, account_id, order, placed_at=placed_at, sent_at=sent_at
            )
        if not is_new:
            return None
        return JournalEntry(
            account_id=account_id,
            order=order,
            word=OrderWord.SUBMITTING,
            order_id=None,
            reason_code="",
            reason="",
            placed_at=placed_at,
            placed_on=placed_at.date(),
            sent_at=sent_at,
            absences=0,
        )

    def _send(self, entry: JournalEntry) -> CustomerOrder:
        request = entry.order.request(entry.account_id, entry.placed_at)
        try:
            report = self._counter.submit(request)
        except DatabaseBusy:
            self._take_back(entry)
            raise
        except AppError as answer:
            if answer.status >= _SERVER_FAULT:
                return self._silent(entry, answer)
            return self._refused(entry, answer)
        return self._accepted(entry, report)

    def _take_back(self, entry: JournalEntry) -> None:
        """The counter could not even begin: remove the wish, so that a repeat sends it anew."""
        try:
            with self._database.write() as connection:
                store.take_back(connection, _key(entry))
        except AppError:
            log.warning("wish_left_open", client_order_id=entry.order.client_order_id)

    def _silent(self, entry: JournalEntry, silence: AppError) -> CustomerOrder:
        log.warning(
            "counter_silent",
            client_order_id=entry.order.client_order_id,
            error_code=silence.code,
        )
        try:
            with self._database.write() as connection:
                store.write_unknown(connection, _key(entry))
        except AppError as wrong:
            raise OutcomeUnknown from wrong
        return CustomerOrder(entry=replace(entry, word=OrderWord.UNKNOWN))

    def _refused(self, entry: JournalEntry, refusal: AppError) -> CustomerOrder:
        dead = replace(
            entry, word=OrderWord.REFUSED, reason_code=refusal.code, reason=refusal.message
        )
        self._record(dead)
        return CustomerOrder(entry=dead)

    def _accepted(self, entry: JournalEntry, report: OrderReport) -> CustomerOrder:
        alive = replace(entry, word=OrderWord.ACCEPTED, order_id=report.order_id)
        self._record(alive)
        return CustomerOrder(entry=alive, report=report)

    def _record(self, entry: JournalEntry) -> None:
        """Write a known answer down; when that fails, `reconcile` asks for it again later."""
        try:
            with self._database.write_alone() as connection:
                store.write_answer(connection, entry)
        except AppError as wrong:
            log.warning(
                "answer_not_recorded",
                client_order_id=entry.order.client_order_id,
                error_code=wrong.code,
            )

    def _repeat(self, account_id: str, order: PlaceOrder) -> Placed:
        """Return the order that has this id already, waiting a little for its first answer."""
        key = OrderKey(account_id, order.client_order_id)
        give_up_at = self._wall.monotonic() + REPEAT_WAIT_SECONDS
        while True:
            entry = self._entry(key)
            if entry is None:  # The first try was taken back meanwhile: nothing happened.
                raise DatabaseBusy
            if entry.order != order:
                raise OrderConflict
            has_answer = entry.word is not OrderWord.SUBMITTING
            if has_answer or self._wall.monotonic() >= give_up_at:
                return Placed(order=self._followed(entry), is_repeat=True)
            self._wall.sleep(REPEAT_LOOK_SECONDS)

    def _entry(self, key: OrderKey) -> JournalEntry | None:
        with self._database.read() as connection:
            return store.find_entry(connection, key)

    # ------------------------------------------------------------ what became of it

    def order(self, account_id: str, reference: str) -> CustomerOrder:
        """Return one order by its client_order_id or by the counter's number.

        Raises:
            OrderNotFound: This customer has no such order, whoever else may have.
        """
        entry = self._entry(OrderKey(account_id, reference))
        if entry is None and NUMBER.fullmatch(reference):
            with self._database.read() as connection:
                entry = store.find_by_number(connection, account_id, int(reference))
        if entry is not None:
            return self._followed(entry)
        report = self._counter.find(account_id, reference)
        if report is None:
            raise OrderNotFound
        return CustomerOrder(entry=entry_of(report), report=report)

    def _followed(self, entry: JournalEntry) -> CustomerOrder:
        """Ask the counter about an entry; a silent counter leaves what the journal knows."""
        if entry.word is OrderWord.REFUSED and entry.reason_code != NeverArrived.code:
            return CustomerOrder(entry=entry)
        try:
            report = self._counter.find(entry.account_id, entry.order.client_order_id)
        except AppError as silence:
            if silence.status < _SERVER_FAULT:
                raise
            return CustomerOrder(entry=entry)
        if report is None:
            return CustomerOrder(entry=entry)
        if entry.word is not OrderWord.ACCEPTED:
            return self._accepted(entry, report)
        return CustomerOrder(entry=entry, report=report)

    def cancel_order(self, account_id: str, reference: str) -> CustomerOrder:
        """Ask to take back what is open of an order; asking twice does no harm.

        Raises:
            OrderNotFound: This customer has no such order.
            OrderNotReported: The counter has not taken the order; there is nothing to take back.
            CounterRefused: The order or the phase takes no cancel (or the counter's own refusal).
            CounterSilent: No answer; ask again.
        """
        order = self.order(account_id, reference)
        if order.report is None:
            raise OrderNotReported
        report = self._counter.cancel(account_id, order.report.order_id)
        return replace(order, report=report)

    def cancel_all(self, account_id: str) -> CancelledAll:
        """Ask to take back every open order of today; say which ones were refused and why."""
        refused: list[CustomerOrder] = []
        asked = 0
        for order in self.orders_today(account_id):
            if order.report is None or not order.may_cancel:
                continue
            asked += 1
            try:
                self._counter.cancel(account_id, order.report.order_id)
            except AppError as refusal:
                refused.append(replace(order, entry=replace(order.entry, reason=refusal.message)))
        return CancelledAll(asked=asked, refused=tuple(refused))

    # ------------------------------------------------------------ asking instead of resending

    def reconcile(self) -> int:
        """Ask the counter about every order without an answer; return how many were settled.

        Run every second by the jobs process; twice or late does no harm. Nothing is ever resent.
        """
        now = self._wall.now()
        with self._database.read() as connection:
            questions = store.open_questions(
                connection,
                sent_before=now - SETTLE,
                asked_before=now - ASK_AGAIN,
                rows=RECONCILE_ROWS_MAX,
            )
            given_up = store.never_arrived(
                connection,
                sent_after=now - LATE_WATCH,
                asked_before=now - LATE_ASK,
                rows=RECONCILE_ROWS_MAX,
            )
        settled = sum(self._ask(entry) for entry in questions)
        for entry in given_up:
            self._look_again(entry)
        return settled

    def _ask(self, entry: JournalEntry) -> bool:
        try:
            report = self._counter.find(entry.account_id, entry.order.client_order_id)
        except AppError:
            with self._database.write() as connection:
                store.write_unknown(connection, _key(entry))
            return False
        if report is not None:
            self._accepted(entry, report)
        elif entry.absences + 1 >= ABSENCES_MAX:
            self._refused(entry, NeverArrived())
        else:
            with self._database.write() as connection:
                store.write_absent(connection, _key(entry), self._wall.now())
            return False
        log.info("order_settled", client_order_id=entry.order.client_order_id)
        return True

    def _look_again(self, entry: JournalEntry) -> None:
        """An order given up as never arrived may still turn up; then the counter is right."""
        try:
            report = self._counter.find(entry.account_id, entry.order.client_order_id)
        except AppError:
            return
        if report is not None:
            log.error("order_turned_up_late", order_id=report.order_id)
            self._accepted(entry, report)
            return
        with self._database.write() as connection:
            store.write_asked(connection, _key(entry), self._wall.now())

    # ------------------------------------------------------------ what the counter keeps

    def orders_today(self, account_id: str) -> list[CustomerOrder]:
        """Return today's orders, newest first: the counter's, and those without its answer."""
        return self.orders_on(account_id, self._prices.today())

    def orders_on(self, account_id: str, on: date) -> list[CustomerOrder]:
        """Return the orders of one day of the market clock, newest first."""
        reports = {
            report.client_order_id: report for report in self._counter.orders(account_id, on)
        }
        with self._database.read() as connection:
            entries = store.entries_of_day(connection, account_id, on, ORDERS_OF_DAY_MAX)
        found = [
            CustomerOrder(entry=entry, report=reports.pop(entry.order.client_order_id, None))
            for entry in entries
        ]
        # Night orders carry the day they are meant for; others may have come past the journal.
        found += [
            CustomerOrder(entry=entry_of(report), report=report) for report in reports.values()
        ]
        found = [
            order
            if order.report or order.entry.word is not OrderWord.ACCEPTED
            else self._followed(order.entry)
            for order in found
        ]
        return sorted(found, key=lambda order: order.entry.placed_at, reverse=True)

    def fills_on(self, account_id: str, on: date) -> Sequence[FillReport]:
        """Return the fills of one trading day, newest first."""
        return self._counter.fills(account_id, on)

    def balances(self, account_id: str) -> Balances:
        """Return the cash, unit fen."""
        return self._counter.balances(account_id)

    def assets(self, account_id: str) -> Assets:
        """Return cash and positions at the newest quotes, with break-even prices."""
        return worth_of(self._counter, self._prices, account_id)

    # ------------------------------------------------------------ choices of the customer

    def choices(self, account_id: str) -> dict[str, str]:
        """Return what the customer switched: warnings that are off, the cost method shown."""
        with self._database.read() as connection:
            return store.settings_of(connection, account_id)

    def choose(self, account_id: str, choices: Mapping[str, str]) -> None:
        """Keep these choices by their names; others stay as they are."""
        with self._database.write() as connection:
            for name, value in choices.items():
                store.write_setting(connection, account_id, name, value)


def _key(entry: JournalEntry) -> OrderKey:
    return OrderKey(entry.account_id, entry.order.client_order_id)
