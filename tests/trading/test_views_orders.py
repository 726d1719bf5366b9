"""Lists of orders and fills, one order's page, taking back."""

import pytest

from h5app.identity.model import Tier
from tests.trading.conftest import JSON, MakeRoom, Room
from tests.trading.fakes import ACCOUNT, MAOTAI, DeafCounter

PRIVATE = ["/trade/orders", "/trade/fills", "/trade/positions", "/trade/funds"]


def test_the_orders_of_today_stand_newest_first(room: Room) -> None:
    """As a page and as JSON, with state, price, filled and the way to take back."""
    room.place()
    room.place(client_order_id="t-2", price="10.30", quantity=300)
    room.counter.fill("t-2", 100)

    found = room.json("/trade/orders")
    text = room.page("/trade/orders")

    assert found["on"] == "2026-11-24"
    assert {each["client_order_id"]: each["label"] for each in found["orders"]} == {
        "t-1": "已报",
        "t-2": "部成",
    }
    assert text.count('data-testid="order-row"') == 2
    assert text.count('data-testid="cancel-link"') == 2
    assert "全部撤单" in text


def test_past_orders_are_found_by_their_day(room: Room) -> None:
    """Another day has its own list; no day to come, and nonsense is refused by name."""
    room.place()

    assert "这一天没有委托" in room.page("/trade/orders?on=2026-11-23")
    assert room.json("/trade/orders?on=2026-11-24")["orders"] != []
    for text in ("2026-11-25", "1980-01-01", "yesterday"):
        assert room.json(f"/trade/orders?on={text}", 422)["error"]["code"] == "trading.bad_day"


def test_only_what_can_be_taken_back_is_shown_on_wish(room: Room) -> None:
    """撤单 on the way in leads to the open orders."""
    room.place()
    room.place(client_order_id="t-2")
    room.counter.fill("t-1", 100)

    text = room.page("/trade/orders?show=open")

    assert 'data-order="t-2"' in text
    assert 'data-order="t-1"' not in text


def test_an_orders_page_tells_what_happened_and_what_is_next(room: Room) -> None:
    """已报, then 部成, then 已成, each with its words; final pages ask no more."""
    room.place()
    reported = room.page("/trade/orders/t-1")
    room.counter.fill("t-1", 40)
    partly = room.page("/trade/orders/t-1")
    room.counter.fill("t-1", 60)
    filled = room.page("/trade/orders/1")

    assert "委托已报" in reported
    assert "data-moving" in reported
    assert "部分成交" in partly
    assert "已成交 40 股，均价 10.25 元" in partly
    assert "全部成交" in filled
    assert "data-moving" not in filled
    for words in ("查看持仓", "继续买入", "当日委托"):
        assert words in filled
    assert 'data-testid="cancel"' not in filled


def test_an_order_is_taken_back_after_a_question(room: Room) -> None:
    """The question says what is taken back; twice asks nothing new of the counter's books."""
    room.place()
    room.counter.fill("t-1", 40)

    question = room.page("/trade/orders/t-1/cancellation")
    done = room.client.post("/trade/orders/t-1/cancellation")
    again = room.client.get("/trade/orders/t-1/cancellation")

    assert "未成交的 60 股" in question
    assert (done.status_code, done.location) == (303, "/trade/orders/t-1")
    assert again.location == "/trade/orders/t-1"
    assert room.json("/trade/orders/t-1")["order"]["label"] == "已撤"


def test_a_refused_cancel_stays_on_the_orders_page(room: Room) -> None:
    """422 with the counter's sentence; in JSON the same by name."""
    room.place()
    room.counter.fill("t-1", 100)

    page = room.client.post("/trade/orders/t-1/cancellation")
    named = room.client.post("/trade/orders/t-1/cancellation", headers=JSON)

    assert page.status_code == named.status_code == 422
    assert "当前状态不可撤单" in page.get_data(as_text=True)
    assert named.get_json()["error"]["code"] == "trading.counter_refused"


def test_an_order_in_doubt_cannot_be_taken_back(new_room: MakeRoom) -> None:
    """409: there is no counter's number to name yet."""
    room = new_room(DeafCounter)
    room.place(status=202)

    answer = room.client.post("/trade/orders/t-1/cancellation", headers=JSON)

    assert answer.status_code == 409
    assert answer.get_json()["error"]["code"] == "trading.order_not_reported"


