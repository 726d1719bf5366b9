"""Orders as tests send them, and what is to be read afterwards."""

import re

from werkzeug.test import TestResponse

from h5app.trading.model import price_text
from tests.faults.world import World

SYMBOL = "600036.SH"
_TAG = re.compile(r"<[^>]+>")


def buy(world: World, client_order_id: str, *, quantity: int = 100) -> dict[str, str]:
    """Return an order that is filled at once: its price is the fifth ask."""
    quote = world.house.market.quote(SYMBOL)
    assert quote is not None
    price = price_text(quote.asks[-1].price_milli) or ""
    return {
        "client_order_id": client_order_id,
        "symbol": SYMBOL,
        "side": "buy",
        "kind": "limit",
        "price": price,
        "quantity": str(quantity),
    }


def sell(world: World, client_order_id: str, *, quantity: int = 100) -> dict[str, str]:
    """Return a sale that is filled at once: its price is the fifth bid."""
    quote = world.house.market.quote(SYMBOL)
    assert quote is not None
    price = price_text(quote.bids[-1].price_milli) or ""
    return buy(world, client_order_id, quantity=quantity) | {"side": "sell", "price": price}


def journal(world: World) -> list[str]:
    """Return the marks of all orders that were written down, in their order."""
    rows = world.rows("SELECT client_order_id FROM trading_order ORDER BY placed_us, 1")
    return [row[0] for row in rows]


def taken(world: World) -> list[str]:
    """Return the marks of all orders that the counter took."""
    rows = world.rows("SELECT client_order_id FROM counter_orders ORDER BY order_id")
    return [row[0] for row in rows]


def sentence_of(page: TestResponse) -> str:
    """Return the words of a page."""
    return " ".join(_TAG.sub(" ", page.text).split())
