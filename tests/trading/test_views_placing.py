"""POST /trade/orders: as JSON and as a form, once and often, right and wrong."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from h5app.identity.model import Tier
from h5app.plumbing.api_document import document
from tests.trading.conftest import JSON, MakeRoom, Room, wish
from tests.trading.fakes import ACCOUNT, MAOTAI, OTHER, DeafCounter, LostReplyCounter


def form(**more: object) -> dict[str, str]:
    """The confirmation's hidden fields."""
    return {name: str(value) for name, value in wish(**more).items()}


def test_a_new_order_is_created(both_room: Room) -> None:
    """201 with the order: its id, the counter's number, code and label."""
    order = both_room.place()["order"]

    assert order["client_order_id"] == "t-1"
    assert order["order_id"] == 1
    assert (order["word"], order["state"], order["label"]) == ("accepted", "2", "已报")
    assert (order["price"], order["quantity"], order["filled"]) == ("10.25", 100, 0)
    assert order["is_moving"]
    assert order["may_cancel"]
    assert order["reason"] == ""


def test_a_repeat_answers_with_the_same_order(both_room: Room) -> None:
    """200 instead of 201, the same body, and the counter heard of it once."""
    first = both_room.place()
    second = both_room.place(status=200, price="10.250", quantity="100")

    assert first == second
    assert len(both_room.counter.submitted) == 1


def test_the_same_id_with_another_content_is_refused(room: Room) -> None:
    """409 by name; the first order stands alone."""
    room.place()
    error = room.place(status=409, quantity=200)["error"]

    assert error["code"] == "trading.order_conflict"
    assert len(room.counter.submitted) == 1


def test_twenty_taps_at_once_are_one_order(room: Room) -> None:
    """One of them is answered as new, all with the same order, and one reaches the counter."""

    def send(_tap: int) -> tuple[int, int]:
        answer = room.app.test_client().post("/trade/orders", json=wish(), headers=JSON)
        return answer.status_code, answer.get_json()["order"]["order_id"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(20)))

    assert sorted({status for status, _number in answers}) == [200, 201]
    assert [status for status, _number in answers].count(201) == 1
    assert {number for _status, number in answers} == {1}
    assert len(room.counter.reports) == 1


def test_a_silent_counter_answers_unknown(new_room: MakeRoom) -> None:
    """202: the order stands as 结果未知 and is never sent again."""
    room = new_room(DeafCounter)

    order = room.place(status=202)["order"]
    again = room.place(status=202)["order"]

    assert (order["word"], order["label"], order["order_id"]) == ("unknown", "结果未知", None)
    assert again == order
    assert len(room.counter.submitted) == 1


def test_a_lost_reply_is_found_by_asking(new_room: MakeRoom) -> None:
    """The order's page tells the counter's state, though the reply was lost."""
    room = new_room(LostReplyCounter)
    room.place(status=202)

    order = room.json("/trade/orders/t-1")["order"]

    assert (order["word"], order["label"]) == ("accepted", "已报")


def test_a_refusal_carries_its_code_and_the_order(room: Room) -> None:
    """422 with the counter's reason; a repeat is refused in the same words."""
    first = room.place(status=422, price="10.25", quantity=10_000_000)
    second = room.place(status=422, price="10.25", quantity=10_000_000)

    assert first["error"]["code"] == "trading.counter_refused"
    assert "可用资金不足" in first["error"]["message"]
    assert (first["order"]["word"], first["order"]["label"]) == ("refused", "废单")
    assert second["order"] == first["order"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("price", 10.25, "trading.bad_price"),
        ("price", "10.2501", "trading.bad_price"),
        ("price", "-1", "trading.bad_price"),
        ("price", "1e3", "trading.bad_price"),
        ("price", "NaN", "trading.bad_price"),
        ("quantity", 100.0, "trading.bad_quantity"),
        ("quantity", True, "trading.bad_quantity"),
        ("quantity", 0, "trading.bad_quantity"),
        ("side", "hold", "trading.bad_side"),
        ("kind", "stop", "trading.bad_kind"),
        ("symbol", "000001.SS", "trading.bad_symbol"),
        ("symbol", "600000.SH", "trading.bad_symbol"),
        ("client_order_id", "a b", "trading.bad_client_order_id"),
    ],
)
def test_a_wrong_field_is_refused_by_name(room: Room, field: str, value: object, code: str) -> None:
    """422, and nothing reaches journal or counter."""
    error = room.place(status=422, **{field: value})["error"]

    assert error["code"] == code
    assert room.counter.submitted == []
    assert room.json("/trade/orders")["orders"] == []


