"""A security that does not exist, or that is none: 404 or 422 with a sentence, never 500."""

import pytest

from h5app.demo.customers import SETTLED
from tests.faults.browser import Browser
from tests.faults.orders import buy, journal, sentence_of
from tests.faults.world import World

UNLISTED = ("999999.SH", "000000.SZ", "600519.BJ")
NO_SYMBOLS = (
    "abc",
    "600519",
    "600519.XX",
    "６００５１９.SH",
    "%00",
    "..%2f..%2fetc%2fpasswd",
    "'; DROP TABLE market_instrument; --",
    "a" * 3000,
    "贵州茅台",
    "<script>alert(1)</script>",
)


@pytest.fixture(scope="module")
def customer(calm_world: World) -> Browser:
    """A customer who may trade."""
    browser = Browser(calm_world)
    browser.sign_in(SETTLED)
    return browser


@pytest.mark.parametrize("symbol", [*UNLISTED, *NO_SYMBOLS])
def test_its_page_is_not_there(stranger: Browser, symbol: str) -> None:
    """A page that says so and leads back; what was asked is not repeated as markup."""
    page = stranger.get(f"/market/{symbol}")

    assert page.status_code == 404
    assert "没有找到" in sentence_of(page) or "代码" in sentence_of(page)
    assert 'href="/market/"' in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("tail", ["line", "bars?period=day"])
@pytest.mark.parametrize("symbol", UNLISTED)
def test_its_figures_are_not_there(stranger: Browser, symbol: str, tail: str) -> None:
    """JSON with the error's name."""
    answer = stranger.get_json(f"/market/{symbol}/{tail}")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "market.no_such_instrument"


def test_lists_name_what_they_do_not_know(stranger: Browser) -> None:
    """A list of quotes gives those that there are, and says which are not."""
    answer = stranger.get_json("/market/quotes?symbols=999999.SH,600519.SH,abc,,%FF")

    assert answer.json is not None
    assert [row["symbol"] for row in answer.json["quotes"]] == ["600519.SH"]
    assert {"999999.SH", "ABC"} <= set(answer.json["unknown"])


def test_a_stream_of_nothing_known_says_so_and_lives(stranger: Browser) -> None:
    """The stream begins with the market's state, whatever was asked for."""
    answer = stranger.get("/stream?symbols=999999.SH,abc")
    first = next(answer.iter_encoded())
    answer.close()

    assert answer.status_code == 200
    assert b"event:" in first


@pytest.mark.parametrize("symbol", [*UNLISTED, "abc", "'--", "a" * 3000])
def test_its_ticket_is_refused(customer: Browser, symbol: str) -> None:
    """No ticket opens for it; the sentence says what to enter."""
    page = customer.get("/trade/ticket", query_string={"symbol": symbol, "side": "buy"})

    assert page.status_code in {404, 422}
    assert "代码" in sentence_of(page)


@pytest.mark.parametrize("symbol", [*UNLISTED, "abc", "", "a" * 3000])
def test_its_order_is_refused_and_leaves_nothing(
    calm_world: World, customer: Browser, symbol: str
) -> None:
    """422 by name; neither the journal nor the counter has heard of it."""
    order = buy(calm_world, "nowhere") | {"symbol": symbol}

    answer = customer.post_json("/trade/orders", order)
    page = customer.post_form("/trade/orders", **order)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["code"] == "trading.bad_symbol"
    assert page.status_code == 422
    assert "nowhere" not in journal(calm_world)


def test_an_index_is_no_order_either(calm_world: World, customer: Browser) -> None:
    """It has a price, but nobody can buy it."""
    order = buy(calm_world, "index") | {"symbol": "000001.SH"}

    assert customer.post_json("/trade/orders", order).status_code == 422


@pytest.mark.parametrize("symbol", [*UNLISTED, "abc"])
def test_it_cannot_be_watched_nor_estimated(customer: Browser, symbol: str) -> None:
    """The list stays as it was; the estimate says why there is none."""
    watched = customer.post_json("/market/watchlist", {"action": "add", "symbol": symbol})
    estimate = customer.post_json(
        "/trade/estimate", {"symbol": symbol, "side": "buy", "price": "10", "quantity": "100"}
    )

    assert watched.status_code in {404, 422}
    assert estimate.status_code in {404, 422}
    assert "Traceback" not in watched.text + estimate.text
