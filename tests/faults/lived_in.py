"""A customer with a history of today, every address that shows something of it, and its figures."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from h5app.demo.customers import SETTLED
from tests.faults.browser import Browser
from tests.faults.orders import SYMBOL, buy, sell
from tests.faults.world import World

PHONE = "u1"
OWN_AMOUNT = "4321.09"
ANYTHING = ("1",)
"""What an argument of a route is where nothing better is known."""
SMALL_FEN, ROUND_FEN, ROUND_SHARES = 1_000, 100_000, 1_000


@dataclass(frozen=True)
class LivedIn:
    """The house, what to put into the addresses of its routes, and what must not be shown."""

    world: World
    arguments: Mapping[str, tuple[str, ...]]
    amounts: frozenset[str]
    numbers: frozenset[str]

    def addresses(self) -> Iterator[str]:
        """Yield every GET address, for each thing that its route can name."""
        for rule in self.world.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()):
                continue
            names = sorted(rule.arguments)
            for values in product(*[self.arguments.get(name, ANYTHING) for name in names]):
                with self.world.app.test_request_context():
                    yield self.world.app.url_for(
                        rule.endpoint,
                        **dict(zip(names, values, strict=True)),  # type: ignore[arg-type]
                    )

    def shown(self, address: str, text: str) -> list[str]:
        """Return the private figures that stand in a text."""
        found = [amount for amount in self.amounts if stands_in(amount, text)]
        if not address.startswith("/market/"):  # Quotes hold whole numbers of every size.
            found += [number for number in self.numbers if stands_in(number, text)]
        return found


def stands_in(number: str, text: str) -> bool:
    """Say whether a number stands in a text as a number of its own."""
    return re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", text) is not None


def live(world: World) -> LivedIn:
    """Bind the settled customer to a phone and let him trade, plan and be told."""
    phone = Browser(world, PHONE)
    phone.open("/go/positions")
    phone.bind(SETTLED)
    phone.post_json("/trade/orders", buy(world, "filled", quantity=300))
    phone.post_json("/trade/orders", sell(world, "sold", quantity=250))
    world.venue()
    resting = buy(world, "resting", quantity=700)
    resting["price"] = f"{float(resting['price']) - 0.6:.2f}"
    phone.post_json("/trade/orders", resting)
    world.venue()
    phone.post_form("/trade/confirmation", **buy(world, "asked", quantity=900))
    phone.post_form(
        "/wealth/entries",
        title="读书会",
        kind="personal",
        first_on="2026-11-28",
        amount=OWN_AMOUNT,
        once_key="k" * 22,
    )
    phone.get("/wealth/")
    phone.post_form("/wealth/feed")
    feed = phone.get("/wealth/feed").text
    for _ in range(4):
        world.jobs()
        world.wall.advance(1)
    world.feed()
    account = SETTLED.fund_account
    return LivedIn(
        world,
        _arguments(world, phone, feed),
        frozenset(text for fen in _amounts(world, account) for text in _written(fen)),
        frozenset(_numbers(world, account)),
    )


def _arguments(world: World, phone: Browser, feed: str) -> dict[str, tuple[str, ...]]:
    listed = phone.get_json("/me/messages").json
    assert listed is not None
    notices = tuple(str(one["id"]) for one in listed["messages"])
    keys = world.rows("SELECT open_key FROM notify_inbox")
    calendar = phone.get("/wealth/").text
    refs = tuple(sorted(set(re.findall(r"/wealth/entries/([\w.-]+)\?", calendar))))
    token = re.search(r"/wealth/([\w-]+)\.ics", feed)
    assert notices
    assert refs
    assert token is not None
    return {
        "symbol": (SYMBOL, "600519.SH"),
        "reference": ("filled", "sold", "resting", "1"),
        "client_order_id": ("asked",),
        "notice_id": notices,
        "key": tuple(row[0] for row in keys),
        "ref": refs,
        "token": (token[1],),
        "entry": tuple(world.house.wechat.plan.entries),
        "name": ("x",),
        "filename": ("app.css",),
    }


def _amounts(world: World, account: str) -> set[int]:
    """Return what the account has, moved and pays, in fen; round sums stand anywhere."""
    trading, counter = world.house.trading, world.house.counter
    assets, today = trading.assets(account), world.house.market.today()
    cash, fills = assets.balances, counter.fills(account, today)
    found = {cash.total_fen, cash.available_fen, cash.frozen_fen, cash.withdrawable_fen}
    found |= {assets.total_fen, assets.market_value_fen, round(float(OWN_AMOUNT) * 100)}
    found |= {row.market_value_fen or 0 for row in assets.holdings}
    found |= {row.position.cost_fen for row in assets.holdings}
    found |= {fill.amount_fen for fill in fills}
    found |= {abs(one.amount_fen) for one in counter.cash_entries(account, date(2025, 1, 1))}
    return {fen for fen in found if fen >= SMALL_FEN and fen % ROUND_FEN}


def _written(fen: int) -> Iterator[str]:
    yield f"{fen // 100:,}.{fen % 100:02}"
    yield f"{fen // 100}.{fen % 100:02}"


def _numbers(world: World, account: str) -> Iterator[str]:
    """Yield amounts in fen, and quantities that say something by themselves."""
    yield from map(str, _amounts(world, account))
    for position in world.house.counter.positions(account):
        if position.quantity_shares > ROUND_SHARES and position.quantity_shares % ROUND_SHARES:
            yield str(position.quantity_shares)
            yield f"{position.quantity_shares:,}"
