"""The simulated venue: displayed depth is consumed, calls have one price, sealed boards wait."""

from datetime import datetime

import pytest

from h5app.counter.model import Side
from h5app.counter.ports import Basis, ReportKind, VenueOrder, VenueReport
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.kernel.clock import SHANGHAI
from h5app.market.model import Board, Level, OrderKind, Product
from h5app.market.model import Side as MarketSide
from tests.counter.world import DAY, ETF, MAIN, Stage, instrument


class Floor:
    """Orders in short words."""

    def __init__(self, moment: str = "2026-11-24T10:00:00") -> None:
        self.stage = Stage(moment)
        self.venue = SimulatedVenue(self.stage)
        self.venue.restore(DAY, ())
        self._next = 1

    def send(
        self,
        side: Side = "buy",
        shares: int = 100,
        price_milli: int = 10_010,
        kind: OrderKind = OrderKind.LIMIT,
        symbol: str = MAIN,
    ) -> int:
        """Hand an order over and return its number."""
        order_id, self._next = self._next, self._next + 1
        self.venue.submit(
            VenueOrder(
                order_id=order_id,
                symbol=symbol,
                side=side,
                kind=kind,
                price_milli=price_milli,
                quantity_shares=shares,
                open_shares=shares,
                trading_day=DAY,
                reported_at=self.stage.clock.now(),
            )
        )
        return order_id

    def fills(self) -> list[tuple[int, int, int]]:
        """Look once; order, price and shares of each fill."""
        return [
            (one.order_id, one.price_milli, one.quantity_shares)
            for one in self.reports()
            if one.kind is ReportKind.FILLED
        ]

    def reports(self) -> list[VenueReport]:
        """Look once; everything that was said."""
        return list(self.venue.poll(self.stage.clock.now()))


@pytest.fixture
def floor() -> Floor:
    """In the continuous phase."""
    return Floor()


def test_levels_are_walked_best_first(floor: Floor) -> None:
    """1,000 at 10.01, then 500 at 10.02."""
    floor.send("buy", 1_500, 10_020)

    assert floor.fills() == [(1, 10_010, 1_000), (1, 10_020, 500)]


def test_better_prices_then_older_orders_come_first(floor: Floor) -> None:
    """All of them share what is displayed."""
    floor.send("buy", 600, 10_010)
    floor.send("buy", 600, 10_010)
    floor.send("buy", 300, 10_020)

    assert floor.fills() == [(3, 10_010, 300), (1, 10_010, 600), (2, 10_010, 100)]


def test_a_level_gives_again_once_it_changes(floor: Floor) -> None:
    """While it is displayed unchanged it is the same thousand shares."""
    floor.send("buy", 1_800)
    assert floor.fills() == [(1, 10_010, 1_000)]
    floor.stage.pass_seconds(3)
    assert floor.fills() == []

    floor.stage.show(MAIN, asks=(Level(10_010, 400),))

    assert floor.fills() == [(1, 10_010, 400)]


def test_parts_are_whole_lots(floor: Floor) -> None:
    """A level of 250 gives 200 to a larger order; a smaller level gives nothing."""
    floor.stage.show(MAIN, asks=(Level(10_010, 250), Level(10_020, 90)))
    floor.send("buy", 1_000, 10_020)

    assert floor.fills() == [(1, 10_010, 200)]


def test_an_odd_lot_is_sold_whole(floor: Floor) -> None:
    """The remainder of a sale leaves in one piece."""
    floor.send("sell", 50, 10_000)

    assert floor.fills() == [(1, 10_000, 50)]


def test_sealed_boards_do_not_fill(floor: Floor) -> None:
    """涨停: nobody offers, so that no buy is filled; a sale is."""
    floor.stage.show(
        MAIN, last_milli=11_000, limit_up_milli=11_000, bids=(Level(11_000, 9_000),), asks=()
    )
    floor.send("buy", 100, 11_000)
    floor.send("sell", 100, 10_500)

    assert floor.fills() == [(2, 11_000, 100)]


@pytest.mark.parametrize("moment", ["11:45:00", "14:58:00", "15:01:00", "09:26:00"])
def test_nothing_is_filled_from_depth_outside_the_continuous_phase(moment: str) -> None:
    """A board that still shows levels is not a market."""
    floor = Floor(f"2026-11-24T{moment}")
    floor.send("buy", 100, 10_500)

    assert floor.fills() == []


def test_a_board_of_another_phase_or_day_is_not_looked_at(floor: Floor) -> None:
    """At 13:00:00.1 the board may still be that of the morning."""
    floor.stage.clock.set(datetime(2026, 11, 25, 10, tzinfo=SHANGHAI))
    floor.venue.restore(floor.stage.today(), ())
    floor.venue.submit(
        VenueOrder(
            order_id=1,
            symbol=MAIN,
            side="buy",
            kind="limit",
            price_milli=10_500,
            quantity_shares=100,
            open_shares=100,
            trading_day=floor.stage.today(),
            reported_at=floor.stage.clock.now(),
        )
    )

    assert floor.fills() == []


