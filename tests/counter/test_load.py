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
SHARES = 5_000


class Floor:
    """What runs at the same time, until it is over."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_over = Event()
        self.looks = 0

    def trade(self, seed: int) -> None:
        """One customer: places, sometimes cancels, pays in."""
        chance, account_id = random.Random(seed), (ACCOUNT, OTHER)[seed % 2]
        placed: list[int] = []
        for number in range(WISHES):
            with suppress(CounterRefusal):
                order = self.world.place(
                    chance.choice(("buy", "sell")),
                    100 * chance.randint(1, 9),
                    10_000 + 10 * chance.randint(-3, 3),
                    account_id=account_id,
                    client_order_id=f"l-{seed}-{number}",
                )
                placed.append(order.order_id)
                if chance.random() < 0.3:
                    self.world.counter.cancel(account_id, chance.choice(placed))
            self.world.counter.deposit(account_id, 100, on=DAY, key=f"{seed}-{number}")

    def run_venue(self) -> None:
        """The market moves, the venue fills."""
        chance = random.Random(1)
        while not self.is_over.is_set():
            last = 10_000 + 10 * chance.randint(-2, 2)
            self.world.stage.show(
                MAIN,
                asks=(Level(last + 10, 100 * chance.randint(1, 9)),),
                bids=(Level(last, 100 * chance.randint(1, 9)),),
            )
            self.world.step()

    def look(self) -> None:
        """The auditor looks again and again; so does somebody at the positions."""
        while not self.is_over.is_set():
            assert audit(self.world.database) == []
            for account_id in (ACCOUNT, OTHER):
                (held,) = self.world.counter.positions(account_id)
                assert held.opening_shares == SHARES
            self.looks += 1


def test_the_books_are_right_while_everybody_is_busy(both: World) -> None:
    """Four customers on two accounts place, cancel and pay in, while the venue fills."""
    for account_id in (ACCOUNT, OTHER):
        both.give_shares(SHARES, account_id=account_id)
    floor = Floor(both)

    with ThreadPoolExecutor(CUSTOMERS + 2) as pool:
        others = [pool.submit(floor.run_venue), pool.submit(floor.look)]
        customers = [pool.submit(floor.trade, seed) for seed in range(CUSTOMERS)]
        try:
            for customer in customers:
                customer.result(timeout=60)
        finally:
            floor.is_over.set()
        for other in others:
            other.result(timeout=60)

    assert floor.looks
    both.step()
    both.counter.close_day(DAY)
    both.assert_right()
    assert both.counter.balances(ACCOUNT).frozen_fen == 0
