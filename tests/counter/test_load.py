"""Customers, the venue and the auditor at the same time: the books are right at every instant."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

from h5app.counter.audit import audit
from h5app.counter.refusal import CounterRefusal
from h5app.market.model import Level
from tests.counter.world import ACCOUNT, DAY, MAIN, OTHER, World

CUSTOMERS = 4
WISHES = 25


def test_the_books_are_right_while_everybody_is_busy(both: World) -> None:
    """Four customers on two accounts place, cancel and pay in, while the venue fills."""
    for account_id in (ACCOUNT, OTHER):
        both.give_shares(5_000, account_id=account_id)
    is_over = Event()
    looks: list[int] = []

    def trade(seed: int) -> None:
        chance, placed = random.Random(seed), []
        account_id = (ACCOUNT, OTHER)[seed % 2]
        for number in range(WISHES):
            with suppress(CounterRefusal):
                order = both.place(
                    chance.choice(("buy", "sell")),
                    100 * chance.randint(1, 9),
                    10_000 + 10 * chance.randint(-3, 3),
                    account_id=account_id,
                    client_order_id=f"l-{seed}-{number}",
                )
                placed.append(order.order_id)
                if chance.random() < 0.3:
                    both.counter.cancel(account_id, chance.choice(placed))
            both.counter.deposit(account_id, 100, on=DAY, key=f"{seed}-{number}")

    def run_venue() -> None:
        chance = random.Random(1)
        while not is_over.is_set():
            last = 10_000 + 10 * chance.randint(-2, 2)
            both.stage.show(
                MAIN,
                asks=(Level(last + 10, 100 * chance.randint(1, 9)),),
                bids=(Level(last, 100 * chance.randint(1, 9)),),
            )
            both.step()

    def look() -> None:
        while not is_over.is_set():
            problems = audit(both.database)
            assert problems == []
            looks.append(len(problems))

    with ThreadPoolExecutor(CUSTOMERS + 2) as pool:
        others = [pool.submit(run_venue), pool.submit(look)]
        customers = [pool.submit(trade, seed) for seed in range(CUSTOMERS)]
        try:
            for customer in customers:
                customer.result(timeout=60)
        finally:
            is_over.set()
        for other in others:
            other.result(timeout=60)

    assert looks
    both.step()
    both.counter.close_day(DAY)
    both.assert_right()
    assert both.counter.balances(ACCOUNT).frozen_fen == 0