# ------------------------------------------------------------ calls


def opened(floor: Floor, volume: int = 5_000, **more: object) -> None:
    """Let the opening call end at 10.00 with so much traded."""
    floor.stage.go_to("2026-11-24T09:25:00")
    floor.stage.show(MAIN, open_milli=10_000, volume_shares=volume, bids=(), asks=(), **more)


def test_the_opening_call_has_one_price() -> None:
    """Who stood in it at 10.00 or better is filled at 10.00, who stood below is not."""
    floor = Floor("2026-11-24T09:16:00")
    floor.stage.show(MAIN, open_milli=None, bids=(Level(9_990, 500),), asks=(Level(9_990, 500),))
    floor.send("buy", 300, 10_500)
    floor.send("buy", 300, 10_000)
    floor.send("buy", 300, 9_990)
    floor.send("sell", 100, 9_000)
    assert floor.fills() == []

    opened(floor)

    assert floor.fills() == [(1, 10_000, 300), (2, 10_000, 300), (4, 10_000, 100)]
    assert floor.fills() == []


def test_a_call_gives_no_more_than_was_traded_in_it() -> None:
    """350 were traded: three lots are bought, as many may be sold."""
    floor = Floor("2026-11-24T09:16:00")
    floor.stage.show(MAIN, open_milli=None, bids=(), asks=())
    floor.send("buy", 200, 10_500)
    floor.send("buy", 200, 10_400)
    floor.send("sell", 200, 9_000)

    opened(floor, volume=350)

    assert floor.fills() == [(1, 10_000, 200), (2, 10_000, 100), (3, 10_000, 200)]


def test_a_call_sealed_at_the_limit_serves_the_other_side() -> None:
    """At 涨停 the buyers queue; the sellers are served."""
    floor = Floor("2026-11-24T09:16:00")
    floor.stage.show(MAIN, open_milli=None, bids=(), asks=())
    floor.send("buy", 100, 10_000)
    floor.send("sell", 100, 9_500)

    opened(floor, limit_up_milli=10_000)

    assert floor.fills() == [(2, 10_000, 100)]


def test_who_comes_after_the_call_was_not_in_it() -> None:
    """An order of 09:31 is not filled at the opening price."""
    floor = Floor("2026-11-24T09:31:00")
    floor.stage.show(MAIN, bids=(), asks=())
    floor.send("buy", 100, 10_500)

    assert floor.fills() == []


def test_the_closing_call_fills_what_rests_since_the_morning() -> None:
    """At the closing price, out of what was traded since the board was last seen."""
    floor = Floor("2026-11-24T14:56:00")
    floor.stage.show(MAIN, volume_shares=10_000, asks=(Level(10_300, 900),))
    floor.send("buy", 500, 10_200)
    assert floor.fills() == []
    floor.stage.go_to("2026-11-24T14:58:00")
    assert floor.fills() == []

    floor.stage.go_to("2026-11-24T15:00:03")
    floor.stage.show(MAIN, last_milli=10_100, volume_shares=10_300, asks=(), bids=())

    (report,) = floor.reports()
    assert (report.price_milli, report.quantity_shares) == (10_100, 300)
    assert report.basis is Basis.CLOSE_CALL


def test_a_venue_that_comes_back_late_leaves_the_call_alone() -> None:
    """Half an hour after 09:25 the opening price is history."""
    floor = Floor("2026-11-24T09:16:00")
    floor.send("buy", 100, 10_500)
    floor.stage.go_to("2026-11-24T09:56:00")
    floor.stage.show(MAIN, bids=(), asks=())

    assert floor.fills() == []


def test_after_hours_orders_are_filled_at_the_close() -> None:
    """15:05 to 15:30, at the closing price, out of what is traded then."""
    floor = Floor("2026-11-24T14:00:00")
    floor.send("buy", 500, 10_100, OrderKind.AFTER_HOURS_FIXED)
    floor.send("buy", 100, 9_000, OrderKind.AFTER_HOURS_FIXED)
    assert floor.fills() == []
    floor.stage.go_to("2026-11-24T15:06:00")
    floor.stage.show(MAIN, last_milli=10_050, after_hours_volume_shares=200)
    assert floor.fills() == [(1, 10_050, 200)]
    assert floor.fills() == []

    floor.stage.show(MAIN, last_milli=10_050, after_hours_volume_shares=900)

    assert floor.fills() == [(1, 10_050, 300)]


