"""Taking orders and cancels: one transaction each, on fixed statements."""

from dataclasses import replace

from sqlalchemy import Connection

from h5app.counter import store_accounts, store_ledger, store_orders
from h5app.counter.checks import (
    Case,
    case_of,
    check_fitness,
    check_quantity,
    check_rules,
)
from h5app.counter.contracts import Contracts
from h5app.counter.ending import Ending
from h5app.counter.fees import FeeProfile
from h5app.counter.instants import us_of
from h5app.counter.model import (
    CANCELLING_STATES,
    OrderAccepted,
    OrderReport,
    OrderRequest,
    OrderState,
    may_move,
)
from h5app.counter.ports import Prices
from h5app.counter.posting import AVAILABLE, CASH, FROZEN, SELLABLE, Line
from h5app.counter.refusal import (
    AboveDayMaximum,
    BadAmount,
    CancelClosed,
    CancelNotPossible,
    CounterRefusal,
    NoSuchAccount,
    NoSuchOrder,
    NotEnoughCash,
)
from h5app.counter.store_accounts import Purview
from h5app.counter.store_ledger import Entry, Posting
from h5app.counter.stored_order import StoredOrder
from h5app.kernel.money import amount_fen, fen_text
from h5app.market.model import Phase
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox

CANCELLED_BY_CUSTOMER = "客户撤单"
PRICE_MILLI_MAX = 10**9
QUANTITY_SHARES_MAX = 10**9
CANCEL_QUEUES = frozenset({Phase.NONE, Phase.PRE_CONTINUOUS, Phase.LUNCH})
"""Phases in which a cancel is kept and handed on when the exchange takes it."""


class Placing:
    """The counter's window for orders."""

    def __init__(
        self, database: Database, prices: Prices, outbox: Outbox, contracts: Contracts
    ) -> None:
        self._database = database
        self._prices = prices
        self._outbox = outbox
        self._contracts = contracts
        self._ending = Ending(outbox)

    # ------------------------------------------------------------ placing

    def submit(self, request: OrderRequest) -> OrderReport:
        """Take an order once; a repeat gets the report of the first.

        Raises:
            CounterRefusal: The order is dead; nothing was stored or frozen.
            DatabaseBusy: Nothing happened; the same request may be sent again.
        """
        try:
            case = self._judged(request)
        except CounterRefusal:
            known = self._known(request)
            if known is None:
                raise
            return known.report()
        with self._database.write() as connection:
            return self._place(connection, request, case).report()

    def _judged(self, request: OrderRequest) -> Case:
        is_sane = 0 <= request.price_milli <= PRICE_MILLI_MAX
        if not is_sane or not 0 < request.quantity_shares <= QUANTITY_SHARES_MAX:
            raise BadAmount
        case = case_of(self._prices, request)
        check_rules(case)
        return case

    def _known(self, request: OrderRequest) -> StoredOrder | None:
        with self._database.read() as connection:
            return store_orders.by_key(connection, request.account_id, request.client_order_id)

    def _place(self, connection: Connection, request: OrderRequest, case: Case) -> StoredOrder:
        if not store_accounts.lock(connection, request.account_id):
            raise NoSuchAccount
        purview = store_accounts.purview(
            connection, request.account_id, request.client_order_id, request.symbol
        )
        if purview.known_order_id is not None:
            known = store_orders.by_id(connection, purview.known_order_id)
            assert known is not None
            return known
        check_fitness(case, purview.permissions, purview.risk_level)
        self._check_day_maximum(connection, request, case)
        order = self._frozen(connection, request, case, purview)
        self._write(connection, order)
        return order

    def _check_day_maximum(self, connection: Connection, request: OrderRequest, case: Case) -> None:
        most = case.rules.day_buy_maximum_shares(case.instrument)
        if most is None or request.side != "buy":
            return
        bought = store_orders.bought_or_open(
            connection, request.account_id, request.symbol, case.trading_day.isoformat()
        )
        if bought + request.quantity_shares > most:
            raise AboveDayMaximum(f"超过风险警示股票单日买入数量上限{most}股")

    def _frozen(
        self, connection: Connection, request: OrderRequest, case: Case, purview: Purview
    ) -> StoredOrder:
        """Check money or shares, and store the order with what is frozen for it."""
        order = _new_order(request, case, purview.fee_version)
        profile = self._contracts.profile(connection, request.account_id, purview.fee_version)
        order = with_frozen(order, profile)
        if order.is_buy:
            _check_cash(purview.available_fen, order.frozen_fen)
        else:
            check_quantity(case, sellable_shares=purview.sellable_shares)
            # A sale that does not bring in its own fees must find them in the account.
            amount = amount_fen(order.price_milli, order.quantity_shares)
            _check_cash(purview.available_fen, order.fee_ceiling_fen - amount)
        return replace(order, order_id=store_orders.insert(connection, order))

    def _write(self, connection: Connection, order: StoredOrder) -> None:
        posting = Posting(
            transfer=f"freeze:{order.order_id}",
            account_id=order.account_id,
            on_day=order.trading_day,
            at_us=order.placed_us,
            order_id=order.order_id,
        )
        accepted = OrderAccepted(
            account_id=order.account_id,
            order_id=order.order_id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            trading_day=order.on,
        )
        store_ledger.write_placed(
            connection,
            (posting, freeze_line(order)),
            placed_entry(order),
            self._outbox.row(connection, accepted),
        )

    # ------------------------------------------------------------ cancelling

    def cancel(self, account_id: str, order_id: int) -> OrderReport:
        """Ask for the open rest of an order back; an order that waits here ends at once.

        Raises:
            NoSuchOrder: This account has no such order.
            CancelNotPossible: The order is in a state that takes no cancel.
            CancelClosed: The exchange takes no cancel in this part of the day.
            DatabaseBusy: Nothing happened; ask again.
        """
        with self._database.write() as connection:
            if not store_accounts.lock(connection, account_id):
                raise NoSuchOrder
            while True:  # The venue loop moves 1 to 2 without the account's lock.
                order = store_orders.by_id(connection, order_id)
                if order is None or order.account_id != account_id:
                    raise NoSuchOrder
                after = self._cancel(connection, order)
                if after is not None:
                    return after.report()

    def _cancel(self, connection: Connection, order: StoredOrder) -> StoredOrder | None:
        """Return the order as it is now; None when it moved under our hands."""
        if order.state in CANCELLING_STATES:
            return order
        if not order.state.may_cancel:
            raise CancelNotPossible(f"这笔委托{order.state.label},不可撤单,请刷新后查看结果")
        now_us = us_of(self._prices.clock.now())
        if order.state is OrderState.WAITING:
            return self._ending.end(connection, order, CANCELLED_BY_CUSTOMER, now_us)
        self._check_cancel_phase(order.symbol)
        state = (
            OrderState.PARTLY_FILLED_CANCELLING
            if order.state is OrderState.PARTLY_FILLED
            else OrderState.REPORTED_CANCELLING
        )
        assert may_move(order.state, state)
        after = replace(order, state=state, updated_us=now_us)
        if not store_orders.change(connection, order, after):
            return None
        entry = Entry(
            kind="cancel",
            account_id=order.account_id,
            order_id=order.order_id,
            body={"state": str(state)},
            at_us=now_us,
        )
        store_ledger.write(connection, entry)
        return after

    def _check_cancel_phase(self, symbol: str) -> None:
        instrument = self._prices.instrument(symbol)
        if instrument is None:
            return
        phase = self._prices.phase(symbol)
        if phase in CANCEL_QUEUES or phase is Phase.HALTED:
            return
        today = self._prices.rules.on(self._prices.clock.now().date())
        if not today.may_cancel(instrument, phase):
            raise CancelClosed


