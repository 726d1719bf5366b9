"""The ticket: looked at by anybody with an account, its figures by nobody without the password."""

import re

import pytest

from h5app.identity.model import Tier
from h5app.market.model import OrderKind
from tests.trading.conftest import JSON, Room, wish
from tests.trading.fakes import MAOTAI, FakePrices, position

TICKET = f"/trade/ticket?symbol={MAOTAI}&side=buy"


def form(**more: object) -> dict[str, str]:
    """A ticket as it is typed."""
    return {name: str(value) for name, value in wish(**more).items()}


def own_id(text: str) -> str:
    """The client_order_id that a ticket's page carries."""
    found = re.search(r'name="client_order_id" value="([\w-]+)"', text)
    assert found
    return found.group(1)


def test_a_ticket_opens_with_the_other_sides_best_price(room: Room) -> None:
    """Name, limits, levels and an id of its own; the price is 卖一, the quantity is empty."""
    text = room.page(TICKET)

    assert "贵州茅台" in text
    assert 'data-testid="price"' in text
    assert 'value="10.11"' in text
    for words in ("跌停", "现价", "涨停", "全仓", "1/4", "卖五", "买五", "模拟行情"):
        assert words in text
    assert own_id(text) != own_id(room.page(TICKET))


def test_a_price_may_come_with_the_address(room: Room) -> None:
    """A tapped level or a link fills the price in."""
    assert 'value="9.87"' in room.page(f"{TICKET}&price=9.87")


def test_a_ticket_without_a_security_leads_to_the_choice(room: Room) -> None:
    """The side stays chosen."""
    answer = room.client.get("/trade/ticket?side=sell")

    assert (answer.status_code, answer.location) == (303, "/trade/securities?side=sell")


@pytest.mark.parametrize("symbol", ["000001.SH", "999999.SZ", "nonsense", "<b>"])
def test_what_cannot_be_traded_has_no_ticket(room: Room, symbol: str) -> None:
    """An index, an unknown code and nonsense are refused by a page of this room."""
    text = room.page(f"/trade/ticket?symbol={symbol}", 422)

    assert "没有这个可交易的证券代码" in text
    assert "<b>" not in text.replace("<b></b>", "")


def test_a_bound_customer_sees_prices_but_no_figures(room: Room) -> None:
    """可买 and 可用 stay closed, with the way to open them."""
    room.counter.cash_fen = 12_345_678
    room.visitors.become(Tier.BOUND)

    text = room.page(TICKET)

    assert "123,456.78" not in text
    assert 'data-testid="maximum"' not in text
    assert "验证后查看" in text
    assert "10.11" in text


def test_a_stepped_up_customer_sees_how_many_can_be_bought(room: Room) -> None:
    """可买 counts the fees in; the chips carry regular quantities."""
    room.counter.cash_fen = 1_012_000

    text = room.page(f"{TICKET}&price=10.00")

    assert '<span data-part="maximum" data-testid="maximum">1,000</span>' in text
    assert '<span data-part="available" data-testid="available">10,120.00</span>' in text
    assert 'data-value="500" data-fraction="1"' in text


def test_a_seller_sees_what_can_be_sold(room: Room) -> None:
    """可卖 is what T+1 leaves."""
    room.counter.held = [position(sellable_shares=200, settling_shares=100)]

    text = room.page(f"/trade/ticket?symbol={MAOTAI}&side=sell")

    assert '<span data-part="maximum" data-testid="maximum">200</span>' in text


def test_the_ticket_is_kept_while_the_password_is_asked_for(both_room: Room) -> None:
    """验证后查看 inside a ticket loses nothing that was typed."""
    both_room.visitors.become(Tier.BOUND)
    answer = both_room.client.post("/trade/ticket", data=form(price="9.9", quantity="12"))

    both_room.visitors.become(Tier.STEPPED_UP)
    text = both_room.page("/trade/ticket?ticket=t-1")

    assert answer.location == "/me/step-up?next=/trade/ticket%3Fticket%3Dt-1"
    assert 'value="9.9"' in text
    assert 'value="12"' in text
    assert own_id(text) == "t-1"


def test_the_question_says_in_one_sentence_what_will_happen(room: Room) -> None:
    """From the ticket past the trade password to the sentence; back loses nothing."""
    room.visitors.become(Tier.BOUND)
    asked = room.client.post("/trade/confirmation", data=form())
    closed = room.client.get(asked.location)
    room.visitors.become(Tier.STEPPED_UP)
    text = room.page(asked.location)

    assert asked.status_code == 303
    assert closed.location == "/me/step-up?next=/trade/confirmation/t-1"
    assert "以每股 10.25 元买入 贵州茅台 100 股，约 1,025.00 元，预计费用 5.00 元" in text
    assert "1,030.00 元" in text
    assert "返回修改" in text
    assert 'value="100"' in room.page("/trade/ticket?ticket=t-1")


def test_a_bad_ticket_comes_back_with_its_error_at_the_field(room: Room) -> None:
    """422, what was typed stays, nothing is kept or sent."""
    answer = room.client.post("/trade/confirmation", data=form(quantity="1.5", price="10.3"))
    text = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert 'value="1.5"' in text
    assert 'value="10.3"' in text
    assert "委托数量不正确" in text
    assert room.client.get("/trade/confirmation/t-1").status_code == 404


def test_what_is_typed_is_bounded(room: Room) -> None:
    """Fields far too long are cut, and control characters do no harm."""
    answer = room.client.post(
        "/trade/confirmation", data=form(price="\x00" * 5_000, quantity="\x01" * 5_000)
    )
    kept = room.client.post("/trade/ticket", data=form(price="\x00" * 5_000))

    assert answer.status_code == 422
    assert kept.status_code == 303


