"""The end of an order: its open rest is gone, and what was frozen for it is free again."""

from dataclasses import replace

from sqlalchemy import Connection

from h5app.counter import store_ledger, store_orders
from h5app.counter.instants import moment_of
from h5app.counter.model import OrderCancelled, OrderState, may_move, state_after_cancel
from h5app.counter.posting import AVAILABLE, CASH, FROZEN, SELLABLE, Line
from h5app.counter.store_ledger import Entry, Posting
from h5app.counter.stored_order import StoredOrder
from h5app.plumbing.outbox import Outbox


class Ending:
    """Ends orders; the caller holds the account's lock."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def end(
        self, connection: Connection, order: StoredOrder, reason: str, now_us: int
    ) -> StoredOrder | None:
        """End an order by the counter's own hand; None when its state moved meanwhile."""
        after = self.close(connection, order, reason, now_us)
        if after is None:
            return None
        entry = Entry(
            kind="end",
            account_id=order.account_id,
            order_id=order.order_id,
            body={"reason": reason},
            at_us=now_us,
        )
        store_ledger.write(connection, entry)
        return after

    def close(
        self, connection: Connection, order: StoredOrder, reason: str, now_us: int
    ) -> StoredOrder | None:
        """Move an open order to 5 or 6, release what it held, and tell; None when it moved."""
        after = ended(order, state_after_cancel(filled_shares=order.filled_shares), reason, now_us)
        if not store_orders.change(connection, order, after):
            return None
        release(connection, order, now_us)
        self._outbox.publish(
            connection,
            OrderCancelled(
                account_id=order.account_id,
                order_id=order.order_id,
                client_order_id=order.client_order_id,
                symbol=order.symbol,
                filled_shares=order.filled_shares,
                reason=reason,
                at=moment_of(now_us),
            ),
        )
        return after


def ended(order: StoredOrder, state: OrderState, reason: str, now_us: int) -> StoredOrder:
    """Return the order in a final state, with nothing frozen."""
    assert state.is_final, state
    assert may_move(order.state, state), (order.state, state)
    return replace(
        order, state=state, reason=reason, frozen_fen=0, frozen_shares=0, updated_us=now_us
    )


def release(connection: Connection, order: StoredOrder, now_us: int) -> None:
    """Give back what an order still holds."""
    posting = Posting(
        transfer=f"release:{order.order_id}",
        account_id=order.account_id,
        on_day=order.trading_day,
        at_us=now_us,
        order_id=order.order_id,
    )
    store_ledger.post(connection, posting, release_lines(order))


def release_lines(order: StoredOrder) -> list[Line]:
    """Return the lines that give back what an order still holds."""
    lines = []
    if order.frozen_fen:
        lines.append(Line(CASH, FROZEN, AVAILABLE, order.frozen_fen, "release"))
    if order.frozen_shares:
        lines.append(Line(order.symbol, FROZEN, SELLABLE, order.frozen_shares, "release"))
    return lines
