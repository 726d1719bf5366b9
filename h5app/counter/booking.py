"""Booking what a venue says: each report is journalled raw, then takes effect exactly once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from h5app.counter import store_accounts, store_ledger, store_orders
from h5app.counter.contracts import Contracts
from h5app.counter.ending import Ending, ended, release
from h5app.counter.instants import moment_of, us_of
from h5app.counter.model import (
    CANCELLING_STATES,
    BooksAlarm,
    OrderFilled,
    OrderRefused,
    OrderState,
)
from h5app.counter.ports import ReportKind, VenueReport
from h5app.counter.settling import (
    BookedFill,
    Execution,
    Settled,
    closing_state,
    settle_bust,
    settle_fill,
)
from h5app.counter.store_ledger import CostChange, Entry, Posting, RawReport
from h5app.counter.stored_order import StoredOrder
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.plumbing.outbox import Outbox

BATCH_MAX = 50
"""Reports that take effect in one transaction."""
REJECTED_BY_VENUE = "交易所未接受"
CANCELLED_BY_VENUE = "未成交部分已撤销"
ALARMS = {
    "overfilled": "交易所回报的成交超过委托数量",
    "garbled": "交易所回报的成交价格无法识别",
}

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A report on its way into the books, the order as it stands, the account locked."""

    raw: RawReport
    report: VenueReport
    order: StoredOrder
    last_day: str
    """The newest trading day of the books."""

    @property
    def at_us(self) -> int:
        return us_of(self.report.at)