def _check_cash(available_fen: int, needed_fen: int) -> None:
    if needed_fen > available_fen:
        raise NotEnoughCash(f"可用资金不足,还差¥{fen_text(needed_fen - available_fen)}")


def _new_order(request: OrderRequest, case: Case, fee_version: int) -> StoredOrder:
    at_us = us_of(case.at)
    return StoredOrder(
        order_id=0,
        account_id=request.account_id,
        client_order_id=request.client_order_id,
        symbol=request.symbol,
        board=str(case.instrument.board),
        side=request.side,
        kind=str(case.kind),
        price_milli=case.price_milli,
        quantity_shares=request.quantity_shares,
        trading_day=case.trading_day.isoformat(),
        turnaround=case.turnaround,
        fee_version=fee_version,
        fee_ceiling_fen=0,
        placed_us=at_us,
        state=OrderState.WAITING,
        reason="",
        filled_shares=0,
        busted_shares=0,
        filled_amount_fen=0,
        fees_fen=0,
        frozen_fen=0,
        frozen_shares=0,
        updated_us=at_us,
    )


def with_frozen(order: StoredOrder, profile: FeeProfile) -> StoredOrder:
    """Return a new order with the worst fees it can cost, and what is frozen for it."""
    amount = amount_fen(order.price_milli, order.quantity_shares)
    ceiling = order.fees_for(profile, amount).total_fen
    order = replace(order, fee_ceiling_fen=ceiling)
    if not order.is_buy:
        return replace(order, frozen_shares=order.quantity_shares)
    return replace(order, frozen_fen=order.wanted_frozen_fen())


def freeze_line(order: StoredOrder) -> Line:
    """Return the line that freezes what a new order needs."""
    if order.is_buy:
        return Line(CASH, AVAILABLE, FROZEN, order.frozen_fen, "freeze")
    return Line(order.symbol, SELLABLE, FROZEN, order.frozen_shares, "freeze")


def placed_entry(order: StoredOrder) -> Entry:
    """Return the journal's row of a new order: all that a rebuild needs."""
    return Entry(
        kind="place",
        account_id=order.account_id,
        order_id=order.order_id,
        body={
            "client_order_id": order.client_order_id,
            "symbol": order.symbol,
            "board": order.board,
            "side": order.side,
            "kind": order.kind,
            "price_milli": order.price_milli,
            "quantity_shares": order.quantity_shares,
            "trading_day": order.trading_day,
            "turnaround": order.turnaround,
            "fee_version": order.fee_version,
        },
        at_us=order.placed_us,
    )
