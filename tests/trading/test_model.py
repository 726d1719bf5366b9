"""The edge: what may become a wish, and what is refused with which code."""

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5app.kernel.error import AppError
from h5app.kernel.money import milli_text
from h5app.market.model import OrderKind
from h5app.trading.model import (
    PRICE_MILLI_MAX,
    QUANTITY_SHARES_MAX,
    WORD_MOVES,
    OrderWord,
    parse_place_order,
)

GOOD: dict[str, Any] = {
    "client_order_id": "t-0001",
    "symbol": "600519.SH",
    "side": "buy",
    "kind": "limit",
    "price": "10.25",
    "quantity": "100",
}


def test_a_form_becomes_exact_types() -> None:
    """Price text becomes milli-yuan, quantity text whole shares."""
    order = parse_place_order(GOOD)

    assert (order.price_milli, order.quantity_shares) == (10_250, 100)
    assert (order.symbol, order.side, order.kind) == ("600519.SH", "buy", OrderKind.LIMIT)


def test_json_may_carry_the_quantity_as_an_integer() -> None:
    """A JSON integer is exact and is taken."""
    assert parse_place_order(GOOD | {"quantity": 200}).quantity_shares == 200


def test_a_market_kind_needs_no_price() -> None:
    """Without a protection price the price is 0."""
    fields = GOOD | {"kind": "opposite_best", "price": ""}

    assert parse_place_order(fields).price_milli == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("client_order_id", None, "trading.bad_client_order_id"),
        ("client_order_id", "", "trading.bad_client_order_id"),
        ("client_order_id", "a b", "trading.bad_client_order_id"),
        ("client_order_id", "x" * 65, "trading.bad_client_order_id"),
        ("client_order_id", 7, "trading.bad_client_order_id"),
        ("client_order_id", "../me", "trading.bad_client_order_id"),
        ("client_order_id", "一二三", "trading.bad_client_order_id"),
        ("symbol", "600519", "trading.bad_symbol"),
        ("symbol", "600519.HK", "trading.bad_symbol"),
        ("symbol", None, "trading.bad_symbol"),
        ("symbol", ["600519.SH"], "trading.bad_symbol"),
        ("symbol", "6005１9.SH", "trading.bad_symbol"),
        ("side", "BUY", "trading.bad_side"),
        ("side", "", "trading.bad_side"),
        ("side", {"buy": 1}, "trading.bad_side"),
        ("side", None, "trading.bad_side"),
        ("kind", "stop", "trading.bad_kind"),
        ("kind", [], "trading.bad_kind"),
        ("kind", None, "trading.bad_kind"),
        ("price", "0", "trading.bad_price"),
        ("price", "-1", "trading.bad_price"),
        ("price", "", "trading.bad_price"),
        ("price", "1e3", "trading.bad_price"),
        ("price", "NaN", "trading.bad_price"),
        ("price", "Infinity", "trading.bad_price"),
        ("price", "10.0001", "trading.bad_price"),
        ("price", "١٠", "trading.bad_price"),
        ("price", "1" * 40, "trading.bad_price"),
        ("price", "1000000.001", "trading.bad_price"),
        ("price", 10.25, "trading.bad_price"),
        ("price", 10, "trading.bad_price"),
        ("price", None, "trading.bad_price"),
        ("price", ["10"], "trading.bad_price"),
        ("quantity", "0", "trading.bad_quantity"),
        ("quantity", "-100", "trading.bad_quantity"),
        ("quantity", "100.0", "trading.bad_quantity"),
        ("quantity", "", "trading.bad_quantity"),
        ("quantity", 100.0, "trading.bad_quantity"),
        ("quantity", True, "trading.bad_quantity"),
        ("quantity", float("nan"), "trading.bad_quantity"),
        ("quantity", 10**40, "trading.bad_quantity"),
        ("quantity", "1" * 5000, "trading.bad_quantity"),
        ("quantity", None, "trading.bad_quantity"),
        ("quantity", {}, "trading.bad_quantity"),
    ],
)
def test_what_is_no_order_is_refused_by_name(field: str, value: object, code: str) -> None:
    """Each wrong field has a code of its own and a sentence in Chinese; nothing is rounded."""
    with pytest.raises(AppError) as refused:
        parse_place_order(GOOD | {field: value})

    assert refused.value.code == code
    assert 400 <= refused.value.status < 500
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message)


UNHURRIED = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], database=None
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=3,
)


@UNHURRIED
@given(st.dictionaries(st.sampled_from([*GOOD, "extra"]), JSON_VALUES))
def test_any_json_object_is_an_order_or_a_named_refusal(fields: dict[str, object]) -> None:
    """Nothing from outside raises anything but an AppError."""
    order = None
    with contextlib.suppress(AppError):
        order = parse_place_order(GOOD | fields)
    if order is None:
        return
    assert 0 < order.quantity_shares <= QUANTITY_SHARES_MAX
    assert 0 <= order.price_milli <= PRICE_MILLI_MAX


@UNHURRIED
@given(st.integers(1, PRICE_MILLI_MAX))
def test_a_price_survives_its_text(price_milli: int) -> None:
    """What is printed is what is read."""
    assert (
        parse_place_order(GOOD | {"price": milli_text(price_milli, 3)}).price_milli == price_milli
    )


def test_the_same_wish_in_another_spelling_is_the_same_wish() -> None:
    """Trailing zeros and the case of the exchange do not make another body."""
    first = parse_place_order(GOOD)
    second = parse_place_order(GOOD | {"price": "10.250", "symbol": "600519.sh", "quantity": 100})

    assert first.body_hash == second.body_hash


@pytest.mark.parametrize(
    "change", [{"price": "10.26"}, {"quantity": "200"}, {"side": "sell"}, {"symbol": "000001.SZ"}]
)
def test_another_wish_has_another_hash(change: dict[str, str]) -> None:
    """Every field of the body counts."""
    assert parse_place_order(GOOD).body_hash != parse_place_order(GOOD | change).body_hash


def test_an_accepted_order_never_becomes_anything_else() -> None:
    """The words only move along the table; acceptance ends them."""
    assert WORD_MOVES[OrderWord.ACCEPTED] == frozenset()
    assert OrderWord.ACCEPTED in WORD_MOVES[OrderWord.REFUSED]
    assert set(WORD_MOVES) == set(OrderWord)
