"""The price of a call auction, against a brute force over every tick."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.market.auction import CallOrder, CallResult, call_price
from h5app.market.model import Exchange, Side

REFERENCE = 10_020


def orders(*rows: tuple[str, int, int]) -> list[CallOrder]:
    """Orders from side, price and quantity."""
    return [CallOrder(Side(side), price, quantity) for side, price, quantity in rows]


def solve(
    book: list[CallOrder], exchange: Exchange = Exchange.SSE, reference: int = REFERENCE
) -> CallResult:
    """The product's answer with a tick of 0.01."""
    return call_price(book, exchange=exchange, reference_milli=reference, tick_milli=10)


def test_no_cross_returns_everything() -> None:
    """The best buy below the best sell, or an empty side: no price, nothing matched."""
    assert solve(orders(("buy", 9_990, 100), ("sell", 10_000, 100))) == CallResult(None, 0)
    assert solve(orders(("buy", 9_990, 100))) == CallResult(None, 0)
    assert solve([]) == CallResult(None, 0)


def test_shanghai_takes_the_middle_and_shenzhen_the_nearest() -> None:
    """The same book has two prices; Beijing follows Shanghai."""
    book = orders(("buy", 10_100, 1_000), ("sell", 10_000, 1_000))

    assert solve(book).price_milli == 10_050
    assert solve(book, Exchange.BSE).price_milli == 10_050
    assert solve(book, Exchange.SZSE).price_milli == REFERENCE
    assert solve(book, Exchange.SZSE, 9_500).price_milli == 10_000
    assert solve(book, Exchange.SZSE, 10_500).price_milli == 10_100


def test_what_is_left_over_is_told_with_its_side() -> None:
    """The virtual depth of a call needs the unmatched rest."""
    book = orders(("buy", 11_000, 3_000), ("sell", 10_500, 500))

    assert solve(book) == CallResult(11_000, 500, 2_500, Side.BUY)


def test_better_prices_are_filled_first() -> None:
    """A price at which a better-priced order stays open is not the price."""
    book = orders(
        ("buy", 10_100, 300),
        ("buy", 10_050, 400),
        ("buy", 10_000, 500),
        ("sell", 9_980, 200),
        ("sell", 10_030, 600),
        ("sell", 10_060, 500),
    )

    assert solve(book) == CallResult(10_030, 700, 100, Side.SELL)


@dataclass(frozen=True)
class Tick:
    """What would happen at one tick."""

    price: int
    bought: int
    sold: int
    is_allowed: bool

    @property
    def volume(self) -> int:
        """What matches."""
        return min(self.bought, self.sold)


def every_tick(book: list[CallOrder]) -> list[Tick]:
    """All ticks from the lowest to the highest order."""
    prices = [each.price_milli for each in book]

    def total(side: Side, low: int, high: int) -> int:
        return sum(
            each.quantity_shares
            for each in book
            if each.side is side and low <= each.price_milli <= high
        )

    ticks = []
    for price in range(min(prices), max(prices) + 10, 10):
        bought, sold = total(Side.BUY, price, 10**9), total(Side.SELL, 0, price)
        better = max(total(Side.BUY, price + 10, 10**9), total(Side.SELL, 0, price - 10))
        ticks.append(Tick(price, bought, sold, better <= min(bought, sold)))
    return ticks


order = st.tuples(
    st.sampled_from(["buy", "sell"]), st.integers(990, 1_015).map(lambda n: n * 10),
    st.integers(1, 9).map(lambda n: n * 100),
)  # fmt: skip


@given(rows=st.lists(order, min_size=1, max_size=14), reference=st.integers(985, 1_020))
@pytest.mark.parametrize("exchange", [Exchange.SSE, Exchange.SZSE])
def test_the_price_is_the_one_of_the_rule_text(
    exchange: Exchange, rows: list[tuple[str, int, int]], reference: int
) -> None:
    """Most volume, better orders filled, least unmatched, then the middle or the nearest."""
    book = orders(*rows)
    ticks = every_tick(book)
    most = max(tick.volume for tick in ticks)

    found = solve(book, exchange, reference * 10)

    assert found.volume_shares == most
    if most == 0:
        assert found.price_milli is None
        return
    rest = [tick for tick in ticks if tick.volume == most and tick.is_allowed]
    least = min(abs(tick.bought - tick.sold) for tick in rest)
    prices = [tick.price for tick in rest if abs(tick.bought - tick.sold) == least]
    assert found.unmatched_shares == least
    if exchange is Exchange.SZSE:
        assert found.price_milli in prices
        distance = min(abs(price - reference * 10) for price in prices)
        assert abs(found.price_milli - reference * 10) == distance
    else:
        assert found.price_milli is not None
        assert abs(2 * found.price_milli - prices[0] - prices[-1]) <= 10
