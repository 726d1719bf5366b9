"""Facts of the counter: in the transaction of the change, delivered as they were published."""

from h5app.counter.model import CashMoved, OrderAccepted, OrderCancelled, OrderFilled
from tests.counter.world import ACCOUNT, DAY, MAIN, World


def test_facts_arrive_as_they_were_published(both: World) -> None:
    """Money, acceptance, fill and end, in their order, on both databases."""
    told: list[object] = []
    filled = both.place("buy", 1_200, 10_010)
    both.step()
    both.counter.close_day(DAY)

    both.outbox.deliver_due(
        {kind: [told.append] for kind in (CashMoved, OrderAccepted, OrderFilled, OrderCancelled)}
    )

    assert both.outbox.waiting() == 0
    money, _, accepted, fill, end = told
    assert isinstance(money, CashMoved)
    assert isinstance(accepted, OrderAccepted)
    assert isinstance(fill, OrderFilled)
    assert isinstance(end, OrderCancelled)
    assert (money.amount_fen, money.on) == (10_000_000, DAY)
    assert (accepted.client_order_id, accepted.trading_day) == (filled.client_order_id, DAY)
    assert (fill.symbol, fill.price_milli, fill.quantity_shares) == (MAIN, 10_010, 1_000)
    assert (fill.account_id, fill.is_complete) == (ACCOUNT, False)
    assert (end.filled_shares, end.reason) == (1_000, "收盘")