def test_all_open_orders_are_taken_back_after_a_question(room: Room) -> None:
    """Each open one is asked for; what is final stays."""
    for name in ("t-1", "t-2", "t-3"):
        room.place(client_order_id=name)
    room.counter.fill("t-2", 100)

    question = room.page("/trade/cancellations")
    done = room.client.post("/trade/cancellations")
    labels = {each["client_order_id"]: each["label"] for each in orders(room)}

    assert "以下 2 笔委托" in question
    assert done.location == "/trade/orders?said=cancelled&refused=0"
    assert labels == {"t-1": "已撤", "t-2": "已成", "t-3": "已撤"}
    assert "撤单已送出" in room.page(done.location)
    assert room.client.post("/trade/cancellations", headers=JSON).get_json() == {
        "asked": 0,
        "refused": [],
    }
    empty = room.page("/trade/cancellations")
    assert "没有可以撤的委托" in empty
    assert "<h1" in empty


def orders(room: Room) -> list[dict[str, str]]:
    """Today's orders as JSON."""
    found: list[dict[str, str]] = room.json("/trade/orders")["orders"]
    return found


def test_fills_stand_with_amount_and_fees(room: Room) -> None:
    """As a page and as JSON."""
    room.place()
    room.counter.fill("t-1", 100)

    (fill,) = room.json("/trade/fills")["fills"]
    text = room.page("/trade/fills")

    assert (fill["price"], fill["quantity"], fill["amount"]) == ("10.25", 100, "1025.00")
    assert "1,025.00" in text
    assert "今天还没有成交" not in text


@pytest.mark.parametrize("path", PRIVATE)
def test_private_lists_are_closed_without_the_password(room: Room, path: str) -> None:
    """A page with the way to open it and nothing private in it; JSON is refused by name."""
    room.place(price="10.37")
    room.counter.fill("t-1", 100)
    room.counter.cash_fen = 7_654_321
    room.visitors.become(Tier.BOUND)

    text = room.page(f"{path}?on=2026-11-24", 403)
    error = room.json(path, 403)["error"]

    assert "验证后查看" in text
    assert f"/me/step-up?next={path}" in text
    assert error["code"] == "identity.step_up_required"
    for secret in ("10.37", "76,543.21", "贵州茅台", "t-1", MAOTAI):
        assert secret not in text


def test_one_order_asks_for_the_password_and_comes_back(room: Room) -> None:
    """A message's link leads through the trade password to the order."""
    room.place()
    room.visitors.become(Tier.BOUND)

    answer = room.client.get("/trade/orders/t-1")
    cancel = room.client.post("/trade/orders/t-1/cancellation")

    assert answer.location == "/me/step-up?next=/trade/orders/t-1"
    assert cancel.location == "/me/step-up?next=/trade/orders/t-1/cancellation"
    assert room.json("/trade/orders/t-1", 403)["error"]["code"] == "identity.step_up_required"
    assert room.counter.reports[ACCOUNT, "t-1"].state.may_cancel


def test_the_way_in_shows_figures_only_when_open(room: Room) -> None:
    """BOUND sees the ways on, STEPPED_UP the assets and today's orders."""
    room.place(price="10.37")
    opened = room.page("/trade/")
    room.visitors.become(Tier.BOUND)
    closed = room.page("/trade/")

    assert 'data-testid="total-assets"' in opened
    assert "10.37" in opened
    for words in ("买入", "卖出", "持仓", "撤单", "验证后查看"):
        assert words in closed
    for secret in ("10.37", "200,000.00", "贵州茅台"):
        assert secret not in closed


def test_an_empty_list_says_what_to_do(room: Room) -> None:
    """Every list has a way on."""
    assert "今天还没有委托" in room.page("/trade/orders")
    assert "今天还没有成交" in room.page("/trade/fills")
    assert "还没有持仓" in room.page("/trade/positions")


def test_private_pages_are_kept_by_no_cache(room: Room) -> None:
    """no-store on every page and answer, and the page veils itself when hidden."""
    room.place()

    for path in ("/trade/", "/trade/orders", "/trade/orders/t-1", "/trade/positions"):
        answer = room.client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "data-private" in answer.get_data(as_text=True)


@pytest.mark.parametrize("tier", [Tier.VISITOR, Tier.FOLLOWER])
def test_nobody_without_an_account_gets_in(room: Room, tier: Tier) -> None:
    """Every address of the room asks for the account first."""
    room.visitors.become(tier)
    paths = [
        rule.rule.replace("<reference>", "t-1").replace("<client_order_id>", "t-1")
        for rule in room.app.url_map.iter_rules()
        if rule.endpoint.startswith("trading.") and "GET" in (rule.methods or ())
    ]

    assert len(paths) >= 12
    for path in paths:
        assert room.json(path, 401 if tier is Tier.VISITOR else 403)["error"]["code"] in {
            "identity.sign_in_required",
            "identity.binding_required",
        }
