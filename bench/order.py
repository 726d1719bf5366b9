"""order: accepted orders a second, against raw three-statement commits on the same database."""

import sqlite3
import time
from collections.abc import Callable, Iterator

import psycopg

from bench.figure import Figure, Round, quantile
from bench.stage import Stage, Stages
from h5app.counter.model import NewAccount
from h5app.house import House
from h5app.market.model import OrderKind
from h5app.trading.model import OrderWord, PlaceOrder

ROUNDS = 5
ACCOUNT = "80000099"
CASH_FEN = 10**13
BOUGHT = ("600036.SH", "600900.SH", "601318.SH", "510300.SH")
_TABLES = (
    "CREATE TABLE bench_account (account_id INTEGER PRIMARY KEY, available BIGINT)",
    "CREATE TABLE bench_order (order_id INTEGER PRIMARY KEY, account_id INTEGER, price BIGINT)",
    "CREATE TABLE bench_entry (entry_id INTEGER PRIMARY KEY, order_id INTEGER, amount BIGINT)",
    "INSERT INTO bench_account VALUES (1, 0)",
)
_STATEMENTS = (
    "UPDATE bench_account SET available = available - 1 WHERE account_id = 1",
    "INSERT INTO bench_order VALUES ({number}, 1, 10000)",
    "INSERT INTO bench_entry VALUES ({number}, {number}, 1)",
)
Commit = Callable[[int], None]


def order(stages: Stages) -> Iterator[Figure]:
    """Orders through trading and counter, one client, SQLite with synchronous=FULL."""
    stage = stages.sqlite
    raw = sqlite3.connect(stage.folder / "raw.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
    yield _figure(stage, "order", "SQLite FULL", sqlite_commit(raw))
    raw.close()


def sqlite_commit(raw: sqlite3.Connection) -> Commit:
    """Return one raw transaction of three statements."""
    for statement in _TABLES:
        raw.execute(statement)

    def commit(number: int) -> None:
        raw.execute("BEGIN IMMEDIATE")
        for statement in _STATEMENTS:
            raw.execute(statement.format(number=number))
        raw.execute("COMMIT")

    return commit


def order_postgresql(stages: Stages) -> Iterator[Figure]:
    """The same on PostgreSQL."""
    stage = stages.postgresql
    url = stage.house.ground.database.url.render_as_string(hide_password=False)
    with psycopg.connect(url.replace("+psycopg", "")) as raw:
        for statement in _TABLES:
            raw.execute(statement)
        raw.commit()

        def commit(number: int) -> None:
            for statement in _STATEMENTS:
                raw.execute(statement.format(number=number))
            raw.commit()

        yield _figure(stage, "order_postgresql", "PostgreSQL", commit)


def _figure(stage: Stage, name: str, about: str, commit: Commit) -> Figure:
    place = placing(stage)
    count = stage.size.of(2000, 200, 10)
    seconds: list[float] = []
    rounds = []
    for number in range(stage.size.of(ROUNDS, ROUNDS, 1)):
        stage.board.fill()
        first = number * count
        rounds.append(
            Round(
                value=_rate(place, first, count, seconds), ceiling=_rate(commit, first, count, [])
            )
        )
    p50, p99 = (quantile(seconds, part) * 1000 for part in (0.5, 0.99))
    return Figure(
        name=name,
        about=f"已接受的委托 (流水+柜台+应答,{about}),p50 {p50:.2f} p99 {p99:.2f} 毫秒;"
        "对照三条语句一次提交",
        unit="笔/秒",
        rounds=rounds,
        ratio_min=0.15,
    )


def _rate(act: Commit, first: int, count: int, seconds: list[float]) -> float:
    began = time.perf_counter()
    for number in range(first, first + count):
        before = time.perf_counter()
        act(number)
        seconds.append(time.perf_counter() - before)
    return count / (time.perf_counter() - began)


def placing(stage: Stage) -> Commit:
    """Return what places one order of an account that can pay for all of them."""
    house = stage.house
    _open_account(house)
    stage.board.fill()
    quotes = house.market.quotes(BOUGHT)
    prices = {one.symbol: one.last_milli for one in quotes if one and one.last_milli}
    symbols = tuple(prices)

    def place(number: int) -> None:
        symbol = symbols[number % len(symbols)]
        wish = PlaceOrder(
            client_order_id=f"bench-{number}",
            symbol=symbol,
            side="buy",
            kind=OrderKind.LIMIT,
            price_milli=prices[symbol],
            quantity_shares=100,
        )
        placed = house.trading.place_order(ACCOUNT, wish)
        assert placed.order.entry.word is OrderWord.ACCEPTED, placed.order.entry.reason

    return place


def _open_account(house: House) -> None:
    today = house.market.today()
    house.counter.open_account(
        NewAccount(
            fund_account=ACCOUNT,
            holder_name="量速",
            phone="13800000099",
            password="135791",  # noqa: S106 - a bench's own account
            opened_on=today,
        )
    )
    house.counter.deposit(ACCOUNT, CASH_FEN, on=today, key="bench-cash")
