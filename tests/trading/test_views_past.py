"""资金流水, 收益日历, and orders and fills by days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from h5app.counter.model import CashEntry
from h5app.identity.model import Tier
from tests.trading.conftest import Room
from tests.trading.fakes import position

PAST = (
    "/trade/cash",
    "/trade/profit",
    "/trade/orders?first=2026-11-01",
    "/trade/fills?first=2026-11-01",
)


def entry(number: int, amount_fen: int, kind: str, on: str = "2026-11-20") -> CashEntry:
    """One movement."""
    return CashEntry(
        entry_id=number,
        on=date.fromisoformat(on),
        amount_fen=amount_fen,
        kind=kind,
        counterparty="招商银行" if kind == "deposit" else "",
        memo="",
    )


def test_cash_is_listed_newest_first_with_its_sums(room: Room) -> None:
    """收入 and 支出 add up to 净额; kinds have names."""
    room.counter.entries = [
        entry(1, 99, "deposit", "2026-10-01"),
        entry(2, 1_000_001, "deposit"),
        entry(3, -102_500, "buy", "2026-11-23"),
        entry(4, -500, "fee", "2026-11-23"),
    ]

    found = room.json("/trade/cash")
    text = room.page("/trade/cash")

    assert [row["entry_id"] for row in found["entries"]] == [4, 3, 2]
    assert (found["came_in"], found["went_out"]) == ("10000.01", "-1030.00")
    assert Decimal(found["net"]) == sum(Decimal(row["amount"]) for row in found["entries"])
    for words in ("交易费用", "证券买入", "银行转入", "招商银行", "+10,000.01"):
        assert words in text
    assert len(room.json("/trade/cash?first=2026-09-01")["entries"]) == 4
    assert room.json("/trade/cash?first=2026-11-23&last=2026-11-23")["net"] == "-1030.00"


def test_no_movement_is_said(room: Room) -> None:
    """An empty list is a sentence."""
    assert "这段日期没有资金变动" in room.page("/trade/cash")


@pytest.mark.parametrize(
    "query",
    ["first=x", "first=2026-11-24&last=2026-11-20", "last=2026-11-25", "first=2020-01-01"],
)
def test_days_that_cannot_be_asked_for_are_refused(room: Room, query: str) -> None:
    """Unreadable, the wrong way round, ahead, or too many: the same sentence everywhere."""
    for path in ("/trade/cash", "/trade/orders", "/trade/fills"):
        assert room.json(f"{path}?{query}", 422)["error"]["code"] == "trading.bad_span"
        assert "日期范围不正确" in room.page(f"{path}?{query}", 422)


def test_orders_and_fills_of_some_days(room: Room) -> None:
    """Refused ones too; each with its day; none twice."""
    room.place(client_order_id="first")
    room.counter.fill("first", 100)
    room.place(422, client_order_id="poor", quantity=1_000_000)
    room.prices.clock.advance(timedelta(days=1))
    room.place(client_order_id="second")

    both = room.json("/trade/orders?first=2026-11-24&last=2026-11-25")["orders"]
    one = room.json("/trade/orders?first=2026-11-24&last=2026-11-24")["orders"]
    fills = room.json("/trade/fills?first=2026-11-01&last=2026-11-25")["fills"]
    text = room.page("/trade/orders?first=2026-11-24&last=2026-11-25")

    assert [row["client_order_id"] for row in both] == ["second", "poor", "first"]
    assert [row["client_order_id"] for row in one] == ["poor", "first"]
    assert [row["quantity"] for row in fills] == [100]
    assert "历史委托" in text
    assert "part-follow" not in text
    assert "这段日期没有委托" in room.page("/trade/orders?first=2026-10-01&last=2026-10-02")
    assert "这段日期没有成交" in room.page("/trade/fills?first=2026-10-01&last=2026-10-02")


def test_the_calendar_shows_today_and_adds_up(room: Room) -> None:
    """Today's cell is 当日盈亏 while the day runs, and the month its sum."""
    room.counter.held = [position()]

    today = room.json("/trade/positions")["today_profit"]
    found = room.json("/trade/profit")
    text = room.page("/trade/profit")

    assert [(row["day"], row["profit"]) for row in found["days"]] == [("2026-11-24", today)]
    assert (found["profit"], found["year_profit"]) == (today, today)
    assert 'data-testid="profit-2026-11-24"' in text
    assert "+30.00" in text


def test_days_that_were_kept_add_up_to_the_month(room: Room) -> None:
    """A kept day, and the running one after it."""
    room.counter.held = [position()]
    clock = room.prices.clock
    clock.advance(timedelta(hours=6))
    room.trading.closes.run_due()
    clock.advance(timedelta(hours=18))
    room.counter.cash_fen -= 101

    found = room.json("/trade/profit")

    assert [row["day"] for row in found["days"]] == ["2026-11-24", "2026-11-25"]
    assert found["days"][1]["profit"] == "-1.01"
    assert Decimal(found["profit"]) == sum(Decimal(row["profit"]) for row in found["days"])


def test_other_months_are_a_tap_away_and_may_be_empty(room: Room) -> None:
    """Nothing known is --, never 0; months ahead are refused."""
    found = room.json("/trade/profit?month=2026-10")

    assert (found["profit"], found["days"]) == (None, [])
    assert "这个月没有收益记录" in room.page("/trade/profit?month=2026-10")
    assert "/trade/profit?month=2026-10" in room.page("/trade/profit")
    for month in ("2026-12", "x", "2026-13"):
        assert (
            room.json(f"/trade/profit?month={month}", 422)["error"]["code"] == "trading.bad_month"
        )


def test_the_past_is_private(room: Room) -> None:
    """Before the trade password none of it shows; afterwards each has its way there."""
    room.visitors.become(Tier.BOUND)

    for path in PAST:
        assert room.json(path, 403)["error"]["code"] == "identity.step_up_required"
        assert "验证后查看" in room.page(path, 403)

    room.visitors.become(Tier.STEPPED_UP)
    assert "/trade/cash" in room.page("/trade/funds")
    assert "/trade/profit" in room.page("/trade/")
