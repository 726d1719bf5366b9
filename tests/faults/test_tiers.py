"""Who may see what: every route says so, and no private figure stands below its tier."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from h5app.demo.customers import SETTLED
from h5app.identity.gate import tier_of, undeclared
from h5app.identity.model import Tier
from tests.faults.browser import Browser
from tests.faults.lived_in import PHONE, LivedIn, live
from tests.faults.world import World, copied
from tests.simulator.served import RunningSimulator

STEP_UP_SECONDS = 16 * 60


@pytest.fixture(scope="module")
def lived_in(
    seeded: Path,
    app_port: int,
    platform: RunningSimulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LivedIn]:
    """A house with a customer whose figures are known."""
    world = World(copied(seeded, tmp_path_factory.mktemp("lived")), app_port, platform)
    world.begin()
    yield live(world)
    world.close()


def visitor(lived: LivedIn) -> Browser:
    """Nobody, in an ordinary browser."""
    return Browser(lived.world)


def follower(lived: LivedIn) -> Browser:
    """A WeChat user without an account."""
    browser = Browser(lived.world, "u2")
    browser.open("/go/quotes")
    return browser


def bound(lived: LivedIn) -> Browser:
    """The customer's own phone, opened anew: known and bound, the password not given."""
    browser = Browser(lived.world, PHONE)
    browser.open("/go/quotes")
    return browser


def run_out(lived: LivedIn) -> Browser:
    """The customer in an ordinary browser, a quarter of an hour after the password."""
    browser = Browser(lived.world)
    browser.sign_in(SETTLED)
    lived.world.wall.advance(STEP_UP_SECONDS)
    lived.world.feed()
    return browser


def seen(lived: LivedIn, browser: Browser) -> dict[str, list[str]]:
    """Return the private figures by the address that shows them, as page and as JSON."""
    found: dict[str, list[str]] = {}
    for address in lived.addresses():
        if address.startswith("/stream"):
            continue  # It never ends, and holds rows of /market/quotes.
        for answer in (browser.get(address), browser.get_json(address)):
            assert answer.status_code != 500, address
            figures = lived.shown(address, answer.text + str(answer.headers))
            if figures:
                found.setdefault(address, []).extend(figures)
    return found


@pytest.mark.parametrize("who", [visitor, follower, bound, run_out])
def test_nothing_private_below_the_password(
    lived_in: LivedIn, who: Callable[[LivedIn], Browser]
) -> None:
    """Balances, positions, amounts of orders, fills, payments: in no page, in no JSON."""
    assert seen(lived_in, who(lived_in)) == {}


def test_the_crawl_would_find_them(lived_in: LivedIn) -> None:
    """With the password given the same addresses show all of it: the search is not blind."""
    customer = Browser(lived_in.world)
    customer.sign_in(SETTLED)

    found = seen(lived_in, customer)

    for address in (
        "/trade/positions",
        "/trade/funds",
        "/trade/orders",
        "/trade/fills",
        "/wealth/",
    ):
        assert found[address], address


def test_a_neighbour_sees_none_of_it(lived_in: LivedIn) -> None:
    """Another WeChat user, on every address that names something of the customer's."""
    neighbour = follower(lived_in)
    for address in lived_in.addresses():
        is_somebodys = address.startswith(("/me/messages/", "/wealth/entries/", "/trade/orders/"))
        if is_somebodys and not address.endswith(("/new", "/unread")):
            assert neighbour.get_json(address).status_code in {302, 401, 403, 404, 405}, address


def test_every_route_declares_its_tier(lived_in: LivedIn) -> None:
    """A route without a tier is our mistake."""
    assert undeclared(lived_in.world.app) == []


def test_trading_is_nobodys_below_a_binding(lived_in: LivedIn) -> None:
    """Every route of trading needs an account, and all that shows or moves money the password."""
    app = lived_in.world.app
    tiers = {
        name: tier_of(view) for name, view in app.view_functions.items() if name.startswith("trad")
    }

    assert all(tier is not None and tier >= Tier.BOUND for tier in tiers.values())
    for name in ("place", "cancel", "cancel_all", "positions", "funds", "orders", "order", "fills"):
        assert tiers[f"trading.{name}"] == Tier.STEPPED_UP


@pytest.mark.parametrize(("who", "reached"), [(visitor, 0), (follower, 1), (bound, 2)])
def test_the_gate_keeps_its_word(
    lived_in: LivedIn, who: Callable[[LivedIn], Browser], reached: int
) -> None:
    """Every GET route, asked for as JSON, by somebody whose tier does not reach it."""
    browser = who(lived_in)
    app = lived_in.world.app
    for address in lived_in.addresses():
        endpoint, _values = app.url_map.bind("127.0.0.1").match(address)
        tier = tier_of(app.view_functions[endpoint])
        assert tier is not None
        if tier > reached:
            assert browser.get_json(address).status_code in {401, 403}, address
