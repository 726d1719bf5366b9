"""The short walk: an order is taken, reported, filled, and stands in the books."""

from h5app.counter.model import OrderState
from tests.counter.world import ACCOUNT, DAY, MAIN, World


def test_a_buy_is_taken_reported_and_filled(both: World) -> None:
    """待报, 已报, 已成; cash left by amount and fees, shares settle until the next day."""
    report = both.place("buy", 100, 10_010)
    assert report.state is OrderState.WAITING
    assert both.counter.balances(ACCOUNT).frozen_fen == 100_100 + 500 + 1

    both.step()

    done = both.order(report.client_order_id)
    assert done.state is OrderState.FILLED
    cash = both.counter.balances(ACCOUNT)
    assert (cash.frozen_fen, cash.total_fen) == (0, 10_000_000 - 100_100 - 501)
    (held,) = both.counter.positions(ACCOUNT)
    assert (held.symbol, held.quantity_shares, held.settling_shares) == (MAIN, 100, 100)
    (fill,) = both.counter.fills(ACCOUNT, DAY)
    assert (fill.price_milli, fill.fee_fen) == (10_010, 501)


def test_bought_shares_may_be_sold_on_the_next_day(both: World) -> None:
    """T+1 turns over when the next day opens."""
    both.place("buy", 100, 10_010)
    both.step()
    both.counter.close_day(DAY)

    now = both.stage.go_to("2026-11-25T09:35:00")
    both.counter.open_day(now.date())
    both.place("sell", 100, 10_000)
    both.assert_right()
    both.step()

    assert [one.quantity_shares for one in both.counter.positions(ACCOUNT)] == [0]
    cash = both.counter.balances(ACCOUNT)
    assert cash.withdrawable_fen == 10_000_000 - 100_100 - 501
    assert cash.available_fen == cash.withdrawable_fen + 100_000 - 500 - 50 - 1
    both.assert_right()