def test_a_sent_ticket_is_not_asked_again(room: Room) -> None:
    """Back to the question leads to the order; the typed ticket goes on as a new one."""
    room.client.post("/trade/confirmation", data=form())
    room.client.post("/trade/orders", data=form())

    back = room.client.get("/trade/confirmation/t-1")
    changed = room.client.post("/trade/confirmation", data=form(quantity="200"))

    assert back.location == "/trade/orders/t-1"
    assert changed.status_code == 303
    assert not changed.location.endswith("/t-1")
    assert "200 股" in room.page(changed.location)


def test_a_kept_ticket_belongs_to_its_account(room: Room) -> None:
    """Another customer does not find it."""
    room.client.post("/trade/confirmation", data=form())
    room.visitors.become(Tier.STEPPED_UP, "a-2")

    assert "委托单已失效" in room.page("/trade/confirmation/t-1", 404)
    assert "委托单已失效" in room.page("/trade/ticket?ticket=t-1", 404)


def test_a_ticket_that_became_an_order_is_private_like_it(room: Room) -> None:
    """Below STEPPED_UP its content is not given back."""
    room.place()
    room.visitors.become(Tier.BOUND)

    answer = room.client.get("/trade/ticket?ticket=t-1")

    assert answer.status_code == 303
    assert answer.location.startswith("/me/step-up?next=/trade/ticket")


def test_warnings_can_be_switched_off(room: Room) -> None:
    """A price far off is warned of; after switching that off it is not."""
    room.client.post("/trade/confirmation", data=form(price="10.90"))
    before = room.page("/trade/confirmation/t-1")
    others = {"market_kind": "on", "whole_cash": "on", "not_now": "on", "risk_stock": "on"}
    saved = room.client.post("/trade/settings", data=others)
    after = room.page("/trade/confirmation/t-1")

    assert saved.location == "/trade/settings?said=saved"
    assert "相差 3% 以上" in before
    assert "相差 3% 以上" not in after
    assert "设置已保存" in room.page("/trade/settings?said=saved")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"price": "10.255"}, "价格不符合最小变动单位"),
        ({"price": "11.50"}, "委托价格超过涨跌停限制"),
        ({"quantity": "150"}, "不是每手的整数倍"),
        ({"quantity": "50000"}, "可用资金不足"),
        ({"side": "sell"}, "可卖数量不足"),
    ],
)
def test_what_the_counter_would_refuse_is_said_before(
    room: Room, more: dict[str, str], words: str
) -> None:
    """The question names it; the counter still decides."""
    room.client.post("/trade/confirmation", data=form(**more))

    assert words in room.page("/trade/confirmation/t-1")


def test_an_ordinary_order_meets_no_objection(room: Room) -> None:
    """Nothing is said where nothing is to be said."""
    room.client.post("/trade/confirmation", data=form())

    assert 'data-testid="warnings"' not in room.page("/trade/confirmation/t-1")


def estimate(room: Room, **more: object) -> dict[str, object]:
    """Ask what a ticket would come to."""
    body = {key: str(value) for key, value in wish(**more).items() if key != "client_order_id"}
    answer = room.client.post("/trade/estimate", json=body, headers=JSON)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def test_the_estimate_gives_amount_fees_and_reach(room: Room) -> None:
    """Decimal texts in yuan; 可买 and its fractions for whoever gave the password."""
    room.counter.cash_fen = 1_012_000

    found = estimate(room, price="10.00", quantity="1000")

    assert (found["amount"], found["settled"]) == ("10000.00", "10005.00")
    assert found["fees"]["total"] == "5.00"  # type: ignore[index]
    assert (found["maximum"], found["fractions"]) == (1000, [1000, 500, 300, 200])
    assert found["available"] == "10120.00"


def test_the_estimate_of_a_bound_customer_has_nothing_private(room: Room) -> None:
    """Amount and fees say nothing of the account; the rest stays null."""
    room.visitors.become(Tier.BOUND)

    found = estimate(room)

    assert found["amount"] == "1025.00"
    assert (found["maximum"], found["fractions"], found["available"]) == (None, [], None)


@pytest.mark.parametrize("more", [{"price": ""}, {"price": "10."}, {"quantity": ""}])
def test_a_half_typed_ticket_has_no_amount(room: Room, more: dict[str, str]) -> None:
    """What cannot be read yet counts as not typed; it is no error."""
    assert estimate(room, **more)["amount"] is None


def test_a_market_order_is_estimated_at_the_limit(room: Room) -> None:
    """Cash is held for the worst price of the day."""
    found = estimate(room, kind=str(OrderKind.BEST_FIVE_CANCEL), price="")

    assert found["amount"] == "1100.00"


def test_a_security_is_found_by_its_words(room: Room) -> None:
    """As a page and as JSON; an index is not offered."""
    text = room.page("/trade/securities?side=sell&words=茅台")

    assert f'data-testid="security-{MAOTAI}"' in text
    assert "side=sell" in text
    assert room.json("/trade/securities?words=上证")["found"] == []
    assert "没有找到" in room.page("/trade/securities?words=%25x")


def test_stale_quotes_are_said(room: Room) -> None:
    """The ticket says since when the figures are old."""
    room.prices.is_stale = True

    text = room.page(TICKET)

    assert re.search(r'<div data-part="stale">', text)
    assert "行情延迟" in text


def test_a_security_without_a_quote_has_a_ticket(room: Room) -> None:
    """Missing is --, never 0, and a price may still be typed."""
    assert isinstance(room.prices, FakePrices)
    del room.prices.quote_by_symbol[MAOTAI]

    text = room.page(TICKET)

    assert "--" in text
    assert ">0.00<" not in text
