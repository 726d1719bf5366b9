"""The books once more, out of the journal alone: what it gives must equal the tables (M10)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from h5app.counter.accounts import cost_of
from h5app.counter.booking import CANCELLED_BY_VENUE, REJECTED_BY_VENUE, after_cancel_refused
from h5app.counter.booking import cost_change as cost_of_fill
from h5app.counter.ending import ended, release_lines
from h5app.counter.fees import FeeProfile
from h5app.counter.instants import us_of
from h5app.counter.model import OrderState, state_after_cancel
from h5app.counter.movement import CashMovement, SharesMovement
from h5app.counter.placing import freeze_line, with_frozen
from h5app.counter.ports import ReportKind, VenueReport
from h5app.counter.posting import CUSTODIAN, SELLABLE, SETTLING, SHARE_POTS, Line, purse
from h5app.counter.settling import (
    BookedFill,
    Execution,
    Settled,
    closing_state,
    repay_lines,
    settle_bust,
    settle_fill,
)
from h5app.counter.snapshot import ROWS_MAX, Problem, snapshot
from h5app.counter.store_ledger import CostChange
from h5app.counter.stored_order import StoredOrder
from h5app.plumbing.db import Database, Sql

_JOURNAL = Sql(
    "SELECT seq, kind, account_id, order_id, venue, applies, body, at_us"
    " FROM counter_journal ORDER BY seq"
)
_ORDERS = Sql(
    "SELECT order_id, state, filled_shares, busted_shares, filled_amount_fen, fees_fen,"
    " frozen_fen, frozen_shares FROM counter_orders"
)
_BALANCES = Sql("SELECT account_id, unit, pot, amount FROM counter_balances WHERE amount <> 0")
_COSTS = Sql(
    "SELECT account_id, symbol, bought_fen, bought_shares, sold_fen, fees_fen"
    " FROM counter_positions"
)
_FILLS = Sql(
    "SELECT f.venue, f.execution_id, f.order_id, f.quantity_shares, f.amount_fen, f.fee_fen,"
    " CASE WHEN b.fill_id IS NULL THEN 0 ELSE 1 END"
    " FROM counter_fills f LEFT JOIN counter_busts b ON b.fill_id = f.fill_id"
)


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    kind: str
    account_id: str
    order_id: int
    venue: str
    applies: int
    body: dict[str, Any]
    at_us: int


@dataclass(slots=True)
class _Fill:
    order_id: int
    quantity_shares: int
    amount_fen: int
    fee_fen: int
    is_busted: bool = False


@dataclass
class Books:
    """Orders, pots, costs and fills as the journal makes them."""

    orders: dict[int, StoredOrder] = field(default_factory=dict)
    balances: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    costs: dict[tuple[str, str], CostChange] = field(default_factory=dict)
    fills: dict[tuple[str, str], _Fill] = field(default_factory=dict)
    _profiles: dict[tuple[str, int], FeeProfile] = field(default_factory=dict)
    _reports: dict[int, _Row] = field(default_factory=dict)

    def replay(self, row: _Row) -> None:
        """Let one row of the journal take effect."""
        _REPLAYS[row.kind](self, row)

    # ------------------------------------------------------------ accounts

    def _agree(self, row: _Row) -> None:
        profile = FeeProfile.from_plain(row.body["profile"])
        self._profiles[row.account_id, profile.version] = profile

    def _cash(self, row: _Row) -> None:
        on = date.fromisoformat(row.body["on"])
        self._post(row.account_id, [CashMovement(**row.body | {"on": on}).line])

    def _shares_in(self, row: _Row) -> None:
        on = date.fromisoformat(row.body["on"])
        movement = SharesMovement(**row.body | {"on": on})
        held = self._held(row.account_id, movement.symbol)
        line = Line(movement.symbol, CUSTODIAN, SELLABLE, movement.shares, "transfer_in")
        self._post(row.account_id, [line])
        key = (row.account_id, movement.symbol)
        self._add_cost(key, cost_of(movement), begins=held == 0)

    def _repay(self, row: _Row) -> None:
        self._post(row.account_id, repay_lines(self._of(row.account_id)))

    def _turnover(self, row: _Row) -> None:
        line = Line(row.body["symbol"], SETTLING, SELLABLE, row.body["shares"], "turnover")
        self._post(row.account_id, [line])

    def _nothing(self, row: _Row) -> None:
        """Days begin and end; what that did to accounts has rows of its own."""

    # ------------------------------------------------------------ orders

    def _place(self, row: _Row) -> None:
        order = StoredOrder(
            order_id=row.order_id,
            account_id=row.account_id,
            **row.body,
            fee_ceiling_fen=0,
            placed_us=row.at_us,
            state=OrderState.WAITING,
            reason="",
            filled_shares=0,
            busted_shares=0,
            filled_amount_fen=0,
            fees_fen=0,
            frozen_fen=0,
            frozen_shares=0,
            updated_us=row.at_us,
        )
        order = with_frozen(order, self._profiles[row.account_id, order.fee_version])
        self.orders[row.order_id] = order
        self._post(row.account_id, [freeze_line(order)])

    def _move(self, row: _Row) -> None:
        state = OrderState(row.body["state"])
        order = self.orders[row.order_id]
        self.orders[row.order_id] = replace(order, state=state, updated_us=row.at_us)

    def _end(self, row: _Row) -> None:
        order = self.orders[row.order_id]
        state = state_after_cancel(filled_shares=order.filled_shares)
        self._finish(order, state, row.body["reason"], row.at_us)

    def _refuse(self, row: _Row) -> None:
        order = self.orders[row.order_id]
        self._finish(order, OrderState.REJECTED, row.body["reason"], row.at_us)

    def _finish(self, order: StoredOrder, state: OrderState, reason: str, at_us: int) -> None:
        self._post(order.account_id, release_lines(order))
        self.orders[order.order_id] = ended(order, state, reason, at_us)

    # ------------------------------------------------------------ reports

    def _report(self, row: _Row) -> None:
        self._reports[row.seq] = row

    def _apply(self, row: _Row) -> None:
        raw = self._reports.pop(row.applies)
        report = VenueReport.from_plain(raw.body)
        effect = row.body["effect"]
        if effect == ReportKind.FILLED:
            self._fill(raw, report, row.body["last_day"])
        elif effect == ReportKind.BUSTED:
            self._bust(raw, report)
        elif effect == ReportKind.CANCELLED:
            order = self.orders[raw.order_id]
            state = state_after_cancel(filled_shares=order.filled_shares)
            reason = report.reason or CANCELLED_BY_VENUE
            self._finish(order, state, reason, us_of(report.at))
        elif effect == ReportKind.REJECTED:
            reason = report.reason or REJECTED_BY_VENUE
            order = self.orders[raw.order_id]
            self._finish(order, OrderState.REJECTED, reason, us_of(report.at))
        elif effect == ReportKind.CANCEL_REFUSED:
            order = self.orders[raw.order_id]
            self.orders[raw.order_id] = after_cancel_refused(order, us_of(report.at))

    def _fill(self, raw: _Row, report: VenueReport, last_day: str) -> None:
        order = self.orders[raw.order_id]
        fill = Execution(
            price_milli=report.price_milli,
            quantity_shares=report.quantity_shares,
            at_us=us_of(report.at),
        )
        profile = self._profiles[order.account_id, order.fee_version]
        balances = self._of(order.account_id)
        settled = settle_fill(order, profile, fill, balances, last_day)
        self.fills[raw.venue, report.execution_id] = _Fill(
            order.order_id, report.quantity_shares, settled.amount_fen, settled.fee_fen
        )
        self._settle(order, settled, 1)

    def _bust(self, raw: _Row, report: VenueReport) -> None:
        order = self.orders[raw.order_id]
        fill = self.fills.get((raw.venue, report.busts))
        if fill is None or fill.is_busted or fill.order_id != order.order_id:
            return
        fill.is_busted = True
        booked = BookedFill(quantity_shares=fill.quantity_shares, amount_fen=fill.amount_fen)
        profile = self._profiles[order.account_id, order.fee_version]
        balances = self._of(order.account_id)
        settled = settle_bust(order, profile, booked, balances, us_of(report.at))
        self._settle(order, settled, -1)

    def _settle(self, order: StoredOrder, settled: Settled, sign: int) -> None:
        self._post(order.account_id, settled.lines)
        change = cost_of_fill(order, settled, sign)
        key = (order.account_id, order.symbol)
        self._add_cost(key, change, begins=settled.begins_position)
        self.orders[order.order_id] = settled.order
        state = closing_state(settled.order)
        if state is not None:
            self._finish(settled.order, state, CANCELLED_BY_VENUE, settled.order.updated_us)

    # ------------------------------------------------------------ sums

    def _of(self, account_id: str) -> dict[tuple[str, str], int]:
        return self.balances.setdefault(account_id, {})

    def _held(self, account_id: str, symbol: str) -> int:
        return purse(symbol, self._of(account_id)).held(SHARE_POTS)

    def _post(self, account_id: str, lines: Iterable[Line]) -> None:
        pots = self._of(account_id)
        for line in lines:
            pots[line.unit, line.source] = pots.get((line.unit, line.source), 0) - line.amount
            pots[line.unit, line.target] = pots.get((line.unit, line.target), 0) + line.amount

    def _add_cost(self, key: tuple[str, str], change: CostChange, *, begins: bool) -> None:
        known = CostChange() if begins else self.costs.get(key, CostChange())
        self.costs[key] = CostChange(
            bought_fen=known.bought_fen + change.bought_fen,
            bought_shares=known.bought_shares + change.bought_shares,
            sold_fen=known.sold_fen + change.sold_fen,
            fees_fen=known.fees_fen + change.fees_fen,
        )


_REPLAYS = {
    "open": Books._agree,  # noqa: SLF001 - the table of the class's own steps
    "fees": Books._agree,  # noqa: SLF001
    "cash": Books._cash,  # noqa: SLF001
    "shares_in": Books._shares_in,  # noqa: SLF001
    "repay": Books._repay,  # noqa: SLF001
    "turnover": Books._turnover,  # noqa: SLF001
    "open_day": Books._nothing,  # noqa: SLF001
    "close_day": Books._nothing,  # noqa: SLF001
    "place": Books._place,  # noqa: SLF001
    "report_out": Books._move,  # noqa: SLF001
    "cancel": Books._move,  # noqa: SLF001
    "end": Books._end,  # noqa: SLF001
    "refuse": Books._refuse,  # noqa: SLF001
    "report": Books._report,  # noqa: SLF001
    "apply": Books._apply,  # noqa: SLF001
}


class JournalBroken(ValueError):
    """A row of the journal does not follow from those before it."""


def rebuild(connection: Connection) -> Books:
    """Return the books that the journal makes.

    Raises:
        JournalBroken: A row does not follow from those before it.
    """
    books = Books()
    for row in _rows(connection):
        try:
            books.replay(row)
        except (KeyError, AssertionError) as wrong:
            raise JournalBroken(f"row {row.seq} ({row.kind}) does not follow: {wrong}") from wrong
    return books


def _rows(connection: Connection) -> Iterator[_Row]:
    rows: Any = _JOURNAL.run(connection)
    for seq, kind, account_id, order_id, venue, applies, body, at_us in rows:
        yield _Row(
            seq=seq,
            kind=kind,
            account_id=account_id or "",
            order_id=order_id or 0,
            venue=venue or "",
            applies=applies or 0,
            body=json.loads(body),
            at_us=at_us,
        )


def differences(database: Database) -> list[Problem]:
    """Return where the tables are not what the journal makes; none when the books are right."""
    with snapshot(database) as connection:
        try:
            books = rebuild(connection)
        except JournalBroken as broken:
            return [Problem(rule="M10", subject="journal", says=str(broken))]
        pairs = (
            ("order", _orders(connection), _rebuilt_orders(books)),
            ("pot", _balances(connection), _rebuilt_balances(books)),
            ("cost", _keyed(connection, _COSTS, 2), _rebuilt_costs(books)),
            ("fill", _keyed(connection, _FILLS, 2), _rebuilt_fills(books)),
        )
    found: list[Problem] = []
    for name, stored, rebuilt in pairs:
        wrong = [key for key in {**stored, **rebuilt} if stored.get(key) != rebuilt.get(key)]
        found += [
            Problem(
                rule="M10",
                subject=f"{name} {key}",
                says=f"stored {stored.get(key)}, rebuilt {rebuilt.get(key)}",
            )
            for key in wrong[:ROWS_MAX]
        ]
    return found


def _keyed(connection: Connection, statement: Sql, keys: int) -> dict[Any, tuple[Any, ...]]:
    rows: Any = statement.run(connection)
    return {tuple(row[:keys]): tuple(row[keys:]) for row in rows}


def _orders(connection: Connection) -> dict[Any, tuple[Any, ...]]:
    return _keyed(connection, _ORDERS, 1)


def _balances(connection: Connection) -> dict[Any, tuple[Any, ...]]:
    return _keyed(connection, _BALANCES, 3)


def _rebuilt_orders(books: Books) -> dict[Any, tuple[Any, ...]]:
    return {
        (order.order_id,): (
            str(order.state),
            order.filled_shares,
            order.busted_shares,
            order.filled_amount_fen,
            order.fees_fen,
            order.frozen_fen,
            order.frozen_shares,
        )
        for order in books.orders.values()
    }


def _rebuilt_balances(books: Books) -> dict[Any, tuple[Any, ...]]:
    return {
        (account_id, unit, pot): (amount,)
        for account_id, pots in books.balances.items()
        for (unit, pot), amount in pots.items()
        if amount
    }


def _rebuilt_costs(books: Books) -> dict[Any, tuple[Any, ...]]:
    return {
        key: (cost.bought_fen, cost.bought_shares, cost.sold_fen, cost.fees_fen)
        for key, cost in books.costs.items()
    }


def _rebuilt_fills(books: Books) -> dict[Any, tuple[Any, ...]]:
    return {
        key: (
            fill.order_id,
            fill.quantity_shares,
            fill.amount_fen,
            fill.fee_fen,
            int(fill.is_busted),
        )
        for key, fill in books.fills.items()
    }