# ------------------------------------------------------------ market kinds


def said(floor: Floor) -> list[str]:
    """What was said, in short."""
    return [
        f"{one.kind} {one.price_milli}x{one.quantity_shares}" if one.price_milli else str(one.kind)
        for one in floor.reports()
    ]


@pytest.mark.parametrize(
    ("kind", "shares", "says"),
    [
        (
            OrderKind.BEST_FIVE_CANCEL,
            2_500,
            ["filled 10010x1000", "filled 10020x1000", "cancelled"],
        ),
        (
            OrderKind.BEST_FIVE_LIMIT,
            2_500,
            ["filled 10010x1000", "filled 10020x1000", "acknowledged 10020x0"],
        ),
        (OrderKind.IMMEDIATE_CANCEL, 500, ["filled 10010x500"]),
        (OrderKind.FILL_OR_KILL, 2_500, ["cancelled"]),
        (OrderKind.FILL_OR_KILL, 2_000, ["filled 10010x1000", "filled 10020x1000"]),
        (OrderKind.OWN_BEST, 500, ["acknowledged 10000x0"]),
        (OrderKind.OPPOSITE_BEST, 1_500, ["acknowledged 10010x0", "filled 10010x1000"]),
    ],
)
def test_market_kinds(floor: Floor, kind: OrderKind, shares: int, says: list[str]) -> None:
    """Each kind does with its rest what its name says."""
    floor.send("buy", shares, 10_500, kind)

    assert said(floor) == says


def test_without_the_other_side_a_market_order_dies(floor: Floor) -> None:
    """And the one that prices itself by its own side dies without that."""
    floor.stage.show(MAIN, asks=(), bids=())
    for kind in (OrderKind.OPPOSITE_BEST, OrderKind.OWN_BEST, OrderKind.BEST_FIVE_LIMIT):
        floor.send("buy", 100, 10_500, kind)

    assert said(floor) == ["cancelled"] * 3


def test_the_protection_price_protects(floor: Floor) -> None:
    """保护限价: beyond it nothing is taken."""
    floor.send("buy", 2_000, 10_010, OrderKind.BEST_FIVE_CANCEL)

    assert said(floor) == ["filled 10010x1000", "cancelled"]


def test_a_market_order_that_meets_a_call_dies(floor: Floor) -> None:
    """At 14:57 there is no continuous market any more."""
    floor.send("buy", 100, 10_500, OrderKind.BEST_FIVE_CANCEL)
    floor.stage.go_to("2026-11-24T14:57:01")

    assert said(floor) == ["cancelled"]


def test_a_priced_market_order_keeps_its_limit_over_a_restart(floor: Floor) -> None:
    """The acknowledgement in the journal holds the price it works under."""
    order_id = floor.send("buy", 500, 10_500, OrderKind.OWN_BEST)
    journal = floor.reports()
    floor.venue.restore(DAY, journal)
    floor._next = order_id
    floor.send("buy", 500, 10_500, OrderKind.OWN_BEST)
    floor.stage.pass_seconds(3)
    assert floor.fills() == []

    floor.stage.show(MAIN, asks=(Level(10_000, 700),))

    assert floor.fills() == [(order_id, 10_000, 500)]


def test_prices_with_three_decimals_fill_whole_fen(floor: Floor) -> None:
    """Parts of a fund order are lots, so that their amounts add up to the amount of the whole."""
    floor.stage.show(
        ETF, previous_close_milli=1_000, last_milli=1_000, asks=(Level(1_001, 437),), bids=()
    )
    floor.send("buy", 1_000, 1_001, symbol=ETF)

    assert floor.fills() == [(1, 1_001, 400)]


def test_a_thousand_resting_orders_are_not_touched_by_a_quote_below_them(floor: Floor) -> None:
    """Only orders that the best level reaches are looked at."""
    for place in range(1_000):
        floor.send("buy", 100, 9_000 + place % 50 * 10)
    reached = floor.venue._orders.reached(MAIN, MarketSide.BUY, (Level(9_480, 100),))

    assert {one.limit_milli for one in reached} == {9_480, 9_490}


def test_boards_without_a_closing_call_have_none() -> None:
    """沪市可转债 trade on until 15:00; what rests then has no auction."""
    floor = Floor("2026-11-24T14:56:00")
    bond = instrument("113001.SH", Board.CONVERTIBLE, Product.CONVERTIBLE)
    floor.stage.show(bond.symbol, asks=(), volume_shares=100)
    floor.send("buy", 10, 10_200, symbol=bond.symbol)
    floor.fills()
    floor.stage.go_to("2026-11-24T15:00:03")
    floor.stage.show(bond.symbol, last_milli=10_100, volume_shares=900, asks=())

    assert floor.fills() == []
