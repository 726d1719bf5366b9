"""Profit and the counter's own books are one arithmetic: two days of chance deals, to the fen."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from h5app.kernel.error import AppError
from h5app.market.model import Level
from h5app.plumbing.db import Database
from h5app.trading.profit import Assets, CostMethod, assets, holding
from tests.counter.world import ACCOUNT, BOND, DAY, ETF, MAIN, World

CASH_FEN = 10_000_000
NEXT = "2026-11-25"
SYMBOLS = (MAIN, ETF, BOND)
Deal = tuple[str, str, int, int]
"""Symbol, side, lots, and the price in tenths of a percent of 10 yuan above or below it."""
deals = st.lists(
    st.tuples(
        st.sampled_from(SYMBOLS),
        st.sampled_from(["buy", "sell"]),
        st.integers(1, 30),
        st.integers(-80, 80),
    ),
    min_size=1,
    max_size=6,
)
ends = st.fixed_dictionaries({symbol: st.integers(-90, 90) for symbol in SYMBOLS})


@contextmanager
def opened(template: Path) -> Iterator[World]:
    """A counter with cash in it, on books of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "books.db"
        shutil.copy(template, path)
        database = Database(f"sqlite:///{path}")
        world = World(database)
        world.open_accounts(CASH_FEN)
        try:
            yield world
        finally:
            database.engine.dispose()


def price_of(tenths: int) -> int:
    """Return 10 yuan and so many tenths of a percent, on the tick of all."""
    return 10_000 + 10 * tenths


def trade(world: World, wishes: list[Deal], closes: dict[str, int]) -> bool:
    """Deal as wished, as far as the counter lets one; say whether nothing was sold out."""
    is_whole, before = True, held(world)
    for wish in wishes:
        deal(world, wish, closes)
        after = held(world)
        is_whole, before = is_whole and before <= after, after
    return is_whole


def deal(world: World, wish: Deal, closes: dict[str, int]) -> None:
    """Place one order at a price with a thousand shares on either side, and let it fill."""
    symbol, side, lots, tenths = wish
    price, shares = price_of(tenths), lots * world.stage.instruments[symbol].lot_shares
    if side == "sell":
        shares = min(shares, sellable(world, symbol)) or shares
    level = (Level(price, 1_000),)
    world.stage.show(symbol, last_milli=price, asks=level, bids=level, **_before(closes, symbol))
    with suppress(AppError):  # Not sellable today, or not covered: no deal.
        world.place(side, shares, price, symbol)
    world.step()
    world.stage.pass_seconds(3)


def held(world: World) -> set[str]:
    """Return what is held."""
    return {one.symbol for one in world.counter.positions(ACCOUNT) if one.quantity_shares}


def sellable(world: World, symbol: str) -> int:
    """Return what may be sold; a sale of more than that sells all of it."""
    rows = world.counter.positions(ACCOUNT)
    return sum(one.sellable_shares for one in rows if one.symbol == symbol)


def _before(closes: dict[str, int], symbol: str) -> dict[str, int]:
    return {"previous_close_milli": price_of(closes[symbol])} if closes else {}


def worth(world: World, ends: dict[str, int], closes: dict[str, int]) -> Assets:
    """Return the account at these last prices."""
    for symbol, tenths in ends.items():
        world.stage.show(symbol, last_milli=price_of(tenths), **_before(closes, symbol))
    rows = [
        holding(one, world.stage.instrument(one.symbol), world.stage.quote(one.symbol))
        for one in world.counter.positions(ACCOUNT)
    ]
    return assets(world.counter.balances(ACCOUNT), rows)


@settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # To shrink a failure would take minutes of opening books.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=deals, close=ends, second=deals, end=ends)
def test_profit_is_what_the_account_grew_by(
    sqlite_template: Path,
    first: list[Deal],
    close: dict[str, int],
    second: list[Deal],
    end: dict[str, int],
) -> None:
    """今日 and 持仓盈亏 of the rows add up to the growth of 总资产, with every fee, to the fen.

    The total of a row counts since it was last empty, so it is held against the account's only
    where nothing was sold out.
    """
    with opened(sqlite_template) as world:
        is_whole = trade(world, first, {})
        evening = worth(world, close, {})
        world.counter.close_day(DAY)
        world.counter.open_day(world.stage.go_to(f"{NEXT}T10:00:00").date())
        world.loop = world.new_loop()
        is_whole &= trade(world, second, close)
        now = worth(world, end, close)

    assert evening.today_fen == evening.total_fen - CASH_FEN
    assert now.today_fen == now.total_fen - evening.total_fen
    if is_whole:
        assert evening.profit_fen(CostMethod.DILUTED) == evening.total_fen - CASH_FEN
        assert now.profit_fen(CostMethod.DILUTED) == now.total_fen - CASH_FEN