@pytest.mark.parametrize(
    "body",
    ["[" * 50_000, '{"a":' * 10_000, "{", "", "[]", "null", '"order"', "\xff", '{"price":'],
)
def test_a_body_that_is_no_order_is_malformed(room: Room, body: str) -> None:
    """400 by name, however deep it is nested; nothing is submitted."""
    answer = room.client.post(
        "/trade/orders", data=body.encode("latin-1"), content_type="application/json", headers=JSON
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "trading.malformed_order"
    assert room.counter.submitted == []


def test_an_order_needs_the_trade_password(room: Room) -> None:
    """BOUND is not enough: 403 in JSON, nothing is sent."""
    room.visitors.become(Tier.BOUND)

    error = room.place(status=403)["error"]

    assert error["code"] == "identity.step_up_required"
    assert room.counter.submitted == []


def test_an_order_needs_the_token_of_its_page(room: Room) -> None:
    """Without the CSRF token neither form nor JSON is taken."""
    room.app.config["WTF_CSRF_ENABLED"] = True

    as_json = room.client.post("/trade/orders", json=wish(), headers=JSON)
    as_form = room.client.post("/trade/orders", data=form())

    assert as_json.status_code == as_form.status_code == 400
    assert as_json.get_json()["error"]["code"] == "plumbing.form_expired"
    assert room.counter.submitted == []


def test_a_form_leads_to_the_order_once(room: Room) -> None:
    """A double tap on 确认买入: both are led to the same page of the one order."""
    first = room.client.post("/trade/orders", data=form())
    second = room.client.post("/trade/orders", data=form())

    assert first.status_code == second.status_code == 303
    assert first.location == second.location == "/trade/orders/t-1"
    assert len(room.counter.submitted) == 1
    assert "委托已报" in room.page("/trade/orders/t-1")


def test_a_form_with_a_bad_field_comes_back_as_it_was_typed(room: Room) -> None:
    """Nothing is lost, and the sentence stands at its field."""
    answer = room.client.post("/trade/orders", data=form(price="ten", quantity="700"))
    text = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert 'value="ten"' in text
    assert 'value="700"' in text
    assert "委托价格不正确" in text


def test_a_refused_form_says_why_and_goes_back_to_its_content(room: Room) -> None:
    """The result page tells the reason; 修改后重新下单 has the content and an id of its own."""
    room.client.post("/trade/orders", data=form(quantity="10000000"))

    text = room.page("/trade/orders/t-1")
    again = room.page("/trade/ticket?ticket=t-1")

    assert "委托没有被接受" in text
    assert "可用资金不足" in text
    assert 'value="10000000"' in again
    assert 'value="10.25"' in again
    assert 'value="t-1"' not in again


def test_a_conflicting_form_says_so(room: Room) -> None:
    """The page names what is wrong and the ways on."""
    room.client.post("/trade/orders", data=form())
    answer = room.client.post("/trade/orders", data=form(quantity="200"))

    assert answer.status_code == 409
    assert "已经提交过别的内容" in answer.get_data(as_text=True)


def test_an_unknown_form_waits_on_the_orders_page(new_room: MakeRoom) -> None:
    """结果未知,请勿重复提交 stands there, and the page goes on asking."""
    room = new_room(DeafCounter)

    answer = room.client.post("/trade/orders", data=form())
    text = room.page(answer.location)

    assert "结果未知，请勿重复提交" in text
    assert "data-moving" in text


def test_a_form_that_came_too_late_keeps_its_ticket(room: Room) -> None:
    """The trade password is asked for, and the question stands there again afterwards."""
    room.visitors.become(Tier.BOUND)

    answer = room.client.post("/trade/orders", data=form())
    room.visitors.become(Tier.STEPPED_UP)

    assert answer.status_code == 303
    assert answer.location == "/me/step-up?next=/trade/confirmation/t-1"
    assert "10.25" in room.page("/trade/confirmation/t-1")
    assert room.counter.submitted == []


def test_the_order_of_another_is_not_there(room: Room) -> None:
    """By its id or by its number: 404, and it can neither be seen nor taken back."""
    room.place()
    room.visitors.become(Tier.STEPPED_UP, OTHER)

    assert room.json("/trade/orders/t-1", 404)["error"]["code"] == "trading.order_not_found"
    assert room.json("/trade/orders/1", 404)["error"]["code"] == "trading.order_not_found"
    answer = room.client.post("/trade/orders/t-1/cancellation", headers=JSON)
    assert answer.status_code == 404
    assert room.counter.reports[ACCOUNT, "t-1"].symbol == MAOTAI
    assert room.counter.reports[ACCOUNT, "t-1"].state.may_cancel


def test_every_answer_in_json_stands_in_the_document(room: Room) -> None:
    """Pages and strangers read the same description of orders, fills, positions and estimates."""
    written = document(room.app, title="t", version="0", tier_name=lambda _view: "BOUND")

    assert set(written["paths"]) == {
        "/trade/cash",
        "/trade/profit",
        "/trade/cancellations",
        "/trade/estimate",
        "/trade/fills",
        "/trade/funds",
        "/trade/orders",
        "/trade/orders/{reference}",
        "/trade/orders/{reference}/cancellation",
        "/trade/positions",
        "/trade/securities",
    }
    assert "client_order_id" in written["components"]["schemas"]["OrderBody"]["properties"]