class Booking:
    """Takes reports in and books them; every method may be repeated, also after a crash."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._contracts = Contracts()
        self._ending = Ending(outbox)
        self._acts: dict[str, Callable[[Connection, _Case], None]] = {
            ReportKind.FILLED: self._fill,
            ReportKind.BUSTED: self._bust,
            ReportKind.CANCELLED: self._cancelled,
            ReportKind.REJECTED: self._rejected,
            ReportKind.CANCEL_REFUSED: self._cancel_refused,
        }

    def take_in(self, venue: str, reports: Sequence[VenueReport]) -> list[RawReport]:
        """Journal raw reports before anything else; return those that were new."""
        if not reports:
            return []
        new: list[RawReport] = []
        with self._database.write() as connection:
            for report in reports:
                raw = store_ledger.write_report(
                    connection, venue, report.as_plain(), us_of(report.at)
                )
                if raw is not None:
                    new.append(raw)
        return new

    def waiting(self) -> list[RawReport]:
        """Return the journalled reports without effect so far; after a crash there may be some."""
        with self._database.read() as connection:
            return store_ledger.waiting_reports(connection)

    def apply(self, raws: Sequence[RawReport]) -> None:
        """Book reports, some in one transaction, each account's in the order they came.

        Raises:
            DatabaseBusy: Those not booked yet stay in the journal; call again.
        """
        for first in range(0, len(raws), BATCH_MAX):
            batch = raws[first : first + BATCH_MAX]
            # Accounts are locked in one order, so that two writers never wait for each other.
            ordered = sorted(batch, key=lambda raw: (raw.account_id or "", raw.seq))
            with self._database.write() as connection:
                for raw in ordered:
                    self._apply(connection, raw)

    def apply_waiting(self) -> None:
        """Book whatever a crash or a busy database left in the journal."""
        waiting = self.waiting()
        if waiting:
            log.info("reports_left_over", reports=len(waiting))
            self.apply(waiting)

    # ------------------------------------------------------------ one report

    def _apply(self, connection: Connection, raw: RawReport) -> None:
        report = VenueReport.from_plain(raw.body)
        order = None
        if raw.account_id is not None and store_accounts.lock(connection, raw.account_id):
            order = store_orders.by_id(connection, raw.order_id)
        effect = _effect(report, order)
        # The day stands in the row, so that a rebuild lets shares settle where they did.
        last_day = store_accounts.last_opened(connection)
        body, now_us = {"effect": effect, "last_day": last_day}, us_of(self._clock.now())
        if not store_ledger.write_applied(connection, raw, body, now_us):
            return
        if order is None:
            self._alarm(connection, raw, "交易所回报的委托不在账上")
            return
        if effect in ALARMS:
            self._alarm(connection, raw, ALARMS[effect])
        act = self._acts.get(effect)
        if act is not None:
            act(connection, _Case(raw=raw, report=report, order=order, last_day=last_day))

    def _fill(self, connection: Connection, case: _Case) -> None:
        order, report = case.order, case.report
        profile = self._contracts.profile(connection, order.account_id, order.fee_version)
        settled = settle_fill(
            order,
            profile,
            Execution(
                price_milli=report.price_milli,
                quantity_shares=report.quantity_shares,
                at_us=case.at_us,
            ),
            store_ledger.balances_of(connection, order.account_id, order.symbol),
            case.last_day,
        )
        fill_id = store_orders.insert_fill(connection, _fill_row(case, settled))
        self._write(connection, case, settled, fill_id)
        self._publish_fill(connection, case, settled.order, fill_id)

    def _write(self, connection: Connection, case: _Case, settled: Settled, fill_id: int) -> None:
        """Write the order, the ledger's lines and the position's cost."""
        order = case.order
        changed = store_orders.change(connection, order, settled.order)
        assert changed, "an order moved while its account was locked"
        sign = -1 if case.report.kind is ReportKind.BUSTED else 1
        posting = Posting(
            transfer=f"{'bust' if sign < 0 else 'fill'}:{fill_id}",
            account_id=order.account_id,
            on_day=order.trading_day,
            at_us=case.at_us,
            order_id=order.order_id,
            fill_id=fill_id,
            memo=order.symbol,
        )
        store_ledger.post(connection, posting, settled.lines)
        store_ledger.change_cost(
            connection,
            order.account_id,
            order.symbol,
            cost_change(order, settled, sign),
            begins=settled.begins_position,
        )
        if settled.problem:
            self._alarm(connection, case.raw, settled.problem)
        state = closing_state(settled.order)
        if state is not None:
            self._ending.close(connection, settled.order, CANCELLED_BY_VENUE, case.at_us)

    def _bust(self, connection: Connection, case: _Case) -> None:
        order = case.order
        fill = store_orders.fill_by_execution(connection, case.raw.venue, case.report.busts)
        if fill is None or fill.is_busted or fill.order_id != order.order_id:
            self._alarm(connection, case.raw, "交易所撤销的成交不在账上")
            return
        profile = self._contracts.profile(connection, order.account_id, order.fee_version)
        settled = settle_bust(
            order,
            profile,
            BookedFill(quantity_shares=fill.quantity_shares, amount_fen=fill.amount_fen),
            store_ledger.balances_of(connection, order.account_id, order.symbol),
            case.at_us,
        )
        store_orders.insert_bust(connection, fill.fill_id, settled.fee_fen, case.at_us)
        self._write(connection, case, settled, fill.fill_id)

    def _cancelled(self, connection: Connection, case: _Case) -> None:
        reason = case.report.reason or CANCELLED_BY_VENUE
        done = self._ending.close(connection, case.order, reason, case.at_us)
        assert done is not None, "an order moved while its account was locked"

    def _rejected(self, connection: Connection, case: _Case) -> None:
        reason = case.report.reason or REJECTED_BY_VENUE
        self.reject(connection, case.order, reason, case.at_us)

    def refuse(self, connection: Connection, order: StoredOrder, reason: str, now_us: int) -> None:
        """Make an order that waits here 废单 by the counter's own hand."""
        if not store_accounts.lock(connection, order.account_id):
            return
        known = store_orders.by_id(connection, order.order_id)
        if known is None or known.state is not OrderState.WAITING:
            return
        if self.reject(connection, known, reason, now_us):
            entry = Entry(
                kind="refuse",
                account_id=order.account_id,
                order_id=order.order_id,
                body={"reason": reason},
                at_us=now_us,
            )
            store_ledger.write(connection, entry)

    def reject(self, connection: Connection, order: StoredOrder, reason: str, at_us: int) -> bool:
        """Make an order 废单, release what it held, and tell; False when it moved meanwhile."""
        after = ended(order, OrderState.REJECTED, reason, at_us)
        if not store_orders.change(connection, order, after):
            return False
        release(connection, order, at_us)
        self._outbox.publish(
            connection,
            OrderRefused(
                account_id=order.account_id,
                order_id=order.order_id,
                client_order_id=order.client_order_id,
                symbol=order.symbol,
                reason=reason,
                at=moment_of(at_us),
            ),
        )
        return True

    def _cancel_refused(self, connection: Connection, case: _Case) -> None:
        changed = store_orders.change(
            connection, case.order, after_cancel_refused(case.order, case.at_us)
        )
        assert changed, "an order moved while its account was locked"

    def _publish_fill(
        self, connection: Connection, case: _Case, after: StoredOrder, fill_id: int
    ) -> None:
        self._outbox.publish(
            connection,
            OrderFilled(
                account_id=after.account_id,
                order_id=after.order_id,
                client_order_id=after.client_order_id,
                fill_id=fill_id,
                symbol=after.symbol,
                side=after.side,
                price_milli=case.report.price_milli,
                quantity_shares=case.report.quantity_shares,
                is_complete=after.state.is_final or not after.working_shares,
                at=case.report.at,
            ),
        )

    def _alarm(self, connection: Connection, raw: RawReport, problem: str) -> None:
        log.error("books_alarm", order_id=raw.order_id, report=raw.seq, problem=problem)
        self._outbox.publish(
            connection,
            BooksAlarm(
                account_id=raw.account_id or "",
                order_id=raw.order_id,
                problem=problem,
                at=self._clock.now(),
            ),
        )


