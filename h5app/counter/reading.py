"""What others may read of the books; nothing here changes anything."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from h5app.counter import store_accounts, store_ledger, store_orders
from h5app.counter.contracts import Contracts
from h5app.counter.fees import Trade, charge
from h5app.counter.instants import moment_of
from h5app.counter.model import (
    Balances,
    CashEntry,
    DaySpan,
    FeeLines,
    FillReport,
    OrderReport,
    Position,
    Side,
)
from h5app.counter.movement import withdrawable_fen
from h5app.counter.ports import Prices
from h5app.counter.posting import (
    AVAILABLE,
    CASH,
    CASH_POTS,
    FROZEN,
    SELLABLE,
    SETTLING,
    SHARE_POTS,
    purse,
)
from h5app.counter.refusal import NoSuchAccount, NoSuchSecurity
from h5app.counter.snapshot import snapshot
from h5app.plumbing.db import Database

FeeSchedule = Callable[[int], FeeLines]
"""Fees of one order whose fills amount to so many fen in all; none at zero."""


class Reading:
    """Balances, positions, orders and fills as they stand."""

    def __init__(self, database: Database, prices: Prices, contracts: Contracts) -> None:
        self._database = database
        self._prices = prices
        self._contracts = contracts

    def find(self, account_id: str, client_order_id: str) -> OrderReport | None:
        """Return an order by the id its customer gave it; None when it was never taken."""
        with self._database.read() as connection:
            order = store_orders.by_key(connection, account_id, client_order_id)
        return order.report() if order else None

    def orders(self, account_id: str, on: date) -> list[OrderReport]:
        """Return the orders of one trading day, newest first."""
        with self._database.read() as connection:
            found = store_orders.of_day(connection, account_id, on.isoformat())
        return [order.report() for order in found]

    def fills(self, account_id: str, on: date) -> list[FillReport]:
        """Return the fills of one trading day, newest first."""
        with self._database.read() as connection:
            rows = store_orders.fills_of_day(connection, account_id, on.isoformat())
        return [_fill(row) for row in rows]

    def orders_between(self, account_id: str, span: DaySpan, rows: int) -> list[OrderReport]:
        """Return the newest orders of some trading days, newest first."""
        with self._database.read() as connection:
            found = store_orders.of_days(connection, account_id, span, rows)
        return [order.report() for order in found]

    def fills_between(self, account_id: str, span: DaySpan, rows: int) -> list[FillReport]:
        """Return the newest fills of some trading days, newest first."""
        with self._database.read() as connection:
            found = store_orders.fills_of_days(connection, account_id, span, rows)
        return [_fill(row) for row in found]

    def accounts(self, after: str, rows: int) -> list[str]:
        """Return so many account ids behind another, in their order."""
        with self._database.read() as connection:
            return store_accounts.account_ids(connection, after, rows)

    def balances(self, account_id: str) -> Balances:
        """Return the cash of an account, unit fen."""
        with snapshot(self._database) as connection:
            amounts = store_ledger.balances(connection, account_id)
            net = store_ledger.traded_net_fen(connection, account_id, self._day().isoformat())
        cash = purse(CASH, amounts)
        found = Balances(
            total_fen=cash.held(CASH_POTS),
            available_fen=cash.held((AVAILABLE,)),
            frozen_fen=cash.held((FROZEN,)),
            withdrawable_fen=withdrawable_fen(amounts, net),
        )
        assert found.available_fen >= 0, account_id
        assert found.frozen_fen >= 0, account_id
        assert found.total_fen == found.available_fen + found.frozen_fen, account_id
        assert found.withdrawable_fen <= found.available_fen, account_id
        return found

    def positions(self, account_id: str) -> list[Position]:
        """Return what is held, and what was sold out on the present trading day."""
        with snapshot(self._database) as connection:
            amounts = store_ledger.balances(connection, account_id)
            costs = store_ledger.positions(connection, account_id)
            fills = store_orders.fills_of_day(connection, account_id, self._day().isoformat())
        found = [
            _position(
                row,
                amounts,
                [fill for fill in fills if fill.symbol == row.symbol and not fill.is_busted],
            )
            for row in costs
        ]
        return [one for one in found if one.quantity_shares or one.sold_today_fen]

    def fee_schedule(self, account_id: str, symbol: str, side: Side) -> FeeSchedule:
        """Return what an order of this account pays for an amount filled in all, as of today.

        Raises:
            NoSuchAccount: There is none.
            NoSuchSecurity: There is none.
        """
        instrument = self._prices.instrument(symbol)
        if instrument is None:
            raise NoSuchSecurity
        with self._database.read() as connection:
            profile = self._profile(connection, account_id)
        trade = Trade(
            board=str(instrument.board),
            exchange=symbol[-2:],
            side=side,
            on=self._prices.clock.now().date(),
        )
        return lambda amount: charge(profile, trade, amount)

    def cash_entries(self, account_id: str, since: date) -> list[CashEntry]:
        """Return the movements of cash since a day, oldest first."""
        with self._database.read() as connection:
            rows = store_ledger.cash_since(connection, account_id, since.isoformat())
        return [_entry(row) for row in rows]

    def _profile(self, connection: Connection, account_id: str) -> Any:  # noqa: ANN401
        row = store_accounts.account(connection, account_id)
        if row is None:
            raise NoSuchAccount
        return self._contracts.profile(connection, account_id, row.fee_version)

    def _day(self) -> date:
        """Return the trading day that today's figures are of: the last one, on other days."""
        days = self._prices.rules.trading_days
        return days.trading_day_on_or_before(self._prices.clock.now().date())


def _fill(row: Row[Any]) -> FillReport:
    return FillReport(
        fill_id=row.fill_id,
        order_id=row.order_id,
        account_id=row.account_id,
        symbol=row.symbol,
        side=row.side,
        price_milli=row.price_milli,
        quantity_shares=row.quantity_shares,
        amount_fen=row.amount_fen,
        fee_fen=row.fee_fen,
        at=moment_of(row.at_us),
        trading_day=date.fromisoformat(row.trading_day),
        execution_id=row.execution_id,
        is_busted=bool(row.is_busted),
    )


def _position(
    row: Row[Any], amounts: dict[tuple[str, str], int], fills: Sequence[Row[Any]]
) -> Position:
    shares = purse(row.symbol, amounts)
    quantity = shares.held(SHARE_POTS)
    bought = [fill for fill in fills if fill.side == "buy"]
    sold = [fill for fill in fills if fill.side == "sell"]
    came = sum(fill.quantity_shares for fill in bought)
    went = sum(fill.quantity_shares for fill in sold)
    return Position(
        symbol=row.symbol,
        quantity_shares=quantity,
        sellable_shares=shares.held((SELLABLE,)),
        frozen_shares=shares.held((FROZEN,)),
        settling_shares=shares.held((SETTLING,)),
        bought_fen=row.bought_fen,
        bought_shares=row.bought_shares,
        sold_fen=row.sold_fen,
        fees_fen=row.fees_fen,
        opening_shares=quantity - came + went,
        bought_today_fen=sum(fill.amount_fen for fill in bought),
        sold_today_fen=sum(fill.amount_fen for fill in sold),
        fees_today_fen=sum(fill.fee_fen for fill in fills),
    )


def _entry(row: Row[Any]) -> CashEntry:
    is_incoming = row.target_pot in CASH_POTS
    return CashEntry(
        entry_id=row.line_id,
        on=date.fromisoformat(row.on_day),
        amount_fen=row.amount if is_incoming else -row.amount,
        kind=row.kind,
        counterparty=row.counterparty,
        memo=row.memo,
    )
