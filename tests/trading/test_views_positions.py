"""Positions and funds: the head is the sum of its rows, under both cost methods."""

from decimal import Decimal

from tests.trading.conftest import Room
from tests.trading.fakes import MAOTAI, position, quote

STAR = "688001.SH"


def hold_three(room: Room) -> None:
    """One gain, one loss, one sold out today; odd prices."""
    room.counter.held = [
        position(),
        position(
            STAR, quantity_shares=777, sellable_shares=500, settling_shares=277, bought_fen=999_999,
            bought_shares=777, opening_shares=500, bought_today_fen=350_003, fees_today_fen=701,
            fees_fen=1_201,
        ),
        position(
            "600000.SH", quantity_shares=0, sellable_shares=0, sold_fen=301_000,
            sold_today_fen=301_000, fees_today_fen=655, fees_fen=1_155,
        ),
    ]  # fmt: skip
    clock = room.prices.clock
    room.prices.quote_by_symbol[STAR] = quote(clock, STAR, last_milli=12_343)
    room.prices.quote_by_symbol["600000.SH"] = quote(clock, "600000.SH", last_milli=10_000)


def total(rows: list[dict[str, str]], name: str) -> Decimal:
    """The sum of a column."""
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_sums_are_those_of_the_rows_to_the_fen(room: Room) -> None:
    """市值, 盈亏 and 当日盈亏 of the head add up, under both cost methods."""
    hold_three(room)

    for method in ("diluted", "average"):
        found = room.json(f"/trade/positions?cost={method}")
        rows = found["positions"]

        assert found["cost_method"] == method
        assert Decimal(found["market_value"]) == total(rows, "market_value")
        assert Decimal(found["profit"]) == total(rows, "profit")
        assert Decimal(found["today_profit"]) == total(rows, "today_profit")
        assert Decimal(found["total_assets"]) == Decimal(found["market_value"]) + Decimal(
            found["funds"]["total"]
        )


def test_a_row_has_cost_break_even_and_what_can_be_sold(room: Room) -> None:
    """The diluted cost holds the fees; 保本价 is where a sale leaves no loss."""
    room.counter.held = [position(sellable_shares=100, settling_shares=200)]

    (row,) = room.json("/trade/positions")["positions"]

    assert (row["quantity"], row["sellable"], row["settling"]) == (300, 100, 200)
    assert row["cost_price"] == "10.017"
    assert row["break_even_price"] == "10.04"
    assert row["last_price"] == "10.10"


def test_the_page_shows_head_rows_and_the_ways_on(room: Room) -> None:
    """Both methods are one tap away; a row leads to 卖出 and 买入; what was sold out stays."""
    hold_three(room)

    text = room.page("/trade/positions?cost=average")

    assert f'data-testid="position-{MAOTAI}"' in text
    assert f"/trade/ticket?symbol={MAOTAI}&amp;side=sell" in text
    assert "摊薄成本" in text
    assert "平均成本为买入均价" in text
    assert "今日已清仓" in text
    assert "保本价" in text


def test_the_chosen_cost_method_is_remembered(room: Room) -> None:
    """The switch of the settings decides where the address says nothing."""
    room.client.post("/trade/settings", data={"cost_method": "average"})

    assert room.json("/trade/positions")["cost_method"] == "average"
    assert room.json("/trade/positions?cost=diluted")["cost_method"] == "diluted"
    assert room.json("/trade/positions?cost=nonsense")["cost_method"] == "average"


def test_rows_are_sorted_as_asked(room: Room) -> None:
    """By value, profit or today's profit, the largest first."""
    hold_three(room)

    by_value = room.page("/trade/positions?sort=value")
    by_profit = room.page("/trade/positions?sort=profit")

    def is_star_first(text: str) -> bool:
        return text.index(f"position-{STAR}") < text.index(f"position-{MAOTAI}")

    assert is_star_first(by_value)
    assert not is_star_first(by_profit)


def test_a_row_without_a_price_is_said_and_not_counted(room: Room) -> None:
    """Missing is --, never 0."""
    hold_three(room)
    del room.prices.quote_by_symbol[STAR]

    found = room.json("/trade/positions")
    text = room.page("/trade/positions")

    assert found["unpriced"] == [STAR]
    row = next(row for row in found["positions"] if row["symbol"] == STAR)
    assert (row["last_price"], row["market_value"], row["profit"]) == (None, None, None)
    assert "1 只证券暂无价格" in text


def test_stale_prices_are_said(room: Room) -> None:
    """The figures are greyed, with a sentence."""
    hold_three(room)
    room.prices.is_stale = True

    assert "行情延迟" in room.page("/trade/positions")


def test_funds_tell_available_frozen_and_withdrawable(room: Room) -> None:
    """As a page and as JSON; an open buy holds its cash."""
    room.place()

    found = room.json("/trade/funds")
    text = room.page("/trade/funds")

    assert found == {
        "total": "200000.00",
        "available": "198975.00",
        "frozen": "1025.00",
        "withdrawable": "198975.00",
    }
    for words in ("198,975.00", "1,025.00", "可取资金", "冻结资金"):
        assert words in text