def _effect(report: VenueReport, order: StoredOrder | None) -> str:
    """Return what a report does, which is sometimes less than it says."""
    if order is None:
        return "unknown_order"
    kind = report.kind
    if kind is ReportKind.FILLED:
        return _effect_of_fill(report, order)
    is_late = order.state.is_final and kind in {ReportKind.CANCELLED, ReportKind.REJECTED}
    if is_late or (kind is ReportKind.CANCEL_REFUSED and order.state not in CANCELLING_STATES):
        return "late"
    if kind is ReportKind.REJECTED and order.filled_shares:
        return str(ReportKind.CANCELLED)
    return str(kind)


def _effect_of_fill(report: VenueReport, order: StoredOrder) -> str:
    if report.price_milli <= 0:
        return "garbled"
    is_possible = 0 < report.quantity_shares <= order.working_shares
    return str(ReportKind.FILLED) if is_possible else "overfilled"


def after_cancel_refused(order: StoredOrder, at_us: int) -> StoredOrder:
    """Return the order as it works on once the venue refused the cancel."""
    state = OrderState.PARTLY_FILLED if order.filled_shares else OrderState.REPORTED
    return replace(order, state=state, updated_us=at_us)


def cost_change(order: StoredOrder, settled: Settled, sign: int) -> CostChange:
    """Return what a fill (sign 1) or its bust (sign -1) adds to the position's figures."""
    shares = abs(settled.order.filled_shares - order.filled_shares)
    if order.is_buy:
        return CostChange(
            bought_fen=sign * settled.amount_fen,
            bought_shares=sign * shares,
            fees_fen=sign * settled.fee_fen,
        )
    return CostChange(sold_fen=sign * settled.amount_fen, fees_fen=sign * settled.fee_fen)


def _fill_row(case: _Case, settled: Settled) -> dict[str, object]:
    order, report = case.order, case.report
    return {
        "order_id": order.order_id,
        "account_id": order.account_id,
        "symbol": order.symbol,
        "side": order.side,
        "price_milli": report.price_milli,
        "quantity_shares": report.quantity_shares,
        "amount_fen": settled.amount_fen,
        "fee_fen": settled.fee_fen,
        "trading_day": order.trading_day,
        "venue": case.raw.venue,
        "execution_id": report.execution_id,
        "at_us": case.at_us,
    }
